"""What tasks do: the functions that Spark's workers run, without packages other than Spark's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sparking import parts
from sparking.program import Filter


def is_entry(line: bytes) -> bool:
    """Whether a line names something."""
    return bool(line.strip()) and not line.lstrip().startswith(b"#")


def entry_of(pair: tuple[bytes, int]) -> tuple[str, tuple[int, str]]:
    """A name, and the object that `scan` reads: with its own index where it brings one.

    A line that is neither a name nor such an object is kept as it is, and gets the record of an
    invalid name.
    """
    text, index = pair[0].decode(errors="replace").strip(), pair[1]
    entry: dict[str, Any] = {"domain": text}
    if text.startswith("{"):
        with suppress(ValueError):
            found = json.loads(text)
            if isinstance(found.get("domain"), str) and type(found.get("index", 0)) is int:
                entry = found
    entry = {"index": index, **entry}
    name = entry["domain"].strip().rstrip(".").lower()
    return name, (entry["index"], json.dumps(entry, ensure_ascii=False))


def hosts_wanted(pair: tuple[int, bytes]) -> Iterator[tuple[str, int]]:
    """The MX hosts of a domain record, each with the record's partition."""
    for host in json.loads(pair[1])["mx"]:
        yield host["host"], pair[0]


def policies_wanted(pair: tuple[int, bytes]) -> Iterator[tuple[str, int]]:
    """The policy host of a domain record, with the record's partition."""
    policy = json.loads(pair[1])["policy"]
    if policy:
        yield policy["host"], pair[0]


def judge_part(judge: Filter, work: Path, target: Path, part: int) -> None:
    """Judges one partition of names by the records of their hosts and policies."""
    with TemporaryDirectory() as folder:
        options: list[str] = []
        for kind in ("hosts", "policies"):
            path = Path(folder) / f"{kind}.ndjson"
            write_all(path, parts.read(parts.path_of(work / f"judging-{kind}", part)))
            options += [f"--{kind}", str(path)]
        Filter("judge", [*judge.options, *options]).run(
            parts.path_of(work / "names", part), parts.path_of(target, part))


def write_all(path: Path, lines: Iterable[bytes]) -> None:
    """Writes lines to a file as they are."""
    with path.open("xb") as file:
        file.writelines(lines)
