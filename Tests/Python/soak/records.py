"""Reads what a scan wrote and compares it with an undisturbed scan of the same list."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

Record = dict[str, Any]
# What differs between two scans of the same world, wherever it is in a record: times, the days from
# then to a certificate's end, the remaining TTL of a cached answer, the number of tries until there
# was an answer, and the number of an observation, which depends on the order of the hosts.
VOLATILE = {
    "scanned_at", "observed_at", "fetched_at", "duration_ms", "days_left", "ttl", "rounds",
    "observation"}
# RRsets have no order (RFC 2181 §5): resolvers rotate them. Hosts of one preference are taken in
# random order (RFC 5321 §5.1), and so is what is found about them.
UNORDERED = {"records", "addresses", "mx", "findings"}
# libcurl's messages say how long something took.
ELAPSED = re.compile(r" after \d+ ms\b")
SHOWN = 5


def read(folder: Path, kind: str) -> list[Record]:
    """All records of one kind, read by zstdcat as a user would."""
    files = sorted(folder.glob(f"{kind}-*.ndjson.zst"))
    if not files:
        return []
    text = subprocess.run(["zstdcat", *files], capture_output=True, check=True).stdout
    return [json.loads(line) for line in text.splitlines() if line]


def committed(folder: Path) -> Record:
    """The checkpoint of an unfinished scan; empty where there is none."""
    try:
        checkpoint: Record = json.loads((folder / "checkpoint.json").read_text())
    except (OSError, ValueError):
        return {}
    return checkpoint


def committed_count(folder: Path) -> int:
    """How many domain records a checkpoint holds."""
    return sum(file["records"] for file in committed(folder).get("domainFiles", []))


def committed_hosts(folder: Path) -> set[str]:
    """The names of the MX hosts whose records a checkpoint holds."""
    names: set[str] = set()
    for file in committed(folder).get("hostFiles", []):
        whole = (folder / file["name"]).read_bytes()[: file["bytes"]]
        text = subprocess.run(["zstd", "-dc"], input=whole, capture_output=True, check=True).stdout
        names.update(json.loads(line)["host"] for line in text.splitlines() if line)
    return names


def without_timeouts(folder: Path) -> list[str]:
    """The lines of the list that nothing kept waiting until a time-out."""
    return [
        record["input"] for record in read(folder, "domains")
        if "timeout" not in json.dumps(record)]


def _paired(host: Record) -> Record:
    """A host's record in which each relation stands with the TLSA record that it is about.

    One that was paired before stays as it is.
    """
    records = (host.get("tlsa") or {}).get("records")
    if not records or "sessions" not in host:
        return host
    words = [json.dumps(record) for record in records]

    def paired(session: Record) -> Record:
        relations = session.get("dane_relations")
        if not relations or "{" in relations[0]:
            return session
        pairs = [" ".join(pair) for pair in zip(relations, words, strict=True)]
        return session | {"dane_relations": sorted(pairs)}

    return host | {"sessions": [paired(session) for session in host["sessions"]]}


def stable(value: Any, without: frozenset[str] = frozenset()) -> Any:
    """The value without what is volatile, at any depth."""
    if isinstance(value, dict):
        value = _paired(value)
        kept = {
            key: stable(item, without) for key, item in value.items()
            if key not in VOLATILE and key not in without}
        for key in UNORDERED & kept.keys():
            if isinstance(kept[key], list):
                kept[key].sort(key=json.dumps)
        return kept
    if isinstance(value, list):
        return [stable(item, without) for item in value]
    return ELAPSED.sub("", value) if isinstance(value, str) else value


# Where several hosts at one address fail alike, some are probed and the others share the failure:
# which ones depends on the order. These fields depend on whether the session was tried.
TRIED_ONLY = {
    "observed", "error", "server_name", "greeting", "greeting_code", "ehlo_reply", "ehlo_code",
    "extensions", "starttls", "starttls_reply", "starttls_code", "reply_deviations",
}


def _alike_but_for_trying(left: Record, right: Record) -> bool:
    """Whether two records of a session, or of its host, differ only in who found the failure."""
    return (left.get("status") == right.get("status") != "ok"
            and "shared" in (left.get("observed"), right.get("observed")))


def paths(left: Any, right: Any, path: str = "") -> list[str]:
    """Where two values differ, with both values."""
    if isinstance(left, dict) and isinstance(right, dict) and _alike_but_for_trying(left, right):
        left = {key: item for key, item in left.items() if key not in TRIED_ONLY}
        right = {key: item for key, item in right.items() if key not in TRIED_ONLY}
    if isinstance(left, dict) and isinstance(right, dict):
        return [
            found for key in left.keys() | right.keys()
            for found in paths(left.get(key), right.get(key), f"{path}.{key}" if path else key)]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [
            found for index, pair in enumerate(zip(left, right, strict=True))
            for found in paths(*pair, f"{path}[{index}]")]
    return [] if left == right else [f"{path}: {left!r} → {right!r}"]


class Whole:
    """An undisturbed scan, which others must equal."""

    def __init__(self, folder: Path) -> None:
        self.domains = {record["index"]: stable(record) for record in read(folder, "domains")}
        self.hosts = {record["host"]: stable(record) for record in read(folder, "hosts")}

    def differences(self, folder: Path, without: frozenset[str] = frozenset()) -> list[str]:
        """What is missing, twice or different in a finished scan of the same list."""
        domains, hosts = read(folder, "domains"), read(folder, "hosts")
        found = _compared(self.domains, domains, "index", "domain", without)
        found += _compared(self.hosts, hosts, "host", "host", without)
        return found + _recounted(folder, domains, hosts)


def _compared(
    wanted: dict[Any, Record], records: list[Record], key: str, name: str,
    without: frozenset[str],
) -> list[str]:
    counts = Counter(record[key] for record in records)
    found = [f"{key} {which} has {count} records" for which, count in counts.items() if count > 1]
    found += [f"{key} {which} has no record" for which in wanted.keys() - counts.keys()]
    found += [f"{key} {which} is not in the list" for which in counts.keys() - wanted.keys()]
    for record in records:
        before = stable(wanted.get(record[key], {}), without)
        if before and (differing := paths(before, stable(record, without))):
            found.append(f"{record[name]}: {'; '.join(differing[:SHOWN])}")
    return found


def _recounted(folder: Path, domains: list[Record], hosts: list[Record]) -> list[str]:
    """Where the manifest differs from what the files hold."""
    manifest = json.loads((folder / "manifest.json").read_text())
    totals = manifest["totals"]
    verdicts = Counter(record["verdict"] or "null" for record in domains)
    counted = {key: value for key, value in totals["verdict"].items() if value}
    checks = [
        ("state", manifest["state"], "complete"), ("domains", totals["domains"], len(domains)),
        ("hosts", totals["hosts"], len(hosts)), ("verdicts", counted, dict(verdicts)),
        ("checkpoint", bool(committed(folder)), False),
    ]
    return [f"manifest: {name} {is_} but {ought}" for name, is_, ought in checks if is_ != ought]
