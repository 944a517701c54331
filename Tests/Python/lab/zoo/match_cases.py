"""Hosts and patterns (RFC 8461 §4.1), several hosts, and modes."""

from __future__ import annotations

from typing import Any

from .model import ENFORCED, SHARED, SHARED_MX, ZONE, Case, Mail, row, sts
from .smtp_cases import policy

_REFUSED = ENFORCED | {"verdict": "refused", "first_failure": "mx_match.none", "mx_matched": 0}


def _miss(name: str, what: str, near: str, *patterns: str) -> Case:
    return sts(f"match-{name}", what, _REFUSED | {
        "findings": [f"mx_match.{near}"],
        "mx": [row(policy_match="none", near_miss=near, outcome="refused")],
    }, web=policy(*patterns))


_MISSES = [
    _miss("typo", "a letter is wrong", "typo", "mx.mial.zoo.lab"),
    _miss("extra-labels", "the domain without its host", "extra_labels", "mail.zoo.lab"),
    _miss("wildcard-deep", "a wildcard matches one label, not two", "extra_labels",
          "*.zoo.lab"),
    _miss("wildcard-parent", "a wildcard matches no fewer than one label", "extra_labels",
          f"*.{SHARED}"),
    _miss("mta-sts-label", "the policy host instead of the MX", "mta_sts_label",
          f"mta-sts.{ZONE}"),
    _miss("other-tld", "another top level", "other_tld", "mx.mail.zoo.test"),
    _miss("other", "hosts of the provider before", "other", "mx.formerhost.example"),
    sts("match-certificate-only", "the name of the certificate, not of the MX", _REFUSED | {
        "mx_certificate_ok": 0,
        "findings": ["mx_match.certificate_only", "certificate.name_mismatch"],
        "mx": [row(f"relay.elsewhere.match-certificate-only.{ZONE}", policy_match="none",
                   certificate_status="name_mismatch", near_miss="certificate_only",
                   outcome="refused")]},
        mx=("10 relay.elsewhere",), hosts={"relay.elsewhere": Mail(certificate="example")},
        web=policy("www.provider.example")),
    sts("match-alias", "the MX is an alias: its own name counts", ENFORCED | {
        "mx": [row(f"mx.match-alias.{ZONE}", policy_match="literal", outcome="protected_sts")]},
        mx=("10 mx",), hosts={"mx": Mail()}, web=policy(f"mx.match-alias.{ZONE}")),
    sts("match-null-plus", "a policy beside a null MX beside another", ENFORCED | {
        "mx_status": "null_mx_plus", "verdicts.postfix_tlspol": "no_mail",
        "verdicts.postfix_legacy_mta_sts_resolver": "no_mail", "verdicts.mox": "protected_sts",
        "findings": ["mx.null_mx_plus"]}, mx=("0 .", *SHARED_MX)),
    sts("match-implicit", "a policy for an implicit MX", ENFORCED | {
        "mx_status": "implicit",
        "mx": [row(f"match-implicit.{ZONE}", preference=0, policy_match="literal",
                   outcome="protected_sts")]},
        mx=(), hosts={"@": Mail()}, web=policy(f"match-implicit.{ZONE}")),
    sts("match-null", "a policy for a domain that takes no mail", ENFORCED | {
        "verdict": "no_mail", "verdict_reason": "null_mx",
        "mx_status": "null_mx", "mx_count": 0, "mx_reached": 0, "mx_tls": 0,
        "mx_certificate_ok": 0, "mx_matched": None, "dane_status": None, "mx": []},
        mx=("0 .",)),
]


def _second(label: str, status: str = "ok", **other: Any) -> dict[str, Any]:
    return row(f"mx2.{label}.{ZONE}", status, preference=20, **other)


_GOOD_ROW = row(policy_match="literal", outcome="protected_sts")
_TESTED_ROW = row(policy_match="literal")


