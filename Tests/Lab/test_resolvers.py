"""Name servers that die, fail or lie during a scan: an outage is no fact about a domain."""

import signal
import subprocess
import time

import pytest

from helpers import name_server
from helpers.name_server import MX, NameServer
from helpers.program import PROGRAM, QUICKSTART, ROOT, read_manifest, read_records, run

LIES = [name_server.denies_all, name_server.empties_all, name_server.hijacks,
        name_server.every_other_zone_gone]
DNS_ONLY = ["--probe", "none"]


def start(folder, flags, *servers, more=(), names=QUICKSTART):
    flags = list(flags)
    flags[flags.index("--name-servers") + 1] = ",".join(server.flag for server in servers)
    return subprocess.Popen(
        [PROGRAM, "scan", names, "--output", folder, *flags, "--dns-timeout", "1", *more],
        stderr=subprocess.PIPE, text=True, cwd=ROOT)


def statuses(folder):
    """The statuses of each domain's MX, MTA-STS record and TLSRPT record."""
    return {record["domain"]: [record[key] for key in (
        "mx_status", "sts_record_status", "tlsrpt_status")]
        for record in read_records(folder, "domains")}


@pytest.fixture(scope="module")
def undisturbed(flags, tmp_path_factory):
    """What the three questions bring where nothing is wrong, by domain."""
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    scan = start(folder, flags, NameServer(), more=DNS_ONLY)
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    return statuses(folder)


def reports(folder):
    return read_manifest(folder)["name_server_reports"]


def distrusted(folder):
    """The indexes of the records that the manifest distrusts."""
    found = read_manifest(folder)["distrusted"]
    indexes = {index for first, last in found["index_ranges"] for index in range(first, last + 1)}
    assert found["records"] == len(indexes)
    return indexes


def verdicts(folder):
    return {record["domain"]: record["verdict"] for record in read_records(folder, "domains")}


def check_as_truth(folder, truth):
    found = verdicts(folder)
    assert len(found) == len(truth)
    assert not [line["domain"] for line in truth if found[line["domain"]] != line["verdict"]]


@pytest.mark.parametrize("mode", ["silent", "servfail", "refused"])
def test_while_no_name_server_answers_the_scan_waits(flags, tmp_path, truth, mode):
    server = NameServer()
    scan = start(tmp_path / "out", flags, server, more=["--senders", "20"])
    time.sleep(1)
    server.mode = mode
    time.sleep(6)
    server.mode = "forward"
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    words = {"silent": "no name server answers", "servfail": "answers every question by a failure",
             "refused": "refuses to answer this machine"}
    assert words[mode] in errors and "answers again" in errors
    if mode != "servfail":
        check_as_truth(tmp_path / "out", truth)
    [report] = read_manifest(tmp_path / "out")["name_server_reports"]
    assert report["outages"] >= 1


def test_a_name_server_that_closes_an_idle_connection_loses_no_question(flags, tmp_path):
    """c-ares 1.18 then gives up all that is asked of the server, over UDP too."""
    server = NameServer(idle_seconds=0.1)
    scan = start(tmp_path / "out", flags, server, more=[
        "--senders", "100", "--retries", "1", "--retry-delays", "none"])
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    lost = [record["domain"] for record in read_records(tmp_path / "out", "domains")
            if "unreachable" in str(record["dns"])]
    assert not lost, lost[:5]


@pytest.mark.parametrize("mode", ["silent", "servfail", "refused", "invents"])
def test_one_bad_name_server_of_two_changes_no_record(flags, tmp_path, truth, mode):
    good, bad = NameServer(), NameServer(mode)
    scan = start(tmp_path / "out", flags, good, bad)
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert f"{bad.flag} " in errors and "left out" in errors
    check_as_truth(tmp_path / "out", truth)


def test_a_name_server_that_falls_silent_is_marked_down(flags, tmp_path, truth):
    good, turning = NameServer(), NameServer()
    scan = start(tmp_path / "out", flags, good, turning)
    time.sleep(0.5)
    turning.mode = "silent"
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert f"{turning.flag} does not answer: others are asked" in errors
    check_as_truth(tmp_path / "out", truth)


