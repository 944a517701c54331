"""A re-survey by what an earlier scan knows, held against the policy servers' own log."""

import collections
import json
import shutil
import signal
import subprocess
import time

import pytest

from helpers.later import fetched_policies
from helpers.program import PROGRAM, ROOT, Scan, read_manifest, read_records, run, write_manifest


def by_domain(scan):
    return {record["domain"]: record for record in scan.domains}


def sender_has(record):
    """Whether a sender that asked at the scan would still have the policy, all being as it was."""
    return (record["sts_record_status"] == "ok" and record["policy_status"] == "ok"
            and record["sts_max_age"] > 3600)


@pytest.fixture(scope="module")
def listed(truth, tmp_path_factory):
    """The lab's domains that have a record."""
    path = tmp_path_factory.mktemp("listed") / "list.txt"
    path.write_text("\n".join(
        line["domain"] for line in truth if line["policy_fetch_status"]) + "\n")
    return path


@pytest.fixture(scope="module")
def spared(scan, quickstart, listed):
    """A scan that fetches nothing that senders have, and what the servers noted."""
    with fetched_policies() as fetched:
        done = scan(listed, "--previous", quickstart.folder, "--refetch-share", "0")
    done.fetched = fetched
    return done


def test_a_policy_that_senders_have_is_not_fetched(quickstart, spared):
    before, asked = by_domain(quickstart), collections.Counter(spared.fetched)
    assert asked
    for record in spared.domains:
        old = before[record["domain"]]
        expected = "carried_over" if sender_has(old) else "fetched"
        assert record["policy_source"] == expected, record["domain"]
        if expected == "carried_over":
            assert asked[record["policy"]["host"]] == 0
        elif record["policy"]["http_status"]:
            # What failed for a passing reason is asked for again later.
            assert 1 <= asked[record["policy"]["host"]] <= record["rounds"]
    counts = collections.Counter(record["policy_source"] for record in spared.domains)
    assert counts["carried_over"] > 100
    assert spared.manifest["totals"]["policy_source"] == {
        "fetched": counts["fetched"], "carried_over": counts["carried_over"], "null": 0}


def test_what_was_carried_over_is_judged_as_if_fetched(quickstart, spared):
    before = by_domain(quickstart)
    for record in spared.domains:
        old = before[record["domain"]]
        if record["policy_source"] != "carried_over":
            continue
        for key in ("sts_id", "policy_fetch_status", "policy_status", "sts_mode", "sts_max_age",
                    "mx_matched"):
            assert record[key] == old[key], (record["domain"], key)
        for key in ("body", "mx", "host", "body_bytes"):
            assert record["policy"][key] == old["policy"][key]
        assert record["policy"]["fetched_at"] == old["scanned_at"]
        assert record["policy"]["http_status"] is None and record["policy"]["address"] is None
        # Who serves it is looked up all the same.
        for key in ("cnames", "addresses"):
            assert record["policy"]["a"][key] == old["policy"]["a"][key]
        assert record["previous"] == {
            "sts_id": old["sts_id"], "fetched_at": old["scanned_at"],
            "max_age": old["sts_max_age"], "body": None, "policy_changed": None,
            "mx": [host["host"] for host in old["mx"]]}
    # A busy machine may time out on a host; the rest has the same verdict.
    differ = [record["domain"] for record in spared.domains
              if record["verdict"] != before[record["domain"]]["verdict"]]
    assert len(differ) < 10, differ


def test_who_serves_policies_is_told_as_of_a_scan_by_itself(quickstart, spared):
    tables = [json.loads(run("stats", scan.folder, "--json").stdout)
              for scan in (quickstart, spared)]
    whole, again = ({row["provider"]: row["domains"] for row in table["policy_providers"]}
                    for table in tables)
    assert again == whole and len(whole) > 8


def test_a_scan_by_itself_has_no_previous(quickstart):
    for record in quickstart.domains:
        assert record["previous"] is None
        assert record["policy_source"] == ("fetched" if record["policy"] else None)
        if record["policy"]:
            assert record["policy"]["fetched_at"] == record["scanned_at"]


