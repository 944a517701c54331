"""Shards of a scan: all of them merged are the scan itself."""

import csv
import json
import shutil
import signal
import subprocess
import time
from collections import Counter

import pytest

from helpers.program import (
    PROGRAM,
    QUICKSTART,
    ROOT,
    Scan,
    note_file,
    read_manifest,
    read_records,
    run,
    write_manifest,
)
from soak import records

SHARDS = 8
# Which hosts are probed and which share a handshake depends on what else a process has seen.
SHARING = frozenset({"observed"})


@pytest.fixture(scope="module")
def shards(flags, tmp_path_factory):
    """The lab's list in shards, each with its part of the limits and a name of its place."""
    parent = tmp_path_factory.mktemp("shards")
    folders = [parent / f"shard-{place}" for place in range(SHARDS)]
    for place, folder in enumerate(folders):
        done = run(
            "scan", QUICKSTART, "--output", folder, *flags, "--shard", f"{place}/{SHARDS}",
            "--limits-share", SHARDS, "--vantage", "lab", "--quiet", "--threads", 1 + place % 2)
        assert done.returncode == 0, done.stderr
    return folders


@pytest.fixture(scope="module")
def merged(shards, tmp_path_factory):
    folder = tmp_path_factory.mktemp("merged") / "out"
    done = run("merge", *reversed(shards), "--output", folder)
    assert done.returncode == 0, done.stderr
    return Scan(folder, done)


@pytest.fixture
def copies(shards, tmp_path):
    """Copies of the first two shards, to be damaged."""
    return [shutil.copytree(folder, tmp_path / folder.name) for folder in shards[:2]]


def refusal(*folders, code, tmp_path):
    done = run("merge", *folders, "--output", tmp_path / "merged")
    assert done.returncode == code, done.stderr
    assert not (tmp_path / "merged").exists()
    return done.stderr


def test_each_shard_has_the_entries_of_its_remainder(shards):
    for place, folder in enumerate(shards):
        indexes = [record["index"] for record in read_records(folder, "domains")]
        assert sorted(indexes) == list(range(place, 1000, SHARDS))
        manifest = read_manifest(folder)
        assert manifest["options"]["shard"] == f"{place}/{SHARDS}"
        assert manifest["selected_entries"] == len(indexes) == manifest["totals"]["domains"]
        assert all(record["observation"] % SHARDS == place and record["vantage"] == "lab"
                   for record in read_records(folder, "hosts"))
        assert manifest["options"]["vantage"] == "lab"
        assert manifest["options"]["limits_share"] == SHARDS
        done = run("verify", folder)
        assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def differing(quickstart, merged):
    """The domains whose records differ from the whole scan's, with where they do."""
    whole = {record["index"]: record for record in quickstart.domains}
    assert sorted(whole) == sorted(record["index"] for record in merged.domains)
    found = {}
    for record in merged.domains:
        other = whole[record["index"]]
        differences = records.paths(
            records.stable(other, SHARING), records.stable(record, SHARING))
        if differences:
            is_transient = any(
                (side["rounds"] or 1) > 1 or "timeout" in json.dumps(side)
                for side in (record, other))
            found[record["domain"]] = (is_transient, differences[:3])
    return found


def test_merged_they_are_the_scan_of_the_whole_list(quickstart, merged, differing):
    # A busy machine may let a question time out, or be asked again, in the one scan alone.
    unlike = {domain: places for domain, (is_transient, places) in differing.items()
              if not is_transient}
    assert not unlike and len(differing) <= 10, differing
    assert {host["host"] for host in merged.hosts} == {host["host"] for host in quickstart.hosts}


def test_the_merged_folder_is_verified_without_a_note(merged, shards):
    done = run("verify", merged.folder)
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "nothing is wrong" and "note" not in done.stdout
    first = sorted(merged.folder.glob("domains-*.zst"))[0]
    assert first.samefile(shards[0] / "domains-00000.ndjson.zst")


