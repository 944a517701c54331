"""The TXT records at `_mta-sts` (RFC 8461 §3.1) and `_smtp._tls` (RFC 8460 §3)."""

from __future__ import annotations

from typing import Any

from .model import (
    DNS,
    ENFORCED,
    ID,
    PLAIN,
    RECORD,
    RECORD_INVALID,
    SHARED,
    TRIES,
    ZONE,
    Case,
    Web,
    sts,
)

GOOD = RECORD[0]
REPORTS = '"v=TLSRPTv1; rua=mailto:reports@zoo.lab"'


def _bad(name: str, what: str, status: str, *texts: str, **but: Any) -> Case:
    """Records that are none, for which the survey still fetches the policy."""
    failure = f"record.{status}"
    expect = RECORD_INVALID | {
        "sts_record_status": status, "first_failure": failure, "findings": [failure]}
    return sts(name, what, expect | but, txt=texts)


def _good(name: str, what: str, *texts: str, **but: Any) -> Case:
    return sts(name, what, ENFORCED | but, txt=texts)


def _none(name: str, what: str, status: str, *texts: str) -> Case:
    expect = PLAIN | {"sts_record_status": status, "first_failure": f"record.{status}"}
    return Case(name, what, expect, txt=texts)


def _failed(name: str, what: str, status: str, **other: Any) -> Case:
    expect = PLAIN | {
        "sts_record_status": status, "first_failure": f"record.{status}", "verdict": "unknown",
        "verdict_reason": "record_unknown"}
    return Case(name, what, expect | other.pop("but", {}), **other)


