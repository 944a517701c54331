"""Faults of disk, servers, descriptors and clocks, in short; scripts/soak has them in full."""

import os
import shlex
import signal
import subprocess
import time

import pytest

from helpers.program import PROGRAM, ROOT, lab, run
from helpers.worker import LAB
from soak import program, records, signals
from soak.disk import CHECKPOINT, OUTPUT_FAILED, PLAIN_ROOT
from soak.outages import HONEST

SLOWLY = ["--senders", "30", *CHECKPOINT]
# What fails while a server is away is asked again when it is back.
AWAY_SECONDS, AGAIN = 1.5, ["--retry-delays", "4,8"]


@pytest.fixture(scope="module")
def quick_list(quickstart, tmp_path_factory):
    """Those of the lab's list that no time-out keeps long."""
    path = tmp_path_factory.mktemp("quick") / "list.txt"
    names = records.without_timeouts(quickstart.folder)
    assert len(names) > 800
    path.write_text("".join(f"{name}\n" for name in names))
    return path


@pytest.fixture(scope="module")
def undisturbed(scan, quick_list):
    """The folder of an undisturbed scan."""
    return scan(quick_list).folder


@pytest.fixture(scope="module")
def whole(undisturbed):
    """Its records."""
    return records.Whole(undisturbed)


@pytest.fixture
def start(flags, quick_list, tmp_path):
    """Starts a scan into tmp_path/out."""

    def start_scan(*arguments, **how):
        return program.Run(
            [quick_list, "--output", tmp_path / "out", *flags, *arguments], **how)

    return start_scan


def check(folder, whole, without=frozenset()):
    found = whole.differences(folder, without)
    assert not found, found[:5]


def resume(folder, whole):
    done = run("scan", "--resume", folder)
    assert done.returncode == 0, done.stderr
    check(folder, whole)


def failed(process, folder, word):
    """Waits for the clean end of a scan that cannot write, and for what it says."""
    assert process.end() == OUTPUT_FAILED, process.errors
    line = next(line for line in process.errors.splitlines() if word in line)
    assert str(folder) in line
    assert f"--resume {folder}" in process.errors
    for file in folder.glob("*.zst"):
        subprocess.run(["zstd", "-qt", file], check=True)


# MARK: The disk

def test_a_full_disk_ends_the_scan_and_space_lets_it_go_on(flags, quick_list, tmp_path, whole,
                                                           undisturbed):
    size = sum(file.stat().st_size for file in undisturbed.glob("*.zst")) // 3
    disk = tmp_path / "disk"
    disk.mkdir()
    scan = shlex.join([
        str(PROGRAM), "scan", str(quick_list), "--output", f"{disk}/out", *flags,
        *CHECKPOINT])
    user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    done = subprocess.run(
        ["unshare", *user, "--mount", "sh", "-c",
         f"mount -t tmpfs -o size={size} none {disk} || exit 99; {scan}; code=$?; "
         f"cp -r {disk}/out {tmp_path}/moved; exit $code"],
        capture_output=True, text=True)
    if done.returncode in (1, 99):
        pytest.skip(f"no file system may be mounted here: {done.stderr}")
    assert done.returncode == OUTPUT_FAILED, done.stderr
    assert "No space left" in done.stderr and f"{disk}/out/" in done.stderr
    assert f"--resume {disk}/out" in done.stderr
    resume(tmp_path / "moved", whole)


def test_a_file_that_may_not_grow_is_told_like_a_full_disk(start, tmp_path, whole, undisturbed):
    size = sum(file.stat().st_size for file in undisturbed.glob("*.zst")) // 3
    process = start(*CHECKPOINT, before=["prlimit", f"--fsize={size}"])
    failed(process, tmp_path / "out", "File too large")
    resume(tmp_path / "out", whole)


def test_a_folder_that_becomes_unwritable_is_told(start, tmp_path, whole):
    folder = tmp_path / "out"
    process = start(*SLOWLY, before=PLAIN_ROOT if os.getuid() == 0 else [])
    program.wait_for_records(folder, 30)
    folder.chmod(0o555)
    failed(process, folder, "Permission denied")
    folder.chmod(0o755)
    resume(folder, whole)


# MARK: Servers

@pytest.mark.parametrize("server", ["unbound", "nginx", "postfix"])
def test_a_server_that_is_away_for_a_while_changes_nothing(start, tmp_path, whole, server):
    services = (LAB / "services.json").read_text()
    if f'"{server}"' not in services:
        pytest.skip(f"{server} does not run here")
    process = start(*SLOWLY, *AGAIN)
    program.wait_for_records(tmp_path / "out", 100)
    lab("stop", server)
    time.sleep(AWAY_SECONDS)
    lab("start", server)
    assert process.end() == 0, process.errors
    check(tmp_path / "out", whole, HONEST)


def test_the_lab_names_a_server_that_it_does_not_know(flags):
    done = subprocess.run([ROOT / "scripts/lab", "stop", "exim"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "no server exim" in done.stderr and "unbound" in done.stderr


# MARK: The process

@pytest.mark.parametrize("redirection", ["0<&- 1>&- 2>&-", "2>/dev/full"])
def test_nobody_has_to_hear_it(start, tmp_path, whole, redirection):
    process = start(before=["bash", "-c", f'exec "$@" {redirection}', "bash"])
    assert process.end() == 0
    check(tmp_path / "out", whole)


def test_few_descriptors_make_it_slower_and_nothing_else(start, tmp_path, whole):
    process = start(before=["prlimit", "--nofile=64:64"])
    assert process.end() == 0
    assert "64 descriptors" in process.errors
    check(tmp_path / "out", whole)


def test_some_signals_do_not_end_it(start, tmp_path, whole):
    process = start(*SLOWLY)
    program.wait_for_records(tmp_path / "out", 100)
    for number in (signal.SIGPIPE, signal.SIGHUP):
        process.process.send_signal(number)
    assert process.end() == 0
    check(tmp_path / "out", whole)


def test_a_clock_that_jumps_changes_no_duration(start, tmp_path, whole):
    jump = signals.Clock(tmp_path)
    process = start(*SLOWLY, environment=jump.environment)
    assert program.wait_for_records(tmp_path / "out", 100, process)
    jump.set(3600)
    assert program.wait_for_records(tmp_path / "out", 300, process)
    jump.set(-7200)
    assert process.end() == 0, process.errors
    check(tmp_path / "out", whole)
    seen = records.read(tmp_path / "out", "domains")
    assert len({record["scanned_at"][:13] for record in seen}) > 1
    assert all(0 <= record["duration_ms"] < 60_000 for record in seen)
