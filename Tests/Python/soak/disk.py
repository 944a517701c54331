"""Full disks, files that may not grow, folders that may not be written, lists that change."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import lists, program, records
from .report import Report
from .workspace import Workspace

# Of root's rights this takes that of writing where the mode forbids it.
PLAIN_ROOT = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search",
              "--inh-caps", "-dac_override,-dac_read_search"]
OUTPUT_FAILED, LIST_FAILED = 74, 65
CHECKPOINT = ["--checkpoint-interval", "0.2"]


class Disk:
    """A tmpfs of a size."""

    def __init__(self, path: Path, size: int) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "soak", str(path)], check=True)

    def remount(self, options: str) -> None:
        """Changes its size, or whether it may be written."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.path)], check=True)

    def remove(self) -> None:
        """Unmounts it."""
        subprocess.run(["umount", str(self.path)], check=True)


class Faults:
    """The scenarios, all on one list."""

    def __init__(
        self, report: Report, work: Path, path: Path, flags: list[str], whole: Path
    ) -> None:
        self.report = report
        self.work = work
        self.list = path
        self.flags = flags
        self.whole = records.Whole(whole)
        self.size = sum(file.stat().st_size for file in whole.glob("*.zst"))

    def start(self, folder: Path, *more: object, **how: Any) -> program.Run:
        """Starts a scan of the list."""
        return program.Run([self.list, "--output", folder, *self.flags, *CHECKPOINT, *more], **how)

    def fails(
        self, name: str, run: program.Run, folder: Path, words: list[str], code: int
    ) -> None:
        """Waits for a clean end that says what is wrong, which file, and how to go on."""
        got = run.end()
        self.report.row(f"{name}: exit code", got)
        errors = [line for line in run.errors.splitlines() if line.startswith("stsurvey: ")]
        self.report.require(got == code, f"{name}: exit code {got}, not {code}: {errors[-3:]}")
        for word in words:
            self.report.require(
                any(word in line for line in errors), f"{name}: nothing of '{word}' in {errors}")
        for file in folder.glob("*.zst"):
            bad = subprocess.run(["zstd", "-qt", file], capture_output=True, check=False).returncode
            self.report.require(not bad, f"{name}: {file.name} is not whole")

    def resumes(self, name: str, folder: Path, *more: object, **how: Any) -> None:
        """Goes on to the end; the result must be that of an undisturbed scan."""
        before = records.committed_count(folder)
        run = program.Run(["--resume", folder, *more], **how)
        self.report.require(run.end() == 0, f"{name}: it does not go on: {run.errors}")
        self.report.row(f"{name}: records before, after",
                        f"{before:,}, {len(records.read(folder, 'domains')):,}")
        without = frozenset({"source"}) if "stdin" in how else frozenset()
        self.report.differences(name, self.whole.differences(folder, without))

    # MARK: The output

    def full_disk(self) -> None:
        """The disk is full in the middle of the scan, and of the next one."""
        disk = Disk(self.work / "disk", self.size // 3)
        folder = disk.path / "out"
        words = ["No space left", str(folder)]
        how = f"--resume {folder}"
        self.fails("full disk", self.start(folder), folder, [*words, how], OUTPUT_FAILED)
        # Whoever says so knows how.
        again = program.Run(["--resume", folder])
        self.fails("full disk, resumed too early", again, folder, words, OUTPUT_FAILED)
        disk.remount("size=256m")
        self.resumes("full disk, then space", folder)
        disk.remove()

    def full_from_the_start(self) -> None:
        """There is no room even for the folder."""
        disk = Disk(self.work / "nothing", 4096)
        (disk.path / "filler").write_bytes(b"x" * 4096)
        folder = disk.path / "out"
        run = self.start(folder)
        self.fails("no room at all", run, folder, ["No space left"], OUTPUT_FAILED)
        left = [file.name for file in disk.path.iterdir()]
        self.report.require(left == ["filler"], f"no room at all: {left} is left")
        disk.remove()

    def small_files(self) -> None:
        """A file may not grow beyond a size (ulimit -f), as with a quota."""
        folder = self.work / "small"
        run = self.start(folder, before=["prlimit", f"--fsize={self.size // 3}"])
        words = ["File too large", str(folder), f"--resume {folder}"]
        self.fails("file size limit", run, folder, words, OUTPUT_FAILED)
        self.resumes("file size limit, then none", folder)

    def unwritable(self) -> None:
        """The folder loses its right to be written in the middle."""
        folder = self.work / "unwritable"
        run = self.start(folder, before=PLAIN_ROOT)
        program.wait_for_records(folder, len(self.whole.domains) // 10)
        folder.chmod(0o555)
        words = ["Permission denied", str(folder), f"--resume {folder}"]
        self.fails("folder made unwritable", run, folder, words, OUTPUT_FAILED)
        folder.chmod(0o755)
        self.resumes("folder made writable again", folder)

    def read_only(self) -> None:
        """The disk is mounted read-only from the start, or when the scan is resumed."""
        disk = Disk(self.work / "read-only", 1 << 28)
        folder = disk.path / "out"
        run = self.start(folder)
        program.wait_for_records(folder, 1)
        run.kill(signal.SIGTERM)
        disk.remount("ro")
        new = self.start(disk.path / "new")
        self.fails("read-only disk", new, folder, ["Read-only file system"], OUTPUT_FAILED)
        again = program.Run(["--resume", folder])
        self.fails("read-only disk, resumed", again, folder, ["Read-only file system"],
                   OUTPUT_FAILED)
        disk.remount("rw")
        self.resumes("read-only disk, then writable", folder)
        disk.remove()

    # MARK: The list

    def changed_list(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """The list changes while it is read: what was read is scanned, and the rest reported."""
        path = self.work / f"{name}.txt"
        # More than is read ahead, so that the change comes while there is more to read.
        text = self.list.read_bytes() + b"".join(b"n%d.invalid\n" % n for n in range(20_000))
        path.write_bytes(text)
        folder = self.work / name
        run = program.Run(
            [path, "--output", folder, *self.flags, *CHECKPOINT, "--senders", "4",
             "--shuffle-window", "1"])
        program.wait_for_records(folder, 10)
        with path.open("r+b") as file:
            file.write(changed := change(text))
            file.truncate(len(changed))
        self.fails(f"list {name}", run, folder, [str(path)], LIST_FAILED)
        problems = json.loads((folder / "manifest.json").read_text())["problems"]
        self.report.require(
            any(str(path) in text for text in problems), f"list {name}: the manifest says nothing")

    def pipe(self) -> None:
        """The list comes from a pipe: other octets are refused, the same go on."""
        folder = self.work / "pipe"
        arguments = ["-", "--output", folder, *self.flags, *CHECKPOINT]
        run = program.Run(arguments, stdin=self.list)
        program.wait_for_records(folder, 30)
        run.kill()
        other = self.work / "other.txt"
        other.write_bytes(self.list.read_bytes().replace(b".", b"-", 1))
        again = program.Run(["--resume", folder], stdin=other)
        self.fails("pipe, other octets", again, folder, ["SHA-256"], LIST_FAILED)
        self.resumes("pipe, the same octets", folder, stdin=self.list)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--domains", type=int, default=3000, metavar="N")


def run(options: argparse.Namespace) -> int:
    """All scenarios of disk and list."""
    workspace = Workspace("disk")
    report = Report("Disk and list", workspace.folder)
    path = workspace.folder / "list.txt"
    path.write_text("".join(f"{line}\n" for line in lists.lines(options.domains)))
    flags = workspace.up(path)
    whole = workspace.work / "whole"
    program.Run([path, "--output", whole, *flags]).end()
    faults = Faults(report, workspace.work, path, flags, whole)
    report.row("domains, octets of the records", f"{len(faults.whole.domains):,}, {faults.size:,}")
    faults.full_disk()
    faults.full_from_the_start()
    faults.small_files()
    faults.unwritable()
    faults.read_only()
    faults.changed_list("shortened", lambda text: b"".join(text.splitlines(True)[:10_000]))
    faults.changed_list("rewritten", lambda text: text[:-200] + text[-200:].upper())
    faults.pipe()
    workspace.lab("down")
    return report.end()
