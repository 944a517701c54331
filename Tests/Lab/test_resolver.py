"""The resolver that `scripts/resolver` sets up: its configuration, its start and its end."""

import os
import shutil
import socket
import subprocess
import sys

import pytest

from helpers.program import PROGRAM, ROOT
from lab import wide
from resolving import configuration, service
from resolving.configuration import MIB, Machine, Setup

SBIN = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
# Of a key of nobody.
ANCHOR = ". IN DS 1 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"
DOMAINS = 300


def resolver(*arguments):
    return subprocess.run(
        [ROOT / "scripts/resolver", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT,
        timeout=120)


@pytest.fixture
def anchor(tmp_path):
    """A file with the key of a root."""
    path = tmp_path / "anchor"
    path.write_text(ANCHOR)
    return path


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


MACHINES = [
    Machine(1, 64 * MIB, 1024, 212_992, 212_992, False),
    Machine(2, 2048 * MIB, 20_000, 4 * MIB, 4 * MIB, True),
    Machine(7, 65_536 * MIB, 1 << 20, 32 * MIB, 32 * MIB, True),
]


@pytest.mark.parametrize("machine", MACHINES)
def test_unbound_takes_the_configuration_of_every_machine(machine, anchor, tmp_path, monkeypatch):
    shutil.copy(anchor, tmp_path / "root.key")
    monkeypatch.setenv("PATH", SBIN)
    setup = Setup(tmp_path, "127.0.0.1", 5300, ("192.0.2.0/24", "2001:db8::/32"), anchor,
                  limits_waiting=service.limits_waiting())
    setup.path.write_text(configuration.text(setup, machine))
    done = subprocess.run(["unbound-checkconf", setup.path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert machine.problem() is None
    used = machine.threads * machine.outgoing_range + configuration.RESERVED_DESCRIPTORS
    assert used <= machine.descriptors
    caches = [line.split(": ") for line in setup.path.read_text().splitlines()
              if "cache-size" in line]
    in_all = sum(int(octets) for _, octets in caches) * configuration.OVERHEAD
    assert len(caches) == 4 and 0.9 * machine.memory < in_all <= machine.memory


def test_limits_of_waiting_are_lifted_where_unbound_has_them(anchor, tmp_path):
    written = [configuration.text(
        Setup(tmp_path, "127.0.0.1", 5300, (), anchor, limits_waiting=has_limits), MACHINES[1])
        for has_limits in (True, False)]
    assert "\n  wait-limit: 0\n  discard-timeout: 0\n" in written[0]
    assert "wait-limit" not in written[1] and "discard-timeout" not in written[1]


def test_slabs_are_a_power_of_two_that_threads_fit_in():
    slabs = [Machine(n, MIB, 1, 1, 1, False).slabs for n in (1, 2, 3, 4, 5, 8, 9)]
    assert slabs == [1, 2, 4, 4, 8, 8, 16]


def test_a_system_that_is_too_small_is_reported():
    small, large = MACHINES[0], MACHINES[2]
    told = " ".join(small.cautions())
    assert "rmem_max is 212992" in told and "descriptors is 1024" in told
    assert large.cautions() == []
    problem = Machine(4, 2048 * MIB, 512, 1, 1, False).problem()
    assert problem and problem.startswith("512 descriptors are too few for 4 threads")


def test_it_starts_answers_and_ends_without_root(anchor, tmp_path):
    folder, port = tmp_path / "resolver", free_port()
    given = ["--folder", folder, "--port", port, "--trust-anchor", anchor, "--memory", "64m"]
    try:
        done = resolver("up", *given)
        assert done.returncode == 0, done.stderr
        assert f"scan with --name-servers 127.0.0.1:{port}" in done.stdout
        assert "already up" in resolver("up", *given).stdout
        asked = subprocess.run(
            ["dig", "@127.0.0.1", "-p", str(port), "+short", "localhost", "A"],
            capture_output=True, text=True)
        assert asked.stdout == "127.0.0.1\n"
        told = resolver("status", "--folder", folder)
        assert told.returncode == 0 and "num.queries                       1\n" in told.stdout
        assert "process" in told.stdout
    finally:
        ended = resolver("down", "--folder", folder)
    assert ended.stdout == "resolver: stopped\n"
    assert resolver("down", "--folder", folder).stdout == "resolver: was not up\n"
    assert resolver("status", "--folder", folder).returncode == 1


def test_printing_starts_and_writes_nothing(anchor, tmp_path):
    folder = tmp_path / "resolver"
    done = resolver("up", "--print", "--folder", folder, "--trust-anchor", anchor, "--threads", 3,
                    "--memory", "1g", "--allow", "10.0.0.0/8")
    assert done.returncode == 0 and not folder.exists()
    for line in ("num-threads: 3", "access-control: 10.0.0.0/8 allow", "aggressive-nsec: yes",
                 "prefetch: no", "ede: yes"):
        assert f"  {line}\n" in done.stdout


@pytest.mark.parametrize(("arguments", "word"), [
    (["--trust-anchor", "/nowhere"], "dns-root-data"), (["--memory", "1m"], "64 MiB or more"),
    (["--memory", "much"], "no size"), (["--threads", "0"], "1 to 256"),
    (["--allow", "everyone"], "everyone"), (["--address", "here"], "here"),
    (["--root-hints", "/nowhere"], "no such file"),
    (["--folder", f"/tmp/{'deep/' * 25}"], "too long"),
])
def test_wrong_use_is_reported(arguments, word, anchor, tmp_path):
    known = [] if "--trust-anchor" in arguments else ["--trust-anchor", anchor]
    # Of an option given twice the later one holds.
    done = resolver("up", "--folder", tmp_path / "resolver", *known, *arguments)
    assert done.returncode in (2, 64) and word in done.stderr, done.stderr


def test_a_scan_through_it_finds_the_truth_of_a_hierarchy(tmp_path):
    if os.getuid() != 0 or not wide.TUN.exists():
        pytest.skip(f"name servers behind latency need root and {wide.TUN}")
    paths = os.pathsep.join(str(ROOT / name) for name in ("Benchmarks", "Tests/Python", "scripts"))
    done = subprocess.run(
        ["unshare", "--net", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", sys.executable,
         "-P", "-m", "bench.recursion", tmp_path, "--domains", str(DOMAINS),
         "--scan=--retry-delays 1,4"], capture_output=True, text=True, cwd=ROOT, timeout=600,
        env={**os.environ, "PATH": SBIN, "PYTHONPATH": paths, "STSURVEY": str(PROGRAM)})
    assert done.returncode == 0, done.stderr
    figures = [cell.strip() for cell in done.stdout.splitlines()[-1].strip("|").split("|")]
    assert figures[1] == str(DOMAINS) and figures[-1] == figures[-2] == "0"
    # More than one of its own, fewer than a whole way down for each question.
    assert 2 < float(figures[8]) < 30 and int(figures[9].replace(',', '')) > 500
    assert figures[7] == "0.0%"
