"""Runs the lab's servers as children of one process, so that none outlives it."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from . import python

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


def process(folder: Path) -> int | None:
    """The process that runs the servers of a folder; None where none does."""
    try:
        pid = int((folder / "supervisor.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (OSError, ValueError):
        return None
    return pid if str(folder) in command else None


def launch(folder: Path) -> None:
    """Starts the servers of a folder and does not wait for them."""
    with (folder / "supervisor.log").open("ab") as log:
        subprocess.Popen(
            python.command("lab.supervisor", folder),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=folder)


def stop(folder: Path) -> list[int]:
    """Has the servers of a folder stopped and waits for that; the processes that there were."""
    pid = process(folder)
    if pid is None:
        return []
    family = [pid, *descendants(pid)]
    signal_all([pid], signal.SIGTERM)
    wait_for_end(family, 3 * GRACE_SECONDS)
    return family


def wait_for_end(processes: list[int], seconds: float) -> list[int]:
    """Waits until the processes have ended; those that have not."""
    deadline = time.monotonic() + seconds
    while (left := list(filter(is_alive, processes))) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def is_alive(pid: int) -> bool:
    """Whether a process runs: one that ended may still wait for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def connects(address: str, port: int) -> bool:
    """Whether a service takes connections."""
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


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


def _await_children(processes: list[int]) -> None:
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline:
        _reap()
        if not any(Path(f"/proc/{process}").exists() for process in processes):
            return
        time.sleep(0.02)


class Services:
    """The services of `services.json`, of which those named in `stopped` do not run.

    `running.json` has the processes of the others.
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
        """Starts and stops services until it is as the files say."""
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
                start_new_session=True,
                # This process has no threads.
                preexec_fn=prepare).pid  # noqa: PLW1509

    @staticmethod
    def _stop(root: int) -> None:
        # Those below are known by their parent only as long as it lives.
        family = [root, *descendants(root)]
        for number in (signal.SIGTERM, signal.SIGKILL):
            signal_all(family, number)
            _await_children(family)


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
