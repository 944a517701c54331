"""What a scan leaves alone and how gentle it is, by what the servers themselves have noted."""

import signal
import subprocess
import time

import pytest

from conftest import PROGRAM, ROOT, read_manifest, read_records, run
from smallnet import SmallNet


ZONE = {
    "a.test": [("MX", "mx.a.test")], "mx.a.test": [("A", "127.11.0.1")],
    "b.test": [("MX", "mx.b.test")], "mx.b.test": [("A", "127.11.0.2")],
    "c.test": [("MX", "mx.c.test")], "mx.c.test": [("A", "127.11.1.1")],
    "sub.b.test": [("MX", "mx.a.test")],
    "_mta-sts.c.test": [("TXT", "v=STSv1; id=1;")], "mta-sts.c.test": [("A", "127.11.1.2")],
    "_mta-sts.a.test": [("TXT", "v=STSv1; id=1;")], "mta-sts.a.test": [("A", "127.11.0.9")],
}


@pytest.fixture
def net(tmp_path):
    with SmallNet({name: list(records) for name, records in ZONE.items()}) as net:
        for address in ("127.11.0.1", "127.11.0.2", "127.11.1.1"):
            net.smtp(address)
        yield net


def scan(net, tmp_path, names, *options, folder="out"):
    path = tmp_path / "list.txt"
    path.write_text("".join(f"{name}\n" for name in names))
    done = run("scan", path, "--output", tmp_path / folder, *net.flags(), *options)
    assert done.returncode == 0, done.stderr
    records = read_records(tmp_path / folder, "domains")
    return {record["domain"]: record for record in records}


# Excluded things see no packet.


def test_what_is_excluded_sees_no_packet(net, tmp_path):
    block = tmp_path / "block.txt"
    block.write_text("b.test # by mail\n127.11.1.0/24\n=mta-sts.a.test\n")
    records = scan(net, tmp_path, ["a.test", "b.test", "sub.b.test", "c.test"],
                   "--blocklist-file", block)
    assert records["b.test"]["status"] == records["sub.b.test"]["status"] == "excluded"
    assert records["b.test"]["verdict"] is None and records["b.test"]["dns"] is None
    assert not [name for name in net.asked() if name.endswith("b.test")]
    # An excluded address: looked up, since nobody knows it before, and never contacted.
    assert records["c.test"]["status"] == "scanned"
    assert records["c.test"]["mx"][0]["status"] == "blocked"
    assert records["c.test"]["policy_fetch_status"] == "blocked"
    assert records["c.test"]["first_failure"] == "policy_fetch.blocked"
    # An excluded policy host is not even looked up; the domain's hosts are.
    assert records["a.test"]["policy_fetch_status"] == "blocked"
    assert records["a.test"]["policy"]["a"] is None
    assert "mta-sts.a.test" not in net.asked()
    assert records["a.test"]["mx"][0]["status"] == "starttls_not_offered"
    assert {visit.address for visit in net.visits} == {"127.11.0.1"}
    [listed] = read_manifest(tmp_path / "out")["blocklists"]
    digest = subprocess.run(["sha256sum", block], capture_output=True, text=True).stdout.split()[0]
    assert (listed["name"], listed["sha256"], listed["entries"]) == (str(block), digest, 3)


@pytest.mark.parametrize("line", ["10.0.0.0/40", "not a name", "192.0.2.1/x", "a..b"])
def test_a_bad_line_refuses_the_start(net, tmp_path, line):
    block = tmp_path / "block.txt"
    block.write_text(f"a.test\n{line}\n")
    (tmp_path / "list.txt").write_text("a.test\n")
    done = run("scan", tmp_path / "list.txt", "--output", tmp_path / "out", *net.flags(),
               "--blocklist-file", block)
    assert done.returncode == 64
    assert f"{block}, line 2" in done.stderr and line.split("/")[0] in done.stderr
    assert not net.questions and not (tmp_path / "out").exists()


