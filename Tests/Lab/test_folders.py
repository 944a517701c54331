"""Every reader refuses damaged folders before any figure and names them; --partial reads them."""

import json
import os
import shutil
import signal
import subprocess
import time

import pytest

from helpers.program import (
    PROGRAM,
    QUICKSTART,
    ROOT,
    read_manifest,
    read_records,
    run,
    seal,
    write_manifest,
)
from soak import damages, records

DOMAINS, HOSTS = "domains-00000.ndjson.zst", "hosts-00000.ndjson.zst"
OTHER = "domains-00001.ndjson.zst"


@pytest.fixture(scope="module")
def unfinished(flags, tmp_path_factory):
    """A scan that was killed twice, so that it has two files; nothing stands behind them."""
    folder = tmp_path_factory.mktemp("unfinished") / "out"
    begun = [QUICKSTART, "--output", folder, *flags]
    for count in (100, 250):
        process = subprocess.Popen(
            [PROGRAM, "scan", *begun, "--checkpoint-interval", "0.1", "--senders", "10"],
            cwd=ROOT, stderr=subprocess.DEVNULL)
        while process.poll() is None and records.committed_count(folder) < count:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        begun = ["--resume", folder]
    known = records.committed(folder)
    sizes = {f["name"]: f["bytes"] for f in known["domainFiles"] + known["hostFiles"]}
    for path in folder.glob("*.zst"):
        os.truncate(path, sizes[path.name]) if path.name in sizes else path.unlink()
    assert OTHER in sizes
    return folder


@pytest.fixture(scope="module")
def finished(unfinished, tmp_path_factory):
    """The same scan, ended."""
    folder = shutil.copytree(unfinished, tmp_path_factory.mktemp("finished") / "out")
    done = run("scan", "--resume", folder)
    assert done.returncode == 0, done.stderr
    return folder


# What is done, and the file that is named for it.
DAMAGES = [
    ("a domain file is gone", lambda f: (f / DOMAINS).unlink(), DOMAINS),
    ("a file in the middle is gone", lambda f: (f / OTHER).unlink(), OTHER),
    ("a host file is gone", lambda f: (f / HOSTS).unlink(), HOSTS),
    ("a copy by a file manager", damages.copied(DOMAINS, "domains-00000 (copy).ndjson.zst"),
     "domains-00000 (copy).ndjson.zst"),
    ("a copy far behind", damages.copied(DOMAINS, "domains-00044.ndjson.zst"),
     "domains-00044.ndjson.zst"),
    ("another scan's host file", damages.copied(DOMAINS, "hosts-00044.ndjson.zst"),
     "hosts-00044.ndjson.zst"),
    ("cut at a frame", damages.change(DOMAINS, damages.without_last_frame), DOMAINS),
    ("cut inside a frame", damages.change(DOMAINS, lambda o: o[:-2]), DOMAINS),
    ("empty", damages.change(HOSTS, lambda o: b""), HOSTS),
    ("a bit flipped", damages.change(DOMAINS, lambda o: o[:900] + bytes([o[900] ^ 4]) + o[901:]),
     DOMAINS),
    ("a bit that decoders ignore", damages.change(
        HOSTS, lambda o: o[:4] + bytes([o[4] ^ 16]) + o[5:]), HOSTS),
    ("a folder", damages.replaced(DOMAINS, lambda p: p.mkdir()), DOMAINS),
    ("a named pipe", damages.replaced(HOSTS, os.mkfifo), HOSTS),
    ("a link to nothing", damages.replaced(DOMAINS, lambda p: p.symlink_to("gone")), DOMAINS),
    ("files swapped", damages.swapped(DOMAINS, OTHER), "domains-0000"),
]


def calls(folder, sound, tmp_path, flags):
    """Every command that reads a scan's folder."""
    short = tmp_path / "short.txt"
    short.write_text("a.invalid\n")
    new = tmp_path / "new"
    return [
        ["stats", folder], ["stats", folder, "--json"], ["stats", folder, "--csv"],
        ["report", folder, "--output", tmp_path / "report.html"],
        ["diff", folder, sound], ["diff", sound, folder, "--json"],
        ["rejudge", folder, "--output", new],
        ["scan", short, "--output", new, "--previous", folder, *flags],
    ]


each_damage = pytest.mark.parametrize(
    "damage, name", [case[1:] for case in DAMAGES], ids=[case[0] for case in DAMAGES])


