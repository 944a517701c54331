"""What the notebooks share: the records of scans in DuckDB, and charts that need no network."""

from __future__ import annotations

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import altair
import duckdb
import polars
from publicsuffixlist import PublicSuffixList

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build/release/stsurvey"

# Whether senders have a policy: a valid one, behind a valid record. This is what `stats` and
# `report` count as a policy, and as its mode.
POLICY_IN_USE = "(sts_record_status = 'ok' AND policy_status = 'ok')"
# The ranges of ranks that `stats` counts by; a line's number is no rank.
RANKS = ("1-1000", "1001-10000", "10001-100000", "100001-1000000", "1000001-", "unranked")
RANK = """CASE WHEN rank IS NULL THEN 'unranked' WHEN rank <= 1000 THEN '1-1000'
    WHEN rank <= 10000 THEN '1001-10000' WHEN rank <= 100000 THEN '10001-100000'
    WHEN rank <= 1000000 THEN '100001-1000000' ELSE '1000001-' END"""

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


def folder(name: str | Path) -> Path:
    """The folder of a scan; a relative name is of where the notebook or its caller runs.

    Jupyter and papermill run notebooks in folders that differ from the one that they were started
    in; the last that is tried is the repository.
    """
    bases = [Path.cwd(), Path(os.environ.get("PWD", ".")), ROOT]
    tried = [(base / name).resolve() for base in bases]
    for path in tried:
        if (path / "manifest.json").is_file():
            return path
    places = ", ".join(dict.fromkeys(map(str, tried)))
    raise FileNotFoundError(f"no scan at {name}: looked for manifest.json in {places}")


def connect(**scans: str) -> duckdb.DuckDBPyConnection:
    """A database that knows scans by name: connect(old=DIR) has old_domains and old_hosts."""
    database = duckdb.connect()
    for record in ("domain", "host"):
        database.execute(_schema(record))
        for name, where in scans.items():
            files = str(folder(where) / f"{record}s-*.ndjson.zst").replace("'", "''")
            database.execute(f"CREATE VIEW {name}_{record}s AS FROM {record}s('{files}')")
    return database


def stats_table(scan: str, name: str) -> list[dict[str, Any]]:
    """The rows of a table of `stats`."""
    done = subprocess.run(
        [PROGRAM, "stats", folder(scan), "--json", "--table", name],
        capture_output=True, text=True, check=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout)[name]
    return rows


def frame(database: duckdb.DuckDBPyConnection, query: str) -> polars.DataFrame:
    """The answer to a query."""
    return polars.DataFrame(database.sql(query))


def totals(scan: str) -> dict[str, Any] | None:
    """What stsurvey itself has counted; None where the scan has not ended."""
    manifest = json.loads((folder(scan) / "manifest.json").read_text())
    counted: dict[str, Any] = manifest["totals"]
    return counted if manifest["state"] == "complete" else None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def registrable(names: polars.Series) -> polars.Series:
    """The part of each host name that was registered, by the Public Suffix List."""
    return names.map_elements(
        lambda name: _suffixes().privatesuffix(name) or name, return_dtype=polars.String)
