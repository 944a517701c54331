"""MX hosts judged by an enforced policy (RFC 8461 §4, §5): sessions, certificates, names."""

from __future__ import annotations

from typing import Any

from .. import servers
from .model import CONNECT, DNS, ENFORCED, PLAIN, REPLY, TRIES, ZONE, Case, Mail, Web, row, sts


def policy(*patterns: str, mode: str = "enforce") -> Web:
    """A policy of these patterns."""
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {p}" for p in patterns),
             "max_age: 2592000"]
    return Web("".join(f"{line}\r\n" for line in lines).encode())


_REFUSED = ENFORCED | {"verdict": "refused", "mx_tls": 0, "mx_certificate_ok": 0}
_UNREACHED = _REFUSED | {
    "verdict": "unknown", "verdict_reason": "mx_unreached", "mx_reached": 0}


def _case(
    name: str, what: str, expect: dict[str, Any], mail: Mail | None, **other: Any
) -> Case:
    host = f"mx.smtp-{name}.{ZONE}"
    hosts = {"mx": mail} if mail else {}
    return sts(f"smtp-{name}", what, expect, **(
        {"mx": ("10 mx",), "hosts": hosts, "web": policy(host)} | other))


def _failing(
    name: str, what: str, status: str, mail: Mail | None, base: dict[str, Any], outcome: str,
    **other: Any,
) -> Case:
    dane = "not_asked" if status.startswith("dns_") else "insecure"
    certificate = mail.certificate if mail else None
    expect = base | {
        "first_failure": f"smtp.{status}", "findings": [f"smtp.{status}"],
        "mx_certificate_ok": 1 if certificate else 0,
        "mx": [row(f"mx.smtp-{name}.{ZONE}", status, policy_match="literal", outcome=outcome,
                   dane_status=dane, certificate_status=certificate)]}
    return _case(name, what, expect | other.pop("but", {}), mail, **other)


def _refused(
    name: str, what: str, status: str, kind: str | None = None, certificate: str | None = None,
    **other: Any,
) -> Case:
    mail = Mail(kind or name, certificate)
    return _failing(name, what, status, mail, _REFUSED, "refused", **other)


def _unreached(
    name: str, what: str, status: str, kind: str | None = None, certificate: str | None = None,
    **other: Any,
) -> Case:
    mail = None if kind == "none" else Mail(kind or name, certificate)
    return _failing(name, what, status, mail, _UNREACHED, "unreached", **other)


def _good(name: str, what: str, mail: Mail, **other: Any) -> Case:
    expect = ENFORCED | {
        "mx": [row(f"mx.smtp-{name}.{ZONE}", policy_match="literal", outcome="protected_sts")]}
    return _case(name, what, expect | other.pop("but", {}), mail, **other)


def _certificate(kind: str, what: str, status: str) -> Case:
    name = f"certificate-{kind.replace('_', '-')}"
    expect = ENFORCED | {
        "verdict": "refused", "mx_certificate_ok": 0, "first_failure": f"certificate.{status}",
        "findings": [f"certificate.{status}"],
        "mx": [row(f"mx.smtp-{name}.{ZONE}", certificate_status=status, policy_match="literal",
                   outcome="refused")]}
    return _case(name, what, expect, Mail(certificate=kind))


_ADDRESSES = [
    _unreached("dns-nxdomain", "the host does not exist", "dns_nxdomain", "none"),
    _unreached("dns-nodata", "the host has no address", "dns_nodata", "none",
               records=(("mx", "TXT", '"no address"'),)),
    _unreached("dns-servfail", "SERVFAIL", "dns_servfail", "none", faults={"mx": "servfail"}),
    _unreached("dns-refused", "REFUSED (unbound)", "dns_refused", "none",
               faults={"mx": "refused"}),
    _unreached("dns-timeout", "no answer (unbound)", "dns_timeout", "none",
               faults={"mx": "timeout"}, waits=DNS * TRIES),
    _unreached("dns-rcode", "RCODE 4", "dns_error", "none",
               script={"mx A": {"rcode": 4}, "mx AAAA": {"rcode": 4}}),
    _unreached("tcp-refused", "nothing listens", "tcp_refused", "refused"),
    _unreached("tcp-timeout", "no answer to the first packet", "tcp_timeout", "blackhole",
               waits=CONNECT),
    _unreached("tcp-unreachable", "no way to the address", "tcp_unreachable", "none",
               records=(("mx", "A", "224.0.0.1"),)),
    _good("tcp-two-families", "no way to the IPv6 address", Mail(),
          records=(("mx", "AAAA", "ff02::25"),),
          but={"host.sessions.0.status": "ok", "host.sessions.1.status": "tcp_unreachable",
               "host.sessions.1.family": "ipv6"}),
    _good("tcp-two-addresses", "nothing listens at the first address", Mail(),
          records=(("mx", "A", "127.0.1.1"),)),
    _good("address-fails", "no STARTTLS at the first address", Mail("requiretls"),
          records=(("mx", "A", servers.PEERS["stripped"][0]),),
          but={"findings": ["smtp.address_fails"],
               "host.sessions.0.status": "starttls_stripped", "host.sessions.1.status": "ok"}),
]

