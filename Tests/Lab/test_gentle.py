"""What a scan leaves alone and how gentle it is, by what the servers themselves have noted."""

import itertools
import json
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from helpers.program import PROGRAM, ROOT, read_manifest, read_records, run
from helpers.smallnet import SmallNet, certificate, scan

ZONE = {
    "a.test": [("MX", "mx.a.test")], "mx.a.test": [("A", "127.11.0.1")],
    "b.test": [("MX", "mx.b.test")], "mx.b.test": [("A", "127.11.0.2")],
    "c.test": [("MX", "mx.c.test")], "mx.c.test": [("A", "127.11.1.1")],
    "sub.b.test": [("MX", "mx.a.test")],
    "two.test": [("MX", "mx.a.test"), ("MX", "mx.c.test")],
    "_mta-sts.c.test": [("TXT", "v=STSv1; id=1;")], "mta-sts.c.test": [("A", "127.11.1.2")],
    "_mta-sts.a.test": [("TXT", "v=STSv1; id=1;")], "mta-sts.a.test": [("A", "127.11.0.9")],
}


@pytest.fixture
def net(tmp_path):
    with SmallNet({name: list(records) for name, records in ZONE.items()}) as net:
        for address in ("127.11.0.1", "127.11.0.2", "127.11.1.1"):
            net.smtp(address)
        yield net


# Excluded things see no packet.


def test_what_is_excluded_sees_no_packet(net, tmp_path):
    block = tmp_path / "block.txt"
    block.write_text("b.test # by mail\n127.11.1.0/24\n=mta-sts.a.test\n")
    records = scan(net, tmp_path, ["a.test", "b.test", "sub.b.test", "c.test"],
                   "--blocklist-file", block)
    assert records["b.test"]["status"] == records["sub.b.test"]["status"] == "excluded"
    assert records["b.test"]["verdict"] is None and records["b.test"]["dns"] is None
    assert not [name for name in net.asked() if f".{name}".endswith(".b.test")]
    # An excluded address: looked up, since nobody knows it before, and never contacted.
    assert records["c.test"]["status"] == "scanned"
    assert records["c.test"]["mx"][0]["status"] == "blocked"
    assert records["c.test"]["policy_fetch_status"] == "blocked"
    assert records["c.test"]["policy_fetch_status"] == "blocked"
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
    assert not [name for name in net.asked() if f".{name}".endswith(".b.test")]
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


# How the scan goes, for programs.


