"""scripts/export --publish: data sets with names as they are, hashed, or without names."""

import csv
import hmac
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import polars
import pytest

from exporting import pages, statistics
from exporting.hashing import Hasher
from helpers.program import QUICKSTART, ROOT, run

EXPORT = ROOT / "scripts/export"
SAID = ["--title", 'Mail: a "test"', "--author", "Doe, Jane", "--author", "Example CERT",
        "--licence", "CC-BY-4.0"]
KEY = b"0123456789abcdef0123456789abcdef"
# As the list of a registry has them: whom to call is beside the domain.
HEADER = ("Domain name", "Domain type", "Organization name", "Suborganization name", "City",
          "State", "Security contact email")
# Made up; none of these texts is anywhere else.
PEOPLE = ("Zweigniederlassung Quorvia", "Tesselbruck", "jane.roe@qxcontact.example", "Ostmarkland")


def publish(folder, out, *options):
    return subprocess.run([EXPORT, folder, "--publish", out, *SAID, *map(str, options)],
                          capture_output=True, text=True, cwd=ROOT, timeout=600)


@pytest.fixture(scope="module")
def registry(scan, tmp_path_factory):
    """A scan of a registry's list: each column was carried, and each line kept whole."""
    path = tmp_path_factory.mktemp("jane-roe") / "jane-roe-list.csv"
    names = [line for line in QUICKSTART.read_text().splitlines() if line and line[0] != "#"]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADER)
    for place, name in enumerate([*names, names[0]]):
        organization, city, mail, state = PEOPLE
        rows.writerow([name, "City", f"{organization} {place}", "", f"{city}{place}", state,
                       f"{place}.{mail}" if place % 3 else "(blank)"])
    path.write_text(text.getvalue())
    return scan(path, "--carry", "all", "--keep-input")


@pytest.fixture(scope="module")
def published(registry, tmp_path_factory):
    """The data set of each form of names."""
    folder = tmp_path_factory.mktemp("published")
    (folder / "key").write_bytes(KEY + b"\n")
    for names, options in (("plain", []), ("hashed", ["--key-file", folder / "key"]),
                           ("aggregated", ["--least", 7])):
        done = publish(registry.folder, folder / names, "--names", names, *options)
        assert done.returncode == 0, done.stderr
    done = publish(registry.folder, folder / "nested", "--nested", "json")
    assert done.returncode == 0, done.stderr
    return folder


def everything(folder):
    """All that a data set says, in one text: files, their names, tables and their metadata."""
    texts = []
    for path in sorted(folder.rglob("*")):
        texts.append(str(path.relative_to(folder)))
        if path.suffix == ".parquet":
            texts.append(polars.read_parquet(path).write_ndjson())
            # Metadata are not compressed.
            texts.append(path.read_bytes().decode("latin-1"))
        elif path.is_file():
            texts.append(path.read_text())
    return "\n".join(texts).lower()


@pytest.mark.parametrize("names", ["plain", "hashed", "aggregated", "nested"])
def test_of_the_list_there_is_the_domain_alone(registry, published, names):
    kept = json.dumps(registry.domains)
    assert all(text in kept for text in PEOPLE)
    said = everything(published / names)
    for text in (*PEOPLE, HEADER[2], HEADER[-1], "jane-roe", "qxcontact", str(registry.folder),
                 "list_"):
        assert text.lower() not in said, text
    if names == "aggregated":
        assert not list((published / names).glob("*.parquet"))
        return
    frame = polars.read_parquet(published / names / "domains-*.parquet")
    assert not {"index", "line", "input", "source", "rank", "list"} & set(frame.columns)
    # In the order of what is shown, not of the list; a name that is listed twice stands once.
    shown = frame["domain"].to_list()
    scanned = {r["domain"] for r in registry.domains if r["status"] == "scanned"}
    assert shown == sorted(shown) and len(shown) == len(scanned) == len(set(shown))


def labels(name):
    """What of a name would be recognised: labels of six letters and more, no public suffix."""
    return {label for label in name.lower().split(".")[:-1] if len(label) > 5}


