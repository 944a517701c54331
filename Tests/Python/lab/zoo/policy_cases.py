"""The bodies of policies (RFC 8461 §3.2)."""

from __future__ import annotations

from typing import Any

from .model import BODY, ENFORCED, POLICY_INVALID, SHARED, Case, Web, row, sts

HTML = b"<!DOCTYPE html>\n<html><head><title>Parked</title></head><body>Soon.</body></html>\n"
LINES = ["version: STSv1", "mode: enforce", f"mx: {SHARED}", "max_age: 2592000"]


def _text(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def _good(name: str, what: str, body: bytes, **but: Any) -> Case:
    return sts(f"policy-{name}", what, ENFORCED | but, web=Web(body))


def _bad(name: str, what: str, status: str, body: bytes, *more: str, **web: Any) -> Case:
    failure = f"policy.{status}"
    expect = POLICY_INVALID | {
        "policy_status": status, "first_failure": failure, "findings": [failure, *more]}
    return sts(f"policy-{name}", what, expect, web=Web(body, **web))


def _mx(name: str, what: str, status: str, pattern: str) -> Case:
    return _bad(name, what, status, _text(*LINES[:2], f"mx: {pattern}", LINES[3]))


def _age(text: str) -> bytes:
    return _text(*LINES[:3], f"max_age: {text}")


_TESTING = ENFORCED | {
    "verdict": "testing_ok", "verdict_reason": "mode_testing", "sts_mode": "testing",
    "mx": [row(policy_match="literal")]}
_NONE = ENFORCED | {
    "verdict": "opportunistic", "verdict_reason": "mode_none", "sts_mode": "none",
    "mx_matched": None, "mx": [row()]}

_GOOD = [
    _good("ok", "a good policy", BODY),
    _good("testing", "mode testing, and enforcing would do", _text(
        LINES[0], "mode: testing", *LINES[2:]), **_TESTING),
    _good("none", "mode none", _text(LINES[0], "mode: none", *LINES[2:]), **_NONE),
    _good("none-without-mx", "mode none needs no mx", _text(
        LINES[0], "mode: none", LINES[3]), **_NONE),
    _good("lf", "lines end in LF", _text(*LINES, end="\n")),
    _good("line-ends-contested", "lines end in LF and in CRLF (erratum 6253)",
          _text(*LINES[:2]) + _text(*LINES[2:], end="\n"), findings=["policy.mixed_line_ends"]),
    _good("last-term", "without the last line end", BODY[:-2]),
    _good("blanks", "blanks after the values", _text(*(f"{line} \t" for line in LINES))),
    _good("no-blanks", "no blanks at all", _text(*(line.replace(" ", "") for line in LINES))),
    _good("order", "the keys in another order", _text(*LINES[::-1])),
    _good("unknown-key", "an unknown key", _text(*LINES, "note: fine"),
          findings=["policy.unknown_key"]),
    _good("unknown-utf8", "UTF-8 in the value of an unknown key", _text(*LINES, "note: caf\u00e9"),
          findings=["policy.unknown_key"]),
    _good("duplicate", "mode and max_age twice: the first counts",
          _text(*LINES, "mode: none", "max_age: 1"),
          findings=["policy.dup_key", "policy.dup_key"]),
    _good("max-age-largest", "the largest max_age", _age("31557600"), sts_max_age=31557600),
    _good("max-age-zero", "max_age 0 is a number like others", _age("0"), sts_max_age=0,
          findings=["policy.short_max_age"]),
    _good("max-age-short", "an enforced policy for a day", _age("86400"), sts_max_age=86400,
          findings=["policy.short_max_age"]),
    _good("max-age-digits", "ten digits (erratum 7282)", _age("0002592000"),
          findings=["policy.max_age_digits"]),
    _good("wildcard", "a wildcard for one label",
          _text(*LINES[:2], "mx: *.mail.zoo.lab", LINES[3]),
          mx=[row(policy_match="wildcard", outcome="protected_sts")]),
    _good("upper-case", "the host in upper case",
          _text(*LINES[:2], f"mx: {SHARED.upper()}", LINES[3])),
    _good("two-mx", "a pattern that no host meets beside one that is met",
          _text(*LINES[:2], "mx: unused.zoo.lab", *LINES[2:])),
]

_BAD = [
    _bad("empty", "no octet", "empty", b""),
    _bad("blank", "line ends alone", "empty", b"\r\n\r\n"),
    _bad("html", "an HTML page", "html", HTML, "policy_fetch.content_type",
         content_type="text/html"),
    _bad("html-as-text", "an HTML page as text/plain", "html", HTML),
    _bad("json-draft", "the JSON of the drafts", "json_draft",
         b'{"version": "STSv1", "mode": "report", "mx": [".zoo.lab"], "max_age": 86400}\n'),
    _bad("nul", "a NUL octet", "not_text", BODY + b"note: \x00\r\n"),
    _bad("latin", "ISO 8859-1", "not_text", BODY + b"note: caf\xe9\r\n"),
    _bad("utf16", "UTF-16", "not_text", BODY.decode().encode("utf-16")),
    _bad("bom", "a byte order mark first", "bad_line", b"\xef\xbb\xbf" + BODY,
         "policy.bom"),
    _bad("missing-version", "no version", "missing_version", _text(*LINES[1:])),
    _bad("bad-version", "a version that does not exist", "bad_version",
         _text("version: STSv2", *LINES[1:])),
    _bad("version-case", "the version in lower case", "bad_version",
         _text("version: stsv1", *LINES[1:])),
    _bad("key-case", "the keys in capitals", "missing_mode",
         _text(LINES[0], "Mode: enforce", *LINES[2:]), "policy.unknown_key"),
    _bad("missing-mode", "no mode", "missing_mode", _text(LINES[0], *LINES[2:])),
    _bad("bad-mode", "a mode that does not exist", "bad_mode",
         _text(LINES[0], "mode: enforced", *LINES[2:])),
    _bad("mode-case", "the mode in capitals", "bad_mode",
         _text(LINES[0], "mode: ENFORCE", *LINES[2:])),
    _bad("mode-report", "the mode of drafts before December 2017", "mode_report",
         _text(LINES[0], "mode: report", *LINES[2:])),
    _bad("missing-max-age", "no max_age", "missing_max_age", _text(*LINES[:3])),
    _bad("bad-max-age", "max_age in words", "bad_max_age", _age("1 week")),
    _bad("max-age-empty", "max_age without a number", "bad_max_age", _age("")),
    _bad("max-age-negative", "max_age below zero", "bad_max_age", _age("-1")),
    _bad("max-age-contested", "one second over the limit (erratum 7282)", "max_age_range",
         _age("31557601")),
    _bad("max-age-contested-ten", "ten digits over the limit (erratum 7282)", "max_age_range",
         _age("9999999999")),
    _bad("missing-mx", "no mx in mode enforce", "missing_mx", _text(*LINES[:2], LINES[3])),
    _mx("mx-leading-dot", "the suffix of the drafts", "mx_leading_dot", ".mail.zoo.lab"),
    _mx("mx-trailing-dot", "a name with the root's dot", "mx_trailing_dot", f"{SHARED}."),
    _mx("mx-email", "a mail address", "mx_email", "postmaster@zoo.lab"),
    _mx("mx-empty", "no value", "mx_empty", ""),
    _mx("mx-ip", "an IPv4 address", "mx_ip", "192.0.2.25"),
    _mx("mx-ip-literal", "an address literal", "mx_ip", "[IPv6:2001:db8::25]"),
    _mx("mx-ulabel", "a name in U-labels", "mx_ulabel", "m\u00e4il.zoo.lab"),
    _mx("mx-wildcard-part", "a wildcard for a part of a label", "mx_bad_wildcard",
        "mx*.mail.zoo.lab"),
    _mx("mx-wildcard-alone", "a wildcard alone", "mx_bad_wildcard", "*"),
    _mx("mx-wildcard-within", "a wildcard that is not leftmost", "mx_bad_wildcard",
        "mx.*.zoo.lab"),
    _mx("mx-bad", "an underscore", "mx_bad", "mx_1.mail.zoo.lab"),
    _mx("mx-list", "two hosts in one line", "mx_bad", f"{SHARED}, mx2.mail.zoo.lab"),
    _bad("bad-line", "a line without a colon", "bad_line", _text(*LINES, "end of the policy")),
    _bad("blank-line", "a blank line at the end", "bad_line", BODY + b"\r\n",
         "policy.blank_line"),
    _bad("blank-line-first", "a blank line at the start", "bad_line", b"\r\n" + BODY,
         "policy.blank_line"),
    _bad("blank-line-within", "a blank line between two fields", "bad_line",
         BODY.replace(b"mx:", b"\r\nmx:"), "policy.blank_line"),
    _bad("cr-alone", "lines end in CR alone", "bad_version", _text(*LINES, end="\r"),
         "policy.missing_mode", "policy.missing_max_age", "policy.missing_mx"),
    _bad("comment", "a comment", "bad_line", _text("# our policy", *LINES)),
    _bad("equals", "equals signs for colons", "bad_line",
         _text(*(line.replace(": ", "=") for line in LINES)),
         *["policy.bad_line"] * 3, "policy.missing_version", "policy.missing_mode",
         "policy.missing_max_age", "policy.missing_mx"),
]

CASES = [*_GOOD, *_BAD]
