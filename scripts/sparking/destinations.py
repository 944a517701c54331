"""The networks of a host, and the partition that probes it: that of its group."""

from __future__ import annotations

import json
from ipaddress import ip_network

from sparking.parts import number_of

PREFIXES = {4: 24, 6: 48}


def seen(line: bytes) -> tuple[str, tuple[str, ...]]:
    """A host and the networks of its addresses, of a record of `probe --only addresses`."""
    record = json.loads(line)
    return record["host"], networks_of(record)


def networks_of(record: dict[str, dict[str, list[str]] | None]) -> tuple[str, ...]:
    """The networks that limits are of, in a fixed order."""
    addresses = [address for key in ("a", "aaaa")
                 for address in (record[key] or {}).get("addresses") or ()]
    found = set()
    for address in addresses:
        network = ip_network(address)
        prefix = PREFIXES[network.version]
        found.add(str(network.supernet(new_prefix=prefix)))
    return tuple(sorted(found))


def part_of(host: str, networks: tuple[str, ...], groups: dict[str, str], parts: int) -> int:
    """The partition of a host: that of its group, or any where it has no address."""
    return number_of(groups[networks[0]] if networks else host) % parts
