"""What is printed and written: each write checked, each file new, each exit code of one table."""

import csv
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, read_manifest, read_records, run
from soak.disk import PLAIN_ROOT

DONE, NOT_RIGHT, USAGE, MISSING, SYSTEM, OUTPUT, KILLED = 0, 1, 64, 66, 71, 74, 130
PRINTING = [
    "schema", "schema --format taxonomy", "schema --record host --format duckdb",
    "lint record v=STSv1;id=1", "lint record x", "lint tlsrpt v=TLSRPTv1;rua=mailto:a@example.org",
    "lint mx a.example *.example --json", "--help", "--version", "help scan", "scan --help",
    "lint --help", "--generate-completion-script bash", "--experimental-dump-help",
]
READING = [
    "stats {scan}", "stats {scan} --json", "stats {scan} --csv", "stats {scan} --csv --table tlds",
    "verify {scan}", "verify {scan} --json", "diff {scan} {scan}", "diff {scan} {scan} --json",
    "report {scan} --output -",
]


def printing_into(command, redirection):
    """Runs a command with its standard output redirected by a shell."""
    return subprocess.run(
        ["bash", "-c", f'exec "$@" {redirection}', "bash", PROGRAM, *shlex.split(command)],
        stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=300)


def check_unwritten(command):
    assert printing_into(command, ">/dev/null").returncode in (DONE, NOT_RIGHT)
    for redirection, word in [(">/dev/full", "No space left"), (">&-", "closed")]:
        done = printing_into(command, redirection)
        assert done.returncode == OUTPUT, (command, redirection)
        assert word in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr


@pytest.mark.parametrize("command", PRINTING)
def test_what_cannot_be_printed_is_an_error(command):
    check_unwritten(command)


@pytest.mark.parametrize("command", READING)
def test_what_cannot_be_printed_of_a_scan_is_an_error(command, quickstart):
    check_unwritten(command.format(scan=quickstart.folder))


def test_what_cannot_be_printed_of_a_domain_is_an_error(flags, quickstart, tmp_path):
    check_unwritten(f"check {quickstart.domains[0]['domain']} {shlex.join(flags)}")
    done = printing_into(f"rejudge {quickstart.folder} --output {tmp_path}/new", ">/dev/full")
    assert done.returncode == OUTPUT


def test_a_reader_that_has_seen_enough_ends_a_command_quietly():
    """By SIGPIPE as other tools, or where that is ignored with the code for output."""
    for ignored, codes in [(False, {-signal.SIGPIPE}), (True, {OUTPUT})]:
        first, second = os.pipe()
        os.close(first)
        done = subprocess.run(
            [PROGRAM, "schema"], stdout=second, stderr=subprocess.PIPE, text=True,
            restore_signals=not ignored)
        os.close(second)
        assert done.returncode in codes and done.stderr == ""


def test_nothing_is_printed_past_the_checked_output():
    for file in (ROOT / "Sources").rglob("*.swift"):
        found = re.search(r"(?<![\w.])(print|puts|fputs|debugPrint|dump)\(", file.read_text())
        assert not found, file


def test_every_file_is_opened_for_writing_in_a_known_place():
    """Temporary files by O_EXCL and O_NOFOLLOW, records by O_EXCL, the status file as named.

    `merge` copies records that it cannot link, by O_EXCL too.
    """
    found = {}
    for file in (ROOT / "Sources").rglob("*.swift"):
        for line in file.read_text().splitlines():
            if "O_CREAT" in line:
                found[file.name] = line
    assert set(found) == {
        "AtomicFile.swift", "FileLink.swift", "FrameFile.swift", "StatusFile.swift"}
    assert "O_EXCL" in found["AtomicFile.swift"] and "O_NOFOLLOW" in found["AtomicFile.swift"]
    assert all("O_EXCL" in found[name] for name in ("FileLink.swift", "FrameFile.swift"))
    assert "O_APPEND" in found["StatusFile.swift"]


# MARK: Files

