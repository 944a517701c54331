"""A data set to publish: tables, statistics, codebook, method, citation, licence, checksums.

Of the list there is the domain alone. Rows are in the order of names, not of the list.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

from . import codebook, columns, folder, output, pages, statistics, tables
from .columns import Column
from .export import write_table
from .folder import Scan
from .hashing import Hasher, hashed
from .pages import Publication
from .tables import Settings, Source, Table

# A column is published once it is no column of the list; these say nothing beside that.
DROPPED = {"scan", "status", "invalid_reason"}


def _published(found: list[Column], record: str) -> list[Column]:
    of = columns.sources(record)
    return [column for column in found
            if column.key == "domain" or (of.get(column.key) != "list"
                                          and not column.key.startswith("list."))]


def _domains(source: Source, nested: str | None) -> Table:
    table = tables.domains(source, nested)
    found = [column for column in _published(table.columns, "domain")
             if column.name not in DROPPED]
    records = source.of("domain")
    query = (f"FROM (SELECT * FROM {records} JOIN (SELECT min(\"index\") AS \"index\" "
             f"FROM {records} WHERE status = 'scanned' AND domain IS NOT NULL GROUP BY domain) "
             "USING (\"index\"))")
    return Table("domains", found, [query], 'ORDER BY "domain"')


def _hosts(source: Source, nested: str | None) -> Table:
    table = tables.hosts(source, nested)
    found = [column for column in _published(table.columns, "host") if column.name != "scan"]
    return Table("hosts", found, table.queries, 'ORDER BY "host"')


def _in_order_of_output(table: Table) -> Table:
    """The rows in the order of what is written: that of hashes says nothing of names."""
    first = table.order.removeprefix("ORDER BY ").strip('"')
    place = [column.name for column in table.columns].index(first) + 1
    return replace(table, order=f"ORDER BY {place}")


def _tables(source: Source, nested: str | None, hasher: Hasher | None) -> list[Table]:
    found = [_domains(source, nested), _hosts(source, nested),
             tables.certificates(source)]
    if hasher:
        found = [replace(table, columns=[hashed(column) for column in table.columns])
                 for table in found]
    return [_in_order_of_output(table) for table in found]


def _statistics(
    scan: Scan, what: Publication, hasher: Hasher | None,
) -> dict[str, list[statistics.Row]]:
    found = statistics.tables(scan.statistics)
    if hasher:
        return {name: statistics.with_hashed_names(rows, hasher) for name, rows in found.items()}
    if what.names == "aggregated":
        found = {name: statistics.without_small_cells(rows, what.least)
                 for name, rows in found.items()}
    return {name: rows for name, rows in found.items() if rows}


def _write_sums(made: Path) -> None:
    files = sorted(path for path in made.rglob("*") if path.is_file())
    lines = []
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {path.relative_to(made)}\n")
    (made / "SHA256SUMS").write_text("".join(lines))


def publish(
    path: Path, where: Path, what: Publication, nested: str | None, hasher: Hasher | None,
    memory: str, threads: int,
) -> None:
    """Writes the data set `path` of the scan in the folder `where`."""
    scan = folder.read([where])
    with output.folder(path) as (made, room):
        listed: list[Table] = []
        counts: dict[str, int] = {}
        if what.names != "aggregated":
            database = tables.connect(Settings(memory, threads, room))
            if hasher:
                database.execute(hasher.macro())
            listed = _tables(Source([scan], room), nested, hasher)
            counts = {table.name: write_table(database, table, made, "parquet", [scan])
                      for table in listed}
            database.close()
        found = _statistics(scan, what, hasher)
        statistics.write(made / "statistics", found)
        codebook.write(made / output.MARK,
                       [*codebook.rows(listed), *statistics.codebook(found)])
        empty = [name for name in statistics.described() if name not in found]
        for name, text in (
                ("README.md", pages.readme(what, counts, empty)),
                ("METHOD.md", pages.method(what, scan.manifest)),
                ("CITATION.cff", pages.citation(what, scan.manifest)),
                ("LICENCE", pages.licence(what))):
            (made / name).write_text(text)
        _write_sums(made)
    print(f"export: {path}: names {what.names}, licence {what.licence}", file=sys.stderr)
