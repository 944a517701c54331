"""Contenders, runs of them in turn, and what these cost."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import measure
from .load_lab import FOLDER

SCRATCH = FOLDER / "scratch"


@dataclass(frozen=True)
class Contender:
    """A command that does so many operations.

    `check` is given what it wrote and returns what is wrong; `count` reads from there how many
    operations it did, where that is not known before. What belongs together has one `group`.
    """

    name: str
    argv: list[str]
    operations: int
    output: Path | None = None
    check: Callable[[Path, measure.Cost], list[str]] | None = None
    count: Callable[[str], int] | None = None
    group: str = ""


@dataclass
class Result:
    """The costs of one contender over all rounds."""

    name: str
    operations: int
    group: str = ""
    costs: list[measure.Cost] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def per_operation(self, cost: measure.Cost) -> float:
        """CPU microseconds for an operation."""
        return 1e6 * cost.cpu / (cost.facts.get("operations") or self.operations or 1)

    @property
    def is_floor(self) -> bool:
        """Whether this is one of the bare C loops."""
        return self.name.startswith("floor")

    @property
    def cpu(self) -> float:
        """The median of CPU microseconds for an operation."""
        return statistics.median(map(self.per_operation, self.costs))

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most of them."""
        values = sorted(map(self.per_operation, self.costs))
        return values[0], values[-1]

    @property
    def wall(self) -> float:
        """Seconds of the clock, the median."""
        return statistics.median(cost.wall for cost in self.costs)

    @property
    def wall_to_cpu(self) -> float:
        """How much longer by the clock than in CPU time it took, the median."""
        return statistics.median(cost.wall / cost.cpu for cost in self.costs)

    @property
    def rate(self) -> float:
        """Operations a second of the clock, the median."""
        return statistics.median(
            (cost.facts.get("operations") or self.operations) / cost.wall for cost in self.costs)

    @property
    def peak_mib(self) -> float:
        """Peak memory, the median."""
        return statistics.median(cost.peak_kib for cost in self.costs) / 1024

    def as_dict(self) -> dict[str, Any]:
        """All that was measured, as plain data."""
        return {"name": self.name, "operations": self.operations, "group": self.group,
                "costs": [cost.as_dict() for cost in self.costs],
                "differences": self.differences[:1000]}

    @staticmethod
    def of(data: dict[str, Any]) -> Result:
        """A result of plain data."""
        costs = [measure.Cost(**cost) for cost in data["costs"]]
        return Result(**data | {"costs": costs})


def run(contenders: list[Contender], rounds: int, cores: str = "") -> list[Result]:
    """Runs all in turn, so many times over; prints each on the way."""
    results = [Result(c.name, c.operations, c.group) for c in contenders]
    for number in range(rounds):
        for contender, result in zip(contenders, results, strict=True):
            _once(contender, result, cores)
        last = ", ".join(f"{r.name} {r.per_operation(r.costs[-1]):.1f}" for r in results)
        print(f"bench: round {number + 1}: {last}", file=sys.stderr, flush=True)
    return results


def _once(contender: Contender, result: Result, cores: str) -> None:
    shutil.rmtree(SCRATCH / "output", ignore_errors=True)
    log = SCRATCH / "log"
    output = contender.output or SCRATCH / "out"
    cost = measure.run(contender.argv, log, output, cores)
    result.costs.append(cost)
    if contender.count is not None:
        cost.facts["operations"] = contender.count(output.read_text())
    if contender.check is None:
        return
    if cost.returncode != 0:
        result.differences.append(f"exit code {cost.returncode}: {log.read_text()[-300:]}")
    else:
        result.differences += contender.check(output, cost)