def test_metrics_are_those_of_the_scan(net, tmp_path):
    scan = subprocess.Popen(
        [PROGRAM, "scan", "-", "--output", tmp_path / "out", *net.flags(), "--prometheus", "0",
         "--accept-invalid",
         "--status-updates-file", tmp_path / "status.ndjson"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    url = re.search(r"http://127\.0\.0\.1:\d+/metrics", scan.stderr.readline()).group(0)
    # The health check of the name server is over, and not the scan's.
    before = len(net.questions)
    scan.stdin.write("a.test\nb.test\nnot a name\nsub.b.test\n")
    scan.stdin.flush()
    deadline = time.monotonic() + 20
    while True:
        with urllib.request.urlopen(url, timeout=5) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            text = answer.read().decode()
        values = {}
        for family in text_string_to_metric_families(text):
            assert family.documentation
            for sample in family.samples:
                values[sample.name, *sorted(sample.labels.values())] = sample.value
        if values["stsurvey_domains_total", "scanned"] == 3 or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    assert values["stsurvey_domains_total", "scanned"] == 3
    assert values["stsurvey_domains_total", "invalid_name"] == 1
    assert values["stsurvey_hosts_total", "starttls_not_offered"] == 2
    assert values["stsurvey_host_lookups_total", "hit"] == 1
    assert values["stsurvey_host_lookups_total", "miss"] == 2
    assert values["stsurvey_stage_duration_seconds_count", "smtp_connect"] == 2
    assert values["stsurvey_stage_duration_seconds_count", "domain"] == 3
    assert values["stsurvey_stage_duration_seconds_bucket", "+Inf", "domain"] == 3
    assert values["stsurvey_dns_questions_total", net.name_server] == len(net.questions) - before
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(url.replace("metrics", "elsewhere"), timeout=5)
    if shutil.which("promtool"):
        check = subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                               capture_output=True)
        assert check.returncode == 0, check.stdout + check.stderr
    page = ROOT / "Sources/stsurvey/Manual.docc/Scanning.md"
    for name in re.findall(r"`(stsurvey_(?!last_scan)\w+)`", page.read_text()):
        assert f"# HELP {name} " in text, name
    # One host is known already, the other is not.
    scan.stdin.write("two.test\n")
    scan.stdin.close()
    assert scan.wait(timeout=60) == 0
    scan.stderr.close()
    lines = [json.loads(line) for line in (tmp_path / "status.ndjson").read_text().splitlines()]
    assert lines[-1]["state"] == "complete" and lines[-1]["domains"] == 5
    assert lines[-1]["hosts_asked_for"] == 5, "a host counts once for each domain"
    assert {line["state"] for line in lines[:-1]} == {"running"}
    assert len({frozenset(line) for line in lines}) == 1


def test_metrics_and_status_refuse_what_cannot_be_opened(net, tmp_path):
    (tmp_path / "list.txt").write_text("a.test\n")
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    for options, word in [
        (["--prometheus", str(port)], f"127.0.0.1:{port}"), (["--prometheus", "x:1"], "'x:1'"),
        (["--status-updates-file", "/nonexistent/x"], "/nonexistent/x"),
    ]:
        done = run("scan", tmp_path / "list.txt", "--output", tmp_path / "out", *net.flags(),
                   *options)
        assert done.returncode == 64, done.stderr
        assert word in done.stderr


# The order.


def asked_order(net, folder, names, *options):
    path = folder / "names.txt"
    path.write_text("".join(f"{name}\n" for name in names))
    net.questions.clear()
    # One at a time, so that the order of the questions is that of the domains.
    done = run("scan", path, "--output", folder / "-".join(["out", *options]), *net.flags(),
               "--senders", "1", *options)
    assert done.returncode == 0, done.stderr
    # The health check at the start asks about some of the names ahead of the scan.
    asked = [name for name, kind in net.questions if kind == "MX" and name in set(names)]
    return list(reversed(dict.fromkeys(reversed(asked))))


def test_the_order_is_one_of_chance_within_a_window(net, tmp_path):
    names = [f"n{number}.list" for number in range(300)]
    first = asked_order(net, tmp_path, names, "--seed", "7")
    assert sorted(first) == sorted(names) and first != names
    assert asked_order(net, tmp_path, names, "--seed", "8") != first
    assert asked_order(net, tmp_path, names, "--shuffle-window", "1") == names
    window = asked_order(net, tmp_path, names, "--shuffle-window", "100")
    for start in range(0, 300, 100):
        assert sorted(window[start:start + 100]) == sorted(names[start:start + 100])
    records = read_records(tmp_path / "out---seed-7", "domains")
    assert {record["domain"]: record["index"] for record in records} == {
        name: index for index, name in enumerate(names)}


# Limits, by the servers' own view.


def hosts_at(net, address, count, domain):
    """Domains `dN.list`, each with an MX host below a registrable domain, all at one address."""
    names = []
    for number in range(count):
        name, host = f"d{number}.{domain}.list", f"mx{number}.{domain}.test"
        net.zone[name], net.zone[host] = [("MX", host)], [("A", address)]
        names.append(name)
    return names


def most_in_a_second(times):
    times = sorted(times)
    return max(sum(1 for other in times if time <= other < time + 1) for time in times)


def test_limits_of_an_address_hold_by_its_own_view(net, tmp_path):
    net.delay = 0.1
    names = hosts_at(net, "127.11.0.1", 60, "big")
    scan(net, tmp_path, names, "--max-per-address", "3", "--max-rate-per-address", "25",
         "--max-rate-per-network", "0", "--max-rate-per-domain", "0", "--threads", "2",
         "--share-handshakes-after", "0")
    assert len(net.visits) == 60
    assert net.simultaneous("127.11.0.1") <= 3
    assert most_in_a_second([visit.opened for visit in net.visits]) <= 27


def test_limits_hold_for_networks_and_registrable_domains(net, tmp_path):
    for last in range(10, 20):
        net.smtp(f"127.11.5.{last}")
    names = []
    for number in range(30):
        [name] = hosts_at(net, f"127.11.5.{10 + number % 10}", 1, f"own{number}")
        names.append(name)
    scan(net, tmp_path, names, "--max-rate-per-network", "20", folder="network")
    assert most_in_a_second([visit.opened for visit in net.visits]) <= 22
    net.visits.clear()
    for number in range(30):
        net.zone[f"d0.own{number}.list"] = [("MX", f"m{number}.big.test")]
        net.zone[f"m{number}.big.test"] = [("A", f"127.11.5.{10 + number % 10}")]
    scan(net, tmp_path, names, "--max-rate-per-network", "0", "--max-rate-per-domain", "20",
         "--share-handshakes-after", "0", folder="domain")
    assert len(net.visits) == 30
    assert most_in_a_second([visit.opened for visit in net.visits]) <= 22


def test_a_slow_destination_does_not_hold_others_back(net, tmp_path):
    slow = hosts_at(net, "127.11.0.1", 24, "slow")
    fast = hosts_at(net, "127.11.0.2", 40, "fast")
    # The fast ones stand behind the slow ones, and the window holds four domains.
    scan(net, tmp_path, slow + fast, "--max-rate-per-address", "0", "--max-rate-per-domain", "4",
         "--max-rate-per-network", "0", "--share-handshakes-after", "0", "--senders", "4",
         "--shuffle-window", "1", folder="both")
    opened = {address: sorted(visit.opened for visit in net.visits if visit.address == address)
              for address in ("127.11.0.1", "127.11.0.2")}
    assert [len(times) for times in opened.values()] == [24, 40]
    assert opened["127.11.0.2"][0] < opened["127.11.0.1"][12]


def test_a_destination_that_pushes_back_is_slowed(net, tmp_path):
    net.smtp("127.11.0.3", greeting=b"421 4.7.0 too many connections\r\n")
    names = hosts_at(net, "127.11.0.3", 5, "busy")
    records = scan(net, tmp_path, names, "--max-rate-per-address", "10",
                   "--share-handshakes-after", "0")
    assert {record["mx"][0]["status"] for record in records.values()} == {"greeting_4xx"}
    opened = [visit.opened for visit in net.visits]
    gaps = [later - earlier for earlier, later in itertools.pairwise(opened)]
    assert net.simultaneous("127.11.0.3") <= 4
    assert gaps[-1] > 3 * gaps[0]


@pytest.fixture
def blackhole():
    """An address at which nothing takes a connection, and nothing refuses it."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.11.3.1", 20025))
    listener.listen(0)
    fill = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.11.3.1", 20025))
        fill.append(client)
    yield "127.11.3.1"
    for one in [*fill, listener]:
        one.close()


def test_repeated_timeouts_at_an_address_are_shared(net, tmp_path, blackhole):
    names = hosts_at(net, blackhole, 30, "dead")
    records = scan(net, tmp_path, names, "--max-per-address", "2", "--max-rate-per-address", "0",
                   "--max-rate-per-domain", "0", "--max-rate-per-network", "0",
                   "--connect-timeout", "1.5", "--share-failures-after", "3")
    assert {record["mx"][0]["status"] for record in records.values()} == {"tcp_timeout"}
    sessions = [host["sessions"][0] for host in read_records(tmp_path / "out", "hosts")]
    observed = [session["observed"] for session in sessions]
    assert 3 <= observed.count("direct") <= 4
    assert observed.count("direct") + observed.count("shared") == 30
    assert all("in a row" in session["error"] for session in sessions
               if session["observed"] == "shared")


def test_connects_that_take_long_do_not_keep_others_from_theirs(net, tmp_path, blackhole):
    dead = hosts_at(net, blackhole, 12, "dead")
    good = hosts_at(net, "127.11.0.1", 12, "good")
    records = scan(net, tmp_path, dead + good, "--probes-in-flight", "2", "--connect-timeout", "6",
                   "--share-failures-after", "0", "--senders", "30", "--shuffle-window", "1",
                   "--share-handshakes-after", "0")
    # Two sessions at once: twelve dead hosts one after the other would take half a minute, and
    # the good ones would come behind them.
    longest = max(records[name]["duration_ms"] for name in good)
    shortest = min(records[name]["duration_ms"] for name in dead)
    assert longest < shortest + 6000 * 5
    assert {records[name]["mx"][0]["status"] for name in good} == {"starttls_not_offered"}


def test_every_address_is_probed_where_asked_for(net, tmp_path):
    # Nothing listens at the last two.
    net.zone["mx.a.test"] = [("A", f"127.11.0.{last}") for last in (9, 2, 8, 1)]
    statuses = {
        "127.11.0.1": "starttls_not_offered", "127.11.0.2": "starttls_not_offered",
        "127.11.0.8": "tcp_refused", "127.11.0.9": "not_probed"}
    scan(net, tmp_path, ["a.test"], folder="three")
    assert [visit.address for visit in net.visits] == ["127.11.0.1", "127.11.0.2"]
    [host] = read_records(tmp_path / "three", "hosts")
    assert {session["address"]: session["status"] for session in host["sessions"]} == statuses
    scan(net, tmp_path, ["a.test"], "--all-addresses", folder="all")
    [host] = read_records(tmp_path / "all", "hosts")
    statuses["127.11.0.9"] = "tcp_refused"
    assert {session["address"]: session["status"] for session in host["sessions"]} == statuses


def test_name_servers_get_no_more_questions_than_allowed(net, tmp_path):
    scan(net, tmp_path, [f"n{number}.list" for number in range(40)], "--max-dns-rate", "50",
         "--threads", "2")
    assert most_in_a_second(net.asked_at) <= 60


# Handshakes that are shared.


def shared_sessions(folder):
    hosts = read_records(folder, "hosts")
    return {host["host"]: host["sessions"][0] for host in hosts}


def test_hosts_at_the_same_addresses_share_handshakes(net, tmp_path):
    # The authority is not known to the scan, which is an error of the chain and shared.
    context = certificate(tmp_path, *[f"mx{number}.big.test" for number in range(40)])
    net.smtp("127.11.0.5", context)
    names = hosts_at(net, "127.11.0.5", 40, "big")
    records = scan(net, tmp_path, names, "--share-sample-every", "10", "--max-per-address", "0")
    sessions = shared_sessions(tmp_path / "out")
    shared = {host: session for host, session in sessions.items()
              if session["observed"] == "shared"}
    assert len(sessions) == 40 and len(shared) == 34
    assert len(net.visits) == 6  # three that agree, and one in ten of the rest
    direct = set(sessions) - set(shared)
    for session in shared.values():
        assert session["shared_from"] in direct
        assert session["status"] == "ok" and session["greeting"] is None
        assert session["certificate"]["errors"] == ["self_signed"]
    for record in records.values():
        assert record["mx"][0]["certificate_status"] == "self_signed"
    told = read_manifest(tmp_path / "out")["shared_handshakes"]
    assert (told["groups"], told["shared"], told["sampled"], told["disagreed"]) == (1, 34, 3, 0)


def test_sharing_is_off_with_one_flag(net, tmp_path):
    net.smtp("127.11.0.5", certificate(tmp_path, "*.big.test"))
    scan(net, tmp_path, hosts_at(net, "127.11.0.5", 12, "big"), "--share-handshakes-after", "0")
    assert len(net.visits) == 12
    assert {session["observed"] for session in shared_sessions(tmp_path / "out").values()} == {
        "direct"}


def test_a_sample_that_disagrees_ends_the_sharing_and_is_told(net, tmp_path):
    contexts = [certificate(tmp_path, "*.big.test", f"x{number}.test") for number in range(2)]
    net.smtp("127.11.0.5", contexts[0])
    # After the first ten sessions the server shows another certificate.
    net.on_visit = lambda address, count: net.contexts.update(
        {address: contexts[count > 10]})
    names = hosts_at(net, "127.11.0.5", 60, "big")
    scan(net, tmp_path, names, "--share-sample-every", "2", "--senders", "1")
    told = read_manifest(tmp_path / "out")["shared_handshakes"]
    assert told["disagreed"] == 1
    [disagreement] = told["disagreements"]
    sessions = shared_sessions(tmp_path / "out")
    assert sessions[disagreement["host"]]["observed"] == "direct"
    assert (sessions[disagreement["host"]]["certificate"]["names"]
            != sessions[disagreement["reference"]]["certificate"]["names"])
    # From there on each host is probed: seven samples agree, the eighth does not.
    assert told["shared"] == told["sampled"] == 8
    assert len(net.visits) == 60 - told["shared"]


def test_a_host_that_the_certificate_does_not_name_is_probed(net, tmp_path):
    # By its name a server may choose another certificate.
    net.smtp("127.11.0.5", certificate(
        tmp_path, *[f"mx{number}.big.test" for number in range(20)]))
    scan(net, tmp_path, hosts_at(net, "127.11.0.5", 40, "big"), "--share-sample-every", "1000")
    sessions = shared_sessions(tmp_path / "out")
    for host, session in sessions.items():
        if session["observed"] == "shared":
            assert int(host[2:].split(".")[0]) < 20
    mismatched = [host for host, session in sessions.items()
                  if "name_mismatch" in session["certificate"]["errors"]]
    assert len(mismatched) == 20
    assert all(sessions[host]["observed"] == "direct" for host in mismatched)


def test_other_domains_and_other_addresses_share_nothing(net, tmp_path):
    context = certificate(tmp_path, *[f"*.own{number}.test" for number in range(10)])
    for address in ("127.11.0.5", "127.11.0.6"):
        net.smtp(address, context)
    names = []
    for number in range(6):
        names += hosts_at(net, "127.11.0.5", 1, f"own{number}")
    names += hosts_at(net, "127.11.0.6", 2, "own9") + hosts_at(net, "127.11.0.5", 2, "own8")
    scan(net, tmp_path, names)
    assert len(net.visits) == len(names)