def contents(folder):
    return {path.name: path.read_bytes() if path.is_file() else None for path in folder.iterdir()}


@each_damage
def test_a_damaged_folder_is_refused_by_every_reader(
        finished, quickstart, flags, tmp_path, damage, name):
    folder = shutil.copytree(finished, tmp_path / "copy")
    damage(folder)
    for call in calls(folder, quickstart.folder, tmp_path, flags):
        done = run(*call, timeout=60)
        assert done.returncode == 65, (call, done.stderr)
        assert (done.stdout, name in done.stderr) == ("", True), (call, done.stderr)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "short.txt"]
    checked = run("verify", folder)
    assert checked.returncode == 1 and name in checked.stdout
    partial = run("stats", folder, "--json", "--partial")
    assert partial.returncode == 0, partial.stderr
    assert any(name in caution for caution in json.loads(partial.stdout)["cautions"])
    page = run("report", folder, "--output", tmp_path / "report.html", "--partial")
    assert page.returncode == 0 and "is damaged and was read as far" in (
        tmp_path / "report.html").read_text()


@each_damage
def test_a_damaged_unfinished_scan_is_not_resumed_and_nothing_is_written(
        unfinished, tmp_path, damage, name):
    folder = shutil.copytree(unfinished, tmp_path / "copy")
    damage(folder)
    before = contents(folder)
    done = run("scan", "--resume", folder, timeout=60)
    assert done.returncode == 65, done.stderr
    assert name in done.stderr and contents(folder) == before
    assert run("stats", folder).returncode == 65
    assert run("verify", folder).returncode == 1


@pytest.mark.parametrize("change, words", [
    (lambda t: t.replace('"format":2', '"format":9'), ["format 9", "1 to 2"]),
    (lambda t: t.replace('"lowWater":', '"lowWater":1'), ["was altered"]),
    (lambda t: t.replace('"mxHostLimit":64', '"mxHostLimit":65'), ["was altered"]),
    (lambda t: t[:-20], ["is not JSON"]),
    (lambda t: t[:200], ["is not JSON"]),
    (lambda t: "", ["is not JSON"]),
    (lambda t: "[]", ["is no JSON object"]),
], ids=["format", "number", "option", "torn", "cut", "empty", "list"])
def test_a_damaged_checkpoint_is_named_with_what_is_wrong(unfinished, tmp_path, change, words):
    folder = shutil.copytree(unfinished, tmp_path / "copy")
    path = folder / "checkpoint.json"
    path.write_text(change(path.read_text()))
    done = run("scan", "--resume", folder)
    assert done.returncode == 65, done.stderr
    for word in [*words, str(path)]:
        assert word in done.stderr, done.stderr
    assert "DecodingError" not in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("change, key", [
    (lambda c: c["options"].pop("senders"), "options.senders"),
    (lambda c: c["options"].update(senders="many"), "options.senders"),
    (lambda c: c["domainFiles"][0].update(bytes="x"), "domainFiles.0.bytes"),
    (lambda c: c.pop("startedAt"), "startedAt"),
    (lambda c: c.update(finishedAbove=[[5, 10**18]]), "finishedAbove"),
    (lambda c: c["domainFiles"][0].update(name="../x"), "domainFiles"),
])
def test_a_checkpoint_with_a_good_checksum_and_bad_members_is_named_by_key(
        unfinished, tmp_path, change, key):
    folder = shutil.copytree(unfinished, tmp_path / "copy")
    path = folder / "checkpoint.json"
    checkpoint = json.loads(path.read_text())
    checkpoint.pop("sha256")
    change(checkpoint)
    seal(path, json.dumps(checkpoint))
    done = run("scan", "--resume", folder, timeout=60)
    assert done.returncode == 65 and f"'{key}'" in done.stderr, done.stderr
    assert str(path) in done.stderr


def test_a_damaged_manifest_of_an_unfinished_scan_is_written_again(unfinished, finished, tmp_path):
    folder = shutil.copytree(unfinished, tmp_path / "copy")
    (folder / "manifest.json").write_text("{")
    assert run("stats", folder).returncode == 65
    done = run("scan", "--resume", folder)
    assert done.returncode == 0 and "written again from the checkpoint" in done.stderr
    assert run("verify", folder).returncode == 0
    assert len(read_records(folder, "domains")) == len(read_records(finished, "domains"))