def test_a_sample_is_fetched_all_the_same(quickstart, resurvey):
    before, asked = by_domain(quickstart), set(resurvey.fetched)
    sampled, others = [], []
    for record in resurvey.domains:
        old = before[record["domain"]]
        if not sender_has(old) or record["sts_id"] != old["sts_id"]:
            continue
        is_sampled = record["policy_source"] == "fetched"
        (sampled if is_sampled else others).append(record["domain"])
        assert is_sampled or record["policy"]["host"] not in asked
        if is_sampled and record["policy"]["http_status"]:
            assert record["policy"]["host"] in asked
    share = len(sampled) / len(sampled + others)
    assert 0.35 < share < 0.65


def test_another_id_has_the_policy_fetched(quickstart, resurvey):
    records = by_domain(resurvey)
    for name, is_other in (("id_only", False), ("shorter", True), ("to_enforce", True)):
        record = records[resurvey.changed[name]]
        assert record["policy_source"] == "fetched", name
        assert record["policy"]["host"] in resurvey.fetched
        assert record["previous"]["sts_id"] != record["sts_id"]
        assert record["previous"]["policy_changed"] is is_other
    # An id that is no valid one tells nothing, and so does a new record.
    for name in ("id_broken", "record_only"):
        assert records[resurvey.changed[name]]["policy_source"] == "fetched"
    assert records[resurvey.changed["record_removed"]]["policy_source"] is None


def test_a_policy_changed_without_its_id_is_met_in_the_sample_alone(quickstart, scan, resurvey):
    record = by_domain(resurvey)[resurvey.changed["to_testing"]]
    if record["policy_source"] == "fetched":
        assert record["sts_mode"] == "testing" and record["previous"]["policy_changed"] is True
    else:
        assert record["sts_mode"] == "enforce" and record["previous"]["policy_changed"] is None
    changed = [record["domain"] for record in resurvey.domains
               if record["previous"] and record["previous"]["policy_changed"]
               and record["previous"]["sts_id"] == record["sts_id"]]
    assert set(changed) <= {resurvey.changed["to_testing"]}


def test_the_old_hosts_tell_that_a_policy_is_outdated(quickstart, resurvey):
    record = by_domain(resurvey)[resurvey.changed["mail_moved"]]
    assert record["first_failure"] == "mx_match.none"
    assert {host["near_miss"] for host in record["mx"]} == {"historical"}
    assert {finding["code"] for finding in record["findings"]
            if finding["layer"] == "mx_match"} == {"historical"}
    old = [host["host"] for host in by_domain(quickstart)[record["domain"]]["mx"]]
    assert record["previous"]["mx"] == old
    others = [other for other in resurvey.domains if other["domain"] != record["domain"]]
    assert not any(host["near_miss"] == "historical" for other in others for host in other["mx"])


def test_diff_tells_no_change_of_a_policy_that_was_not_asked_for(quickstart, resurvey):
    done = run("diff", quickstart.folder, resurvey.folder, "--json")
    assert done.returncode == 0, done.stderr
    found = {record["domain"]: record for record in map(json.loads, done.stdout.splitlines())
             if "domain" in record}
    carried = {record["domain"] for record in resurvey.domains
               if record["policy_source"] == "carried_over"}
    told = {"policy_updated", "policy_changed_id_same", "id_changed_policy_same",
            "policy_withdrawn", "policy_host_moved"}
    for domain in carried & set(found):
        assert found[domain]["new"]["policy"] == "carried_over"
        assert not told & set(found[domain]["changes"])


def test_a_resurvey_reads_back_and_is_judged_the_same(resurvey, spared, tmp_path):
    for number, scan in enumerate((resurvey, spared)):
        new = tmp_path / str(number)
        done = run("rejudge", scan.folder, "--output", new)
        assert done.returncode == 0 and "no verdict differs" in done.stdout, done.stderr
        assert run("verify", scan.folder).returncode == 0
        assert read_records(new, "domains") == scan.domains


