"""What `diff` tells of two scans of the lab between which things were changed."""

import csv
import io
import json
import os
import re
import shutil
import subprocess

import duckdb
import jsonschema
import pytest

from helpers.program import note_file, read_manifest, run, write_manifest

# A policy that fails: the protection is gone, and something is to be mended; and the reverse.
LOST = ("protection_lost", "fault_new")
GAINED = ("protection_gained", "fault_gone")
# What was done to a domain (later.py), and what is to be told of it.
TOLD = {
    "record_removed": {"dropped", "vanished_within_max_age", "protection_lost"},
    "policy_removed": {"policy_withdrawn", "vanished_within_max_age", "broken", *LOST},
    "id_only": {"id_changed_policy_same"},
    "to_testing": {"policy_changed_id_same", "mode_lowered", "protection_lost"},
    "shorter": {"policy_updated", "max_age_shrunk"},
    "mail_moved": {"mx_moved", "policy_outdated", "broken", *LOST},
    "policy_moved": {"policy_host_moved"},
    "id_broken": {"record_broken", "broken", *LOST},
    "servers_fail": {"record_unknown_now"},
    "to_enforce": {"policy_updated", "mode_raised", "protection_gained"},
    "to_none": {"policy_updated", "opted_out"},
    "record_only": {"adopted", "record_before_policy", "fault_new"},
    "none_removed": {"dropped", "removed_early"},
    "mended": {"policy_updated", "mended", *GAINED},
    "reports_added": {"tlsrpt_adopted"},
    "certificate_bad": {"certificate_broken"},
}
# The same, the scans exchanged: then the later one came first.
TOLD_BACK = {
    "record_removed": {"adopted", "protection_gained"},
    "policy_removed": {"policy_published", "mended", *GAINED},
    "id_only": {"id_changed_policy_same"},
    "to_testing": {"policy_changed_id_same", "mode_raised", "protection_gained"},
    "shorter": {"policy_updated", "max_age_grown"},
    "mail_moved": {"mx_moved", "mended", *GAINED},
    "policy_moved": {"policy_host_moved"},
    "id_broken": {"record_mended", "mended", *GAINED},
    "servers_fail": {"record_unknown_before"},
    "to_enforce": {"policy_updated", "mode_lowered", "protection_lost"},
    "to_none": {"policy_updated", "mode_raised"},
    "record_only": {"dropped", "fault_gone"},
    "none_removed": {"adopted"},
    "mended": {"policy_updated", "policy_outdated", "broken", *LOST},
    "reports_added": {"tlsrpt_dropped"},
    "certificate_bad": {"certificate_mended"},
}


def diff(old, new, *options, returncode=0):
    done = run("diff", old, new, *options)
    assert done.returncode == returncode, done.stderr
    return done


def lines(old, new):
    """The records of the domains that changed, by domain, and the counts."""
    *records, last = map(json.loads, diff(old, new, "--json").stdout.splitlines())
    assert list(last) == ["counts"]
    return {record["domain"]: record for record in records}, last["counts"]


def flicker(old, new):
    """Domains that a busy machine has timed out on in one of the scans: no changes of the lab."""
    def timed_out(scan):
        return {record["domain"] for record in scan.domains if "timeout" in json.dumps(
            [record["policy_fetch_status"], [host["status"] for host in record["mx"]]])}
    return timed_out(old) ^ timed_out(new)


@pytest.mark.parametrize("told, is_back", [(TOLD, False), (TOLD_BACK, True)])
def test_every_change_is_told_and_nothing_else(quickstart, later, told, is_back):
    old, new = (later, quickstart) if is_back else (quickstart, later)
    found, counts = lines(old.folder, new.folder)
    doubtful = flicker(old, new)
    assert len(doubtful) < 25
    expected = {later.changed[name]: changes for name, changes in told.items()}
    clear = {domain: set(record["changes"]) for domain, record in found.items()
             if domain not in doubtful or domain in expected}
    assert clear == expected
    for word, count in counts["changes"].items():
        assert count == sum(word in record["changes"] for record in found.values()), word
    assert counts["domains"] == len(found)


