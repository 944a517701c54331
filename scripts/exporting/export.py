"""An export: the three tables of some scans, and their codebook."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from . import codebook, folder, output, tables
from .folder import Scan
from .problem import DAMAGED, NOT_WRITTEN, ExportError
from .tables import Settings, Source, Table
from .writer import Writer

PROBLEMS_SHOWN = 10
# Of the manifest: when, and by which version. No list, path or option.
OF_SCAN = ("program", "version", "schema_version", "state", "started_at", "ended_at")


def scan_metadata(scans: Sequence[Scan]) -> dict[str, Any]:
    """What the files' metadata say of the scans."""
    return {"scans": [{key: scan.manifest.get(key) for key in OF_SCAN} for scan in scans]}


def write_table(
    database: duckdb.DuckDBPyConnection, table: Table, made: Path, form: str,
    scans: Sequence[Scan],
) -> int:
    """Writes a table; how many rows it has. Errors say where the records are wrong."""
    writer = Writer(made, table, form, scan_metadata(scans))
    try:
        rows = writer.write(database)
    except (duckdb.InvalidInputException, duckdb.ConversionException, pa.ArrowInvalid) as error:
        raise ExportError(_wrong_record(error, scans), DAMAGED) from error
    except (OSError, duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise ExportError(f"{table.name} cannot be written: {_first_line(error)}; free space "
                          "on the disk of the output folder, or raise --memory",
                          NOT_WRITTEN) from error
    print(f"export: {table.name}: {rows:,} rows", file=sys.stderr, flush=True)
    return rows


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _wrong_record(error: BaseException, scans: Sequence[Scan]) -> str:
    """Which record no column can hold: `verify` names file, line and value."""
    for found in [path for scan in scans for path in scan.folders]:
        problems = [problem for problem in folder.problems(found) if problem.get("line")]
        if problems:
            listed = "\n".join(f"  {problem['file']}, line {problem['line']}: "
                               f"{problem['message']}" for problem in problems[:PROBLEMS_SHOWN])
            return (f"the records of {found} are not as this version's schema has them:\n"
                    f"{listed}\n'stsurvey verify {found}' tells more; the version that wrote "
                    "them can export them")
    return _first_line(error)


def _check(rows: int, scans: Sequence[Scan]) -> None:
    wanted = sum(scan.records("domain") for scan in scans)
    if rows != wanted:
        raise ExportError(f"{rows:,} domain records were read where {wanted:,} are committed; "
                          "did another program write to the folder? Try again", DAMAGED)


def export(
    folders: Sequence[Path], path: Path, form: str, nested: str | None, memory: str, threads: int,
) -> None:
    """Writes the folder `path`."""
    scans = [folder.read(found) for found in folder.scans_of(folders)]
    with output.folder(path) as (made, room):
        source = Source(scans, room)
        database = tables.connect(Settings(memory, threads, room))
        listed = list(tables.all_tables(source, nested))
        counts = [write_table(database, table, made, form, scans) for table in listed]
        _check(counts[0], scans)
        codebook.write(made / output.MARK, codebook.rows(listed))
        database.close()
