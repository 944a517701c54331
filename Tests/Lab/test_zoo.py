"""The zoo: every case against the record that it carries."""

import json
import subprocess

import pytest

from helpers.program import ROOT
from helpers.worker import LAB

KEYS = [
    "mx_status", "mx_count", "mx_reached", "mx_tls", "mx_certificate_ok", "mx_matched",
    "sts_record_status", "sts_id", "policy_fetch_status", "policy_status", "sts_mode",
    "sts_max_age", "tlsrpt_status", "dane_status", "verdict", "verdict_reason", "first_failure",
    "mx",
]
# What a busy machine may add to the time that a case's own time-outs take, in seconds.
SLACK = 10


@pytest.fixture(scope="session")
def cases(flags):
    """The cases, each with the record expected of it."""
    lines = (LAB / "zoo-expected.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


def at(record, path):
    """The value at a path of keys and indexes."""
    for key in path.split("."):
        record = record[int(key) if key.isdigit() else key]
    return record


def differences(case, record, hosts):
    """Where a record is other than its case says."""
    found = [(key, record[key], case[key]) for key in KEYS
             if key != "mx" and record[key] != case[key]]
    # A case tells of each host what it is about.
    told = [{key: host[key] for key in wanted}
            for host, wanted in zip(record["mx"], case["mx"], strict=False)]
    if told != case["mx"] or len(record["mx"]) != len(case["mx"]):
        found.append(("mx", record["mx"], case["mx"]))
    seen = sorted(f"{finding['layer']}.{finding['code']}" for finding in record["findings"])
    if seen != sorted(case["findings"]):
        found.append(("findings", seen, sorted(case["findings"])))
    for path in (key for key in case if "." in key):
        layer, _, rest = path.partition(".")
        value = at(hosts[case["mx"][0]["host"]], rest) if layer == "host" else at(record, path)
        if value != case[path]:
            found.append((path, value, case[path]))
    return [f"{case['domain']} ({case['what']}): {key} is {value}, not {wanted}"
            for key, value, wanted in found]


def test_every_case_gives_the_record_that_it_carries(zoo, cases):
    records = {record["domain"]: record for record in zoo.domains}
    hosts = {host["host"]: host for host in zoo.hosts}
    assert len(records) == len(cases)
    found = [line for case in cases for line in differences(case, records[case["domain"]], hosts)]
    assert not found, f"{len(found)} differences:\n" + "\n".join(found)


def test_no_case_delays_the_rest_past_its_own_time_outs(zoo, cases):
    waits = {case["domain"]: case["waits"] for case in cases}
    late = [
        (record["domain"], record["duration_ms"]) for record in zoo.domains
        if not waits[record["domain"]] * 950 <= record["duration_ms"]
        <= (waits[record["domain"]] + SLACK) * 1000]
    assert not late


def test_the_table_of_the_zoo_is_up_to_date():
    told = subprocess.run(
        [ROOT / "scripts/zoo-table", "--print"], capture_output=True, text=True, check=True).stdout
    assert (ROOT / "datasets/zoo/README.md").read_text() == told, "run scripts/zoo-table"
