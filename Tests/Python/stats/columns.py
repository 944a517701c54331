"""The columns that the check adds to the lab's list: a group and two weights of each line."""

from __future__ import annotations

import csv
import random
import re
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

GROUP = "sector"
# The column that weighs domains in the first scan, and in the second: whole numbers, and fractions.
WEIGHTS = {"first": "mails", "again": "share"}
# What groups there are, by their share in per cent; one has no text, one needs quotation marks.
SECTORS = {"city": 30, "bank": 20, "energy, water": 15, "Universität": 15, "press \"net\"": 8,
           "": 12}
# What is no weight, and how many lines in a hundred have one of these.
NO_WEIGHT, UNKNOWN_SHARE = ("", "n/a", "-5", "1e3", "1.000.000", "5.", "½"), 9
PARTS = 1_000_000


class Line(NamedTuple):
    """What the columns have for a line of the list."""

    sector: str
    mails: str
    share: str

    @property
    def group(self) -> str:
        """The group as tables name it."""
        return self.sector or "(empty)"

    def weight(self, column: str) -> int | None:
        """The weight in millionths; None where the column has none."""
        text = self.mails if column == "mails" else self.share
        is_number = re.fullmatch(r"[0-9]+(\.[0-9]+)?", text)
        return int(Decimal(text) * PARTS) if is_number else None


def lines(count: int, seed: int) -> list[Line]:
    """The columns of so many lines."""
    rng = random.Random(f"{seed}/columns")
    sectors = rng.choices(list(SECTORS), list(SECTORS.values()), k=count)
    return [Line(sector, _mails(rng), _share(rng)) for sector in sectors]


def _mails(rng: random.Random) -> str:
    if rng.random() * 100 < UNKNOWN_SHARE:
        return rng.choice(NO_WEIGHT)
    return str(int(rng.lognormvariate(6, 3)))


def _share(rng: random.Random) -> str:
    if rng.random() * 100 < UNKNOWN_SHARE:
        return rng.choice(NO_WEIGHT)
    return f"{rng.random() * 50:.{rng.randrange(1, 7)}f}"


def write(source: Path, path: Path, seed: int) -> None:
    """Writes the lab's list, `rank,name` or a name alone a line, with the columns beside it."""
    listed = source.read_text().splitlines()
    with path.open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["rank", "domain", *Line._fields])
        for text, line in zip(listed, lines(len(listed), seed), strict=True):
            rank, _, name = text.rpartition(",")
            rows.writerow([rank, name, *line])
