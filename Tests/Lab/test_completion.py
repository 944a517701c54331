"""What a shell offers where a value, a file or a folder is wanted, asked of bash itself."""

import re
import subprocess

import pytest

from helpers.program import run

ASK = """
source completion
COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9
_stsurvey stsurvey "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def offered(tmp_path_factory):
    """Completes a command line in a folder with one file and one folder: offered(*words)."""
    folder = tmp_path_factory.mktemp("completion")
    (folder / "completion").write_text(run("--generate-completion-script", "bash").stdout)
    (folder / "list.txt").touch()
    (folder / "results").mkdir()

    def offer(*words):
        done = subprocess.run(
            ["bash", "--norc", "-c", ASK, "bash", "stsurvey", *words], cwd=folder,
            capture_output=True, text=True, timeout=60)
        return {word.strip() for word in done.stdout.split("\n") if word.strip()}

    return offer


@pytest.mark.parametrize("words", [
    ["scan", ""], ["scan", "--preload", ""], ["scan", "--blocklist-file", ""],
    ["scan", "--ca-file", ""], ["check", "--ca-file", ""], ["rejudge", "--preload", ""],
    ["probe", ""], ["judge", "--hosts", ""],
    ["stats", "--providers", ""], ["report", "--output", ""], ["lint", "policy", ""],
])
def test_files_are_offered_where_a_file_is_wanted(offered, words):
    assert {"list.txt", "results"} <= {word.rstrip("/") for word in offered(*words)}


@pytest.mark.parametrize("words", [
    ["scan", "--output", ""], ["scan", "-o", ""], ["scan", "--resume", ""],
    ["scan", "--previous", ""], ["scan", "--ask-again", ""], ["stats", ""], ["report", ""],
    ["verify", ""], ["diff", ""], ["rejudge", ""], ["rejudge", "--output", ""],
    ["judge", "--output", ""], ["probe", "--output", ""], ["fetch", "-o", ""],
    ["merge", ""], ["merge", "--output", ""],
])
def test_folders_alone_are_offered_where_a_folder_is_wanted(offered, words):
    found = {word.rstrip("/") for word in offered(*words)}
    assert "results" in found and "list.txt" not in found


@pytest.mark.parametrize(("words", "values"), [
    (["scan", "--probe", ""], {"all", "records", "none"}),
    (["check", "--family", "ipv"], {"ipv4", "ipv6"}),
    (["schema", "--record", ""], {"domain", "host", "policy", "change"}),
])
def test_the_values_of_an_enumeration_are_offered(offered, words, values):
    assert offered(*words) == values


def test_the_tables_of_stats_are_offered(offered):
    tables = re.search(r"Tables: ([^.]*)\.", run("stats", "--help").stdout).group(1)
    assert offered("stats", "--table", "") == set(re.split(r",\s+", tables))
