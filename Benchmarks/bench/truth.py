"""Compares the records of a run with the truth of the load lab."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .load_lab import FOLDER
from .universe import QUALITIES

# What depends on the probes of MX hosts.
PROBED = {"verdict"}


def records(folder: Path, kind: str) -> Iterator[dict[str, Any]]:
    """All records of one kind, as they stand in the files."""
    files = sorted(folder.glob(f"{kind}-*.ndjson.zst"))
    reader = subprocess.Popen(["zstd", "-dcq", *map(str, files)], stdout=subprocess.PIPE)
    assert reader.stdout
    for line in reader.stdout:
        yield json.loads(line)
    if reader.wait() != 0:
        raise RuntimeError(f"cannot read {folder}/{kind}-*")


def differences(folder: Path, work: Path, probes: bool) -> list[str]:
    """Every record that is missing, given twice, or says other than the truth."""
    with (work / "truth.ndjson").open() as file:
        expected = [json.loads(line) for line in file]
    found, seen = [], [False] * len(expected)
    for record in records(folder, "domains"):
        index = record["index"]
        if seen[index]:
            found.append(f"{record['domain']}: a second record")
        seen[index] = True
        for key, value in expected[index].items():
            if record[key] != value and (probes or key not in PROBED):
                found.append(f"{record['domain']}: {key} {record[key]!r}, not {value!r}")
    found += [f"{expected[i]['domain']}: no record" for i, there in enumerate(seen) if not there]
    return found + (_host_differences(folder, work) if probes else [])


def without_answers(folder: Path, names: Path) -> list[str]:
    """Names for which nothing exists: all that have no such record, or not just one."""
    with names.open() as file:
        left = {line.strip() for line in file}
    found = []
    for record in records(folder, "domains"):
        if record["domain"] not in left:
            found.append(f"{record['domain']}: a second record, or not asked for")
        left.discard(record["domain"])
        if record["mx_status"] != "nxdomain":
            found.append(f"{record['domain']}: mx_status {record['mx_status']!r}")
    return found + [f"{name}: no record" for name in sorted(left)]


def _host_differences(folder: Path, work: Path) -> list[str]:
    with (FOLDER / "hosts.ndjson").open() as file:
        quality = {h["host"]: h["quality"] for h in map(json.loads, file)}
    with (work / "probes.txt").open() as file:
        missing = {line.split(" ")[0] for line in file}
    found = []
    for record in records(folder, "hosts"):
        host = record["host"]
        if host not in missing:
            found.append(f"{host}: a second record, or not asked for")
        missing.discard(host)
        is_told = (record["status"], record["certificate_status"])
        if is_told != QUALITIES[quality[host]]:
            found.append(f"{host}: {is_told}, not {QUALITIES[quality[host]]}")
    return found + [f"{host}: no record" for host in sorted(missing)]
