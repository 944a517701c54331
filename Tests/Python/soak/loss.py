"""Packets that are late and packets that are lost, on every way between the scan and the lab."""

from __future__ import annotations

import argparse

from . import lists, program, records
from .link import Link
from .report import Report
from .workspace import Workspace

# So many lost SYNs in a row are waited for: they are sent again after 1, 3, 7 and 15 s.
PATIENCE = {"connect_timeout": "20", "dns_timeout": "2", "retries": "6", "retry_delays": "5"}


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=3000, metavar="N")
    parser.add_argument("--loss", type=float, default=0.05, metavar="SHARE", help="each way")
    parser.add_argument("--delay", type=float, default=0.1, metavar="S", help="each way")
    parser.add_argument("--seed", type=int, default=1, metavar="N")


def run(options: argparse.Namespace) -> int:
    """Scans through a bad line."""
    workspace = Workspace("loss")
    report = Report(
        f"{options.loss:.0%} of packets lost and {options.delay * 1000:.0f} ms of delay, each way",
        workspace.folder)
    path = lists.write(workspace.folder / "list.txt", options.domains)
    arguments = [path, *workspace.up(path, **PATIENCE)]
    folder = workspace.work / "whole"
    undisturbed = program.Run([*arguments, "--output", folder])
    report.require(undisturbed.end() == 0, f"undisturbed: {undisturbed.errors}")
    whole = records.Whole(folder)
    report.row("undisturbed: domains, seconds",
               f"{len(whole.domains):,}, {undisturbed.seconds:.0f}")
    link = Link(options.loss, options.delay, options.seed)
    folder = workspace.work / "lossy"
    run_ = program.Run([*arguments, "--output", folder], before=link.before,
                       inherited=link.inherited)
    report.require(run_.end() == 0, f"lossy: {run_.errors}")
    total = link.lost + link.passed
    report.row("lossy: seconds", f"{run_.seconds:.0f}")
    report.row("lossy: packets, of which lost", f"{total:,}, {link.lost / max(1, total):.1%}")
    report.require(link.lost > 0, "no packet was lost")
    report.differences("lossy", whole.differences(folder))
    workspace.lab("down")
    return report.end()
