"""Builds a lab for a list: certificates, zones, bodies, configurations, and the truth."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

from . import names, nginx, postfix, python, senders, servers, truth, wide, zones
from .certificates import Authority
from .host_truth import dane_status
from .model import Host, World
from .operators import Operators
from .population import populate
from .source import Source
from .zoo import build as zoo

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


def _write_truth(
    entries: list[names.Entry], world: World, operators: Operators | None, path: Path
) -> None:
    with path.open("w") as file:
        for entry in entries:
            known: dict[str, Any] = INVALID
            if entry.domain is not None:
                domain = world.domains[entry.domain]
                known = truth.expected(domain)
                if operators:
                    known |= operators.expected(domain)
            line = {"line": entry.line, "rank": entry.rank, **known}
            print(json.dumps(line, separators=(",", ":")), file=file)


def _write_hosts(world: World, path: Path) -> None:
    """The truth of each MX host that mail goes to, whichever domain names it."""
    hosts = {host.name: host for d in world.domains.values() for host in truth.listed(d)}
    with path.open("w") as file:
        for host in hosts.values():
            status = servers.status(host)
            shown = servers.certificate_status(host.certificate) if status == "ok" else None
            known = {
                "host": host.name, "status": status, "certificate_status": shown,
                "certificate_errors": senders.certificate_errors(host),
                "dane_status": dane_status(host), "tls_version": senders.tls_version(host)}
            print(json.dumps(known, separators=(",", ":")), file=file)


def _write_cases(world: World, path: Path) -> None:
    counts = Counter(domain.case for domain in world.domains.values())
    path.write_text(json.dumps(dict(counts.most_common()), indent=1) + "\n")


def _stand_ins(world: World, has_postfix: bool) -> list[Host]:
    """The own mail hosts that nginx serves: none where Postfix does."""
    if has_postfix:
        return []
    shared = [
        Host("default.mail.lab", "nginx", "default", servers.stand_in(0)),
        Host("plain.mail.lab", "nginx", None, servers.POSTFIX_PLAIN_ADDRESS),
    ]
    return shared + [
        host for host in world.hosts.values()
        if host.server == "postfix" and host.certificate != "default"
    ]


def _write_services(
    folder: Path, has_postfix: bool, has_zoo: bool, way: list[str] | None
) -> None:
    services = [
        ("nsd", ["nsd", "-d", "-c", f"{folder}/dns/nsd.conf"]),
        ("unbound", ["unbound", "-d", "-c", f"{folder}/dns/unbound.conf"]),
        *nginx.services(folder / "nginx"),
        ("peers", python.command("lab.peers")),
    ]
    if has_postfix:
        services.append(("postfix", postfix.service(folder / "postfix")))
    if has_zoo:
        services += zoo.services(folder / "zoo")
    if way:
        services.append(("wide", way))
    text = json.dumps([{"name": name, "argv": argv} for name, argv in services], indent=1)
    (folder / "services.json").write_text(text + "\n")


def remove(folder: Path) -> None:
    """Removes a lab that was built."""
    postfix.remove(folder / "postfix")
    if folder.exists():
        shutil.rmtree(folder)


def build(
    source: Source, seed: int, folder: Path, has_zoo: bool, is_wide: bool = False
) -> World:
    """Writes everything below `folder`, which is emptied first."""
    remove(folder)
    folder.mkdir(parents=True)
    has_postfix = postfix.is_possible()
    entries, mix = source.read(folder, seed)
    authority = Authority()
    domains = [entry.domain for entry in entries if entry.domain is not None]
    world = populate(domains, mix, seed, authority.tlsa(), has_postfix)
    if is_wide:
        wide.write(folder / "wide", wide.move(world, seed))
    operators = Operators(world) if source.is_registrable else None
    _write_truth(entries, world, operators, folder / "expected.ndjson")
    _write_hosts(world, folder / "expected-hosts.ndjson")
    _write_cases(world, folder / "cases.json")
    if has_zoo:
        zoo.add(world, authority, has_postfix, folder)
    authority.write_trust_store(folder / "ca.pem")
    own = _write_certificates(world, authority, folder / "nginx" / "certificates")
    default = authority.chain("mail.lab", "default")
    if has_postfix:
        postfix.write(folder / "postfix", own, default)
    else:
        own["default.mail.lab"] = default
        for name, pem in own.items():
            (folder / "nginx" / "certificates" / f"{name}.pem").write_bytes(pem)
    nginx.write(world, folder / "nginx", _stand_ins(world, has_postfix))
    zones.write(world, folder / "dns", [wide.MIRROR_NETWORK] if is_wide else [])
    way = wide.service(folder / "wide", seed) if is_wide else None
    _write_services(folder, has_postfix, has_zoo, way)
    (folder / "finger").mkdir()
    (folder / "finger" / "main.cf").write_text("compatibility_level = 3.6\n")
    return world
