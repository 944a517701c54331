"""The domains of a scan by what is wrong with them, in every form."""

import csv
import io
import json
import subprocess
from collections import Counter

import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, run


def listed(*arguments):
    """The domains that `list` prints, as JSON objects."""
    done = run("list", *arguments, "--format", "ndjson")
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def names(rows):
    return [row["domain"] for row in rows]


def scanned(scan, condition):
    """The domains of records, in their order."""
    return [record["domain"] for record in scan.domains
            if record["verdict"] is not None and condition(record)]


def test_what_is_to_be_mended_is_listed_by_itself(quickstart):
    rows = listed(quickstart.folder)
    assert {row["diagnosis"]["need"] for row in rows} == {"mending"}
    assert all(row["diagnosis"]["items"][0]["steps"] for row in rows
               if row["verdict"] == "refused")
    bad = scanned(
        quickstart, lambda r: r["verdict"] in ("refused", "partial", "testing_would_fail"))
    assert set(bad) <= set(names(rows))
    everything = listed(quickstart.folder, "--all")
    assert names(everything) == scanned(quickstart, lambda _: True)


@pytest.mark.parametrize(("option", "value", "key"), [
    ("--verdict", "refused", "verdict"), ("--verdict", "unknown", "verdict"),
    ("--reason", "policy_fetch_failed", "verdict_reason"),
])
def test_values_are_those_of_the_records(quickstart, option, value, key):
    rows = listed(quickstart.folder, option, value)
    assert names(rows) == scanned(quickstart, lambda record: record[key] == value) != []


def test_findings_are_those_of_the_records(quickstart):
    def has(record, code):
        found = {f"{one['layer']}.{one['code']}" for one in record["findings"]}
        return code in found | {record["first_failure"]}

    counts = Counter(f"{one['layer']}.{one['code']}"
                     for record in quickstart.domains for one in record["findings"] or [])
    for code, _ in counts.most_common(3):
        rows = listed(quickstart.folder, "--finding", code)
        assert names(rows) == scanned(quickstart, lambda record, code=code: has(record, code))
    wrong = run("list", quickstart.folder, "--finding", "certificate.expird")
    assert wrong.returncode == 64 and "did you mean certificate.expired" in wrong.stderr
    near = run("list", quickstart.folder, "--finding", "mx_match")
    assert near.returncode == 64 and "did you mean mx_match." in near.stderr


def test_providers_are_those_of_the_statistics(quickstart):
    stats = json.loads(run("stats", quickstart.folder, "--json", "--table", "mx_providers").stdout)
    rows = listed(quickstart.folder, "--all")
    counts = Counter(row["mx_provider"] for row in rows)
    for row in stats["mx_providers"][:10]:
        assert counts[row["provider"]] == row["domains"]
    provider = stats["mx_providers"][0]["provider"]
    some = listed(quickstart.folder, "--all", "--provider", provider.upper())
    assert names(some) == names(
        row for row in rows if provider in (row["mx_provider"], row["policy_provider"]))


def test_tables_hold_the_same_as_json(quickstart):
    rows = listed(quickstart.folder)
    table = run("list", quickstart.folder, "--format", "csv")
    read = list(csv.DictReader(io.StringIO(table.stdout)))
    assert [row["domain"] for row in read] == names(rows)
    for one, other in zip(read, rows, strict=True):
        assert one["result"] == other["diagnosis"]["headline"]
        assert one["code"] == (other["diagnosis"]["items"] or [{"code": ""}])[0]["code"]
    some = run("list", quickstart.folder, "--format", "tsv", "--columns", "verdict,domain")
    lines = some.stdout.splitlines()
    assert lines[0] == "verdict\tdomain" and len(lines) == len(rows) + 1
    wrong = run("list", quickstart.folder, "--format", "csv", "--columns", "domain,verdct")
    assert wrong.returncode == 64 and "verdict" in wrong.stderr and "list.NAME" in wrong.stderr


@pytest.fixture(scope="module")
def carried(flags, tmp_path_factory):
    """A scan whose list has a column beside the domain."""
    folder = tmp_path_factory.mktemp("carried")
    lines = QUICKSTART.read_text().splitlines()[:60]
    (folder / "list.csv").write_text("domain,sector\n" + "".join(
        f"{name},{'health' if place % 3 else 'law'}\n" for place, name in enumerate(lines)))
    done = run("scan", folder / "list.csv", "--carry", "sector", "--accept-invalid", "--output",
               folder / "out", *flags)
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_columns_of_the_list_choose_domains_and_are_kept(carried):
    rows = listed(carried, "--all", "--where", "sector=law")
    assert rows and {row["list"]["sector"] for row in rows} == {"law"}
    assert not listed(carried, "--all", "--where", "sector=arts")
    table = run("list", carried, "--all", "--format", "csv", "--columns", "domain,list.sector")
    assert Counter(row["list.sector"] for row in csv.DictReader(io.StringIO(table.stdout)))["law"] \
        == len(rows)


def test_a_template_makes_a_letter_for_each_domain(carried, tmp_path):
    template = tmp_path / "letter.txt"
    template.write_text("To the owner of {domain} ({list.sector}):\n\n{result}\n\n{items}\n")
    rows = listed(carried)
    letters = tmp_path / "letters"
    done = run("list", carried, "--template", template, "--output", letters)
    assert done.returncode == 0, done.stderr
    assert {path.stem for path in letters.iterdir()} == set(names(rows)) != set()
    for row in rows:
        text = (letters / f"{row['domain']}.txt").read_text()
        assert text.startswith(f"To the owner of {row['domain']} ({row['list']['sector']}):")
        assert row["diagnosis"]["headline"] in text and "{" not in text
    assert run("list", carried, "--template", template, "-o", letters).returncode == 74
    one = run("list", carried, "--template", template)
    assert one.stdout.count("\f") == len(rows)
    template.write_text("Hello\n{domian}\n")
    wrong = run("list", carried, "--template", template)
    assert wrong.returncode == 64 and "letter.txt, line 2" in wrong.stderr
    assert "{domian}" in wrong.stderr and "list.NAME" in wrong.stderr


def test_what_has_changed_since_an_earlier_scan(quickstart, later):
    def verdict(record):
        return record["verdict"], record["verdict_reason"], record["first_failure"]

    before = {record["domain"]: verdict(record) for record in quickstart.domains
              if record["verdict"] is not None}
    wanted = scanned(later, lambda r: r["verdict"] != "unknown"
                     and before.get(r["domain"]) != verdict(r))
    rows = listed(later.folder, "--changed-since", quickstart.folder)
    assert names(rows) == wanted != []
    for row in rows:
        assert row["verdict_before"] == before.get(row["domain"], (None,))[0]
    assert not listed(quickstart.folder, "--changed-since", quickstart.folder)


def test_the_text_says_what_to_do_and_ends_with_its_reader(quickstart):
    done = run("list", quickstart.folder, "--verdict", "refused")
    assert done.returncode == 0
    assert "NOT WORKING" in done.stdout and "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    pipe = subprocess.run(
        f"{PROGRAM} list {quickstart.folder} --all | head -1", shell=True, capture_output=True,
        text=True, cwd=ROOT)
    assert pipe.returncode == 0 and not pipe.stderr
    none = run("list", quickstart.folder, "--tld", "nowhere")
    assert none.returncode == 0 and not none.stdout
    assert "none is what the options select: 'stsurvey stats" in none.stderr
    both = listed(quickstart.folder, quickstart.folder)
    assert len(both) == 2 * len(listed(quickstart.folder))
