"""`probe`, `fetch` and `judge`: the parts of a scan, each a command, joined to the same records."""

import json
import os
import signal
import subprocess
import time

import pytest

from helpers.joined import compare_joined
from helpers.program import PROGRAM, QUICKSTART, ROOT, options_of, read_manifest, read_records, run
from helpers.rejudging import text


@pytest.fixture(scope="module")
def parts(quickstart, flags, tmp_path_factory):
    """The quickstart's first lines by the parts of a scan: a folder with what each has written."""
    folder = tmp_path_factory.mktemp("parts")
    lines = QUICKSTART.read_text().splitlines(keepends=True)[:250]
    (folder / "list.txt").write_text("".join(lines))
    done = run("scan", folder / "list.txt", "--probe", "none", "--fetch", "none", "--output",
               folder / "names", *flags)
    assert done.returncode == 0, done.stderr
    names = read_records(folder / "names", "domains")
    hosts = sorted({host["host"] for name in names for host in name["mx"]})
    policies = sorted({name["policy"]["host"] for name in names if name["policy"]})
    (folder / "hosts.txt").write_text("# of the list\n\n" + "\n".join(hosts) + "\n")
    (folder / "policies.txt").write_text("\n".join(policies))
    probe, fetch = (options_of(command, flags) for command in ("probe", "fetch"))
    done = run("probe", folder / "hosts.txt", "--only", "addresses", "--output", "-", *probe)
    assert done.returncode == 0, done.stderr
    (folder / "addresses.ndjson").write_text(done.stdout)
    done = run("probe", folder / "addresses.ndjson", "--output", folder / "hosts", *probe)
    assert done.returncode == 0, done.stderr
    done = run("fetch", folder / "policies.txt", "--output", folder / "policies", *fetch)
    assert done.returncode == 0, done.stderr
    done = run("judge", folder / "names", "--hosts", folder / "hosts", "--policies",
               folder / "policies", "--output", folder / "judged")
    assert done.returncode == 0 and not done.stderr, done.stderr
    return folder


def test_the_parts_make_what_a_scan_makes(parts, quickstart):
    judged = read_records(parts / "judged", "domains")
    assert len(judged) > 200
    compare_joined(judged, read_records(parts / "judged", "hosts"), quickstart.domains,
                   quickstart.hosts, "line")
    assert run("verify", parts / "judged").returncode == 0


def test_a_scan_joined_with_its_own_hosts_is_the_same_octets(quickstart, tmp_path):
    done = run("judge", quickstart.folder, "--hosts", quickstart.folder, "--output",
               tmp_path / "new")
    assert done.returncode == 0, done.stderr
    for kind in ["domains", "hosts"]:
        assert text(tmp_path / "new", kind) == text(quickstart.folder, kind)
    manifest = read_manifest(tmp_path / "new")
    assert manifest["judged"]["hosts"] == [str(quickstart.folder)]
    assert manifest["totals"] == quickstart.manifest["totals"]
    assert run("verify", tmp_path / "new").returncode == 0


def test_domains_come_by_a_pipe_and_go_by_another(quickstart):
    done = run("judge", "-", "--hosts", quickstart.folder, "--output", "-", "--trust-ad",
               input=text(quickstart.folder, "domains").decode())
    assert done.returncode == 0, done.stderr
    assert done.stdout.encode() == text(quickstart.folder, "domains")


def test_names_alone_have_no_verdict_but_that_of_no_mail(parts):
    for record in read_records(parts / "names", "domains"):
        assert record["verdict"] in {"unknown", "no_mail", None} or record["mx"] == []
        if record["policy"]:
            assert record["policy_fetch_status"] == "not_fetched"
            assert record["policy"]["fetched_at"] is None and record["policy_source"] is None


def test_each_line_has_its_record(parts):
    lines = (parts / "hosts.txt").read_text().splitlines()[2:]
    addresses = [json.loads(line) for line in (parts / "addresses.ndjson").read_text().splitlines()]
    assert sorted(record["host"] for record in addresses) == lines
    assert all(record["sessions"] == [] for record in addresses)
    assert sorted(record["host"] for record in read_records(parts / "hosts", "hosts")) == lines
    policies = read_records(parts / "policies", "policies")
    assert sorted(record["host"] for record in policies) \
        == (parts / "policies.txt").read_text().splitlines()
    statuses = {record["policy_fetch_status"] for record in policies}
    assert "ok" in statuses and len(statuses) > 5 and "not_fetched" not in statuses
    manifest = read_manifest(parts / "policies")
    assert manifest["policy_files"][0]["records"] == len(policies)


