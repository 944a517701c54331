"""The linters: vectors with their status, offsets, exit codes; any bytes; and their speed."""

import itertools
import json
import os
import subprocess

import pytest

from helpers.program import PROGRAM, ROOT


def lint(*arguments, body=None):
    """Runs a linter on str or bytes; what it prints must be UTF-8."""
    done = subprocess.run(
        [PROGRAM, "lint", *map(os.fsencode, arguments)],
        capture_output=True, input=body, timeout=60, cwd=ROOT)
    done.stdout, done.stderr = done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")
    return done


def lint_json(*arguments, body=None):
    """The exit code and the one object that --json prints."""
    done = lint(*arguments[:1], "--json", "--", *arguments[1:], body=body)
    assert done.stdout.count("\n") == 1 and not done.stderr
    return done.returncode, json.loads(done.stdout)


def check(arguments, status, body=None):
    """Judges, and checks what holds of every answer."""
    code, answer = lint_json(*arguments, body=body)
    assert answer["status"] == status, answer
    assert code == (0 if status == "ok" else 1)
    for finding in answer.get("findings", []):
        assert {"code", "severity", "section", "offset", "message"} <= finding.keys()
        assert (finding["severity"] == "error") <= (status != "ok")
        assert finding["section"].startswith("RFC ") and finding["message"]
    if status != "ok":
        assert status in [finding["code"] for finding in answer["findings"]]
    people = lint(arguments[0], "--", *arguments[1:], body=body)
    assert people.returncode == code
    assert all(c == "\n" or c.isprintable() for c in people.stdout)
    if status != "ok":
        assert "^" in people.stdout and status in people.stdout
    return answer


RECORDS = [
    (["v=STSv1; id=20160831085700Z;"], "ok"),  # RFC 8461 §3.1
    (["v=STSv1;id=1"], "ok"),
    (["v=STSv1;\tid=1 ;"], "ok"),  # *WSP around semicolons
    (["v=STSv1; id=1; id=-"], "ok"),  # the first counts, provided the rest are fields
    (["v=STSv1; id=1; x=y"], "ok"),  # unknown fields are ignored
    (["v=spf1 -all", "v=STSv1; id=1"], "ok"),  # others are discarded
    (["v=STSv1; id=2024-01-01"], "bad_id"),
    (["v=STSv1; id="], "bad_id"),
    (["v=STSv1; id=" + "a" * 33], "bad_id"),
    (["v=STSv1; id=" + "a" * 32], "ok"),
    (["v=STSv1;"], "missing_id"),
    (["v=STSv1; ID=1"], "missing_id"),  # names are case-sensitive
    (["v=stsv1; id=1"], "bad_version"),
    (["v=STSv1 ; id=1"], "bad_version"),  # contested, erratum 6285
    (["v=STSv2; id=1"], "bad_version"),
    (["v=STSv1; id=1;;"], "bad_field"),
    (["v=STSv1; id=1; x"], "bad_field"),
    (["v=STSv1; id=1; x=a=b"], "bad_extension"),
    (["v=STSv1; id=1", "v=STSv1; id=1"], "multiple"),
    (["v=spf1 -all"], "unrelated"),
    ([""], "unrelated"),
    ([b"v=STSv1; id=\xff"], "non_ascii"),
    ([b"\xff\xfe"], "unrelated"),
    (["v=STSv1; id=\x1b[31m"], "bad_id"),
    (["-v"], "unrelated"),
]

VALID = "version: STSv1\nmode: enforce\nmx: mx.a.example\nmax_age: 1209600\n"

