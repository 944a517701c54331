"""A machine that gives too little, and a scan in which nothing goes on any more."""

import contextlib
import os
import re
import resource
import subprocess
import time
from pathlib import Path

import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, options_of, read_records, run
from helpers.smallnet import SmallNet
from soak import program, starved

SHORTAGE, STALLED = 71, 70
STALL = ROOT / "Tests/Python/soak/stall.c"


def few_threads(count):
    """The command that lets a user have so many threads; root may have any number."""
    command = ["prlimit", f"--nproc={count}"]
    if os.getuid() == 0:
        command += ["setpriv", f"--reuid={starved.USER}", f"--regid={starved.USER}",
                    "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    return command


def run_within(limit, *arguments):
    return subprocess.run(
        [*limit, PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=30,
        cwd=ROOT, check=False)


def assert_shortage(done, *words):
    assert done.returncode == SHORTAGE, done.stderr
    line = next(line for line in done.stderr.splitlines() if "the system gave no" in line)
    assert line.startswith("stsurvey: error: ")
    for word in words:
        assert word in line


def test_a_scan_that_gets_no_thread_says_so_and_makes_nothing(flags, tmp_path):
    # Pytest's folders are for their owner alone.
    for parent in (tmp_path, *tmp_path.parents):
        if parent == Path("/tmp"):
            break
        parent.chmod(parent.stat().st_mode | 0o055)
    tmp_path.chmod(0o777)
    folder = tmp_path / "out"
    for threads in (1, 4):
        done = run_within(
            few_threads(1), "scan", QUICKSTART, "--output", folder, "--threads", threads, *flags)
        assert_shortage(done, "thread", "ulimit -u", f"a scan needs {threads + 2} besides its own")
        assert not folder.exists()


def test_a_check_that_gets_no_thread_says_so(flags):
    assert_shortage(run_within(few_threads(1), "check", "a.example", *flags), "thread")


def test_what_reads_a_scan_makes_do_with_one_thread(quickstart, tmp_path):
    tmp_path.chmod(0o777)
    folder = quickstart.folder
    for parent in (folder, *folder.parents):
        if parent == Path("/tmp"):
            break
        parent.chmod(parent.stat().st_mode | 0o055)
    for command in (["verify", folder], ["stats", folder], ["diff", folder, folder],
                    ["report", folder, "--output", tmp_path / "report.html"],
                    ["rejudge", folder, "--output", tmp_path / "again"]):
        done = run_within(few_threads(1), *command)
        assert done.returncode == 0, (command, done.stderr)


@pytest.mark.parametrize("command", ["scan", "check", "verify", "stats", "diff"])
def test_without_memory_each_command_ends_with_a_message(flags, quickstart, tmp_path, command):
    arguments = {
        "scan": [QUICKSTART, "--output", tmp_path / "out", *flags], "check": ["a.example", *flags],
        "diff": [quickstart.folder, quickstart.folder],
    }.get(command, [quickstart.folder])
    done = run_within(["prlimit", f"--as={100 << 20}"], command, *arguments)
    assert_shortage(done, "memory", "ulimit -v")


def test_without_descriptors_a_check_ends_with_a_message(flags):
    for limit in (4, 6):
        done = run_within(["prlimit", f"--nofile={limit}"], "check", "a.example", *flags)
        assert done.returncode == SHORTAGE, done.stderr
        assert "descriptors" in done.stderr or "ulimit -n" in done.stderr


@contextlib.contextmanager
def fed_without_descriptors(begun, status, lines):
    """Gives a run its lines, and a second's time, while it can have no descriptor more."""
    for _ in range(400):
        if status.exists() and status.read_text():
            break
        time.sleep(0.05)
    before = resource.prlimit(begun.pid, resource.RLIMIT_NOFILE)
    descriptors = [int(name) for name in os.listdir(f"/proc/{begun.pid}/fd")]
    resource.prlimit(begun.pid, resource.RLIMIT_NOFILE, (max(descriptors) + 1, before[1]))
    begun.stdin.write("".join(f"{line}\n" for line in lines))
    begun.stdin.close()
    time.sleep(1)
    yield
    resource.prlimit(begun.pid, resource.RLIMIT_NOFILE, before)


def begin(command, folder, status, *options):
    return subprocess.Popen(
        [PROGRAM, command, "-", "--output", folder, *options, "--status-updates-file", status],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def test_a_connection_without_a_descriptor_is_made_later(tmp_path):
    """What this machine has no room for says nothing about the host."""
    with SmallNet({}) as net:
        names = [f"a{number}.test" for number in range(12)]
        for number, name in enumerate(names):
            net.zone[name] = [("MX", f"mx.{name}")]
            net.zone[f"mx.{name}"] = [("A", f"127.15.0.{number + 1}")]
            net.smtp(f"127.15.0.{number + 1}")
        status = tmp_path / "status.ndjson"
        scan = begin("scan", tmp_path / "out", status, *net.flags(), "--fetch", "none")
        with fed_without_descriptors(scan, status, names):
            assert not net.visits
        assert scan.wait(60) == 0, scan.stderr.read()
        scan.stderr.close()
        assert len(net.visits) == len(names)
    statuses = {session["status"] for host in read_records(tmp_path / "out", "hosts")
                for session in host["sessions"]}
    assert statuses == {"starttls_not_offered"}


def test_a_policy_without_a_descriptor_is_fetched_later(quickstart, flags, tmp_path):
    hosts = sorted({domain["policy"]["host"] for domain in quickstart.domains
                    if domain["policy_fetch_status"] == "ok"})[:12]
    assert len(hosts) == 12
    status = tmp_path / "status.ndjson"
    options = options_of("fetch", flags)
    options[options.index("--retry-delays") + 1] = "none"
    fetch = begin("fetch", tmp_path / "out", status, *options)
    with fed_without_descriptors(fetch, status, hosts):
        assert fetch.poll() is None
    assert fetch.wait(60) == 0, fetch.stderr.read()
    fetch.stderr.close()
    found = read_records(tmp_path / "out", "policies")
    assert sorted(record["host"] for record in found) == hosts
    assert {record["policy_fetch_status"] for record in found} == {"ok"}


# MARK: A standstill

def test_a_scan_in_which_nothing_goes_on_says_what_it_waits_for(flags, tmp_path):
    """Takes three minutes: an SMTP session may take two, and the watchdog waits for longer."""
    library, folder = tmp_path / "stall.so", tmp_path / "out"
    subprocess.run(["clang", "-shared", "-fPIC", "-O1", "-o", library, STALL, "-ldl"], check=True)
    scan = program.Run(
        [QUICKSTART, "--output", folder, *flags, "--threads", "2", "--max-wait", "1",
         "--policy-timeout", "5", "--seed", "1"],
        environment={**os.environ, "LD_PRELOAD": str(library), "STALL_AFTER": "30"})
    assert scan.end(400) == STALLED, scan.errors
    line = next(line for line in scan.errors.splitlines() if "nothing has gone on" in line)
    waiting = re.search(r"waits for ([\d,]+) domains(?: \(([^)]+)\))?", line)
    assert waiting and int(waiting[1].replace(",", "")) > 0, line
    assert "1 of 2 event loops do not answer" in line
    listed = [line for line in QUICKSTART.read_text().splitlines() if line and line[0] != "#"]
    # The loop that answers may have finished all of its own.
    assert set(waiting[2].split(", ") if waiting[2] else []) <= set(listed)
    assert f"--resume {folder}" in scan.errors
    done = run("scan", "--resume", folder)
    assert done.returncode == 0, done.stderr
    assert run("verify", folder).returncode == 0
    assert len(read_records(folder, "domains")) == len(listed)
