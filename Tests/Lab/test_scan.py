"""How a scan behaves for the one who runs it: output while it runs, stopping, exit codes."""

import json
import signal
import socket
import subprocess
import time

import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, read_manifest, read_records, run


def test_what_is_written_can_be_read_while_the_scan_runs(flags, tmp_path):
    folder = tmp_path / "out"
    lister = subprocess.Popen(
        [PROGRAM, "scan", "-", "--output", folder, *flags], stdin=subprocess.PIPE, cwd=ROOT,
        stderr=subprocess.DEVNULL)
    lister.stdin.write(QUICKSTART.read_bytes())
    lister.stdin.flush()
    try:
        deadline = time.monotonic() + 60
        count = 0
        while count < 100 and time.monotonic() < deadline:
            time.sleep(0.5)
            out = subprocess.run(
                f"zstdcat {folder}/domains-*.zst | jq -r .domain | wc -l", shell=True,
                capture_output=True, text=True)
            count = int(out.stdout or 0)
        assert count >= 100
        assert read_manifest(folder)["state"] == "running"
    finally:
        lister.stdin.close()
        assert lister.wait(timeout=120) == 0
    assert read_manifest(folder)["state"] == "complete"


def test_an_interrupt_stops_cleanly_with_whole_records(flags, tmp_path):
    folder = tmp_path / "out"
    with open(tmp_path / "errors", "w") as errors:
        scan = subprocess.Popen(
            [PROGRAM, "scan", "-", "--output", folder, *flags], stdin=subprocess.PIPE, cwd=ROOT,
            stderr=errors, text=True)
    scan.stdin.write("".join(f"name{number}.invalid\n" for number in range(500)))
    scan.stdin.flush()
    time.sleep(3)
    # The list has not ended, so the scan cannot have.
    scan.send_signal(signal.SIGINT)
    assert scan.wait(timeout=60) == 75
    scan.stdin.close()
    assert "500 records written" in (tmp_path / "errors").read_text()
    assert read_manifest(folder)["state"] == "stopped"
    assert len(read_records(folder, "domains")) == 500


def test_a_second_interrupt_ends_at_once(flags, tmp_path, truth, write_list):
    slow = [line["domain"] for line in truth if line["mx_status"] == "timeout"]
    scan = subprocess.Popen(
        [PROGRAM, "scan", write_list(*slow), "--output", tmp_path / "out", *flags,
         "--dns-timeout", "30"], stderr=subprocess.DEVNULL, cwd=ROOT)
    time.sleep(2)
    scan.send_signal(signal.SIGINT)
    time.sleep(0.3)
    begin = time.monotonic()
    scan.send_signal(signal.SIGINT)
    assert scan.wait(timeout=5) in (130, 75)
    assert time.monotonic() - begin < 2


def silent_server():
    """A name server's socket that nobody reads."""
    silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    silent.bind(("127.0.0.1", 0))
    return silent, silent.getsockname()[1]


@pytest.mark.parametrize("is_silent", [True, False])
def test_without_a_name_server_no_scan_begins(tmp_path, write_list, is_silent):
    silent, port = silent_server()
    if not is_silent:
        silent.close()
    done = run(
        "scan", write_list("one.invalid"), "--output", tmp_path / "out", "--dns-timeout", "0.5",
        "--name-servers", f"127.0.0.1:{port}", timeout=20)
    assert done.returncode == 74
    assert f"no name server answers: 127.0.0.1:{port}" in done.stderr
    assert not (tmp_path / "out").exists()


def test_special_use_addresses_are_recorded_and_not_contacted(flags, tmp_path, truth, write_list):
    domain = next(line["domain"] for line in truth if line["verdict"] == "protected_sts")
    careful = [flag for flag in flags if flag != "--allow-special-use-addresses"]
    done = run("scan", write_list(domain), "--output", tmp_path / "out", *careful)
    assert done.returncode == 0, done.stderr
    [record] = read_records(tmp_path / "out", "domains")
    assert record["policy_fetch_status"] == "not_contacted"
    assert {host["status"] for host in record["mx"]} == {"not_contacted"}
    assert record["policy"]["a"]["addresses"]
    for host in read_records(tmp_path / "out", "hosts"):
        assert all(session["greeting"] is None for session in host["sessions"])


def test_a_folder_that_holds_a_scan_is_left_alone(quickstart, flags, write_list):
    before = read_manifest(quickstart.folder)
    done = run("scan", write_list("one.invalid"), "--output", quickstart.folder, *flags)
    assert done.returncode == 64
    assert str(quickstart.folder) in done.stderr
    assert read_manifest(quickstart.folder) == before


def test_wrong_use_exits_64_and_names_the_value(tmp_path, write_list):
    for arguments, code, word in [
        (["--senders", "0"], 64, "--senders"), (["--name-servers", "nowhere"], 64, "nowhere"),
        (["--ca-file", "/nonexistent"], 66, "/nonexistent"),
        (["--no-such-option"], 64, "--no-such-option"),
    ]:
        done = run("scan", write_list("one.invalid"), "--output", tmp_path / "out", *arguments)
        assert done.returncode == code, (arguments, done.stderr)
        assert word in done.stderr


def test_several_loops_ask_for_each_host_once(scan, truth):
    result = scan(QUICKSTART, "--threads", "2")
    names = [host["host"] for host in result.hosts]
    assert len(names) == len(set(names))
    verdicts = {record["domain"]: record["verdict"] for record in result.domains}
    assert all(verdicts[line["domain"]] == line["verdict"] for line in truth)


def test_the_manifest_tells_what_one_needs_to_repeat_the_scan(quickstart):
    manifest = quickstart.manifest
    assert manifest["lists"][0]["name"].endswith("domains.txt")
    digest = subprocess.run(["sha256sum", QUICKSTART], capture_output=True, text=True).stdout
    assert manifest["lists"][0]["sha256"] == digest.split()[0]
    assert manifest["name_servers"] == ["127.0.0.1:10053"]
    assert manifest["trusts_ad"] is True
    assert len(manifest["trust_store"]["sha256"]) == 64
    assert json.dumps(manifest["options"])
