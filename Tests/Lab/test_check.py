"""`stsurvey check`: one domain, explained."""

import json

import pytest

from helpers.program import run


def domain_with(truth, **wanted):
    return next(
        line["domain"] for line in truth
        if all(line[key] == value for key, value in wanted.items()))


def test_a_protected_domain_is_explained_step_by_step(flags, truth):
    domain = domain_with(truth, verdict="protected_sts")
    done = run("check", domain, *flags)
    assert done.returncode == 0, done.stderr
    for word in [
        domain, "mail goes to", "v=STSv1", "mode enforce", "max_age", "STARTTLS, TLSv1.",
        "certificate for", ": valid", "protected_sts",
    ]:
        assert word in done.stdout, (word, done.stdout)


def test_a_broken_domain_is_told_what_is_broken(flags, truth):
    domain = domain_with(truth, policy_fetch_status="tls_expired")
    done = run("check", domain, *flags)
    assert done.returncode == 0
    assert "tls_expired" in done.stdout
    assert "policy_fetch.tls_expired" in done.stdout


def test_the_record_is_that_of_a_scan(flags, truth, quickstart):
    domain = domain_with(truth, verdict="refused")
    done = run("check", "--json", domain, *flags)
    record = json.loads(done.stdout)
    scanned = next(line for line in quickstart.domains if line["domain"] == domain)
    # A check keeps no records of hosts to which it could refer.
    assert {host["observation"] for host in record["mx"]} == {None}
    scanned = {**scanned, "mx": [{**host, "observation": None} for host in scanned["mx"]]}
    for key in ["verdict", "first_failure", "sts_id", "mx", "mx_status", "findings"]:
        assert record[key] == scanned[key], key


def test_what_is_no_domain_name_is_wrong_use():
    done = run("check", "not a name")
    assert done.returncode == 64
    assert "not a name" in done.stderr


@pytest.mark.parametrize("form", [
    "someone@{}", "https://{}/", "https://user:word@{}:8443/path?x@y", "{}."])
def test_an_address_or_a_url_stands_for_its_domain(flags, quickstart, form):
    domain = next(r["domain"] for r in quickstart.domains if r["verdict"] == "protected_sts")
    done = run("check", form.format(domain), "--json", *flags)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["domain"] == domain
