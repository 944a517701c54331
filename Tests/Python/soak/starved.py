"""Every command with too little memory, too few threads, too few descriptors.

Each works, or ends soon with a message and exit code 71; none hangs, and no signal ends one.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from . import lists, program
from .report import Report
from .workspace import PROGRAM, ROOT, Workspace

SHORTAGE = 71
# Somebody who is nobody else here: the threads of one user are counted together.
USER = 54_321
LONGEST_SECONDS = 60
QUICK = ["--retry-delays", "0.2", "--connect-timeout", "1", "--dns-timeout", "1"]


def _limits(options: argparse.Namespace) -> Iterator[tuple[str, int, list[str]]]:
    """Each kind of limit, its value, and the command that sets it."""
    for kilobytes in range(options.least, options.most + 1, options.step):
        yield "address space, kB", kilobytes, ["prlimit", f"--as={kilobytes * 1024}"]
    for threads in range(1, 11):
        yield "threads of the user", threads, [
            "prlimit", f"--nproc={threads}", "setpriv", f"--reuid={USER}", f"--regid={USER}",
            "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    for descriptors in (5, 6, 8, 10, 16, 24, 32, 48, 64):
        yield "descriptors", descriptors, ["prlimit", f"--nofile={descriptors}"]


def _commands(
    domain: str, path: Path, scan: Path, out: Path, flags: list[str]
) -> dict[str, list[object]]:
    """The commands that start threads, by a name."""
    new = out / "new"
    return {
        "scan": ["scan", path, "--output", new, *flags],
        "scan --threads 4": ["scan", path, "--output", new, *flags, "--threads", "4"],
        "check": ["check", domain, *flags],
        "verify": ["verify", scan],
        "stats": ["stats", scan],
        "report": ["report", scan, "--output", out / "report.html"],
        "diff": ["diff", scan, scan],
        "rejudge": ["rejudge", scan, "--output", new],
    }


class Starver:
    """Runs commands within limits, and checks how they end."""

    def __init__(self, report: Report, out: Path) -> None:
        self.report = report
        self.out = out
        self.slowest = 0.0

    def run(self, name: str, command: list[object], before: list[str]) -> str:
        """Runs a command in an empty folder; `works` or `shortage`, or what is wrong."""
        shutil.rmtree(self.out, ignore_errors=True)
        self.out.mkdir()
        self.out.chmod(0o777)
        began = time.monotonic()
        try:
            done = subprocess.run(
                [*before, PROGRAM, *map(str, command)], cwd=ROOT, capture_output=True, text=True,
                timeout=LONGEST_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            self.report.require(False, f"{name}: it hangs")
            return "hangs"
        self.slowest = max(self.slowest, time.monotonic() - began)
        if done.returncode == 0:
            return "works"
        says = any(line.startswith("stsurvey: error: ") for line in done.stderr.splitlines())
        if self.report.require(
                done.returncode == SHORTAGE and says,
                f"{name}: code {done.returncode}: {done.stderr[-300:]!r}"):
            return "shortage"
        return "wrong"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=60, metavar="N")
    parser.add_argument("--least", type=int, default=50_000, metavar="KB",
                        help="of address space")
    parser.add_argument("--most", type=int, default=500_000, metavar="KB")
    parser.add_argument("--step", type=int, default=25_000, metavar="KB")


def run(options: argparse.Namespace) -> int:
    """Starves each command of each resource."""
    workspace = Workspace("starved")
    report = Report("Too little memory, too few threads, too few descriptors", workspace.folder)
    path = lists.write(workspace.folder / "list.txt", options.domains)
    flags = [*workspace.up(path), *QUICK]
    scan = workspace.work / "scan"
    whole = program.Run([path, "--output", scan, *flags])
    report.require(whole.end() == 0, f"the scan with enough of all ends with {whole.errors}")
    starver = Starver(report, workspace.work / "out")
    domain = path.read_text().split()[0]
    commands = _commands(domain, path, scan, starver.out, flags)
    found: dict[tuple[str, str], Counter[str]] = {}
    for kind, value, before in _limits(options):
        for name, command in commands.items():
            end = starver.run(f"{name} with {value} {kind}", command, before)
            found.setdefault((kind, name), Counter())[end] += 1
    for (kind, name), ends in found.items():
        report.row(f"{kind}: {name}",
                   ", ".join(f"{count} {end}" for end, count in sorted(ends.items())))
    report.row("slowest", f"{starver.slowest:.1f} s")
    workspace.lab("down")
    return report.end()
