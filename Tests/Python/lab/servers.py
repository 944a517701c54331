"""The kinds of servers that the lab runs: where each listens and what a client sees of it."""

from __future__ import annotations

from .model import Host

DNS_ADDRESS, DNS_PORT = "127.0.0.53", 10054
RESOLVER_ADDRESS, RESOLVER_PORT = "127.0.0.1", 10053
# The name server in front of the resolver for the zoo.
ZOO_RESOLVER_ADDRESS, ZOO_RESOLVER_PORT = "127.0.0.1", 10055
# Listens once all peers of the zoo do.
ZOO_LAST_ADDRESS = "127.9.0.1"
HTTPS_PORT, SMTP_PORT = 10443, 10025

# Nothing listens there; connections to the other are never answered.
REFUSED_ADDRESS, BLACKHOLE_ADDRESS = "127.4.0.1", "127.4.0.2"

POSTFIX_ADDRESSES = [f"127.2.0.{n}" for n in range(1, 17)]
POSTFIX_PLAIN_ADDRESS = "127.2.1.1"
# From where nginx hands on to Postfix what comes at addresses of own mail hosts.
HANDING_ON_ADDRESS = "127.2.2.1"

POLICY_ADDRESSES = [f"127.5.0.{n}" for n in range(1, 9)]
# TLS 1.1 alone; a certificate of the client is wanted: nginx for the zoo.
OLD_POLICY_ADDRESS, ASKING_POLICY_ADDRESS, OLD_MAIL_ADDRESS = "127.6.0.3", "127.6.0.4", "127.6.1.1"
PLAINTEXT_POLICY_ADDRESS, CLOSING_POLICY_ADDRESS = "127.6.0.1", "127.6.0.2"

# Policy hosts that fail by where they are: the status and the address.
POLICY_FAULTS = {
    "refused": ("tcp_refused", REFUSED_ADDRESS),
    "blackhole": ("tcp_timeout", BLACKHOLE_ADDRESS),
    "plaintext": ("tls_protocol", PLAINTEXT_POLICY_ADDRESS),
    "tls_closed": ("tls_closed", CLOSING_POLICY_ADDRESS),
}

# Scripted SMTP servers that misbehave, in `peers`; the status is what a client notes.
PEERS = {
    "greeting_554": ("127.3.0.1", "greeting_5xx"),
    "greeting_421": ("127.3.0.2", "greeting_4xx"),
    "greeting_closed": ("127.3.0.3", "greeting_closed"),
    "garbage": ("127.3.0.4", "not_smtp"),
    "ehlo_rejected": ("127.3.0.5", "starttls_not_offered"),
    "ehlo_closed": ("127.3.0.6", "ehlo_closed"),
    "stripped": ("127.3.0.7", "starttls_stripped"),
    "starttls_454": ("127.3.0.8", "starttls_4xx"),
    "starttls_554": ("127.3.0.9", "starttls_5xx"),
    "starttls_closed": ("127.3.0.10", "starttls_closed"),
    "tls_alert": ("127.3.0.11", "tls_alert"),
    "tls_closed": ("127.3.0.12", "tls_closed"),
    "tls_protocol": ("127.3.0.13", "tls_protocol"),
}

STATUSES = {
    "postfix": "ok", "nginx": "ok", "plain": "starttls_not_offered",
    "refused": "tcp_refused", "blackhole": "tcp_timeout",
    "nxdomain": "dns_nxdomain", "nodata": "dns_nodata", "bogus": "dns_servfail",
    "junk": "junk_name",
} | {kind: status for kind, (_, status) in PEERS.items()}

REACHED = {
    "ok", "starttls_not_offered", "starttls_stripped", "starttls_5xx", "tls_alert", "tls_closed",
    "tls_protocol",
}

# What verification says of each kind of certificate.
CERTIFICATES = {
    "ok": "ok", "rsa": "ok", "wildcard": "ok", "name": "name_mismatch", "cn_only": "cn_only",
    "expired": "expired", "not_yet_valid": "not_yet_valid", "self_signed": "self_signed",
    "untrusted": "untrusted", "leaf_only": "chain_incomplete",
    "default": "self_signed",  # the server's own, for no name of ours
    "foreign": "name_mismatch",  # that of the host which the MX name is an alias of
}

FETCH_STATUSES = {
    "name": "tls_name", "cn_only": "tls_cn_only", "expired": "tls_expired",
    "not_yet_valid": "tls_not_yet_valid", "self_signed": "tls_self_signed",
    "untrusted": "tls_untrusted", "leaf_only": "tls_chain_incomplete", "missing": "tls_alert",
}


def status(host: Host) -> str:
    """How a probe of the host ends."""
    return STATUSES[host.server]


def certificate_status(kind: str | None) -> str | None:
    """What verification says of a certificate; None where none is shown."""
    return CERTIFICATES[kind] if kind else None


def address(server: str, number: int) -> str | None:
    """Where a server of a kind listens; None where the host has no address."""
    if server == "postfix":
        return POSTFIX_ADDRESSES[number % len(POSTFIX_ADDRESSES)]
    fixed = {
        "plain": POSTFIX_PLAIN_ADDRESS, "refused": REFUSED_ADDRESS,
        "blackhole": BLACKHOLE_ADDRESS, "bogus": REFUSED_ADDRESS,
    }
    return PEERS[server][0] if server in PEERS else fixed.get(server)


def stand_in(number: int) -> str:
    """The address on which nginx answers instead of Postfix, for a host or, as 0, for many.

    Those of neighbours are in networks (/24) of their own, as those of strangers are.
    """
    return f"127.7.{number & 255}.{number >> 8}"
