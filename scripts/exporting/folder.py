"""The folders of scans as stsurvey takes them: whole, unfinished, shards as one, or refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
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
    """A folder, or those of the shards of a scan: manifest, statistics, files by kind of record.

    The manifest of shards is the first one's, from the earliest start to the last end.
    """

    folders: Sequence[Path]
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


def scans_of(folders: Iterable[Path]) -> list[list[Path]]:
    """The folders of each scan, in their order: the shards of a scan belong together."""
    scans: list[list[Path]] = []
    # What the shards of a scan have in common, which of them are there, and their folders.
    sets: list[tuple[object, set[str], list[Path]]] = []
    for folder in folders:
        shard, common = _shard_of(folder)
        if not shard:
            scans.append([folder])
            continue
        for known, there, together in sets:
            if known == common and shard not in there:
                there.add(shard)
                together.append(folder)
                break
        else:
            scans.append([folder])
            sets.append((common, {shard}, scans[-1]))
    return scans


def _shard_of(folder: Path) -> tuple[str, object]:
    """Which shard a folder is, with the lists and the number of shards; empty for none."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
        shard = manifest["options"].get("shard") or ""
        return shard, (shard.partition("/")[2], manifest["lists"])
    except (OSError, ValueError, KeyError, AttributeError):
        # `stats` says what is wrong.
        return "", None


def read(folders: Sequence[Path]) -> Scan:
    """Reads a scan's folder, or its shards'; `stats` refuses what is damaged or does not match."""
    statistics = json.loads(program("stats", *folders, "--json"))
    manifests = [json.loads((folder / "manifest.json").read_text()) for folder in folders]
    files: dict[str, list[RecordFile]] = {kind: [] for kind in KINDS}
    for folder, manifest in zip(folders, manifests, strict=True):
        for kind, stored in _stored_files(folder, manifest).items():
            files[kind] += [RecordFile(folder / file["name"], file["bytes"], file["records"])
                            for file in stored]
    whole = manifests[0]
    if len(manifests) > 1:
        whole = {**whole, "started_at": min(one["started_at"] for one in manifests),
                 "ended_at": max(one["ended_at"] for one in manifests)}
    return Scan(folders, whole, statistics, files)


def _stored_files(folder: Path, manifest: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The files of a folder by kind, as far as they are committed."""
    if manifest["state"] == "complete":
        return {kind: manifest[f"{kind}_files"] for kind in KINDS}
    path = folder / "checkpoint.json"
    checkpoint = json.loads(path.read_text()) if path.exists() else {}
    return {kind: checkpoint.get(f"{kind}Files", []) for kind in KINDS}


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
