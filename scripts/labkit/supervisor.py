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


def _start(service: dict, log: Path) -> None:
    def prepare() -> None:
        _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    with (log / f"{service['name']}.log").open("ab") as output:
        subprocess.Popen(
            service["argv"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, preexec_fn=prepare)


def main(folder: Path) -> None:
    """Starts the services of `services.json` and waits for SIGTERM."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    stop = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    services = json.loads((folder / "services.json").read_text())
    log = folder / "log"
    log.mkdir(exist_ok=True)
    (folder / "supervisor.pid").write_text(str(os.getpid()))
    for service in services:
        _start(service, log)
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)
    while signal.sigtimedwait(stop, 1) is None:
        _reap()
    _stop_all()
    (folder / "supervisor.pid").unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