def test_an_outage_that_lasts_too_long_stops_the_scan_which_then_goes_on(flags, tmp_path, truth):
    folder = tmp_path / "out"
    server = NameServer()
    scan = start(
        folder, flags, server, more=["--senders", "20", "--outage-limit", "2",
                                     "--checkpoint-interval", "0.2"])
    time.sleep(1)
    server.mode = "silent"
    _, errors = scan.communicate(timeout=60)
    assert scan.returncode == 74, errors
    assert f"--resume {folder}" in errors
    assert read_manifest(folder)["state"] == "stopped"
    server.mode = "forward"
    done = run("scan", "--resume", folder)
    assert done.returncode == 0, done.stderr
    check_as_truth(folder, truth)


def test_an_interrupt_during_an_outage_is_quick(flags, tmp_path):
    server = NameServer()
    scan = start(tmp_path / "out", flags, server, more=["--senders", "20"])
    time.sleep(1)
    server.mode = "silent"
    time.sleep(4)
    begin = time.monotonic()
    scan.send_signal(signal.SIGINT)
    _, errors = scan.communicate(timeout=60)
    assert scan.returncode == 75, errors
    assert time.monotonic() - begin < 5


# What servers refuse or do not know


def test_a_resolver_that_refuses_everything_is_named_before_a_folder_is_made(flags, tmp_path):
    server = NameServer("refused")
    scan = start(tmp_path / "out", flags, server)
    _, errors = scan.communicate(timeout=60)
    assert scan.returncode == 74
    assert f"{server.flag} refuses to answer this machine: allow it" in errors
    assert "unbound: access-control" in errors and "BIND: allow-recursion" in errors
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("when_full", ["refused", "servfail"])
def test_a_forwarder_that_is_full_is_sent_fewer_questions_at_once(
        flags, tmp_path, undisturbed, when_full):
    server = NameServer(at_once=150, when_full=when_full, delay=0.02)
    scan = start(tmp_path / "out", flags, server, more=DNS_ONLY)
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert server.refused > 0
    assert statuses(tmp_path / "out") == undisturbed
    [report] = reports(tmp_path / "out")
    assert report["pushbacks"] > 0 and report["outages"] == 0


@pytest.mark.parametrize("mode", ["formerr", "notimp", "badvers", "drops_edns"])
def test_a_server_without_edns_is_asked_without(flags, tmp_path, undisturbed, mode):
    server = NameServer(mode)
    scan = start(tmp_path / "out", flags, server, more=DNS_ONLY)
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert f"{server.flag} does not take EDNS" in errors
    [report] = reports(tmp_path / "out")
    assert report["uses_edns"] is False
    assert statuses(tmp_path / "out") == undisturbed


@pytest.mark.parametrize("tcp", ["forward", "close", "trickle", "never", "none"])
def test_tcp_harms_no_question_that_does_not_need_it(flags, tmp_path, undisturbed, tcp):
    """A fortieth of the answers about MX is too large for UDP."""
    cut = sorted(undisturbed)[::40]
    server = NameServer(tcp=tcp, truncates=lambda asked: asked.type == MX and asked.name in cut)
    scan = start(tmp_path / "out", flags, server, more=DNS_ONLY)
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    found = statuses(tmp_path / "out")
    wrong = {name for name, seen in undisturbed.items() if found[name] != seen}
    if tcp in ("forward", "close"):
        assert not wrong
    assert wrong <= server.cut and len(server.cut) < 50


def test_a_server_that_reads_slowly_from_an_ordinary_socket_loses_no_question(
        flags, tmp_path, truth):
    names = tmp_path / "list.txt"
    names.write_text("".join(f"{line['domain']}\n" for line in truth[:200]))
    server = NameServer(pause=0.001, has_default_buffer=True)
    scan = start(tmp_path / "out", flags, server, more=DNS_ONLY, names=names)
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert server.dropped() == 0


# Lies


@pytest.mark.parametrize("lie", LIES)
def test_one_liar_of_two_is_found_at_the_start(flags, tmp_path, truth, lie):
    liar = NameServer(lie=lie)
    scan = start(tmp_path / "out", flags, NameServer(), liar)
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert f"{liar.flag} " in errors and "left out" in errors
    assert "answers again" not in errors
    check_as_truth(tmp_path / "out", truth)
    assert read_manifest(tmp_path / "out")["distrusted"] is None