@pytest.mark.parametrize("make", [
    os.mkfifo, lambda path: path.mkdir(), lambda path: path.symlink_to("/dev/zero"),
    lambda path: path.symlink_to("gone")], ids=["pipe", "folder", "device", "link"])
def test_what_cannot_be_replaced_by_a_manifest_is_refused(unfinished, tmp_path, make):
    folder = shutil.copytree(unfinished, tmp_path / "copy")
    damages.replaced("manifest.json", make)(folder)
    done = run("scan", "--resume", folder, timeout=60)
    assert done.returncode == 65 and "manifest.json" in done.stderr, done.stderr


def test_an_unfinished_scan_is_read_as_far_as_it_is_committed_and_that_is_said(
        unfinished, quickstart, flags, tmp_path):
    committed = records.committed_count(unfinished)
    done = run("stats", unfinished, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["domain_records"] == committed
    assert any("unfinished (running)" in caution for caution in told["cautions"])
    assert "caution: " in run("stats", unfinished).stdout
    done = run("diff", quickstart.folder, unfinished, "--json")
    counts = json.loads(done.stdout.splitlines()[-1])["counts"]
    assert counts["changes"]["left_list"] == 0 and counts["new"]["domains"] == committed
    assert any("unfinished" in caution for caution in counts["cautions"])
    assert run("rejudge", unfinished, "--output", tmp_path / "new").returncode == 64
    listed = tmp_path / "list.txt"
    listed.write_text("a.invalid\n")
    done = run("scan", listed, "--output", tmp_path / "out", "--previous", unfinished, *flags)
    assert done.returncode == 0, done.stderr
    assert read_manifest(tmp_path / "out")["options"]["previous"]["cautions"]


def test_records_without_a_manifest_are_read_only_where_that_is_asked_for(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "copy")
    (folder / "manifest.json").unlink()
    done = run("stats", folder)
    assert (done.returncode, done.stdout) == (65, "")
    assert "manifest.json is not there" in done.stderr
    done = run("stats", folder, "--partial", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["domain_records"] == len(read_records(finished, "domains"))


def test_records_of_a_newer_program_are_refused_with_both_versions(
        finished, quickstart, flags, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "copy")
    write_manifest(folder, read_manifest(folder) | {"schema_version": 3})
    for call in calls(folder, quickstart.folder, tmp_path, flags):
        for options in [[], ["--partial"]]:
            if options and call[0] == "rejudge":
                continue
            done = run(*call, *options)
            assert (done.returncode, done.stdout) == (65, ""), (call, done.stderr)
            assert "schema version 3, this program reads 1 to 2" in done.stderr
    checked = run("verify", folder)
    assert checked.returncode == 1 and "schema version 3" in checked.stdout


NEW_IN_VERSION_2 = {
    "body_is_coded", "content_encoding", "dane_error", "dane_failure", "dane_relations",
    "ehlo_code", "ehlo_reply",
    "extended_error_text", "extended_errors", "extended_key_usages", "greeting_code", "inferred",
    "issuer_organization", "lifetime_days", "list", "names_ocsp_responder", "networks",
    "path_length", "reply_deviations", "requiretls", "security_bits", "server_name",
    "starttls_code", "tls_alert_code", "tls_ehlo_code", "tls_ehlo_reply", "tlsrpt_draft",
    "vantage", "verdicts"}


def of_version_1(value):
    """A value of a record without what version 2 of the schema has added."""
    if isinstance(value, dict):
        return {key: of_version_1(item) for key, item in value.items()
                if key not in NEW_IN_VERSION_2}
    return [of_version_1(item) for item in value] if isinstance(value, list) else value


def rewrite(folder, files):
    """Writes files of records as version 1 would have, as far as they are committed."""
    for file in files:
        path = folder / file["name"]
        whole = path.read_bytes()[:file["bytes"]]
        text = subprocess.run(["zstd", "-dc"], input=whole, capture_output=True, check=True).stdout
        lines = [of_version_1(json.loads(line)) | {"schema_version": 1}
                 for line in text.splitlines() if line]
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        path.write_bytes(subprocess.run(
            ["zstd", "-c"], input=text.encode(), capture_output=True, check=True).stdout)
        file["bytes"] = path.stat().st_size
        file.pop("sha256")


def older(folder):
    """Makes a folder what version 1 of the schema has written: other keys, and no checksums."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest.pop("sha256")
    files = manifest["domain_files"] + manifest["host_files"]
    path_of_checkpoint = folder / "checkpoint.json"
    if path_of_checkpoint.exists():
        checkpoint = json.loads(path_of_checkpoint.read_text())
        checkpoint.pop("sha256"), checkpoint.pop("schemaVersion")
        rewrite(folder, checkpoint["domainFiles"] + checkpoint["hostFiles"])
        path_of_checkpoint.write_text(json.dumps(checkpoint | {"format": 1}))
        for file in files:
            file.pop("sha256", None)
    else:
        rewrite(folder, files)
    path.write_text(json.dumps(manifest | {"schema_version": 1}, indent=2) + "\n")


def test_a_folder_of_an_earlier_version_is_read_with_a_notice(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "copy")
    older(folder)
    checked = run("verify", folder)
    assert checked.returncode == 0, checked.stdout
    assert "without checksums" in checked.stdout
    done = run("stats", folder, "--json")
    assert done.returncode == 0
    cautions = json.loads(done.stdout)["cautions"]
    assert any("without checksums" in caution for caution in cautions)
    assert any("is of schema version 1" in caution and "rejudge" in caution for caution in cautions)
    assert run("rejudge", folder, "--output", tmp_path / "rejudged").returncode == 0
    assert read_manifest(tmp_path / "rejudged")["schema_version"] == 2
    assert run("verify", tmp_path / "rejudged").returncode == 0
    (folder / OTHER).write_bytes((folder / OTHER).read_bytes()[:-1])
    assert run("stats", folder).returncode == 65


def test_a_scan_of_an_earlier_version_is_read_and_not_resumed(unfinished, tmp_path):
    folder = shutil.copytree(unfinished, tmp_path / "copy")
    older(folder)
    before = contents(folder)
    done = run("scan", "--resume", folder)
    assert done.returncode == 65 and "is of schema version 1" in done.stderr
    assert "the version of stsurvey that began it" in done.stderr
    assert contents(folder) == before
    assert run("stats", folder).returncode == 0
    assert run("verify", folder).returncode == 0


def test_what_lies_beside_a_scan_is_no_problem(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "copy")
    for name in ["README.md", "report.html", "SHA256SUMS", "domains.csv", ".hidden",
                 "manifest.json.new-17", "manifest.json.bak"]:
        (folder / name).write_text("x")
    (folder / "figures").mkdir()
    done = run("verify", folder)
    assert done.returncode == 0, done.stdout
    assert "README.md" in done.stdout and "interrupted: manifest.json.new-17" in done.stdout
    assert run("stats", folder).returncode == 0


def test_the_checksums_can_be_checked_with_standard_tools(finished, unfinished):
    for path in [finished / "manifest.json", unfinished / "checkpoint.json"]:
        digest = subprocess.run(
            f"head -n -2 '{path}' | sha256sum", shell=True, capture_output=True, text=True,
            check=True).stdout.split()[0]
        assert json.loads(path.read_text())["sha256"] == digest
    for file in read_manifest(finished)["domain_files"]:
        done = subprocess.run(
            ["sha256sum", finished / file["name"]], capture_output=True, text=True, check=True)
        assert done.stdout.split()[0] == file["sha256"]


def test_a_checkpoint_that_was_left_over_is_noted_and_another_one_is_a_damage(
        finished, unfinished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "copy")
    checkpoint = records.committed(unfinished)
    checkpoint.pop("sha256")
    seal(folder / "checkpoint.json", json.dumps(checkpoint))
    assert run("stats", folder).returncode == 65
    assert "names other files" in run("verify", folder).stdout
    # A kill between the last two steps of a scan leaves the last checkpoint.
    manifest = read_manifest(finished)
    count = len(read_records(finished, "domains"))
    checkpoint |= {
        "domainFiles": manifest["domain_files"], "hostFiles": manifest["host_files"],
        "lowWater": count, "finishedAbove": []}
    checkpoint["totals"]["records"] = {
        "domains": count, "hosts": len(read_records(finished, "hosts"))}
    seal(folder / "checkpoint.json", json.dumps(checkpoint))
    done = run("verify", folder)
    assert done.returncode == 0 and "is left over" in done.stdout
    assert run("stats", folder).returncode == 0


def test_a_folder_above_scans_names_them(finished):
    done = run("stats", finished.parent)
    assert done.returncode == 66 and str(finished) in done.stderr
    assert run("stats", finished / "nothing").returncode == 66
    assert run("scan", "--resume", finished / "nothing").returncode == 66
