"""Zones, keys, and the configuration of unbound.

One nsd serves the root, which is signed (NSEC) and holds the data of all signed domains, and a
zone for each unsigned domain, delegated without DS. It answers from the deepest zone that it has,
so unbound needs to know nothing but its address: no port 53, and all proofs are real.
"""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from . import nsd, servers
from .model import Domain, Record, World

TTL = 3600
APEX = "ns.lab. hostmaster.lab. 1 3600 600 86400 300"
# What one socket of nsd holds without loss; what is beyond waits in unbound.
IN_FLIGHT = 64
UNBOUND_SPECIAL = ("test.", "invalid.", "onion.", "home.arpa.")


def _absolute_data(record: Record, data: str, domain: str) -> str:
    """Record data with its names absolute: they are last in MX and CNAME."""
    if record.type not in ("MX", "CNAME") or data.endswith("."):
        return data
    return f"{data}.{domain}."


def _absolute_owner(owner: str, domain: str) -> str:
    return f"{domain}." if owner == "@" else f"{owner}.{domain}."


class RootZone:
    """The lines of the root zone, and the forgeries to be made once it is signed."""

    def __init__(self) -> None:
        self.lines = [f". {TTL} IN SOA {APEX}", f". {TTL} IN NS ns.lab."]
        self.forgeries: dict[tuple[str, str], str] = {}

    def add(self, owner: str, kind: str, data: str) -> None:
        """Adds a record."""
        self.lines.append(f"{owner} {TTL} IN {kind} {data}")

    def add_domain(self, domain: Domain) -> None:
        """Adds the records of a signed domain."""
        for record in domain.records:
            owner = _absolute_owner(record.owner, domain.name)
            self.add(owner, record.type, _absolute_data(record, record.data, domain.name))
            if record.tampered:
                self.forgeries[owner, record.type] = record.tampered

    def delegate(self, name: str) -> None:
        """Delegates a name without DS: a proven insecure delegation."""
        self.add(f"{name}.", "NS", "ns.lab.")

    def sign(self, folder: Path) -> None:
        """Signs the zone for 400 days; makes `root.key`, the trust anchor."""
        for old in folder.glob("K.+*"):
            old.unlink()
        key = subprocess.run(
            ["ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "."], cwd=folder, check=True,
            capture_output=True, text=True).stdout.strip()
        (folder / f"{key}.key").rename(folder / "root.key")
        (folder / f"{key}.key").write_bytes((folder / "root.key").read_bytes())
        (folder / "root.zone").write_text("\n".join(dict.fromkeys(self.lines)) + "\n")
        dates = subprocess.run(
            ["date", "-u", "-d", "400 days", "+%Y%m%d"], check=True, capture_output=True,
            text=True).stdout.strip()
        subprocess.run(
            ["ldns-signzone", "-e", dates, "-f", "root.zone.intact", "root.zone", key],
            cwd=folder, check=True, capture_output=True)
        self._forge(folder / "root.zone.intact", folder / "root.zone.signed")

    def _forge(self, intact: Path, signed: Path) -> None:
        left = dict(self.forgeries)
        with intact.open() as source, signed.open("w") as target:
            for line in source:
                fields = line.split(None, 4)
                data = left.pop((fields[0].lower(), fields[3]), None) if len(fields) > 4 else None
                target.write("\t".join([*fields[:4], data]) + "\n" if data else line)
        intact.unlink()
        if left:
            raise RuntimeError(f"no record to forge: {sorted(left)[:3]}")


class ChildZones:
    """The unsigned zones; those that read the same share a file, for all is relative to them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.written: set[str] = set()

    def add(self, name: str, records: list[Record]) -> None:
        """Adds a zone."""
        lines = [f"$TTL {TTL}", f"@ SOA {APEX}", "@ NS ns.lab."]
        lines += dict.fromkeys(f"{r.owner} {r.type} {r.data}" for r in records)
        text = "\n".join(lines) + "\n"
        file = hashlib.sha256(text.encode()).hexdigest()[:20]
        if file not in self.written:
            self.written.add(file)
            (self.folder / file).write_text(text)
        self.add_file(name, file)

    def add_file(self, name: str, file: str) -> None:
        """Adds a zone of a file; where that is missing, nsd answers SERVFAIL."""
        self.lines.append(nsd.zone(f"{name}.", f"zones/{file}"))


def _unbound_conf(folder: Path, world: World, clients: list[str]) -> str:
    special = "\n".join(f'  local-zone: "{name}" nodefault' for name in UNBOUND_SPECIAL)
    access = "\n".join(
        f"  access-control: {network} allow" for network in ("127.0.0.0/8", *clients))
    actions = {"timeout": "deny", "refused": "refuse"}
    faults = "\n".join(
        f'  local-zone: "{_absolute_owner(owner, domain.name)}" {actions[kind]}'
        for domain in world.domains.values() for owner, kind in domain.faults.items()
        if kind in actions)
    return f"""server:
  interface: {servers.RESOLVER_ADDRESS}@{servers.RESOLVER_PORT}
{access}
  do-not-query-localhost: no
  do-ip6: no
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  use-syslog: no
  verbosity: 1
  module-config: "validator iterator"
  trust-anchor-file: "{folder}/root.key"
  trust-anchor-signaling: no
  qname-minimisation: no
  harden-below-nxdomain: no
  aggressive-nsec: no
  ede: yes
  num-threads: 2
  so-reuseport: no
  outgoing-range: {IN_FLIGHT}
  num-queries-per-thread: 4096
  so-rcvbuf: 8m
  msg-cache-size: 64m
  rrset-cache-size: 128m
  infra-host-ttl: 5
  infra-keep-probing: yes
{special}
{faults}
stub-zone:
  name: "."
  stub-addr: {servers.DNS_ADDRESS}@{servers.DNS_PORT}
  stub-prime: no
remote-control:
  control-enable: no
"""


def write(world: World, folder: Path, clients: list[str]) -> None:
    """Writes and signs everything that nsd and unbound read; who asks beside loopback."""
    (folder / "zones").mkdir(parents=True, exist_ok=True)
    root, children = RootZone(), ChildZones(folder / "zones")
    for record in world.infrastructure:
        root.add(record.owner, record.type, record.data)
    for name, records in world.unsigned.items():
        root.delegate(name)
        children.add(name, records)
    for domain in world.domains.values():
        if domain.is_signed:
            root.add_domain(domain)
        elif "@" in domain.faults:
            root.delegate(domain.name)
            if domain.faults["@"] == "servfail":
                children.add_file(domain.name, "missing")
        elif domain.mx_status != "nxdomain":
            root.delegate(domain.name)
            children.add(domain.name, domain.records)
        for owner, kind in domain.faults.items():
            if kind == "servfail" and owner != "@":
                children.add_file(f"{owner}.{domain.name}", "missing")
    root.sign(folder)
    addresses = [f"{servers.DNS_ADDRESS}@{servers.DNS_PORT}"]
    root_zone = nsd.zone(".", "root.zone.signed")
    (folder / "nsd.conf").write_text(
        nsd.configuration(folder, addresses, [root_zone, *children.lines]))
    (folder / "unbound.conf").write_text(_unbound_conf(folder, world, clients))
