"""The tables of a report: what costs how much, beside the floor and the targets."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from .results import Result

TITLES = {
    "questions": "Names with three and with five questions",
    "dns": "Domains without a record: three questions, judged, encoded, compressed",
    "policies": "Policies: five questions and a fetch, the system's trust store loaded",
    "probes": "MX hosts: 2.3 questions and a STARTTLS probe, certificate facts recorded",
    "pipeline": "The whole pipeline",
    "reading": "Counting the verdicts of records that are there",
    "size": "Growth with the list",
    "window": "Growth with the domains in flight",
    "loops": "One and two event loops, on both cores beside the servers",
    "waiting": "Domains that wait for DNS answers, which take 8 seconds",
}
Sections = dict[str, list[Result]]


@dataclass(frozen=True)
class Pair:
    """What an operation costs, in each round: of stsurvey and of the floor, in microseconds."""

    subject: list[float]
    floor: list[float]

    @property
    def cpu(self) -> float:
        """stsurvey's median."""
        return statistics.median(self.subject)

    @property
    def floor_cpu(self) -> float:
        """The floor's median."""
        return statistics.median(self.floor)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: what slows a round down slows both."""
        return statistics.median(s / f for s, f in zip(self.subject, self.floor, strict=True))


def pair(results: list[Result], group: str = "") -> Pair:
    """The first of a section (or of a group in it) beside the sum of its C loops."""
    subject = next(r for r in results if r.group == group and not r.is_floor)
    loops = [r for r in results if r.group == group and r.is_floor]
    count = subject.operations
    return Pair([1e6 * cost.cpu / count for cost in subject.costs],
                [1e6 * sum(cost.cpu for cost in costs) / count
                 for costs in zip(*(r.costs for r in loops), strict=True)])


def pair_of_questions(results: list[Result]) -> Pair:
    """One question more: half of the difference between names with five and with three."""
    five, three, floor = results[:3]
    return Pair([(five.per_operation(a) - three.per_operation(b)) / 2
                 for a, b in zip(five.costs, three.costs, strict=True)],
                [floor.per_operation(cost) for cost in floor.costs])


# Operation, section, how it is paired, the target as a multiple of the floor.
ROWS: list[tuple[str, str, Callable[[list[Result]], Pair], float]] = [
    ("a DNS question more, answer parsed and written", "questions", pair_of_questions, 1.2),
    ("domain without a record: 3 questions, judged, encoded, compressed", "dns", pair, 1.31),
    ("policy: 5 questions and a fetch", "policies", pair, 1.05),
    ("MX host: 2.3 questions and a STARTTLS probe", "probes", pair, 1.1),
    ("whole pipeline, a domain", "pipeline", pair, 1.33),
]


def _microseconds(value: float) -> str:
    return f"{value:,.1f} µs" if value < 100 else f"{value:,.0f} µs"


def summary(sections: Sections) -> str:
    """The table of operations beside their targets."""
    lines = ["| operation | floor in C | stsurvey | ratio | target | peers |",
             "|---|---|---|---|---|---|"]
    for words, name, paired, target in ROWS:
        if name not in sections:
            continue
        found = paired(sections[name])
        lines.append(
            f"| {words} | {_microseconds(found.floor_cpu)} | {_microseconds(found.cpu)} | "
            f"{found.ratio:.2f} | {target:g} | {_peers(sections[name])} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def _peers(results: list[Result]) -> str:
    return "; ".join(
        f"{r.name} {_microseconds(r.cpu)}" for r in results
        if not r.is_floor and not r.name.startswith("stsurvey"))


def _compact(value: float) -> str:
    """Microseconds as people say them."""
    if value >= 1_000:
        return f"{value / 1_000:,.3g} ms"
    return f"{value:,.1f} µs" if value < 10 else f"{value:,.0f} µs"


def costs(sections: Sections) -> str:
    """The short table of Benchmarks/README.md: each operation by the floor, stsurvey and others."""
    lines = ["| | floor in C | stsurvey | instead |", "|---|---|---|---|"]
    for words, name, paired, _ in ROWS:
        found = paired(sections[name])
        lines.append(f"| {words} | {_compact(found.floor_cpu)} | {_compact(found.cpu)} | "
                     f"{_instead(sections[name])} |")
    own, *others = sections["reading"][1:]
    lines.append(f"| a record read back and counted, {own.name.split(', ')[1]} | | "
                 f"{_compact(own.cpu)} | {_instead(others)} |")
    return "\n".join(lines)


def _instead(results: list[Result]) -> str:
    return "; ".join(
        f"{r.name} {_compact(r.cpu)}" for r in results
        if not r.is_floor and not r.name.startswith("stsurvey"))


def growth(sections: Sections) -> str:
    """The other short table: how cost grows with the list, what is in flight, and the loops."""
    lines = ["| | floor in C | stsurvey | domains a second | peak memory |",
             "|---|---|---|---|---|"]
    for name in ("size", "window"):
        for result in (r for r in sections[name] if not r.is_floor):
            loops = [r for r in sections[name] if r.is_floor and r.group == result.group]
            found = pair([result, *loops], result.group)
            lines.append(f"| {result.name} | {_compact(found.floor_cpu)} | {_compact(found.cpu)} | "
                         f"{result.rate:,.0f} | {result.peak_mib:,.0f} MiB |")
    for result in (*sections["loops"], sections["waiting"][-1]):
        lines.append(f"| {result.name} | | {_compact(result.cpu)} | {result.rate:,.0f} | "
                     f"{result.peak_mib:,.0f} MiB |")
    return "\n".join(lines)


def table(name: str, results: list[Result]) -> str:
    """A section's table."""
    if name in ("size", "window"):
        return _growth(results)
    lines = ["| | operations | CPU µs each (least to most) | a second | wall s | wall / CPU | "
             "peak MiB |", "|---|---|---|---|---|---|---|"]
    return "\n".join([*lines, *map(_row, results)]) + _remark(results)