def test_nothing_readable_is_left_where_names_are_hashed(registry, published):
    said = everything(published / "hashed")
    domains = {r["domain"] for r in registry.domains if r["domain"]}
    hosts = {r["host"].lower().rstrip(".") for r in registry.hosts} | {
        mx["host"].lower().rstrip(".") for r in registry.domains for mx in r["mx"]}
    plain = everything(published / "plain")
    # Words of the pages themselves, which are the same for every data set, and of vocabularies.
    pages_of_all = [path.read_text() for path in (published / "aggregated").iterdir()
                    if path.is_file()] + [(published / "plain/codebook.csv").read_text()]
    labels_of_rows = [value for _, rows in cells(published / "plain") for row in rows
                      for key, value in row.items() if key not in statistics.NAMES]
    words = "\n".join([*pages_of_all, *labels_of_rows, "localhost"]).lower()
    checked = 0
    for name in domains | hosts:
        assert "." not in name or name not in said, name
        for label in labels(name):
            checked += label not in words
            assert label in words or (label in plain and label not in said), label
    assert checked > 500
    texts = {r["policy"]["body"] for r in registry.domains if r["policy"] and r["policy"]["body"]}
    texts |= {record for r in registry.domains if r["dns"] and r["dns"]["mta_sts"]
              for strings in r["dns"]["mta_sts"]["records"] for record in strings}
    texts |= {a for h in registry.hosts for a in (h["a"] or {}).get("addresses", [])}
    texts |= {s["certificate"]["sha256"] for h in registry.hosts for s in h["sessions"]
              if s["certificate"]}
    assert len(texts) > 500
    # "Example CERT" and the like are the publisher's own words.
    assert not [text for text in texts if len(text) > 6 and text.lower() in said]


def test_hashes_are_hmac_sha_256_and_join_the_tables(registry, published):
    def hashed(text):
        return hmac.new(KEY, text.encode(), "sha256").hexdigest()
    frame = polars.read_parquet(published / "hashed/domains-*.parquet")
    rows = {row["domain"]: row for row in frame.to_dicts()}
    found = 0
    for record in registry.domains:
        if record["status"] != "scanned":
            continue
        row = rows[hashed(record["domain"])]
        assert row["verdict"] == record["verdict"] and row["mx_count"] == record["mx_count"]
        assert row["mx_hosts"] == [hashed(mx["host"]) for mx in record["mx"]]
        if record["policy"] and record["policy"]["body"] is not None:
            found += 1
            assert row["policy_body"] == hashed(record["policy"]["body"])
            assert row["policy_mx"] == [hashed(pattern) for pattern in record["policy"]["mx"]]
    assert found > 100
    hosts = set(polars.read_parquet(published / "hashed/hosts-*.parquet")["host"])
    assert hosts == {hashed(host["host"]) for host in registry.hosts}
    shown = {c for row in polars.read_parquet(published / "hashed/hosts-*.parquet").to_dicts()
             for c in row["session_certificates"] if c}
    known = set(polars.read_parquet(published / "hashed/certificates-*.parquet")["sha256"])
    assert shown and shown <= known


@pytest.mark.parametrize("length", [16, 64, 65, 200])
def test_the_macro_is_hmac_for_keys_of_all_lengths(length):
    hasher = Hasher(bytes(range(1, 201))[:length])
    script = ("import sys, duckdb; d = duckdb.connect(); d.execute(sys.argv[1]); "
              "print(d.execute('SELECT hashed(?)', ['münchen.example']).fetchone()[0], "
              "d.execute('SELECT hashed(NULL)').fetchone()[0])")
    done = subprocess.run([ROOT / ".build/export/bin/python", "-c", script, hasher.macro()],
                          capture_output=True, text=True, check=True)
    assert done.stdout.split() == [hasher.hash("münchen.example"), "None"]


def cells(folder):
    for path in sorted((folder / "statistics").glob("*.csv")):
        with path.open(newline="") as file:
            yield path.stem, list(csv.DictReader(file))


def test_aggregated_counts_are_those_of_stats_or_left_out(registry, published):
    document = json.loads(run("stats", registry.folder, "--json").stdout)
    left_out = 0
    for name, rows in cells(published / "aggregated"):
        known = {tuple(v for v in row.values() if isinstance(v, str)): row
                 for row in document[name]}
        for row in rows:
            of = known[tuple(row[key] for key, value in document[name][0].items()
                             if isinstance(value, str))]
            for key, value in of.items():
                if isinstance(value, int) and key != "base" and not key.endswith("_share"):
                    left_out += row[key] == ""
                    assert row[key] in ("", str(value)), (name, row)
                    assert not 0 < int(row[key] or 0) < 7, (name, row)
        if name in ("mx_providers", "tlds"):
            assert len(rows) < len(document[name])
    assert left_out > 100
    for name, rows in cells(published / "plain"):
        assert len(rows) == len(document[name])
    assert not (published / "plain/statistics/ranks.csv").exists()