_GREETINGS = [
    _unreached("greeting-554", "a greeting of 554", "greeting_5xx", "greeting_554"),
    _unreached("greeting-421", "a greeting of 421", "greeting_4xx", "greeting_421"),
    _unreached("greeting-450", "a greeting of 450 in three lines", "greeting_4xx"),
    _unreached("greeting-closed", "closed without a greeting", "greeting_closed",
               "greeting_closed"),
    _unreached("greeting-reset", "reset instead of a greeting", "greeting_closed"),
    _unreached("greeting-silent", "no greeting", "greeting_timeout", waits=REPLY),
    _unreached("greeting-drip", "an octet of the greeting now and then", "greeting_timeout",
               waits=REPLY),
    _unreached("greeting-tarpit", "a line of the greeting now and then, without end",
               "greeting_timeout", waits=REPLY),
    _unreached("greeting-endless", "a greeting without end", "not_smtp"),
    _unreached("greeting-long-line", "a line without end", "not_smtp"),
    _unreached("garbage", "SSH", "not_smtp", "garbage"),
    _unreached("greeting-http", "HTTP", "not_smtp"),
    _good("greeting-250", "a greeting of 250: the first digit counts", Mail("greeting-250"),
          but={"findings": ["smtp.greeting_code"]}),
    _good("greeting-lines", "a greeting in three lines", Mail("greeting-lines")),
    _good("greeting-slow", "a greeting after a second", Mail("greeting-slow")),
]

_EHLO = [
    _refused("ehlo-rejected", "502 for EHLO: no extensions", "starttls_not_offered",
             "ehlo_rejected", but={"host.sessions.0.ehlo_code": 502}),
    _unreached("ehlo-421", "421 for EHLO", "ehlo_4xx",
               but={"host.sessions.0.ehlo_code": 421}),
    _unreached("ehlo-554", "554 for EHLO", "ehlo_5xx",
               but={"host.sessions.0.ehlo_code": 554}),
    _unreached("ehlo-closed", "closed after EHLO", "ehlo_closed", "ehlo_closed"),
    _unreached("ehlo-silent", "no answer to EHLO", "ehlo_timeout", waits=REPLY),
    _unreached("ehlo-drip", "a line of the answer now and then, without end", "ehlo_timeout",
               waits=REPLY),
    _unreached("ehlo-garbage", "octets that are no reply to EHLO", "not_smtp"),
    _refused("starttls-missing", "no STARTTLS (Postfix)", "starttls_not_offered", "plain"),
    _refused("starttls-stripped", "XXXXXXXX for STARTTLS", "starttls_stripped", "stripped"),
    _good("ehlo-lower-case", "starttls in lower case", Mail("ehlo-lower-case")),
]