_STS = [
    _none("record-absent", "no TXT", "absent"),
    _none("record-unrelated", "TXT of other purposes alone", "unrelated", '"v=spf1 -all"'),
    _none("record-empty", "an empty TXT", "unrelated", '""'),
    _good("record-ok", "one good record", GOOD),
    _good("record-beside-unrelated", "a good record among others", '"v=spf1 -all"', GOOD),
    _good("record-split", "a record in three strings, joined without spaces",
          f'"v=ST" "Sv1; id={ID[:4]}" "{ID[4:]};"'),
    _good("record-split-octets", "a record of one octet in each string",
          " ".join(f'"{octet}"' for octet in f"v=STSv1;id={ID}")),
    _good("record-no-semicolon", "without the last semicolon", f'"v=STSv1; id={ID}"'),
    _good("record-tight", "without white space", f'"v=STSv1;id={ID};"'),
    _good("record-spaced", "white space around the semicolons", f'"v=STSv1;   id={ID}  ;"'),
    _good("record-extension", "an unknown field", f'"v=STSv1; id={ID}; note=fine;"',
          findings=["record.unknown_field"]),
    _good("record-extension-first", "an unknown field before the id",
          f'"v=STSv1; note=fine; id={ID};"', findings=["record.unknown_field"]),
    _good("record-duplicate-id", "two ids: the first counts", f'"v=STSv1; id={ID}; id=other;"',
          findings=["record.dup_field"]),
    _good("record-id-32", "an id of 32 octets", f'"v=STSv1; id={"7" * 32};"', sts_id="7" * 32),
    _good("record-id-1", "an id of one letter", '"v=STSv1; id=Z;"', sts_id="Z"),
    _good("record-large", "an answer for TCP: 30 long records beside",
          GOOD, *(f'"{n:02d} {"filler " * 34}"' for n in range(30))),
    _bad("record-multiple", "two good records", "multiple", GOOD, '"v=STSv1; id=other;"'),
    _bad("record-multiple-one-bad", "a good and a broken record, both with the prefix",
         "multiple", GOOD, '"v=STSv1; id=not-good;"'),
    _bad("record-version-case", "the version in lower case", "bad_version",
         f'"v=stsv1; id={ID};"'),
    _bad("record-version-two", "a version that does not exist", "bad_version",
         f'"v=STSv2; id={ID};"'),
    _bad("record-version-comma", "no semicolon after the version", "bad_version",
         f'"v=STSv1, id={ID}"'),
    _bad("record-version-space", "white space before the text", "bad_version",
         f'" v=STSv1; id={ID};"'),
    _bad("record-version-contested", "white space before the first semicolon (erratum 6285)",
         "bad_version", f'"v=STSv1 ; id={ID};"',
         findings=["record.bad_version", "record.version_delimiter"]),
    _bad("record-version-quoted", "quotation marks within the text", "bad_version",
         f'"\\"v=STSv1; id={ID};\\""'),
    _bad("record-missing-id", "no id", "missing_id", '"v=STSv1; note=fine;"',
         findings=["record.missing_id", "record.unknown_field"]),
    _bad("record-missing-all", "the version alone", "missing_id", '"v=STSv1;"'),
    _bad("record-id-key-case", "ID in capitals is another field", "missing_id",
         f'"v=STSv1; ID={ID};"', findings=["record.missing_id", "record.unknown_field"]),
    _bad("record-id-dashes", "an id that is a date with hyphens", "bad_id",
         '"v=STSv1; id=2026-01-01;"'),
    _bad("record-id-33", "an id of 33 octets", "bad_id", f'"v=STSv1; id={"7" * 33};"'),
    _bad("record-id-empty", "an empty id", "bad_id", '"v=STSv1; id=;"'),
    _bad("record-extension-name", "a field whose name begins with a hyphen", "bad_extension",
         f'"v=STSv1; id={ID}; -note=fine;"'),
    _bad("record-extension-value", "a field without a value", "bad_extension",
         f'"v=STSv1; id={ID}; note=;"'),
    _bad("record-extension-space", "white space within a value", "bad_extension",
         f'"v=STSv1; id={ID}; note=all fine;"'),
    _bad("record-field", "a field without an equals sign", "bad_field",
         f'"v=STSv1; id={ID}; fine;"'),
    _bad("record-field-empty", "two semicolons in a row", "bad_field", f'"v=STSv1; id={ID};;"'),
    _bad("record-non-ascii", "UTF-8 in a field", "non_ascii",
         f'"v=STSv1; id={ID}; note=\\195\\188;"'),
    sts("record-cname", "the record is an alias of another name's", ENFORCED | {
        "dns.mta_sts.cnames": [f"_mta-sts.record-ok.{ZONE}"]}, txt=(),
        records=(("_mta-sts", "CNAME", f"_mta-sts.record-ok.{ZONE}."),)),
    Case("record-cname-nowhere", "an alias of a name that does not exist", PLAIN | {
        "dns.mta_sts.status": "nxdomain"}, records=(("_mta-sts", "CNAME", "nowhere.zoo.lab."),)),
    Case("record-parent-only", "the record is at another label", PLAIN,
         records=(("_mta_sts", "TXT", GOOD),)),
    _failed("record-servfail", "SERVFAIL", "servfail", faults={"_mta-sts": "servfail"}),
    _failed("record-bogus", "a signature that does not verify", "servfail", signed=True,
            records=(("_mta-sts", "TXT", GOOD, '"v=STSv1; id=forged;"'),),
            but={"dane_status": "none"}),
    _failed("record-refused", "REFUSED (unbound)", "refused", faults={"_mta-sts": "refused"}),
    _failed("record-timeout", "no answer (unbound)", "timeout",
            faults={"_mta-sts": "timeout"}, waits=DNS * TRIES),
    _failed("record-rcode", "RCODE 6", "dns_error", script={"_mta-sts TXT": {"rcode": 6}}),
    _failed("record-malformed", "an answer cut short", "dns_error",
            script={"_mta-sts TXT": {"cut": True}}),
    _failed("record-cname-loop", "aliases in a circle", "dns_error",
            script={"_mta-sts TXT": {"aliases": 2, "loop": True}}),
    _failed("record-failed-testing", "a record that cannot be had hides a testing policy",
            "servfail", script={"_mta-sts TXT": {"rcode": 2}},
            web=Web(f"version: STSv1\nmode: testing\nmx: {SHARED}\nmax_age: 86400\n".encode())),
]


