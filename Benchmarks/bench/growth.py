"""How cost grows: with the list, what is in flight, the loops; and the memory of waiting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from . import load_lab, measure, peers, silence, suites, truth
from .results import SCRATCH, Contender, Result, run

SIZES = (10_000, 100_000, 1_000_000)
WINDOWS = (100, 1_000, 10_000, 50_000)
# More questions at once than nsd's socket holds are lost, and asked again after seconds.
QUESTIONS_MAX = 3_000
# c-ares holds its questions by 16-bit ids: not many more than these are out at once.
WAITING_MAX = 60_000
# Domains scanned for one figure: larger lists have fewer rounds.
DOMAINS_MAX = 3_000_000


def sizes_of(size: int) -> list[int]:
    """The lengths of the lists of a universe."""
    return [*(s for s in SIZES if s < size), size]


def _middle(size: int) -> Path:
    return suites.work(f"all-{min(size, suites.PIPELINE_COUNT)}")


def sizes(rounds: int, size: int) -> list[Result]:
    """The whole pipeline, from small lists to large ones, and the floor of each."""
    found = []
    for number in sizes_of(size):
        chosen, name = suites.work(f"all-{number}"), f"{number:,} domains"
        found += run([suites.scan(name, chosen, "all", group=name), *suites.floors(chosen, name)],
                     max(1, min(rounds, DOMAINS_MAX // number)))
    return found


def windows(rounds: int, size: int) -> list[Result]:
    """The whole pipeline with more and more domains under way at once."""
    scans = [suites.scan(f"{window:,} in flight", _middle(size), "all", (
        "--senders", str(window), "--dns-in-flight", str(min(3 * window, QUESTIONS_MAX))))
        for window in WINDOWS]
    return run([*scans, *suites.floors(_middle(size))], rounds)


def loops(rounds: int, size: int) -> list[Result]:
    """The whole pipeline on one and on two loops; the client has all cores, the servers' too."""
    cores = f"{load_lab.SERVER_CORE},{load_lab.CLIENT_CORE}"
    return run([
        suites.scan(f"{count} loop{'s' * (count > 1)}", _middle(size), "all",
                    ("--threads", str(count))) for count in (1, 2)], rounds, cores)


def waiting(_: int, size: int) -> list[Result]:
    """What domains cost that wait for a name server which takes its time."""
    return [result for window in WINDOWS for result in _wait(window, size)]


def _wait(window: int, size: int) -> list[Result]:
    names = peers.head(suites.work(f"all-{size}") / "domains.txt", window)
    server, output = silence.Server(), SCRATCH / "output"

    def check(_: Path, cost: measure.Cost) -> list[str]:
        cost.facts["questions_waiting"] = server.most
        return truth.without_answers(output, names)

    in_flight = min(3 * window, WAITING_MAX)
    contender = Contender(f"{window:,} waiting", [
        str(peers.program()), "scan", str(names), "--output", str(output), "--probe", "none",
        "--log-level", "error", *load_lab.flags(), "--name-servers", silence.ADDRESS_AND_PORT,
        "--senders", str(window), "--dns-in-flight", str(in_flight), "--dns-timeout", "30"],
        peers.count(names), check=check)
    with server:
        return run([contender], 1)


ALL: dict[str, Callable[[int, int], list[Result]]] = {
    "size": sizes, "window": windows, "loops": loops, "waiting": waiting,
}
