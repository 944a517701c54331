"""What the notebooks share: the records of scans in DuckDB, and charts that need no network."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import altair
import duckdb
import polars
from publicsuffixlist import PublicSuffixList

PROGRAM = Path(__file__).resolve().parents[2] / ".build/release/stsurvey"

# Charts are drawn into the notebook: no script, and nothing is loaded from a CDN.
altair.renderers.enable("svg")
# A chart is drawn of what was counted, never of the records.
altair.data_transformers.enable("default", max_rows=10_000)
polars.Config.set_tbl_rows(60)

# One colour for each verdict in all pictures: green protects, red refuses, grey does neither.
VERDICTS = altair.Scale(
    domain=["protected_sts", "protected_dane", "partial", "testing_ok", "testing_would_fail",
            "refused", "opportunistic", "unknown", "no_mail"],
    range=["#1b7837", "#5aae61", "#fee08b", "#74add1", "#f46d43", "#a50026", "#bababa",
           "#e0e0e0", "#f0f0f0"])


@cache
def _schema(record: str) -> str:
    done = subprocess.run(
        [PROGRAM, "schema", "--format", "duckdb", "--record", record],
        capture_output=True, text=True, check=True)
    return done.stdout


def connect(**scans: str) -> duckdb.DuckDBPyConnection:
    """A database that knows scans by name: connect(old=DIR) has old_domains and old_hosts."""
    database = duckdb.connect()
    for record in ("domain", "host"):
        database.execute(_schema(record))
        for name, folder in scans.items():
            files = str(Path(folder).resolve() / f"{record}s-*.ndjson.zst").replace("'", "''")
            database.execute(f"CREATE VIEW {name}_{record}s AS FROM {record}s('{files}')")
    return database


def frame(database: duckdb.DuckDBPyConnection, query: str) -> polars.DataFrame:
    """The answer to a query."""
    return polars.DataFrame(database.sql(query))


def totals(folder: str) -> dict[str, Any] | None:
    """What stsurvey itself has counted; None where the scan has not ended."""
    manifest = json.loads((Path(folder) / "manifest.json").read_text())
    counted: dict[str, Any] = manifest["totals"]
    return counted if manifest["state"] == "complete" else None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registrable(names: polars.Series) -> polars.Series:
    """The part of each host name that was registered, by the Public Suffix List."""
    return names.map_elements(
        lambda name: _suffixes().privatesuffix(name) or name, return_dtype=polars.String)