def test_the_manifest_has_the_sums_and_what_is_of_one_shard(merged, shards):
    manifests = [read_manifest(folder) for folder in shards]
    assert merged.manifest["selected_entries"] is None
    assert merged.manifest["options"]["shard"] is None
    assert merged.manifest["totals"]["domains"] == 1000
    verdicts = Counter()
    for manifest in manifests:
        verdicts.update(manifest["totals"]["verdict"])
    assert merged.manifest["totals"]["verdict"] == dict(verdicts)
    told = merged.manifest["shards"]
    assert [shard["shard"] for shard in told] == [f"{place}/{SHARDS}" for place in range(SHARDS)]
    assert told[1]["differs"]["options.threads"] == 2
    assert merged.manifest["options"]["threads"] is None
    assert merged.manifest["started_at"] == min(m["started_at"] for m in manifests)


def counts(folder, *more):
    done = run("stats", folder, *more, "--json")
    assert done.returncode == 0, done.stderr
    statistics = json.loads(done.stdout)
    for key in ("folder", "started_at", "ended_at", "cautions"):
        statistics.pop(key)
    return statistics


def test_stats_are_those_of_the_whole_scan_and_count_a_host_once(
        quickstart, merged, shards, differing):
    whole, together = counts(quickstart.folder), counts(merged.folder)
    assert together["host_records"] == whole["host_records"] == len(quickstart.hosts)
    assert len(merged.hosts) > len(quickstart.hosts)
    # A domain whose question timed out in the one scan alone counts otherwise there.
    tables = [table for table in whole if not differing or table.startswith("host_")]
    other = {table: (whole[table], together[table]) for table in tables
             if whole[table] != together[table]}
    assert not other, json.dumps(other)[:2000]
    assert counts(*shards) == together
    text = run("stats", merged.folder).stdout
    assert "observed several times, and count once" in text


def test_the_folders_of_shards_are_read_as_one(shards, tmp_path):
    done = run("verify", *shards)
    assert done.returncode == 0, done.stdout
    some = run("verify", shards[0], shards[3])
    assert some.returncode == 0 and "shards 1/8, 2/8, 4/8" in some.stdout
    done = run("rejudge", *shards, "--output", tmp_path / "rejudged")
    assert done.returncode == 0, done.stderr
    assert "1,000 domains, 0 records differ" in done.stdout
    done = run("report", *shards, "--output", tmp_path / "report.html")
    assert done.returncode == 0, done.stderr


