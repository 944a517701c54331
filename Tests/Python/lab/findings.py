"""Everything that a record must find of a domain: layer, code and severity, by what was put there.

Of records and policies it is written down for each kind; of hosts it follows from their truth.
"""

from __future__ import annotations

from . import sender_truth
from .host_truth import HostTruth
from .model import Domain

RECORD_ADVICE = {"extension": ("unknown_field", "note"), "missing_id": ("unknown_field", "note")}
POLICY_ADVICE = {
    "unknown_key": ("unknown_key", "note"), "duplicate_key": ("dup_key", "warning"),
    "mixed_line_ends": ("mixed_line_ends", "warning"),
}
# Bodies without a mode and a number for max_age, of which nothing is said.
WITHOUT_AGE = {"empty", "html", "json_draft", "not_text", "not_utf8", "missing_mode", "bad_mode",
               "mode_report", "missing_max_age", "bad_max_age", "max_age_range"}
JUNK_CODES = {"localhost": "localhost", "192.0.2.25": "address_literal", "~": "single_label"}
LOOKUP_FAILURES = {"absent", "unrelated", "ok", "servfail", "refused", "timeout"}
# RFC 8461 §3.2: weeks are expected; a day is the least that testing is good for.
LEAST_AGE = {"enforce": 604_800, "testing": 86_400, "none": 0}

Finding = tuple[str, str, str]


def _of_record(domain: Domain) -> list[Finding]:
    found = []
    if domain.record_status not in LOOKUP_FAILURES:
        found.append(("record", domain.record_status, "error"))
    if advice := RECORD_ADVICE.get(domain.record_kind):
        found.append(("record", *advice))
    if domain.tlsrpt_status not in LOOKUP_FAILURES:
        found.append(("tlsrpt", domain.tlsrpt_status, "error"))
    return found


def _of_policy(domain: Domain) -> list[Finding]:
    policy = domain.policy
    if policy is None:
        return []
    if policy.fetch != "ok":
        # RFC 8461 §3.1: after a record that is not valid, no sender would have fetched.
        is_good = domain.record_status == "ok"
        differ = [("policy", "senders_differ", "warning")]
        severity = "error" if is_good else "warning"
        return [("policy_fetch", policy.fetch, severity)] + (
            differ if is_good and sender_truth.differ(policy) else [])
    found = []
    if domain.record_status == "ok" and sender_truth.differ(policy):
        found.append(("policy", "senders_differ", "warning"))
    if policy.content_type != "text/plain":
        found.append(("policy_fetch", "content_type", "warning"))
    if policy.status != "ok":
        found.append(("policy", policy.status or "", "error"))
    if advice := POLICY_ADVICE.get(policy.kind):
        found.append(("policy", *advice))
    if policy.kind not in WITHOUT_AGE and (policy.max_age or 0) < LEAST_AGE[policy.mode or "none"]:
        found.append(("policy", "short_max_age", "warning"))
    return found


def _of_mx(domain: Domain) -> list[Finding]:
    found = []
    if domain.mx_status == "null_mx_plus":
        found.append(("mx", "null_mx_plus", "warning"))
    for _, host in domain.mx:
        if host.server == "junk":
            severity = "error" if domain.mx_status == "junk" else "warning"
            found.append(("mx", JUNK_CODES[host.name], severity))
    return found


def _of_host(host: HostTruth, mode: str | None) -> list[Finding]:
    """What is found of a host by its truth ."""
    layer, _, code = (host.failure or "").partition(".")
    if not host.is_dane_in_force and host.policy_match is None:
        return [(layer, code, "warning")] if code and host.is_reached else []
    severity = "error" if host.is_dane_in_force or mode == "enforce" else "warning"
    found = []
    if host.is_left_to_policy:
        found.append(("dane", "unusable", "warning"))
    if host.is_forbidden:
        found.append(("mx_match", host.near_miss or "", severity))
    elif host.policy_match == "none":
        # Senders that do not validate DANE go by the policy.
        found.append(("mx_match", host.near_miss or "", "warning"))
    elif host.is_dane_in_force and host.policy_match and host.certificate_status not in (
            None, "ok"):
        found.append(("certificate", host.certificate_status, "warning"))
    if code:
        # A host that was not reached says nothing of its TLS.
        is_lost = layer == "smtp" and not host.is_reached
        found.append((layer, code, "warning" if is_lost else severity))
    return found


def findings(domain: Domain, hosts: list[HostTruth], mode: str | None) -> list[Finding]:
    """All of a domain, each once."""
    found = [*_of_record(domain), *_of_policy(domain), *_of_mx(domain)]
    outcomes = {host.outcome for host in hosts}
    # Senders skip the hosts that they refuse where others protect all that is delivered.
    if "refused" in outcomes and outcomes & {"protected_dane", "protected_sts"} and not (
            outcomes & {"opportunistic", "encrypted"}):
        found.append(("mx", "host_skipped", "warning"))
    for host in hosts:
        found += _of_host(host, mode)
    return sorted(set(found))
