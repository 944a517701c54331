"""What of a scan must be the same each time."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Record = dict[str, Any]
STATUSES = (
    "status", "verdict", "verdict_reason", "postfix_verdict", "depends_on_sender", "verdicts",
    "first_failure", "tlsrpt_result", "mx_status", "mx_count", "mx_reached", "mx_tls",
    "mx_certificate_ok", "mx_matched", "sts_record_status", "sts_id", "policy_fetch_status",
    "policy_source", "policy_status", "sts_mode", "sts_max_age", "tlsrpt_status", "dane_status",
)
HOST_STATUSES = (
    "status", "address_status", "secure", "tlsa_status", "tlsa_base", "dane_status", "starttls",
    "tls_version", "requiretls", "certificate_status", "certificate_errors",
)


def _records(folder: Path, kind: str) -> list[Record]:
    files = sorted(folder.glob(f"{kind}-*.ndjson.zst"))
    if not files:
        return []
    text = subprocess.run(["zstdcat", *files], capture_output=True, check=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def _domain(record: Record) -> Record:
    """The verdicts, statuses and findings of a domain, hosts by name."""
    judged = {key: record[key] for key in STATUSES}
    judged["findings"] = sorted(record["findings"], key=json.dumps)
    judged["mx"] = sorted(
        ({key: value for key, value in host.items() if key != "observation"}
         for host in record["mx"]), key=json.dumps)
    return judged


@dataclass
class Judged:
    """A scan: the domains, and the hosts, by name."""

    domains: dict[str, Record]
    hosts: dict[str, Record]
    shared: set[str]

    def update(self, other: Judged) -> None:
        """Takes over what another scan has seen."""
        self.domains |= other.domains
        self.hosts |= other.hosts
        self.shared = (self.shared - other.hosts.keys()) | other.shared

    @staticmethod
    def read(folder: Path) -> Judged:
        """Reads a scan's folder."""
        domains = {record["domain"] or record["input"]: _domain(record)
                   for record in _records(folder, "domains")}
        hosts = _records(folder, "hosts")
        return Judged(
            domains, {host["host"]: {key: host[key] for key in HOST_STATUSES} for host in hosts},
            {host["host"] for host in hosts if host["observed"] == "shared"})


@dataclass
class Differences:
    """Where a scan is other than the one that it is compared with."""

    lines: list[str] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)
    domains: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    # Domains and hosts that are not shared, and have no shared host, in either of the scans.
    unshared: set[str] = field(default_factory=set)

    @staticmethod
    def between(first: Judged, other: Judged) -> Differences:
        """Compares two scans of the same names."""
        found = Differences()
        shared = first.shared | other.shared
        if first.domains.keys() != other.domains.keys():
            found.lines.append("other domains")
        for name, record in first.domains.items():
            after = other.domains.get(name)
            if after is None or record == after:
                continue
            found.domains.add(name)
            if not any(host["host"] in shared for host in record["mx"]):
                found.unshared.add(name)
            found._note(name, record, after)
        for name in first.hosts.keys() & other.hosts.keys():
            if first.hosts[name] != other.hosts[name]:
                found.hosts.add(name)
                if name not in shared:
                    found.unshared.add(name)
                found._note(name, first.hosts[name], other.hosts[name])
        return found

    def domains_concerned(self, judged: Judged) -> set[str]:
        """The domains that differ, and those whose hosts do."""
        return self.domains | {
            name for name, record in judged.domains.items()
            if any(host["host"] in self.hosts for host in record["mx"])}

    def _note(self, name: str, before: Record, after: Record) -> None:
        for key, value in before.items():
            if after[key] != value:
                self.keys[key] += 1
                self.lines.append(f"{name}: {key} is {after[key]}, was {value}")
