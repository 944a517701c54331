"""What fails transiently is asked again later in the same scan."""

import socket
import subprocess
import threading
import time

import pytest

from helpers.name_server import NameServer
from helpers.program import PROGRAM, ROOT, Scan


@pytest.fixture
def scan_one(flags, tmp_path, write_list):
    """Starts the scan of one domain; the finished scan is that of `finish()`."""

    def begin(domain, *more):
        folder = tmp_path / "out"
        # By standard input: of a list that is a file the health check asks about names, too.
        with open(write_list(domain)) as names:
            process = subprocess.Popen(
                [PROGRAM, "scan", "-", "--output", folder, *flags, *more],
                stdin=names, stderr=subprocess.PIPE, text=True, cwd=ROOT)

        def finish():
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors
            return Scan(folder, subprocess.CompletedProcess(process.args, 0, "", errors))

        return finish

    return begin


def protected(truth):
    return next(line["domain"] for line in truth if line["verdict"] == "protected_sts")


@pytest.mark.parametrize("name", ["{}", "_mta-sts.{}", "_smtp._tls.{}", "mta-sts.{}"])
def test_a_servfail_that_passes_leaves_no_trace_but_the_round(truth, scan_one, name):
    domain = protected(truth)
    server = NameServer()
    # Each try of the first round, and the A and AAAA questions of a policy host.
    server.fail(name.format(domain), 4 if name.startswith("mta-sts") else 2)
    [record] = scan_one(domain, "--name-servers", server.flag)().domains
    assert record["verdict"] == "protected_sts"
    assert record["rounds"] == 2


def test_what_still_fails_is_unknown_with_its_reason(truth, scan_one):
    domain = protected(truth)
    server = NameServer()
    server.fail(domain, 1000)
    [record] = scan_one(
        domain, "--name-servers", server.flag, "--retry-delays", "0.3,0.3")().domains
    assert record["verdict"] == "unknown" and record["mx_status"] == "servfail"
    assert record["rounds"] == 3
    assert server.failures[next(iter(server.failures))] == 1000 - 3 * 2


def test_none_asks_nothing_again(truth, scan_one):
    domain = protected(truth)
    server = NameServer()
    server.fail(domain, 2)
    [record] = scan_one(domain, "--name-servers", server.flag, "--retry-delays", "none")().domains
    assert record["mx_status"] == "servfail" and record["rounds"] == 1


def serve_smtp(listener, greetings):
    """Greets each connection by the next of the greetings, and offers nothing."""
    for greeting in greetings:
        client, _ = listener.accept()
        with client, client.makefile("rwb") as lines:
            lines.write(greeting + b"\r\n")
            lines.flush()
            for line in lines:
                is_greeting = line.upper().startswith(b"EHLO")
                lines.write(b"250 mx.lab\r\n" if is_greeting else b"221 bye\r\n")
                lines.flush()
                if not is_greeting:
                    break


def test_a_mail_server_that_comes_back_is_seen(truth, scan_one):
    line = next(
        line for line in truth
        if line["mx_count"] == 1 and line["mx"][0]["status"] == "tcp_refused")
    finish = scan_one(line["domain"], "--retry-delays", "2,2")
    time.sleep(1)
    with socket.create_server(("127.4.0.1", 10025)) as listener:
        # Greylisted at first, as an unknown client.
        greetings = [b"421 come back later", b"220 mx.lab ESMTP"]
        threading.Thread(target=serve_smtp, args=(listener, greetings), daemon=True).start()
        result = finish()
    [host] = result.hosts
    assert host["status"] == "starttls_not_offered" and host["rounds"] == 3
    [record] = result.domains
    assert record["mx"][0]["status"] == "starttls_not_offered"