_STARTTLS = [
    _unreached("starttls-454", "454 for STARTTLS", "starttls_4xx", "starttls_454"),
    _refused("starttls-554", "554 for STARTTLS", "starttls_5xx", "starttls_554"),
    _unreached("starttls-closed", "closed after STARTTLS", "starttls_closed", "starttls_closed"),
    _unreached("starttls-silent", "no answer to STARTTLS", "starttls_timeout", waits=REPLY),
    _unreached("starttls-garbage", "octets that are no reply to STARTTLS", "not_smtp"),
    _refused("starttls-250", "250 for STARTTLS, where 220 is due", "starttls_2xx",
             certificate="ok", but={"postfix_verdict": "protected_sts"}),
    _good("starttls-injected", "a reply in clear text after the 220", Mail("starttls-injected"),
          but={"host.sessions.0.plaintext_after_starttls": True}),
    _refused("tls-alert", "an alert in the handshake", "tls_alert", "tls_alert"),
    _refused("tls-closed", "closed in the handshake", "tls_closed", "tls_closed"),
    _refused("tls-plaintext", "clear text where the handshake is due", "tls_protocol",
             "tls_protocol"),
    _refused("tls-old", "TLS 1.1 alone (nginx)", "tls_old_version", "old",
             but={"host.sessions.0.tls_alert_code": 70}),
    _unreached("tls-silent", "silent in the handshake", "tls_timeout", waits=REPLY),
    _unreached("tls-half-hello", "silent in the middle of the server's hello", "tls_timeout",
               waits=REPLY),
    _unreached("tls-then-silent", "silent after the handshake", "tls_ehlo_timeout",
               certificate="ok", waits=REPLY),
    _unreached("tls-then-closed", "closed after the handshake", "tls_ehlo_closed",
               certificate="ok"),
    _refused("tls-client-certificate", "a certificate of the client is required", "tls_alert",
             certificate="ok", but={"host.sessions.0.tls_alert_code": 116}),
    _good("requiretls", "REQUIRETLS is offered", Mail("requiretls"),
          but={"host.requiretls": True}),
    _good("quit-silent", "no answer to QUIT", Mail("quit-silent")),
]

_REPLIES = [
    _good(f"reply-{name}", what, Mail(f"reply-{name}"), but={"findings": [f"smtp.{code}"]})
    for name, what, code in (
        ("mixed-codes", "two codes in one reply", "mixed_codes"),
        ("long-line", "a greeting of 5,000 octets", "long_line"),
        ("null", "NUL in the greeting", "control_octet"),
        ("bare-line-feed", "lines that end by LF alone", "bare_line_feed"),
        ("ehlo-code", "252 for EHLO, where 250 is due", "ehlo_code"))
] + [_good("reply-lines", "152 lines in reply to EHLO", Mail("reply-lines"))]

_CERTIFICATES = [
    _good("certificate-ok", "a good certificate (Postfix)", Mail()),
    _good("certificate-wildcard", "a wildcard", Mail(certificate="wildcard")),
    _good("certificate-expires-soon", "5 days left of 90", Mail(certificate="expires_soon"),
          but={"findings": ["certificate.expires_soon"]}),
    _good("certificate-six-days", "3 days left of 6, which are half", Mail(certificate="six_days"),
          but={"host.sessions.0.certificate.lifetime_days": 6}),
    _certificate("name", "another name", "name_mismatch"),
    _certificate("cn_only", "the name in the CN alone", "cn_only"),
    _certificate("deep_wildcard", "a wildcard for two labels", "name_mismatch"),
    _certificate("expired", "expired", "expired"),
    _certificate("expired_intermediate", "an expired intermediate", "expired"),
    _certificate("not_yet_valid", "not yet valid", "not_yet_valid"),
    _certificate("self_signed", "self-signed", "self_signed"),
    _certificate("untrusted", "of an unknown authority", "untrusted"),
    _certificate("leaf_only", "without the intermediate", "chain_incomplete"),
    _certificate("purpose", "for clients only", "invalid"),
    _good("certificate-weak-key", "an RSA key of 1024 bits: senders differ",
          Mail("weak-key", "rsa1024"), but={
              "findings": ["certificate.weak_key"],
              "host.sessions.0.certificate.security_bits": 80}),
]

_UNASKED = [
    Case("smtp-nobody-asks-plain", "no STARTTLS, and nobody asks for it", PLAIN | {
        "mx_tls": 0, "mx_certificate_ok": 0, "findings": ["smtp.starttls_not_offered"],
        "mx": [row(f"mx.smtp-nobody-asks-plain.{ZONE}", "starttls_not_offered")]},
        mx=("10 mx",), hosts={"mx": Mail("plain", None)}),
    Case("smtp-nobody-asks-expired", "an expired certificate, and nobody asks", PLAIN | {
        "mx_certificate_ok": 0, "findings": ["certificate.expired"],
        "mx": [row(f"mx.smtp-nobody-asks-expired.{ZONE}", certificate_status="expired")]},
        mx=("10 mx",), hosts={"mx": Mail(certificate="expired")}),
]

CASES = [*_ADDRESSES, *_GREETINGS, *_EHLO, *_STARTTLS, *_REPLIES, *_CERTIFICATES, *_UNASKED]
