"""The truth of a domain, from what the lab has put there and the rules of RFC 8461 and 7672.

Nothing here looks at a running server, and nothing is taken from stsurvey.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import servers
from .model import Domain, Host, Policy

NO_MAIL = {"null_mx", "nxdomain", "nodata", "junk"}
WITH_HOSTS = {"has_mx", "implicit", "null_mx_plus"}
LOOKUP_FAILURES = {"servfail", "refused", "timeout", "unreachable", "dns_error"}
PROTECTED = {"protected_dane", "protected_sts"}


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


def match(patterns: list[str], host: str) -> str:
    """RFC 8461 §4.1: a wildcard stands for exactly one leftmost label of the MX name."""
    lowered = [pattern.lower() for pattern in patterns]
    if host in lowered:
        return "literal"
    parent = host.partition(".")[2]
    return "wildcard" if f"*.{parent}" in lowered else "none"


def applied_policy(domain: Domain) -> Policy | None:
    """The policy that a sender would hold hosts against: valid, enforced or in testing."""
    policy = domain.policy
    if domain.record_status != "ok" or policy is None or policy.fetch != "ok":
        return None
    return policy if policy.status == "ok" and policy.mode in ("enforce", "testing") else None


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
    by_dane = truth.is_dane_in_force
    truth.outcome = outcome_by_dane(truth) if by_dane else outcome_by_sts(truth, policy)
    return truth


def domain_dane(hosts: list[HostTruth], is_mx_signed: bool) -> str | None:
    """The hosts' DANE rolled up; None where mail goes to no host."""
    if not hosts:
        return None
    if not is_mx_signed:
        usable = any(host.dane_status in ("ok", "failed", "unreached") for host in hosts)
        return "host_only" if usable else "insecure"
    unlearnt = ("dns_servfail", "dns_refused", "dns_timeout", "dns_error", "not_probed")
    weighed = {h.dane_status for h in hosts if h.is_dane_in_force or h.is_reached}
    decided = weighed - {"unreached"}
    if not decided:
        # Nobody asked for the TLSA of a host whose addresses did not come.
        is_open = any(host.status in unlearnt for host in hosts)
        return "unknown" if weighed or is_open else "none"
    if len(decided) == 1:
        only = decided.pop()
        return only if only in ("ok", "failed", "unusable", "tempfail") else "none"
    return "partial" if decided & {"ok", "failed", "unusable", "tempfail"} else "none"


def rule_behind(hosts: list[HostTruth]) -> str:
    """Which of the two mechanisms decided over the hosts."""
    by_dane = {host.is_dane_in_force for host in hosts}
    if len(by_dane) > 1:
        return "mixed"
    return "dane" if by_dane == {True} else "enforced"


def roll_up(hosts: list[HostTruth]) -> tuple[str, str] | None:
    """Verdict and reason from the hosts' outcomes; None where all are opportunistic."""
    outcomes = {host.outcome for host in hosts} - {"unreached"}
    if not outcomes:
        return "unknown", "mx_unreached"
    decided = outcomes - {"unknown"}
    if not decided:
        return "unknown", "dane_tempfail"
    if decided == {"opportunistic"}:
        return None
    if decided <= {"encrypted", "opportunistic"}:
        return "opportunistic", "dane_unusable"
    if decided <= PROTECTED:
        reason = rule_behind([host for host in hosts if host.outcome in PROTECTED])
        return ("protected_dane" if decided == {"protected_dane"} else "protected_sts"), reason
    if decided == {"refused"}:
        # Hosts that the policy allows may still take mail: forbidden ones do not tell.
        is_told = any(host.outcome == "refused" and host.is_reached for host in hosts)
        if not is_told and any(host.outcome == "unreached" for host in hosts):
            return "unknown", "mx_unreached"
        return "refused", rule_behind([host for host in hosts if host.outcome == "refused"])
    return "partial", "mixed"


