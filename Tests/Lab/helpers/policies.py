"""Domains with one MX each, whose policies are served to them alone."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpers.chains import Member
from helpers.program import Record, read_records, run
from helpers.smallnet import SmallNet

RECORD = ("TXT", "v=STSv1; id=1;")


class Net(SmallNet):
    """Domains `of.HOST`, each with one MX; the hosts are signed, the domains only where told."""

    def __init__(self, hosts: Iterable[str], signed: Iterable[str] = ()) -> None:
        super().__init__({})
        self.hosts = {host: f"127.13.1.{number}" for number, host in enumerate(hosts, 1)}
        for host, address in self.hosts.items():
            self.zone[host] = [("A", address)]
            self.zone[f"of.{host}"] = [("MX", host)]
            self.secure |= {host, f"_25._tcp.{host}"}
        self.secure |= {f"of.{host}" for host in signed} | set(signed) | {""}

    def tlsa(self, host: str, data: tuple[int, int, int, bytes]) -> None:
        """A TLSA record of the host."""
        self.zone[f"_25._tcp.{host}"] = [("TLSA", data)]

    def policy(
        self, domain: str, context: ssl.SSLContext, *hosts: str, mode: str = "enforce"
    ) -> None:
        """A policy for the domain, served to it alone."""
        address = f"127.13.2.{len(self.servers) + 1}"
        self.zone[f"_mta-sts.{domain}"] = [RECORD]
        self.zone[f"mta-sts.{domain}"] = [("A", address)]
        lines = ["version: STSv1", f"mode: {mode}", "max_age: 2592000"]
        body = "".join(f"{line}\r\n" for line in [*lines, *(f"mx: {host}" for host in hosts)])
        self.https(address, 20443, context, body.encode())


def scan(
    net: Net, folder: Path, trusted: Iterable[Member], *options: object,
    domains: Iterable[str] | None = None, output: str = "out", **keywords: Any,
) -> tuple[dict[str, Record], dict[str, Record]]:
    """The records of the domains by name, and those of the hosts."""
    (folder / "trusted.pem").write_bytes(b"".join(member.pem for member in trusted))
    names = domains or [f"of.{host}" for host in net.hosts]
    (folder / "list.txt").write_text("".join(f"{name}\n" for name in names))
    done = run("scan", folder / "list.txt", "--output", folder / output, *net.flags(),
               "--https-port", 20443, "--ca-file", folder / "trusted.pem", *options, **keywords)
    assert done.returncode == 0, done.stderr
    return (
        {record["domain"]: record for record in read_records(folder / output, "domains")},
        {record["host"]: record for record in read_records(folder / output, "hosts")})


def certificate(hosts: dict[str, Record], host: str) -> Record:
    """The certificate that a host shows."""
    shown: Record = hosts[host]["sessions"][0]["certificate"]
    return shown


def codes(record: Record) -> set[str]:
    """The findings of a record by layer and code."""
    return {f"{finding['layer']}.{finding['code']}" for finding in record["findings"]}
