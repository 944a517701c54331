"""A scan's folder as stsurvey itself takes it: whole, unfinished, or refused as damaged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .problem import DAMAGED, MISSING, ExportError

PROGRAM = Path(os.environ.get(
    "STSURVEY_PROGRAM", Path(__file__).resolve().parents[2] / ".build/release/stsurvey"))
KINDS = {"domain": "domains", "host": "hosts"}


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    if not PROGRAM.exists():
        raise ExportError(f"{PROGRAM} is not there; build it first: "
                          "swift build -c release --product stsurvey", MISSING)
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True,
                          check=False)


def program(*arguments: object) -> str:
    """What stsurvey prints; where it refuses, so does the export, with its words and exit code."""
    done = _run(*arguments)
    if done.returncode:
        raise ExportError(done.stderr.strip().removeprefix("stsurvey: "), abs(done.returncode))
    sys.stderr.write(done.stderr)
    return done.stdout


def problems(folder: Path) -> list[dict[str, Any]]:
    """What `verify` finds wrong in a folder: `file`, `line`, `message`."""
    found: list[dict[str, Any]] = json.loads(_run("verify", folder, "--json").stdout)["problems"]
    return found


@dataclass(frozen=True)
class RecordFile:
    """A file of records, as far as it is committed."""

    path: Path
    size: int
    records: int


@dataclass(frozen=True)
class Scan:
    """What is read of a folder: its manifest, its statistics, and its files by kind of record."""

    folder: Path
    manifest: dict[str, Any]
    statistics: dict[str, Any]
    files: dict[str, list[RecordFile]]

    @property
    def carried(self) -> list[str]:
        """The columns of the lists that records keep under `list`."""
        layouts = self.manifest.get("list_layouts") or []
        return list(dict.fromkeys(
            name for layout in layouts for name in layout.get("carried", [])))

    def records(self, kind: str) -> int:
        """How many records of a kind are committed."""
        return sum(file.records for file in self.files[kind])


def read(folder: Path) -> Scan:
    """Reads a folder; `stats` says whether it is whole, and refuses what is damaged."""
    statistics = json.loads(program("stats", folder, "--json"))
    manifest = json.loads((folder / "manifest.json").read_text())
    if manifest["state"] == "complete":
        stored = {kind: manifest[f"{kind}_files"] for kind in KINDS}
    else:
        path = folder / "checkpoint.json"
        checkpoint = json.loads(path.read_text()) if path.exists() else {}
        stored = {kind: checkpoint.get(f"{kind}Files", []) for kind in KINDS}
    files = {kind: [RecordFile(folder / file["name"], file["bytes"], file["records"])
                    for file in listed] for kind, listed in stored.items()}
    return Scan(folder, manifest, statistics, files)


def committed(file: RecordFile, room: Path) -> Path | None:
    """A file that ends where its records are committed: itself, or a copy of that part in `room`.

    None where nothing of it is committed.
    """
    if file.size == 0:
        return None
    found = file.path.stat().st_size
    if found < file.size:
        raise ExportError(f"{file.path} has {found} bytes and should have {file.size}; "
                          f"'stsurvey verify {file.path.parent}' tells more", DAMAGED)
    if found == file.size:
        return file.path
    copy = room / f"{file.path.parent.name}-{file.path.name}"
    with file.path.open("rb") as source, copy.open("wb") as target:
        left = file.size
        while left > 0 and (part := source.read(min(left, 1 << 20))):
            target.write(part)
            left -= len(part)
    shutil.copystat(file.path, copy)
    return copy