def test_the_blocklist_is_read_again_while_the_scan_runs(net, tmp_path):
    block = tmp_path / "block.txt"
    block.write_text("")
    scan = subprocess.Popen(
        [PROGRAM, "scan", "-", "--output", tmp_path / "out", *net.flags(),
         "--blocklist-file", block], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=ROOT)

    def feed(name):
        scan.stdin.write(f"{name}\n")
        scan.stdin.flush()
        deadline = time.monotonic() + 20
        while not any(f"{name}" == asked for asked, _ in net.questions):
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def reload(text, word):
        block.write_text(text)
        scan.send_signal(signal.SIGHUP)
        while word not in scan.stderr.readline():
            pass

    feed("a.test")
    reload("b.test\n", "has 1 entries")
    scan.stdin.write("b.test\n")
    # A list that is no good leaves the one of before in force.
    reload("b.test\nnonsense!\n", "line 2")
    scan.stdin.write("sub.b.test\n")
    feed("c.test")
    scan.stdin.close()
    assert scan.wait(timeout=60) == 0
    scan.stderr.close()
    status = {record["domain"]: record["status"]
              for record in read_records(tmp_path / "out", "domains")}
    assert status == {"a.test": "scanned", "b.test": "excluded", "sub.b.test": "excluded",
                      "c.test": "scanned"}
    assert not [name for name in net.asked() if name.endswith("b.test")]
    assert [entry["entries"] for entry in read_manifest(tmp_path / "out")["blocklists"]] == [0, 1]


def test_check_refuses_an_excluded_domain(net, tmp_path):
    block = tmp_path / "block.txt"
    block.write_text(".test\n")
    done = run("check", "a.test", *net.flags(), "--blocklist-file", block)
    assert done.returncode == 64 and "a.test is excluded" in done.stderr
    assert ("a.test", "MX") not in net.questions


# Who scans.


def test_servers_see_who_scans(net, tmp_path):
    records = scan(net, tmp_path, ["a.test"], "--local-addr", "127.11.9.8,127.11.9.9",
                   "--ehlo-name", "probe.scanner.test")
    assert records["a.test"]["mx"][0]["status"] == "starttls_not_offered"
    [visit] = net.visits
    assert visit.ehlo == "probe.scanner.test"
    assert visit.peer in ("127.11.9.8", "127.11.9.9")
    options = read_manifest(tmp_path / "out")["options"]
    assert options["local_addresses"] == ["127.11.9.8", "127.11.9.9"]


def test_an_address_that_the_machine_has_not_is_refused(net, tmp_path):
    for address, word in [("192.0.2.1", "192.0.2.1: "), ("nowhere", "'nowhere'")]:
        (tmp_path / "list.txt").write_text("a.test\n")
        done = run("scan", tmp_path / "list.txt", "--output", tmp_path / "out", *net.flags(),
                   "--local-addr", address)
        assert done.returncode == 64
        assert "--local-addr" in done.stderr and word in done.stderr


def test_a_family_that_is_not_chosen_is_not_contacted(net, tmp_path):
    net.zone["mx.a.test"].append(("AAAA", "::1"))
    net.smtp("::1")
    records = scan(net, tmp_path, ["a.test"], "--family", "ipv6")
    [host] = read_records(tmp_path / "out", "hosts")
    assert {session["address"]: session["status"] for session in host["sessions"]} == {
        "127.11.0.1": "not_probed", "::1": "starttls_not_offered"}
    assert {visit.address for visit in net.visits} == {"::1"}
    # The policy host has an IPv4 address only.
    assert records["a.test"]["policy_fetch_status"] == "not_contacted"


def test_a_start_on_a_real_network_says_what_is_missing(net, tmp_path):
    (tmp_path / "list.txt").write_text("nothing.test\n")
    done = run("scan", tmp_path / "list.txt", "--output", tmp_path / "out",
               "--name-servers", net.name_server)
    assert done.returncode == 0
    for word in ["no --contact, no --ehlo-name", "PTR", "opt out", "page"]:
        assert word in done.stderr
