"""The recipes of datasets/recipes: each gives what the records say."""

import collections
import shutil
import subprocess
import sys

import pytest

from helpers.program import ROOT

RECIPES = ROOT / "datasets/recipes"
# Where scripts/readers has installed them: some are large.
READERS = ROOT / ".build/readers/bin/python"
RUNS = {
    "with_duckdb.py": [sys.executable], "with_polars.py": [sys.executable],
    "with_pandas.py": [str(READERS)], "with_spark.py": [str(READERS)], "with_r.R": ["Rscript"],
}


def wanted(scan):
    """Provider, domains, domains whose first host has a valid certificate."""
    hosts = {(host["host"], host["observation"]): host for host in scan.hosts}
    counts, valid = collections.Counter(), collections.Counter()
    for record in scan.domains:
        if record["sts_mode"] != "enforce" or not record["mx"]:
            continue
        first = record["mx"][0]
        host = hosts.get((first["host"], first["observation"]))
        if host:
            provider = first["host"].split(".", 1)[-1]
            counts[provider] += 1
            valid[provider] += host["certificate_status"] == "ok"
    return [f"{provider}\t{counts[provider]}\t{valid[provider]}" for provider in sorted(counts)]


@pytest.mark.parametrize("recipe", RUNS)
def test_a_recipe_gives_what_the_records_say(quickstart, recipe):
    command = RUNS[recipe]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run([*command, RECIPES / recipe, quickstart.folder], capture_output=True,
                          text=True, cwd=ROOT, timeout=600)
    assert done.returncode == 0, done.stderr
    lines = wanted(quickstart)
    assert len(lines) > 10
    assert done.stdout.splitlines() == lines


def test_every_recipe_is_run_and_listed():
    # The letter is a template of `list`, which the manual's recipes use.
    files = {path.name for path in RECIPES.iterdir()} - {"README.md", "letter.txt"}
    assert files == set(RUNS)
    page = (RECIPES / "README.md").read_text()
    assert all(f"({name})" in page for name in files)
