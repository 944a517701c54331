"""Signals, a closed standard error, few descriptors, and clocks that jump."""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import struct
import subprocess
import time
from pathlib import Path

from . import lists, program, records
from .report import Report
from .workspace import Workspace

STOPPED, STOPPED_AT_ONCE = 75, 130
SLOWLY = ["--senders", "60", "--checkpoint-interval", "0.3"]
CLOCK = Path(__file__).with_name("clock.c")
JUMPS = [30, 3600, 20 * 3600]
# A duration longer than any time-out of the lab's was measured by the wrong clock.
LONGEST_MILLISECONDS = 120_000


class Clock:
    """A clock of the day, for a process that is started with the environment, that can be set."""

    def __init__(self, work: Path) -> None:
        self.offset, library = work / "offset", work / "clock.so"
        subprocess.run(
            ["clang", "-shared", "-fPIC", "-O1", "-o", library, CLOCK], check=True)
        self.offset.write_bytes(bytes(8))
        self.environment = {
            **os.environ, "LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self.offset)}

    def set(self, seconds: int) -> None:
        """Lets it be so many seconds later, or earlier, than it is."""
        with self.offset.open("r+b") as file:
            file.write(struct.pack("<q", seconds))


class Signals:
    """The scenarios, all on one list."""

    def __init__(self, report: Report, workspace: Workspace, arguments: list[object]) -> None:
        self.report = report
        self.workspace = workspace
        self.arguments = arguments
        whole = workspace.work / "whole"
        run = program.Run([*arguments, "--output", whole])
        report.require(run.end() == 0, f"undisturbed: {run.errors}")
        self.seconds = run.seconds
        self.whole = records.Whole(whole)
        report.row("domains, seconds", f"{len(self.whole.domains):,}, {self.seconds:.0f}")

    def _check(self, name: str, run: program.Run, folder: Path) -> None:
        code = run.end()
        self.report.require(code == 0, f"{name}: exit code {code}: {run.errors}")
        self.report.row(f"{name}: seconds", f"{run.seconds:.0f}")
        if code == 0:
            self.report.differences(name, self.whole.differences(folder))

    def stops(self, number: signal.Signals) -> None:
        """A signal that stops the scan, which then is resumed."""
        folder = self.workspace.work / number.name
        run = program.Run([*self.arguments, *SLOWLY, "--output", folder])
        program.wait_for_records(folder, len(self.whole.domains) // 4)
        code = run.kill(number)
        self.report.require(code == STOPPED, f"{number.name}: exit code {code}: {run.errors}")
        self.report.require(
            f"--resume {folder}" in run.errors, f"{number.name}: it does not say how to go on")
        self._check(f"{number.name}, resumed", program.Run(["--resume", folder]), folder)

    def stops_at_once(self) -> None:
        """A second signal, which gives up what is under way, and a resumption."""
        folder = self.workspace.work / "twice"
        run = program.Run([*self.arguments, *SLOWLY, "--output", folder])
        program.wait_for_records(folder, len(self.whole.domains) // 4)
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.6)
        code = run.kill(signal.SIGINT)
        # What was under way may have ended between the two.
        self.report.require(
            code in (STOPPED_AT_ONCE, STOPPED), f"twice: exit code {code}: {run.errors}")
        reported = re.findall(r"([\d,]+) records .*--resume " + re.escape(str(folder)), run.errors)
        committed = records.committed_count(folder)
        self.report.require(
            reported[-1:] == [f"{committed:,}"],
            f"twice: {committed:,} records are on the disk: {run.errors}")
        self._check("twice, resumed", program.Run(["--resume", folder]), folder)

    def goes_on(self, number: signal.Signals) -> None:
        """A signal that must not end the scan."""
        folder = self.workspace.work / number.name
        run = program.Run([*self.arguments, *SLOWLY, "--output", folder])
        program.wait_for_records(folder, len(self.whole.domains) // 4)
        run.process.send_signal(number)
        self._check(number.name, run, folder)

    def without_standard_error(self) -> None:
        """Standard error closed, a pipe that nobody reads on, and a full disk."""
        for name, redirection in (
            ("closed", "2>&-"), ("a broken pipe", "2> >(true)"), ("a full disk", "2>/dev/full"),
        ):
            folder = self.workspace.work / name.replace(" ", "-")
            shell = ["bash", "-c", f'exec "$@" {redirection}', "bash"]
            run = program.Run([*self.arguments, "--output", folder], before=shell)
            self._check(f"standard error is {name}", run, folder)

    def descriptors(self, limit: int) -> None:
        """A limit on open files that cannot be raised."""
        folder = self.workspace.work / f"descriptors-{limit}"
        run = program.Run(
            [*self.arguments, "--output", folder], before=["prlimit", f"--nofile={limit}:{limit}"])
        self._check(f"{limit} descriptors", run, folder)
        self.report.require(
            f"{limit} descriptors" in run.errors, f"{limit} descriptors: it does not say so")

    def clock(self, seed: int) -> None:
        """The clock of the day jumps to and fro, by hours and days; the monotonic one does not."""
        folder = self.workspace.work / "clock"
        jump = Clock(self.workspace.work)
        run = program.Run(
            [*self.arguments, *SLOWLY, "--output", folder], environment=jump.environment)
        rng, jumps = random.Random(seed), 0
        # Often, since most domains begin in the scan's first second.
        while not run.ends_within(0.1):
            jumps += 1
            # Certificates stay valid, but for those that the lab made not to be.
            jump.set(rng.choice([-1, 1]) * rng.choice(JUMPS))
        self._check("clock", run, folder)
        longest = max(record["duration_ms"] for record in records.read(folder, "domains"))
        hours = {record["scanned_at"][:13] for record in records.read(folder, "domains")}
        self.report.row("clock: jumps, hours of the day recorded, longest duration",
                        f"{jumps}, {len(hours)}, {longest / 1000:.1f} s")
        self.report.require(jumps > 2 and len(hours) > 1, "clock: it did not jump")
        self.report.require(
            0 <= longest < LONGEST_MILLISECONDS, f"clock: a duration of {longest} ms")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=2000, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="N")


def run(options: argparse.Namespace) -> int:
    """All scenarios of signals, descriptors and clocks."""
    workspace = Workspace("signals")
    report = Report("Signals, descriptors, clocks", workspace.folder)
    path = lists.write(workspace.folder / "list.txt", options.domains)
    scenarios = Signals(report, workspace, [path, *workspace.up(path)])
    for number in (signal.SIGINT, signal.SIGTERM):
        scenarios.stops(number)
    scenarios.stops_at_once()
    for number in (signal.SIGHUP, signal.SIGPIPE):
        scenarios.goes_on(number)
    scenarios.without_standard_error()
    for limit in (256, 64):
        scenarios.descriptors(limit)
    scenarios.clock(options.seed)
    workspace.lab("down")
    return report.end()
