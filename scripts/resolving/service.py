"""The resolver of a folder as a process: started, asked what it has done, ended."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .configuration import Setup

TOOLS = ("unbound", "unbound-checkconf", "unbound-control")
START_SECONDS, END_SECONDS = 60, 60
# Exit codes, as those of stsurvey.
FAILED, WRONG_USE = 1, 64


class ResolverError(Exception):
    """Why nothing was done; the text says what to do."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


def require_tools() -> None:
    """Raises where a program of unbound is missing."""
    if absent := [tool for tool in TOOLS if shutil.which(tool) is None]:
        raise ResolverError(f"no {', '.join(absent)} here: apt install unbound")


def limits_waiting() -> bool:
    """Whether this unbound limits how many answers one address waits for, and how long.

    From 1.20 on it does, and where a distribution has brought that into an older one.
    """
    asked = "server:\n  chroot: \"\"\n  directory: \"\"\n  wait-limit: 0\n  discard-timeout: 0\n"
    return subprocess.run(
        ["unbound-checkconf", "/dev/stdin"], input=asked, capture_output=True, text=True,
        check=False).returncode == 0


def _control(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unbound-control", "-c", folder / "unbound.conf", *words], capture_output=True, text=True,
        check=False)


def process(folder: Path) -> int | None:
    """The resolver's process; None where none runs."""
    try:
        pid = int((folder / "unbound.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (OSError, ValueError):
        return None
    return pid if str(folder / "unbound.conf") in command else None


def _log_tail(folder: Path) -> str:
    path = folder / "unbound.log"
    return "\n".join(path.read_text(errors="replace").splitlines()[-5:]) if path.exists() else ""


def start(chosen: Setup) -> None:
    """Starts the resolver whose configuration is written, and waits until it is up."""
    checked = subprocess.run(
        ["unbound-checkconf", chosen.path], capture_output=True, text=True, check=False)
    if checked.returncode:
        raise ResolverError(f"unbound-checkconf: {checked.stderr.strip()}")
    started = subprocess.run(
        ["unbound", "-c", chosen.path], capture_output=True, text=True, check=False)
    deadline = time.monotonic() + START_SECONDS
    while started.returncode == 0 and time.monotonic() < deadline:
        if _control(chosen.folder, "status").returncode == 0:
            return
        time.sleep(0.05)
    said = started.stderr.strip() or _log_tail(chosen.folder)
    raise ResolverError(f"unbound does not start at {chosen.name}: {said}")


def end(folder: Path) -> bool:
    """Stops the resolver of a folder and waits for its end; whether there was one."""
    pid = process(folder)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while process(folder) == pid:
        if time.monotonic() > deadline:
            raise ResolverError(f"process {pid} does not end within {END_SECONDS} s")
        time.sleep(0.05)
    return True


def statistics(folder: Path) -> dict[str, float]:
    """What unbound-control counts."""
    done = _control(folder, "stats_noreset")
    if done.returncode:
        raise ResolverError(f"unbound-control: {(done.stderr or done.stdout).strip()}")
    lines = (line.partition("=") for line in done.stdout.splitlines())
    return {name: float(value) for name, _, value in lines}
