"""The queries of the tables: one row a domain record, a host, a certificate.

DuckDB reads the files, sorts and groups, in the memory that it is given and on disk beyond that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from . import columns
from .columns import Column, quoted, text
from .folder import KINDS, Scan, committed, program

TABLES = ("domains", "hosts", "certificates")
SCAN = Column("scan", "", "scan", "integer",
              "Which scan it is of: the position of its folder in the command, from 0; "
              "shards of one scan count as one folder.")
OBSERVATIONS = Column("observations", "", "observations", "integer",
                      "How many records of the host the scan has; this is the last of them.")


@dataclass(frozen=True)
class Settings:
    """What an export may use: memory in octets or as DuckDB reads it, threads, a folder on disk."""

    memory: str
    threads: int
    room: Path


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A database that knows the records' schema, and reaches no network."""
    database = duckdb.connect(config={
        "threads": str(settings.threads), "memory_limit": settings.memory,
        "temp_directory": str(settings.room / "spill"), "autoinstall_known_extensions": "false"})
    for record in KINDS:
        database.execute(program("schema", "--format", "duckdb", "--record", record))
    return database


class Source:
    """The files of some scans, as queries name them."""

    def __init__(self, scans: Sequence[Scan], room: Path) -> None:
        empty = room / "empty.ndjson"
        empty.write_text("")
        self.scans = scans
        self._files: list[dict[str, list[Path]]] = []
        for place, scan in enumerate(scans):
            here = room / f"scan-{place}"
            here.mkdir()
            self._files.append({
                kind: [path for file in files if (path := committed(file, here))] or [empty]
                for kind, files in scan.files.items()})

    def of(self, kind: str, place: int | None = None) -> str:
        """The records of a kind, of one scan or of all."""
        chosen = self._files if place is None else [self._files[place]]
        paths = [path for files in chosen for path in files[kind]]
        return f"{KINDS[kind]}([{', '.join(text(str(path)) for path in paths)}])"


@dataclass(frozen=True)
class Table:
    """A table: its columns, and the queries whose rows stand in it one after the other."""

    name: str
    columns: list[Column]
    queries: list[str]
    # How the rows are ordered; as they stand in the folders where nothing is said.
    order: str = ""


def _shown(found: list[Column], nested: str | None) -> list[Column]:
    """The columns without nested detail, or with it as structs or as JSON."""
    if nested == "json":
        return [columns.as_json(column) if column.is_nested else column for column in found]
    return [column for column in found if nested or not column.is_nested]


def as_text(column: Column) -> Column:
    """A column as CSV has it: lists and nested detail as JSON, timestamps in ISO 8601."""
    if column.kind == "nested" or column.kind.startswith("list"):
        return replace(column, sql=f"to_json({column.sql})::VARCHAR")
    if column.kind == "timestamp":
        return replace(column, sql=f"strftime({column.sql}, '%Y-%m-%dT%H:%M:%SZ')")
    if column.kind == "dictionary":
        return replace(column, sql=f"({column.sql})::VARCHAR")
    return column


def select(found: Sequence[Column]) -> str:
    """The list of a SELECT."""
    return ", ".join(f"{column.sql} AS {quoted(column.name)}" for column in found)


def domains(source: Source, nested: str | None) -> Table:
    """A row for each record of a domain, with the columns of the list that it kept."""
    carried = list(dict.fromkeys(name for scan in source.scans for name in scan.carried))
    found = [SCAN, *_shown(columns.of_record("domain"), nested), *columns.of_list(carried)]
    return Table("domains", found, [
        f"FROM (SELECT {place} AS scan, * FROM {source.of('domain', place)})"
        for place in range(len(source.scans))])


def hosts(source: Source, nested: str | None) -> Table:
    """A row for each host of a scan: its last record, where there are several."""
    found = [SCAN, *_shown(columns.of_record("host"), nested), OBSERVATIONS]

    def query(place: int) -> str:
        records = source.of("host", place)
        return (f"FROM (SELECT {place} AS scan, * FROM {records} JOIN (SELECT host, "
                f"max(observation) AS observation, count(*) AS observations FROM {records} "
                "GROUP BY host) USING (host, observation))")
    return Table("hosts", found, [query(place) for place in range(len(source.scans))])


def certificates(source: Source) -> Table:
    """A row for each certificate, wherever it was shown."""
    found = columns.of_certificate()
    facts = ", ".join(f"c.{quoted(key)}" for key in columns.OF_CERTIFICATE)
    # A record of an earlier version may lack some facts: the row that has them stands.
    return Table("certificates", found, [
        "FROM (SELECT * REPLACE (sum(policy_hosts) OVER same::BIGINT AS policy_hosts, "
        "sum(sessions) OVER same::BIGINT AS sessions) FROM ("
        f"SELECT {facts}, sum(policy_hosts) AS policy_hosts, sum(sessions) AS sessions FROM ("
        "SELECT policy.certificate AS c, 1 AS policy_hosts, 0 AS sessions "
        f"FROM {source.of('domain')} WHERE policy.certificate IS NOT NULL UNION ALL "
        "SELECT s.certificate, 0, 1 FROM (SELECT unnest(sessions) AS s "
        f"FROM {source.of('host')}) WHERE s.certificate IS NOT NULL) GROUP BY ALL) "
        "WINDOW same AS (PARTITION BY sha256) QUALIFY row_number() OVER "
        "(PARTITION BY sha256 ORDER BY lifetime_days NULLS LAST) = 1)"], "ORDER BY sha256")


def all_tables(source: Source, nested: str | None) -> Iterator[Table]:
    """The three tables."""
    yield domains(source, nested)
    yield hosts(source, nested)
    yield certificates(source)
