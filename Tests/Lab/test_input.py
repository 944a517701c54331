"""What lists may look like, and what becomes of lines that name no domain."""

import gzip
import json
import lzma
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from helpers.program import PROGRAM, ROOT, read_manifest, read_records, run, seal
from soak.disk import PLAIN_ROOT

NAMES = ["one.invalid", "two.invalid", "three.invalid"]


def names(scan):
    return [record["domain"] for record in sorted(scan.domains, key=lambda record: record["index"])]


def test_plain_and_compressed_lists_give_the_same(scan, write_list):
    text = "\n".join(NAMES).encode() + b"\n"
    zstd = subprocess.run(["zstd", "-c"], input=text, capture_output=True, check=True).stdout
    for name, raw in [
        ("list.txt", text), ("list.gz", gzip.compress(text)), ("list.xz", lzma.compress(text)),
        ("list.zst", zstd),
    ]:
        assert names(scan(write_list(raw=raw, name=name))) == NAMES, name


def test_standard_input(scan):
    assert names(scan("-", input="\n".join(NAMES))) == NAMES


def test_ranks_comments_blank_lines_case_and_dots(scan, write_list):
    raw = b"# a comment\r\n\r\n1,One.INVALID.\r\n2,two.invalid\n\n3,m\xc3\xbcnchen.invalid\n"
    result = scan(write_list(raw=raw))
    assert names(result) == ["one.invalid", "two.invalid", "xn--mnchen-3ya.invalid"]
    records = sorted(result.domains, key=lambda record: record["index"])
    assert [record["rank"] for record in records] == [1, 2, 3]
    assert [record["line"] for record in records] == [3, 4, 6]


def test_a_line_that_is_no_name_has_a_record_with_its_line_and_reason(scan, write_list):
    result = scan(write_list(
        "good.invalid", "two..dots.invalid", "192.0.2.1", "user@mail..invalid", "sp ace.invalid"),
        "--accept-invalid")
    bad = {record["line"]: record for record in result.domains
           if record["status"] == "invalid_name"}
    reasons = {line: record["invalid_reason"] for line, record in bad.items()}
    assert reasons == {
        2: "empty_label", 3: "ip_address", 4: "empty_label", 5: "bad_character"}
    assert all(record["domain"] is None and record["verdict"] is None for record in bad.values())
    assert bad[3]["input"] == "192.0.2.1"
    assert bad[4]["input"] is None and bad[5]["input"] is None
    assert result.manifest["list_statistics"]["invalid_reasons"] == {
        "empty_label": 2, "ip_address": 1, "bad_character": 1}
    assert "2  name no domain: empty_label" in result.process.stderr


def test_a_repeated_name_has_a_record_for_each_line_unless_unique(scan, write_list):
    path = write_list("one.invalid", "two.invalid", "ONE.invalid.")
    assert names(scan(path)) == ["one.invalid", "two.invalid", "one.invalid"]
    assert names(scan(path, "--unique")) == ["one.invalid", "two.invalid"]


def test_a_missing_list_is_told_by_name(scan, write_list, tmp_path):
    done = run("scan", tmp_path / "nowhere.txt", "--output", tmp_path / "out",
               "--name-servers", "127.0.0.1:10053")
    assert done.returncode == 66
    assert "nowhere.txt" in done.stderr


def test_a_list_that_breaks_off_is_told_and_what_came_before_is_scanned(scan, write_list):
    text = "".join(f"name{number}.invalid\n" for number in range(20_000)).encode()
    result = scan(write_list(raw=gzip.compress(text)[:-2000], name="cut.gz"), returncode=65)
    assert "cut.gz" in result.process.stderr
    assert 0 < len(result.domains) < 20_000
    assert len(read_records(result.folder, "domains")) == len(result.domains)


