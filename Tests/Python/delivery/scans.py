"""Scans of the lab by the built program."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

from independence.__main__ import PROGRAM, ROOT, lab


def scan(path: Path, folder: Path, is_zoo: bool, patience: dict[str, str]) -> list[dict[str, Any]]:
    """The records of a list's domains."""
    flags = shlex.split(lab("flags", *(["--zoo"] if is_zoo else [])))
    for option, seconds in patience.items():
        if option in flags:
            flags[flags.index(option) + 1] = seconds
    subprocess.run(
        [PROGRAM, "scan", path, "--output", folder, "--quiet", *flags, "--senders", "200"],
        check=True, cwd=ROOT, env=os.environ | {"OPENSSL_CONF": "/dev/null"})
    files = sorted(folder.glob("domains-*.ndjson.zst"))
    text = subprocess.run(["zstdcat", *files], capture_output=True, check=True).stdout
    records = [json.loads(line) for line in text.splitlines()]
    return [record for record in records if record["status"] == "scanned"]
