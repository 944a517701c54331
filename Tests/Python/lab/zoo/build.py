"""Adds the zoo to a world, and writes what its own servers and its reader need."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .. import python, servers
from ..certificates import Authority
from ..model import Domain, Host, Policy, World
from . import peers_https, peers_smtp
from .cases import CASES, expected
from .model import Case, Mail, Web

# Real servers, and scripted peers of the population, by where they are.
FIXED = {
    "plain": servers.POSTFIX_PLAIN_ADDRESS, "refused": servers.REFUSED_ADDRESS,
    "blackhole": servers.BLACKHOLE_ADDRESS, "old": servers.OLD_MAIL_ADDRESS,
} | {kind: address for kind, (address, _) in servers.PEERS.items()}
# Peers that speak no TLS need no certificate.
NO_TLS = set(peers_https.RAW)


class Zoo:
    """Everything of the zoo that is not in the world itself."""

    def __init__(self, world: World, authority: Authority, has_postfix: bool, folder: Path) -> None:
        self.world = world
        self.authority = authority
        self.tlsa = authority.tlsa()
        self.has_postfix = has_postfix
        self.folder = folder
        self.peers: list[dict[str, Any]] = []
        self.script: dict[str, dict[str, Any]] = {}
        (folder / "certificates").mkdir(parents=True)

    def add(self, case: Case) -> None:
        """Adds the domain of a case."""
        domain = Domain(case.domain, "zoo", case.signed)
        domain.mx_status = "has_mx" if case.exists else "nxdomain"
        domain.faults = dict(case.faults)
        for data in case.mx:
            domain.add("@", "MX", data)
        for owner, texts in (("_mta-sts", case.txt), ("_smtp._tls", case.tlsrpt)):
            for text in texts:
                domain.add(owner, "TXT", text)
        for record in case.records:
            domain.add(*record)
        for owner, mail in case.hosts.items():
            self._add_mail(domain, owner, mail)
        if case.web:
            self._add_web(domain, case.web)
        for key, action in case.script.items():
            owner, kind = key.split()
            self.script[f"{_absolute(owner, domain.name)} {kind}"] = action
        self.world.domains[domain.name] = domain

    def _add_mail(self, domain: Domain, owner: str, mail: Mail) -> None:
        name = _absolute(owner, domain.name)
        address = FIXED.get(mail.server)
        if mail.server == "postfix":
            address = self._own_address(mail)
            self.world.hosts[name] = Host(
                name, "postfix", mail.certificate, address, domain.is_signed)
        elif mail.server in peers_smtp.KINDS:
            address = self._peer(mail.server, servers.SMTP_PORT, name, mail.certificate)
        assert address, mail
        domain.add(owner, "A", address)
        if beside := mail.beside:
            domain.add(owner, "A", self._peer(
                beside.server, servers.SMTP_PORT, name, beside.certificate))
        label = "_25._tcp" if owner == "@" else f"_25._tcp.{owner}"
        if mail.tlsa == "bogus":
            domain.add(label, "TLSA", self.tlsa["ok"][0], self.tlsa["stale"][0])
        elif mail.tlsa:
            for data in self.tlsa[mail.tlsa]:
                domain.add(label, "TLSA", data)

    def _own_address(self, mail: Mail) -> str:
        count = len(self.world.hosts)
        if self.has_postfix:
            return servers.POSTFIX_ADDRESSES[count % len(servers.POSTFIX_ADDRESSES)]
        # nginx has one certificate an address.
        return servers.stand_in(0 if mail.certificate == "default" else count)

    def _add_web(self, domain: Domain, web: Web) -> None:
        name = f"mta-sts.{domain.name}"
        address = web.address or web.listen
        if web.peer:
            kind = None if web.peer in NO_TLS else "ok"
            address = self._peer(web.peer, servers.HTTPS_PORT, name, kind)
        elif not web.address:
            domain.policy = Policy(
                name, "ok", body=web.body, http_status=web.http_status,
                content_type=web.content_type, certificate=web.certificate)
        domain.add("mta-sts", "A", address)

    def _peer(self, kind: str, port: int, name: str, certificate: str | None) -> str:
        number = len(self.peers) + 1
        address = f"127.8.{number >> 8}.{number & 255}"
        pem = None
        if certificate:
            pem = self.folder / "certificates" / f"{name}.pem"
            pem.write_bytes(self.authority.chain(name, certificate))
        self.peers.append({
            "kind": kind, "address": address, "port": port, "pem": str(pem) if pem else None})
        return address

    def write(self) -> None:
        """Writes what the scripted servers read."""
        for name, value in (("peers", self.peers), ("dns", self.script)):
            (self.folder / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n")


def _absolute(owner: str, domain: str) -> str:
    return domain if owner == "@" else f"{owner}.{domain}"


def services(folder: Path) -> list[tuple[str, list[str]]]:
    """The scripted servers."""
    return [
        ("zoo-peers", python.command("lab.zoo.serve", folder)),
        ("zoo-names", python.command("lab.zoo.forward", folder / "dns.json")),
    ]


def add(world: World, authority: Authority, has_postfix: bool, folder: Path) -> None:
    """Adds all cases; writes the list of their domains, and the records expected of them."""
    zoo = Zoo(world, authority, has_postfix, folder / "zoo")
    for case in CASES:
        zoo.add(case)
    zoo.write()
    (folder / "zoo-domains.txt").write_text("".join(f"{case.domain}\n" for case in CASES))
    with (folder / "zoo-expected.ndjson").open("w") as file:
        for case in CASES:
            print(json.dumps(expected(case), separators=(",", ":")), file=file)
