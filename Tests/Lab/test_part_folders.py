"""Folders of `probe` and `fetch`: resumed after a kill, verified, and refused where they differ."""

import contextlib
import json
import random
import shutil
import signal
import subprocess
import time

import pytest

from helpers.program import (
    PROGRAM,
    ROOT,
    note_file,
    options_of,
    read_manifest,
    read_records,
    run,
    write_manifest,
)
from soak import records

KIND = {"probe": "hosts", "fetch": "policies"}
KILLS = 4


@pytest.fixture(scope="module")
def targets(quickstart, tmp_path_factory):
    """For each command a file of what it is given, of the lab's list."""
    folder = tmp_path_factory.mktemp("targets")
    names = {
        "probe": sorted({host["host"] for host in quickstart.hosts})[:120],
        "fetch": sorted({domain["policy"]["host"] for domain in quickstart.domains
                         if domain["policy"]})[:80],
    }
    for command, lines in names.items():
        (folder / command).write_text("# of the lab\n" + "\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def whole(targets, flags, tmp_path_factory):
    """A folder of each command that nothing has disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    for command in KIND:
        done = run(command, targets / command, "--output", folder / command,
                   *options_of(command, flags))
        assert done.returncode == 0, done.stderr
    return folder


def start(command, *arguments, **options):
    return subprocess.Popen(
        [PROGRAM, command, *map(str, arguments), "--checkpoint-interval", "0.05"], cwd=ROOT,
        stderr=subprocess.PIPE, text=True, **options)


def by_host(folder, command):
    return {record["host"]: records.stable(record, frozenset({"observed", "shared_from"}))
            for record in read_records(folder, KIND[command])}


def listed(path):
    return [line for line in path.read_text().splitlines() if line and line[0] != "#"]


@pytest.mark.parametrize("command", KIND)
def test_killed_at_random_moments_it_ends_with_one_record_for_each_line(
        targets, whole, flags, tmp_path, command):
    folder, moments, kills = tmp_path / "out", random.Random(7), 0
    arguments = [targets / command, "--output", folder, *options_of(command, flags), "-s", "4"]
    while True:
        process = start(command, *arguments)
        if kills < KILLS:
            try:
                process.communicate(timeout=moments.uniform(0.2, 0.7))
            except subprocess.TimeoutExpired:
                process.kill()
                kills += 1
        _, errors = process.communicate()
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL, errors
        if (folder / "checkpoint.json").exists():
            done = run("verify", folder)
            assert done.returncode == 0, done.stdout
            arguments = ["--resume", folder]
    assert kills > 1
    hosts = [record["host"] for record in read_records(folder, KIND[command])]
    assert sorted(hosts) == sorted(listed(targets / command))
    done = run("verify", folder)
    assert done.returncode == 0 and done.stdout.endswith("nothing is wrong\n"), done.stdout
    assert not (folder / "checkpoint.json").exists()
    found, wanted = by_host(folder, command), by_host(whole / command, command)
    differing = {host for host in wanted if found[host] != wanted[host]}
    # A busy machine may let a question time out in the one run alone.
    assert len(differing) <= 3, differing
    manifest = read_manifest(folder)
    assert manifest["state"] == "complete" and manifest["command"] == command
    assert manifest["list_statistics"]["entries"] == len(hosts)


@pytest.fixture(scope="module")
def unfinished(flags, targets, tmp_path_factory):
    """A folder of `probe` that was killed when its pipe had brought three names, and those."""
    folder = tmp_path_factory.mktemp("unfinished") / "out"
    names = listed(targets / "probe")[:6]
    process = start("probe", "-", "--output", folder, *options_of("probe", flags),
                    stdin=subprocess.PIPE)
    process.stdin.write("".join(f"{name}\n" for name in names[:3]))
    process.stdin.flush()
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        with contextlib.suppress(OSError, ValueError):
            if json.loads((folder / "checkpoint.json").read_text())["lowWater"] == 3:
                break
        time.sleep(0.02)
    process.kill()
    process.stdin.close()
    process.stderr.close()
    assert process.wait() == -signal.SIGKILL
    assert read_manifest(folder)["state"] == "running"
    return folder, names


@pytest.fixture
def copied(unfinished, tmp_path):
    folder, names = unfinished
    return shutil.copytree(folder, tmp_path / "out"), names


def feed(names):
    return "".join(f"{name}\n" for name in names)


def test_what_is_finished_is_not_asked_again(copied):
    folder, names = copied
    before = read_records(folder, "hosts")
    assert len(before) == 3
    done = run("probe", "--resume", folder, input=feed(names))
    assert done.returncode == 0 and "going on after 3 records" in done.stderr, done.stderr
    found = read_records(folder, "hosts")
    assert found[:3] == before
    assert sorted(record["host"] for record in found) == sorted(names)
    assert {record["host"]: record["observation"] for record in found} == {
        name: place for place, name in enumerate(names, 1)}
    assert run("verify", folder).returncode == 0
    done = run("probe", "--resume", folder)
    assert done.returncode == 64 and "no unfinished probe" in done.stderr


@pytest.mark.parametrize(("command", "options", "code", "words"), [
    ("probe", ["--only", "addresses"], 64, "--only is all in this scan and cannot become"),
    ("probe", ["--output", "elsewhere"], 64, "--output does not go together with --resume"),
    ("fetch", [], 64, "was made by 'stsurvey probe'"),
    ("scan", [], 64, "go on with it by 'stsurvey probe --resume"),
])
def test_another_run_is_refused(copied, command, options, code, words):
    folder, names = copied
    done = run(command, "--resume", folder, *options, input=feed(names))
    assert done.returncode == code and words in done.stderr, done.stderr


@pytest.mark.parametrize(("lines", "words"), [
    (lambda names: [names[1], names[0], *names[2:]], "has changed"),
    (lambda names: names[:2], "has become shorter"),
])
def test_another_list_is_refused(copied, lines, words):
    folder, names = copied
    done = run("probe", "--resume", folder, input=feed(lines(names)))
    assert done.returncode == 65 and words in done.stderr, done.stderr
    assert len(read_records(folder, "hosts")) == 3


def test_a_new_run_does_not_take_the_folder(copied):
    folder, names = copied
    done = run("probe", "-", "--output", folder, input=feed(names))
    assert done.returncode == 64 and f"stsurvey probe --resume {folder}" in done.stderr


def test_a_run_to_standard_output_has_no_checkpoints(flags):
    done = run("probe", "-", "--output", "-", "--checkpoint-interval", "1", input="")
    assert done.returncode == 64 and "only with a folder" in done.stderr


@pytest.mark.parametrize(("command", "words"), [
    ("probe", "observation {line} has no record"), ("fetch", "1 of {count} entries have no record"),
])
def test_verify_finds_a_line_without_a_record(whole, tmp_path, command, words):
    folder = shutil.copytree(whole / command, tmp_path / "out")
    [path] = folder.glob(f"{KIND[command]}-*.zst")
    found = read_records(folder, KIND[command])
    lost = found.pop(3)
    text = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in found)
    packed = subprocess.run(["zstd", "-c", "--check"], input=text.encode(), check=True,
                            capture_output=True).stdout
    path.write_bytes(packed)
    done = run("verify", folder)
    assert done.returncode == 1 and "were written" in done.stdout, done.stdout
    manifest = read_manifest(folder)
    note_file(manifest, path)
    kind = "host_files" if command == "probe" else "policy_files"
    manifest[kind][0]["records"] -= 1
    manifest["totals"][KIND[command]] -= 1
    counts, key = (("host_status", "status") if command == "probe"
                   else ("policy_fetch_status", "policy_fetch_status"))
    manifest["totals"][counts][lost[key]] -= 1
    write_manifest(folder, manifest)
    done = run("verify", folder)
    assert done.returncode == 1, done.stdout
    assert words.format(line=lost.get("observation"), count=len(found) + 1) in done.stdout
    assert done.stdout.endswith("1 problems\n"), done.stdout


def test_the_list_that_was_read_is_compared(targets, whole, flags, tmp_path):
    (tmp_path / "list").write_text("\n".join(listed(targets / "fetch")[:2]) + "\n")
    done = run("fetch", tmp_path / "list", "--output", tmp_path / "out",
               *options_of("fetch", flags))
    assert done.returncode == 0, done.stderr
    assert run("verify", tmp_path / "out").returncode == 0
    (tmp_path / "list").write_text("mta-sts.example.org\n")
    done = run("verify", tmp_path / "out")
    assert done.returncode == 1 and "is not as it was read" in done.stdout


def test_manifests_say_how_far_hosts_were_observed(whole, flags, tmp_path):
    assert read_manifest(whole / "probe")["options"]["probe_only"] == "all"
    done = run("probe", "-", "--only", "addresses", "--output", tmp_path / "out",
               *options_of("probe", flags), input="mail.nowhere.invalid\n")
    assert done.returncode == 0, done.stderr
    manifest = read_manifest(tmp_path / "out")
    assert manifest["options"]["probe_only"] == "addresses"
    done = run("verify", tmp_path / "out", "--json")
    assert json.loads(done.stdout)["hosts"] == 1 and done.returncode == 0


@pytest.mark.parametrize("command", KIND)
@pytest.mark.parametrize("reading", ["stats", "list", "rejudge", "report"])
def test_what_counts_domains_refuses_a_folder_without_any(whole, tmp_path, command, reading):
    output = ["--output", tmp_path / "out"] if reading in ("rejudge", "report") else []
    done = run(reading, whole / command, *output)
    assert done.returncode not in (0, 1) and done.stdout == ""
    assert f"of 'stsurvey {command}', and no domains" in done.stderr
    assert not (tmp_path / "out").exists()