def test_a_count_alone_is_not_left_out():
    rows = [{"mode": "a", "domains": 50, "x": 47, "y": 3},
            {"mode": "b", "domains": 30, "x": 20, "y": 10}]
    kept = statistics.without_small_cells(rows, 5)
    missing = [sum(row[key] is None for row in kept) for key in ("domains", "x", "y")]
    missing += [sum(value is None for value in row.values()) for row in kept]
    assert 1 not in missing and kept[0]["y"] is None
    stages = [{"stage": "has_policy", "of": "lines", "domains": 176, "of_domains": 300},
              {"stage": "enforce", "of": "has_policy", "domains": 135, "of_domains": 176},
              {"stage": "testing", "of": "has_policy", "domains": 37, "of_domains": 176},
              {"stage": "none", "of": "has_policy", "domains": 4, "of_domains": 176},
              {"stage": "half", "of": "testing", "domains": 17, "of_domains": 37}]
    found = {row["stage"]: row for row in statistics.without_small_cells(stages, 5)}
    assert found["none"]["domains"] is None and found["testing"]["domains"] is None
    assert found["half"]["of_domains"] is None


@pytest.mark.parametrize("names", ["plain", "hashed", "aggregated", "nested"])
def test_the_commands_of_its_readme_run(published, names):
    text = (published / names / "README.md").read_text()
    commands = [line for block in re.findall(r"```sh\n(.*?)```", text, re.S)
                for line in block.splitlines()]
    assert len(commands) >= 3
    path = Path(sys.executable).parent
    for command in commands:
        done = subprocess.run(["bash", "-c", command], cwd=published / names, text=True,
                              capture_output=True, env={"PATH": f"{path}:/usr/bin:/bin"})
        assert done.returncode == 0, (command, done.stderr)
    listed = {line.split("  ")[1] for line in
              (published / names / "SHA256SUMS").read_text().splitlines()}
    files = {str(path.relative_to(published / names))
             for path in (published / names).rglob("*") if path.is_file()}
    assert listed == files - {"SHA256SUMS"}


def test_the_codebook_knows_every_column(published):
    with (published / "plain/codebook.csv").open(newline="") as file:
        known = {(row["table"], row["column"]): row for row in csv.DictReader(file)}
    assert all(row["meaning"] for row in known.values())
    for kind in ("domains", "hosts", "certificates"):
        for column in polars.read_parquet(published / f"plain/{kind}-*.parquet").columns:
            assert (kind, column) in known
    for name, rows in cells(published / "plain"):
        assert known[f"statistics/{name}", ""]["meaning"]
        for column in rows[0]:
            assert (f"statistics/{name}", column) in known


def test_the_codebook_of_statistics_is_the_program_s(quickstart):
    document = json.loads(run("stats", quickstart.folder, "--json").stdout)
    found = statistics.tables(document)
    assert len(found) > 35 and "tld_ranks" not in found and "ranks" not in found
    rows = {(table, column): meaning
            for table, column, _, _, meaning, _ in statistics.codebook(found)}
    for name, lines in found.items():
        assert rows[f"statistics/{name}", ""]
        for column in lines[0]:
            assert rows[f"statistics/{name}", column].endswith("."), (name, column)


def test_method_citation_and_licence(registry, published):
    method = (published / "plain/METHOD.md").read_text()
    for text in (registry.manifest["started_at"], *registry.manifest["name_servers"],
                 registry.manifest["options"]["ehlo_name"], "What unknown means",
                 '"dns_timeout_ms"', registry.manifest["libraries"]):
        assert text in method
    citation = (published / "plain/CITATION.cff").read_text()
    assert "cff-version: 1.2.0" in citation and "license: CC-BY-4.0" in citation
    assert 'family-names: "Doe"' in citation and 'name: "Example CERT"' in citation
    licence = (published / "plain/LICENCE").read_text()
    assert pages.LICENCES["CC-BY-4.0"][1] in licence


@pytest.mark.parametrize("options, word", [
    (["--names", "hashed"], "--key-file"),
    (["--names", "hashed", "--key-file", "/none"], "openssl"),
    (["--names", "hashed", "--key-file", "/dev/null"], "least"), (["--format", "csv"], "Parquet"),
    (["--names", "hashed", "--nested", "json", "--key-file", "/none"], "nested"),
    (["--least", "1"], "2 to"), (["--licence", "MY-OWN"], "CC0-1.0")])
def test_wrong_use_is_refused(registry, tmp_path, options, word):
    done = publish(registry.folder, tmp_path / "out", *options)
    assert done.returncode in (64, 66) and word in done.stderr
    assert not list(tmp_path.iterdir())
    done = subprocess.run([EXPORT, registry.folder, "--publish", tmp_path / "out"],
                          capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 64 and "--title" in done.stderr