def _row(result: Result) -> str:
    least, most = result.spread
    operations = result.operations or statistics.median(
        cost.facts.get("operations", 0) for cost in result.costs)
    cpu, rate = f"{result.cpu:,.1f} ({least:,.1f} to {most:,.1f})", f"{result.rate:,.0f}"
    if not operations:
        # What reports no number of operations: its whole CPU time.
        cpu, rate = f"{result.cpu / 1e3:,.0f} ms in all", "–"
    return (f"| {result.name} | {operations:,.0f} | {cpu} | {rate} | {result.wall:,.2f} | "
            f"{result.wall_to_cpu:.2f} | {result.peak_mib:,.0f} |")


def _remark(results: list[Result]) -> str:
    waiting = [f"{most:,}" for r in results for cost in r.costs
               if (most := cost.facts.get("questions_waiting"))]
    return f"\n\nQuestions out at once, as the name server saw it: {', '.join(waiting)}." \
        if waiting else ""


def _growth(results: list[Result]) -> str:
    lines = ["| | rounds | floor in C, µs a domain | CPU µs a domain (least to most) | ratio | "
             "domains a second | wall s | wall / CPU | peak MiB |",
             "|---|---|---|---|---|---|---|---|---|"]
    for result in (r for r in results if not r.is_floor):
        loops = [r for r in results if r.is_floor and r.group == result.group]
        found = pair([result, *loops], result.group)
        least, most = result.spread
        lines.append(
            f"| {result.name} | {len(result.costs)} | {found.floor_cpu:.1f} | {result.cpu:.1f} "
            f"({least:.1f} to {most:.1f}) | {found.ratio:.2f} | {result.rate:,.0f} | "
            f"{result.wall:,.1f} | {result.wall_to_cpu:.2f} | {result.peak_mib:,.0f} |")
    return "\n".join(lines)


def truth(results: list[Result]) -> str:
    """How many records and counts differ from the truth of the load lab."""
    found = sum(len(result.differences) for result in results)
    return f"Records and counts that differ from the lab's truth, over all rounds: {found}."
