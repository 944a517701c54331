"""Which hosts one task must probe, so that each destination is of one task and limits hold.

Limits are of addresses, of networks (IPv4 /24, IPv6 /48) and of registrable domains. Hosts that
have one of these in common, directly or by way of others, are a group, and a group goes to one
task. No limit has to be divided then: all connections to a network are made by one process.
Memory, which is the driver's, grows with networks and registrable domains, not with hosts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from publicsuffixlist import PublicSuffixList


@dataclass(frozen=True)
class Placement:
    """The group of each network, and how large groups are."""

    groups: dict[str, str]
    hosts: int
    largest: int


def place(hosts: Iterable[tuple[str, tuple[str, ...]]]) -> Placement:
    """Groups all hosts' networks."""
    suffixes = PublicSuffixList()
    parents: dict[str, str] = {}
    counts: Counter[str] = Counter()
    total = 0

    def root(name: str) -> str:
        parents.setdefault(name, name)
        while parents[name] != name:
            parents[name] = parents[parents[name]]
            name = parents[name]
        return name

    for host, networks in hosts:
        total += 1
        if not networks:
            continue
        counts[networks[0]] += 1
        domain = suffixes.privatesuffix(host) or host
        for network in networks:
            # The lesser name stays, so that groups do not depend on the order of hosts.
            first, second = sorted((root(network), root(f"domain {domain}")))
            parents[second] = first
    groups = {name: root(name) for name in list(parents) if not name.startswith("domain ")}
    sizes: Counter[str] = Counter()
    for network, count in counts.items():
        sizes[groups[network]] += count
    return Placement(groups, total, max(sizes.values(), default=0))
