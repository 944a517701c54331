"""`stsurvey rejudge` reads facts back whole: by the same rules it writes the same octets."""

import json
import shutil

import pytest

from helpers.program import QUICKSTART, read_manifest, read_records, run, write_manifest
from helpers.rejudging import check_identical, rejudge, text, write_anew


def test_the_quickstart_s_records_are_the_same(quickstart, tmp_path):
    manifest = check_identical(quickstart.folder, tmp_path / "new")
    old = quickstart.manifest
    told = manifest.pop("rejudged")
    assert told["from"] == str(quickstart.folder) and told["from_version"] == old["version"]
    assert (told["domains_changed"], told["hosts_changed"], told["verdicts_changed"]) == (0, 0, [])
    for files in ["domain_files", "host_files"]:
        for before, after in zip(old[files], manifest[files], strict=True):
            for key in ["bytes", "sha256"]:
                before.pop(key), after.pop(key)
    assert manifest.pop("sha256") != old.pop("sha256")
    assert manifest == old


def test_the_zoo_s_records_are_the_same(zoo, tmp_path):
    check_identical(zoo.folder, tmp_path / "new")


@pytest.mark.parametrize("options", [
    ["--probe", "none"], ["--probe", "records"], ["--mx-limit", "1"], ["--host-cache", "5"],
    ["--unique", "--rotate-size", "1"],
], ids=" ".join)
def test_the_records_of_a_scan_with_options_are_the_same(scan, write_list, tmp_path, options):
    lines = QUICKSTART.read_text().splitlines()[:300]
    names = write_list(*lines, "-bad-", "dömäin.example", *lines[:5])
    check_identical(scan(names, *options).folder, tmp_path / "new")


def test_a_preload_list_is_taken_from_its_place_and_another_one_refused(
        scan, write_list, quickstart, tmp_path):
    domain = next(r["domain"] for r in quickstart.domains if r["verdict"] == "protected_sts")
    listed = tmp_path / "preload.json"
    listed.write_text(json.dumps({
        "timestamp": "2026-01-01T00:00:00Z", "expires": "2030-01-01T00:00:00Z", "version": "0.1",
        "policy-aliases": {}, "policies": {domain: {"mode": "enforce", "mxs": [".govmail.lab"]}}}))
    folder = scan(write_list(domain, "a.example"), "--preload", listed).folder
    check_identical(folder, tmp_path / "new")
    moved = listed.rename(tmp_path / "moved.json")
    assert run("rejudge", folder, "--output", tmp_path / "none").returncode == 64
    check_identical(folder, tmp_path / "other", "--preload", moved)
    moved.write_text(moved.read_text() + " ")
    done = run("rejudge", folder, "--output", tmp_path / "none", "--preload", moved)
    assert done.returncode == 64 and "was" in done.stderr
    assert not (tmp_path / "none").exists()


def test_old_verdicts_are_mended_and_counted(quickstart, tmp_path):
    old = shutil.copytree(quickstart.folder, tmp_path / "old")
    victims = [r["index"] for r in quickstart.domains if r["verdict"] == "protected_sts"][:3]

    def spoil(record):
        if record["index"] in victims:
            record.update(
                verdict="refused", verdict_reason="mixed", sts_mode="testing", findings=[])
            for host in record["mx"]:
                host.update(outcome="refused", policy_match="none")
        return record
    write_anew(old, "domains", spoil)

    def spoil_host(record):
        return record | {"dane_status": "failed"} if record["host"] == "mx1.govmail.lab" else record
    write_anew(old, "hosts", spoil_host)
    told = rejudge(old, tmp_path / "new")
    assert "verdict refused became protected_sts: 3" in told
    assert text(tmp_path / "new", "domains") == text(quickstart.folder, "domains")
    assert text(tmp_path / "new", "hosts") == text(quickstart.folder, "hosts")
    manifest = read_manifest(tmp_path / "new")
    assert manifest["totals"] == quickstart.manifest["totals"]
    assert manifest["rejudged"]["verdicts_changed"] == [
        {"from": "refused", "to": "protected_sts", "count": 3}]
    told = manifest["rejudged"]
    assert (told["domains_changed"], told["hosts_changed"]) == (3, 1)


def test_what_cannot_be_judged_leaves_no_folder(quickstart, tmp_path):
    def check(folder, code, message):
        done = run("rejudge", folder, "--output", tmp_path / "new")
        assert done.returncode == code, done.stderr
        assert message in done.stderr
        assert [path.name for path in tmp_path.iterdir() if path.name.startswith("new")] == []

    check(tmp_path / "nothing", 66, "holds no scan")
    unfinished = shutil.copytree(quickstart.folder, tmp_path / "unfinished")
    write_manifest(unfinished, read_manifest(unfinished) | {"state": "stopped"})
    check(unfinished, 65, "checkpoint.json is not there")
    damaged = shutil.copytree(quickstart.folder, tmp_path / "damaged")
    octets = bytearray((damaged / "domains-00000.ndjson.zst").read_bytes())
    octets[len(octets) // 2] ^= 1
    (damaged / "domains-00000.ndjson.zst").write_bytes(octets)
    check(damaged, 65, "stsurvey verify")
    hostless = shutil.copytree(quickstart.folder, tmp_path / "hostless")
    write_anew(hostless, "hosts", lambda record: (
        record | {"observation": 7} if record["host"] == "mx1.govmail.lab" else record))
    check(hostless, 65, "no record of mx1.govmail.lab, observation")
    done = run("rejudge", quickstart.folder, "--output", quickstart.folder)
    assert done.returncode == 64 and "holds a scan already" in done.stderr
    assert len(read_records(quickstart.folder, "domains")) == len(quickstart.domains)
