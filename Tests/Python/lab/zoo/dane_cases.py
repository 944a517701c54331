"""DANE (RFC 7672), alone and beside MTA-STS."""

from __future__ import annotations

from typing import Any

from .model import (
    CONNECT,
    DNS,
    ENFORCED,
    PLAIN,
    SHARED_MX,
    TRIES,
    ZONE,
    Case,
    Mail,
    row,
)
from .smtp_cases import policy

OWN = ("10 mx",)
_OK = PLAIN | {
    "verdict": "protected_dane", "verdict_reason": "dane", "first_failure": None,
    "dane_status": "ok"}
_FAILED = PLAIN | {
    "verdict": "refused", "verdict_reason": "dane", "first_failure": "dane.failed",
    "dane_status": "failed", "findings": ["dane.failed"]}
_TEMPFAIL = PLAIN | {
    "verdict": "unknown", "verdict_reason": "dane_tempfail", "first_failure": "dane.tempfail",
    "dane_status": "tempfail", "findings": ["dane.tempfail"]}
_UNUSABLE = PLAIN | {
    "verdict_reason": "dane_unusable", "first_failure": "dane.unusable",
    "dane_status": "unusable", "findings": ["dane.unusable"]}


def _case(
    name: str, what: str, base: dict[str, Any], mail: Mail, host: dict[str, Any], **other: Any
) -> Case:
    expect = base | {"mx": [row(f"mx.dane-{name}.{ZONE}", **host)]} | other.pop("but", {})
    filled: dict[str, Any] = {"mx": OWN, "hosts": {"mx": mail}, "signed": True}
    return Case(f"dane-{name}", what, expect, **(filled | other))


def _ok(name: str, what: str, tlsa: str, certificate: str = "ok", **host: Any) -> Case:
    but = {} if certificate in ("ok", "rsa") else {"mx_certificate_ok": 0}
    return _case(name, what, _OK | but, Mail(certificate=certificate, tlsa=tlsa),
                 {"dane_status": "ok", "outcome": "protected_dane"} | host)


def _failed(name: str, what: str, failure: str, mail: Mail, **other: Any) -> Case:
    host = {"dane_status": "failed", "dane_failure": failure, "outcome": "refused"} | other.pop(
        "host", {})
    return _case(name, what, _FAILED, mail, host, **other)


def _tempfail(name: str, what: str, tlsa: str | None, **other: Any) -> Case:
    host = {"dane_status": "tempfail", "outcome": "unknown"}
    return _case(name, what, _TEMPFAIL, Mail(tlsa=tlsa), host, **other)


def _unusable(name: str, what: str, tlsa: str, failure: str | None = None) -> Case:
    return _case(name, what, _UNUSABLE, Mail(tlsa=tlsa), {
        "dane_status": "unusable", "dane_failure": failure, "outcome": "encrypted"})


_PLAIN_HOST = {
    "mx_tls": 0, "mx_certificate_ok": 0, "first_failure": "smtp.starttls_not_offered",
    "findings": ["smtp.starttls_not_offered"]}

