"""Judges a scan's folder again and compares the records octet by octet."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from helpers.program import Record, note_file, read_manifest, run, write_manifest


def text(folder: Path, kind: str) -> bytes:
    """The records of a kind, decompressed."""
    files = sorted(folder.glob(f"{kind}-*.ndjson.zst"))
    return subprocess.run(["zstdcat", *files], capture_output=True, check=True).stdout


def rejudge(folder: Path, new: Path, *options: object) -> str:
    """Judges a folder again into a new one, which must be whole; what the command prints."""
    done = run("rejudge", folder, "--output", new, *options)
    assert done.returncode == 0, done.stderr
    assert run("verify", new).returncode == 0
    return done.stdout


def check_identical(folder: Path, new: Path, *options: object) -> Record:
    """Judges a folder again; no octet of a record may differ. The new manifest."""
    printed = rejudge(folder, new, *options)
    for kind in ["domains", "hosts"]:
        before, after = (text(each, kind).splitlines() for each in (folder, new))
        assert len(before) == len(after)
        differing = [(a[:300], b[:300]) for a, b in zip(before, after, strict=True) if a != b]
        assert not differing, differing[:3]
    assert "no verdict differs" in printed
    return read_manifest(new)


def write_anew(folder: Path, kind: str, change: Callable[[Record], Record]) -> None:
    """Changes the records of a kind; the manifest says so of the file and of nothing else."""
    path = folder / f"{kind}-00000.ndjson.zst"
    records = [change(json.loads(line)) for line in text(folder, kind).splitlines()]
    lines = "".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
                    for record in records)
    path.write_bytes(subprocess.run(
        ["zstd", "-qc", "--check"], input=lines.encode(), capture_output=True, check=True).stdout)
    manifest = read_manifest(folder)
    note_file(manifest, path)
    write_manifest(folder, manifest)
