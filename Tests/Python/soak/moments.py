"""SIGKILL at calls of each kind: while the folder is made, in checkpoints, while reading back.

strace kills the process as it enters the nth call of a kind, which then does not happen.
"""

from __future__ import annotations

import argparse
import shutil
from collections import Counter
from pathlib import Path

from . import lists, program, records
from .report import Report
from .workspace import Workspace

CALLS = (
    "mkdir", "openat", "pwrite64", "fsync", "rename", "truncate", "unlink", "flock", "getdents64",
    "read")
OPTIONS = ["--checkpoint-interval", "0.05"]


def _calls(log: Path, call: str) -> int:
    """How often the thread that calls it most calls it: strace counts for each of its own."""
    lines = (line.split(None, 1) for line in log.read_text(errors="replace").splitlines())
    threads = [line[0] for line in lines if len(line) > 1 and line[1].startswith(f"{call}(")]
    return max(Counter(threads).values(), default=0)


def _spread(count: int, most: int) -> list[int]:
    """So many of the numbers from 1 to `count`, the last among them."""
    return sorted({count - index * count // most for index in range(min(count, most))})


def _killed_at(call: str, number: int) -> list[object]:
    return ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}",
            "-e", f"inject={call}:signal=KILL:when={number}"]


class Sweep:
    """Scans of one short list, killed at each call; `prepared` is a folder to be resumed."""

    def __init__(self, report: Report, workspace: Workspace, fresh: list[object]) -> None:
        self.report = report
        self.workspace = workspace
        self.fresh = fresh
        self.folder = workspace.work / "out"
        self.whole: records.Whole | None = None

    def _finish(self, folder: Path, name: str) -> str:
        """Goes on after a kill until the end; what was found: no folder, a scan, or its end."""
        is_there = folder.exists()
        if is_there and not program.has_scan(folder):
            manifest = (folder / "manifest.json").exists()
            self.report.require(manifest, f"{name}: a folder with neither checkpoint nor manifest")
            return "ended"
        what = ["--resume", folder] if is_there else [*self.fresh, "--output", folder]
        run = program.Run(what)
        self.report.require(run.end() == 0, f"{name}: it does not go on: {run.errors}")
        return "resumable" if is_there else "no folder"

    def run(
        self, name: str, call: str, most: int, prepared: Path | None
    ) -> tuple[int, dict[str, int]]:
        """Kills at the 1st, 2nd … call; how often, and what was found."""
        found = {"no folder": 0, "resumable": 0, "ended": 0, "not killed": 0}
        log = self.workspace.work / "calls"
        self._start(prepared, ["strace", "-f", "-o", log, "-e", f"trace={call}"]).end()
        numbers = _spread(_calls(log, call), most)
        for number in numbers:
            run = self._start(prepared, _killed_at(call, number))
            folder, code = self.folder, run.end()
            # How often something is called differs a little from run to run.
            if code == 0:
                found["not killed"] += 1
                continue
            what_happened = f"{name}, {call} {number}"
            self.report.require(code in (-9, 137), f"{what_happened}: code {code}, {run.errors}")
            found[self._finish(folder, what_happened)] += 1
            assert self.whole
            for text in self.whole.differences(folder):
                self.report.require(False, f"{what_happened}: {text}")
        return len(numbers) - found["not killed"], found

    def _start(self, prepared: Path | None, before: list[object]) -> program.Run:
        """Starts the scan, or goes on with the prepared one."""
        shutil.rmtree(self.folder, ignore_errors=True)
        what: list[object] = [*self.fresh, "--output", self.folder]
        if prepared:
            shutil.copytree(prepared, self.folder)
            what = ["--resume", self.folder]
        return program.Run([*what, *OPTIONS], before=before)


def _quick(workspace: Workspace, path: Path, flags: list[str], count: int) -> Path:
    """A list of domains that are done quickly, from one with others too."""
    folder = workspace.work / "all"
    run = program.Run([path, "--output", folder, *flags])
    run.end()
    quick = workspace.work / "quick.txt"
    names = sorted(records.without_timeouts(folder))[:count]
    quick.write_text("".join(f"{name}\n" for name in names))
    return quick


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=60, metavar="N")
    parser.add_argument("--most", type=int, default=12, metavar="N",
                        help="kills at calls of each kind")


def run(options: argparse.Namespace) -> int:
    """Kills a scan at each call, from its start and from a resumption."""
    workspace = Workspace("moments")
    report = Report("SIGKILL at each system call", workspace.folder)
    path = lists.write(workspace.folder / "list.txt", 200)
    flags = workspace.up(path)
    quick = _quick(workspace, path, flags, options.domains)
    # Few at once, so that there are checkpoints in the middle.
    sweep = Sweep(report, workspace, [quick, *flags, "--senders", "2"])
    undisturbed = workspace.work / "whole"
    program.Run([*sweep.fresh, "--output", undisturbed]).end()
    sweep.whole = records.Whole(undisturbed)
    prepared = workspace.work / "prepared"
    run = program.Run([*sweep.fresh, "--output", prepared, *OPTIONS])
    program.wait_for_records(prepared, options.domains // 3)
    run.kill()
    report.row("domains, of them committed in the prepared scan",
               f"{len(sweep.whole.domains)}, {records.committed_count(prepared)}")
    total = 0
    for name, base in (("new", None), ("resumed", prepared)):
        for call in CALLS:
            kills, found = sweep.run(name, call, options.most, base)
            total += kills
            report.row(f"{name}: kills at {call}", f"{kills} ({_told(found)})")
    report.row("kills", total)
    workspace.lab("down")
    return report.end()


def _told(found: dict[str, int]) -> str:
    return ", ".join(f"{count} {what}" for what, count in found.items() if count) or "none left"