POLICIES = [
    (VALID, "ok"),
    (VALID.replace("\n", "\r\n"), "ok"),
    (VALID.rstrip(), "ok"),
    (VALID.replace("STSv1\n", "STSv1\r\n"), "ok"),  # contested, erratum 6253
    (VALID.replace("enforce", "testing \t"), "ok"),  # *WSP behind a field
    ("version: STSv1\nmode: none\nmax_age: 0\n", "ok"),
    (VALID + "x: y\n", "ok"),
    (VALID + "mode: none\n", "ok"),  # the first counts
    (VALID.replace("1209600", "31557600"), "ok"),
    (VALID.replace("1209600", "31557601"), "max_age_range"),  # contested, erratum 7282
    (VALID.replace("1209600", "0031557600"), "ok"),
    (VALID.replace("1209600", "00031557600"), "bad_max_age"),
    (VALID.replace("1209600", "-1"), "bad_max_age"),
    (VALID.replace("enforce", "report"), "mode_report"),
    (VALID.replace("enforce", "Enforce"), "bad_mode"),
    (VALID.replace("STSv1", "STSv2"), "bad_version"),
    (VALID.replace("version: STSv1\n", ""), "missing_version"),
    (VALID.replace("mode: enforce\n", ""), "missing_mode"),
    (VALID.replace("max_age: 1209600\n", ""), "missing_max_age"),
    (VALID.replace("mx: mx.a.example\n", ""), "missing_mx"),
    (VALID.replace("mx.a", ".a"), "mx_leading_dot"),
    (VALID.replace("a.example", "a.example."), "mx_trailing_dot"),
    (VALID.replace("mx.a", "mx@a"), "mx_email"),
    (VALID.replace("mx.a.example", ""), "mx_empty"),
    (VALID.replace("mx.a.example", "[192.0.2.1]"), "mx_ip"),
    (VALID.replace("mx.a", "mx.ä"), "mx_ulabel"),
    (VALID.replace("mx.a", "mx*.a"), "mx_bad_wildcard"),
    (VALID.replace("mx.a", "m_x.a"), "mx_bad"),
    (VALID.replace("mode", "\nmode"), "bad_line"),
    ("\ufeff" + VALID, "bad_line"),
    ("", "empty"),
    (" \r\n", "empty"),
    ("<!doctype html>", "html"),
    ('{"version": "STSv1"}', "json_draft"),
    (VALID + "\0", "not_text"),
    (VALID.encode() + b"x: \xff\n", "not_text"),
    (b"\x80" * 100, "not_text"),
    (b"a" * 65536, "bad_line"),
    (VALID.encode() + b"x" * 65536, "too_large"),
]

REPORTS = [
    (["v=TLSRPTv1; rua=mailto:reports@a.example"], "ok"),
    (["v=TLSRPTv1;rua=https://a.example/tls,mailto:b@a.example"], "ok"),
    (["v=TLSRPTv1; rua=mailto:a@a.example; rua=mailto:b@a.example"], "ok"),  # contested
    (["v=TLSRPTv1; rua=mailto:a"], "bad_rua"),
    (["v=TLSRPTv1; rua=ftp://a.example/"], "bad_rua"),
    (["v=TLSRPTv1; rua=mailto:a@a.example!10m"], "bad_rua"),  # ! must be encoded
    (["v=TLSRPTv1; rua="], "bad_rua"),
    (["v=TLSRPTv1"], "bad_version"),
    (["v=TLSRPTv1;"], "missing_rua"),
    (["v=TLSRPTv1; rua=mailto:a@a.example", "v=TLSRPTv1; rua=mailto:a@a.example"], "multiple"),
    (["v=STSv1; id=1"], "unrelated"),
    ([b"v=TLSRPTv1; rua=mailto:\xff@a.example"], "bad_rua"),
]

HOSTS = [
    (["mx.a.example", "mx.a.example"], "ok"),
    (["MX.a.example.", "mx.A.example"], "ok"),
    (["mx.a.example", "b.example", "*.a.example"], "ok"),
    (["a.example", "*.a.example"], "not_allowed"),  # a wildcard is exactly one label
    (["b.mx.a.example", "*.a.example"], "not_allowed"),
    (["mx.a.example", ".a.example"], "mx_leading_dot"),
    (["mx.a.example", "*"], "mx_bad_wildcard"),
    (["192.0.2.1", "*.0.2.1"], "bad_host"),
    ([b"\xff", b"\xfe"], "bad_host"),
    (["mx.a.example", b"\xfe"], "mx_ulabel"),
    (["", ""], "bad_host"),
]


@pytest.mark.parametrize("texts, status", RECORDS)
def test_record(texts, status):
    answer = check(["record", *texts], status)
    if status == "ok":
        assert set(answer) <= {"status", "id", "mistakes", "findings"} and answer["id"]