def test_each_line_holds_what_both_scans_say(quickstart, later):
    found, counts = lines(quickstart.folder, later.folder)
    record = found[later.changed["to_testing"]]
    assert (record["old"]["sts_mode"], record["new"]["sts_mode"]) == ("enforce", "testing")
    assert record["old"]["sts_id"] == record["new"]["sts_id"]
    moved = found[later.changed["mail_moved"]]
    assert moved["new"]["mx_providers"] == ["fjordpost.lab"]
    assert (moved["old"]["verdict_reason"], moved["old"]["cause"]) == ("enforced", None)
    assert moved["new"]["first_failure"] == "mx_match.none"
    assert moved["new"]["result"].startswith("NOT WORKING: ")
    assert "fjordpost.lab" in moved["new"]["cause"]
    reports = found[later.changed["reports_added"]]
    assert (reports["old"]["tlsrpt"], reports["new"]["tlsrpt"]) == ("absent", "valid")
    bad = found[later.changed["certificate_bad"]]
    assert (bad["old"]["certificate"], bad["new"]["certificate"]) == ("ok", "expired")
    assert {"from": moved["old"]["mx_providers"][0], "to": "fjordpost.lab", "domains": 1} in (
        counts["mx_providers"])
    policy = found[later.changed["policy_moved"]]
    assert policy["new"]["policy_provider"] == "tutapost.lab"
    for name, scan in (("old", quickstart), ("new", later)):
        unknown = ("servfail", "refused", "timeout", "unreachable", "dns_error")
        statuses = [record["sts_record_status"] for record in scan.domains]
        assert counts[name] == {
            "folder": str(scan.folder), "started_at": scan.manifest["started_at"],
            "domains": len(statuses),
            "records": sum(status not in (*unknown, "absent", "unrelated") for status in statuses),
            "unknown": sum(status in unknown for status in statuses)}


def test_the_counts_are_those_of_duckdb(quickstart, later):
    database = duckdb.connect()
    database.execute(run("schema", "--format", "duckdb").stdout)
    query = f"""
        WITH o AS (FROM domains('{quickstart.folder}/domains-*')),
             n AS (FROM domains('{later.folder}/domains-*'))
        SELECT
            count(*) FILTER (o.sts_record_status IN ('absent', 'unrelated')
                AND n.policy_fetch_status IS NOT NULL),
            count(*) FILTER (n.sts_record_status IN ('absent', 'unrelated')
                AND o.policy_fetch_status IS NOT NULL),
            count(*) FILTER (o.sts_mode = 'enforce' AND n.sts_mode = 'testing'),
            count(*) FILTER (o.sts_id != n.sts_id AND o.sts_mode = n.sts_mode
                AND o.sts_max_age = n.sts_max_age AND o.policy.mx = n.policy.mx)
        FROM o JOIN n USING (domain)
    """
    _, counts = lines(quickstart.folder, later.folder)
    assert database.execute(query).fetchone() == tuple(
        counts["changes"][word]
        for word in ("adopted", "dropped", "mode_lowered", "id_changed_policy_same"))


