"""Every command of the README and the manual, run."""

import json
import re
import shutil
import subprocess

import duckdb
import pytest

from helpers.program import QUICKSTART, ROOT, options_of, run

README = (ROOT / "README.md").read_text()
PAGES = sorted((ROOT / "Sources/stsurvey/Manual.docc").glob("*.md"))
MANUAL = "\n".join(page.read_text() for page in PAGES)
BLOCKS = re.findall(r"```sh\n(.*?)```", README + MANUAL, re.S)
# In the order of the pages, each once: those of the README first.
COMMANDS = list(dict.fromkeys(line for block in BLOCKS for line in block.strip().splitlines()))
# The test command cannot run itself; CI runs it.
TESTED = [line for line in COMMANDS if line != "scripts/test"]
LINKS = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)


def shell(command):
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, cwd=ROOT,
        timeout=900)


@pytest.fixture(scope="module")
def after_quickstart(flags):
    """The README's commands assume that the first has run."""
    done = shell("scripts/quickstart")
    assert done.returncode == 0, done.stderr
    return done


def test_the_first_command_ends_with_a_summary_and_the_next_command(after_quickstart):
    assert "1,000 records in" in after_quickstart.stderr
    assert "stsurvey scan YOUR-LIST" in after_quickstart.stdout
    summary = re.search(r"<!-- summary -->\n```\n(.*?)```", README, re.S).group(1)
    labels = [re.sub(r"^[ \d,]+", "", line) for line in summary.splitlines()[2:] if line.strip()]
    assert len(labels) >= 14
    for label in labels:
        assert label in after_quickstart.stderr, label


def test_there_are_commands_to_run():
    assert "scripts/quickstart" in COMMANDS and "scripts/test" in COMMANDS
    assert len(TESTED) >= 20


def test_the_readme_can_be_read_to_its_end_and_its_links_lead_somewhere():
    assert len(README.encode()) <= 12_288
    assert len(LINKS) >= 10
    for link in LINKS:
        assert (ROOT / link).exists(), link
    for page in PAGES:
        for link in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


@pytest.fixture(scope="module")
def files(truth, tmp_path_factory):
    """The lab's list, and a table and a zone of few domains that no lookup of is retried."""
    folder = tmp_path_factory.mktemp("lists")
    names = [line["domain"] for line in truth
             if line["verdict"] in ("protected_sts", "refused", "testing_would_fail")
             and line["policy_fetch_status"] == "ok"][:24]
    rows = [f"{name},{'health' if place % 2 else 'energy'}" for place, name in enumerate(names)]
    (folder / "table.csv").write_text("\n".join(["domain,sector", *rows]) + "\n")
    (folder / "zone").write_text("".join(f"{name}. 3600 IN NS ns.lab.\n" for name in names))
    return {"YOUR-LIST": QUICKSTART, "YOUR-TABLE": folder / "table.csv",
            "YOUR-ZONE": folder / "zone"}


@pytest.mark.parametrize("command", TESTED[1:])
def test_a_command_works(after_quickstart, flags, truth, files, command):
    lab = " ".join(flag for flag in flags)
    is_of_own_list = " scan " in command and any(word in command for word in files)
    for word, path in files.items():
        command = command.replace(word, str(path))
    if is_of_own_list:
        if found := re.search(r"--output (\S+)", command):
            shutil.rmtree(ROOT / found.group(1), ignore_errors=True)
        own = re.sub(r"--(ehlo-name|contact) \S+", "", lab)
        command += " " + own
    part = re.search(r"stsurvey (probe|fetch|judge) ", command)
    if part:
        output = re.search(r"--output (\S+)", command).group(1)
        shutil.rmtree(ROOT / output, ignore_errors=True)
        if part.group(1) != "judge":
            command += " " + " ".join(options_of(part.group(1), flags))
    if "--template" in command:
        shutil.rmtree(ROOT / "results/letters", ignore_errors=True)
    if "rejudge" in command:
        shutil.rmtree(ROOT / "results/rejudged", ignore_errors=True)
    if "scripts/export" in command:
        output = re.search(r"--(?:output|publish) (\S+)", command).group(1)
        shutil.rmtree(ROOT / output, ignore_errors=True)
    if "--resume" in command:
        # The scan before has ended: it must say so instead of beginning anew.
        done = shell(command)
        assert done.returncode == 64 and "no unfinished scan" in done.stderr
        return
    if "EXAMPLE-DOMAIN" in command:
        domain = next(line["domain"] for line in truth if line["verdict"] == "protected_sts")
        command = command.replace("EXAMPLE-DOMAIN", domain) + " " + lab
    done = shell(command)
    assert done.returncode == 0, done.stderr
    if " report " in command:
        assert (ROOT / "results/report.html").stat().st_size > 10_000
        return
    writes = (">", " scan ", " probe ", " fetch ", " --prometheus-textfile ", " --template ")
    assert done.stdout or any(word in command for word in writes)


def test_the_record_shown_is_one_of_the_lab(quickstart):
    shown = re.search(r"<!-- record -->\n```json\n(.*?)```", README, re.S).group(1)
    wanted = json.loads(shown)
    record = next(line for line in quickstart.domains if line["domain"] == wanted["domain"])
    assert {key: record[key] for key in wanted} == wanted


def test_the_duckdb_line_works(after_quickstart):
    database = duckdb.connect()
    database.execute((ROOT / "results/schema.sql").read_text())
    query = re.search(r"`(SELECT .*?)`", MANUAL, re.S).group(1).replace("\n", " ")
    rows = database.execute(query.replace("'results", f"'{ROOT}/results")).fetchall()
    assert sum(count for _, count in rows) == 1000


def test_the_manual_has_the_exit_codes_of_the_program():
    page = (ROOT / "Sources/stsurvey/Manual.docc/Faults.md").read_text()
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", page, re.M)
    told = re.findall(r"^ +(\d+)  (.*)$", run("--help").stdout, re.M)
    assert len(told) >= 10 and rows[:len(told)] == told