@pytest.mark.parametrize("lie", LIES[:3])
def test_a_liar_alone_is_refused_at_the_start_but_for_an_override(flags, tmp_path, lie):
    liar = NameServer(lie=lie)
    scan = start(tmp_path / "out", flags, liar, more=DNS_ONLY)
    _, errors = scan.communicate(timeout=60)
    assert scan.returncode == 74
    assert liar.flag in errors and "--trust-resolver-answers" in errors
    assert not (tmp_path / "out").exists()
    scan = start(tmp_path / "out", flags, liar, more=[*DNS_ONLY, "--trust-resolver-answers"])
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert f"warning: {liar.flag}" in errors


@pytest.mark.parametrize("lie", LIES)
def test_a_server_that_begins_to_lie_stops_a_scan_that_has_no_other(
        flags, tmp_path, undisturbed, lie):
    folder = tmp_path / "out"
    server = NameServer()
    scan = start(folder, flags, server, more=[*DNS_ONLY, "--senders", "30"])
    while server.answered < 400:
        time.sleep(0.01)
    server.lie = lie
    lied_at = server.questions
    _, errors = scan.communicate(timeout=120)
    manifest = read_manifest(folder)
    if lie is not name_server.hijacks:
        # A scan without hosts asks for few addresses, so it may end before it is noticed.
        assert scan.returncode == 74, errors
    assert server.questions - lied_at < 3000
    assert "--trust-resolver-answers" in errors or "--ask-again" in errors
    index = {record["domain"]: record["index"] for record in read_records(folder, "domains")}
    found = statuses(folder)
    wrong = {name for name in found if found[name] != undisturbed[name]}
    assert {index[name] for name in wrong} <= distrusted(folder)
    assert manifest["distrusted"]["name_servers"][0]["name_server"] == server.flag


@pytest.mark.parametrize("lie", LIES)
def test_one_of_two_that_begins_to_lie_is_marked_down_and_its_records_are_asked_again(
        flags, tmp_path, undisturbed, lie):
    folder, again = tmp_path / "out", tmp_path / "again"
    good, turning = NameServer(), NameServer()
    scan = start(folder, flags, good, turning, more=[*DNS_ONLY, "--senders", "30"])
    while turning.answered < 200:
        time.sleep(0.01)
    turning.lie = lie
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert f"{turning.flag} " in errors and "others are asked" in errors
    index = {record["domain"]: record["index"] for record in read_records(folder, "domains")}
    found = statuses(folder)
    wrong = {name for name in found if found[name] != undisturbed[name]}
    assert {index[name] for name in wrong} <= distrusted(folder)
    done = run("scan", "--ask-again", folder, "--output", again, "--name-servers", good.flag)
    assert done.returncode == 0, done.stderr
    records = read_records(again, "domains")
    assert {record["index"] for record in records} == distrusted(folder)
    assert len(records) == len(distrusted(folder))
    assert all(index[record["domain"]] == record["index"] for record in records)
    assert all(seen == undisturbed[name] for name, seen in statuses(again).items())
    checked = run("verify", again)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_scan_that_distrusts_nothing_has_nothing_to_ask_again(quickstart, tmp_path):
    done = run("scan", "--ask-again", quickstart.folder, "--output", tmp_path / "out")
    assert done.returncode == 64
    assert "distrusts no record" in done.stderr
    assert not (tmp_path / "out").exists()


def split_view(question):
    """Some names that only others see, and one that is filtered."""
    hidden = sum(question.zone.encode()) % 40 == 0
    return "nxdomain" if len(question.labels) > 1 and hidden else None


def wildcard_below_com(question):
    """Records for whatever is asked below one top-level domain and does not exist."""
    is_random = len(question.labels) == 2 and len(question.labels[0]) == 16
    return "address" if is_random and question.labels[1] == "com" else None


@pytest.mark.parametrize("view", [split_view, wildcard_below_com])
def test_legitimate_differences_are_no_lies(flags, tmp_path, view):
    differs = NameServer(lie=view)
    scan = start(tmp_path / "out", flags, NameServer(), differs, more=DNS_ONLY)
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert differs.flag not in errors
    assert not sum(report["outages"] for report in reports(tmp_path / "out"))
