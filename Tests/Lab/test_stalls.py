"""One destination that does not answer never keeps others from theirs."""

import socket
import threading

import pytest

from helpers.program import read_manifest, read_records, run
from helpers.smallnet import SmallNet, certificate, scan

PIT, GOOD = "127.14.0.1", "127.14.1.1"
LIMITS = ["--max-per-address", "4", "--max-rate-per-address", "0", "--max-rate-per-network", "0",
          "--max-rate-per-domain", "0"]
# Room for few domains, so that few are enough to fill it.
ROOM = ["--senders", "20", "--deferred-limit", "40"]


@pytest.fixture
def net():
    with SmallNet({}) as net:
        net.smtp(GOOD)
        yield net


def customers(net, address, count, kind):
    """Domains whose MX hosts are all below registrable domains of their own, at one address."""
    names = []
    for number in range(count):
        name, host = f"{kind}{number}.list", f"mx.{kind}{number}.test"
        net.zone[name], net.zone[host] = [("MX", host)], [("A", address)]
        names.append(name)
    return names


def observed(folder, status):
    """How the sessions with this status are known."""
    return [session["observed"] for host in read_records(folder, "hosts")
            for session in host["sessions"] if session["status"] == status]


def order(folder):
    """The domains in the order of their records."""
    return [record["domain"] for record in read_records(folder, "domains")]


@pytest.mark.parametrize(("verb", "status"), [
    (None, "greeting_timeout"), ("EHLO", "ehlo_timeout"), ("STAR", "starttls_timeout"),
    ("TLS", "tls_timeout")])
@pytest.mark.parametrize("threads", ["1", "2"])
def test_customers_of_a_silent_operator_hold_nobody_back(net, tmp_path, verb, status, threads):
    greeting = b"220 pit ESMTP\r\n" if verb else b""
    context = certificate(tmp_path, "pit.test") if verb else None
    net.smtp(PIT, context, greeting)
    net.silent_after[PIT] = verb
    good, bad = customers(net, GOOD, 100, "good"), customers(net, PIT, 400, "pit")
    records = scan(net, tmp_path, good + bad, *LIMITS, *ROOM, "--max-per-address", "20",
                   "--reply-timeout", "6", "--threads", threads)
    assert len(records) == 500
    assert {records[name]["mx"][0]["status"] for name in bad} == {status}
    assert {records[name]["mx"][0]["status"] for name in good} == {"starttls_not_offered"}
    # Found out by the first, and learned by the others, who did not connect.
    known = observed(tmp_path / "out", status)
    assert 3 <= known.count("direct") <= 20 and known.count("shared") >= 380
    assert sum(visit.address == PIT for visit in net.visits) == known.count("direct")
    # The good ones do not wait for the first to be found out.
    assert set(order(tmp_path / "out")[:100]) == set(good)


def test_customers_of_one_silent_host_hold_nobody_back(net, tmp_path):
    net.smtp(PIT, greeting=b"")
    good = customers(net, GOOD, 100, "good")
    net.zone["mx.pit.test"] = [("A", PIT)]
    bad = [f"bad{number}.list" for number in range(400)]
    for name in bad:
        net.zone[name] = [("MX", "mx.pit.test")]
    flags = [*net.flags()]
    net.flags = lambda: [flag if flag != "none" else "2,3" for flag in flags]
    records = scan(net, tmp_path, good + bad, *LIMITS, *ROOM, "--reply-timeout", "4")
    assert len(records) == 500
    assert {records[name]["mx"][0]["status"] for name in bad} == {"greeting_timeout"}
    assert set(order(tmp_path / "out")[:100]) == set(good)
    [host] = [host for host in read_records(tmp_path / "out", "hosts")
              if host["host"] == "mx.pit.test"]
    assert (host["status"], len(net.visits) - 100) == ("greeting_timeout", 3)


def test_an_operator_that_pushes_back_is_found_out(net, tmp_path):
    net.smtp(PIT, greeting=b"421 4.7.0 too many connections\r\n")
    good, bad = customers(net, GOOD, 60, "good"), customers(net, PIT, 300, "pit")
    records = scan(net, tmp_path, good + bad, *LIMITS, *ROOM, "--max-per-address", "10")
    assert {records[name]["mx"][0]["status"] for name in bad} == {"greeting_4xx"}
    assert sum(visit.address == PIT for visit in net.visits) <= 20
    assert {records[name]["mx"][0]["status"] for name in good} == {"starttls_not_offered"}


