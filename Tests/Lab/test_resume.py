"""A scan that is broken off and goes on: one record per line, no host probed twice."""

import contextlib
import json
import os
import random
import signal
import subprocess
import time

import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, read_manifest, read_records, run
from soak import records

KILLS = int(os.environ.get("STSURVEY_TEST_KILLS", "6"))
REPEATS = int(os.environ.get("STSURVEY_TEST_REPEATS", "3"))
# A list from a pipe has no name.
SOURCE = frozenset({"source"})


@pytest.fixture(scope="module")
def long_list(tmp_path_factory):
    """The lab's list several times over: long enough to be killed in the middle."""
    path = tmp_path_factory.mktemp("long") / "list.txt"
    names = [line for line in QUICKSTART.read_text().splitlines()
             if line.strip() and not line.startswith("#")]
    path.write_text("\n".join(names * REPEATS) + "\n")
    return path


def start(*arguments, **options):
    return subprocess.Popen(
        [PROGRAM, "scan", *map(str, arguments)], cwd=ROOT, stderr=subprocess.PIPE, text=True,
        **options)


def kill_and_resume(arguments, folder, kills, feed=None):
    """Runs a scan, kills it at random moments, resumes it each time, and lets it end."""
    moments = random.Random(7)
    done = 0
    begun = False
    while True:
        resume = ["--resume", folder] if begun else [*arguments, "--output", folder]
        with contextlib.ExitStack() as files:
            source = {"stdin": files.enter_context(open(feed))} if feed else {}
            process = start(*resume, "--checkpoint-interval", "0.2", **source)
        if done < kills:
            try:
                process.communicate(timeout=moments.uniform(0.05, 1.2))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                done += 1
        _, errors = process.communicate()
        begun = (folder / "manifest.json").exists()
        if process.returncode == 0:
            return done
        assert process.returncode in (0, -signal.SIGKILL), errors


@pytest.fixture(scope="module")
def whole(scan, long_list):
    """The same list scanned without a disturbance."""
    return records.Whole(scan(long_list).folder)


def check(folder, whole, without=frozenset()):
    """One record per line, each host once, totals as in the files, all as in `whole`."""
    found = whole.differences(folder, without)
    assert not found, found[:5]


def test_killed_at_random_moments_it_still_ends_with_one_record_per_line(
        flags, tmp_path, long_list, whole):
    folder = tmp_path / "out"
    kills = kill_and_resume([long_list, *flags], folder, KILLS)
    assert kills >= min(3, KILLS)
    check(folder, whole)


def test_a_pipe_is_resumed_by_feeding_the_same_bytes_again(flags, tmp_path, long_list, whole):
    folder = tmp_path / "out"
    kill_and_resume(["-", *flags], folder, 3, feed=long_list)
    check(folder, whole, SOURCE)


def stopped_scan(flags, tmp_path, long_list):
    """A scan that was interrupted in the middle."""
    folder = tmp_path / "out"
    process = start(
        long_list, "--output", folder, "--checkpoint-interval", "0.2", "--senders", "20", *flags)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 75, errors
    assert f"--resume {folder}" in errors
    return folder


def test_an_interrupted_scan_goes_on(flags, tmp_path, long_list, whole):
    folder = stopped_scan(flags, tmp_path, long_list)
    before = len(read_records(folder, "domains"))
    assert 0 < before < len(long_list.read_text().splitlines())
    done = run("scan", "--resume", folder, "-s", "500", "--threads", "2")
    assert done.returncode == 0, done.stderr
    assert read_manifest(folder)["options"]["senders"] == 500
    assert f"going on after {before:,} records" in done.stderr
    check(folder, whole)


def test_what_would_alter_the_records_is_refused_with_both_values(flags, tmp_path, long_list):
    folder = stopped_scan(flags, tmp_path, long_list)
    for arguments, code, words in [
        (["--mx-limit", "7"], 64, ["--mx-limit", "64", "7"]),
        (["--probe", "none"], 64, ["--probe", "all", "none"]),
        (["-s", "0"], 64, ["--senders", "1 to 100000", "'0'"]),
        (["-s0"], 64, ["--senders", "1 to 100000", "'0'"]),
        (["--senders=0"], 64, ["--senders", "1 to 100000", "'0'"]),
        (["other.txt"], 66, ["other.txt", str(long_list)]),
        ([long_list, long_list], 64, [str(long_list), "not 2"]),
        (["--output", "elsewhere"], 64, ["--output"]),
    ]:
        done = run("scan", "--resume", folder, *arguments)
        assert done.returncode == code, done.stderr
        for word in words:
            assert word in done.stderr, (arguments, done.stderr)
    again = run("scan", long_list, "--output", folder, *flags)
    assert again.returncode == 64
    assert f"stsurvey scan --resume {folder}" in again.stderr


def test_a_changed_list_is_refused_with_both_digests(flags, tmp_path, long_list):
    copy = tmp_path / "list.txt"
    copy.write_bytes(long_list.read_bytes())
    folder = stopped_scan(flags, tmp_path, copy)
    before = read_records(folder, "domains")
    changed = copy.read_text().replace("\n", ".\n", 1)
    for text, word in [(changed, "has changed"), (changed[:200], "shorter")]:
        copy.write_text(text)
        done = run("scan", "--resume", folder)
        assert done.returncode == 65, done.stderr
        assert word in done.stderr and str(copy) in done.stderr
        assert read_records(folder, "domains") == before


def test_two_processes_do_not_work_in_one_folder(flags, tmp_path, long_list):
    folder = tmp_path / "out"
    first = start("-", "--output", folder, *flags, stdin=subprocess.PIPE)
    first.stdin.write("one.invalid\n")
    first.stdin.flush()
    time.sleep(2)
    done = run("scan", "--resume", folder, input="one.invalid\n")
    assert done.returncode == 64
    assert "another process" in done.stderr
    first.communicate(timeout=30)
    assert first.returncode == 0


def test_a_finished_scan_cannot_be_resumed(quickstart):
    done = run("scan", "--resume", quickstart.folder)
    assert done.returncode == 64
    assert "no unfinished scan" in done.stderr


def test_files_rotate_at_a_size(scan, tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("".join(f"name{number}.invalid\n" for number in range(120_000)))
    result = scan(path, "--rotate-size", "1", "--probe", "none")
    names = [file["name"] for file in result.manifest["domain_files"]]
    assert len(names) > 1 and names == sorted(names)
    assert len(result.domains) == 120_000
    assert json.dumps(result.manifest["domain_files"])