def _report(name: str, what: str, status: str, *texts: str, **other: Any) -> Case:
    findings = [] if status in ("ok", "absent", "unrelated") or not texts else [f"tlsrpt.{status}"]
    expect = PLAIN | {"tlsrpt_status": status, "findings": findings} | other.pop("but", {})
    return Case(f"tlsrpt-{name}", what, expect, tlsrpt=texts, **other)


_TLSRPT = [
    _report("absent", "no TXT", "absent"),
    _report("unrelated", "TXT of other purposes alone", "unrelated", '"v=spf1 -all"'),
    _report("ok", "reports by mail", "ok", REPORTS),
    _report("https", "reports by HTTPS", "ok", '"v=TLSRPTv1;rua=https://reports.zoo.lab/v1"'),
    _report("two", "two destinations", "ok",
            '"v=TLSRPTv1; rua=mailto:a@zoo.lab, https://reports.zoo.lab/v1;"'),
    _report("split", "a record in two strings", "ok", '"v=TLSRPTv1; rua=mail" "to:a@zoo.lab"'),
    _report("extension", "an unknown field", "ok", '"v=TLSRPTv1; rua=mailto:a@zoo.lab; n=1"',
            but={"findings": ["tlsrpt.unknown_field"]}),
    _report("multiple", "two records", "multiple", REPORTS,
            '"v=TLSRPTv1; rua=https://reports.zoo.lab/v1"'),
    _report("version", "a version that does not exist", "bad_version",
            '"v=TLSRPTv2; rua=mailto:a@zoo.lab"'),
    _report("version-contested", "white space before the first semicolon (erratum 6285)",
            "bad_version", '"v=TLSRPTv1 ; rua=mailto:a@zoo.lab"',
            but={"findings": ["tlsrpt.bad_version", "tlsrpt.version_delimiter"]}),
    _report("missing-rua", "the version alone", "missing_rua", '"v=TLSRPTv1;"'),
    _report("bad-rua", "an address without mailto:", "bad_rua", '"v=TLSRPTv1; rua=a@zoo.lab"'),
    _report("bad-rua-mark", "an exclamation point that is not encoded", "bad_rua",
            '"v=TLSRPTv1; rua=mailto:a@zoo.lab!10m"'),
    _report("scheme", "neither mailto nor https", "bad_rua",
            '"v=TLSRPTv1; rua=ftp://reports.zoo.lab/"',
            but={"findings": ["tlsrpt.bad_rua", "tlsrpt.unknown_scheme"]}),
    _report("bad-extension", "a field whose name begins with a hyphen", "bad_extension",
            '"v=TLSRPTv1; rua=mailto:a@zoo.lab; -n=1"'),
    _report("servfail", "SERVFAIL", "servfail", faults={"_smtp._tls": "servfail"}),
    _report("refused", "REFUSED (unbound)", "refused", faults={"_smtp._tls": "refused"}),
    _report("timeout", "no answer (unbound)", "timeout", faults={"_smtp._tls": "timeout"},
            waits=DNS * TRIES),
    _report("dns-error", "RCODE 4", "dns_error", script={"_smtp._tls TXT": {"rcode": 4}}),
]

_DRAFT = [
    sts("tlsrpt-draft-name", "a record at `_smtp-tlsrpt` alone, the name of drafts", ENFORCED | {
        "findings": ["tlsrpt.draft_name"], "dns.tlsrpt_draft.status": "found"},
        records=(("_smtp-tlsrpt", "TXT", REPORTS),)),
    sts("tlsrpt-draft-both", "a record at either name: the old one plays no part", ENFORCED | {
        "tlsrpt_status": "ok", "dns.tlsrpt_draft": None},
        tlsrpt=(REPORTS,), records=(("_smtp-tlsrpt", "TXT", REPORTS),)),
    sts("tlsrpt-draft-wildcard", "a wildcard answers at the name of drafts", ENFORCED | {
        "tlsrpt_status": "unrelated", "dns.tlsrpt_draft.status": "found"},
        records=(("*", "TXT", '"v=spf1 -all"'),)),
]

CASES = [*_STS, *_TLSRPT, *_DRAFT]