def test_a_server_that_never_answers_quit_holds_no_place(net, tmp_path):
    names = []
    for last in range(1, 21):
        address = f"127.14.2.{last}"
        net.smtp(address)
        net.silent_after[address] = "QUIT"
        names += customers(net, address, 1, f"quit{last}x")
    records = scan(net, tmp_path, names, "--probes-in-flight", "1", "--reply-timeout", "30")
    assert {record["mx"][0]["status"] for record in records.values()} == {"starttls_not_offered"}
    assert max(host["duration_ms"] for host in read_records(tmp_path / "out", "hosts")) < 25_000


def test_a_silent_policy_server_is_found_out(net, tmp_path):
    listener = socket.create_server(("127.14.3.1", 0), backlog=512)
    good, bad = customers(net, GOOD, 60, "good"), customers(net, GOOD, 200, "sts")
    for name in bad:
        net.zone[f"_mta-sts.{name}"] = [("TXT", "v=STSv1; id=1;")]
        net.zone[f"mta-sts.{name}"] = [("A", "127.14.3.1")]
    taken = []

    def accept():
        while True:
            try:
                taken.append(listener.accept()[0])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    records = scan(net, tmp_path, good + bad, "--senders", "20", "--deferred-limit", "100",
                   "--https-port", listener.getsockname()[1],
                   # Longer than what is good takes on a busy machine.
                   "--connect-timeout", "12", "--policy-timeout", "13",
                   "--max-fetches-per-address", "4", "--max-fetch-rate-per-address", "0")
    listener.close()
    assert {records[name]["policy_fetch_status"] for name in bad} == {"tls_timeout"}
    assert len(taken) <= 8
    assert set(order(tmp_path / "out")[:60]) == set(good)
    shared = [records[name]["policy"]["error"] for name in bad]
    assert sum("in a row" in (error or "") for error in shared) >= 190


def test_a_wait_that_is_overdue_is_no_finding(net, tmp_path):
    """An address gets one connection in ten seconds: most have no turn in time."""
    bad = customers(net, GOOD, 100, "slow")
    records = scan(net, tmp_path, bad, *ROOM, "--max-rate-per-address", "0.1", "--max-wait", "3")
    status = [record["mx"][0]["status"] for record in records.values()]
    assert set(status) == {"starttls_not_offered", "not_probed"}
    assert {record["verdict"] for record in records.values()
            if record["mx"][0]["status"] == "not_probed"} == {"unknown"}
    assert all("in time" in host["sessions"][0]["error"]
               for host in read_records(tmp_path / "out", "hosts")
               if host["status"] == "not_probed")


# Port 25 that is shut.


def test_a_port_that_nothing_takes_is_told(net, tmp_path):
    names = []
    for number in range(25):
        names += customers(net, f"127.15.{number}.1", 1, f"shut{number}x")
    scan(net, tmp_path, names)
    [caution] = read_manifest(tmp_path / "out")["cautions"]
    assert "port 20025" in caution and "tcp_refused 2" in caution and "--probe none" in caution


def test_a_port_that_is_silent_is_told_at_once(net, tmp_path):
    held = []
    names = []
    for number in range(22):
        address = f"127.15.{number}.1"
        listener = socket.socket()
        listener.bind((address, net.port))
        listener.listen(0)
        held.append(listener)
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex((address, net.port))
            held.append(client)
        names += customers(net, address, 1, f"shut{number}x")
    path = tmp_path / "list.txt"
    path.write_text("".join(f"{name}\n" for name in names))
    done = run("scan", path, "--output", tmp_path / "out", *net.flags(), "--connect-timeout", "2")
    for one in held:
        one.close()
    assert done.returncode == 0
    [caution] = read_manifest(tmp_path / "out")["cautions"]
    assert "tcp_timeout 2" in caution and "blocked" not in caution.split("(")[0]
    assert done.stderr.count(f"warning: {caution}") == 1
    assert f"Caution: {caution}" in done.stderr


def test_one_address_that_takes_a_connection_is_enough(net, tmp_path):
    names = customers(net, GOOD, 1, "good")
    for number in range(25):
        names += customers(net, f"127.15.{number}.1", 1, f"shut{number}x")
    scan(net, tmp_path, names)
    assert read_manifest(tmp_path / "out")["cautions"] == []
