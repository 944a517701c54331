"""The final records as tables: Parquet, and whether any is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pyspark.sql.types import StructType

from sparking import completeness, parts
from sparking.survey import say

KINDS = ("domain", "host", "policy")


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
    """How many entries there are, each with one record; or a problem that names what is missing."""
    listed = parts.gather(session.sparkContext, entries, partitions).map(
        lambda pair: (json.loads(pair[1])["index"], json.loads(pair[1])["domain"]))
    session.createDataFrame(listed, "index long, domain string").createOrReplaceTempView("entry")
    return completeness.check(session)
