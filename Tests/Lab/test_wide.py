"""The lab behind a network that is as far and as bad as the Internet: what is found stays true."""

import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import time

import pytest

from helpers.program import PROGRAM, ROOT, Scan
from helpers.truth import differences
from lab import population, source, wide
from lab.certificates import Authority

DOMAINS = 250
FOLDER = ROOT / ".soak/wide"
# Shorter than the defaults, so that what is silent or fails takes seconds.
TIMES = ["--connect-timeout", "4", "--dns-timeout", "1", "--retry-delays", "1,4"]


@pytest.fixture(scope="module")
def wide_network():
    """What goes before a command to run it in a network namespace of these tests."""
    if os.getuid() != 0 or not wide.TUN.exists():
        pytest.skip(f"a wide lab needs root and {wide.TUN}")
    holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "ip link set lo up; exec cat"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    # It answers once it is in its namespace.
    holder.stdin.write(b"\n")
    holder.stdin.flush()
    assert holder.stdout.read(1) == b"\n"
    yield ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
    holder.stdin.close()
    assert holder.wait(10) == 0


@pytest.fixture(scope="module")
def wide_lab(wide_network):
    """Runs scripts/lab of a wide lab that is up; the finished process."""
    environment = {**os.environ, "STSURVEY_LAB": str(FOLDER / "lab")}

    def run(*arguments, **more):
        return subprocess.run(
            [*wide_network, ROOT / "scripts/lab", *arguments], capture_output=True, text=True,
            cwd=ROOT, timeout=600, env={**environment, **more})

    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    up = run("up", "--wide", "--population", "field", "--domains", str(DOMAINS))
    assert up.returncode == 0, up.stderr
    yield run
    assert run("down").returncode == 0


@pytest.fixture(scope="module")
def wide_scan(wide_network, wide_lab):
    """The scan of the wide lab's list, with all limits as they are on the Internet."""
    flags = shlex.split(wide_lab("flags").stdout)
    assert "--allow-special-use-addresses" not in flags and "--smtp-port" not in flags
    process = subprocess.run(
        [*wide_network, PROGRAM, "scan", FOLDER / "lab/domains.csv", "--output", FOLDER / "out",
         *flags, *TIMES], capture_output=True, text=True, cwd=ROOT, timeout=600)
    assert process.returncode == 0, process.stderr
    return Scan(FOLDER / "out", process)


def test_every_record_is_as_true_as_nearby(wide_scan):
    truth = [json.loads(line) for line in (FOLDER / "lab/expected.ndjson").read_text().splitlines()]
    records = {record["index"]: record for record in wide_scan.domains}
    assert len(records) == len(truth) == DOMAINS
    found = [line for index, expected in enumerate(truth) if expected["domain"]
             for line in differences(expected, records[index])]
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:40])


def test_the_way_was_long_and_bad(wide_scan):
    counters = json.loads((FOLDER / "lab/wide/counters.json").read_text())
    for what in ("lost", "silent", "late", "servfail"):
        assert counters[what] > 0, (what, counters)
    assert counters["overflowed"] == 0
    reached = [session for host in wide_scan.hosts for session in host["sessions"]
               if session["status"] == "ok" and session["observed"] == "direct"]
    assert len(reached) > 20
    assert all(session["address"].startswith(wide.PUBLIC) for session in reached)
    # The connection, the greeting, EHLO, STARTTLS, the handshake, EHLO.
    shortest = min(session["duration_ms"] for session in reached)
    assert shortest >= 5 * wide.PROFILE.rtt_min * (1 - wide.PROFILE.jitter)


# Twelve connections begun at once to an address in each of many networks.
KNOCK = """
import socket
open_ones = []
for network in range(60):
    for _ in range(12):
        knocker = socket.socket()
        knocker.setblocking(False)
        knocker.connect_ex((f"16.1.{network}.1", 25))
        open_ones.append(knocker)
"""


def test_some_networks_take_few_connections_at_a_time(wide_scan, wide_network):
    path = FOLDER / "lab/wide/counters.json"
    before = json.loads(path.read_text())["limited"]
    subprocess.run([*wide_network, sys.executable, "-c", KNOCK], check=True)
    deadline = time.monotonic() + 10
    while json.loads(path.read_text())["limited"] == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_it_takes_no_network_that_has_a_way_to_the_internet(wide_lab):
    done = wide_lab("up", "--wide", STSURVEY_LAB=str(FOLDER / "second"))
    assert done.returncode == 1 and "ip netns exec wide scripts/lab up --wide" in done.stderr
    done = wide_lab("up", "--wide", "--zoo")
    assert done.returncode == 1 and "--wide" in done.stderr


def test_silence_follows_from_the_seed(tmp_path):
    def silent(seed):
        entries, mix = source.Invented(DOMAINS, 10).read(tmp_path, seed=5)
        names = [entry.domain for entry in entries if entry.domain]
        world = population.populate(names, mix, 5, Authority().tlsa(), True)
        return wide.move(world, seed), world

    found, world = silent(1)
    assert found and found == silent(1)[0] != silent(2)[0]
    assert all(address.startswith(wide.PUBLIC) for address in found)
    unreached = {host.address for domain in world.domains.values() for _, host in domain.mx
                 if host.server == "blackhole"}
    assert found & unreached
    picked = random.Random(1).choice(sorted(world.domains))
    assert not any("127." in record.data for record in world.domains[picked].records
                   if record.type == "A")
