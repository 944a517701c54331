"""The lists of the load lab: domains for stsurvey, the same work for the floor and the peers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from .universe import Domain, Policy

POLICY_ADDRESS, REFUSED_ADDRESS = "127.30.0.1", "127.30.1.1"


def policy_address(policy: Policy) -> str:
    """Where the policy host of a domain listens."""
    return REFUSED_ADDRESS if policy.fetch == "refused" else POLICY_ADDRESS


def questions(domain: Domain) -> list[str]:
    """What every domain is asked, with the addresses of an implicit MX and a policy host."""
    asked = [f"MX {domain.name}", f"TXT _mta-sts.{domain.name}", f"TXT _smtp._tls.{domain.name}"]
    if domain.exists and not domain.provider:
        asked += [f"A {domain.name}", f"AAAA {domain.name}"]
    if domain.policy:
        asked += [f"A mta-sts.{domain.name}", f"AAAA mta-sts.{domain.name}"]
    return asked


def hosts(domains: Iterable[Domain]) -> dict[str, tuple[str, Domain]]:
    """The distinct MX hosts: their address, and a domain that names them."""
    return {
        domain.provider.host(n): (domain.provider.address(n), domain)
        for domain in domains if domain.provider for n in domain.hosts
    }


def write(folder: Path, chosen: list[Domain], probes: bool) -> None:
    """Writes a list and its work, and how many of the fetches and probes must end well."""
    folder.mkdir(parents=True, exist_ok=True)
    found = hosts(chosen) if probes else {}
    asked = [question for domain in chosen for question in questions(domain)]
    asked += [f"{kind} {host}" for host in found for kind in ("A", "AAAA")]
    fetched = [(domain.name, domain.policy) for domain in chosen if domain.policy]
    _lines(folder / "domains.txt", (domain.name for domain in chosen))
    _lines(folder / "questions.txt", asked)
    # dnsperf wants the name first.
    _lines(folder / "dnsperf.txt", (" ".join(reversed(q.split(" "))) for q in asked))
    _lines(folder / "fetches.txt",
           (f"mta-sts.{name} {policy_address(policy)}" for name, policy in fetched))
    _lines(folder / "probes.txt", (f"{host} {address}" for host, (address, _) in found.items()))
    _lines(folder / "truth.ndjson",
           (json.dumps({"domain": d.name} | d.truth, separators=(",", ":")) for d in chosen))
    good = {
        "questions": len(asked),
        "fetches": sum(policy.fetch == "ok" for _, policy in fetched),
        "probes": sum(
            d.provider is not None and d.provider.quality == "ok" for _, d in found.values()),
    }
    (folder / "good.json").write_text(json.dumps(good) + "\n")


def _lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w") as file:
        file.writelines(f"{line}\n" for line in lines)
