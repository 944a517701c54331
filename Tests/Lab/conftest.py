"""What the tests of the built program share: the running lab, and scans of it."""

from __future__ import annotations

import json
import os
import shlex

import pytest

from helpers.later import Later, change_all, fetched_policies
from helpers.program import QUICKSTART, Scan, lab, run
from helpers.worker import LAB, enter_own_network


def pytest_configure():
    enter_own_network()


@pytest.fixture(scope="session")
def flags():
    """The options that point the program at the lab, which runs as long as the tests do."""
    lab("up", "--zoo")
    return shlex.split(lab("flags"))


@pytest.fixture(scope="session")
def scan(flags, tmp_path_factory):
    """Scans lists against the lab: scan(list, …options) returns a Scan."""

    def scan_lists(*arguments, returncode=0, **options):
        folder = tmp_path_factory.mktemp("scan") / "out"
        process = run("scan", *arguments, "--output", folder, *flags, **options)
        assert process.returncode == returncode, process.stderr
        return Scan(folder, process)

    return scan_lists


@pytest.fixture(scope="session")
def quickstart(scan):
    """The scan of the lab's own list."""
    return scan(QUICKSTART)


@pytest.fixture(scope="session")
def zoo_flags(flags):
    """The options that point the program at the zoo, which stands beside the lab's list."""
    return shlex.split(lab("flags", "--zoo"))


@pytest.fixture(scope="session")
def zoo(zoo_flags, tmp_path_factory):
    """The scan of the whole zoo."""
    folder = tmp_path_factory.mktemp("zoo") / "out"
    process = run(
        "scan", LAB / "zoo-domains.txt", "--output", folder, *zoo_flags, "--senders", "50")
    assert process.returncode == 0, process.stderr
    return Scan(folder, process)


@pytest.fixture(scope="session")
def truth(flags):
    """What the lab knows of each domain of its list, by name."""
    lines = (LAB / "expected.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def later(quickstart, flags, truth, tmp_path_factory):
    """The same list scanned again after changes: the scan, and the changed domain of each kind."""
    folder = tmp_path_factory.mktemp("later")
    lab_later = Later(folder, flags)
    changed = change_all(lab_later, truth)
    with lab_later:
        process = run("scan", QUICKSTART, "--output", folder / "out", *lab_later.flags)
    assert process.returncode == 0, process.stderr
    scan = Scan(folder / "out", process)
    scan.changed = changed
    return scan


@pytest.fixture(scope="session")
def resurvey(quickstart, flags, truth, tmp_path_factory):
    """Domains with a record, scanned again after the same changes by what the first scan knows.

    Half of the policies that senders would have are fetched all the same.
    """
    folder = tmp_path_factory.mktemp("resurvey")
    lab_later = Later(folder, flags)
    changed = change_all(lab_later, truth)
    listed = [line["domain"] for line in truth if line["policy_fetch_status"]]
    (folder / "list.txt").write_text("\n".join([*listed, changed["record_only"]]) + "\n")
    with lab_later, fetched_policies() as fetched:
        process = run(
            "scan", folder / "list.txt", "--output", folder / "out", *lab_later.flags,
            "--previous", quickstart.folder, "--refetch-share", "50", "--seed", "7")
    assert process.returncode == 0, process.stderr
    scan = Scan(folder / "out", process)
    scan.changed, scan.fetched = changed, fetched
    return scan


@pytest.fixture
def write_list(tmp_path):
    """Writes a list file: write_list("a.example", "b.example") or write_list(raw=b"…")."""

    def write(*lines, raw=None, name="list.txt"):
        path = tmp_path / name
        path.write_bytes(raw if raw is not None else ("\n".join(lines) + "\n").encode())
        return path

    return write


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    """A proxy of the machine's environment must not reach the program."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