def test_the_lines_are_as_their_schema_has_them(quickstart, later):
    schema = json.loads(run("schema", "--record", "change").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    found, _ = lines(quickstart.folder, later.folder)
    for record in found.values():
        assert not list(validator.iter_errors(record))


def test_the_text_names_counts_and_domains(quickstart, later):
    def shown(*options, columns=80):
        environment = os.environ | {"COLUMNS": str(columns), "LC_ALL": "C.UTF-8"}
        done = run("diff", quickstart.folder, later.folder, *options, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    text = shown()
    assert "1,000 domains, 2" in " ".join(text.split())
    assert f"  {later.changed['record_removed']}" in text
    assert "enforce → testing" in text and "→ fjordpost.lab" in text
    _, _, moved = text.partition(f"  {later.changed['mail_moved']}\n")
    lines = [line.strip() for line in moved.splitlines()[:6]]
    assert "protection_lost" in lines[0] + lines[1]
    assert any(line.startswith("before  WORKING: ") for line in lines)
    assert any(line.startswith("now     NOT WORKING: ") for line in lines)
    brief = shown("--counts")
    assert text.startswith(brief.rstrip("\n")) and later.changed["record_removed"] not in brief
    for columns in (40, 80, 100):
        assert max(map(len, shown(columns=columns).splitlines())) <= columns


def test_what_is_asked_for_is_by_kind_or_new_verdict(quickstart, later):
    def domains(*options):
        done = diff(quickstart.folder, later.folder, "--json", *options)
        *records, last = map(json.loads, done.stdout.splitlines())
        assert last["counts"]["domains"] == len(records)
        return {record["domain"] for record in records}

    changed, doubtful = later.changed, flicker(quickstart, later)
    kinds = {name for name, told in TOLD.items() if "fault_new" in told}
    assert domains("--only", "fault_new") - doubtful == {changed[name] for name in kinds}
    assert domains("--only", "refused") - doubtful == {changed["mail_moved"]}
    both = domains("--only", "refused,mode_lowered")
    assert both - doubtful == {changed["mail_moved"], changed["to_testing"]}
    assert domains("--only", "refused", "--only", "mode_lowered") == both
    assert domains("--only", "left_list") == set()
    done = run("diff", quickstart.folder, later.folder, "--only", "brokn")
    assert done.returncode == 64 and "brokn" in done.stderr and "fault_new" in done.stderr


def test_tables_have_both_sides(quickstart, later):
    _, counts = lines(quickstart.folder, later.folder)
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        text = diff(quickstart.folder, later.folder, "--format", form).stdout
        rows = {row["domain"]: row for row in csv.DictReader(
            io.StringIO(text), delimiter=delimiter)}
        assert len(rows) == counts["domains"]
        row = rows[later.changed["mail_moved"]]
        assert (row["verdict_before"], row["verdict"]) == ("protected_sts", "refused")
        assert row["result"].startswith("NOT WORKING: ") and row["cause_before"] == ""
        assert "mx_moved" in row["changes"].split()
    done = diff(quickstart.folder, later.folder, "--format", "csv", "--columns", "domain,mode")
    assert done.stdout.splitlines()[0] == "domain,mode"
    for wrong in (["--columns", "domain"], ["--format", "csv", "--columns", "nothing"],
                  ["--format", "csv", "--counts"], ["--format", "csv", "--json"]):
        assert run("diff", quickstart.folder, later.folder, *wrong).returncode == 64, wrong


def test_the_exit_code_says_whether_such_a_change_occurs(quickstart, later):
    done = diff(quickstart.folder, later.folder, "--fail-on", "refused,mode_lowered", "--counts",
                returncode=1)
    assert re.search(r"--fail-on: \d+ domains? refused, \d+ domains? mode_lowered", done.stderr)
    assert "changed:" in done.stdout
    # What is left out of the list counts all the same.
    diff(quickstart.folder, later.folder, "--only", "left_list", "--fail-on", "refused",
         returncode=1)
    diff(quickstart.folder, quickstart.folder, "--fail-on", "refused,fault_new")
    diff(quickstart.folder, later.folder, "--fail-on", "left_list")


def test_a_scan_does_not_differ_from_itself(quickstart):
    found, counts = lines(quickstart.folder, quickstart.folder)
    assert found == {} and counts["domains"] == 0
    assert set(counts["changes"].values()) == {0} and counts["verdicts"] == []


def test_another_list_is_told_and_domains_join_and_leave(quickstart, scan, truth, write_list):
    names = [line["domain"] for line in truth if line["sts_record_status"] == "ok"]
    listed, other = names[:3], names[3]
    part = scan(write_list(*reversed(listed), "unlisted.lab"))
    done = diff(part.folder, quickstart.folder, "--json")
    assert "different lists" in done.stderr
    *records, _ = map(json.loads, done.stdout.splitlines())
    changes = {record["domain"]: record["changes"] for record in records}
    assert changes[other] == ["joined_list"] and not set(listed) & set(changes)
    assert all(record["old"] is None for record in records)
    found, _ = lines(quickstart.folder, part.folder)
    assert found[other]["changes"] == ["left_list"] and found[other]["new"] is None


def test_what_cannot_be_read_is_told(quickstart, tmp_path):
    done = run("diff", quickstart.folder, tmp_path / "nothing")
    assert done.returncode == 66 and "holds no scan" in done.stderr
    broken = tmp_path / "broken"
    shutil.copytree(quickstart.folder, broken)
    path = next(broken.glob("domains-*"))
    text = subprocess.run(["zstdcat", path], capture_output=True, check=True).stdout
    path.write_bytes(subprocess.run(
        ["zstd", "-c"], input=b"{nonsense\n" + text, capture_output=True, check=True).stdout)
    done = run("diff", quickstart.folder, broken, "--json")
    assert (done.returncode, done.stdout) == (65, "") and str(path) in done.stderr
    manifest = read_manifest(broken)
    note_file(manifest, path)
    write_manifest(broken, manifest)
    done = run("diff", quickstart.folder, broken, "--json")
    assert (done.returncode, done.stdout) == (65, "") and "line 1" in done.stderr
    # What can be read is compared where that is asked for.
    done = run("diff", quickstart.folder, broken, "--json", "--partial")
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout.splitlines()[-1])["counts"]
    assert counts["changes"]["adopted"] == 0
    assert any("line 1" in caution for caution in counts["cautions"])


def test_no_domain_leaves_or_joins_the_list_by_a_scan_that_is_not_whole(quickstart, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(quickstart.folder, broken)
    next(broken.glob("domains-*")).unlink()
    for pair in [(quickstart.folder, broken), (broken, quickstart.folder)]:
        assert run("diff", *pair).returncode == 65
        done = run("diff", *pair, "--partial", "--json")
        assert done.returncode == 0, done.stderr
        counts = json.loads(done.stdout.splitlines()[-1])["counts"]
        assert counts["domains"] == 0
        assert any("domains-00000.ndjson.zst is not there" in c for c in counts["cautions"])
