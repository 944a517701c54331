"""What can happen to a scan's folder: each damage changes a copy of it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MANIFEST, CHECKPOINT = "manifest.json", "checkpoint.json"
OTHER_RECORDS = b"\x28\xb5\x2f\xfd\x24\x01\x09\x00\x00\x0a\x6b\x9e\x44\x0c"


@dataclass(frozen=True)
class Damage:
    """A name, and what changes a folder."""

    name: str
    do: Callable[[Path], None]


def names(folder: Path) -> list[str]:
    """The scan's own files."""
    return sorted(path.name for path in folder.iterdir())


def change(name: str, what: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Rewrites a file."""

    def do(folder: Path) -> None:
        path = folder / name
        path.write_bytes(what(path.read_bytes()))
    return do


def replaced(name: str, make: Callable[[Path], None]) -> Callable[[Path], None]:
    """Puts something else in place of a file."""

    def do(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)
    return do


def copied(name: str, other: str) -> Callable[[Path], None]:
    """A copy of a file under another name."""

    def do(folder: Path) -> None:
        shutil.copy(folder / name, folder / other)
    return do


def removed(*names: str) -> Callable[[Path], None]:
    """Removes files."""

    def do(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()
    return do


def filled_at_random(seed: str) -> Callable[[bytes], bytes]:
    """As many random octets."""
    return lambda octets: random.Random(seed).randbytes(len(octets))


def altered(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    """The first of some octets replaced."""
    return lambda octets: octets.replace(old, new, 1)


def cut(length: int) -> Callable[[bytes], bytes]:
    """The first octets alone."""
    return lambda octets: octets[:length]


def flipped(offset: int, bit: int) -> Callable[[bytes], bytes]:
    """One bit of one octet inverted."""
    return lambda octets: octets[:offset] + bytes([octets[offset] ^ bit]) + octets[offset + 1:]


def frames(octets: bytes) -> list[int]:
    """Where data frames begin, by their magic number."""
    offsets, offset = [], octets.find(b"\x28\xb5\x2f\xfd")
    while offset >= 0:
        offsets.append(offset)
        offset = octets.find(b"\x28\xb5\x2f\xfd", offset + 4)
    return offsets


def without_last_frame(octets: bytes) -> bytes:
    """Ends with a whole frame."""
    return octets[:frames(octets)[-1]]


def swapped(first: str, second: str) -> Callable[[Path], None]:
    """Two files have each other's names."""

    def do(folder: Path) -> None:
        (folder / first).rename(folder / "swap")
        (folder / second).rename(folder / first)
        (folder / "swap").rename(folder / second)
    return do


def of_every_file(folder: Path) -> Iterator[Damage]:
    """What can happen to any file of a scan."""
    for name in names(folder):
        yield Damage(f"{name} missing", removed(name))
        yield Damage(f"{name} empty", change(name, lambda _: b""))
        yield Damage(f"{name} of zeros", change(name, lambda o: bytes(len(o))))
        yield Damage(f"{name} a folder", replaced(name, lambda p: p.mkdir()))
        yield Damage(f"{name} a FIFO", replaced(name, os.mkfifo))
        yield Damage(f"{name} a dangling link", replaced(name, lambda p: p.symlink_to("nowhere")))
        yield Damage(f"{name} a link to itself", replaced(name, lambda p: p.symlink_to(p.name)))
        yield Damage(f"{name} a device", replaced(name, lambda p: p.symlink_to("/dev/zero")))
        yield Damage(f"{name} random", change(name, filled_at_random(name)))
        yield Damage(f"{name} torn", change(name, lambda o: o[:-3]))
        yield Damage(f"{name} halved", change(name, lambda o: o[:len(o) // 2]))


def of_records(folder: Path) -> Iterator[Damage]:
    """What can happen to files with records."""
    records = [name for name in names(folder) if name.endswith(".zst")]
    for name in records:
        number = int(name.split("-")[1].split(".")[0])
        stem = name.split("-")[0]
        last = max(int(n.split("-")[1].split(".")[0]) for n in records if n.startswith(stem))
        yield Damage(f"{name} without its last frame", change(name, without_last_frame))
        # A file of an unfinished scan may have grown.
        if not (folder / CHECKPOINT).exists():
            yield Damage(f"{name} twice in itself", change(name, lambda o: o + o))
        yield Damage(f"{name} unused bit", change(
            name, lambda o: o[:4] + bytes([o[4] ^ 16]) + o[5:]))
        yield Damage(f"{name} copied by a file manager", copied(
            name, name.replace(".ndjson", " (copy).ndjson")))
        yield Damage(f"{name} copied far beyond", copied(
            name, f"{stem}-{last + 7 + number:05}.ndjson.zst"))
        yield Damage(f"{name} another scan's", change(name, lambda _: OTHER_RECORDS))
    for stem in ("domains", "hosts"):
        own = [name for name in records if name.startswith(stem)]
        yield Damage(f"all {stem} missing", removed(*own))
        if len(own) > 1:
            yield Damage(f"{stem} swapped", swapped(own[0], own[1]))
    yield Damage("domains and hosts swapped", swapped(
        "domains-00000.ndjson.zst", "hosts-00000.ndjson.zst"))


def of_texts(folder: Path) -> Iterator[Damage]:
    """What can happen to the manifest and the checkpoint."""
    for name in (MANIFEST, CHECKPOINT):
        if not (folder / name).exists():
            continue
        text = (folder / name).read_bytes()
        for old, new in (
            (b'"schema_version": 2', b'"schema_version": 3'), (b'"version": "', b'"version": "9'),
            (b'"trusts_ad": false', b'"trusts_ad": true'),
            (b'"trusts_ad": true', b'"trusts_ad": false'), (b'"mx_limit": 64', b'"mx_limit": 65'),
            (b'"state": "complete"', b'"state": "running"'),
            (b'"state": "stopped"', b'"state": "complete"'),
            (b'"state": "running"', b'"state": "complete"'),
            (b'"domains": ', b'"domains": 9'), (b'"lowWater":', b'"lowWater":1'),
            (b'"mxHostLimit":64', b'"mxHostLimit":"many"'), (b'"format":2', b'"format":3'),
            (b'"schemaVersion":2', b'"schemaVersion":3'), (b'"records":', b'"records": '),
        ):
            if old in text:
                yield Damage(f"{name} {old.decode()} altered", change(name, altered(old, new)))
        yield Damage(f"{name} no JSON", change(name, lambda o: b"{" + o))
        yield Damage(f"{name} another's", change(name, lambda _: b'{"name": "a", "version": 1}\n'))
        yield Damage(f"{name} with a space more", change(name, lambda o: o + b" "))
        yield Damage(f"{name} without its checksum", change(name, lambda o: b"\n".join(
            o.splitlines()[:-2]).rstrip(b",") + b"\n}\n"))


def at_random(folder: Path, count: int, seed: int) -> Iterator[Damage]:
    """Flipped bits and cuts at random offsets of every file."""
    rng = random.Random(seed)
    files = names(folder)
    for number in range(count):
        name = files[number % len(files)]
        offset = rng.randrange((folder / name).stat().st_size)
        bit = 1 << rng.randrange(8)
        if rng.random() < 0.7:
            yield Damage(f"{name} bit {bit} of byte {offset} flipped", change(
                name, flipped(offset, bit)))
        else:
            yield Damage(f"{name} cut to {offset} bytes", change(name, cut(offset)))


def all_of(folder: Path, count: int, seed: int) -> list[Damage]:
    """All damages of a folder, `count` of them at random offsets."""
    return [*of_every_file(folder), *of_records(folder), *of_texts(folder),
            *at_random(folder, count, seed)]
