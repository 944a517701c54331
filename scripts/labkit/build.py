"""Builds a lab for a list: certificates, zones, bodies, configurations, and the truth."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path

from . import names, nginx, postfix, servers, truth, zones
from .certificates import Authority
from .model import Host, World
from .population import populate

INVALID = {"domain": None, "case": "invalid_name", "verdict": None}


def _write_certificates(world: World, authority: Authority, folder: Path) -> dict[str, bytes]:
    """A chain for each policy host and provider; those of own mail hosts are returned."""
    folder.mkdir(parents=True, exist_ok=True)
    own: dict[str, bytes] = {}
    for domain in world.domains.values():
        policy = domain.policy
        if policy and policy.certificate not in (None, "missing"):
            pem = authority.chain(policy.host, policy.certificate)
            (folder / f"{policy.host}.pem").write_bytes(pem)
    for host in world.hosts.values():
        if host.certificate in (None, "default"):
            continue
        pem = authority.chain(host.name, host.certificate)
        if host.server == "nginx":
            (folder / f"{host.name}.pem").write_bytes(pem)
        else:
            own[host.name] = pem
    return own


def _write_truth(entries: list[names.Entry], world: World, path: Path) -> None:
    with path.open("w") as file:
        for entry in entries:
            known = INVALID if entry.domain is None else truth.expected(world.domains[entry.domain])
            print(json.dumps({"line": entry.line, **known}, separators=(",", ":")), file=file)


def _write_cases(world: World, path: Path) -> None:
    counts = Counter(domain.case for domain in world.domains.values())
    path.write_text(json.dumps(dict(counts.most_common()), indent=1) + "\n")


def _write_services(folder: Path) -> None:
    services = [
        ("nsd", ["nsd", "-d", "-c", f"{folder}/dns/nsd.conf"]),
        ("unbound", ["unbound", "-d", "-c", f"{folder}/dns/unbound.conf"]),
        ("nginx", ["nginx", "-c", f"{folder}/nginx/nginx.conf", "-p", f"{folder}/nginx"]),
        ("postfix", ["postfix", "-c", f"{folder}/postfix", "start-fg"]),
        ("peers", ["/usr/bin/python3", str(Path(__file__).with_name("peers.py"))]),
    ]
    text = json.dumps([{"name": name, "argv": argv} for name, argv in services], indent=1)
    (folder / "services.json").write_text(text + "\n")


def build(list_path: Path, seed: int, folder: Path) -> World:
    """Writes everything below `folder`, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    entries = names.read(list_path)
    authority = Authority()
    domains = [entry.domain for entry in entries if entry.domain is not None]
    world = populate(domains, seed, authority.tlsa())
    authority.write_trust_store(folder / "ca.pem")
    own = _write_certificates(world, authority, folder / "nginx" / "certificates")
    postfix.write(folder / "postfix", own, authority.chain("mail.lab", "default"))
    nginx.write(world, folder / "nginx", [])
    zones.write(world, folder / "dns")
    _write_services(folder)
    _write_truth(entries, world, folder / "expected.ndjson")
    _write_cases(world, folder / "cases.json")
    return world