_ALONE = [
    _ok("ee-spki", "3 1 1", "ok"),
    _ok("ee-sha512", "3 1 2", "sha512"),
    _ok("ee-rsa", "3 1 1 of an RSA key", "rsa", "rsa"),
    _ok("ta", "2 1 1", "ta"),
    _ok("rollover", "a record of the key before beside the one of the key", "rollover"),
    _ok("usable-beside", "an unusable record beside a good one", "usable_beside"),
    _ok("ee-self-signed", "3 1 1: no authority is needed", "ok", "self_signed",
        certificate_status="self_signed"),
    _ok("ee-expired", "3 1 1: dates do not count", "ok", "expired", certificate_status="expired"),
    _ok("ee-name", "3 1 1: names do not count", "ok", "name", certificate_status="name_mismatch"),
    _failed("wrong", "3 1 1 of a key that never was there", "ee_mismatch", Mail(tlsa="wrong")),
    _failed("stale", "3 1 1 of the key before", "ee_mismatch", Mail(tlsa="stale"), but={
        "host.sessions.0.dane_relations": ["nothing"]}),
    _failed("ta-stale", "2 1 1 of an authority that is not in the chain", "ta_mismatch",
            Mail(tlsa="ta_stale")),
    _failed("stronger-digest", "3 1 2 of the key before beside 3 1 1 of the key",
            "stronger_digest", Mail(tlsa="sha512_stale")),
    _failed("issuer-as-ee", "3 1 1 of the intermediate's key", "issuer_as_ee",
            Mail(tlsa="issuer"), but={"host.sessions.0.dane_relations": ["issuer"]}),
    _failed("leaf-as-ta", "2 1 1 of the leaf's key", "leaf_as_ta", Mail(tlsa="leaf")),
    _failed("ta-not-sent", "2 1 1 of the root, which is not sent", "ta_not_sent",
            Mail(tlsa="root")),
    _failed("other-selector", "3 0 1 with the digest of the key", "other_selector",
            Mail(tlsa="selector")),
    _failed("digest-of-nothing", "3 1 1 of an empty input", "digest_of_nothing",
            Mail(tlsa="empty")),
    _failed("digest-of-pem", "3 1 1 of the key's PEM text", "digest_of_pem", Mail(tlsa="pem")),
    _case("one-of-several", "two addresses with two keys, of which one is in TLSA", _OK,
          Mail(certificate="rsa", tlsa="ok", beside=Mail("weak-key", "ok")),
          {"dane_status": "ok", "dane_failure": "one_of_several", "outcome": "protected_dane"},
          but={"findings": ["smtp.address_fails"]}),
    _failed("ta-name", "2 1 1, and another name in the certificate", "ta_name",
            Mail(certificate="name", tlsa="ta"), host={"certificate_status": "name_mismatch"},
            but={"mx_certificate_ok": 0}),
    _failed("ta-expired", "2 1 1: dates do count", "ta_invalid",
            Mail(certificate="expired", tlsa="ta"),
            host={"certificate_status": "expired"}, but={
                "mx_certificate_ok": 0, "host.sessions.0.dane_match": True,
                "host.sessions.0.dane_error": "expired"}),
    _failed("ta-not-yet", "2 1 1 before the certificate begins to be valid", "ta_invalid",
            Mail(certificate="not_yet_valid", tlsa="ta"),
            host={"certificate_status": "not_yet_valid"}, but={
                "mx_certificate_ok": 0, "host.sessions.0.dane_match": True,
                "host.sessions.0.dane_error": "not_yet_valid"}),
    _failed("ta-purpose", "2 1 1, and the certificate is for clients only", "ta_invalid",
            Mail(certificate="purpose", tlsa="ta"), host={"certificate_status": "invalid"}, but={
                "mx_certificate_ok": 0, "host.sessions.0.dane_match": True,
                "host.sessions.0.dane_error": "invalid"}),
    _ok("ta-cn", "2 1 1, and the name in the CN alone (RFC 7672 §3.2.3)", "ta", "cn_only",
        certificate_status="cn_only"),
    _failed("plain", "a usable record, and no STARTTLS", "no_tls", Mail("plain", None, "ok"),
            host={"status": "starttls_not_offered", "certificate_status": None},
            but=_PLAIN_HOST),
    _failed("starttls-2xx", "250 to STARTTLS: Postfix goes on, and 3 1 1 is met", "no_tls",
            Mail("starttls-250", "ok", "ok"),
            host={"status": "starttls_2xx", "certificate_status": "ok"}, but={
                "mx_tls": 0, "first_failure": "smtp.starttls_2xx",
                "findings": ["smtp.starttls_2xx"], "postfix_verdict": "protected_dane",
                "verdicts.postfix_tlspol": "protected_dane",
                "verdicts.postfix_mta_sts_resolver": "protected_dane",
                "verdicts.mox": "refused", "verdicts.exim": "refused"}),
    _unusable("unusable-usage", "usages 0 and 1 alone", "unusable"),
    _unusable("unusable-length", "a digest of the wrong length", "short"),
    _unusable("wrong-matching-type", "a SHA-512 digest under type 1", "sha512_as_256",
              "wrong_matching_type"),
    _unusable("unusable-matching", "a matching type that does not exist", "matching"),
    _unusable("unusable-data", "a whole certificate that is none", "garbage"),
    _case("unusable-plain", "unusable records make TLS mandatory, and there is none", PLAIN | {
        "verdict": "refused", "verdict_reason": "dane", "dane_status": "unusable"} | _PLAIN_HOST,
        Mail("plain", None, "unusable"),
        {"status": "starttls_not_offered", "certificate_status": None,
         "dane_status": "unusable", "outcome": "refused"}),
    _tempfail("bogus", "the signature of the TLSA does not verify", "bogus"),
    _tempfail("servfail", "SERVFAIL for TLSA", None, script={"_25._tcp.mx TLSA": {"rcode": 2}}),
    _tempfail("refused", "REFUSED for TLSA", None, script={"_25._tcp.mx TLSA": {"rcode": 5}}),
    _tempfail("timeout", "no answer for TLSA", None, script={"_25._tcp.mx TLSA": {"drop": True}},
              waits=DNS * TRIES),
    _case("none", "all signed, and no TLSA", PLAIN | {"dane_status": "none"}, Mail(),
          {"dane_status": "none"}),
    _case("insecure-host", "the MX is signed, its host is not", PLAIN | {"dane_status": "none"},
          Mail(), {}, mx=SHARED_MX, hosts={}, but={"mx": [row()]}),
    _case("unreached", "a usable record, and nothing listens", PLAIN | {
        "verdict": "unknown", "verdict_reason": "mx_unreached", "dane_status": "unknown",
        "mx_reached": 0, "mx_tls": 0, "mx_certificate_ok": 0,
        "first_failure": "smtp.tcp_refused", "findings": ["smtp.tcp_refused"]},
        Mail("refused", None, "ok"),
        {"status": "tcp_refused", "dane_status": "unreached", "outcome": "unreached"}),
    _case("blackhole", "a usable record, and no answer to the first packet", PLAIN | {
        "verdict": "unknown", "verdict_reason": "mx_unreached", "dane_status": "unknown",
        "mx_reached": 0, "mx_tls": 0, "mx_certificate_ok": 0,
        "first_failure": "smtp.tcp_timeout", "findings": ["smtp.tcp_timeout"]},
        Mail("blackhole", None, "ok"),
        {"status": "tcp_timeout", "dane_status": "unreached", "outcome": "unreached"},
        waits=CONNECT),
    Case("dane-host-only", "the host has DANE, the MX is not signed", PLAIN | {
        "dane_status": "host_only",
        "mx": [row(f"mx.dane-ee-spki.{ZONE}", dane_status="ok")]},
        mx=(f"10 mx.dane-ee-spki.{ZONE}.",)),
    Case("dane-implicit", "an implicit MX with DANE", _OK | {
        "mx_status": "implicit",
        "mx": [row(f"dane-implicit.{ZONE}", preference=0, dane_status="ok",
                   outcome="protected_dane")]},
        mx=(), hosts={"@": Mail(tlsa="ok")}, signed=True),
    Case("dane-partial", "one host meets its TLSA, the other does not", _OK | {
        "dane_status": "partial",
        "mx_count": 2, "mx_reached": 2, "mx_tls": 2, "mx_certificate_ok": 2,
        "findings": ["dane.failed", "mx.host_skipped"],
        "mx": [row(f"mx.dane-ee-spki.{ZONE}", dane_status="ok", outcome="protected_dane"),
               row(f"mx.dane-stale.{ZONE}", preference=20, dane_status="failed",
                   dane_failure="ee_mismatch", outcome="refused")]},
        mx=(f"10 mx.dane-ee-spki.{ZONE}.", f"20 mx.dane-stale.{ZONE}."), signed=True),
    Case("dane-beside-unsigned", "one host meets its TLSA, the other is unsigned", PLAIN | {
        "verdict": "partial", "verdict_reason": "mixed", "dane_status": "partial",
        "mx_count": 2, "mx_reached": 2, "mx_tls": 2, "mx_certificate_ok": 2,
        "mx": [row(f"mx.dane-ee-spki.{ZONE}", dane_status="ok", outcome="protected_dane"),
               row(preference=20)]},
        mx=(f"10 mx.dane-ee-spki.{ZONE}.", f"20 {SHARED_MX[0].split()[1]}"), signed=True),
    Case("dane-alias", "TLSA at the end of the host's alias", _OK | {
        "mx": [row(f"mx.dane-alias.{ZONE}", dane_status="ok", outcome="protected_dane",
                   certificate_status="name_mismatch")], "mx_certificate_ok": 0,
        "host.tlsa_base": f"mx.dane-ee-spki.{ZONE}"},
        mx=OWN, records=(("mx", "CNAME", f"mx.dane-ee-spki.{ZONE}."),), signed=True),
]

