"""Writes the rows of a query as Parquet or CSV, in parts: memory does not grow with them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from .columns import Column
from .tables import Table, as_text, select

# Rows that are in memory at once, and in a row group of a Parquet file.
ROWS_AT_ONCE = 32_768
# Rows of a file: what Parquet keeps of each row group until a file ends stays small.
ROWS_OF_A_FILE = 8_388_608
UTC = pa.timestamp("us", tz="UTC")


def description(column: Column) -> dict[str, str]:
    """What the metadata of a field, and the codebook, say of a column."""
    found = {"description": column.meaning, "type": column.kind, "key": column.key,
             "values": " ".join(column.values)}
    return {name: value for name, value in found.items() if value}


def _schema(found: pa.Schema, columns: Sequence[Column], metadata: dict[str, str]) -> pa.Schema:
    fields = [
        pa.field(field.name, UTC if column.kind == "timestamp" else field.type, True,
                 description(column))
        for field, column in zip(found, columns, strict=True)]
    return pa.schema(fields, metadata)


class Writer:
    """The files of one table: `NAME-00000.parquet`, or `.csv`."""

    def __init__(self, folder: Path, table: Table, form: str, metadata: dict[str, Any]) -> None:
        self.folder, self.table, self.form = folder, table, form
        self.columns = [as_text(c) for c in table.columns] if form == "csv" else table.columns
        stored = {"table": table.name, "columns": [
            {"name": column.name, **description(column)} for column in table.columns], **metadata}
        self.metadata = {f"stsurvey.{key}": json.dumps(value, ensure_ascii=False)
                         for key, value in stored.items()}
        self.files: list[Path] = []
        self.rows = 0
        self._rows_of_file = 0
        self._writer: Any = None
        self._schema: pa.Schema | None = None

    def write(self, database: duckdb.DuckDBPyConnection) -> int:
        """Writes the rows of all queries; how many there were."""
        for query in self.table.queries:
            text = f"SELECT {select(self.columns)} {query} {self.table.order}"
            relation: Any = database.sql(text)
            with relation.to_arrow_reader(ROWS_AT_ONCE) as reader:
                if self._schema is None:
                    self._schema = self._stored_schema(reader.schema)
                for batch in reader:
                    self._add(batch)
        if self._writer is None and not self.files:
            self._open()
        self._close()
        return self.rows

    def _stored_schema(self, found: pa.Schema) -> pa.Schema:
        return found if self.form == "csv" else _schema(found, self.columns, self.metadata)

    def _add(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows == 0:
            return
        if self._rows_of_file >= ROWS_OF_A_FILE:
            self._close()
        if self._writer is None:
            self._open()
        columns = [column.cast(field.type) if column.type != field.type else column
                   for column, field in zip(batch.columns, self._fields, strict=True)]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._fields))
        self.rows += batch.num_rows
        self._rows_of_file += batch.num_rows

    @property
    def _fields(self) -> pa.Schema:
        assert self._schema is not None
        return self._schema

    def _open(self) -> None:
        path = self.folder / f"{self.table.name}-{len(self.files):05}.{self.form}"
        self._writer = (
            pyarrow.csv.CSVWriter(path, self._fields) if self.form == "csv"
            else pyarrow.parquet.ParquetWriter(path, self._fields, compression="zstd"))
        self.files.append(path)
        self._rows_of_file = 0

    def _close(self) -> None:
        if self._writer is None:
            return
        self._writer.close()
        self._writer = None
        with self.files[-1].open("rb") as file:
            os.fsync(file.fileno())
