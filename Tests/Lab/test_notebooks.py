"""The notebooks, run from top to bottom on the lab's scans."""

import html
import json
import os
import re
import subprocess
import sys

import pytest

from helpers.program import ROOT, run

FOLDER = ROOT / "scripts/notebooks"
NOTEBOOKS = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
PAPERMILL: list[object] = [sys.executable, "-m", "papermill", "--no-progress-bar", "--cwd", FOLDER]


@pytest.fixture(scope="module")
def executed(quickstart, later, tmp_path_factory):
    """All notebooks, run side by side: the cells of each, or what went wrong."""
    folder = tmp_path_factory.mktemp("notebooks")
    runs = {}
    for name in NOTEBOOKS:
        parameters = {"scan": quickstart.folder}
        if name == "changes":
            parameters = {"old": quickstart.folder, "new": later.folder}
        options = [word for key, value in parameters.items() for word in ("-p", key, value)]
        runs[name] = subprocess.Popen(
            list(map(str, [*PAPERMILL, FOLDER / f"{name}.ipynb", folder / f"{name}.ipynb",
                           *options])),
            stderr=subprocess.PIPE, text=True)
    cells = {}
    for name, process in runs.items():
        _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors[-3000:]
        cells[name] = json.loads((folder / f"{name}.ipynb").read_text())["cells"]
    return cells


def test_a_relative_folder_is_found_from_where_papermill_was_started(quickstart, tmp_path):
    text = "from scans import folder\nimport sys\nprint(folder(sys.argv[1]))"
    name = quickstart.folder.name

    def find(name, **environment):
        return subprocess.run(
            [sys.executable, "-c", text, name], cwd=FOLDER, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": str(FOLDER)} | environment)

    assert find(name, PWD=str(quickstart.folder.parent)).stdout.strip() == str(quickstart.folder)
    done = find("no/such/folder", PWD=str(tmp_path))
    assert done.returncode == 1 and str(tmp_path / "no/such/folder") in done.stderr


def test_ranks_are_those_of_stats(executed, quickstart):
    stats = json.loads(run("stats", quickstart.folder, "--json", "--table", "ranks").stdout)
    charts = outputs(executed["adoption"], "image/svg+xml")
    for row in stats["ranks"]:
        if row["mail"]:
            assert any(row["rank"] in chart for chart in charts), row


def outputs(cells, kind):
    """What the cells have shown of one media type."""
    return ["".join(shown["data"][kind]) for cell in cells for shown in cell.get("outputs", [])
            if kind in shown.get("data", {})]


def test_there_are_four_notebooks():
    assert NOTEBOOKS == ["adoption", "changes", "errors", "providers"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_kept_without_outputs(name):
    for cell in json.loads((FOLDER / f"{name}.ipynb").read_text())["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_draws_without_the_network(executed, name):
    pictures = outputs(executed[name], "image/svg+xml")
    assert len(pictures) >= 3
    for picture in pictures:
        assert "<path" in picture and not re.search(r"(href|src)=.https?://", picture)
    tables = outputs(executed[name], "text/html")
    assert tables and all("<table" in table and "<script" not in table for table in tables)


def table_rows(text):
    """The rows of a table as polars shows it in HTML; strings stand in quotes there."""
    body = html.unescape(text.partition("<tbody>")[2])
    return [[value.strip('"') for value in re.findall(r"<td>(.*?)</td>", row)]
            for row in body.split("</tr>") if "<td>" in row]


def test_the_funnel_is_that_of_the_records(executed, quickstart):
    mail = [record for record in quickstart.domains
            if record["mx_status"] in ("has_mx", "implicit", "null_mx_plus")]
    unknown = ("servfail", "refused", "timeout", "unreachable", "dns_error")
    known = [record for record in mail if record["sts_record_status"] not in unknown]
    published = [record for record in known
                 if record["sts_record_status"] not in ("absent", "unrelated")]
    valid = [record for record in published if record["sts_record_status"] == "ok"]
    served = [record for record in valid if record["policy_status"] == "ok"]
    enforced = [record for record in served if record["sts_mode"] == "enforce"]
    protected = [record for record in mail if record["verdict"] == "protected_sts"]
    expected = [quickstart.domains, mail, known, published, valid, served, enforced, protected]
    shown = table_rows(outputs(executed["adoption"], "text/html")[0])
    assert [int(row[1]) for row in shown] == [len(step) for step in expected]


def test_the_changes_made_are_the_changes_told(executed, quickstart, later):
    tables = [table_rows(text) for text in outputs(executed["changes"], "text/html")]
    states = {row[0]: int(row[1]) for row in tables[1]}
    # One record was added; two were taken away: of a policy in force, and of one in mode none.
    assert (states["adopted"], states["dropped"]) == (1, 2)
    assert states["not known in one of the two"] >= 1
    assert sum(states.values()) == len(quickstart.domains)
    modes = {tuple(row[:2]) for row in tables[2]}
    assert {("enforce", "testing"), ("testing", "enforce"), ("testing", "none")} <= modes
