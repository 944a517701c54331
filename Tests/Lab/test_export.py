"""scripts/export: tables of Parquet and CSV, compared value by value with the records."""

import csv
import json
import os
import shutil
import signal
import subprocess
import time

import duckdb
import polars
import pytest

from helpers.program import (
    QUICKSTART,
    ROOT,
    note_file,
    read_manifest,
    read_records,
    run,
    write_manifest,
)

EXPORT = ROOT / "scripts/export"


def export(*arguments, **options):
    return subprocess.run([EXPORT, *map(str, arguments)], capture_output=True, text=True,
                          cwd=ROOT, timeout=600, **options)


@pytest.fixture(scope="module")
def carried(scan, tmp_path_factory):
    """The lab's list with two columns beside the domain; one is named like a key of a record."""
    path = tmp_path_factory.mktemp("list") / "list.csv"
    names = [line for line in QUICKSTART.read_text().splitlines() if line and line[0] != "#"]
    rows = [f"{name},sector {place % 3},{place}" for place, name in enumerate(names)]
    path.write_text("\n".join(["domain,sector,verdict", *rows]) + "\n")
    return scan(path, "--carry", "all")


@pytest.fixture(scope="module")
def exported(carried, tmp_path_factory):
    """The folder of each form of an export."""
    folder = tmp_path_factory.mktemp("export")
    forms = {"parquet": [], "csv": ["--format", "csv"], "json": ["--nested", "json"],
             "struct": ["--nested", "struct"]}
    for name, options in forms.items():
        done = export(carried.folder, "--output", folder / name, *options)
        assert done.returncode == 0, done.stderr
    return folder


def codebook(folder):
    with (folder / "codebook.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def value_of(record, key):
    """What a record has under the key of a column: `mx[].host` is a list."""
    head, dot, rest = key.partition(".")
    if head.endswith("[]"):
        return [value_of(item, rest) for item in record[head[:-2]]]
    value = record.get(head)
    return value_of(value, rest) if dot and value is not None else value


def as_record(value):
    """A value of a table as the record has it."""
    if hasattr(value, "strftime"):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, list):
        return [as_record(item) for item in value]
    if isinstance(value, dict):
        return {key: as_record(item) for key, item in value.items()}
    return value


@pytest.mark.parametrize("kind, keys", [("domains", ["index"]), ("hosts", ["host"])])
def test_every_value_is_that_of_the_record(carried, exported, kind, keys):
    rows = polars.read_parquet(exported / f"parquet/{kind}-*.parquet").to_dicts()
    records = {tuple(r[key] for key in keys): r for r in read_records(carried.folder, kind)}
    assert len(rows) == len(records) > 300
    columns = [row for row in codebook(exported / "parquet") if row["table"] == kind and row["key"]]
    assert {row["column"] for row in columns} | {"scan", "observations"} >= set(rows[0])
    for row in rows:
        record = records[tuple(row[key] for key in keys)]
        for column in columns:
            found = as_record(row[column["column"]])
            assert found == value_of(record, column["key"]), (column, record)


def test_columns_have_types_meanings_and_the_scans_in_their_metadata(exported):
    frame = polars.read_parquet(exported / "parquet/domains-*.parquet")
    types = {name: str(kind) for name, kind in frame.schema.items()}
    assert types["verdict"].startswith(("Categorical", "Enum"))
    assert types["scanned_at"].startswith("Datetime") and "UTC" in types["scanned_at"]
    assert types["depends_on_sender"] == "Boolean" and types["mx_count"] == "Int64"
    assert types["mx_hosts"] == "List(String)" and types["list_sector"] == "String"
    # A column of the list is never taken for a key of the record.
    assert frame["list_verdict"].to_list()[0].isdigit()
    script = ("import json, sys, pyarrow.parquet as p; s = p.read_schema(sys.argv[1]); "
              "print(json.dumps([{k.decode(): json.loads(v) for k, v in s.metadata.items()}, "
              "{f.name: {k.decode(): v.decode() for k, v in f.metadata.items()} for f in s}]))")
    done = subprocess.run(
        [ROOT / ".build/export/bin/python", "-c", script,
         exported / "parquet/domains-00000.parquet"], capture_output=True, text=True, check=True)
    stored, fields = json.loads(done.stdout)
    schema = json.loads(run("schema").stdout)["properties"]
    assert fields["verdict"]["description"] == schema["verdict"]["description"]
    assert fields["verdict"]["values"].split() == [v for v in schema["verdict"]["enum"] if v]
    [scan] = stored["stsurvey.scans"]
    assert scan["state"] == "complete" and scan["schema_version"] == 2
    assert len(stored["stsurvey.columns"]) == len(frame.columns)
    # Of the list and of the machine there is nothing in the metadata.
    assert "list.csv" not in json.dumps(stored)


