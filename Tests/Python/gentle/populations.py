"""Zones and lists of domains, by where their mail goes."""

from __future__ import annotations

import collections
import random
from collections.abc import Iterator


def _self_hosted(number: int) -> str:
    """An address for a host of its own: about four of them in a /24."""
    network, last = divmod(number, 4)
    return f"127.{64 + network // 256}.{network % 256}.{10 + last}"


def shares_population(count: int, seed: int = 8461) -> tuple[list[str], list[str], dict[str, int]]:
    """Domains by where their mail goes, in the shares of the field notes."""
    pick = random.Random(seed)
    zone: list[str] = []
    names: list[str] = []
    truth: collections.Counter[str] = collections.Counter()
    weights = [1 / rank for rank in range(1, 501)]
    for number in range(500):
        for host in range(2):
            network = f"127.{20 + number // 250}.{number % 250}"
            zone.append(f"mx{host}.p{number}.test. A {network}.{host + 1}")
    for number in range(count):
        name, kind = f"d{number}.test", pick.random()
        names.append(name)
        if kind < 0.10:
            truth["no mail"] += 1
        elif kind < 0.45:
            # A name for each customer at the same four addresses, as Microsoft 365 has it.
            cloud = pick.randrange(2)
            zone.append(f"{name}. MX 0 c{number}.cloud{cloud}.test.")
            zone += [f"c{number}.cloud{cloud}.test. A 127.1{cloud}.0.{last}"
                     for last in range(1, 5)]
            truth["a name of their own at a provider"] += 1
        elif kind < 0.95:
            [provider] = pick.choices(range(500), weights)
            zone += [f"{name}. MX {10 * host} mx{host}.p{provider}.test." for host in (1, 0)]
            truth["a provider's MX set"] += 1
        else:
            zone += [f"{name}. MX 0 mail.{name}.", f"mail.{name}. A {_self_hosted(number // 20)}"]
            truth["a host of their own"] += 1
    return zone, names, dict(truth)


def heavy_population(count: int, hosts: int = 20_000) -> tuple[list[str], Iterator[str]]:
    """Domains below wildcards, with so many MX hosts, which have no address."""
    zone = [f"*.h{number}.test. MX 0 mx.h{number}.test." for number in range(hosts)]
    return zone, (f"n{number}.h{number % hosts}.test" for number in range(count))


def dead_population(count: int, are_dead: bool) -> tuple[list[str], list[str]]:
    """A tenth of the domains has a host of its own, which is dead or not; the rest shares 500."""
    zone = [f"mx.p{number}.test. A 127.20.{number // 250}.{number % 250 + 1}"
            for number in range(500)]
    names = []
    for number in range(count):
        name = f"d{number}.test"
        names.append(name)
        if number % 10:
            zone.append(f"{name}. MX 0 mx.p{number % 500}.test.")
            continue
        own = number // 10
        dead = f"10.{own // 250}.{own % 250}.1"
        alive = f"127.{64 + own // 62_500}.{own // 250 % 250}.{own % 250 + 1}"
        address = dead if are_dead else alive
        zone += [f"{name}. MX 0 mail.{name}.", f"mail.{name}. A {address}"]
    return zone, names
