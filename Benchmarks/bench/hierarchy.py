"""A hierarchy of name servers behind latency, with a delegation for each domain.

The domains are those of the universe, their policy hosts left out. Root and top-level domains are
signed, these by NSEC3 with opt-out, so that each delegation is proven to be insecure. One nsd has
root and top-level domains, another everything below, and the forwarder of the wide lab gives each
name server an address and a latency of its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from lab import nsd, supervisor, wide
from lab.zones import APEX

from . import universe
from .servers import BUFFERS
from .universe import Domain

# Where the forwarder hands on what is asked of 16.200.0.0/16, and of all other addresses.
UPPER, LOWER, PORT = "127.0.0.54", "127.0.0.56", 10053
TOP = sorted({*universe.ENDS, "lab"})
HOSTERS = universe.PROVIDERS
PROFILE = wide.Profile(names_apart=1)
TTL = 86400
START_SECONDS = 600


def _hoster(domain: Domain) -> int:
    """Whose name servers a domain has: those of its mail provider, or any."""
    if domain.provider:
        return domain.provider.number
    return int.from_bytes(hashlib.sha256(domain.name.encode()).digest()[:4], "big") % HOSTERS


def _addresses(hoster: int) -> list[str]:
    return [f"{wide.PUBLIC}201.{hoster}.1", f"{wide.PUBLIC}202.{hoster}.1"]


def _servers(hoster: int) -> list[str]:
    return [f"ns{n}.hoster{hoster}.net." for n in (1, 2)]


def silent(seed: int) -> list[str]:
    """The name servers that nothing reaches; never both of a hoster."""
    source = random.Random(f"{seed}/name servers")
    count = round(2 * wide.SILENT_SHARE * HOSTERS)
    return [source.choice(_addresses(hoster)) for hoster in source.sample(range(HOSTERS), count)]


def _start(zone: str, servers: list[str]) -> Iterator[str]:
    yield f"{zone} {TTL} IN SOA {APEX}"
    for server in servers:
        yield f"{zone} {TTL} IN NS {server}"


def _root() -> Iterator[str]:
    yield from _start(".", ["a.root."])
    yield f"a.root. {TTL} IN A {wide.PUBLIC}200.0.1"
    for number, top in enumerate(TOP, start=1):
        for server in (1, 2):
            yield f"{top}. {TTL} IN NS ns{server}.nic.{top}."
            yield f"ns{server}.nic.{top}. {TTL} IN A {wide.PUBLIC}200.{number}.{server}"


def _delegated(zone: str, servers: list[str], glue: list[str]) -> Iterator[str]:
    for server, address in zip(servers, glue, strict=True):
        yield f"{zone} {TTL} IN NS {server}"
        yield f"{server} {TTL} IN A {address}"


def _top(top: str, domains: list[Domain]) -> Iterator[str]:
    yield from _start(f"{top}.", [f"ns{server}.nic.{top}." for server in (1, 2)])
    number = TOP.index(top) + 1
    for server in (1, 2):
        yield f"ns{server}.nic.{top}. {TTL} IN A {wide.PUBLIC}200.{number}.{server}"
    if top == "net":
        for hoster in range(HOSTERS):
            yield from _delegated(
                f"hoster{hoster}.net.", _servers(hoster), _addresses(hoster))
    if top == "lab":
        for provider in universe.providers():
            zone = f"{provider.domain}."
            yield from _delegated(
                zone, [f"ns.{zone}"], [f"{wide.PUBLIC}203.{provider.number}.1"])
    for domain in domains:
        if domain.exists and domain.name.endswith(f".{top}"):
            for name in _servers(_hoster(domain)):
                yield f"{domain.name}. {TTL} IN NS {name}"


def _sign(folder: Path, zone: str, *options: str) -> str:
    """Signs a zone file for 400 days; the DS record of its key, or the key of the root."""
    label = zone.strip(".") or "root"
    key = subprocess.run(
        ["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", zone], cwd=folder, check=True,
        capture_output=True, text=True).stdout.strip()
    end = subprocess.run(["date", "-u", "-d", "400 days", "+%Y%m%d"], check=True,
                         capture_output=True, text=True).stdout.strip()
    subprocess.run(
        ["ldns-signzone", *options, "-e", end, "-f", f"{label}.signed", label, key], cwd=folder,
        check=True, capture_output=True)
    return (folder / f"{key}.{'key' if zone == '.' else 'ds'}").read_text()


def _domain(domain: Domain) -> str:
    """The zone of a domain, all names relative to it."""
    lines = [f"$TTL {TTL}", f"@ SOA {APEX}"]
    lines += [f"@ NS {server}" for server in _servers(_hoster(domain))]
    if not domain.provider:
        return "\n".join([*lines, '@ TXT "v=spf1 -all"\n'])
    lines += [f"@ MX {10 * preference + 10} {domain.provider.host(number)}."
              for preference, number in enumerate(domain.hosts)]
    if domain.has_tlsrpt:
        lines.append('_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@example.org"')
    if domain.policy:
        lines.append('_mta-sts TXT "v=STSv1; id=20261124T000000;"')
    return "\n".join([*lines, ""])


def truth(domain: Domain) -> dict[str, Any]:
    """What a record says of a domain whose hosts nobody probes."""
    known = ("mx_status", "mx_count", "sts_record_status", "tlsrpt_status")
    return {"domain": domain.name} | {key: domain.truth[key] for key in known}


def _write_upper(folder: Path, domains: list[Domain]) -> None:
    folder.mkdir(parents=True)
    delegations = []
    for top in TOP:
        (folder / top).write_text("\n".join(_top(top, domains)) + "\n")
        delegations.append(_sign(folder, f"{top}.", "-n", "-p", "-t", "0"))
    (folder / "root").write_text("\n".join([*_root(), *delegations]) + "\n")
    (folder / "root.key").write_text(_sign(folder, "."))
    (folder / "root.hints").write_text(
        f". {TTL} IN NS a.root.\na.root. {TTL} IN A {wide.PUBLIC}200.0.1\n")
    zones = [nsd.zone(".", "root.signed"), *(nsd.zone(f"{t}.", f"{t}.signed") for t in TOP)]
    (folder / "nsd.conf").write_text(
        nsd.configuration(folder, [f"{UPPER}@{PORT}"], zones, BUFFERS))


def _write_lower(folder: Path, domains: list[Domain]) -> None:
    folder.mkdir(parents=True)
    zones, files = [], set()

    def add(name: str, text: str) -> None:
        file = hashlib.sha256(text.encode()).hexdigest()[:20]
        if file not in files:
            files.add(file)
            (folder / file).write_text(text)
        zones.append(nsd.zone(name, file))

    for domain in domains:
        if domain.exists:
            add(f"{domain.name}.", _domain(domain))
    for hoster in range(HOSTERS):
        start = [f"$TTL {TTL}", f"@ SOA {APEX}", *(f"@ NS {s}" for s in _servers(hoster))]
        glue = [f"ns{n} A {a}" for n, a in enumerate(_addresses(hoster), start=1)]
        add(f"hoster{hoster}.net.", "\n".join([*start, *glue, ""]))
    for provider in universe.providers():
        start = [f"$TTL {TTL}", f"@ SOA {APEX}", "@ NS ns",
                 f"ns A {wide.PUBLIC}203.{provider.number}.1"]
        hosts = [f"mx{n} A {wide.public(provider.address(n))}" for n in range(universe.HOSTS_EACH)]
        add(f"{provider.domain}.", "\n".join([*start, *hosts, ""]))
    (folder / "nsd.conf").write_text(
        nsd.configuration(folder, [f"{LOWER}@{PORT}"], zones, BUFFERS))


def write(folder: Path, count: int, seed: int) -> None:
    """Writes everything for the first so many domains of the universe."""
    shutil.rmtree(folder, ignore_errors=True)
    domains = list(universe.domains(count))
    _write_upper(folder / "upper", domains)
    _write_lower(folder / "lower", domains)
    wide.write(folder / "wide", silent(seed))
    (folder / "domains.txt").write_text("".join(f"{domain.name}\n" for domain in domains))
    with (folder / "truth.ndjson").open("w") as file:
        for domain in domains:
            print(json.dumps(truth(domain), separators=(",", ":")), file=file)


def _answers(address: str, name: str) -> bool:
    done = subprocess.run(
        ["dig", f"@{address}", "-p", str(PORT), "+time=1", "+tries=1", "+norecurse", name, "SOA"],
        capture_output=True, text=True, check=False)
    return "NOERROR" in done.stdout


class Hierarchy:
    """The servers of what was written, as children of this process; `with` starts and ends them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.services = {
            "upper": ["nsd", "-d", "-c", f"{folder}/upper/nsd.conf"],
            "lower": ["nsd", "-d", "-c", f"{folder}/lower/nsd.conf"],
            "wide": wide.service(folder / "wide", seed, PROFILE),
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        for name, argv in self.services.items():
            with (self.folder / f"{name}.log").open("wb") as log:
                self.running[name] = subprocess.Popen(argv, stdout=log, stderr=log)
        try:
            self._await()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        counters = self.folder / "wide/counters.json"
        while not (counters.exists() and _answers(UPPER, ".")
                   and _answers(LOWER, f"hoster{HOSTERS - 1}.net")):
            ended = [name for name, process in self.running.items() if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                logs = [(self.folder / f"{name}.log").read_text()[-500:] for name in ended]
                raise SystemExit(f"bench: no hierarchy: {', '.join(ended)} {' '.join(logs)}")
            time.sleep(0.2)

    def __exit__(self, *_: object) -> None:
        for process in self.running.values():
            supervisor.signal_all([process.pid, *supervisor.descendants(process.pid)],
                                  signal.SIGTERM)
        for process in self.running.values():
            process.wait(60)

    def counters(self) -> dict[str, int]:
        """What the forwarder has counted, up to a second ago."""
        found: dict[str, int] = json.loads((self.folder / "wide/counters.json").read_text())
        return found

    def cpu_seconds(self, name: str) -> float:
        """CPU time of a service and what it has started."""
        pid = self.running[name].pid
        return sum(map(cpu_seconds, [pid, *supervisor.descendants(pid)]))


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_kib(pid: int) -> int:
    """The most memory that a process has had resident."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0
