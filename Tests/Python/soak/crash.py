"""SIGKILL at random moments, again and again, until the scan has ended all the same."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from . import lists, program, records
from .report import Report, spread
from .wire import Capture, Seen
from .workspace import Workspace

CHECKPOINT = 0.2
# One in so many is killed before it can have read back what it knows.
EARLY_SHARE = 0.25


@dataclass
class Kill:
    """A kill: when, what was committed by then, and whether anything was there to resume."""

    moment: float
    records: int
    hosts: set[str] = field(default_factory=set)
    # Names that health checks of name servers ask about again.
    recalled: set[str] = field(default_factory=set)


class Crasher:
    """Kills a scan and resumes it, each time with other numbers of threads and senders."""

    def __init__(
        self, folder: Path, arguments: list[str], seed: int, feed: Path | None, total: int
    ) -> None:
        self.folder = folder
        self.total = total
        self.arguments = arguments
        self.rng = random.Random(seed)
        self.feed = feed
        self.kills: list[Kill] = []
        self.resumed = 0

    def run(self, kills: int, longest: float) -> str:
        """Kills up to so many times, then lets it end; what went wrong, if anything."""
        while True:
            is_resumed = program.has_scan(self.folder)
            what = ["--resume", self.folder] if is_resumed else [
                *self.arguments, "--output", self.folder]
            self.resumed += is_resumed
            run = program.Run(
                [*what, "--checkpoint-interval", CHECKPOINT, *self._sizes()], stdin=self.feed)
            left = kills - len(self.kills)
            if left and not self._ends_before(run, left, longest):
                run.kill()
                self.kills.append(self._note())
            elif run.end():
                return f"exit code {run.process.returncode}: {run.errors}"
            else:
                return ""

    def _sizes(self) -> list[object]:
        return ["--threads", self.rng.choice([1, 1, 2, 3]),
                "--senders", self.rng.choice([100, 300, 1000])]

    def _ends_before(self, run: program.Run, left: int, longest: float) -> bool:
        """Lets it live for a part of the way that so many kills leave to each of them.

        By records and not by time, since else most kills would meet the last slow domains.
        """
        if self.rng.random() < EARLY_SHARE:
            return run.ends_within(self.rng.uniform(0, 0.15))
        before = records.committed_count(self.folder)
        wanted = before + self.rng.uniform(0, 2) * (self.total - before) / left
        while records.committed_count(self.folder) < wanted and run.seconds < longest:
            if run.ends_within(0.02):
                return True
        return run.ends_within(self.rng.uniform(0, CHECKPOINT))

    def _note(self) -> Kill:
        return Kill(
            time.time(), records.committed_count(self.folder),
            records.committed_hosts(self.folder),
            {text.split()[0] for text in records.committed(self.folder).get("found", [])})


def probed_again(
    kills: list[Kill], seen: Seen, whole: records.Whole
) -> tuple[list[str], dict[str, int]]:
    """Hosts that a server saw after a kill before which their record was committed."""
    committed_at: dict[str, float] = {}
    for kill in kills:
        for host in kill.hosts:
            committed_at.setdefault(host, kill.moment)
    listed = {record["domain"] for record in whole.domains.values()}
    recalled = {name for kill in kills for name in kill.recalled}
    users = Counter(
        session["address"] for host in whole.hosts.values() for session in host["sessions"])
    found: list[str] = []
    held: Counter[str] = Counter()
    for host, moment in committed_at.items():
        views = {"greeted in TLS": seen.greeted.get(host, [])}
        # The addresses of a domain without MX are asked for by the domain itself, those of a few
        # hosts by health checks.
        if host not in listed and host not in recalled:
            views["looked up"] = seen.looked_up.get(host, [])
        for session in whole.hosts[host]["sessions"]:
            if users[session["address"]] == 1:
                views["connected to"] = seen.connected.get(session["address"], [])
        for view, times in views.items():
            held[view] += bool(times)
            if late := [when for when in times if when > moment]:
                found.append(f"{host} was {view} {len(late)} times after its record was committed")
    return found, {"hosts": len(committed_at), **held}


def _round(
    report: Report, workspace: Workspace, crasher: Crasher, kills: int, longest: float,
    whole: records.Whole, name: str,
) -> None:
    capture = Capture(workspace.work / f"{name}.pcap")
    failure = crasher.run(kills, longest)
    seen, lost = capture.end()
    report.require(not failure, f"{name}: {failure}")
    report.require(lost == 0, f"{name}: the capture lost {lost} packets")
    done = crasher.kills
    report.row(f"{name}: kills, resumed", f"{len(done)}, {crasher.resumed}")
    report.row(f"{name}: records committed at the kills",
               spread([kill.records for kill in done], digits=0))
    if failure:
        return
    report.differences(f"{name}: records", whole.differences(crasher.folder, SOURCE))
    found, held = probed_again(done, seen, whole)
    report.row(f"{name}: hosts whose record was committed at a kill", held.pop("hosts"))
    for view, count in held.items():
        report.row(f"{name}: of which seen {view}", count)
    report.differences(f"{name}: probed again", found)
    connections = sum(map(len, seen.connected.values()))
    report.row(f"{name}: SMTP connections, questions for addresses",
               f"{connections:,}, {sum(map(len, seen.looked_up.values())):,}")


# A list from a pipe has no name.
SOURCE = frozenset({"source"})


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=20_000, metavar="N")
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="in each of the rounds")
    parser.add_argument("--longest", type=float, default=4.0, metavar="S",
                        help="seconds that a process lives at most before it is killed")
    parser.add_argument("--seed", type=int, default=1, metavar="N")


def run(options: argparse.Namespace) -> int:
    """Kills scans of a list, from a file and from a pipe, at random moments."""
    workspace = Workspace("crash")
    report = Report(f"SIGKILL at random moments, {options.domains:,} domains", workspace.folder)
    path = lists.write(workspace.folder / "list.txt", options.domains)
    flags = workspace.up(path)
    undisturbed = workspace.work / "whole"
    capture = Capture(workspace.work / "whole.pcap")
    began = program.Run([path, "--output", undisturbed, *flags])
    report.require(began.end() == 0, f"the undisturbed scan ends with {began.errors}")
    seen, _ = capture.end()
    whole = records.Whole(undisturbed)
    report.row("undisturbed: time", f"{began.seconds:.1f} s")
    report.row("undisturbed: domains, MX hosts", f"{len(whole.domains):,}, {len(whole.hosts):,}")
    report.row("undisturbed: SMTP connections, questions for addresses",
               f"{sum(map(len, seen.connected.values())):,}, "
               f"{sum(map(len, seen.looked_up.values())):,}")
    for name, source, feed in (("file", str(path), None), ("pipe", "-", path)):
        left, number = options.kills, 0
        while left > 0:
            crasher = Crasher(
                workspace.work / f"{name}-{number}", [source, *flags], options.seed + number, feed,
                len(whole.domains))
            _round(report, workspace, crasher, left, options.longest, whole, f"{name} {number}")
            left -= max(1, len(crasher.kills))
            number += 1
    workspace.lab("down")
    return report.end()
