"""Figures: a count under a table, the labels of its row, and a column."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

# Labels that say another label once more, in words.
SPOKEN = {"words"}
# What is no count, but follows from counts: the whole of shares, and these.
DERIVED = ("base", "_share", "_low", "_high")


class Figure(NamedTuple):
    """What a count is of."""

    table: str
    row: tuple[str, ...]
    column: str

    def __str__(self) -> str:
        return f"{self.table}[{'/'.join(self.row)}].{self.column}"


Figures = Counter[Figure]


def of_document(document: dict[str, Any]) -> dict[Figure, int]:
    """All counts of `stats --json`, zeros too; what is no table counts nothing."""
    found: dict[Figure, int] = {}
    for table, rows in document.items():
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            continue
        for row in rows:
            labels = tuple(v for k, v in row.items() if isinstance(v, str) and k not in SPOKEN)
            for column, value in row.items():
                if isinstance(value, int) and not column.endswith(DERIVED):
                    found[Figure(table, labels, column)] = value
    return found


def tables(document: dict[str, Any]) -> list[str]:
    """The names of all tables of `stats --json`, empty ones too."""
    return [name for name, value in document.items() if isinstance(value, list)
            and name not in ("lists", "cautions")]


def differences(
    reported: dict[Figure, int], known: Figures, source: str, unknown: frozenset[str] = frozenset(),
) -> list[str]:
    """Each figure that another source has otherwise; one that is not reported counts as 0.

    Of the tables in `unknown` that source knows nothing.
    """
    return [
        f"{figure}: reported {reported.get(figure, 0):,}, {source} has {known.get(figure, 0):,}"
        for figure in dict.fromkeys([*reported, *known])
        if figure.table not in unknown and reported.get(figure, 0) != known.get(figure, 0)
    ]
