"""The codebook: each column of each table, its type, meaning and values, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import columns
from .tables import Table

HEAD = ("table", "column", "type", "key", "meaning", "values")


def rows(tables: Iterable[Table]) -> Iterator[tuple[str, ...]]:
    """A row for each column, and for what is inside nested ones."""
    for table in tables:
        for column in table.columns:
            yield (table.name, column.name, column.kind, column.key, column.meaning,
                   " ".join(column.values))
        nested = {column.key: column.name for column in table.columns if column.is_nested}
        for key, kind, meaning, values in columns.nested_paths(table.name.removesuffix("s")
                                                               ) if nested else ():
            outer = next((name for of, name in nested.items() if key.startswith(f"{of}[].")), None)
            if outer:
                yield table.name, outer, kind, key, meaning, " ".join(values)


def write(path: Path, found: Iterable[tuple[str, ...]]) -> None:
    """Writes the codebook."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEAD)
        writer.writerows(found)