def test_known_addresses_are_not_asked_for_again(parts, flags, tmp_path):
    """A name server that knows none of the hosts is asked nothing about them."""
    known = [line for line in (parts / "addresses.ndjson").read_text().splitlines()
             if json.loads(line)["address_status"] == "found"][:3]
    # The addresses go on with names that no name server has.
    records = [json.loads(line) for line in known]
    for number, record in enumerate(records):
        record["host"] = f"mx{number}.nowhere.invalid"
    done = run("probe", "-", "--output", "-", *options_of("probe", flags),
               input="".join(json.dumps(record) + "\n" for record in records))
    assert done.returncode == 0, done.stderr
    probed = {record["host"]: record for record in map(json.loads, done.stdout.splitlines())}
    for record in records:
        assert probed[record["host"]]["a"] == record["a"]
        assert probed[record["host"]]["sessions"]


@pytest.mark.parametrize(("command", "line", "words"), [
    ("probe", "a..b", "line 2: 'a..b' is no domain name (empty_label)"),
    ("probe", '{"name":1}', "line 2: the object has no text under the key 'host'"),
    ("fetch", "example.org", "line 2: 'example.org' is no policy host"),
])
def test_a_line_that_names_nothing_ends_the_run(flags, command, line, words):
    good = {"probe": "mail.nowhere.invalid", "fetch": "mta-sts.nowhere.invalid"}[command]
    done = run(command, "-", "--output", "-", *options_of(command, flags),
               input=f"{good}\n{line}\n{good}\n")
    assert done.returncode == 65 and words in done.stderr
    assert [json.loads(line)["host"] for line in done.stdout.splitlines()] == [good]


def test_missing_records_are_named(parts, tmp_path):
    lines = text(parts / "hosts", "hosts").splitlines()
    (tmp_path / "few.ndjson").write_bytes(b"\n".join(lines[1:]))
    lost = json.loads(lines[0])["host"]
    arguments = ["judge", parts / "names", "--hosts", tmp_path / "few.ndjson",
                 "--policies", parts / "policies", "--output", tmp_path / "new"]
    done = run(*arguments)
    assert done.returncode == 65 and lost in done.stderr and not (tmp_path / "new").exists()
    done = run(*arguments, "--partial", "--trust-ad")
    assert done.returncode == 0 and "count as not probed" in done.stderr
    assert read_manifest(tmp_path / "new")["judged"]["hosts_missing"] > 0
    assert run("verify", tmp_path / "new").returncode == 0


@pytest.mark.parametrize("end", ["reader", "term"])
def test_a_run_to_standard_output_ends_at_once(flags, end):
    """When nobody reads any more, although nothing is to be written, and on SIGTERM."""
    process = subprocess.Popen(
        [PROGRAM, "probe", "-", "--output", "-", *options_of("probe", flags)], cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(b"mail.nowhere.invalid\n")
    process.stdin.flush()
    assert b"mail.nowhere.invalid" in process.stdout.readline()
    begin = time.monotonic()
    if end == "reader":
        process.stdout.close()
    else:
        os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=20) == (74 if end == "reader" else 75)
    assert time.monotonic() - begin < 5
    process.stdin.close()
    process.stderr.close()


def test_two_vantages_are_compared(parts, tmp_path):
    """A host that another vantage does not reach, and what becomes of the domains that name it."""
    records = [json.loads(line) for line in text(parts / "hosts", "hosts").splitlines()]
    names = read_records(parts / "judged", "domains")
    counts = {}
    for name in names:
        if name["verdict"] == "protected_sts" and len(name["mx"]) == 1:
            counts.setdefault(name["mx"][0]["host"], []).append(name["domain"])
    host, domains = max(counts.items(), key=lambda item: len(item[1]))
    for record in records:
        if record["host"] == host:
            record["status"] = "tcp_timeout"
            for session in record["sessions"]:
                session["status"] = "tcp_timeout"
    (tmp_path / "there.ndjson").write_text(
        "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records))
    done = run("judge", parts / "judged", "--hosts", tmp_path / "there.ndjson", "--trust-ad",
               "--output", tmp_path / "there")
    assert done.returncode == 0, done.stderr
    done = run("diff", parts / "judged", tmp_path / "there", "--vantages", "--json")
    assert done.returncode == 0 and not done.stderr, done.stderr
    *changed, counts = [json.loads(line) for line in done.stdout.splitlines()]
    assert {"key": "status", "first": "ok", "second": "tcp_timeout", "hosts": 1} \
        in counts["differences"]
    assert counts["hosts_differing"] == 1 and counts["hosts_first_alone"] == 0
    assert set(domains) <= {line["domain"] for line in changed}
    assert {(line["first"], line["second"]) for line in changed
            if line["domain"] in domains} == {("protected_sts", "unknown")}
    assert counts["domains_differing"] == len(changed) and counts["domains"] == len(names)
    printed = run("diff", parts / "judged", tmp_path / "there", "--vantages").stdout
    assert "ok → tcp_timeout" in printed and domains[0] in printed
    same = run("diff", parts / "judged", parts / "judged", "--vantages", "--counts").stdout
    assert "0 differ" in same and "the verdict of 0 differs" in same
