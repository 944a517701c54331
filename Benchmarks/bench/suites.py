"""What is measured: for each kind of operation stsurvey, the floor and the peers, in turn."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from . import load_lab, measure, peers, truth
from .load_lab import FOLDER
from .readers import readers
from .results import SCRATCH, Contender, Result, run

PIPELINE_COUNT = 100_000


def work(name: str) -> Path:
    """The folder of a list."""
    return FOLDER / "lists" / name


def scan(
    name: str, chosen: Path, probe: str, options: tuple[str, ...] = (), group: str = "",
) -> Contender:
    """A scan of a list by stsurvey, its records compared with the truth."""
    output = SCRATCH / "output"
    operations = "probes.txt" if chosen.name == "hosts" else "domains.txt"

    def check(_: Path, __: measure.Cost) -> list[str]:
        return truth.differences(output, chosen, probe == "all")

    return Contender(name, [
        str(peers.program()), "scan", str(chosen / "domains.txt"), "--output", str(output),
        "--probe", probe, "--log-level", "error", *load_lab.flags(), *options],
        peers.count(chosen / operations), check=check, group=group)


def start() -> Contender:
    """A scan of one domain: what the start of the program costs."""
    list_of_one = peers.head(work("absent") / "domains.txt", 1)
    return Contender("stsurvey, one domain: its start", [
        str(peers.program()), "scan", str(list_of_one), "--output", str(SCRATCH / "output"),
        "--probe", "none", "--log-level", "error", *load_lab.flags()], 0,
        check=lambda _, __: [])


def questions(rounds: int, _: int) -> list[Result]:
    """Names with three and with five questions: the difference is what two questions cost."""
    five, three = work("without-mx"), work("absent")
    return run([scan("stsurvey, 5 questions", five, "none"),
                scan("stsurvey, 3 questions", three, "none"),
                peers.floor_dns(five), *peers.dns(five)], rounds)


def dns(rounds: int, _: int) -> list[Result]:
    """Domains without a record: three questions each, judged, encoded, compressed."""
    plain = work("plain")
    return run([scan("stsurvey", plain, "none"), peers.floor_dns(plain), *peers.dns(plain)], rounds)


def policies(rounds: int, _: int) -> list[Result]:
    """Domains with a policy, MX hosts left alone; and their questions alone."""
    chosen = work("policies")
    return run([scan("stsurvey", chosen, "none"), peers.floor_fetch(chosen),
                peers.floor_dns(chosen), start(), *peers.fetches(chosen)], rounds)


def probes(rounds: int, _: int) -> list[Result]:
    """All MX hosts, named by few domains; and their questions alone."""
    chosen = work("hosts")
    return run([scan("stsurvey", chosen, "all"), peers.floor_probe(chosen),
                peers.floor_dns(chosen), start(), *peers.probes(chosen)], rounds)


def floors(chosen: Path, group: str = "") -> list[Contender]:
    """The three C loops that do the work of a list."""
    loops = (peers.floor_dns(chosen), peers.floor_fetch(chosen), peers.floor_probe(chosen))
    return [Contender(c.name, c.argv, c.operations, check=c.check, group=group) for c in loops]


def pipeline(rounds: int, size: int) -> list[Result]:
    """The whole pipeline; the floor is three programs that do the same work."""
    chosen = work(f"all-{min(size, PIPELINE_COUNT)}")
    return run([scan("stsurvey", chosen, "all"), *floors(chosen), *peers.scripts(chosen),
                *peers.per_domain(chosen)], rounds)


def reading(rounds: int, size: int) -> list[Result]:
    """The verdicts of all records, counted."""
    chosen = work(f"all-{min(size, PIPELINE_COUNT)}")
    records = SCRATCH / "records"
    shutil.rmtree(records, ignore_errors=True)
    first = run([scan("stsurvey, the scan that is read", chosen, "all")], 1)
    (SCRATCH / "output").rename(records)
    return first + run(readers(chosen, records, first[0].operations), rounds)


ALL: dict[str, Callable[[int, int], list[Result]]] = {
    "questions": questions, "dns": dns, "policies": policies, "probes": probes,
    "pipeline": pipeline, "reading": reading,
}
