"""What is measured: for each kind of operation stsurvey, the floor and the peers, in turn."""

from __future__ import annotations

import shutil
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import lab, measure, peers, truth
from .lab import FOLDER
from .peers import Contender

SCRATCH = FOLDER / "scratch"


@dataclass
class Result:
    """The costs of one contender over all rounds."""

    name: str
    operations: int
    costs: list[measure.Cost] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def per_operation(self, cost: measure.Cost) -> float:
        """CPU microseconds for an operation; floor programs leave their start out."""
        seconds = cost.facts.get("cpu_seconds", cost.cpu_seconds)
        return 1e6 * seconds / (self.operations or 1)

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
    def rate(self) -> float:
        """Operations a second of wall time, the median."""
        return self.operations / statistics.median(
            cost.facts.get("wall_seconds", cost.wall_seconds) for cost in self.costs)

    @property
    def peak_mib(self) -> float:
        """Peak memory, the median."""
        return statistics.median(cost.peak_kib for cost in self.costs) / 1024

    def as_dict(self) -> dict:
        """All that was measured, as plain data."""
        return {"name": self.name, "operations": self.operations,
                "costs": [cost.as_dict() for cost in self.costs],
                "differences": self.differences[:20]}


def scan(
    name: str, work: Path, probe: str, operations: int, options: tuple[str, ...] = (),
) -> Contender:
    """A scan of a list by stsurvey, its records held against the truth."""
    output = SCRATCH / "output"

    def check() -> list[str]:
        return truth.differences(output, work, probe == "all")

    return Contender(name, [
        str(peers.program()), "scan", str(work / "domains.txt"), "--output", str(output),
        "--probe", probe, "--log-level", "error", *lab.flags(), *options], operations, None, check)


def run(contenders: list[Contender], rounds: int, cores: str = "") -> list[Result]:
    """Runs all in turn, so many times over; tells each on the way."""
    results = [Result(c.name, c.operations) for c in contenders]
    for number in range(rounds):
        for contender, result in zip(contenders, results, strict=True):
            shutil.rmtree(SCRATCH / "output", ignore_errors=True)
            log = SCRATCH / "log"
            cost = measure.run(contender.argv, log, contender.output, cores)
            result.costs.append(cost)
            if contender.check is None:
                continue
            if cost.returncode != 0:
                result.differences.append(f"exit code {cost.returncode}: {log.read_text()[-300:]}")
                continue
            result.differences += contender.check()
        last = ", ".join(f"{r.name} {r.per_operation(r.costs[-1]):.1f}" for r in results)
        print(f"bench: round {number + 1}: {last}", file=sys.stderr, flush=True)
    return results


def _lists(name: str) -> Path:
    return FOLDER / "lists" / name


def dns(rounds: int) -> list[Result]:
    """Domains without a record: three questions each, judged, encoded, compressed."""
    work = _lists("plain")
    return run([scan("stsurvey", work, "none", peers.count(work / "domains.txt")),
                *peers.dns(work, SCRATCH)], rounds)


def policies(rounds: int) -> list[Result]:
    """Domains with a policy, MX hosts left alone; and their questions alone."""
    work = _lists("policies")
    return run([scan("stsurvey", work, "none", peers.count(work / "domains.txt")),
                *peers.fetches(work, SCRATCH), peers.dns(work, SCRATCH)[0]], rounds)


def probes(rounds: int) -> list[Result]:
    """All MX hosts, named by few domains; and their questions alone."""
    work = _lists("hosts")
    return run([scan("stsurvey", work, "all", peers.count(work / "probes.txt")),
                *peers.probes(work, SCRATCH), peers.dns(work, SCRATCH)[0]], rounds)


def pipeline(rounds: int, size: int) -> list[Result]:
    """The whole pipeline; the floor is three programs that do the same work."""
    work = _lists(f"all-{size}")
    floors = [peers.dns(work, SCRATCH)[0], peers.fetches(work, SCRATCH)[0],
              peers.probes(work, SCRATCH)[0]]
    return run([scan("stsurvey", work, "all", size), *floors,
                *peers.per_domain(work, SCRATCH)], rounds)


def reading(rounds: int, size: int) -> list[Result]:
    """The verdicts of all records, counted."""
    work = _lists(f"all-{size}")
    records = SCRATCH / "records"
    shutil.rmtree(records, ignore_errors=True)
    first = scan("stsurvey", work, "none", size)
    measure.run(first.argv, SCRATCH / "log")
    (SCRATCH / "output").rename(records)
    return run([Contender("stsurvey stats", [str(peers.program()), "stats", str(records)], size),
                *peers.readers(records, size)], rounds)


ALL: dict[str, Callable[[int, int], list[Result]]] = {
    "dns": lambda rounds, _: dns(rounds), "policies": lambda rounds, _: policies(rounds),
    "probes": lambda rounds, _: probes(rounds), "pipeline": pipeline, "reading": reading,
}
