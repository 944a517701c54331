"""What a case of the zoo is made of, and the words to write one down with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .. import servers

ZONE = "zoo.lab"
# The mail host of all cases that are about something else: unsigned, with a good certificate.
SHARED = f"mx.mail.{ZONE}"
SHARED_MX = (f"10 {SHARED}.",)
ID = "20260101T000000"
RECORD = (f'"v=STSv1; id={ID};"',)
BODY = f"version: STSv1\r\nmode: enforce\r\nmx: {SHARED}\r\nmax_age: 2592000\r\n".encode()

# The time-outs that the zoo is scanned with, in seconds, and how many times a question is sent.
CONNECT, REPLY, POLICY, DNS, TRIES = 2.5, 2.5, 4.0, 1.0, 3


@dataclass(frozen=True)
class Mail:
    """A mail host of a case: its server, the kind of its certificate, its TLSA records."""

    server: str = "postfix"
    certificate: str | None = "ok"
    tlsa: str | None = None
    # A second address of the host, and what is there.
    beside: Mail | None = None


@dataclass(frozen=True)
class Web:
    """A policy host: what nginx answers, or the kind of a scripted peer, or an address alone."""

    body: bytes = BODY
    certificate: str | None = "ok"
    http_status: int = 200
    content_type: str = "text/plain"
    listen: str = servers.POLICY_ADDRESSES[0]
    peer: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Case:
    """One domain of the zoo: what it has, and what a scan of it must record."""

    name: str
    what: str
    expect: dict[str, Any]
    mx: tuple[str, ...] = SHARED_MX
    txt: tuple[str, ...] = ()
    tlsrpt: tuple[str, ...] = ()
    web: Web | None = None
    hosts: dict[str, Mail] = field(default_factory=dict)
    # Further records: owner, type, data, and the data that replaces it once it is signed.
    records: tuple[tuple[str, ...], ...] = ()
    # What the scripted name server does, by owner and type; the rest is the real servers'.
    script: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    signed: bool = False
    exists: bool = True
    # How long its own time-outs keep the case, in seconds.
    waits: float = 0

    @property
    def domain(self) -> str:
        """The name of the domain."""
        return f"{self.name}.{ZONE}"


def row(host: str = SHARED, status: str = "ok", **other: Any) -> dict[str, Any]:
    """A member of `mx`: a good host that nobody asks anything of, and what is other about it."""
    plain = {
        "host": host, "preference": 10, "status": status,
        "certificate_status": "ok" if status == "ok" else None, "policy_match": None,
        "near_miss": None, "dane_status": "insecure", "dane_failure": None,
        "outcome": "opportunistic",
    }
    assert other.keys() <= plain.keys(), other
    return plain | other


# A domain with mail and nothing more.
PLAIN: dict[str, Any] = {
    "verdict": "opportunistic", "verdict_reason": "no_record", "first_failure": "record.absent",
    "mx_status": "has_mx", "mx_count": 1, "mx_reached": 1, "mx_tls": 1, "mx_certificate_ok": 1,
    "mx_matched": None, "sts_record_status": "absent", "sts_id": None,
    "policy_fetch_status": None, "policy_status": None, "sts_mode": None, "sts_max_age": None,
    "tlsrpt_status": "absent", "dane_status": "insecure", "mx": [row()], "findings": [],
}

# A domain whose policy is in force, and met.
ENFORCED: dict[str, Any] = PLAIN | {
    "verdict": "protected_sts", "verdict_reason": "enforced", "first_failure": None,
    "mx_matched": 1, "sts_record_status": "ok", "sts_id": ID, "policy_fetch_status": "ok",
    "policy_status": "ok", "sts_mode": "enforce", "sts_max_age": 2592000,
    "mx": [row(policy_match="literal", outcome="protected_sts")],
}

# The same with a record that is none, a fetch that fails, a policy that is none.
RECORD_INVALID: dict[str, Any] = ENFORCED | {
    "verdict": "opportunistic", "verdict_reason": "record_invalid", "mx_matched": None,
    "sts_id": None, "mx": [row()],
}
FETCH_FAILED: dict[str, Any] = ENFORCED | {
    "verdict": "opportunistic", "verdict_reason": "policy_fetch_failed", "mx_matched": None,
    "policy_status": None, "sts_mode": None, "sts_max_age": None, "mx": [row()],
}
POLICY_INVALID: dict[str, Any] = FETCH_FAILED | {
    "verdict_reason": "policy_invalid", "policy_fetch_status": "ok",
}

# A domain that mail goes to no host of.
NO_MAIL: dict[str, Any] = PLAIN | {
    "verdict": "no_mail", "mx_count": 0, "mx_reached": 0, "mx_tls": 0, "mx_certificate_ok": 0,
    "dane_status": None, "mx": [],
}
MX_UNKNOWN: dict[str, Any] = NO_MAIL | {"verdict": "unknown", "verdict_reason": "mx_unknown"}


def sts(name: str, what: str, expect: dict[str, Any], **other: Any) -> Case:
    """A case with a record and a policy, both good unless said otherwise."""
    filled: dict[str, Any] = {"txt": RECORD, "web": Web()}
    return Case(name, what, expect, **(filled | other))
