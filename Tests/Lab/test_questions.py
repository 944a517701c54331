"""The page of questions: each answer in jq against the answer in DuckDB."""

import re
import subprocess

import duckdb
import pytest

from helpers.program import ROOT, run

PAGE = (ROOT / "datasets/questions/README.md").read_text()
HEAD, *PARTS = re.split(r"^### ", PAGE, flags=re.M)
QUESTIONS = {part.partition("\n")[0]: part for part in PARTS}


def block(text, language):
    """The one block of a language."""
    [found] = re.findall(rf"```{language}\n(.*?)```", text, re.S)
    return found


@pytest.fixture(scope="module")
def database(quickstart, tmp_path_factory):
    """DuckDB as the page has it set up, on the lab's scan."""
    folder = tmp_path_factory.mktemp("questions")
    opened = duckdb.connect()
    for record in ["domain", "host"]:
        schema = folder / f"{record}s.sql"
        schema.write_text(run("schema", "--format", "duckdb", "--record", record).stdout)
    for line in block(HEAD, "sql").splitlines():
        is_file = line.startswith(".read ")
        query = (folder / line.removeprefix(".read results/")).read_text() if is_file else line
        opened.execute(query.replace("results/quickstart", str(quickstart.folder)))
    return opened


def words(value):
    """A value of DuckDB as jq prints it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def rows_of_jq(text, folder):
    functions = [line for line in block(HEAD, "sh").splitlines() if "()" in line]
    assert len(functions) == 2
    script = "\n".join([*functions, block(text, "sh")]).replace("results/quickstart", str(folder))
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return sorted(line.split() for line in done.stdout.splitlines())


def rows_of_duckdb(text, database):
    found = database.execute(block(text, "sql")).fetchall()
    return sorted(" ".join(map(words, row)).split() for row in found)


def test_there_are_twenty_questions_of_one_line_each():
    assert [int(title.partition(".")[0]) for title in QUESTIONS] == list(range(1, 21))
    for text in PARTS:
        assert block(text, "sh").count("\n") == block(text, "sql").count("\n") == 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_jq_and_duckdb_give_the_same_answer(quickstart, database, question):
    rows = rows_of_jq(QUESTIONS[question], quickstart.folder)
    assert rows, "the lab has an answer to every question"
    assert rows == rows_of_duckdb(QUESTIONS[question], database)
