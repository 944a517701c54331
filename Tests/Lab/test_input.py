"""What lists may look like, and what becomes of lines that name no domain."""

import gzip
import lzma
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from conftest import PROGRAM, ROOT, read_manifest, read_records

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
        "good.invalid", "two..dots.invalid", "192.0.2.1", "user@mail.invalid", "sp ace.invalid"))
    bad = {record["line"]: record for record in result.domains if record["status"] == "invalid_name"}
    reasons = {line: record["invalid_reason"] for line, record in bad.items()}
    assert reasons == {
        2: "empty_label", 3: "ip_address", 4: "email_address", 5: "bad_character"}
    assert all(record["domain"] is None and record["verdict"] is None for record in bad.values())
    assert bad[3]["input"] == "192.0.2.1"


def test_a_repeated_name_has_a_record_for_each_line_unless_unique(scan, write_list):
    path = write_list("one.invalid", "two.invalid", "ONE.invalid.")
    assert names(scan(path)) == ["one.invalid", "two.invalid", "one.invalid"]
    assert names(scan(path, "--unique")) == ["one.invalid", "two.invalid"]


def test_a_missing_list_is_told_by_name(scan, write_list, tmp_path):
    from conftest import run
    done = run("scan", tmp_path / "nowhere.txt", "--output", tmp_path / "out",
               "--name-servers", "127.0.0.1:10053")
    assert done.returncode == 65
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
    while not has_open(process, path):
        time.sleep(0.01)
    with path.open("a") as file:
        file.write("late.invalid\n")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 65, errors
    assert f"{path}: the list had" in errors
    assert read_manifest(tmp_path / "out")["problems"]
