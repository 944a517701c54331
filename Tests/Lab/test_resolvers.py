"""Name servers that die, fail or lie during a scan: an outage is no fact about a domain."""

import signal
import subprocess
import time

import pytest
from conftest import PROGRAM, QUICKSTART, ROOT, read_manifest, read_records, run
from name_server import NameServer


def start(folder, flags, *servers, more=()):
    flags = list(flags)
    flags[flags.index("--name-servers") + 1] = ",".join(server.flag for server in servers)
    return subprocess.Popen(
        [PROGRAM, "scan", QUICKSTART, "--output", folder, *flags, "--dns-timeout", "1", *more],
        stderr=subprocess.PIPE, text=True, cwd=ROOT)


def verdicts(folder):
    return {record["domain"]: record["verdict"] for record in read_records(folder, "domains")}


def check_as_truth(folder, truth):
    found = verdicts(folder)
    assert len(found) == len(truth)
    assert not [line["domain"] for line in truth if found[line["domain"]] != line["verdict"]]


@pytest.mark.parametrize("mode", ["silent", "servfail"])
def test_while_no_name_server_answers_the_scan_waits(flags, tmp_path, truth, mode):
    server = NameServer()
    scan = start(tmp_path / "out", flags, server, more=["--senders", "20"])
    time.sleep(1)
    server.mode = mode
    time.sleep(6)
    server.mode = "forward"
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert "no name server answers" in errors and "answers again" in errors
    if mode == "silent":
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


def test_a_name_server_that_begins_to_invent_answers_is_put_aside(flags, tmp_path, truth):
    good, turning = NameServer(), NameServer()
    scan = start(tmp_path / "out", flags, good, turning)
    time.sleep(0.5)
    turning.mode = "silent"
    _, errors = scan.communicate(timeout=120)
    assert scan.returncode == 0, errors
    assert f"{turning.flag} does not answer as it should" in errors
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
