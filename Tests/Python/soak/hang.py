"""One list again and again with several event loops: every scan ends, and has every record.

The list names the customers of a few large operators, whose hosts share handshakes, and so depend
on each other across the loops more than any other list's.
"""

from __future__ import annotations

import argparse
import json
import queue
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from . import program
from .report import Report, spread
from .workspace import Workspace

OPERATORS = ("outlook.com", "pphosted.com", "mx.microsoft")
# The lab's own second would be most of a run.
OPTIONS = ["--retry-delays", "0.2", "--connect-timeout", "1", "--dns-timeout", "1"]


def customers(truth: Path) -> list[str]:
    """The domains whose mail goes to one of the operators."""
    found = []
    with truth.open() as lines:
        for line in lines:
            record = json.loads(line)
            hosts = [entry["host"] for entry in record.get("mx") or []]
            if any(host.endswith(OPERATORS) for host in hosts):
                found.append(record["domain"])
    return found


def _names(folder: Path) -> list[str]:
    """The domains that have a record."""
    done = subprocess.run(
        f"cat '{folder}'/domains-*.zst | zstdcat", shell=True, capture_output=True, check=False)
    return [json.loads(line)["domain"] for line in done.stdout.splitlines()]


def _threads(process: int) -> Iterator[str]:
    """What each thread of a process is and waits for."""
    for task in sorted(Path(f"/proc/{process}/task").iterdir()):
        name = (task / "comm").read_text().strip()
        yield f"{name} in {(task / 'wchan').read_text() or '-'}"


class Runner:
    """Runs scans, some at once, until so many have been run."""

    def __init__(
        self, report: Report, workspace: Workspace, path: Path, options: argparse.Namespace,
        flags: list[str],
    ) -> None:
        self.report = report
        self.workspace = workspace
        self.path = path
        self.names = sorted(path.read_text().split())
        self.options = options
        self.arguments = [path, *flags, *OPTIONS]
        self.ended: dict[int, list[float]] = {threads: [] for threads in options.threads}
        self.left: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()

    def run(self) -> None:
        """Runs all; each number of threads has the same part."""
        for number in range(self.options.runs):
            threads = self.options.threads
            self.left.put((number, threads[number % len(threads)]))
        workers = [threading.Thread(target=self._work) for _ in range(self.options.jobs)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

    def _work(self) -> None:
        while True:
            try:
                number, threads = self.left.get_nowait()
            except queue.Empty:
                return
            self._run(number, threads)

    def _run(self, number: int, threads: int) -> None:
        folder = self.workspace.work / f"run-{number}"
        run = program.Run([*self.arguments, "--threads", threads, "--output", folder])
        name = f"run {number}, {threads} threads"
        if not run.ends_within(self.options.limit):
            where = "; ".join(_threads(run.process.pid))
            run.kill()
            missing = sorted(set(self.names) - set(_names(folder)))
            self.report.require(
                False, f"{name}: stuck after {self.options.limit} s, {len(missing)} records "
                       f"missing ({', '.join(missing[:5])}); {where}; {run.errors[-400:]}")
            return
        code, found = run.process.returncode, sorted(_names(folder))
        if self.report.require(
                code == 0 and found == self.names,
                f"{name}: code {code}, {len(found)} records: {run.errors[-400:]}"):
            self.ended[threads].append(run.seconds)
            shutil.rmtree(folder)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--runs", type=int, default=40, metavar="N")
    parser.add_argument("--domains", type=int, default=12_000, metavar="N", help="of the field")
    parser.add_argument("--threads", type=int, nargs="+", default=[2, 4], metavar="N",
                        help="event loops of the runs, in turn")
    parser.add_argument("--jobs", type=int, default=3, metavar="N", help="runs at once")
    parser.add_argument("--limit", type=float, default=120, metavar="S",
                        help="seconds after which a run is stuck")


def run(options: argparse.Namespace) -> int:
    """Runs the list so often, with each number of threads in turn."""
    workspace = Workspace("hang")
    kinds = " and ".join(map(str, options.threads))
    report = Report(f"{options.runs} scans with {kinds} threads", workspace.folder)
    workspace.lab("up", "--population", "field", "--domains", options.domains)
    names = customers(workspace.folder / "lab/expected.ndjson")
    path = workspace.folder / "list.txt"
    path.write_text("".join(f"{name}\n" for name in names))
    report.row("domains of the list", len(names))
    runner = Runner(report, workspace, path, options, shlex.split(workspace.lab("flags")))
    runner.run()
    for threads, times in runner.ended.items():
        report.row(f"{threads} threads: runs that ended, seconds", f"{len(times)}, {spread(times)}")
    report.row("runs that ended", sum(map(len, runner.ended.values())))
    workspace.lab("down")
    return report.end()
