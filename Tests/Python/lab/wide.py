"""Puts the lab as far away as the Internet: latency, loss, silence, late greetings, SERVFAIL.

All that the lab has at 127.a.b.c is reached at the public address 16.a.b.c and the usual ports, by
way of a TUN device and `wide.c` behind it, which holds back, drops and answers packets. The
resolver is beside the scan, at an address of loopback, and takes as long as recursion does. What a
destination is like follows from the seed; the truth knows which addresses are silent.
"""

from __future__ import annotations

import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from . import python
from .model import Domain, Record, World

SOURCE = Path(__file__).with_suffix(".c")
DEVICE, CLIENT, QUEUE = "wide0", "18.0.0.1", 10_000
LOOPBACK, PUBLIC, MIRROR = "127.", "16.", "17."
# Where the forwarder hands on from: the name server takes questions from there.
MIRROR_NETWORK = "17.0.0.0/8"
RESOLVER_ADDRESS = "127.250.0.1"
TUN = Path("/dev/net/tun")
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000
TOOLS = ("cc", "ip")


@dataclass(frozen=True)
class Profile:
    """What the way is like: milliseconds, shares of 1, and numbers a second."""

    rtt_min: float = 100
    rtt_max: float = 400
    jitter: float = 0.1
    loss: float = 0.005
    dns_min: float = 20
    dns_max: float = 300
    dns_loss: float = 0.02
    # In each period one burst in which all questions are answered by SERVFAIL.
    servfail_every: float = 25_000
    servfail_for: float = 600
    late_share: float = 0.05
    late_max: float = 10_000
    # So many networks (/24) take no more connections in a second; what is beyond is dropped.
    limited_share: float = 0.1
    limited_rate: float = 4
    limited_burst: float = 4
    # Whether each name server has a latency, rather than each question to a resolver.
    names_apart: float = 0

    def settings(self, seed: int) -> list[str]:
        """The arguments of the forwarder."""
        return [f"{name}={value}" for name, value in {"seed": seed, **asdict(self)}.items()]


PROFILE = Profile()
SILENT_SHARE = 0.03


def obstacle() -> str | None:
    """What keeps the device from being made here, in words for people; None where nothing does."""
    if os.getuid() != 0 or not TUN.exists():
        return f"a wide lab needs root and {TUN}"
    if absent := [tool for tool in TOOLS if shutil.which(tool) is None]:
        return f"no {', '.join(absent)} here: run scripts/setup --lab"
    known = subprocess.run(
        ["ip", "-4", "route", "show", "default"], capture_output=True, text=True, check=True).stdout
    if known:
        return ("a wide lab takes the place of the Internet, and this network has a way there; "
                "give it one of its own: ip netns add wide; ip -n wide link set lo up; "
                "ip netns exec wide scripts/lab up --wide")
    return None


def public(address: str) -> str:
    """Where an address of the lab is reached from afar."""
    return PUBLIC + address.removeprefix(LOOPBACK) if address.startswith(LOOPBACK) else address


def _public_record(record: Record) -> Record:
    if record.type != "A":
        return record
    tampered = public(record.tampered) if record.tampered else None
    return replace(record, data=public(record.data), tampered=tampered)


def _silent(world: World, seed: int) -> set[str]:
    """The addresses that nothing reaches: so many of those that mail and policies are at."""
    mail = {host.address for host in world.hosts.values()
            if host.address and host.server in ("nginx", "postfix", "plain")}
    known = sorted(mail | world.policy_addresses)
    return set(random.Random(f"{seed}/silent").sample(known, round(SILENT_SHARE * len(known))))


def _move_domain(domain: Domain, silent: set[str]) -> None:
    domain.records = [_public_record(record) for record in domain.records]
    domain.mx = [
        (preference, replace(
            host, address=public(host.address) if host.address else None,
            server="blackhole" if host.address in silent else host.server))
        for preference, host in domain.mx]
    policy = domain.policy
    if policy and policy.address:
        if policy.address in silent and not policy.fetch.startswith("dns_"):
            policy.fetch = "tcp_timeout"
        policy.address = public(policy.address)


def move(world: World, seed: int) -> set[str]:
    """Gives the domains public addresses, and silence to some; the public addresses of these.

    The servers, which are made of the world's own hosts and addresses, stay where they are.
    """
    silent = _silent(world, seed)
    for domain in world.domains.values():
        _move_domain(domain, silent)
    world.infrastructure = [_public_record(record) for record in world.infrastructure]
    world.unsigned = {
        zone: [_public_record(record) for record in records]
        for zone, records in world.unsigned.items()}
    return {public(address) for address in silent}


def write(folder: Path, silent: Iterable[str]) -> None:
    """Compiles the forwarder and writes what it reads."""
    folder.mkdir(parents=True)
    (folder / "silent").write_text("".join(f"{address}\n" for address in sorted(silent)))
    subprocess.run(
        ["cc", "-O2", "-Wall", "-Wextra", "-std=gnu11", "-o", folder / "wide", SOURCE, "-lm"],
        check=True, capture_output=True)


def service(folder: Path, seed: int, profile: Profile = PROFILE) -> list[str]:
    """The command that makes the device and forwards."""
    return python.command("lab.wide", folder, *profile.settings(seed))


def flags(ca: Path) -> str:
    """The options that point stsurvey at the lab, everything else at its default."""
    return (f"--name-servers {RESOLVER_ADDRESS} --ca-file {ca} "
            "--ehlo-name scanner.lab.test --contact https://lab.test/")


def stamp() -> dict[str, Any]:
    """What a wide lab depends on."""
    return {**asdict(PROFILE), "silent_share": SILENT_SHARE, "source": SOURCE.read_text()}


PROBE = (RESOLVER_ADDRESS, 53)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)


def main(folder: Path, settings: list[str]) -> None:
    """Makes the device, which goes when this process ends, and becomes the forwarder."""
    device = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI))
    os.set_inheritable(device, True)
    Path(f"/proc/sys/net/ipv4/conf/{DEVICE}/route_localnet").write_text("1")
    _ip("link", "set", DEVICE, "up", "txqueuelen", str(QUEUE))
    _ip("address", "add", f"{CLIENT}/32", "dev", DEVICE)
    _ip("route", "add", "default", "dev", DEVICE, "src", CLIENT)
    # Of the routes to the machine itself the most specific one holds.
    _ip("route", "add", f"{RESOLVER_ADDRESS}/32", "dev", DEVICE, "scope", "link", "src", CLIENT,
        "table", "local")
    os.execv(folder / "wide", [
        "wide", str(device), str(folder / "counters.json"), str(folder / "silent"), *settings])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
