"""The truth of a domain, from what the lab has put there and the rules of RFC 8461 and 7672.

Nothing here looks at a running server, and nothing is taken from stsurvey.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import sender_truth, senders
from .findings import findings
from .host_truth import HostTruth, host_truth, match
from .model import Domain, Host, Policy
from .policy_readers import Reading, Response

NO_MAIL = {"null_mx", "nxdomain", "nodata", "junk"}
WITH_HOSTS = {"has_mx", "implicit", "null_mx_plus"}
LOOKUP_FAILURES = {"servfail", "refused", "timeout", "unreachable", "dns_error"}
PROTECTED = {"protected_dane", "protected_sts"}


def applied_policy(domain: Domain) -> Policy | None:
    """The policy that a sender would compare hosts with: valid, enforced or in testing."""
    policy = domain.policy
    if domain.record_status != "ok" or policy is None or policy.fetch != "ok":
        return None
    return policy if policy.status == "ok" and policy.mode in ("enforce", "testing") else None


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
    # Senders skip a host that they refuse: what is delivered is protected.
    if decided <= PROTECTED | {"refused"} and decided != {"refused"}:
        good = [host for host in hosts if host.outcome in PROTECTED]
        word = "protected_sts" if "protected_sts" in decided else "protected_dane"
        return word, rule_behind(good)
    if decided == {"refused"}:
        # Hosts that the policy allows may still take mail: forbidden ones show nothing.
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
    reached = [h for h in hosts if h.outcome != "unreached" or h.is_forbidden]
    good = all(host.meets_policy for host in reached)
    return ("testing_ok" if good else "testing_would_fail"), "mode_testing"


def verdict(domain: Domain, hosts: list[HostTruth]) -> tuple[str, str]:
    """The verdict for a compliant sender with nothing cached, and its reason."""
    if domain.mx_status in NO_MAIL:
        return "no_mail", domain.mx_status
    if domain.mx_status not in WITH_HOSTS:
        return "unknown", "mx_unknown"
    return roll_up(hosts) or opportunistic_verdict(domain, hosts)


def sender_verdict(
    sender: str, domain: Domain, given: list[Host], hosts: list[HostTruth],
    answer: Response | None,
) -> tuple[str, list[str]]:
    """The verdict for a sender, and what becomes of mail to each host.

    `answer` is what the policy host says, where a sender may read a policy in it.
    """
    word, _ = verdict(domain, hosts)
    if sender == "rfc" or domain.mx_status not in WITH_HOSTS:
        return word, [host.outcome for host in hosts]
    policy: Reading = "none"
    if domain.record_status == "ok":
        policy = sender_truth.reading(sender, answer)
    has_tlsa = any(host.dane_status in sender_truth.WITH_TLSA for host in hosts)
    outcomes = [sender_truth.outcome(sender, host, truth, policy, domain.is_signed, has_tlsa)
                for host, truth in zip(given, hosts, strict=True)]
    if domain.mx_status == "null_mx_plus" and sender.startswith("postfix"):
        return "no_mail", outcomes
    is_asked = not sender.endswith("tlspol") or not has_tlsa
    if not is_asked and any(host.dane_status == "tempfail" for host in hosts):
        return "unknown", outcomes
    if is_asked and policy in ("broken", "unknown"):
        return ("refused" if policy == "broken" else "unknown"), outcomes
    seen = [replace(host, outcome=outcome) for host, outcome in zip(hosts, outcomes, strict=True)]
    if rolled := roll_up(seen):
        return rolled[0], outcomes
    if sender == "exim" or not is_asked:
        return "opportunistic", outcomes
    if domain.record_status in LOOKUP_FAILURES:
        return "unknown", outcomes
    if policy[0] != "testing":
        return "opportunistic", outcomes
    patterns: frozenset[str] = policy[1] if isinstance(policy, tuple) else frozenset()
    compares_hosts = not sender.startswith("postfix_legacy")

    def is_forbidden(host: Host) -> bool:
        return compares_hosts and match(list(patterns), host.name) == "none"
    good = all(
        sender_truth.meets(sender, host, truth, patterns)
        for host, truth, outcome in zip(given, hosts, outcomes, strict=True)
        if outcome != "unreached" or is_forbidden(host))
    return ("testing_ok" if good else "testing_would_fail"), outcomes


def policy_failure(domain: Domain) -> str | None:
    """What leaves a domain without a policy."""
    policy = domain.policy
    if domain.record_status != "ok":
        return f"record.{domain.record_status}"
    if policy and policy.fetch != "ok":
        return f"policy_fetch.{policy.fetch}"
    return f"policy.{policy.status}" if policy and policy.status != "ok" else None


def host_failure(hosts: list[HostTruth]) -> str | None:
    """The first failure of hosts: a sender looks at the patterns before it connects."""
    if any(host.is_forbidden for host in hosts):
        return "mx_match.none"
    return next((host.failure for host in hosts if host.failure), None)


def first_failure(
    domain: Domain, hosts: list[HostTruth], word: str, reason: str
) -> str | None:
    """The first cause of a verdict in the order that a sender goes; what plays no part is none."""
    by_outcome = {name: [host for host in hosts if host.outcome == name]
                  for name in ("refused", "encrypted", "opportunistic", "unreached")}
    if reason in NO_MAIL | {"mx_unknown"}:
        return None if reason == "null_mx" else f"mx.{domain.mx_status}"
    if word == "refused":
        return host_failure(by_outcome["refused"])
    if word == "partial":
        by_policy = policy_failure(domain) if by_outcome["opportunistic"] else None
        return by_policy or host_failure(by_outcome["refused"] + by_outcome["encrypted"])
    if word == "testing_would_fail":
        return host_failure([
            host for host in hosts
            if not host.meets_policy and (host.outcome != "unreached" or host.is_forbidden)])
    if reason in ("dane_tempfail", "dane_unusable"):
        return reason.replace("_", ".")
    if reason == "mx_unreached":
        return next((host.failure for host in by_outcome["unreached"] if host.failure), None)
    return policy_failure(domain) if word in ("opportunistic", "unknown") else None


def tlsrpt_result(domain: Domain, hosts: list[HostTruth]) -> str | None:
    """The first result that a sender would report."""
    is_fetched = domain.mx_status in WITH_HOSTS and domain.record_status == "ok"
    if is_fetched and (result := senders.fetch_result(domain.policy)):
        return result
    if any(host.is_forbidden for host in hosts):
        return "validation-failure"
    return next((host.tlsrpt_result for host in hosts if host.tlsrpt_result), None)


def listed(domain: Domain) -> list[Host]:
    """The hosts that mail goes to, in the order a sender tries them."""
    mx = domain.mx if domain.mx_status in WITH_HOSTS else []
    return [host for _, host in sorted(mx, key=lambda item: (item[0], item[1].name))]


def expected(domain: Domain) -> dict[str, Any]:
    """The truth of a domain in the keys of stsurvey's output."""
    policy, applied = domain.policy, applied_policy(domain)
    hosts = [host_truth(host, applied, domain.is_signed) for host in listed(domain)]
    word, reason = verdict(domain, hosts)
    answer = sender_truth.response(policy) if policy else None
    judged = {sender: sender_verdict(sender, domain, listed(domain), hosts, answer)
              for sender in sender_truth.SENDERS}
    postfix_word, postfix_outcomes = judged[sender_truth.POSTFIX]
    valid = policy if policy and policy.fetch == "ok" and policy.status == "ok" else None
    matched = sum(host.policy_match in ("literal", "wildcard") for host in hosts)
    return {
        "domain": domain.name, "case": domain.case,
        "verdict": word, "verdict_reason": reason,
        "postfix_verdict": postfix_word,
        "depends_on_sender": word != postfix_word or (
            [host.outcome for host in hosts] != postfix_outcomes),
        "verdicts": {sender: answer[0] for sender, answer in judged.items()},
        "first_failure": first_failure(domain, hosts, word, reason),
        "tlsrpt_result": tlsrpt_result(domain, hosts),
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
             "near_miss": host.near_miss, "dane_status": host.dane_status,
             "outcome": host.outcome}
            for host in hosts
        ],
        "findings": findings(domain, hosts, valid.mode if valid else None),
    }
