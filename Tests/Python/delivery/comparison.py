"""A verdict beside what Postfix did, and the rule of each difference."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lab import sender_truth

from .feeder import Record
from .postfix import Delivery

# What Postfix writes where it keeps mail back because of TLS, a policy or TLSA.
REFUSALS = re.compile(
    r"Server certificate not (verified|trusted)|TLS is required, but|Cannot start TLS|"
    r"does not match|STS|TLSA|not usable|TLS policy|certificate verification failed|TLS handshake|"
    r"policy|client TLS configuration problem")
# What counts as delivered by each verdict, as `seen` has it; others are differences.
EXPECTED = {
    "protected_sts": {"verified"}, "protected_dane": {"verified"},
    "partial": {"verified", "unverified", "in the clear"},
    "opportunistic": {"unverified", "in the clear"},
    "testing_ok": {"unverified", "in the clear"},
    "testing_would_fail": {"unverified", "in the clear"},
    "refused": {"kept back"}, "no_mail": {"no host"},
    "unknown": {"kept back", "no host", "not reached"},
}
# Verdict, what Postfix did, what it says of that, and the rule by which both are right.
RULES = [
    ("refused", "not reached", r"refused to talk to me: 5",
     "HELO is refused like EHLO, and the session ends before TLS is missed: no mail"),
    ("refused", "not reached", r"lost connection .* EHLO handshake",
     "the alert comes after the handshake, and is a lost connection to Postfix: no mail"),
    ("protected_sts", "not reached", r"lost connection .* EHLO handshake",
     "a reply of more than 4,096 octets in a line: this Postfix ends the session (smtp_stream.c); "
     "earlier ones go on, as the model does"),
    ("unknown", "nothing", r"^$", "the name server never answers, and the attempt has not ended"),
    ("unknown", "verified|unverified", r"",
     "not known when it was scanned, and then it was: the host or name server fails now and then"),
]


@dataclass(frozen=True)
class Comparison:
    """One domain and one sender."""

    domain: str
    sender: str
    verdict: str
    seen: str
    reason: str
    # Why they differ; empty where they do not.
    rule: str


def concerns(record: Record) -> bool:
    """Whether a domain has a policy, or a host with TLSA."""
    return record["policy"] is not None or any(
        mx["dane_status"] in sender_truth.WITH_TLSA for mx in record["mx"])


def seen(delivery: Delivery | None) -> str:
    """What Postfix did, in a word."""
    if delivery is None:
        return "nothing"
    if delivery.is_handed_over:
        return {"": "in the clear", "Verified": "verified"}.get(delivery.level, "unverified")
    if REFUSALS.search(delivery.reason):
        return "kept back"
    if re.search(r"Host or domain name not found|does not accept mail|null", delivery.reason):
        return "no host"
    return "not reached"


def compare(sender: str, record: Record, delivery: Delivery | None) -> Comparison:
    """Compares a verdict with a delivery."""
    verdict, did = record["verdicts"][sender], seen(delivery)
    reason = delivery.reason if delivery else ""
    rule = "" if did in EXPECTED[verdict] else rule_of(verdict, did, reason)
    return Comparison(record["domain"], sender, verdict, did, reason, rule)


def rule_of(verdict: str, did: str, reason: str) -> str:
    """Why a delivery is other than the verdict."""
    return next((rule for case, doing, said, rule in RULES
                 if case == verdict and re.fullmatch(doing, did) and re.search(said, reason)),
                "unexplained")