def has_open(process, path):
    for descriptor in Path(f"/proc/{process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            if descriptor.readlink() == path:
                return True
    return False


def test_a_list_that_changes_while_it_is_read_is_told(flags, tmp_path):
    path = tmp_path / "growing.txt"
    path.write_text("".join(f"name{number}.invalid\n" for number in range(100_000)))
    process = subprocess.Popen(
        [PROGRAM, "scan", path, "--output", tmp_path / "out", "--probe", "none", *flags],
        stderr=subprocess.PIPE, text=True, cwd=ROOT)
    # It is looked at before the folder is made.
    while not (tmp_path / "out/manifest.json").exists() or not has_open(process, path):
        time.sleep(0.01)
    with path.open("a") as file:
        file.write("late.invalid\n")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 65, errors
    assert f"{path}: the list had" in errors
    assert read_manifest(tmp_path / "out")["problems"]


# MARK: Lists that do not open, or end before their end

def nothing_made(folder, done, code, *words):
    assert done.returncode == code, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr
    assert not folder.exists()


def test_a_list_that_does_not_open_begins_no_scan(tmp_path, write_list):
    """No name server is there: none is asked."""
    folder = tmp_path / "deep/out"
    good = write_list(*NAMES)
    closed = write_list(*NAMES, name="closed.txt")
    closed.chmod(0)
    (tmp_path / "loop").symlink_to("loop")
    options = ["--output", folder, "--name-servers", "127.0.0.1:9"]
    plain = PLAIN_ROOT if os.getuid() == 0 else []
    for lists, code, words in [
        ([good, tmp_path / "nosuch.txt"], 66, ["nosuch.txt", "No such file"]),
        ([tmp_path / "nosuch.txt", good], 66, ["nosuch.txt", "No such file"]),
        ([tmp_path], 66, [str(tmp_path), "directory"]),
        ([f"{good}/x"], 66, ["Not a directory"]), ([tmp_path / "loop"], 66, ["loop"]),
        ([good, closed], 66, ["closed.txt", "Permission denied"]),
        (["-", "-"], 64, ["twice"]), (["-", "/dev/stdin"], 64, ["twice"]),
        ([write_list(raw=b"PK\x03\x04....", name="top.zip")], 65, ["top.zip", "ZIP"]),
    ]:
        done = subprocess.run(
            [*plain, PROGRAM, "scan", *lists, *options], input="", capture_output=True, text=True)
        nothing_made(folder.parent, done, code, *words)
    for redirection in ("<&-", f"<{tmp_path}", ">&- <&- 2>&1 | cat"):
        done = subprocess.run(
            ["bash", "-c", f'"$@" {redirection}', "bash", PROGRAM, "scan", "-", *options],
            capture_output=True, text=True)
        assert not folder.parent.exists()
        if "|" not in redirection:
            nothing_made(folder.parent, done, 66, "the list -")


def test_a_pipe_is_read_when_its_writer_comes(scan, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen(["sh", "-c", f"sleep 1; printf 'a.invalid\\nb.invalid\\n' > {pipe}"])
    assert names(scan(pipe)) == ["a.invalid", "b.invalid"]
    assert writer.wait() == 0


def stop_early(path, folder, flags, cwd, *more):
    """A scan that a signal stops in the middle."""
    process = subprocess.Popen(
        [PROGRAM, "scan", path, "--output", folder, *flags, "--probe", "none", *more,
         "--max-dns-rate", "3000", "--checkpoint-interval", "0.2"],
        stderr=subprocess.PIPE, text=True, cwd=cwd)
    time.sleep(1.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 75, errors


def many(path, count=20_000):
    path.write_text("".join(f"name{number}.invalid\n" for number in range(count)))
    return path


def state(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_a_scan_is_resumed_from_any_folder_and_its_lists_may_move(flags, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    folder = tmp_path / "out"
    shutil.copyfile(flags[flags.index("--ca-file") + 1], tmp_path / "here/ca.pem")
    (tmp_path / "here/block").write_text("blocked.invalid\n")
    path = many(tmp_path / "here/list.txt")
    stop_early("list.txt", folder, flags, tmp_path / "here", "--ca-file", "ca.pem",
               "--blocklist-file", "block")
    before = state(folder)
    moved = path.rename(tmp_path / "there/moved.txt")
    done = subprocess.run([PROGRAM, "scan", "--resume", folder], cwd=tmp_path / "there",
                          capture_output=True, text=True)
    assert done.returncode == 66
    assert "list.txt" in done.stderr and f"--resume {folder} NEWPATH" in done.stderr
    assert state(folder) == before
    other = many(tmp_path / "there/other.txt")
    other.write_text(other.read_text().replace("name7.", "name8."))
    done = run("scan", "--resume", folder, other)
    assert done.returncode == 65 and "has changed" in done.stderr
    stop_resumed(folder, moved, tmp_path / "there")
    done = run("scan", "--resume", folder, "--max-dns-rate", "0")
    assert done.returncode == 0, done.stderr
    found = read_records(folder, "domains")
    assert len(found) == 20_000
    assert {record["source"] for record in found} == {"list.txt"}
    assert read_manifest(folder)["lists"][0]["name"] == "list.txt"


def stop_resumed(folder, path, cwd):
    """Resumes with the list in its new place, and stops again: the place is kept."""
    process = subprocess.Popen(
        [PROGRAM, "scan", "--resume", folder, path.name], cwd=cwd, stderr=subprocess.PIPE,
        text=True)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 75, errors


def test_a_list_that_breaks_off_can_be_resumed_once_it_is_whole(scan, tmp_path, write_list):
    text = "".join(f"name{number}.invalid\n" for number in range(20_000)).encode()
    whole = gzip.compress(text)
    path = write_list(raw=whole[:-2000], name="cut.gz")
    behind = write_list("last.invalid", name="behind.txt")
    result = scan(path, behind, "--probe", "none", returncode=65)
    assert result.manifest["state"] == "stopped" and result.manifest["problems"]
    assert f"--resume {result.folder}" in result.process.stderr
    assert "last.invalid" not in names(result)
    again = run("scan", "--resume", result.folder)
    assert again.returncode == 65 and "truncated" in again.stderr
    path.write_bytes(whole)
    done = run("scan", "--resume", result.folder)
    assert done.returncode == 0, done.stderr
    found = sorted(read_records(result.folder, "domains"), key=lambda record: record["index"])
    assert [record["input"] for record in found] == [*text.decode().split(), "last.invalid"]
    assert read_manifest(result.folder)["state"] == "complete"
    assert run("verify", result.folder).returncode == 0


def test_a_damaged_list_ends_no_scan_as_complete(scan, write_list):
    octets = bytearray(lzma.compress(
        "".join(f"name{number}.invalid\n" for number in range(50_000)).encode()))
    octets[len(octets) // 2] ^= 0xFF
    result = scan(write_list(raw=octets, name="bad.xz"), "--probe", "none", returncode=65)
    assert result.manifest["state"] == "stopped"
    assert "bad.xz" in result.process.stderr and "another folder" in result.process.stderr


def test_a_list_that_is_gone_when_its_turn_comes_can_be_given_again(flags, tmp_path):
    first, second = many(tmp_path / "first.txt", 12_000), many(tmp_path / "second.txt", 10)
    folder = tmp_path / "out"
    process = subprocess.Popen(
        [PROGRAM, "scan", first, second, "--output", folder, *flags, "--probe", "none",
         "--max-dns-rate", "5000", "--shuffle-window", "1"], stderr=subprocess.PIPE, text=True)
    # They are looked at before the folder is made.
    while not (folder / "manifest.json").exists() or not has_open(process, first):
        time.sleep(0.01)
    moved = second.rename(tmp_path / "moved.txt")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 65, errors
    assert "second.txt" in errors and f"--resume {folder}" in errors
    assert read_manifest(folder)["state"] == "stopped"
    done = run("scan", "--resume", folder, first, moved)
    assert done.returncode == 0, done.stderr
    found = read_records(folder, "domains")
    assert len(found) == 12_010
    assert {record["source"] for record in found} == {str(first), str(second)}


def test_a_checkpoint_with_a_relative_path_is_read_from_the_working_folder(flags, tmp_path):
    many(tmp_path / "list.txt")
    folder = tmp_path / "out"
    stop_early("list.txt", folder, flags, tmp_path)
    checkpoint = folder / "checkpoint.json"
    document = json.loads(checkpoint.read_text())
    del document["options"]["listPaths"]
    del document["sha256"]
    seal(checkpoint, json.dumps(document))
    done = subprocess.run([PROGRAM, "scan", "--resume", folder], cwd="/", capture_output=True,
                          text=True)
    assert done.returncode == 66 and "list.txt" in done.stderr and "NEWPATH" in done.stderr
    done = subprocess.run([PROGRAM, "scan", "--resume", folder, "--max-dns-rate", "0"],
                          cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(read_records(folder, "domains")) == 20_000


@pytest.mark.parametrize(("raw", "words"), [
    (b"", ["is empty"]), (b"# nothing\n\n", ["names no domain"]),
    (b"<!doctype html>\n<html>\n", ["seems to be HTML", "names no domain"]),
    (b"\x7fELF\0\0\0\n\0\0", ["seems to be binary", "names no domain"]),
    (b"1,192.0.2.1\n2,192.0.2.2\n", ["none of its 2 lines"]),
])
def test_a_list_without_names_is_told(scan, write_list, raw, words):
    result = scan(write_list(raw=raw), "--quiet", "--accept-invalid")
    for word in words:
        assert word in result.process.stderr