def test_no_link_is_written_through(quickstart, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    page = tmp_path / "page.html"
    for name in ("page.html.new", ".page.html.new", "page.html.tmp"):
        (tmp_path / name).symlink_to(victim)
    assert run("report", quickstart.folder, "--output", page).returncode == DONE
    assert victim.read_text() == "precious" and page.stat().st_size > 10_000
    assert {path.name for path in tmp_path.iterdir()} == {
        "victim", "page.html", "page.html.new", ".page.html.new", "page.html.tmp"}
    link = tmp_path / "link.html"
    for target in (victim, tmp_path / "nothing"):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        done = run("report", quickstart.folder, "--output", link)
        assert done.returncode == OUTPUT and "symbolic link" in done.stderr
        assert link.is_symlink() and victim.read_text() == "precious"
    assert not (tmp_path / "nothing").exists()


def test_a_device_or_a_folder_is_not_replaced_by_a_report(quickstart, tmp_path):
    full = tmp_path / "full"
    subprocess.run(["mknod", full, "c", "1", "7"], check=True)
    done = run("report", quickstart.folder, "--output", full)
    assert done.returncode == OUTPUT and str(full) in done.stderr
    assert full.is_char_device()
    assert run("report", quickstart.folder, "--output", tmp_path).returncode == OUTPUT
    done = run("report", quickstart.folder, "--output", "-")
    assert done.returncode == DONE and done.stdout.startswith("<!doctype html>")


def test_cells_that_a_spreadsheet_would_compute_are_made_text(quickstart, tmp_path):
    path = tmp_path / "providers.json"
    path.write_text(json.dumps({
        "version": 1, "sources": {"s": {"title": "t"}}, "providers": [
            {"id": "x", "name": "=HYPERLINK(1)", "kind": "mailbox", "mx": ["mailgrove.lab"],
             "sources": ["s"]}]}))
    cells = []
    for arguments in ([], ["--table", "mx_providers"]):
        done = run("stats", quickstart.folder, "--csv", "--providers", path, *arguments)
        assert done.returncode == DONE, done.stderr
        cells += [cell for row in csv.reader(done.stdout.splitlines()) for cell in row]
    assert any(cell.startswith("'=HYPERLINK(1)") for cell in cells)
    for cell in cells:
        assert not cell or cell[0] not in "=+-@\t\r" or re.fullmatch(r"[-+]?\d+", cell)


# MARK: Exit codes

def test_help_prints_the_table_of_exit_codes():
    text = run("--help").stdout
    rows = dict(re.findall(r"^ +(\d+)  (\S.*)$", text, re.M))
    assert set(rows) == {"0", "1", "2", "64", "65", "66", "70", "71", "74", "75", "130"}


@pytest.mark.parametrize("command", [
    "stats {x}", "report {x} --output -", "verify {x}", "diff {x} {x}",
    "rejudge {x} --output {new}", "scan --resume {x}", "merge {x} {x} --output {new}",
    "scan {list} --output {new} --previous {x}",
])
def test_a_folder_that_is_not_there_or_holds_no_scan_is_66(command, tmp_path, quickstart):
    new = tmp_path / "new"

    def ends(folder):
        done = run(*shlex.split(command.format(x=folder, new=new, list=QUICKSTART)))
        assert done.returncode == MISSING, done.stderr
        assert len(done.stderr.splitlines()) == 1 and str(folder) in done.stderr
        assert not new.exists()
        return done.stderr

    assert "No such file" in ends(tmp_path / "missing")
    assert "Not a directory" in ends(QUICKSTART)
    above = tmp_path / "above"
    (above / "some").mkdir(parents=True)
    assert "no scan" in ends(above)
    shutil.copytree(quickstart.folder, above / "some/first")
    assert f"{above}/some/first" in ends(above)


@pytest.mark.parametrize("command", [
    "lint policy {x}", "stats {scan} --providers {x}",
    "scan {list} --output {new} --preload {x}", "scan {list} --output {new} --ca-file {x}",
    "scan {list} --output {new} --blocklist-file {x}", "scan {x} --output {new}",
    "scan {list} {x} --output {new}", "check example.org --preload {x}",
])
def test_a_file_that_cannot_be_opened_is_66_and_nothing_is_made(command, tmp_path, quickstart):
    new = tmp_path / "deep/new"
    for path, word in [("missing", "No such file"), (".", "irectory")]:
        done = run(*shlex.split(command.format(
            x=tmp_path / path, new=new, list=QUICKSTART, scan=quickstart.folder)))
        if path == "." and "ca-file" in command:
            # OpenSSL's words.
            assert done.returncode in (USAGE, MISSING)
            continue
        assert done.returncode == MISSING, done.stderr
        assert word in done.stderr and len(done.stderr.splitlines()) == 1
        assert not new.parent.exists()


@pytest.mark.parametrize(("arguments", "words"), [
    (["scna", "list.txt"], ["scna", "did you mean scan"]),
    (["scan", "list.txt", "--ouput", "x"], ["--ouput", "did you mean --output"]),
    (["scan", "list.txt", "--ouput=x"], ["--ouput", "did you mean --output"]),
    (["stats", "x", "--jsn"], ["--jsn", "did you mean --json"]),
    (["lint", "recrod", "x"], ["recrod", "did you mean record"]),
    (["help", "scna"], ["scna", "did you mean scan"]),
    (["help", "lint", "recrod"], ["recrod", "did you mean record"]),
    (["scan", "list.txt", "--out", "x"], ["--out", "did you mean --output"]),
    (["scan", "list.txt", "-O", "x"], ["-O", "did you mean -o"]),
    (["-v"], ["-v", "did you mean --version"]),
    # An option that there is not is named before one that is missing.
    (["report", "--outptu", "x"], ["--outptu", "did you mean --output"]),
    (["stats", "x", "--table", "tld"], ["no table 'tld'", "did you mean tlds"]),
    (["stats", "x", "--table", "tlds,ranks"], ["'tlds,ranks'", "repeat the option"]),
    (["list", "x", "--finding", "mx_match.tpyo"], ["mx_match.tpyo", "did you mean mx_match.typo"]),
    (["check", "https://"], ["“https://”", "name one"]),
    (["verify", "x", "--unheard-of"], ["--unheard-of"]),
    (["scan", "x", "-x"], ["-x"]),
    (["scan", "x", "-output", "y"], ["-output", "did you mean --output"]),
    (["scan", "x", "--out", "y"], ["did you mean --output"]),
    (["scan", "x", "--resolver", "y"], ["did you mean --name-servers"]),
    (["scan", "x", "--timeout", "5"], ["did you mean --dns-timeout or --connect-timeout or"]),
    (["scan", "", "--output", "y"], ["name of a list is empty"]),
    (["scan", "x", "--output", ""], ["--output takes a path, not ''"]),
    (["version"], ["did you mean --version"]), (["Scan"], ["did you mean scan"]),
    (["explain", "mx_match"], ["mx_match has several codes", "mx_match.other"]),
    (["check", "a.invalid,b.invalid"], ["stsurvey check a.invalid b.invalid"]),
    (["check", "jo@"], ["no domain in “jo@”"]), (["check", ""], ["no domain in “”"]),
])
def test_what_is_misspelt_is_named_with_the_closest(arguments, words):
    done = run(*arguments)
    assert done.returncode == USAGE
    first = done.stderr.splitlines()[0]
    assert first.startswith("stsurvey: error: ")
    for word in words:
        assert word in first


@pytest.mark.parametrize(("arguments", "missing", "example"), [
    (["check"], "<domain>", "stsurvey check example.org"),
    (["diff", "results/may"], "two folders", "stsurvey diff results/may results/june"),
    (["report", "results/first"], "--output <file>", "stsurvey report results/first --output"),
    (["scan", "list.txt"], "--output", "stsurvey scan domains.txt --output results/first"),
    (["lint"], "record, policy, tlsrpt or mx", "stsurvey lint record"),
])
def test_what_is_missing_is_named_with_an_example(arguments, missing, example):
    done = run(*arguments)
    assert done.returncode == 64 and not done.stdout
    assert done.stderr.startswith("stsurvey: error: ") and missing in done.stderr
    assert f"Example: {example}" in done.stderr


def test_help_begins_with_what_is_common_and_fits_its_lines():
    """Common options come first; each command shows an example, whole on a line."""
    commands = re.findall(r"^  ([a-z]+) {2,}[A-Z]", run("--help").stdout, re.M)
    assert len(commands) >= 15
    for command in commands:
        text = run(command, "--help").stdout
        assert re.search(rf"^  stsurvey {command} ", text, re.M), command
        if "OPTIONS:" in text and "COMMON OPTIONS:" in text:
            assert re.search(r"^([A-Z ,]*OPTIONS):", text, re.M).group(1) == "COMMON OPTIONS"
        # A line of an example that were too long would go on at the margin.
        examples = re.search(r"\nExamples?:\n((?:.+\n)*)", text).group(1)
        assert all(line.startswith("  ") for line in examples.splitlines()), examples
    assert "--json" in run("stats", "--help").stdout.split("--providers")[0]
    assert "--json" in run("check", "--help").stdout.split("--ehlo-name")[0]


def test_a_file_of_a_scan_is_not_its_folder(quickstart):
    done = run("verify", quickstart.folder / "manifest.json")
    assert done.returncode == MISSING
    assert f"name the folder that the file is in: {quickstart.folder}" in done.stderr


def test_a_lab_without_its_option_is_told_which_one(flags, truth, write_list, tmp_path):
    names = [line["domain"] for line in truth if line["verdict"] == "protected_sts"][:3]
    plain = [flag for flag in flags if flag != "--allow-special-use-addresses"]
    done = run("scan", write_list(*names), "--output", tmp_path / "out", *plain)
    assert done.returncode == DONE
    assert "scan again with --allow-special-use-addresses" in done.stderr
    [caution] = read_manifest(tmp_path / "out")["cautions"]
    assert "every MX host" in caution


# MARK: The output folder

def test_a_folder_that_is_taken_is_refused_before_anything_is_asked(tmp_path, quickstart):
    """No name server is there: none is asked."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.txt").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    for folder, words in [
        (quickstart.folder, ["holds a scan already"]), (tmp_path / "full", ["notes.txt"]),
        (tmp_path / "full/notes.txt", ["is a file"]), (tmp_path / "link", ["symbolic link"]),
    ]:
        done = run("scan", QUICKSTART, "--output", folder, "--name-servers", "127.0.0.1:9")
        assert done.returncode == USAGE, done.stderr
        for word in words:
            assert word in done.stderr
    assert (tmp_path / "full/notes.txt").read_text() == "mine"


def test_a_folder_that_may_not_be_written_is_told_before_anything_is_asked(tmp_path):
    tmp_path.chmod(0o555)
    done = subprocess.run(
        [*(PLAIN_ROOT if os.getuid() == 0 else []), PROGRAM, "scan", QUICKSTART, "--output",
         tmp_path / "out", "--name-servers", "127.0.0.1:9"], capture_output=True, text=True)
    tmp_path.chmod(0o755)
    assert done.returncode == OUTPUT and "Permission denied" in done.stderr


@pytest.mark.parametrize("kind", ["empty", "link", "slash", "here"])
def test_an_empty_folder_is_filled_as_it_is(flags, write_list, tmp_path, kind):
    folder = tmp_path / "place"
    folder.mkdir(mode=0o750)
    number = folder.stat().st_ino
    (tmp_path / "link").symlink_to(folder)
    output = {"empty": folder, "link": tmp_path / "link", "slash": f"{folder}/", "here": "."}[kind]
    done = subprocess.run(
        [PROGRAM, "scan", write_list("one.invalid"), "--output", output, *flags],
        capture_output=True, text=True, cwd=folder)
    assert done.returncode == DONE, done.stderr
    assert len(read_records(folder, "domains")) == 1
    assert folder.stat().st_ino == number and (tmp_path / "link").is_symlink()
    assert run("verify", folder).returncode == DONE


def test_a_start_that_fails_leaves_no_folder(flags, tmp_path, write_list):
    path = write_list("one.invalid")
    blocklist = tmp_path / "blocklist"
    blocklist.write_text("example.org\n192.0.2.0/99\n")
    busy = socket.create_server(("127.0.0.1", 0))
    for arguments, code, limits in [
        (["--name-servers", "127.0.0.1:9", "--dns-timeout", "0.2"], OUTPUT, []),
        (["--blocklist-file", blocklist], USAGE, []),
        (["--ca-file", path], USAGE, []), (["--preload", path], USAGE, []),
        (["--prometheus", busy.getsockname()[1]], USAGE, []),
        (["--status-updates-file", tmp_path / "none/status"], USAGE, []),
        ([], SYSTEM, ["prlimit", "--nofile=20:20"]),
    ]:
        done = subprocess.run(
            [*limits, PROGRAM, "scan", path, "--output", tmp_path / "deep/out", *flags,
             *map(str, arguments)], capture_output=True, text=True)
        assert done.returncode == code, (arguments, done.stderr)
        assert not (tmp_path / "deep").exists(), arguments
    empty = tmp_path / "empty"
    empty.mkdir()
    done = run("scan", path, "--output", empty, "--name-servers", "127.0.0.1:9",
               "--dns-timeout", "0.2")
    assert done.returncode == OUTPUT and not list(empty.iterdir())


# MARK: The end

def test_a_second_signal_names_the_way_on(flags, tmp_path):
    names = tmp_path / "list.txt"
    names.write_text("".join(f"name{number}.invalid\n" for number in range(20_000)))
    process = subprocess.Popen(
        [PROGRAM, "scan", names, "--output", tmp_path / "out", *flags, "--max-dns-rate", "200",
         "--checkpoint-interval", "0.2"], stderr=subprocess.PIPE, text=True)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == KILLED, errors
    [line] = [line for line in errors.splitlines() if "stopped at once" in line]
    assert f"--resume {tmp_path}/out" in line
    told = int(re.search(r"([\d,]+) records written to disk", line).group(1).replace(",", ""))
    done = run("scan", "--resume", tmp_path / "out", "--max-dns-rate", "100000")
    assert f"going on after {told:,} records" in done.stderr


def test_what_is_told_of_a_full_disk_is_what_is_on_it(flags, tmp_path):
    names = tmp_path / "list.txt"
    names.write_text("".join(f"name{number}.invalid\n" for number in range(30_000)))
    process = subprocess.run(
        ["prlimit", "--fsize=100000", PROGRAM, "scan", names, "--output", tmp_path / "out", *flags,
         "--probe", "none", "--max-dns-rate", "5000", "--checkpoint-interval", "0.1"],
        capture_output=True, text=True)
    assert process.returncode == OUTPUT, process.stderr
    told = re.search(r"([\d,]+) records written to disk", process.stderr).group(1)
    assert re.search(rf"^{told} records in ", process.stderr, re.M)
    assert f"{read_manifest(tmp_path / 'out')['totals']['domains']:,}" == told
    done = run("scan", "--resume", tmp_path / "out")
    assert done.returncode == DONE
    assert f"going on after {told} records" in done.stderr
    assert int(told.replace(",", "")) > 0


def test_metrics_are_served_while_others_hold_connections(flags, tmp_path):
    process = subprocess.Popen(
        [PROGRAM, "scan", "-", "--output", tmp_path / "out", *flags, "--prometheus", "127.0.0.1:0"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    held = []
    try:
        for line in process.stderr:
            if found := re.search(r"http://127.0.0.1:(\d+)/metrics", line):
                break
        place = ("127.0.0.1", int(found.group(1)))
        for number in range(100):
            client = socket.create_connection(place, timeout=5)
            if number % 3 == 0:
                client.send(b"GET /met")
            if number % 3 == 1:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
                client.send(b"GET /metrics HTTP/1.1\r\n\r\n")
            held.append(client)
        for _ in range(5):
            begin = time.monotonic()
            url = f"http://127.0.0.1:{place[1]}/metrics"
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert b"stsurvey_" in answer.read()
            assert time.monotonic() - begin < 1
        time.sleep(2.5)
        # Whoever asks for nothing is closed.
        held[-1].settimeout(2)
        assert held[-1].recv(1) == b""
    finally:
        for client in held:
            client.close()
        process.stdin.close()
        process.stderr.close()
        assert process.wait(timeout=60) == DONE
