"""Reading a list of domains: the simple cases of what stsurvey reads."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import idna

LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)$")
NUMBER = re.compile(r"\d+$")


@dataclass(frozen=True)
class Entry:
    """One line of the list that carries an entry."""

    line: int
    input: str
    domain: str | None


def canonical(text: str) -> str | None:
    """The name in lower case and A-labels without trailing dot; None where it is none."""
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True, transitional=False).decode()
        except idna.IDNAError:
            return None
    name = text.lower()
    if len(name) > 1 and name.endswith("."):
        name = name[:-1]
    labels = name.split(".")
    if len(name) > 253 or labels[-1].isdigit():
        return None
    return name if all(LABEL.match(label) for label in labels) else None


def field(line: str) -> str:
    """The column of a line that holds the name: the second behind a rank, else the first."""
    text = re.split(r"\s#", line, maxsplit=1)[0].strip()
    columns = [column.strip().strip('"').strip() for column in re.split(r"[,\t]", text)]
    return columns[1] if len(columns) > 1 and NUMBER.match(columns[0]) else columns[0]


def content(path: Path) -> bytes:
    """The bytes of a list, decompressed where it is compressed."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:6] == b"\xfd7zXZ\x00":
        return lzma.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dc"], input=data, check=True, capture_output=True).stdout
    return data


def read(path: Path) -> list[Entry]:
    """The entries of a list in order; blank lines and comments carry none."""
    entries = []
    text = content(path).decode("utf-8", "replace").removeprefix("\ufeff")
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            entries.append(Entry(number, line, canonical(field(line))))
    return entries


def digest(path: Path) -> str:
    """SHA-256 of the list's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
