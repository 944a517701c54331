"""Writes a zone file such as CZDS has, and the names of its delegations.

    python -m bench.zones FOLDER --delegations 5000000 --seed 1 --zone example

Each delegation has two to five NS records; some have DS records, and glue below it. `sorted.gz` is
in the order of the names, `shuffled.gz` has the same lines in random order, `names.txt` the truth.
"""

from __future__ import annotations

import argparse
import gzip
import random
from collections.abc import Iterator
from pathlib import Path
from typing import IO

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
NAME_SERVERS = [f"ns{n}.host{h}.example.net." for h in range(400) for n in (1, 2, 3, 4, 5)]


def label(number: int, draw: random.Random) -> str:
    """A label of some letters that no other number gives."""
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text += LETTERS[digit]
    return "".join(draw.choices(LETTERS[:26], k=draw.randint(2, 9))) + "-" + (text or "0")


def records(name: str, draw: random.Random) -> Iterator[str]:
    """The records of a delegation."""
    shown = name.upper() if draw.random() < 0.02 else name
    first = draw.randrange(0, len(NAME_SERVERS), 5)
    for server in NAME_SERVERS[first:first + draw.randint(2, 5)]:
        yield f"{shown}.\t172800\tin\tns\t{server}\n"
    if draw.random() < 0.05:
        yield f"{name}.\t172800\tin\tns\tns1.{name}.\n"
        yield f"ns1.{name}.\t172800\tin\ta\t192.0.2.{draw.randint(1, 254)}\n"
        yield f"ns1.{name}.\t172800\tin\taaaa\t2001:db8::{draw.randint(1, 9999):x}\n"
    if draw.random() < 0.04:
        tag, digest = draw.randint(1, 65535), draw.getrandbits(256)
        yield f"{name}.\t86400\tin\tds\t{tag} 13 2 {digest:064x}\n"
        yield (f"{name}.\t86400\tin\trrsig\tds 13 2 86400 20261230000000 20261130000000 4711 "
               f"{name.rpartition('.')[2]}. {draw.getrandbits(380):095x}==\n")


def apex(zone: str) -> list[str]:
    """The records of the zone itself."""
    return [
        f"{zone}.\t900\tin\tsoa\ta.nic.{zone}. hostmaster.nic.{zone}. 1 900 900 604800 86400\n",
        f"{zone}.\t172800\tin\tns\ta.nic.{zone}.\n", f"{zone}.\t172800\tin\tns\tb.nic.{zone}.\n",
    ]


def write(folder: Path, delegations: int, seed: int, zone: str) -> None:
    """Writes both files and the truth."""
    draw = random.Random(seed)
    names = sorted(f"{label(number, draw)}.{zone}" for number in range(delegations))
    (folder / "names.txt").write_text("".join(f"{name}\n" for name in names))
    lines: list[str] = []
    with _gzip(folder / "sorted.gz") as file:
        file.writelines(apex(zone))
        for name in names:
            some = list(records(name, draw))
            file.writelines(some)
            lines += some
    draw.shuffle(lines)
    with _gzip(folder / "shuffled.gz") as file:
        file.writelines(apex(zone))
        file.writelines(lines)


def _gzip(path: Path) -> IO[str]:
    return gzip.open(path, "wt", compresslevel=1, encoding="ascii")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--delegations", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--zone", default="example")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    write(given.folder, given.delegations, given.seed, given.zone)


if __name__ == "__main__":
    main()
