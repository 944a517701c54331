"""An hour of scanning: memory, descriptors and threads must stay flat.

One process scans a list that comes round and round from a pipe; beside it whole scans of the same
list follow each other.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import threading
import time
from pathlib import Path

from . import lists, plot, program
from .report import Report, spread
from .workspace import PROGRAM, ROOT, Workspace

KEYS = ("seconds", "rss_kb", "descriptors", "threads", "output_bytes")
# The first tenth fills caches, pools and the knowledge of hosts.
WARM_SHARE = 0.1
# What may grow: a heap breathes by so much between two samples.
SLACK = 0.10
OUTPUT_MOST = 2 << 30
FEED_SECONDS = 0.1


class Sampler:
    """Takes samples of a process from /proc, a few seconds apart."""

    def __init__(self, process: int, folder: Path, path: Path, every: float) -> None:
        self.process = process
        self.folder = folder
        self.path = path
        self.every = every
        self.samples: list[tuple[float, ...]] = []
        self.began = time.monotonic()
        path.write_text(",".join(KEYS) + "\n")

    def take(self) -> bool:
        """Takes one; False where the process has ended."""
        process = Path(f"/proc/{self.process}")
        try:
            status = dict(
                line.split(":", 1) for line in (process / "status").read_text().splitlines())
            descriptors = len(list((process / "fd").iterdir()))
            sample = (
                round(time.monotonic() - self.began, 1), int(status["VmRSS"].split()[0]),
                descriptors, int(status["Threads"]),
                sum(file.stat().st_size for file in self.folder.glob("*.zst")))
        except (OSError, KeyError):
            return False
        self.samples.append(sample)
        with self.path.open("a") as file:
            file.write(",".join(map(str, sample)) + "\n")
        return True

    def column(self, key: str) -> list[float]:
        """The samples of one kind after the start."""
        index = KEYS.index(key)
        first = int(len(self.samples) * WARM_SHARE)
        return [sample[index] for sample in self.samples[first:]]


def growth(values: list[float]) -> float:
    """By how much the last quarter's median is above that of the first, as a share."""
    quarter = max(1, len(values) // 4)
    first, last = statistics.median(values[:quarter]), statistics.median(values[-quarter:])
    return (last - first) / first if first else 0.0


def _feed(process: subprocess.Popen[bytes], path: Path, until: float, rate: int) -> int:
    """Writes the list into the pipe again and again until the time has come; how many lines."""
    lines, written, began = path.read_bytes().splitlines(keepends=True), 0, time.monotonic()
    assert process.stdin
    try:
        while (now := time.monotonic()) < until:
            due = int((now - began) * rate)
            process.stdin.write(b"".join(lines[n % len(lines)] for n in range(written, due)))
            process.stdin.flush()
            written = due
            time.sleep(FEED_SECONDS)
        process.stdin.close()
    except BrokenPipeError:
        pass
    return written


class Piped:
    """The process that scans the list from a pipe, and its samples."""

    def __init__(
        self, workspace: Workspace, path: Path, flags: list[str], options: argparse.Namespace
    ) -> None:
        self.folder = workspace.work / "piped"
        arguments = ["scan", "-", "--output", self.folder, "--rotate-size", "64", *flags]
        self.errors = (workspace.work / "piped.errors").open("wb")
        self.process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)], cwd=ROOT, stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=self.errors)
        self.sampler = Sampler(
            self.process.pid, self.folder, workspace.folder / "samples.csv", options.every)
        until = time.monotonic() + options.seconds
        self.fed = 0
        self.feeder = threading.Thread(
            target=self._feed, args=(path, until, options.rate), daemon=True)
        self.feeder.start()
        self.watcher = threading.Thread(target=self._watch, daemon=True)
        self.watcher.start()

    def _feed(self, path: Path, until: float, rate: int) -> None:
        self.fed = _feed(self.process, path, until, rate)

    def _watch(self) -> None:
        while self.sampler.take():
            self._drop_old_files()
            time.sleep(self.sampler.every)

    def _drop_old_files(self) -> None:
        """An hour's records would fill a small disk: whole files that no more is added to go."""
        files = sorted(self.folder.glob("domains-*.zst"))
        while len(files) > 2 and sum(file.stat().st_size for file in files) > OUTPUT_MOST:
            files.pop(0).unlink()

    def end(self) -> int:
        """Waits for the end of the scan; its exit code."""
        self.feeder.join()
        code = self.process.wait(program.END_SECONDS)
        self.watcher.join()
        return code


