"""Lists as people have them: what is understood of them, and what of them records keep."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import subprocess
import threading

import pytest

from helpers.program import PROGRAM, read_manifest, read_records, run

MAJESTIC = """GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs,IDN_Domain,IDN_TLD,PrevGlobalRank
1,1,one.invalid,invalid,500,900,one.invalid,invalid,1
2,2,two.invalid,invalid,400,800,two.invalid,invalid,2
"""
ZONE = """$ORIGIN invalid.
$TTL 86400
@ IN SOA ns admin ( 1 ; serial
    2 3 4 5 )
ONE NS ns1.one
    NS ns2.one
two.invalid. 86400 in ns ns.example.
ns1.one A 192.0.2.1
ONE NS ns3.one
"""
TWO = ["one.invalid", "two.invalid"]


def sorted_records(scan):
    return sorted(scan.domains, key=lambda record: record["index"])


def names(scan):
    return [record["domain"] for record in sorted_records(scan)]


@pytest.mark.parametrize(("text", "understood"), [
    (MAJESTIC, "CSV, 9 columns, domain from column 3 'Domain', rank from 'GlobalRank'"),
    ('id,org,domain\n1,Acme,one.invalid\n2,"Foo, Inc.",two.invalid\n',
     "CSV, 3 columns, domain from column 3 'domain'"),
    ("origin,rank\nhttps://one.invalid,1000\nhttps://two.invalid,1000\n",
     "CSV, 2 columns, domain from column 1 'origin', rank from 'rank'"),
    ("Domain;Kunde\r\none.invalid;\"A\r\nB\"\r\ntwo.invalid;C\r\n", "CSV with semicolons"),
    ('{"host":"one.invalid"}\n{"host":"two.invalid"}\n', "NDJSON, domain from 'host'"),
    (ZONE, "a zone file of invalid, each delegation once"),
    ("0.0.0.0 localhost\n0.0.0.0 one.invalid two.invalid\n", "a hosts file"),
    ("jo@one.invalid\n*.two.invalid\n", "a name a line"),
    ("one.invalid, two.invalid\n", "a name a line, or several, with commas between"),
    ("domain,rank\rone.invalid,1\rtwo.invalid,2\r",
     "CSV, 2 columns, domain from column 1 'domain'"),
    ("||one.invalid^\n||two.invalid^$all\n", "a name a line"),
    ('{"domains":["one.invalid","two.invalid"]}\n', "NDJSON, domain from 'domains'"),
])
def test_a_list_is_understood_and_that_is_told(scan, write_list, text, understood):
    result = scan(write_list(raw=text.encode()), "--probe", "none")
    assert names(result) == TWO
    assert understood in result.process.stderr
    layout, = result.manifest["list_layouts"]
    assert layout["description"].startswith(understood)
    assert run("verify", result.folder).returncode == 0


@pytest.mark.parametrize(("name", "pack"), [
    ("z.gz", gzip.compress), ("z.bz2", bz2.compress), ("z.xz", lzma.compress),
    ("z.lzma", lambda raw: lzma.compress(raw, format=lzma.FORMAT_ALONE)),
    ("z.txt", lambda raw: raw.decode().encode("utf-16")),
    ("z.txt", lambda raw: raw.decode().encode("utf-16-le")),
    ("z.bz2", lambda raw: bz2.compress(raw.decode().encode("utf-16"))),
])
def test_a_zone_file_is_read_however_it_is_stored(scan, write_list, name, pack):
    result = scan(write_list(raw=pack(ZONE.encode()), name=name), "--probe", "none")
    assert names(result) == TWO
    assert [record["line"] for record in sorted_records(result)] == [5, 7]
    passed_over = result.manifest["list_statistics"]["passed_over"]
    assert passed_over == {"other_records": 4, "repeated_delegations": 2}


def test_what_a_zone_file_leaves_to_others_is_told(flags, tmp_path, scan, write_list):
    result = scan(
        write_list(raw=ZONE.encode() + b"$INCLUDE more.db\n$GENERATE 1-9 d$ NS ns\n"),
        "--probe", "none")
    assert names(result) == TWO
    assert result.manifest["list_statistics"]["passed_over"]["not_followed"] == 2
    assert "lacks records of its zone: its 2 $INCLUDE and $GENERATE are not followed" in (
        result.process.stderr)
    path = write_list(raw=b"@ IN SOA ns admin 1 2 3 4 5\n@ NS ns\none NS ns\n", name="db.zone")
    done = run("scan", path, "--output", tmp_path / "none", *flags)
    assert done.returncode == 64 and "name the zone with --origin" in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("raw", "words"), [
    (gzip.compress(gzip.compress(b"one.invalid\n", mtime=0), mtime=0), "compressed twice"),
    ("one.invalid\n".encode("utf-32"), "iconv -f UTF-32"),
    (bytes.fromhex("d0cf11e0a1b11ae1"), "save it as CSV"),
])
def test_what_is_no_text_is_refused_with_what_to_do(flags, tmp_path, write_list, raw, words):
    done = run("scan", write_list(raw=raw), "--output", tmp_path / "none", *flags)
    assert done.returncode == 65 and words in done.stderr
    assert not (tmp_path / "none").exists()


def test_tlds_in_the_first_row_are_entries(scan, write_list):
    result = scan(write_list(raw=b"com,1\nnet,2\n"), "--probe", "none")
    assert names(result) == ["com", "net"]


def test_a_list_of_other_things_is_refused_before_anything_is_asked(flags, tmp_path, write_list):
    path = write_list(raw=b"id,org\n1,Acme Inc\n2,Foo & Co\n3,one.invalid\n")
    done = run("scan", path, "--output", tmp_path / "out", *flags)
    assert done.returncode == 65
    assert "of its first 3 entries 2 name no domain" in done.stderr
    assert "bad_character, line 2: “Acme Inc”" in done.stderr
    assert "--column NAME|N (it has 1 'id', 2 'org')" in done.stderr
    assert "--accept-invalid" in done.stderr
    assert not (tmp_path / "out").exists()
    words = write_list(raw=b"id,org\n1,Acme\n2,Foo\n3,Baz\n")
    done = run("scan", words, "--output", tmp_path / "out", *flags)
    assert done.returncode == 65
    assert "single_label, line 2: “acme” is no top-level domain" in done.stderr


def test_a_pipe_is_looked_at_before_the_scan(flags, tmp_path):
    process = subprocess.Popen(
        [PROGRAM, "scan", "-", "--output", tmp_path / "out", *flags, "--probe", "none"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdin.write(b"id;url\n1;https://one.invalid/\n")
    process.stdin.flush()
    timer = threading.Timer(3, process.stdin.write, [b"2;https://two.invalid/\n"])
    timer.start()
    timer.join()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    found = read_records(tmp_path / "out", "domains")
    assert sorted(record["domain"] for record in found) == TWO


CARRIED = """domain,sector,contact,mails
one.invalid,bank,jane@secret.invalid,10
two.invalid,city,joe@secret.invalid,
three.invalid,city,x,5
"""


def test_columns_travel_and_nothing_else_of_a_line(scan, write_list, tmp_path):
    path = write_list(raw=CARRIED.encode())
    result = scan(path, "--probe", "none", "--carry", "sector,mails")
    found = sorted_records(result)
    assert [record["list"] for record in found] == [
        {"sector": "bank", "mails": "10"}, {"sector": "city", "mails": ""},
        {"sector": "city", "mails": "5"}]
    assert [record["input"] for record in found] == [*TWO, "three.invalid"]
    assert "secret" not in json.dumps(found)
    assert run("verify", result.folder).returncode == 0
    again = tmp_path / "again"
    assert run("rejudge", result.folder, "--output", again).returncode == 0
    rejudged = sorted(read_records(again, "domains"), key=lambda record: record["index"])
    assert [record["list"] for record in rejudged] == [record["list"] for record in found]
    kept = scan(path, "--probe", "none", "--keep-input", "--carry", "all")
    assert sorted_records(kept)[0]["input"] == "one.invalid,bank,jane@secret.invalid,10"
    assert list(sorted_records(kept)[0]["list"]) == ["sector", "contact", "mails"]


def test_groups_and_weights_are_counted(scan, write_list):
    result = scan(write_list(raw=CARRIED.encode()), "--probe", "none", "--carry", "all")
    done = run("stats", result.folder, "--json", "--by", "sector", "--weight", "mails")
    assert done.returncode == 0, done.stderr
    tables = json.loads(done.stdout)
    assert {row["group"]: row["domains"] for row in tables["groups"]} == {"city": 2, "bank": 1}
    weights = {row["what"]: row for row in tables["weights"]}
    assert weights["domains"]["weight"] == 15 and weights["domains"]["domains"] == 3
    assert weights["weight_unknown"]["domains"] == 1
    sums = {row["group"]: row["domains"] for row in tables["group_weights"]}
    assert sums == {"bank": 10, "city": 5}
    report = run("report", result.folder, "--output", "-", "--by", "sector")
    assert "Adoption by sector" in report.stdout
    missing = run("stats", result.folder, "--by", "nothing")
    assert missing.returncode == 64 and "--carry" in missing.stderr


def test_a_resumed_scan_reads_the_list_as_before(flags, tmp_path):
    path = tmp_path / "list.csv"
    rows = [f'{number},"a\nb",name{number}.invalid' for number in range(20_000)]
    path.write_text("id,note,host\n" + "\n".join(rows) + "\n")
    folder = tmp_path / "out"
    process = subprocess.Popen(
        [PROGRAM, "scan", path, "--output", folder, *flags, "--probe", "none", "--max-dns-rate",
         "3000", "--carry", "id", "--checkpoint-interval", "0.2"], stderr=subprocess.PIPE,
        text=True)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=4)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 75
    changed = run("scan", "--resume", folder, "--column", "id")
    assert changed.returncode == 64 and "--column" in changed.stderr
    done = run("scan", "--resume", folder, "--max-dns-rate", "0")
    assert done.returncode == 0, done.stderr
    found = sorted(read_records(folder, "domains"), key=lambda record: record["index"])
    assert [record["domain"] for record in found] == [f"name{n}.invalid" for n in range(20_000)]
    assert [record["line"] for record in found] == [2 + 2 * n for n in range(20_000)]
    assert [record["list"]["id"] for record in found] == [str(n) for n in range(20_000)]
    assert read_manifest(folder)["list_statistics"]["continuations"] == 20_000
