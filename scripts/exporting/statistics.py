"""The tables of `stats` as CSV files, with the meaning of each column, and without small cells."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .folder import program
from .hashing import Hasher

Row = dict[str, Any]
# Of ranks only the list knows; the others are of columns of the list.
FROM_LIST = ("ranks", "ranks_cumulative", "tld_ranks", "groups", "weights", "group_weights")
# Labels that are names, or are made of them.
NAMES = ("provider", "tld", "issuer_organization", "issuer")
# What follows from counts: a share says what a count that is left out was.
DERIVED = ("base", "share")


@cache
def described() -> dict[str, dict[str, Any]]:
    """The codebook of the program that counts, by table."""
    tables = json.loads(program("stats", "--codebook", "--json"))
    return {table["table"]: table for table in tables if table["table"] not in FROM_LIST}


def _columns(table: str) -> list[dict[str, Any]]:
    """The labels and counts of a table."""
    columns: list[dict[str, Any]] = described()[table]["columns"]
    return [column for column in columns if column["kind"] not in DERIVED]


def tables(statistics: dict[str, Any]) -> dict[str, list[Row]]:
    """The tables that may be published, those without rows apart: their labels and counts."""
    return {
        name: [{column["column"]: row[column["column"]] for column in _columns(name)}
               for row in statistics[name]]
        for name in described() if statistics.get(name)}


def with_hashed_names(rows: Sequence[Row], hasher: Hasher) -> list[Row]:
    """The rows, with hashes for the labels that are names."""
    return [{key: hasher.hash(value) if key in NAMES else value for key, value in row.items()}
            for row in rows]


def _counts(row: Row) -> list[str]:
    return [key for key, value in row.items() if isinstance(value, int) or value is None]


def without_small_cells(rows: Sequence[Row], least: int) -> list[Row]:
    """The rows with no count from 1 to `least` - 1.

    Rows of names that are so rare are left out. Where one count alone of a row or column would be
    missing it could be computed from the sum, so the smallest of the others goes, too.
    """
    kept = [dict(row) for row in rows if not _is_rare(row, least)]
    for row in kept:
        for key in _counts(row):
            if 0 < row[key] < least:
                row[key] = None
    has_changed = True
    while has_changed:
        lines = [[(row, key) for key in _counts(row)] for row in kept]
        lines += [list(line) for line in zip(*lines, strict=True)]
        lines += _parts_of_stages(kept)
        _hide_wholes(kept)
        # Every line is looked at: what one leaves out changes those that cross it.
        has_changed = sum(_hide_second(line) for line in lines) > 0
    return kept


def _parts_of_stages(rows: Sequence[Row]) -> list[list[tuple[Row, str]]]:
    """The stages of the funnel that are parts of one stage, and may add up to it."""
    return [[(row, "domains") for row in rows if row["of"] == stage]
            for stage in dict.fromkeys(row.get("of") for row in rows) if stage]


def _hide_wholes(rows: Sequence[Row]) -> None:
    """Leaves out a stage's count where it stands again beside those of its parts."""
    hidden = {row["stage"] for row in rows if "of" in row and row["domains"] is None}
    for row in rows:
        if row.get("of") in hidden:
            row["of_domains"] = None


def _is_rare(row: Row, least: int) -> bool:
    counts = _counts(row)
    return any(name in row for name in NAMES) and row[counts[0]] < least


def _hide_second(line: list[tuple[Row, str]]) -> bool:
    """Leaves out the smallest other count of a row or column where one alone is missing."""
    if sum(row[key] is None for row, key in line) != 1:
        return False
    others = [(row, key) for row, key in line if row[key]]
    if not others:
        return False
    row, key = min(others, key=lambda cell: cell[0][cell[1]])
    row[key] = None
    return True


def write(folder: Path, found: dict[str, list[Row]]) -> None:
    """Writes a CSV file for each table; counts that are left out are empty."""
    folder.mkdir()
    for name, rows in found.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def codebook(found: dict[str, list[Row]]) -> Iterator[tuple[str, ...]]:
    """The rows of the codebook: each table, and each of its columns."""
    for name in found:
        table = described()[name]
        title = f"{table['title']}. {table['note']}".strip()
        yield f"statistics/{name}", "", "table", "", title, ""
        for column in _columns(name):
            kind = "string" if column["kind"] == "label" else "integer"
            part = f" Part of {column['of']}." if column["of"] else ""
            yield (f"statistics/{name}", column["column"], kind, "", column["meaning"] + part,
                   " ".join(column["values"]))
