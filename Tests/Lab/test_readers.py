"""The README's readers on a scan that was killed and has gone on: many frames, several files."""

import signal
import subprocess
import sys
import time

import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, run
from lab import python
from soak import records

READERS = python.command("readers", python=sys.executable)


@pytest.fixture(scope="module")
def resumed(flags, tmp_path_factory):
    folder = tmp_path_factory.mktemp("resumed") / "out"
    process = subprocess.Popen(
        [PROGRAM, "scan", QUICKSTART, "--output", folder, "--checkpoint-interval", "0.1",
         "--retry-delays", "none", *flags], cwd=ROOT, stderr=subprocess.DEVNULL)
    # A file that no checkpoint has would be begun anew.
    while process.poll() is None and records.committed_count(folder) < 20:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert records.committed_count(folder) > 0
    done = run("scan", "--resume", folder)
    assert done.returncode == 0, done.stderr
    assert len(list(folder.glob("domains-*.zst"))) > 1
    return folder


def test_all_readers_read_all_frames_of_all_files(resumed):
    # Those of scripts/readers that are large are left to it.
    done = subprocess.run(
        [*READERS, resumed, "--without", "pandas",
         "--without", "spark"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("1000 records") == 3
    assert done.stdout.count(": agrees") == 3


@pytest.mark.parametrize("names", [["# no name"], ["a.invalid", "b.invalid"]])
def test_all_readers_read_a_scan_without_hosts_or_without_any_record(scan, write_list, names):
    """A frame without content is what polars 1.30 fails on; a missing file breaks a glob."""
    folder = scan(write_list(*names)).folder
    assert run("verify", folder).returncode == 0
    done = subprocess.run(
        [*READERS, folder, "--without", "pandas",
         "--without", "spark"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(", 0 host records") == 3
    assert done.stdout.count(": agrees") == 3


def test_a_reader_that_loses_records_is_told(resumed):
    manifest = resumed / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace('"domains": 1000', '"domains": 1001'))
    try:
        others = [f"--without={name}" for name in ["duckdb", "polars", "pandas", "spark"]]
        done = subprocess.run(
            [*READERS, resumed, *others],
            capture_output=True, text=True, cwd=ROOT)
    finally:
        manifest.write_text(text)
    assert done.returncode == 1 and "agrees" not in done.stdout
