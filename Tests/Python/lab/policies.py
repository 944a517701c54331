"""Records and policies as published: good ones, and one of each kind of bad one."""

from __future__ import annotations

from collections.abc import Callable

HTML = b"<!DOCTYPE html>\n<html><head><title>Parked</title></head><body>Soon.</body></html>\n"
MAX_AGES = (86400, 604800, 1209600, 2592000, 10368000, 31557600)
SHARED_ID = "20240929T000000"
MAX_AGE_LIMIT = 31557600  # RFC 8461 §3.2, erratum 7282


def record_strings(kind: str, record_id: str) -> list[list[str]]:
    """The TXT records at `_mta-sts`, each as its strings; zone file escapes are allowed."""
    good = f"v=STSv1; id={record_id};"
    table: dict[str, list[list[str]]] = {
        "split": [[good[:9], good[9:13], good[13:]]],
        "beside_unrelated": [["v=spf1 -all"], [good], ["a note of no concern"]],
        "without_semicolon": [[good[:-1]]],
        "extension": [[f"v=STSv1; id={record_id}; note=fine;"]],
        "large_answer": [[good]] + [[f"{n:02d} " + "filler " * 34] for n in range(24)],
        "bad_id": [[f"v=STSv1; id={dashed(record_id)};"]],
        "bad_id_long": [[f"v=STSv1; id={'7' * 33};"]],
        "missing_id": [["v=STSv1; note=forgotten;"]],
        "missing_id_only": [["v=STSv1;"]],
        "bad_version_case": [[f"v=stsv1; id={record_id};"]],
        "bad_version_delimiter": [[f"v=STSv1 id={record_id}"]],
        "bad_extension": [[f"v=STSv1; id={record_id}; -note=fine;"]],
        "bad_field": [[f"v=STSv1; id={record_id}; fine;"]],
        "non_ascii": [[f"v=STSv1; id={record_id}; note\\195\\188=fine;"]],
        "multiple": [[good], [f"v=STSv1; id={record_id}0;"]],
        "unrelated": [["v=spf1 -all"]],
    }
    return table.get(kind, [[good]])


RECORD_STATUSES = {
    "absent": "absent", "unrelated": "unrelated", "servfail": "servfail", "bogus": "servfail",
    "refused": "refused", "timeout": "timeout", "bad_id": "bad_id", "bad_id_long": "bad_id",
    "missing_id": "missing_id", "missing_id_only": "missing_id",
    "bad_version_case": "bad_version", "bad_version_delimiter": "bad_version",
    "bad_extension": "bad_extension", "bad_field": "bad_field", "non_ascii": "non_ascii",
    "multiple": "multiple", "alias_gone": "absent",
}


def record_status(kind: str) -> str:
    """The status that a kind of record has."""
    return RECORD_STATUSES.get(kind, "ok")


def dashed(record_id: str) -> str:
    """A date with hyphens, which most bad ids are."""
    return f"{record_id[:4]}-{record_id[4:6]}-{record_id[6:8]}"


def report_strings(kind: str, domain: str) -> list[list[str]]:
    """The TXT records at `_smtp._tls` (RFC 8460 §3)."""
    good = f"v=TLSRPTv1; rua=mailto:tls-reports@{domain}"
    table: dict[str, list[list[str]]] = {
        "unrelated": [["v=spf1 -all"]],
        "multiple": [[good], ["v=TLSRPTv1; rua=https://reports.lab/tls"]],
        "bad_version": [[good.replace("TLSRPTv1", "TLSRPTv2")]],
        "missing_rua": [["v=TLSRPTv1;"]],
        "bad_rua": [[f"v=TLSRPTv1; rua=tls-reports@{domain}"]],
        "bad_extension": [[f"{good}; -note=fine"]],
        "split": [[good[:14], good[14:]]],
        "two_uris": [[f"{good},https://reports.lab/tls"]],
    }
    return table.get(kind, [[good]])


def report_status(kind: str) -> str:
    """The status that a kind of TLSRPT record has."""
    return "ok" if kind in ("split", "two_uris") else kind


def _lines(mode: str | None, patterns: list[str], max_age: str | None) -> list[str]:
    lines = ["version: STSv1"] + ([f"mode: {mode}"] if mode else [])
    lines += [f"mx: {pattern}" for pattern in patterns]
    return lines + ([f"max_age: {max_age}"] if max_age else [])


