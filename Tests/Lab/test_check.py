"""`stsurvey check`: one domain, explained."""

import copy
import json
import os
import pty
import re
import subprocess

import pytest

from helpers.program import PROGRAM, run


def plain(text):
    """The text on one line, without what its layout adds."""
    return " ".join(text.split())


def on_terminal(arguments, **environment):
    """What a terminal gets of a command: its output and its messages."""
    own, other = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, *map(str, arguments)], stdin=other, stdout=other, stderr=other,
        env={**os.environ, "TERM": "xterm", **environment})
    os.close(other)
    screen = b""
    while True:
        try:
            part = os.read(own, 65_536)
        except OSError:
            break
        if not part:
            break
        screen += part
    os.close(own)
    assert process.wait(timeout=60) == 0
    return screen.decode()


def domain_with(truth, **wanted):
    return next(
        line["domain"] for line in truth
        if all(line[key] == value for key, value in wanted.items()))


def test_a_protected_domain_is_explained_step_by_step(flags, truth):
    domain = domain_with(truth, verdict="protected_sts")
    done = run("check", domain, *flags)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"WORKING: mail for {domain} is protected by MTA-STS.")
    for word in [
        domain, "mail goes to", "v=STSv1", "mode enforce", "max_age", "STARTTLS, TLSv1.",
        "certificate for", ": valid", "verdict.protected_sts",
    ]:
        assert word in plain(done.stdout), (word, done.stdout)


def test_a_broken_domain_is_told_what_is_broken(flags, truth):
    domain = domain_with(truth, policy_fetch_status="tls_expired")
    done = run("check", domain, *flags)
    assert done.returncode == 1
    text = plain(done.stdout)
    assert text.startswith(f"NOT WORKING: senders cannot fetch the MTA-STS policy of {domain}")
    assert f"The certificate of mta-sts.{domain} expired on 20" in text
    assert "Where: certificate" in text and "Fix: Renew the certificate" in text
    assert "Code: policy_fetch.tls_expired" in text
    # What the library says is in the record alone.
    assert "certificate has expired" not in text


@pytest.mark.parametrize("wanted, code", [
    ({"verdict": "protected_sts"}, 0), ({"verdict": "protected_dane"}, 0),
    ({"verdict": "refused"}, 1), ({"verdict": "testing_ok"}, 0),
    ({"verdict": "testing_would_fail"}, 1), ({"verdict_reason": "no_record"}, 0),
    ({"verdict_reason": "mode_none"}, 0), ({"verdict_reason": "null_mx"}, 0),
    ({"verdict_reason": "record_invalid"}, 1), ({"verdict_reason": "policy_fetch_failed"}, 1),
    ({"verdict_reason": "policy_invalid"}, 1), ({"verdict": "unknown"}, 2),
])
def test_the_exit_code_says_whether_something_is_to_be_mended(flags, truth, wanted, code):
    done = run("check", domain_with(truth, **wanted), *flags)
    assert done.returncode == code, done.stdout + done.stderr


def test_several_domains_are_checked_in_order_and_the_gravest_counts(flags, truth):
    good, bad = (domain_with(truth, verdict=verdict) for verdict in ["protected_sts", "refused"])
    unknown = domain_with(truth, verdict="unknown")
    done = run("check", good, bad, unknown, *flags)
    assert done.returncode == 1
    heads = [line for line in done.stdout.splitlines() if line.startswith("Facts about ")]
    assert heads == [f"Facts about {name}" for name in [good, bad, unknown]]
    done = run("check", good, unknown, "--json", *flags)
    assert done.returncode == 2
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["domain"] for record in records] == [good, unknown]


def test_the_json_has_the_hosts_and_the_diagnosis(flags, truth, quickstart):
    domain = domain_with(truth, verdict="refused")
    record = json.loads(run("check", "--json", domain, *flags).stdout)
    assert [host["host"] for host in record["hosts"]] == [host["host"] for host in record["mx"]]
    assert [host["observation"] for host in record["mx"]] == [
        host["observation"] for host in record["hosts"]]
    assert list(record["hosts"][0]) == list(quickstart.hosts[0])
    assert record["diagnosis"]["need"] == "mending"
    assert record["diagnosis"]["headline"].startswith("NOT WORKING: ")
    assert all(item["steps"] for item in record["diagnosis"]["items"]
               if item["severity"] == "error")


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_lines_fit_the_width(flags, truth, columns):
    done = run("check", domain_with(truth, verdict="refused"), *flags,
               env={"COLUMNS": str(columns)})
    assert max(map(len, done.stdout.splitlines())) <= min(columns, 100)


def test_colour_is_for_terminals(flags, truth):
    domain = domain_with(truth, verdict="protected_sts")
    assert "\x1b" not in run("check", domain, *flags).stdout
    assert run("check", domain, *flags, "--color", "always").stdout.startswith("\x1b[1;32mWORKING")
    assert run("check", domain, "--color", "purple").returncode == 64
    screen = on_terminal(["check", domain, *flags])
    assert "\x1b[1;32mWORKING" in screen and "asking DNS" in screen
    screen = on_terminal(["check", domain, *flags], NO_COLOR="1")
    assert "\x1b[1;32m" not in screen and "WORKING" in screen
    screen = on_terminal(["check", domain, *flags, "--color", "never"])
    assert "\x1b[1;32m" not in screen


def test_a_locale_without_utf_8_gets_ascii(zoo_flags):
    domain = "policy-mx-ulabel.zoo.lab"
    done = run("check", domain, *zoo_flags, env={"LC_ALL": "C"})
    assert done.stdout.isascii() and "m?il.zoo.lab" in done.stdout
    done = run("check", domain, *zoo_flags, env={"LC_ALL": "C.UTF-8"})
    assert "m\u00e4il.zoo.lab" in done.stdout


def test_tlsa_records_are_shown_and_no_dane_frightens_nobody(zoo_flags):
    text = plain(run("check", "dane-stale.zoo.lab", *zoo_flags).stdout)
    assert re.search(r"TLSA 3 1 1 [0-9a-f]{64}", text)
    assert re.search(r'The record for the key in use would be "3 1 1 [0-9a-f]{64}"', text)
    text = plain(run("check", "smtp-nobody-asks-plain.zoo.lab", *zoo_flags).stdout)
    assert "insecure" not in text
    assert "DANE is not used: the zone is not signed by DNSSEC" in text


def test_the_record_is_that_of_a_scan(flags, truth, quickstart):
    domain = domain_with(truth, verdict="refused")
    done = run("check", "--json", domain, *flags)
    record = json.loads(done.stdout)
    scanned = copy.deepcopy(
        next(line for line in quickstart.domains if line["domain"] == domain))
    # Each numbers the observations of its own hosts.
    for one in [record, scanned]:
        for host in one["mx"]:
            host["observation"] = None
    for key in ["verdict", "first_failure", "sts_id", "mx", "mx_status", "findings"]:
        assert record[key] == scanned[key], key


def test_what_is_no_domain_name_is_wrong_use():
    done = run("check", "not a name")
    assert done.returncode == 64
    assert "not a name" in done.stderr


@pytest.mark.parametrize("form", [
    "someone@{}", "mailto:someone@{}", "https://{}/", "https://user:word@{}:8443/path?x@y", "{}."])
def test_an_address_or_a_url_stands_for_its_domain(flags, quickstart, form):
    domain = next(r["domain"] for r in quickstart.domains if r["verdict"] == "protected_sts")
    done = run("check", form.format(domain), "--json", *flags)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["domain"] == domain
