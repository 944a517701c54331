"""Runs the built program and the lab's command, and reads and writes a scan's folder.

STSURVEY_PROGRAM names another program than the built one, such as an installed package's.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from helpers import worker

ROOT = worker.ROOT
PROGRAM = Path(os.environ.get("STSURVEY_PROGRAM", ROOT / ".build/release/stsurvey"))
QUICKSTART = ROOT / "datasets/quickstart/domains.txt"
Record = dict[str, Any]


def run(
    *arguments: object, timeout: float = 300, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Runs stsurvey and returns the finished process, its output as text."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)], check=False,
        capture_output=True, text=True, timeout=timeout, cwd=ROOT, **options)


def options_of(command: str, flags: list[str]) -> list[str]:
    """Those of the lab's options that a command takes."""
    known = run(command, "--help").stdout
    chosen: list[str] = []
    words = iter(flags)
    for word in words:
        value = [] if word.startswith("--allow") else [next(words)]
        if f"  {word} " in known or f"  {word}\n" in known:
            chosen += [word, *value]
    return chosen


def lab(*arguments: object, timeout: float = 600) -> str:
    """Runs scripts/lab and returns what it prints."""
    done = subprocess.run(
        [ROOT / "scripts/lab", *map(str, arguments)], check=False,
        capture_output=True, text=True, timeout=timeout, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_records(folder: Path | str, kind: str) -> list[Record]:
    """All records of one kind, read by zstdcat as a user would."""
    files = sorted(Path(folder).glob(f"{kind}-*.ndjson.zst"))
    assert files, f"no {kind} files in {folder}"
    text = subprocess.run(["zstdcat", *files], capture_output=True, check=True).stdout
    return [json.loads(line) for line in text.splitlines() if line]


def seal(path: Path, text: str) -> None:
    """Writes a JSON object with its checksum as the last member, as the program does."""
    body = text.rstrip().removesuffix("}").rstrip() + ",\n"
    digest = hashlib.sha256(body.encode()).hexdigest()
    path.write_text(f'{body}  "sha256": "{digest}"\n}}\n')


def write_manifest(folder: Path, manifest: Record) -> None:
    """Writes a scan's manifest with what it holds now, as the program would."""
    members = {key: value for key, value in manifest.items() if key != "sha256"}
    seal(folder / "manifest.json", json.dumps(members, indent=2, ensure_ascii=False))


def note_file(manifest: Record, path: Path) -> None:
    """Writes into a manifest what a file of records is like now."""
    files = (manifest["domain_files"] + manifest["host_files"]
             + manifest.get("policy_files", []))
    octets = path.read_bytes()
    next(file for file in files if file["name"] == path.name).update(
        bytes=len(octets), sha256=hashlib.sha256(octets).hexdigest())


def read_manifest(folder: Path | str) -> Record:
    """The scan's manifest."""
    manifest: Record = json.loads((Path(folder) / "manifest.json").read_text())
    return manifest


class Scan:
    """A finished scan: its process and what it wrote."""

    def __init__(self, folder: Path, process: subprocess.CompletedProcess[str]) -> None:
        self.folder = folder
        self.process = process
        self.domains = read_records(folder, "domains")
        self.hosts = read_records(folder, "hosts")
        self.manifest = read_manifest(folder)
        # Of a second scan: the domain that was changed in each way, and the policies fetched.
        self.changed: dict[str, str] = {}
        self.fetched: list[str] = []
