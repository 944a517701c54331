"""MX hosts that many domains share: how they are kept, and what records say of it."""

from collections import Counter

from helpers.program import QUICKSTART, run


def test_with_room_for_few_hosts_they_are_observed_anew(scan, truth):
    result = scan(QUICKSTART, "--host-cache", "5")
    keys = Counter((host["host"], host["observation"]) for host in result.hosts)
    assert set(keys.values()) == {1}
    assert max(Counter(host for host, _ in keys).values()) > 1
    for record in result.domains:
        for host in record["mx"]:
            assert (host["host"], host["observation"]) in keys
    verdicts = {record["domain"]: record["verdict"] for record in result.domains}
    assert all(verdicts[line["domain"]] == line["verdict"] for line in truth)
    checked = run("verify", result.folder)
    assert checked.returncode == 0, checked.stdout


def test_hosts_that_were_left_alone_have_no_record(scan):
    result = scan(QUICKSTART, "--probe", "none")
    assert result.hosts == []
    assert {host["observation"] for record in result.domains for host in record["mx"]} == {None}