_STS = ENFORCED | {"first_failure": None}


def _joint(
    name: str, what: str, base: dict[str, Any], mail: Mail, host: dict[str, Any], **other: Any
) -> Case:
    own = f"mx.dane-{name}.{ZONE}"
    keys = ("verdict", "verdict_reason", "first_failure", "dane_status", "findings")
    expect = {key: base[key] for key in keys}
    return _case(name, what, _STS | expect, mail, {"policy_match": "literal"} | host,
                 **({"txt": ('"v=STSv1; id=20260101T000000;"',), "web": policy(own)} | other))


_JOINT = [
    _joint("sts-ok", "DANE and MTA-STS, both met: DANE decides", _OK, Mail(tlsa="ok"),
           {"dane_status": "ok", "outcome": "protected_dane"}),
    _joint("sts-stale", "MTA-STS does not rescue a failing DANE", _FAILED, Mail(tlsa="stale"),
           {"dane_status": "failed", "dane_failure": "ee_mismatch", "outcome": "refused"}),
    _joint("sts-bogus", "MTA-STS does not rescue a lookup that fails", _TEMPFAIL,
           Mail(tlsa="bogus"), {"dane_status": "tempfail", "outcome": "unknown"}),
    _joint("sts-unusable", "unusable records, and a policy that is met", _UNUSABLE,
           Mail(tlsa="unusable"), {"dane_status": "unusable", "outcome": "protected_sts"},
           but={"verdict": "protected_sts", "verdict_reason": "enforced", "first_failure": None,
                "verdicts.postfix_tlspol": "opportunistic", "verdicts.exim": "refused",
                "verdicts.mox": "protected_sts", "verdicts.kumomta": "protected_sts",
                "verdicts.postfix_mta_sts_resolver": "protected_sts"}),
    _joint("sts-unlisted", "DANE is met by a host that the policy does not list", _OK,
           Mail(tlsa="ok"), {"dane_status": "ok", "outcome": "protected_dane",
                             "policy_match": "none", "near_miss": "other"},
           web=policy("mx.formerhost.example"),
           but={"mx_matched": 0, "findings": ["mx_match.other"]}),
    _joint("sts-self-signed", "DANE is met by a certificate that the policy would refuse", _OK,
           Mail(certificate="self_signed", tlsa="ok"),
           {"dane_status": "ok", "outcome": "protected_dane",
            "certificate_status": "self_signed"},
           but={"mx_certificate_ok": 0, "findings": ["certificate.self_signed"]}),
]

CASES = [*_ALONE, *_JOINT]
