"""A survey on Spark whose worker is killed in the first stage, beside the scan of one process."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from helpers.joined import compare_joined
from helpers.program import PROGRAM, QUICKSTART, ROOT, run
from stats import figures

SPARK = ROOT / "scripts/spark"
pytestmark = [
    pytest.mark.skipif(not shutil.which("java"), reason="Java is not installed"),
    pytest.mark.skipif(not (ROOT / ".build/spark/installed.txt").exists(),
                       reason="PySpark is not installed: scripts/spark does it"),
]
# What the children of a killed worker may take to end.
SECONDS = 2


def spark(folder, *more, flags=()):
    return subprocess.Popen(
        [SPARK, folder / "list.txt", "--output", folder / "out", "--program", PROGRAM,
         "--partitions", "4", "--conf", f"spark.local.dir={folder}/local", *more, "--", *flags,
         "--trust-ad", "--max-dns-rate", "0", "--max-fetch-rate-per-address", "0"],
        cwd=ROOT, stderr=subprocess.PIPE, text=True)


def children(folder, command):
    """The processes that run a command of the program that this job has shipped."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].startswith(bytes(folder)) and words[1:2] == [command.encode()]:
                found.append(int(entry.name))
    return found


def parent(process):
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def read(path):
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def records(folder, kind):
    return [record for path in sorted((folder / "out/ndjson").glob(f"**/record={kind}/**/part-*"))
            for record in read(path)]


def files(folder):
    """When each file of the output was changed."""
    return {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*")
            if path.is_file() and path.name != "statistics.json"}


@pytest.fixture(scope="module")
def survey(flags, tmp_path_factory):
    """The folder of a survey of the quickstart, and how long the children of the killed lived."""
    folder = tmp_path_factory.mktemp("spark")
    names = QUICKSTART.read_text()
    (folder / "list.txt").write_text(names + names.splitlines()[-1].upper() + "\n")
    process = spark(folder, flags=flags)
    while not (found := children(folder, "scan")) and process.poll() is None:
        time.sleep(0.05)
    assert found, process.stderr.read()
    os.kill(parent(found[0]), signal.SIGKILL)
    killed = time.monotonic()
    while Path(f"/proc/{found[0]}").exists() and time.monotonic() < killed + 60:
        time.sleep(0.05)
    lived = time.monotonic() - killed
    _, messages = process.communicate(timeout=600)
    assert process.returncode == 0, messages
    return folder, lived, messages


def test_nothing_is_left_of_a_killed_worker(survey):
    _, lived, _ = survey
    assert lived < SECONDS


def test_the_records_are_those_of_one_process(survey, quickstart):
    folder, _, messages = survey
    domains, hosts = records(folder, "domain"), records(folder, "host")
    assert len(domains) == len({record["index"] for record in domains}) == 1000
    assert "1,000 entries, a record each" in messages
    compare_joined(domains, hosts, quickstart.domains, quickstart.hosts, "domain")
    indexes = {record["domain"]: record["index"] for record in quickstart.domains}
    assert all(indexes[record["domain"]] == record["index"] for record in domains)


def test_each_destination_is_of_one_task(survey):
    folder, _, _ = survey
    places = {}
    for path in (folder / "out/work/destinations").glob("part-*"):
        for record in read(path):
            for address in (record["a"] or {}).get("addresses", []):
                places.setdefault(address.rpartition(".")[0], set()).add(path.name)
    assert len(places) > 5 and all(len(parts) == 1 for parts in places.values())


def test_counts_by_sql_are_those_of_stats(survey, tmp_path):
    folder, _, _ = survey
    counted = json.loads((folder / "out/statistics.json").read_text())
    for kind in ("domain", "host"):
        with (tmp_path / f"{kind}.ndjson").open("w") as file:
            file.writelines(json.dumps(record) + "\n" for record in records(folder, kind))
    done = run("judge", tmp_path / "domain.ndjson", "--hosts", tmp_path / "host.ndjson",
               "--trust-ad", "--output", tmp_path / "folder")
    assert done.returncode == 0, done.stderr
    document = json.loads(run("stats", tmp_path / "folder", "--json").stdout)
    # Those by provider need its catalogue.
    assert {name for name in figures.tables(document) if name not in counted} == {
        "mx_providers", "mx_classes", "policy_providers", "same_provider", "residue",
        "record_only"}
    found, wanted = figures.of_document(counted), figures.of_document(document)
    # Of some tables stats has columns by provider besides.
    columns = {name: {key for row in rows for key in row} for name, rows in counted.items()}
    wanted = {figure: value for figure, value in wanted.items()
              if figure.column in columns.get(figure.table, ())}
    differing = {str(figure): (found.get(figure, 0), wanted.get(figure, 0))
                 for figure in {*found, *wanted}
                 if found.get(figure, 0) != wanted.get(figure, 0)}
    assert not differing
    assert len(counted) == 36 and sum(value > 0 for value in wanted.values()) > 1000


def test_a_record_that_is_lost_fails_the_job(survey, flags):
    """One is taken out of a final file, whose stage is not done again."""
    folder, _, _ = survey
    [part, *_] = sorted((folder / "out/ndjson").glob("**/record=domain/**/part-*"))
    whole = part.read_bytes()
    first, *others = gzip.decompress(whole).splitlines(keepends=True)
    lost = json.loads(first)
    for content, code in ((gzip.compress(b"".join(others)), 65), (whole, 0)):
        part.write_bytes(content)
        for table in (folder / "out/parquet").glob("**/record=domain"):
            shutil.rmtree(table)
        process = spark(folder, flags=flags)
        _, messages = process.communicate(timeout=300)
        assert process.returncode == code, messages
        names = f"missing: {lost['index']} ({lost['domain']}); more than once: none"
        assert (names in messages) == (code == 65), messages


def test_a_second_run_does_nothing(survey, flags):
    folder, _, _ = survey
    before = files(folder)
    process = spark(folder, flags=flags)
    _, messages = process.communicate(timeout=300)
    assert process.returncode == 0, messages
    assert "partitions" not in messages and files(folder) == before


def test_another_survey_is_refused(survey, flags):
    folder, _, _ = survey
    process = spark(folder, "--partitions", "5", flags=flags)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 64 and "its partitions are 4, not 5" in messages


@pytest.mark.parametrize(("words", "message"), [
    (["--master", "yarn"], "must be local or spark://"),
    (["--tasks", "0"], "1 at least"),
    (["--tasks", "two"], "invalid int value"),
    (["--source", "a/b"], "letters, digits"),
    (["--", "--probe", "none"], "'--probe'"),
    (["--", "--max-dns-rate"], "needs a value"),
    (["--", "--max-dns-rate", "fast"], "'fast' is no number"),
])
def test_wrong_use(write_list, tmp_path, words, message):
    done = subprocess.run(
        [SPARK, write_list("a.example"), "--program", PROGRAM, "--output", tmp_path / "out",
         *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 64 and message in done.stderr
    assert not (tmp_path / "out").exists()