def _repeat(
    report: Report, workspace: Workspace, path: Path, flags: list[str], piped: Piped, pause: float
) -> None:
    """Whole scans until the other process has ended; each must have all its records."""
    peaks, times, count = [], [], 0
    lines = len(path.read_text().splitlines())
    while piped.process.poll() is None and piped.feeder.is_alive():
        folder = workspace.work / "whole"
        subprocess.run(["rm", "-rf", folder], check=True)
        run = program.Run([path, "--output", folder, *flags])
        peak = 0
        while not run.ends_within(0.5):
            peak = max(peak, _peak(run.process.pid))
        count += 1
        done = subprocess.run(
            f"zstdcat '{folder}'/domains-*.zst | wc -l", shell=True, capture_output=True, text=True,
            check=True)
        report.require(
            run.process.returncode == 0 and int(done.stdout) == lines,
            f"whole scan {count}: code {run.process.returncode}, {done.stdout.strip()} records")
        peaks.append(peak / 1024)
        times.append(run.seconds)
        piped.feeder.join(pause)
    report.row("whole scans beside it", count)
    report.row("their peak memory, MB", spread(peaks))
    report.row("their time, s", spread(times))
    report.require(not peaks or growth(peaks) < SLACK, "the peaks of whole scans grow")


def _peak(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/status").read_text()
        return int(text.partition("VmHWM:")[2].split()[0])
    except (OSError, IndexError):
        return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--seconds", type=float, default=3600, metavar="S")
    parser.add_argument("--every", type=float, default=5, metavar="S", help="between two samples")
    parser.add_argument("--domains", type=int, default=1000, metavar="N")
    # Flatness is asked for and not speed: others may need the machine too.
    parser.add_argument("--rate", type=int, default=300, metavar="N", help="domains a second")
    parser.add_argument("--pause", type=float, default=30, metavar="S", help="between whole scans")


def run(options: argparse.Namespace) -> int:
    """Scans for the time given; memory and descriptors must not grow."""
    workspace = Workspace("long")
    report = Report(f"{options.seconds:.0f} s of scanning", workspace.folder)
    path = lists.write(workspace.folder / "list.txt", options.domains)
    flags = workspace.up(path)
    piped = Piped(workspace, path, flags, options)
    _repeat(report, workspace, path, flags, piped, options.pause)
    code = piped.end()
    report.require(code == 0, f"the piped scan ends with {code}")
    _told(report, piped)
    plot.write(piped.sampler, workspace.folder / "samples.svg")
    workspace.lab("down")
    return report.end()


def _told(report: Report, piped: Piped) -> None:
    sampler = piped.sampler
    manifest = json.loads((piped.folder / "manifest.json").read_text())
    report.row("domains fed through the pipe", piped.fed)
    report.row("records of them", manifest["totals"]["domains"])
    report.require(manifest["totals"]["domains"] == piped.fed, "records are missing")
    report.row("samples", len(sampler.samples))
    for key, unit in (("rss_kb", "memory, MB"), ("descriptors", "descriptors"),
                      ("threads", "threads")):
        values = sampler.column(key)
        if unit.endswith("MB"):
            values = [value / 1024 for value in values]
        grown = growth(values)
        report.row(unit, spread(values))
        report.row(f"{unit}: last quarter, compared with the first", f"{grown:+.1%}")
        report.require(grown < SLACK, f"{unit}: grew by {grown:.1%}")
