"""How the fetch of a policy ends, and what has to be so for it to end so."""

from __future__ import annotations

from . import servers
from .model import Domain, Policy


def apply(
    domain: Domain, policy: Policy, kind: str, address: str
) -> str | None:
    """Makes the fetch end as `kind` says; the address of the policy host, if it has one."""
    if kind in servers.FETCH_STATUSES:
        policy.fetch, policy.certificate = servers.FETCH_STATUSES[kind], kind
        return address
    if kind in servers.POLICY_FAULTS:
        policy.fetch, address = servers.POLICY_FAULTS[kind]
        return address
    if kind.startswith("http_"):
        return _apply_http(policy, kind, address)
    if kind == "media_type":
        policy.content_type = "text/html; charset=iso-8859-1"
    elif kind == "too_large":
        policy.fetch = kind
        policy.body += b"note: " + b"x" * 70000 + b"\r\n"
    elif kind != "ok":
        _break_policy_host(domain, policy, kind)
        return None
    return address


def _apply_http(policy: Policy, kind: str, address: str) -> str:
    word = kind.removeprefix("http_")
    policy.http_status = 444 if word == "closed" else int(word)
    statuses = {"closed": "http_closed", "404": "http_404", "204": "http_other"}
    policy.fetch = statuses.get(word, f"http_{word[0]}xx")
    return address


def _break_policy_host(domain: Domain, policy: Policy, kind: str) -> None:
    policy.certificate = None
    policy.fetch = {
        "nxdomain": "dns_nxdomain", "gone": "dns_nxdomain", "nodata": "dns_nodata",
        "dns_refused": "dns_refused",
    }.get(kind, "dns_servfail")
    if kind == "nodata":
        domain.add("mta-sts", "TXT", '"no address"')
    elif kind == "bogus":
        domain.add("mta-sts", "A", servers.REFUSED_ADDRESS, servers.BLACKHOLE_ADDRESS)
    elif kind in ("servfail", "dns_refused"):
        domain.faults["mta-sts"] = kind.removeprefix("dns_")
