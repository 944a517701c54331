"""`stsurvey verify` passes whole scans, and names each kind of damage."""

import json
import shutil
import signal
import subprocess
import time

import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, note_file, run, write_manifest


def verify(folder, *options):
    """Runs verify --json; its exit code and its report."""
    process = run("verify", folder, "--json", *options)
    assert process.returncode in (0, 1), process.stderr
    return process.returncode, json.loads(process.stdout)


def check_clean(folder):
    code, report = verify(folder)
    assert (code, report["problems"]) == (0, [])
    return report


@pytest.fixture
def copy(quickstart, tmp_path):
    """A copy of the quickstart's scan, to be damaged."""
    return shutil.copytree(quickstart.folder, tmp_path / "copy")


def edit(folder, kind, change):
    """Rewrites the first file of a kind: change takes its lines and may return others."""
    path = folder / f"{kind}-00000.ndjson.zst"
    lines = subprocess.run(["zstdcat", path], capture_output=True, check=True).stdout.splitlines()
    lines = change(lines) or lines
    text = b"".join(line + b"\n" for line in lines)
    # Frames of a hundred lines or so, so that there is more than one.
    parts = [text[at:end] for at, end in cuts(text)]
    path.write_bytes(b"".join(
        subprocess.run(["zstd", "-qc", "--check"], input=part, capture_output=True,
                       check=True).stdout for part in parts))
    change_manifest(folder, lambda m: note_file(m, path))


def cuts(text):
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + 200_000) + 1 or len(text)
        yield start, end
        start = end


def change_manifest(folder, change):
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    write_manifest(folder, manifest)


def change_record(line, **values):
    record = json.loads(line)
    record.update(values)
    return json.dumps(record, ensure_ascii=False).encode()


def test_whole_scans_pass(quickstart, zoo):
    report = check_clean(quickstart.folder)
    assert report["state"] == "complete"
    assert report["domains"] == len(quickstart.domains)
    assert report["hosts"] == len(quickstart.hosts)
    assert report["notes"] == []
    check_clean(zoo.folder)
    text = run("verify", quickstart.folder)
    assert text.returncode == 0
    assert text.stdout.endswith("nothing is wrong\n")


def test_a_list_with_repeated_names_and_bad_lines_passes(scan, write_list):
    names = write_list("a.example", "b.example", "a.example", "-bad-", "# no entry", "b.example")
    check_clean(scan(names).folder)
    report = check_clean(scan(names, "--unique").folder)
    assert report["domains"] == 3


def test_a_scan_is_checked_while_it_runs_when_it_is_killed_and_when_it_has_gone_on(
        flags, tmp_path):
    folder = tmp_path / "out"
    names = tmp_path / "list.txt"
    names.write_text(QUICKSTART.read_text() * 4)
    process = subprocess.Popen(
        [PROGRAM, "scan", names, "--output", folder, "--checkpoint-interval", "0.1", *flags],
        cwd=ROOT, stderr=subprocess.DEVNULL)
    reports = []
    while process.poll() is None and (not reports or reports[-1]["domains"] < 300):
        if (folder / "manifest.json").exists():
            reports.append(check_clean(folder))
        time.sleep(0.1)
    assert reports[-1]["state"] == "running"
    process.send_signal(signal.SIGKILL)
    process.wait()
    report = check_clean(folder)
    assert report["domains"] >= 300
    assert "last checkpoint" in report["notes"][0]
    resumed = run("scan", "--resume", folder, "--rotate-size", "1")
    assert resumed.returncode == 0, resumed.stderr
    report = check_clean(folder)
    assert report["state"] == "complete"
    assert report["files"] > 2