def test_a_chain_of_scans_remembers_the_first(quickstart, scan, resurvey, write_list):
    moved = resurvey.changed["mail_moved"]
    kept = next(record["domain"] for record in resurvey.domains
                if record["policy_source"] == "carried_over" and record["domain"] != moved)
    # The lab is as it was at first: the mail of the one has moved back.
    third = by_domain(scan(
        write_list(kept, moved), "--previous", resurvey.folder, "--refetch-share", "0"))
    first = by_domain(quickstart)
    assert third[kept]["policy"]["fetched_at"] == first[kept]["scanned_at"]
    hosts = third[moved]["previous"]["mx"]
    assert hosts[:2] == ["mx1.fjordpost.lab", "mx2.fjordpost.lab"]
    assert hosts[2:] == [host["host"] for host in first[moved]["mx"]]


def test_a_scan_by_an_earlier_one_is_resumed_by_it(quickstart, listed, flags, tmp_path):
    earlier, folder = tmp_path / "earlier", tmp_path / "out"
    shutil.copytree(quickstart.folder, earlier)
    process = subprocess.Popen(
        [PROGRAM, "scan", listed, "--output", folder, *flags, "--previous", earlier,
         "--refetch-share", "0", "--senders", "2", "--checkpoint-interval", "0.05"],
        stderr=subprocess.PIPE, cwd=ROOT)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        path = folder / "checkpoint.json"
        if path.exists() and json.loads(path.read_text())["lowWater"] > 10:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 75, process.stderr.read()
    refused = run("scan", "--resume", folder, "--previous", folder)
    assert refused.returncode == 64 and "manifest" in refused.stderr
    refused = run("scan", "--resume", folder, "--refetch-share", "10")
    assert refused.returncode == 64 and "--refetch-share" in refused.stderr
    manifest = earlier / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text + " ")
    refused = run("scan", "--resume", folder)
    assert refused.returncode == 65 and "was altered" in refused.stderr
    write_manifest(earlier, json.loads(text) | {"started_at": "2026-01-01T00:00:00Z"})
    refused = run("scan", "--resume", folder)
    assert refused.returncode == 64 and "earlier" in refused.stderr
    manifest.write_text(text)
    done = run("scan", "--resume", folder)
    assert done.returncode == 0, done.stderr
    resumed, before = Scan(folder, done), by_domain(quickstart)
    assert len(resumed.domains) == len(listed.read_text().split())
    for record in resumed.domains:
        expected = "carried_over" if sender_has(before[record["domain"]]) else "fetched"
        assert record["policy_source"] == expected
    stored = read_manifest(folder)["options"]["previous"]
    assert stored["folder"] == str(earlier) and stored["refetch_share"] == "0.0"


@pytest.mark.parametrize("options, code, words", [
    (["--previous", "/nonexistent"], 66, "/nonexistent"),
    (["--refetch-share", "101"], 64, "0 to 100"),
    (["--partial"], 64, "--previous"),
])
def test_wrong_use_is_refused(listed, tmp_path, flags, options, code, words):
    done = run("scan", listed, "--output", tmp_path / "out", *flags, *options)
    assert done.returncode == code and words in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_damaged_earlier_scan_is_refused(quickstart, listed, tmp_path, flags):
    broken = tmp_path / "broken"
    shutil.copytree(quickstart.folder, broken)
    path = next(broken.glob("domains-*"))
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 0xFF
    path.write_bytes(octets)
    done = run("scan", listed, "--output", tmp_path / "out", *flags, "--previous", broken)
    assert done.returncode == 65 and "verify" in done.stderr
    assert not (tmp_path / "out").exists()
    done = run(
        "scan", listed, "--output", tmp_path / "out", *flags, "--previous", broken, "--partial")
    assert done.returncode == 0, done.stderr
    [caution] = read_manifest(tmp_path / "out")["options"]["previous"]["cautions"]
    assert str(path) in caution and str(path) in done.stderr
