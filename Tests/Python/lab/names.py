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
    rank: int | None = None


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


def columns(line: str) -> list[str]:
    """The columns of a line without comment, blanks and quotation marks."""
    text = re.split(r"\s#", line, maxsplit=1)[0].strip()
    return [column.strip().strip('"').strip() for column in re.split(r"[,\t]", text)]


def field(fields: list[str]) -> str:
    """The column that holds the name: the second after a rank, else the first."""
    return fields[1] if len(fields) > 1 and NUMBER.match(fields[0]) else fields[0]


def rank(fields: list[str]) -> int | None:
    """The rank before the name, where there is one."""
    return int(fields[0]) if len(fields) > 1 and NUMBER.match(fields[0]) else None


def is_header(fields: list[str]) -> bool:
    """Whether the first line of a list names the columns."""
    if NUMBER.match(fields[0]):
        return False
    is_title = len(fields) > 1 and "." not in fields[0]
    return is_title or fields[0].lower() in ("domain", "name", "hostname")


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
    entries: list[Entry] = []
    is_first = True
    text = content(path).decode("utf-8", "replace").removeprefix("\ufeff")
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        fields = columns(line)
        if not (is_first and is_header(fields)):
            entries.append(Entry(number, line, canonical(field(fields)), rank(fields)))
        is_first = False
    return entries


def digest(path: Path) -> str:
    """SHA-256 of the list's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
