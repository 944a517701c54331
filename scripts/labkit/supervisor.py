"""Runs the lab's servers as children of one process, so that none outlives it."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE_SECONDS = 8


def _prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def descendants(root: int) -> list[int]:
    """All processes below one, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            state, parent = stat.rpartition(")")[2].split()[:2]
            if state != "Z":
                children.setdefault(int(parent), []).append(int(entry.name))
    found, queue = [], [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def signal_all(processes: list[int], number: int) -> None:
    """Sends a signal to those of the processes that are there and may be signalled."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def _reap() -> None:
    """Collects the ended; orphans among them, for this process is their reaper."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _stop_all() -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + GRACE_SECONDS
        signal_all(descendants(os.getpid()), number)
        while time.monotonic() < deadline:
            _reap()
            if not descendants(os.getpid()):
                return
            time.sleep(0.05)


def _wait_for_end(processes: list[int]) -> None:
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline:
        _reap()
        if not any(Path(f"/proc/{process}").exists() for process in processes):
            return
        time.sleep(0.02)


class Services:
    """The services of `services.json`, of which those named in `stopped` do not run.

    `running.json` tells the processes of the others.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.log.mkdir(exist_ok=True)
        self.commands = {
            service["name"]: service["argv"]
            for service in json.loads((folder / "services.json").read_text())}
        self.running: dict[str, int] = {}

    def follow(self) -> None:
        """Starts and stops what it takes to be as the files tell."""
        stopped = set(stopped_names(self.folder))
        for name, argv in self.commands.items():
            if name in stopped and name in self.running:
                self._stop(self.running.pop(name))
            elif name not in stopped and name not in self.running:
                self.running[name] = self._start(name, argv)
        new = self.folder / "running.json.new"
        new.write_text(json.dumps(self.running) + "\n")
        new.rename(self.folder / "running.json")

    def _start(self, name: str, argv: list[str]) -> int:
        def prepare() -> None:
            _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())

        with (self.log / f"{name}.log").open("ab") as output:
            return subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, preexec_fn=prepare).pid

    @staticmethod
    def _stop(root: int) -> None:
        # Those below are known by their parent only as long as it lives.
        family = [root, *descendants(root)]
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal_all(family, number)
            _wait_for_end(family)


def stopped_names(folder: Path) -> list[str]:
    """The services that are not to run."""
    try:
        return (folder / "stopped").read_text().split()
    except OSError:
        return []


def main(folder: Path) -> None:
    """Runs the services until SIGTERM; SIGUSR1 has it look at the files again."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    stop = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    signals = {*stop, signal.SIGUSR1}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    services = Services(folder)
    (folder / "supervisor.pid").write_text(str(os.getpid()))
    services.follow()
    while True:
        taken = signal.sigtimedwait(signals, 1)
        _reap()
        if taken is not None and taken.si_signo in stop:
            break
        if taken is not None:
            services.follow()
    _stop_all()
    (folder / "supervisor.pid").unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