def _pair(name: str, what: str, expect: dict[str, Any], mail: Mail, **other: Any) -> Case:
    return sts(name, what, ENFORCED | {"mx_count": 2, "mx_matched": 2} | expect,
               mx=(*SHARED_MX, "20 mx2"), hosts={"mx2": mail}, **other)


_PAIRS = [
    _pair("skipped-plain", "the second host has no STARTTLS: senders skip it", {
        "mx_reached": 2, "findings": ["mx.host_skipped", "smtp.starttls_not_offered"],
        "mx": [_GOOD_ROW, _second("skipped-plain", "starttls_not_offered",
                                  policy_match="literal", outcome="refused")]},
        Mail("plain", None), web=policy(SHARED, f"mx2.skipped-plain.{ZONE}")),
    _pair("skipped-unlisted", "the second host is not in the policy: senders skip it", {
        "mx_reached": 2, "mx_tls": 2, "mx_certificate_ok": 2, "mx_matched": 1,
        "findings": ["mx.host_skipped", "mx_match.other"],
        "mx": [_GOOD_ROW, _second("skipped-unlisted", policy_match="none",
                                  near_miss="other", outcome="refused")]},
        Mail()),
    _pair("pair-unreached", "nothing listens at the second host", {
        "findings": ["smtp.tcp_refused"],
        "mx": [_GOOD_ROW, _second("pair-unreached", "tcp_refused", policy_match="literal",
                                  outcome="unreached")]},
        Mail("refused", None), web=policy(SHARED, f"mx2.pair-unreached.{ZONE}")),
    _pair("skipped-unreached", "a host not in the policy is refused, reached or not", {
        "mx_matched": 1, "findings": ["mx.host_skipped", "mx_match.other", "smtp.tcp_refused"],
        "mx": [_GOOD_ROW, _second("skipped-unreached", "tcp_refused", policy_match="none",
                                  near_miss="other", outcome="refused")]},
        Mail("refused", None)),
    sts("pair-junk", "localhost beside a host, and the policy lists both", ENFORCED | {
        "mx_count": 2, "mx_matched": 2,
        "findings": ["mx.localhost", "smtp.junk_name"],
        "mx": [_GOOD_ROW, row("localhost", "junk_name", preference=20, policy_match="literal",
                              dane_status="not_asked", outcome="unreached")]},
        mx=(*SHARED_MX, "20 localhost."), web=policy(SHARED, "localhost")),
    _pair("testing-would-fail", "mode testing, and the second host has no STARTTLS", {
        "verdict": "testing_would_fail", "verdict_reason": "mode_testing",
        "sts_mode": "testing", "mx_reached": 2, "first_failure": "smtp.starttls_not_offered",
        "findings": ["smtp.starttls_not_offered"],
        "mx": [_TESTED_ROW, _second("testing-would-fail", "starttls_not_offered",
                                    policy_match="literal")]},
        Mail("plain", None),
        web=policy(SHARED, f"mx2.testing-would-fail.{ZONE}", mode="testing")),
    _pair("testing-unreached", "mode testing, and nothing listens at the second host", {
        "verdict": "testing_ok", "verdict_reason": "mode_testing", "sts_mode": "testing",
        "findings": ["smtp.tcp_refused"],
        "mx": [_TESTED_ROW, _second("testing-unreached", "tcp_refused", policy_match="literal",
                                    outcome="unreached")]},
        Mail("refused", None),
        web=policy(SHARED, f"mx2.testing-unreached.{ZONE}", mode="testing")),
    sts("testing-unlisted", "mode testing, and the host is not in the policy", ENFORCED | {
        "verdict": "testing_would_fail", "verdict_reason": "mode_testing",
        "sts_mode": "testing", "mx_matched": 0, "first_failure": "mx_match.none",
        "findings": ["mx_match.other"],
        "mx": [row(policy_match="none", near_miss="other")]},
        web=policy("mx.formerhost.example", mode="testing")),
]

CASES = [*_MISSES, *_PAIRS]