def opportunistic_verdict(domain: Domain, hosts: list[HostTruth]) -> tuple[str, str]:
    """Verdict and reason where no host is protected and none refused."""
    status, policy = domain.record_status, domain.policy
    if status in LOOKUP_FAILURES:
        return "unknown", "record_unknown"
    if status in ("absent", "unrelated"):
        return "opportunistic", "no_record"
    if status != "ok":
        return "opportunistic", "record_invalid"
    if policy is None or policy.fetch != "ok":
        return "opportunistic", "policy_fetch_failed"
    if policy.status != "ok":
        return "opportunistic", "policy_invalid"
    if policy.mode == "none":
        return "opportunistic", "mode_none"
    # Enforcing refuses a host that no pattern allows, reached or not.
    reached = [h for h in hosts if h.outcome != "unreached" or h.policy_match == "none"]
    good = all(host.meets_policy for host in reached)
    return ("testing_ok" if good else "testing_would_fail"), "mode_testing"


def verdict(domain: Domain, hosts: list[HostTruth]) -> tuple[str, str]:
    """The verdict for a compliant sender with nothing cached, and its reason."""
    if domain.mx_status in NO_MAIL:
        return "no_mail", domain.mx_status
    if domain.mx_status not in WITH_HOSTS:
        return "unknown", "mx_unknown"
    return roll_up(hosts) or opportunistic_verdict(domain, hosts)


def host_failure(host: HostTruth) -> str | None:
    """What fails at a host, patterns apart."""
    if host.status != "ok":
        return f"smtp.{host.status}"
    if host.is_dane_in_force:
        return None if host.dane_status == "ok" else f"dane.{host.dane_status}"
    return None if host.certificate_status == "ok" else f"certificate.{host.certificate_status}"


def first_failure(domain: Domain, hosts: list[HostTruth]) -> str | None:
    """The first failure in the order that a sender goes."""
    policy = domain.policy
    if domain.mx_status not in ("has_mx", "implicit"):
        return f"mx.{domain.mx_status}"
    if domain.record_status != "ok":
        return f"record.{domain.record_status}"
    if policy and policy.fetch != "ok":
        return f"policy_fetch.{policy.fetch}"
    if policy and policy.status != "ok":
        return f"policy.{policy.status}"
    if any(h.policy_match == "none" and not h.is_dane_in_force for h in hosts):
        return "mx_match.none"
    return next((failure for host in hosts if (failure := host_failure(host))), None)


def expected(domain: Domain) -> dict[str, Any]:
    """The truth of a domain in the keys of stsurvey's output."""
    policy, applied = domain.policy, applied_policy(domain)
    listed = domain.mx if domain.mx_status in WITH_HOSTS else []
    ordered = sorted(listed, key=lambda item: (item[0], item[1].name))
    hosts = [host_truth(host, applied, domain.is_signed) for _, host in ordered]
    word, reason = verdict(domain, hosts)
    valid = policy if policy and policy.fetch == "ok" and policy.status == "ok" else None
    matched = sum(host.policy_match in ("literal", "wildcard") for host in hosts)
    return {
        "domain": domain.name, "case": domain.case,
        "verdict": word, "verdict_reason": reason,
        "first_failure": first_failure(domain, hosts),
        "mx_status": domain.mx_status, "mx_count": len(hosts),
        "mx_reached": sum(host.is_reached for host in hosts),
        "mx_tls": sum(host.status == "ok" for host in hosts),
        "mx_certificate_ok": sum(host.certificate_status == "ok" for host in hosts),
        "mx_matched": matched if applied and hosts else None,
        "sts_record_status": domain.record_status, "sts_id": domain.record_id,
        "policy_fetch_status": policy.fetch if policy else None,
        "policy_status": policy.status if policy and policy.fetch == "ok" else None,
        "sts_mode": valid.mode if valid else None,
        "sts_max_age": valid.max_age if valid else None,
        "tlsrpt_status": domain.tlsrpt_status,
        "dane_status": domain_dane(hosts, domain.is_signed),
        "mx": [
            {"host": host.host, "status": host.status,
             "certificate_status": host.certificate_status, "policy_match": host.policy_match,
             "dane_status": host.dane_status, "outcome": host.outcome}
            for host in hosts
        ],
    }
