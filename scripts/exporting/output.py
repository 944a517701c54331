"""The folder that is written: as a whole or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from .problem import MISSING, ExportError

# In each folder that an export has written; what has none is never replaced.
MARK = "codebook.csv"


class Stopped(BaseException):
    """A signal came."""


def _stop(number: int, _: FrameType | None) -> None:
    raise Stopped(number)


def check(path: Path, is_forced: bool) -> None:
    """Refuses a folder that is there, unless it is an earlier export that may be replaced."""
    if not path.parent.is_dir():
        raise ExportError(f"{path.parent} is not there; make it, or name another folder", MISSING)
    if not path.exists() and not path.is_symlink():
        return
    if not is_forced:
        raise ExportError(f"{path} is there already; name another folder, or replace it: --force")
    if not (path / MARK).is_file():
        raise ExportError(f"{path} is no earlier export (it has no {MARK}), so --force "
                          "does not replace it; name another folder")


@contextmanager
def folder(path: Path) -> Iterator[tuple[Path, Path]]:
    """A folder that becomes `path` at the end, and one for what is needed meanwhile.

    Both are beside `path`, on the same disk, and are gone where an error or a signal comes.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    work = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        made, room = work / "made", work / "room"
        made.mkdir()
        room.mkdir()
        yield made, room
        _sync(made)
        if path.exists():
            path.rename(work / "old")
        made.rename(path)
        _sync(path.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
