"""What certificates show to senders, and what senders report (RFC 8460)."""

from __future__ import annotations

from . import servers
from .certificates import alternatives
from .model import Host, Policy

# Kinds of certificates whose chain verifies; only their names may be wrong.
CHAIN_IS_GOOD = {"ok", "rsa", "wildcard", "name", "cn_only", "foreign"}
# RFC 8460 §4.3.1, by how the probe ends; what may pass need not be reported (§4.3.4).
SESSION_RESULTS = {
    **dict.fromkeys(("starttls_not_offered", "starttls_stripped", "starttls_5xx"),
                    "starttls-not-supported"),
    **dict.fromkeys(("tls_alert", "tls_closed", "tls_protocol"), "validation-failure"),
}
CERTIFICATE_RESULTS = {
    "expired": "certificate-expired", "name_mismatch": "certificate-host-mismatch",
    "cn_only": "certificate-host-mismatch",
    **dict.fromkeys(("not_yet_valid", "self_signed", "chain_incomplete", "untrusted"),
                    "certificate-not-trusted"),
}
DANE_RESULTS = {"failed": "tlsa-invalid", "unusable": "tlsa-invalid", "tempfail": "dnssec-invalid"}
WEB_PKI = {"tls_name", "tls_cn_only", "tls_expired", "tls_not_yet_valid", "tls_self_signed",
           "tls_chain_incomplete", "tls_untrusted"}


def certificate_names(host: Host) -> list[str]:
    """The dNSNames that a host shows."""
    if servers.status(host) != "ok" or host.certificate is None:
        return []
    kind = "ok" if host.certificate == "foreign" else host.certificate
    return alternatives(host.shown or host.name, kind)


def certificate_errors(host: Host) -> list[str]:
    """Every error of the certificate that a host shows."""
    if servers.status(host) != "ok":
        return []
    if host.certificate == "default":
        return ["self_signed", "name_mismatch"]
    status = servers.certificate_status(host.certificate)
    return [status] if status and status != "ok" else []


def tls_version(host: Host) -> str | None:
    """The version that the lab's servers agree on with a client that has it; None without TLS."""
    return "TLSv1.3" if servers.status(host) == "ok" else None


def _accepts(pattern: str, presented: str) -> bool:
    """Whether OpenSSL takes a name of a certificate for a pattern that Postfix gives it."""
    if pattern.startswith("."):
        # A leading dot matches one label or more.
        return presented.endswith(pattern)
    if presented.startswith("*."):
        return pattern.partition(".")[2] == presented[2:]
    return pattern == presented


def names_certificate(host: Host, patterns: frozenset[str]) -> bool:
    """Whether the chain is good, and a pattern is a name of the certificate."""
    if servers.status(host) != "ok" or host.certificate not in CHAIN_IS_GOOD:
        return False
    # Without a dNSName OpenSSL takes the common name.
    names = certificate_names(host) or [host.name[:64]]
    # The feeders hand over a list without asterisks, which Postfix splits at colons.
    handed = [part for pattern in patterns for part in pattern.lstrip("*").split(":") if part]
    return any(_accepts(part, name) for part in handed for name in names)


def fetch_result(policy: Policy | None) -> str | None:
    """RFC 8460 §4.3.2.2: the result for a policy that could not be had."""
    if policy is None:
        return None
    if policy.fetch != "ok":
        return "sts-webpki-invalid" if policy.fetch in WEB_PKI else "sts-policy-fetch-error"
    return None if policy.status == "ok" else "sts-policy-invalid"