@pytest.mark.parametrize("body, status", POLICIES, ids=itertools.count())
def test_policy(body, status, tmp_path):
    octets = body if isinstance(body, bytes) else body.encode()
    answer = check(["policy", "-"], status, body=octets)
    if status == "ok":
        assert set(answer["policy"]) == {"version", "mode", "max_age", "mx"}
    path = tmp_path / "mta-sts.txt"
    path.write_bytes(octets)
    assert lint_json("policy", path) == (0 if status == "ok" else 1, answer)


@pytest.mark.parametrize("texts, status", REPORTS)
def test_tlsrpt(texts, status):
    check(["tlsrpt", *texts], status)


@pytest.mark.parametrize("texts, status", HOSTS)
def test_mx(texts, status):
    check(["mx", *texts], status)


@pytest.mark.parametrize("arguments, body", [
    (["record", "v=STSv1 ; id=1"], None),
    (["policy", "-"], VALID.replace("1209600", "31557601").encode()),
    (["policy", "-"], VALID.replace("STSv1\n", "STSv1\r\n").encode()),
    (["tlsrpt", "v=TLSRPTv1; rua=mailto:a@b.c; rua=mailto:a@b.c"], None),
])
def test_contested_readings_are_said_to_be(arguments, body):
    _, answer = lint_json(*arguments, body=body)
    assert any(finding["message"].startswith("contested") for finding in answer["findings"])


def test_offsets_count_octets():
    _, answer = lint_json("record", b"v=STSv1; id=1; \xc3\xa4=\xff")
    assert (answer["findings"][0]["code"], answer["findings"][0]["offset"]) == ("non_ascii", 15)
    _, answer = lint_json("policy", "-", body="x: ä\nmode: bad\n".encode())
    assert (answer["status"], answer["findings"][0]["offset"]) == ("bad_mode", 12)


def test_caret_stands_under_the_octet():
    lines = lint("record", b"v=STSv1; id=\xff1").stdout.splitlines()
    carets = [number for number, line in enumerate(lines) if line.strip() == "^"]
    assert len(carets) > 1
    # The mistake, and the fault; an id that lacks follows from them.
    assert all(lines[n].index("^") == lines[n - 1].index("\\255") for n in carets[:2])


@pytest.mark.parametrize("arguments", [
    [], ["nonsense"], ["record"], ["record", "--json"], ["record", "--nonsense", "x"], ["policy"],
    ["policy", "a", "b"], ["tlsrpt"], ["mx"], ["mx", "a.example"],
])
def test_wrong_use(arguments):
    done = lint(*arguments)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr and "\x1b" not in done.stderr


@pytest.mark.parametrize("path", ["/nonexistent", "/", b"/\xff\x1b"])
def test_a_policy_that_cannot_be_opened(path):
    done = lint("policy", path)
    assert (done.returncode, done.stdout) == (66, "")
    assert done.stderr and "\x1b" not in done.stderr


def longest(prefix, part, count=65536):
    """A text of `count` octets."""
    return (prefix + part * count)[:count]


@pytest.mark.parametrize("arguments, body", [
    (["record", longest(b"v=STSv1; id=1", b";a=b")], None),
    (["record", longest(b"v=STSv1;", b" ")], None),
    (["record", longest(b"v=STSv1;", b"\xff;")], None),
    (["tlsrpt", longest(b"v=TLSRPTv1;rua=mailto:a@b", b",mailto:a@b")], None),
    (["tlsrpt", longest(b"v=TLSRPTv1;rua=", b",")], None),
    (["policy", "-"], longest(b"version: STSv1\n", b"mx: a.b\n")),
    (["policy", "-"], longest(b"", b"\n")),
    (["policy", "-"], longest(b"", b"a:\r\n")),
    (["policy", "-"], longest(b"mx: ", b"a.")),
    (["mx", longest(b"", b"a."), longest(b"*.", b"a.")], None),
    (["mx", "a." * 100 + "b"] + ["b." * 100 + "c"] * 300, None),
], ids=itertools.count())
def test_64_kib_are_judged(arguments, body):
    # A parser that is more than linear would not end within the time that `run` allows.
    assert lint(*arguments, body=body).returncode in (0, 1)
