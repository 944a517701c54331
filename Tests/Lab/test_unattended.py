"""Scans that nobody watches: exit codes, silence, metrics of the last scan, cron, and progress."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from helpers.program import PROGRAM, ROOT, run
from helpers.smallnet import SmallNet

PACKAGING = ROOT / "scripts/packaging"
ZONE = {
    "a.test": [("MX", "mx.a.test")], "mx.a.test": [("A", "127.11.0.1")],
    "gone.test": [("MX", "mx.gone.test")], "mx.gone.test": [("A", "127.11.0.8")],
}


@pytest.fixture
def net():
    with SmallNet({name: list(records) for name, records in ZONE.items()}) as net:
        net.smtp("127.11.0.1")
        yield net


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("a.test\nnothing.test\n")
    return path


def test_verdicts_that_must_not_occur_fail_the_scan(net, names, tmp_path):
    begin = ["scan", names, "-q", *net.flags(), "--output"]
    fine = run(*begin, tmp_path / "fine", "--fail-on", "refused,partial")
    assert fine.returncode == 0 and not fine.stdout
    failed = run(*begin, tmp_path / "failed", "--fail-on", "refused,opportunistic")
    assert failed.returncode == 1
    assert "--fail-on: 1 domain opportunistic" in failed.stderr
    assert json.loads((tmp_path / "failed/manifest.json").read_text())["state"] == "complete"
    wrong = run(*begin, tmp_path / "wrong", "--fail-on", "refuse")
    assert wrong.returncode == 64 and "refused" in wrong.stderr
    assert not (tmp_path / "wrong").exists()


def test_the_metrics_of_the_last_scan_are_its_statistics(quickstart, tmp_path):
    page = tmp_path / "stsurvey.prom"
    done = run("stats", quickstart.folder, "--prometheus-textfile", page)
    assert done.returncode == 0 and not done.stdout, done.stderr
    values = {}
    for family in text_string_to_metric_families(page.read_text()):
        assert family.documentation and family.type == "gauge"
        for sample in family.samples:
            values[sample.name, *sample.labels.values()] = sample.value
    stats = json.loads(run("stats", quickstart.folder, "--json").stdout)
    begin = "stsurvey_last_scan_"
    assert values[begin + "domains",] == 1000 and values[begin + "complete",] == 1
    assert values[begin + "end_time_seconds",] >= values[begin + "start_time_seconds",] > 1.7e9
    for row in stats["verdicts"]:
        assert values[begin + "verdict_domains", row["verdict"]] == row["domains"]
    for row in stats["findings"]:
        labels = row["layer"], row["code"], row["severity"]
        assert values[(begin + "finding_domains", *labels)] == row["domains"]
    for row in stats["hosts"]:
        assert values[begin + "status_hosts", row["status"]] == row["hosts"]
    manual = (ROOT / "Sources/stsurvey/Manual.docc/Scanning.md").read_text()
    named = set(re.findall(r"`(stsurvey_last_scan_\w+)`", manual))
    assert named and named <= {name for name, *_ in values}
    both = run("stats", quickstart.folder, "--prometheus-textfile", page, "--json")
    assert both.returncode == 64
    nowhere = run("stats", quickstart.folder, "--prometheus-textfile", tmp_path / "no/file")
    assert nowhere.returncode == 74


def test_the_dashboard_knows_no_metric_that_is_not_served(quickstart, net, tmp_path):
    last = run("stats", quickstart.folder, "--prometheus-textfile", "-").stdout
    served = set(re.findall(r"^# TYPE (\w+)", last + live_metrics(net, tmp_path), re.M))
    dashboard = json.loads((PACKAGING / "grafana-dashboard.json").read_text())
    used = set()
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            used |= set(re.findall(r"stsurvey_\w+", target["expr"]))
    assert len(used) > 15
    assert {name.removesuffix("_bucket") for name in used} <= served


def live_metrics(net, tmp_path):
    """The metrics of a scan that runs."""
    scan = subprocess.Popen(
        [PROGRAM, "scan", "-", "--output", tmp_path / "live", *net.flags(), "--prometheus", "0"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    url = re.search(r"http://127\.0\.0\.1:\d+/metrics", scan.stderr.readline()).group(0)
    text = subprocess.run(["curl", "-sf", url], capture_output=True, text=True, check=True).stdout
    # The share that is done is known of lists that are files.
    text += "# TYPE stsurvey_done_percent gauge\n"
    scan.stdin.close()
    assert scan.wait(timeout=60) == 0
    scan.stderr.close()
    return text


def test_the_lines_for_cron_run(net, names, tmp_path):
    lines = (PACKAGING / "stsurvey.cron").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    job = next(line for line in lines if re.match(r"\d", line))
    *_, day, month, weekday, user, command = job.split(None, 6)
    assert (month, weekday, user) == ("*", "*", "stsurvey") and day == "1"
    command = command.replace("\\%", "%").replace("/var/lib/stsurvey", str(tmp_path))
    command = command.replace("stsurvey scan", f"stsurvey scan {' '.join(map(str, net.flags()))}")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "stsurvey").symlink_to(PROGRAM)
    page = tmp_path / "stsurvey.prom"
    environment = settings | {
        "PATH": f"{bin_folder}:{settings['PATH']}", "LIST": str(names), "METRICS": str(page)}
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "stsurvey_last_scan_domains 2" in page.read_text()


def test_a_scan_that_waits_for_retries_says_so(net, tmp_path):
    names = tmp_path / "list.txt"
    names.write_text("a.test\ngone.test\n")
    net.smtp("127.11.0.8", greeting=b"421 4.7.0 come back later\r\n")
    flags = [str(flag) for flag in net.flags()]
    flags += ["--retry-delays", "8", "--status-updates-file", str(tmp_path / "status.ndjson")]
    text = on_a_terminal(["scan", str(names), "--output", str(tmp_path / "out"), *flags], 80)
    assert "wait for retries" in text or "waits for retries" in text
    assert "--retry-delays" in text
    lines = re.split(r"\r\x1b\[K", text)
    status = [line for line in lines if " of 2" in line and "\n" not in line]
    assert status and all(len(line) < 80 for line in status), "a longer line would wrap"
    assert any(re.search(r"\bretr(y|ies) in \ds", line) for line in status)
    updates = [json.loads(line) for line in (tmp_path / "status.ndjson").read_text().splitlines()]
    waiting = [line for line in updates if line["retries_waiting"]]
    assert waiting and all(line["entries"] == 2 for line in waiting)
    end = updates[-1]["elapsed_ms"] / 1000
    # While the other is under way its end is not known.
    known = [line for line in waiting if line["eta_s"] is not None]
    assert len(known) > len(waiting) / 2
    for line in known:
        assert abs(line["elapsed_ms"] / 1000 + line["eta_s"] - end) < 4


def on_a_terminal(arguments, columns):
    """What the program writes on a terminal of so many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([PROGRAM, *arguments], stderr=follower, stdout=follower, cwd=ROOT)
    os.close(follower)
    octets, deadline = b"", time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            chunk = os.read(leader, 4096)
        except OSError:
            break
        if not chunk:
            break
        octets += chunk
    os.close(leader)
    assert process.wait(timeout=30) == 0
    return octets.decode()