def changes(*arguments):
    done = run("diff", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    *changed, counts = [json.loads(line) for line in done.stdout.splitlines()]
    return changed, counts["counts"]


def test_shards_are_compared_as_the_whole_scan_is(quickstart, merged, shards):
    """On either side, also with another scan of the list; some of them lack nobody's domains."""
    changed, counts = changes("--before", merged.folder, "--after", *shards)
    assert changed == [] and counts["new"]["domains"] == 1000
    one = changes(quickstart.folder, merged.folder)
    other = changes("--before", quickstart.folder, "--after", *reversed(shards))
    assert other[0] == one[0] and other[1]["changes"] == one[1]["changes"]
    some, counts = changes("--before", merged.folder, "--after", *shards[:2])
    assert some == [] and counts["new"]["domains"] == 250
    assert any("has no record of is not compared" in caution for caution in counts["cautions"])
    text = run("diff", "--before", merged.folder, "--after", *shards, "--vantages",
               "--counts").stdout
    assert "0 differ" in text and "the verdict of 0 differs" in text


@pytest.mark.parametrize("sides", [
    ["one"], ["one", "two", "three"], ["--before", "one"], ["one", "--after", "two"],
    ["one", "two", "--before", "three"],
])
def test_a_comparison_needs_two_sides(sides):
    done = run("diff", *sides)
    assert done.returncode == 64 and "--before FOLDER… --after FOLDER…" in done.stderr


def exported(folder, *folders):
    done = subprocess.run(
        [ROOT / "scripts/export", *folders, "--output", folder, "--format", "csv"],
        cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    tables = {}
    for name in ("domains", "hosts"):
        with (folder / f"{name}-00000.csv").open(newline="") as file:
            tables[name] = list(csv.DictReader(file))
    return tables


def test_shards_are_exported_as_one_scan(quickstart, merged, shards, tmp_path):
    """A host of several shards has one row; another scan beside them has its own number."""
    tables = exported(tmp_path / "shards", *shards[:4], quickstart.folder, *shards[4:])
    whole = exported(tmp_path / "merged", merged.folder)
    for name, key in (("domains", "index"), ("hosts", "host")):
        found = {row[key]: row for row in tables[name] if row["scan"] == "0"}
        assert found == {row[key]: row for row in whole[name]}
        assert len(found) == sum(row["scan"] == "0" for row in tables[name])
    assert {row["scan"] for row in tables["domains"]} == {"0", "1"}
    assert sum(row["scan"] == "1" for row in tables["domains"]) == 1000
    done = subprocess.run(
        [ROOT / "scripts/export", *shards, "--publish", tmp_path / "set"], cwd=ROOT,
        capture_output=True, text=True)
    assert done.returncode == 64 and "merge shards" in done.stderr


def test_a_set_that_is_not_whole_is_refused(shards, copies, tmp_path):
    words = refusal(*shards[:6], code=64, tmp_path=tmp_path)
    assert "shards 6/8, 7/8 are missing" in words
    words = refusal(*shards, copies[0], code=64, tmp_path=tmp_path)
    assert "are both shard 0/8" in words and str(copies[0]) in words


def test_what_is_not_of_the_same_scan_is_refused_with_its_folder(
        quickstart, shards, copies, tmp_path):
    words = refusal(quickstart.folder, *shards[1:], code=64, tmp_path=tmp_path)
    assert f"{quickstart.folder} holds no shard" in words
    manifest = read_manifest(copies[0])
    manifest["lists"][0]["sha256"] = "0" * 64
    write_manifest(copies[0], manifest)
    words = refusal(copies[0], *shards[1:], code=64, tmp_path=tmp_path)
    assert "'lists'" in words and str(copies[0]) in words
    manifest = read_manifest(copies[1])
    manifest["options"]["mx_limit"] = 3
    write_manifest(copies[1], manifest)
    words = refusal(shards[0], copies[1], *shards[2:], code=64, tmp_path=tmp_path)
    assert "'options.mx_limit'" in words and str(copies[1]) in words


def test_a_damaged_shard_is_refused_and_nothing_is_made(shards, copies, tmp_path):
    path = copies[0] / "domains-00000.ndjson.zst"
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)
    words = refusal(copies[0], *shards[1:], code=65, tmp_path=tmp_path)
    assert str(path) in words and "altered" in words


def test_verify_finds_a_record_that_a_shard_lacks(copies):
    manifest = read_manifest(copies[0])
    path = copies[0] / "domains-00000.ndjson.zst"
    kept = [line for line in read_records(copies[0], "domains") if line["index"] != 0]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in kept).encode()
    path.write_bytes(subprocess.run(
        ["zstd", "-c", "--check"], input=text, capture_output=True, check=True).stdout)
    note_file(manifest, path)
    next(file for file in manifest["domain_files"] if file["name"] == path.name)[
        "records"] = len(kept)
    manifest["totals"]["domains"] = len(kept)
    write_manifest(copies[0], manifest)
    done = run("verify", copies[0])
    assert done.returncode == 1 and "index 0 has no record" in done.stdout


def test_a_shard_is_resumed_as_itself_alone(flags, tmp_path):
    folder = tmp_path / "out"
    with subprocess.Popen(
            [PROGRAM, "scan", "-", "--output", folder, "--shard", "1/2", *flags], cwd=ROOT,
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdin.write("a.invalid\nb.invalid\n")
        process.stdin.flush()
        while process.poll() is None and not (folder / "checkpoint.json").exists():
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    assert process.returncode == 75
    done = run("scan", "--resume", folder, "--shard", "0/2", input="a.invalid\nb.invalid\n")
    assert done.returncode == 64
    assert "--shard is 1/2 in this scan and cannot become 0/2" in done.stderr
    done = run("scan", "--resume", folder, input="a.invalid\nb.invalid\nc.invalid\nd.invalid\n")
    assert done.returncode == 0, done.stderr
    found = {record["index"]: record["domain"] for record in read_records(folder, "domains")}
    assert found == {1: "b.invalid", 3: "d.invalid"}
    assert run("verify", folder).returncode == 0


def test_a_text_that_names_no_shard_is_refused(tmp_path):
    for text in ("2/2", "1", "x/2"):
        done = run("scan", QUICKSTART, "--output", tmp_path / "no", "--shard", text)
        assert done.returncode == 64 and f"not '{text}'" in done.stderr