def test_nested_detail_is_an_option(carried, exported):
    records = {r["index"]: r for r in read_records(carried.folder, "domains")}
    structs = polars.read_parquet(exported / "struct/domains-*.parquet").to_dicts()
    texts = polars.read_parquet(exported / "json/domains-*.parquet").to_dicts()
    for row, text in zip(structs, texts, strict=True):
        record = records[row["index"]]
        assert row["mx"] == json.loads(text["mx"]) == record["mx"]
        assert row["findings"] == record["findings"]
    flat = polars.read_parquet(exported / "parquet/domains-*.parquet").columns
    assert "mx" not in flat and "findings" not in flat
    assert any(row["key"] == "mx[].policy_match" for row in codebook(exported / "struct"))


def test_csv_has_the_same_rows(exported):
    with (exported / "csv/domains-00000.csv").open(newline="") as file:
        texts = list(csv.DictReader(file))
    rows = polars.read_parquet(exported / "parquet/domains-*.parquet").to_dicts()
    for row, text in zip(rows, texts, strict=True):
        assert set(row) == set(text)
        for name, value in row.items():
            found = as_record(value)
            if isinstance(found, list):
                assert json.loads(text[name]) == found
            else:
                words = {"None": "", "True": "true", "False": "false"}
                assert text[name] == words.get(str(found), str(found))


def test_certificates_and_hosts_stand_once(carried, exported, tmp_path):
    done = export(carried.folder, carried.folder, "--output", tmp_path / "two")
    assert done.returncode == 0, done.stderr
    shown = [s["certificate"]["sha256"] for h in carried.hosts for s in h["sessions"]
             if s["certificate"]]
    fetched = [d["policy"]["certificate"]["sha256"] for d in carried.domains
               if d["policy"] and d["policy"]["certificate"]]
    for folder, times in ((exported / "parquet", 1), (tmp_path / "two", 2)):
        frame = polars.read_parquet(folder / "certificates-*.parquet")
        assert sorted(frame["sha256"]) == sorted({*shown, *fetched})
        assert frame["sessions"].sum() == times * len(shown)
        assert frame["policy_hosts"].sum() == times * len(fetched)
        hosts = polars.read_parquet(folder / "hosts-*.parquet")
        assert len(hosts) == times * len(carried.hosts) == len(hosts.unique(["scan", "host"]))


