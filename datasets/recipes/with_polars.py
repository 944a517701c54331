"""Where enforcing domains have their mail, by polars."""

import subprocess
import sys
from typing import Any

import polars as pl

PROGRAM = ".build/release/stsurvey"


def scan(record: str) -> pl.LazyFrame:
    """The records of a kind, with the program's schema."""
    code = subprocess.run(
        [PROGRAM, "schema", "--record", record, "--format", "polars"], check=True,
        capture_output=True, text=True).stdout
    names: dict[str, Any] = {}
    exec(code, names)
    return pl.scan_ndjson(f"{sys.argv[1]}/{record}s-*.ndjson.zst",
                          schema=names[f"{record}_schema"])


first = pl.col("mx").list.first()
domains = scan("domain").filter(pl.col("sts_mode") == "enforce").select(
    host=first.struct.field("host"), observation=first.struct.field("observation"))
hosts = scan("host").select("host", "observation", "certificate_status")
found = domains.join(hosts, on=["host", "observation"]).group_by(
    provider=pl.col("host").str.replace(r"^[^.]*\.", "")).agg(
    domains=pl.len(), valid=(pl.col("certificate_status") == "ok").sum())
for row in found.sort("provider").collect().rows():
    print(*row, sep="\t")