def _join(lines: list[str], end: str = "\r\n") -> bytes:
    return "".join(line + end for line in lines).encode()


def _mixed(lines: list[str]) -> bytes:
    ends = ("\r\n", "\n")
    return "".join(line + ends[n % 2] for n, line in enumerate(lines)).encode()


def _good(kind: str, lines: list[str]) -> bytes | None:
    """The body of a valid policy; None where the kind is no valid one."""
    table: dict[str, Callable[[], bytes]] = {
        "ok": lambda: _join(lines),
        "lf": lambda: _join(lines, "\n"),
        "mixed_line_ends": lambda: _mixed(lines),
        "without_last_term": lambda: _join(lines).removesuffix(b"\r\n"),
        "trailing_blanks": lambda: _join(lines, " \t\r\n"),
        "unknown_key": lambda: _join([*lines, "note: nothing of concern"]),
        "other_order": lambda: _join(lines[::-1]),
        "duplicate_key": lambda: _join([*lines, "mode: none", "max_age: 1"]),
        "largest_max_age": lambda: _join(lines),
        "max_age_zero": lambda: _join(lines),
    }
    return table[kind]() if kind in table else None


def _bad(kind: str, domain: str, mode: str, patterns: list[str], age: str) -> bytes:
    """The body of an invalid policy, with one fault."""
    whole = _lines(mode, patterns, age)
    bad_mx = {
        "mx_leading_dot": f".{domain}", "mx_trailing_dot": f"{patterns[0]}.",
        "mx_email": f"postmaster@{domain}", "mx_empty": "", "mx_ip": "192.0.2.25",
        "mx_ulabel": "mäil.example.org", "mx_bad_wildcard": f"mail*.{domain}",
        "mx_bad": f"smtp_in.{domain}",
    }
    if kind in bad_mx:
        return _join(_lines(mode, [bad_mx[kind]], age))
    return {
        "empty": b"", "html": HTML,
        "json_draft": b'{"version": "STSv1", "mode": "report", "mx": ["' +
                      patterns[0].encode() + b'"], "max_age": 86400}\n',
        "not_text": _join(whole) + b"note: \x00\r\n",
        "not_utf8": _join(whole) + b"note: caf\xe9\r\n",
        "missing_version": _join(whole[1:]),
        "bad_version": _join(["version: STSv2", *whole[1:]]),
        "missing_mode": _join(_lines(None, patterns, age)),
        "bad_mode": _join(_lines("enforced", patterns, age)),
        "mode_report": _join(_lines("report", patterns, age)),
        "missing_max_age": _join(_lines(mode, patterns, None)),
        "bad_max_age": _join(_lines(mode, patterns, "1 week")),
        "max_age_range": _join(_lines(mode, patterns, "63115200")),
        "missing_mx": _join(_lines(mode, [], age)),
        "bad_line": _join([*whole, "end of the policy"]),
    }[kind]


def policy_body(
    kind: str, domain: str, mode: str, patterns: list[str], max_age: int
) -> tuple[str, bytes]:
    """The status and the body of a kind of policy."""
    good = _good(kind, _lines(mode, patterns, str(max_age)))
    if good is not None:
        return "ok", good
    status = "not_text" if kind == "not_utf8" else kind
    return status, _bad(kind, domain, mode, patterns, str(max_age))


def draw_max_age(kind: str, choice: Callable[[tuple[int, ...]], int]) -> int:
    """The max_age of a policy of a kind."""
    fixed = {"largest_max_age": MAX_AGE_LIMIT, "max_age_zero": 0}
    return fixed[kind] if kind in fixed else choice(MAX_AGES)


def mx_patterns(kind: str, domain: str, hosts: list[str]) -> list[str]:
    """The mx patterns of a policy that is right or wrong in a certain way."""
    first = hosts[0] if hosts else f"mail.{domain}"
    parent = first.partition(".")[2]
    stem = first.rpartition(".")[0]
    table = {
        "wildcard": [f"*.{parent}"],
        "upper_case": [host.upper() for host in hosts],
        "absent": [],
        "other_domain": ["mx1.formerhost.lab", "mx2.formerhost.lab"],
        "typo": [f"x{first}"],
        "extra_labels": [parent],
        "policy_host": [f"mta-sts.{domain}"],
        "other_tld": [f"{stem}.lab"],
        "first_only": [first],
        "wildcard_too_deep": [f"*.{first}"],
    }
    return table.get(kind, hosts or [first])