def test_of_a_host_with_several_records_the_last_stands(carried, tmp_path):
    folder = tmp_path / "scan"
    shutil.copytree(carried.folder, folder)
    [path] = folder.glob("hosts-*.zst")
    again = dict(carried.hosts[0], observation=2, duration_ms=4711)
    packed = subprocess.run(["zstd", "-cq"], input=json.dumps(again).encode() + b"\n",
                            capture_output=True, check=True).stdout
    path.write_bytes(path.read_bytes() + packed)
    manifest = read_manifest(folder)
    note_file(manifest, path)
    manifest["host_files"][0]["records"] += 1
    manifest["totals"]["hosts"] += 1
    write_manifest(folder, manifest)
    done = export(folder, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    frame = polars.read_parquet(tmp_path / "out/hosts-*.parquet")
    assert len(frame) == len(carried.hosts)
    [row] = frame.filter(polars.col("host") == again["host"]).to_dicts()
    assert row["observations"] == 2 and row["duration_ms"] == 4711


def test_an_unfinished_scan_is_read_as_far_as_it_is_committed(flags, tmp_path):
    folder = tmp_path / "scan"
    process = subprocess.Popen(
        [ROOT / ".build/release/stsurvey", "scan", QUICKSTART, "--output", folder, *flags,
         "--checkpoint-interval", "0.1", "--max-dns-rate", "500"], stderr=subprocess.DEVNULL)
    while process.poll() is None:
        time.sleep(0.1)
        path = folder / "checkpoint.json"
        if path.exists() and (json.loads(path.read_text())["domainFiles"] or [{"records": 0}]
                              )[0]["records"] > 50:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    [file] = json.loads((folder / "checkpoint.json").read_text())["domainFiles"]
    with (folder / file["name"]).open("ab") as stored:
        stored.write(b"\x28\xb5\x2f\xfd what was begun and is not committed")
    done = export(folder, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "unfinished" in done.stderr
    frame = polars.read_parquet(tmp_path / "out/domains-*.parquet")
    assert len(frame) == file["records"]


def test_what_is_there_is_not_overwritten(carried, exported, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(exported / "csv", out)
    done = export(carried.folder, "--output", out)
    assert done.returncode == 64 and "--force" in done.stderr
    assert export(carried.folder, "--output", out, "--force").returncode == 0
    assert list(out.glob("*.parquet")) and not list(out.glob("domains-*.csv"))
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("kept")
    done = export(carried.folder, "--output", mine, "--force")
    assert done.returncode == 64 and (mine / "thesis.txt").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "out"]


def test_wrong_folders_and_records_are_refused_with_what_to_do(carried, tmp_path):
    done = export(tmp_path / "none", "--output", tmp_path / "out")
    assert done.returncode == 66 and "no scan" in done.stderr
    done = export(carried.folder, "--output", tmp_path / "no/out")
    assert done.returncode == 66 and "make it" in done.stderr
    done = export(carried.folder, "--output", tmp_path / "out", "--memory", "much")
    assert done.returncode == 64 and "512MB" in done.stderr
    damaged = tmp_path / "damaged"
    shutil.copytree(carried.folder, damaged)
    [path] = damaged.glob("domains-*.zst")
    octets = path.read_bytes()
    path.write_bytes(octets[:-100])
    done = export(damaged, "--output", tmp_path / "out")
    assert done.returncode == 65 and path.name in done.stderr and "verify" in done.stderr
    text = subprocess.run(["zstd", "-dcq"], input=octets, capture_output=True, check=True).stdout
    lines = text.splitlines(keepends=True)
    lines[4] = lines[4].replace(b'"mx_status":"', b'"mx_status":"purple_')
    path.write_bytes(subprocess.run(["zstd", "-cq"], input=b"".join(lines), capture_output=True,
                                    check=True).stdout)
    manifest = read_manifest(damaged)
    note_file(manifest, path)
    write_manifest(damaged, manifest)
    done = export(damaged, "--output", tmp_path / "out")
    assert done.returncode == 65, done.stderr
    assert path.name in done.stderr and "purple" in done.stderr
    assert f"{path.name}, line 5" in done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == ["damaged"]


def test_a_signal_leaves_nothing_behind(carried, tmp_path):
    process = subprocess.Popen([EXPORT, *[carried.folder] * 40, "--output", tmp_path / "out"],
                               stderr=subprocess.PIPE, text=True, cwd=ROOT)
    while not list(tmp_path.iterdir()) and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 75, stderr
    assert list(tmp_path.iterdir()) == []


def test_little_memory_gives_the_same_tables(carried, exported, tmp_path):
    done = export(carried.folder, "--output", tmp_path / "out", "--memory", "100MB", "--threads", 1)
    assert done.returncode == 0, done.stderr
    for kind in ("domains", "hosts", "certificates"):
        texts = [f"SELECT * FROM '{folder}/{kind}-*.parquet'"
                 for folder in (tmp_path / "out", exported / "parquet")]
        for one, two in (texts, texts[::-1]):
            [(count,)] = duckdb.execute(
                f"SELECT count(*) FROM ({one} EXCEPT ALL {two})").fetchall()
            assert count == 0
