"""The truth of an MX host as one domain names it, by the rules of RFC 8461, 7672 and 8460."""

from __future__ import annotations

from dataclasses import dataclass

from . import senders, servers
from .model import Host, Policy
from .near import covers, near_miss


@dataclass
class HostTruth:
    """What is true of one MX host of one domain."""

    host: str
    status: str
    certificate_status: str | None
    policy_match: str | None
    dane_status: str
    outcome: str
    is_dane_in_force: bool
    near_miss: str | None = None
    # TLSA records that are all unusable, and an enforced policy that decides (RFC 8461 §2).
    is_left_to_policy: bool = False

    @property
    def is_reached(self) -> bool:
        """Whether the host speaks SMTP."""
        return self.status in servers.REACHED

    @property
    def is_tls_good(self) -> bool:
        """Whether there is STARTTLS with a certificate that is good by PKIX."""
        return self.status == "ok" and self.certificate_status == "ok"

    @property
    def meets_policy(self) -> bool:
        """RFC 8461 §4.1 and §4.2: the name is allowed and the certificate good."""
        return self.policy_match != "none" and self.is_tls_good

    @property
    def is_forbidden(self) -> bool:
        """RFC 8461 §4.1: the policy speaks of the host and does not allow it."""
        return self.policy_match == "none" and not self.is_dane_in_force

    @property
    def failure(self) -> str | None:
        """What fails at the host, patterns apart."""
        if self.status != "ok":
            return f"smtp.{self.status}"
        if self.is_dane_in_force:
            return None if self.dane_status == "ok" else f"dane.{self.dane_status}"
        return None if self.certificate_status == "ok" else f"certificate.{self.certificate_status}"

    @property
    def tlsrpt_result(self) -> str | None:
        """What a sender would report of the host (RFC 8460 §4.3)."""
        if self.is_dane_in_force and self.dane_status == "tempfail":
            return "dnssec-invalid"
        if self.is_forbidden:
            return "validation-failure"
        if self.status != "ok":
            return senders.SESSION_RESULTS.get(self.status)
        if self.is_dane_in_force:
            return senders.DANE_RESULTS.get(self.dane_status)
        # Without a policy nobody looks at the certificate.
        by_certificate = senders.CERTIFICATE_RESULTS.get(self.certificate_status or "")
        result = by_certificate if self.policy_match else None
        return result or (senders.DANE_RESULTS["unusable"] if self.is_left_to_policy else None)


def match(patterns: list[str], host: str) -> str:
    """RFC 8461 §4.1: a wildcard matches exactly one leftmost label of the MX name."""
    lowered = [pattern.lower() for pattern in patterns]
    if host in lowered:
        return "literal"
    return "wildcard" if any(covers(pattern, host) for pattern in lowered) else "none"


def dane_status(host: Host) -> str:
    """What DANE says of a host alone (RFC 7672 §2.2, §3.1)."""
    status = servers.status(host)
    if status.startswith("dns_") or status == "junk_name":
        return "not_asked"
    if not host.is_signed:
        return "insecure"
    if host.tlsa is None:
        return "none"
    if host.tlsa == "bogus":
        return "tempfail"  # RFC 7672 §2.1.1: a failed lookup is no absence
    if host.tlsa == "unusable":
        return "unusable"
    if status not in servers.REACHED:
        return "unreached"
    # RFC 7672 §2.2: a usable record makes STARTTLS mandatory.
    return "failed" if status != "ok" or host.tlsa == "stale" else "ok"


def outcome_by_dane(truth: HostTruth) -> str:
    """DANE in force decides alone (RFC 8461 §2)."""
    if truth.dane_status == "ok":
        return "protected_dane"
    if truth.dane_status == "failed":
        return "refused"
    if truth.dane_status == "tempfail":
        return "unknown"
    if truth.dane_status == "unusable" and truth.is_reached:
        return "encrypted" if truth.status == "ok" else "refused"
    return "unreached"


def outcome_by_sts(truth: HostTruth, policy: Policy | None) -> str:
    """RFC 8461 §5: in enforce mode no delivery to hosts that fail."""
    if policy is None or policy.mode != "enforce":
        return "opportunistic" if truth.is_reached else "unreached"
    if truth.policy_match == "none":
        return "refused"
    if not truth.is_reached:
        return "unreached"
    return "protected_sts" if truth.meets_policy else "refused"


def host_truth(host: Host, policy: Policy | None, is_mx_signed: bool) -> HostTruth:
    """What is true of a host as one domain names it."""
    status = servers.status(host)
    certificate = servers.certificate_status(host.certificate) if status == "ok" else None
    dane = dane_status(host)
    truth = HostTruth(
        host.name, status, certificate, match(policy.patterns, host.name) if policy else None,
        dane, "unknown",
        is_mx_signed and dane in ("ok", "failed", "unusable", "tempfail", "unreached"),
    )
    # RFC 8461 §2: only a failing validation by DANE must not be overridden.
    is_enforced = policy is not None and policy.mode == "enforce"
    truth.is_left_to_policy = is_mx_signed and dane == "unusable" and is_enforced
    truth.is_dane_in_force = truth.is_dane_in_force and not truth.is_left_to_policy
    by_dane = truth.is_dane_in_force
    truth.outcome = outcome_by_dane(truth) if by_dane else outcome_by_sts(truth, policy)
    if policy and truth.policy_match == "none":
        truth.near_miss = near_miss(
            host.name, policy.patterns, senders.certificate_names(host))
    return truth
