"""Servers stopped and started while a scan runs: resolver, nginx, Postfix, scripted peers."""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

from . import lists, program, records
from .report import Report
from .workspace import Workspace

OUTAGES = {
    "resolver": ["unbound"], "name server": ["nsd"], "policy hosts and mail hosts": ["nginx"],
    "own mail hosts": ["postfix"], "scripted peers": ["peers"],
}
SECONDS = 6.0
# What a session that breaks off after the handshake leaves open, although all that counts was seen:
# its last words, and what the host offers once there is TLS.
HONEST = frozenset({"error", "tls_extensions"})
# Longer than an outage, so that what failed in one is asked again after it.
DELAYS = "10,20"
# So few at once that the outages fall into the scan.
SENDERS = ["--senders", "100", "--checkpoint-interval", "0.5"]


class Outages:
    """Scans of one list, each with its outages."""

    def __init__(self, report: Report, workspace: Workspace, arguments: list[object]) -> None:
        self.report = report
        self.workspace = workspace
        self.arguments = arguments
        self.whole: records.Whole | None = None

    def scan(self, name: str, servers: list[str], moments: list[float], seconds: float) -> Path:
        """Scans, with the servers stopped when so many of the records are committed."""
        assert self.whole
        folder = self.workspace.work / name.replace(" ", "-")
        run = program.Run([*self.arguments, "--output", folder])
        off, times = 0.0, 0
        for share in moments:
            if not program.wait_for_records(folder, int(share * len(self.whole.domains)), run):
                break
            times += 1
            self.workspace.lab("stop", *servers)
            began = time.monotonic()
            time.sleep(seconds)
            self.workspace.lab("start", *servers)
            off += time.monotonic() - began
        code = run.end()
        self.report.require(code == 0, f"{name}: exit code {code}: {run.errors}")
        self.report.row(f"{name}: outages, seconds without, seconds in all",
                        f"{times}, {off:.0f}, {run.seconds:.0f}")
        self.report.require(times > 0, f"{name}: it ended before an outage")
        return folder

    def hold(self, name: str, servers: list[str], moments: list[float], seconds: float) -> None:
        """The result of a scan with outages must be that of an undisturbed one."""
        assert self.whole
        folder = self.scan(name, servers, moments, seconds)
        self.report.differences(name, self.whole.differences(folder, HONEST))


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=3000, metavar="N")
    parser.add_argument("--times", type=int, default=2, metavar="N", help="outages of each server")
    parser.add_argument("--seconds", type=float, default=SECONDS, metavar="S")
    parser.add_argument("--seed", type=int, default=1, metavar="N")


def run(options: argparse.Namespace) -> int:
    """Scans with each kind of server stopped and started."""
    workspace = Workspace("outages")
    report = Report("Servers stopped and started", workspace.folder)
    path = lists.write(workspace.folder / "list.txt", options.domains)
    flags = workspace.up(path, retry_delays=DELAYS)
    outages = Outages(report, workspace, [path, *flags, *SENDERS])
    folder = workspace.work / "whole"
    undisturbed = program.Run([*outages.arguments, "--output", folder])
    report.require(undisturbed.end() == 0, f"undisturbed: {undisturbed.errors}")
    outages.whole = records.Whole(folder)
    report.row("undisturbed: domains, seconds",
               f"{len(outages.whole.domains):,}, {undisturbed.seconds:.0f}")
    rng = random.Random(options.seed)
    for name, servers in OUTAGES.items():
        moments = sorted(rng.uniform(0.05, 0.7) for _ in range(options.times))
        outages.hold(name, servers, moments, options.seconds)
    workspace.lab("down")
    return report.end()
