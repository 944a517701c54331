"""A scan as a filter: records on standard output, and no process that outlives its reader."""

import fcntl
import json
import os
import signal
import subprocess
import time

import pytest

from helpers.name_server import NameServer
from helpers.program import PROGRAM, QUICKSTART, ROOT, run
from soak import records

FILTER = ["scan", "-", "--output", "-", "--probe", "none"]
# A list from a pipe has no name, and blank lines of a list no record.
PLACE = frozenset({"source", "line"})
# What a process may take to end, of which the machine's other work is the most.
SECONDS = 2
NAMES = [f"name{number}.invalid" for number in range(30_000)]


def names():
    return [line for line in QUICKSTART.read_text().splitlines()
            if line.strip() and not line.startswith("#")]


def keyed(lines):
    return "".join(json.dumps(line) + "\n" for line in lines)


def start(flags, *more, **options):
    return subprocess.Popen(
        [PROGRAM, *FILTER, *map(str, flags), *map(str, more)], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def feed(process, lines):
    """Gives a filter so many names that it has to wait for its reader; leaves its input open."""
    fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, 1 << 20)
    process.stdin.write("".join(f"{line}\n" for line in lines).encode())
    process.stdin.flush()


def ended_within(process, seconds=SECONDS):
    begun = time.monotonic()
    process.wait(timeout=60)
    return time.monotonic() - begun < seconds


def test_the_records_are_those_of_a_folder_with_its_totals(scan, flags, tmp_path):
    folder = scan(QUICKSTART, "--probe", "none")
    manifest = tmp_path / "manifest.json"
    done = run(*FILTER, *flags, "--manifest", manifest, input=QUICKSTART.read_text())
    assert done.returncode == 0, done.stderr
    found = {record["index"]: record for record in map(json.loads, done.stdout.splitlines())}
    assert len(found) == len(done.stdout.splitlines()) == len(folder.domains)
    for record in folder.domains:
        other = found[record["index"]]
        assert not records.paths(
            records.stable(record, PLACE), records.stable(other, PLACE)), record["domain"]
    told = json.loads(manifest.read_text())
    assert told["state"] == "complete" and told["options"]["output"] == "-"
    assert told["totals"] == folder.manifest["totals"]
    assert "1,000 records in" in done.stderr and "stsurvey:" not in done.stdout


def test_keyed_lines_keep_their_index_rank_and_columns(flags):
    lines = [{"index": 7 * place + 3, "rank": place + 100, "domain": name, "batch": f"b{place}"}
             for place, name in enumerate(["one.invalid", "two.invalid", "no name", "x.invalid"])]
    done = run(*FILTER, *flags, "--carry", "all", "--accept-invalid", input=keyed(lines))
    assert done.returncode == 0, done.stderr
    assert "index from 'index'" in done.stderr
    found = {record["index"]: record for record in map(json.loads, done.stdout.splitlines())}
    assert sorted(found) == [3, 10, 17, 24]
    for line in lines:
        record = found[line["index"]]
        assert record["rank"] == line["rank"] and record["list"]["batch"] == line["batch"]
        assert "index" not in record["list"]
    assert found[17]["status"] == "invalid_name"


@pytest.mark.parametrize(("line", "found"), [
    ({"domain": "two.invalid"}, "is missing"),
    ({"index": -1, "domain": "two.invalid"}, "is '-1'"),
    ({"index": "5", "domain": "two.invalid"}, "is '5'"),
    ({"index": 1.5, "domain": "two.invalid"}, "is '1.5'"),
])
def test_a_line_without_a_usable_index_is_an_error_that_names_it(flags, line, found):
    lines = [{"index": 4, "domain": "one.invalid"}, line]
    done = run(*FILTER, *flags, input=keyed(lines))
    assert done.returncode == 65
    assert f"line 2: the key 'index' {found}" in done.stderr


@pytest.mark.parametrize(("options", "words"), [
    (["--probe", "all"], "add --probe none"),
    (["--probe", "records"], "add --probe none"),
    (["--probe", "none", "--rotate-size", "5"], "--rotate-size is of use only with a folder"),
])
def test_what_does_not_go_together_is_refused(flags, tmp_path, options, words):
    done = subprocess.run(
        [PROGRAM, "scan", QUICKSTART, "--output", "-", *options, *flags], cwd=tmp_path,
        capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and words in done.stderr
    assert not done.stdout and not list(tmp_path.iterdir())


def test_a_manifest_beside_a_folder_is_refused(flags, tmp_path):
    done = run("scan", QUICKSTART, "--output", tmp_path / "out", "--manifest", tmp_path / "m",
               *flags)
    assert done.returncode == 64 and "--output -" in done.stderr
    assert not list(tmp_path.iterdir())


def test_it_ends_when_its_reader_has_read_enough(flags):
    process = start(flags)
    feed(process, NAMES)
    assert process.stdout.readline().startswith(b'{"schema_version"')
    process.stdout.close()
    assert ended_within(process)
    assert process.returncode == 74 and b"error" not in process.stderr.read()


def test_it_ends_when_nobody_reads_although_it_has_nothing_to_write(flags):
    process = start(flags)
    time.sleep(0.5)
    process.stdout.close()
    assert ended_within(process)
    assert process.returncode == 74


def test_it_ends_with_a_killed_parent(flags):
    """As an executor of an engine that is killed takes its ends of the pipes with it."""
    shell = subprocess.Popen(
        ["bash", "-c", 'yes x.invalid | head -2000000 | "$@" | sleep 60 & echo $!; wait', "bash",
         PROGRAM, *FILTER, *flags],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
    sleeper = int(shell.stdout.readline())
    time.sleep(1)
    os.kill(sleeper, signal.SIGKILL)
    begun = time.monotonic()
    shell.wait(timeout=60)
    assert time.monotonic() - begun < SECONDS


def test_a_signal_ends_it_at_once_also_when_its_reader_is_asleep(flags):
    process = start(flags)
    feed(process, NAMES)
    time.sleep(2)
    process.send_signal(signal.SIGTERM)
    assert ended_within(process, SECONDS + 1)
    assert process.returncode == 75
    assert b"records written to standard output" in process.stderr.read()


def test_a_slow_reader_gets_everything(flags):
    process = start(flags, "--quiet")
    feed(process, NAMES)
    process.stdin.close()
    time.sleep(3)
    assert process.poll() is None, process.stderr.read()
    text = process.stdout.read()
    assert process.wait(timeout=60) == 0
    assert sorted(json.loads(line)["index"] for line in text.splitlines()) == list(
        range(len(NAMES)))


def test_without_a_name_server_it_gives_up_early(flags):
    flags, server = list(flags), NameServer()
    flags[flags.index("--name-servers") + 1] = server.flag
    process = start(flags, "--dns-timeout", "0.2", "--outage-limit", "1")
    feed(process, NAMES[:1])
    assert process.stdout.readline()
    server.mode = "silent"
    feed(process, NAMES[1:200])
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 74
    assert b"scan the other names again" in errors and b"--resume" not in errors