def flip_a_byte(folder):
    path = folder / "domains-00000.ndjson.zst"
    octets = bytearray(path.read_bytes())
    octets[len(octets) // 2] ^= 1
    path.write_bytes(octets)


def flip_an_unused_bit(folder):
    """RFC 8878 3.1.1.1.1.3: decoders pay no heed to it."""
    path = folder / "domains-00000.ndjson.zst"
    octets = bytearray(path.read_bytes())
    octets[4] ^= 0b0001_0000
    path.write_bytes(octets)


def alter(word, other):
    def change(folder):
        path = folder / "manifest.json"
        text = path.read_text()
        assert word in text
        path.write_text(text.replace(word, other))
    change.__name__ = f"alter_{word}"
    return change


def cut_a_file(folder):
    path = folder / "hosts-00000.ndjson.zst"
    path.write_bytes(path.read_bytes()[:-3])


def remove_a_file(folder):
    (folder / "hosts-00000.ndjson.zst").unlink()


def add_a_file(folder):
    shutil.copy(folder / "domains-00000.ndjson.zst", folder / "domains-00001.ndjson.zst")


def remove_a_line(folder):
    edit(folder, "domains", lambda lines: lines[:600] + lines[601:])


def repeat_a_record(folder):
    edit(folder, "domains", lambda lines: [*lines, lines[3]])


def repeat_a_host(folder):
    edit(folder, "hosts", lambda lines: [lines[7], *lines])


def remove_a_host(folder):
    edit(folder, "hosts", lambda lines: [
        line for line in lines if b'"host":"mx1.govmail.lab"' not in line])


def give_a_record_a_strange_index(folder):
    edit(folder, "domains", lambda lines: [change_record(lines[0], index=10**12), *lines[1:]])


def remove_a_key(folder):
    def change(lines):
        record = json.loads(lines[650])
        del record["sts_mode"]
        lines[650] = json.dumps(record).encode()
    edit(folder, "domains", change)


def add_a_key(folder):
    edit(folder, "hosts", lambda lines: [change_record(lines[0], colour="red"), *lines[1:]])


def write_a_word_unknown(folder):
    edit(folder, "hosts", lambda lines: [
        change_record(lines[0], certificate_status="\x1b[31mfine"), *lines[1:]])


def write_null_where_none_may_be(folder):
    edit(folder, "domains", lambda lines: [change_record(lines[0], index=None), *lines[1:]])


def write_a_string_for_a_number(folder):
    edit(folder, "domains", lambda lines: [change_record(lines[0], mx_count="2"), *lines[1:]])


def write_a_bad_time(folder):
    edit(folder, "domains", lambda lines: [
        change_record(lines[0], scanned_at="2026-13-01T00:00:00Z"), *lines[1:]])


def write_another_version(folder):
    edit(folder, "domains", lambda lines: [change_record(lines[0], schema_version=99), *lines[1:]])


def break_a_line(folder):
    edit(folder, "domains", lambda lines: [lines[0][:-5], *lines[1:]])


def edit_the_totals(folder):
    change_manifest(folder, lambda m: m["totals"]["verdict"].update(refused=1))


def change_a_verdict(folder):
    edit(folder, "domains", lambda lines: [
        change_record(lines[0], verdict="protected_dane"), *lines[1:]])


def break_the_manifest(folder):
    (folder / "manifest.json").write_text('{"program": ')


def remove_the_manifest(folder):
    (folder / "manifest.json").unlink()


def lose_the_checkpoint(folder):
    change_manifest(folder, lambda m: m.update(state="stopped"))


@pytest.mark.parametrize("damage, kind, message", [
    (flip_a_byte, "frame", "frame "),
    (flip_a_byte, "record_count", "1000 were written"),
    (flip_an_unused_bit, "file_digest", "was altered"),
    (cut_a_file, "torn_tail", "ends inside a frame"),
    (cut_a_file, "file_length", "were written"),
    (remove_a_file, "missing_file", "is not there"),
    (add_a_file, "stray_file", "does not belong here"),
    (remove_a_line, "missing_index", "has no record"),
    (remove_a_line, "record_count", "has 999 records, 1000 were written"),
    (remove_a_line, "totals", "records domains is 1000 in the totals, 999 in the records"),
    (repeat_a_record, "duplicate_index", "has a record before this one"),
    (repeat_a_host, "duplicate_host", "has a record before this one"),
    (remove_a_host, "missing_host", "mx[0].host \"mx1.govmail.lab\", observation "),
    (give_a_record_a_strange_index, "unexpected_index", "index 1000000000000 is of no entry"),
    (remove_a_key, "schema", "the key 'sts_mode' is missing"),
    (add_a_key, "schema", "the key 'colour' is not in the schema"),
    (write_a_word_unknown, "schema", "not a word of its vocabulary"),
    (write_null_where_none_may_be, "schema", "index is null"),
    (write_a_string_for_a_number, "schema", "mx_count is \"2\", not an integer"),
    (write_a_bad_time, "schema", "scanned_at is \"2026-13-01T00:00:00Z\", not a timestamp"),
    (write_another_version, "schema", "schema_version is 99, that of the scan is 2"),
    (break_a_line, "json", "is not JSON"),
    (edit_the_totals, "totals", "verdict refused is 1 in the totals"),
    (change_a_verdict, "totals", "verdict protected_dane is"),
    (break_the_manifest, "manifest", "manifest.json"),
    (remove_the_manifest, "manifest", "manifest.json"),
    (lose_the_checkpoint, "checkpoint", "is not there"),
    (alter('"version": "', '"version": "9'), "manifest", "was altered"),
    (alter('"trusts_ad": true', '"trusts_ad": false'), "manifest", "was altered"),
    (alter('"mx_limit": 64', '"mx_limit": 65'), "manifest", "was altered"),
    (alter('"schema_version": 2', '"schema_version": 3'), "schema_version",
     "is of schema version 3, this program reads 1 to 2"),
    (alter('"schema_version": 2', '"schema_version": 1'), "manifest", "was altered"),
], ids=lambda value: getattr(value, "__name__", None))
def test_each_kind_of_damage_is_found_and_named(copy, damage, kind, message):
    damage(copy)
    code, report = verify(copy)
    assert code == 1
    found = [p for p in report["problems"] if p["kind"] == kind]
    texts = [f"{p['file']} {p['message']}" for p in found]
    assert any(message in text for text in texts), report["problems"]
    assert report["problem_count"] == sum(report["problem_counts"].values())


def test_a_problem_is_named_by_file_line_and_frame_and_cannot_steer_a_terminal(copy):
    write_a_word_unknown(copy)
    remove_a_key(copy)
    process = run("verify", copy)
    assert process.returncode == 1
    assert f"{copy}/domains-00000.ndjson.zst: line 651 (frame " in process.stdout
    line = f"{copy}/hosts-00000.ndjson.zst: line 1 (frame 1)"
    assert f"{line}: certificate_status is" in process.stdout
    assert "\x1b" not in process.stdout


def test_many_problems_are_counted_and_a_few_told(copy):
    edit(copy, "domains", lambda lines: [change_record(line, mx_count="x") for line in lines])
    code, report = verify(copy, "--limit", "3")
    assert code == 1
    assert report["problem_counts"]["schema"] == 1000
    assert len([p for p in report["problems"] if p["kind"] == "schema"]) == 3


def test_keys_may_stand_in_any_order(copy):
    edit(copy, "domains", lambda lines: [
        json.dumps(dict(reversed(json.loads(line).items()))).encode() for line in lines])
    check_clean(copy)


def test_a_changed_list_is_told_and_one_that_is_gone_is_noted(scan, write_list):
    names = write_list("a.example", "b.example")
    folder = scan(names).folder
    names.write_text("a.example\nc.example\n")
    code, report = verify(folder)
    assert code == 1
    assert [p["kind"] for p in report["problems"]] == ["list_changed"]
    assert report["problems"][0]["file"] == str(names)
    names.unlink()
    report = check_clean(folder)
    assert str(names) in report["notes"][0]


def test_a_folder_without_a_scan_is_not_checked(tmp_path):
    assert run("verify", tmp_path / "nothing").returncode == 66
    process = run("verify", tmp_path)
    assert process.returncode == 66
    assert "holds no scan" in process.stderr
