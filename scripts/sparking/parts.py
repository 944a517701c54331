"""Durable files of a stage: one for each partition, there when it is whole.

A file is written under another name, flushed to the disk and then linked to its own. Where two
attempts of a task finish, the first one's file stays, so that what later stages have read of it
remains true. The folder must be one that all workers see at the same path.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

# A line with its place: the partition, and what lines are sorted by there.
Placed = tuple[tuple[int, str], bytes]


def path_of(folder: Path, part: int) -> Path:
    """The file of one partition."""
    return folder / f"part-{part:05}.ndjson.gz"


def is_whole(folder: Path, parts: int) -> bool:
    """Whether a stage has ended: all its files are there."""
    return all(path_of(folder, part).exists() for part in range(parts))


def remove_rests(folder: Path) -> None:
    """Removes what killed attempts have left."""
    for path in folder.glob(".part-*"):
        path.unlink(missing_ok=True)


@contextmanager
def new_file(path: Path) -> Iterator[gzip.GzipFile]:
    """A compressed file that gets its name at the end, unless another attempt was first."""
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with temporary.open("xb") as file:
            with gzip.GzipFile("", "wb", 3, file, mtime=0) as packed:
                yield packed
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(temporary, path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        temporary.unlink(missing_ok=True)


def read(path: Path) -> Iterator[bytes]:
    """The lines of a file of a stage."""
    with gzip.open(path, "rb") as file:
        yield from file


def number_of(text: str) -> int:
    """A number that is the same in each process and looks random."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def at_random(text: str, line: bytes, parts: int) -> Placed:
    """A line in a random partition, in random order there, both known by the text alone."""
    number = number_of(text)
    return (number % parts, f"{number:016x}{text}"), line


def scatter(lines: Any, folder: Path, parts: int) -> None:
    """Writes an RDD of placed lines to the files of their partitions that are not there."""
    if is_whole(folder, parts):
        return
    folder.mkdir(parents=True, exist_ok=True)

    def write(part: int, placed: Iterable[Placed]) -> Iterator[int]:
        path = path_of(folder, part)
        if not path.exists():
            with new_file(path) as file:
                for _, line in placed:
                    file.write(line.rstrip(b"\n") + b"\n")
        yield part

    sorted_lines = lines.repartitionAndSortWithinPartitions(parts, lambda key: key[0])
    sorted_lines.mapPartitionsWithIndex(write).count()
    remove_rests(folder)


def gather(context: Any, folder: Path, parts: int) -> Any:
    """An RDD of all lines of a stage, each with its partition."""
    return context.parallelize(range(parts), parts).flatMap(
        lambda part: ((part, line) for line in read(path_of(folder, part))))
