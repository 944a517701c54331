"""The final records as tables: Parquet, whether any is missing, and counts by SQL."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark.sql.types import StructType

from sparking import parts
from sparking.problem import NOT_WHOLE, Problem
from sparking.survey import say

KINDS = ("domain", "host", "policy")
# How many of the missing entries a message names.
NAMED = 10
# The tables of `stsurvey stats` that are one query here.
STATISTICS = {
    "verdicts": "SELECT verdict, count(*) AS domains FROM domain WHERE verdict IS NOT NULL"
                " GROUP BY verdict ORDER BY domains DESC, verdict",
    "hosts": "SELECT status, count(*) AS hosts FROM host GROUP BY status"
             " ORDER BY hosts DESC, status",
}


def write_parquet(
    session: Any, program: Path, records: Callable[[str], Path], parquet: Callable[[str], Path],
) -> None:
    """Writes each kind as Parquet and makes it a view; a folder is there when it is whole."""
    for kind in KINDS:
        folder = parquet(kind)
        if not folder.exists():
            code = subprocess.run(
                [program, "schema", "--record", kind, "--format", "spark"], check=True,
                capture_output=True, text=True).stdout
            schema = StructType.fromJson(json.loads(code))
            unfinished = folder.with_name(f".unfinished-{folder.name}")
            shutil.rmtree(unfinished, ignore_errors=True)
            session.read.schema(schema).json(str(records(kind))).write.parquet(str(unfinished))
            unfinished.replace(folder)
            say(f"{kind} records are in {folder}")
        session.read.parquet(str(folder)).createOrReplaceTempView(kind)


def check(session: Any, entries: Path, partitions: int) -> int:
    """Each entry has one record, each host and policy that was asked for too; or a problem."""
    listed = parts.gather(session.sparkContext, entries, partitions).map(
        lambda pair: (json.loads(pair[1])["index"], json.loads(pair[1])["domain"]))
    session.createDataFrame(listed, "index long, domain string").createOrReplaceTempView("entry")
    [(count, distinct)] = _rows(session, "SELECT count(*), count(DISTINCT index) FROM domain")
    [(wanted,)] = _rows(session, "SELECT count(*) FROM entry")
    if not count == distinct == wanted:
        missing = _rows(session, "SELECT index, domain FROM entry ANTI JOIN domain USING (index)"
                                 f" ORDER BY index LIMIT {NAMED}")
        doubled = _rows(session, "SELECT index FROM domain GROUP BY index HAVING count(*) > 1"
                                 f" ORDER BY index LIMIT {NAMED}")
        raise Problem(
            f"{count} records, {distinct} indexes, {wanted} entries; missing: "
            + (", ".join(f"{index} ({domain})" for index, domain in missing) or "none")
            + "; more than once: " + (", ".join(str(index) for [index] in doubled) or "none"),
            NOT_WHOLE)
    for kind in ("host", "policy"):
        [(count, distinct)] = _rows(session, f"SELECT count(*), count(DISTINCT host) FROM {kind}")
        if count != distinct:
            raise Problem(f"{count} {kind} records of {distinct} names", NOT_WHOLE)
    return int(wanted)


def count(session: Any) -> dict[str, list[dict[str, Any]]]:
    """The statistics, as `stsurvey stats --json` names them."""
    return {name: [row.asDict() for row in session.sql(query).collect()]
            for name, query in STATISTICS.items()}


def _rows(session: Any, query: str) -> list[Any]:
    return [tuple(row) for row in session.sql(query).collect()]
