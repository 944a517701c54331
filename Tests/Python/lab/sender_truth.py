"""The verdict of a domain for each sender of today, by the sources of the senders."""

from __future__ import annotations

from . import senders
from .host_truth import HostTruth, match, outcome_by_dane
from .model import Host, Policy
from .policy_readers import READERS, Reading, Response, read, senders_differ

SENDERS = ("rfc", "postfix_legacy_tlspol", "postfix_legacy_mta_sts_resolver", "postfix_tlspol",
           "postfix_mta_sts_resolver", "mox", "exim", "stalwart", "kumomta")
# The sender of the key `postfix_verdict`.
POSTFIX = "postfix_legacy_tlspol"
WITH_TLSA = ("ok", "failed", "unusable", "tempfail", "unreached")


def response(policy: Policy) -> Response | None:
    """What the policy host answers, where senders may read a policy in it."""
    # With another status than 200 nginx has a page of its own.
    if policy.fetch not in ("ok", "too_large"):
        return None
    return Response(policy.body, policy.http_status, policy.content_type,
                    is_cut=policy.fetch == "too_large")


def by_rfc(policy: Policy) -> Reading:
    """The policy by the RFC."""
    if policy.fetch != "ok" or policy.status != "ok" or policy.mode in (None, "none"):
        return "none"
    return policy.mode or "", frozenset(pattern.lower() for pattern in policy.patterns)


def differ(policy: Policy) -> bool:
    """Whether a sender reads something else in the response than the RFC does."""
    answer = response(policy)
    return answer is not None and senders_differ(answer, by_rfc(policy))


def reading(sender: str, answer: Response | None) -> Reading:
    """What a sender has of the policy whose record is valid."""
    return read(sender, answer) if answer and sender in READERS else "none"


def _plain(truth: HostTruth) -> str:
    return "opportunistic" if truth.is_reached else "unreached"


def meets(sender: str, host: Host, truth: HostTruth, patterns: frozenset[str]) -> bool:
    """Whether a host is what an enforced policy asks for, as the sender compares it."""
    if sender.startswith("postfix_legacy"):
        return senders.names_certificate(host, patterns)
    good = {"ok", "cn_only"} if sender.startswith("postfix") else {"ok"}
    return (truth.status == "ok" and truth.certificate_status in good
            and match(list(patterns), host.name) != "none")


def _by_policy(sender: str, host: Host, truth: HostTruth, policy: Reading) -> str:
    if policy[0] != "enforce":
        return _plain(truth)
    patterns = policy[1] if isinstance(policy, tuple) else frozenset()
    is_named = sender.startswith("postfix_legacy") or match(list(patterns), host.name) != "none"
    if not is_named:
        return "refused"
    if not truth.is_reached:
        return "unreached"
    return "protected_sts" if meets(sender, host, truth, patterns) else "refused"


def _by_tlsa(sender: str, truth: HostTruth, is_signed: bool) -> str:
    if sender == "exim" and truth.dane_status == "unusable":
        return "refused"
    outcome = outcome_by_dane(truth)
    return "encrypted" if outcome == "protected_dane" and not is_signed else outcome


def outcome(
    sender: str, host: Host, truth: HostTruth, policy: Reading, is_signed: bool, has_tlsa: bool
) -> str:
    """What becomes of mail to one host."""
    is_postfix = sender.startswith("postfix")
    has_own = truth.dane_status in WITH_TLSA and (is_signed or is_postfix)
    is_enforced = policy[0] == "enforce"
    by_policy = _by_policy(sender, host, truth, policy)
    by_tlsa = _by_tlsa(sender, truth, is_signed) if has_own else _plain(truth)
    if sender == "kumomta":
        return by_policy
    if sender == "exim":
        return by_tlsa
    if is_postfix:
        is_asked = is_enforced if "resolver" in sender else not has_tlsa
        return by_policy if is_asked else by_tlsa
    # mox and Stalwart.
    is_unusable = truth.dane_status == "unusable" and (is_enforced or sender == "stalwart")
    if not has_own or is_unusable:
        return by_policy
    patterns = policy[1] if isinstance(policy, tuple) else frozenset()
    if is_enforced and match(list(patterns), host.name) == "none":
        return "refused"
    is_refused = sender == "mox" and is_enforced and by_policy == "refused"
    return "refused" if is_refused else by_tlsa
