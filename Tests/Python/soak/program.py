"""The program under test: started, killed, resumed."""

from __future__ import annotations

import io
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .records import committed_count
from .workspace import PROGRAM, ROOT

END_SECONDS = 900


class Run:
    """A `stsurvey scan` that was started; `errors` is its standard error, once it has ended."""

    def __init__(
        self, arguments: Sequence[object], *, stdin: Path | int | None = None,
        before: Sequence[object] = (), environment: dict[str, str] | None = None,
        inherited: Sequence[int] = (), program: Path = PROGRAM,
    ) -> None:
        source = stdin.open("rb") if isinstance(stdin, Path) else stdin
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [*map(str, before), program, "scan", *map(str, arguments)], cwd=ROOT, text=True,
            stdin=subprocess.DEVNULL if source is None else source, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, env=environment, pass_fds=inherited)
        if isinstance(source, io.BufferedReader):
            source.close()
        self.errors = ""

    def end(self, seconds: float = END_SECONDS) -> int:
        """Waits for the end; the exit code, negative where a signal ended it."""
        _, errors = self.process.communicate(timeout=seconds)
        self.errors += errors
        return self.process.returncode

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself so soon."""
        try:
            self.end(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self, number: int = signal.SIGKILL) -> int:
        """Sends a signal and waits for the end; the exit code."""
        self.process.send_signal(number)
        return self.end()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self.began


def has_scan(folder: Path) -> bool:
    """Whether there is a scan in the folder that can be resumed."""
    return (folder / "checkpoint.json").exists()


def wait_for_records(
    folder: Path, count: int, run: Run | None = None, seconds: float = 120
) -> bool:
    """Waits until a checkpoint has so many records; False where the scan ends before."""
    deadline = time.monotonic() + seconds
    while committed_count(folder) < count:
        if run and run.process.poll() is not None:
            return False
        if time.monotonic() > deadline:
            raise SystemExit(f"soak: no {count} records in {folder} within {seconds} s")
        time.sleep(0.02)
    return True
