"""Damages a finished and an unfinished folder in each way that is known, and reads them.

No reader may crash, hang, or give figures and exit code 0; verify must notice each damage. What
`--resume` ends must be as an undisturbed scan.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

from . import damages, lists, program, records
from .report import Report
from .workspace import PROGRAM, Workspace

LIMIT_SECONDS = 120
DAMAGED, FINISHED = 65, 64


class Trial:
    """Reads damaged copies of a folder."""

    def __init__(self, workspace: Workspace, report: Report, whole: records.Whole, sound: Path,
                 flags: list[str], short: Path) -> None:
        self.workspace, self.report, self.whole = workspace, report, whole
        self.sound, self.flags, self.short = sound, flags, short
        self.codes: dict[str, Counter[int]] = {}
        self.faults: list[str] = []
        self.slowest = 0.0

    def run(self, name: str, folder: Path, changes: list[damages.Damage]) -> None:
        """Tries every damage."""
        is_finished = json.loads((folder / "manifest.json").read_text())["state"] == "complete"
        for damage in changes:
            copy = self.workspace.work / "damaged"
            if copy.exists():
                shutil.rmtree(copy)
            shutil.copytree(folder, copy, symlinks=True)
            damage.do(copy)
            self._readers(f"{name}: {damage.name}", copy)
            self._resume(f"{name}: {damage.name}", copy, is_finished)

    def _readers(self, what: str, copy: Path) -> None:
        page, out = self.workspace.work / "report.html", self.workspace.work / "out"
        page.unlink(missing_ok=True)
        verify = self._call("verify", what, ["verify", copy])
        if verify.returncode == 0:
            self.faults.append(f"verify did not notice: {what}")
        for command, arguments in (
            ("stats", ["stats", copy, "--json"]), ("report", ["report", copy, "-o", page]),
            ("diff, later", ["diff", self.sound, copy]),
            ("diff, earlier", ["diff", copy, self.sound]),
            ("rejudge", ["rejudge", copy, "-o", out]),
            ("scan --previous", ["scan", self.short, "-o", out, "--previous", copy, *self.flags]),
        ):
            shutil.rmtree(out, ignore_errors=True)
            done = self._call(command, what, arguments)
            if done.returncode == 0 or done.stdout or page.exists() or out.exists():
                self.faults.append(f"{command} read it with {done.returncode}: {what}")
        partial = self._call("stats --partial", what, ["stats", copy, "--json", "--partial"])
        if partial.returncode == 0 and not json.loads(partial.stdout)["cautions"]:
            self.faults.append(f"stats --partial does not say so: {what}")

    def _resume(self, what: str, copy: Path, is_finished: bool) -> None:
        before = state(copy)
        done = self._call("scan --resume", what, ["scan", "--resume", copy])
        if done.returncode == 0:
            # What is damaged may be written again: the manifest of an unfinished scan is.
            for text in self.whole.differences(copy)[:2]:
                self.faults.append(f"resumed, and {text}: {what}")
            after = self._call("verify, resumed", what, ["verify", copy])
            if is_finished or after.returncode:
                self.faults.append(f"resumed, and verify ends with {after.returncode}: {what}")
        elif state(copy) != before:
            self.faults.append(f"--resume refused it and changed it: {what}")

    def _call(
        self, command: str, what: str, arguments: list[object]
    ) -> subprocess.CompletedProcess[str]:
        began = time.monotonic()
        call = [str(PROGRAM), *map(str, arguments)]
        try:
            done = subprocess.run(
                call, capture_output=True, text=True, errors="replace", timeout=LIMIT_SECONDS,
                stdin=subprocess.DEVNULL, check=False)
        except subprocess.TimeoutExpired:
            self.faults.append(f"{command} hangs: {what}")
            return subprocess.CompletedProcess(call, 1, "", "")
        self.slowest = max(self.slowest, time.monotonic() - began)
        self.codes.setdefault(command, Counter())[done.returncode] += 1
        if done.returncode < 0 or done.returncode > 128:
            self.faults.append(f"{command} crashes with {done.returncode}: {what}")
        if done.returncode and not done.stderr and not done.stdout:
            self.faults.append(f"{command} ends with {done.returncode} and no word: {what}")
        return done


def state(folder: Path) -> dict[str, object]:
    """What is in a folder, for comparison."""
    return {
        path.name: path.read_bytes() if path.is_file() and not path.is_symlink() else
        path.lstat().st_mode for path in folder.iterdir()
        if not path.name.endswith(".new")}


def unfinished(workspace: Workspace, path: Path, flags: list[str]) -> Path:
    """A scan that was killed, and went on, and was stopped: several files of each kind."""
    folder = workspace.work / "unfinished"
    begun = [path, "--output", folder, *flags]
    for count in (40, 90):
        run = program.Run(
            [*begun, "--checkpoint-interval", "0.05", "--senders", "2", "--rotate-size", "1"])
        program.wait_for_records(folder, count, run)
        run.kill()
        begun = ["--resume", folder]
    # What follows the committed bytes was never promised to be kept.
    known = records.committed(folder)
    for path in folder.glob("*.zst"):
        sizes = [file["bytes"] for file in known["domainFiles"] + known["hostFiles"]
                 if file["name"] == path.name]
        if sizes:
            os.truncate(path, sizes[0])
        else:
            path.unlink()
    return folder


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=600, metavar="N")
    parser.add_argument("--random", type=int, default=120, metavar="N",
                        help="flips and cuts at random offsets, of each of the two folders")
    parser.add_argument("--seed", type=int, default=1, metavar="N")


def run(options: argparse.Namespace) -> int:
    """Damages the two folders and reports what the readers make of them."""
    workspace = Workspace("damage")
    report = Report("Damaged folders", workspace.folder)
    path, short = workspace.folder / "list.txt", workspace.folder / "short.txt"
    lines = lists.lines(options.domains)
    path.write_text("".join(f"{line}\n" for line in lines))
    short.write_text("# none\n")
    flags = [*workspace.up(path), "--retry-delays", "none"]
    # Scans that wait for nobody: each damage of the manifest is followed by one.
    whole = workspace.work / "all"
    program.Run([path, "--output", whole, *flags]).end()
    path.write_text("".join(f"{line}\n" for line in records.without_timeouts(whole)))
    whole = workspace.work / "whole"
    report.require(program.Run([path, "--output", whole, *flags]).end() == 0, "no sound scan")
    stopped = unfinished(workspace, path, flags)
    finished = workspace.work / "finished"
    shutil.copytree(stopped, finished)
    report.require(program.Run(["--resume", finished]).end() == 0, "no finished scan")
    trial = Trial(workspace, report, records.Whole(whole), whole, flags, short)
    total = 0
    for name, folder in (("finished", finished), ("unfinished", stopped)):
        changes = damages.all_of(folder, options.random, options.seed)
        report.row(f"{name}: files, damages", f"{len(damages.names(folder))}, {len(changes)}")
        total += len(changes)
        trial.run(name, folder, changes)
    report.require(total >= 250, f"only {total} damages")
    for command, codes in trial.codes.items():
        counted = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
        report.row(f"{command}: exit codes", counted)
    report.row("slowest call", f"{trial.slowest:.1f} s")
    report.differences("damages met wrongly", trial.faults)
    workspace.lab("down")
    return report.end()
