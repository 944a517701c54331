"""Who counts the verdicts of records that are there: each must count the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from . import measure
from .peers import VENV, program
from .results import Contender

COUNT_BY_PANDAS = """
import collections, json, subprocess, sys, pandas
reader = subprocess.Popen(["zstd", "-dcq", *sys.argv[1:]], stdout=subprocess.PIPE)
counts = collections.Counter()
for part in pandas.read_json(reader.stdout, lines=True, chunksize=20000):
    counts.update(part["verdict"].value_counts().to_dict())
print(json.dumps(counts))
"""
COUNT_BY_DUCKDB = """
import json, sys, duckdb
query = "SELECT verdict, count(*) FROM read_ndjson(?, columns={verdict: 'VARCHAR'}) GROUP BY 1"
connection = duckdb.connect(config={"threads": 1})
print(json.dumps(dict(connection.execute(query, [sys.argv[1:]]).fetchall())))
"""


def _of_stats(text: str) -> dict[str, int]:
    return {row["verdict"]: row["domains"] for row in json.loads(text)["verdicts"]}


def _of_lines(text: str) -> dict[str, int]:
    """What `uniq -c` writes."""
    pairs = (line.split() for line in text.splitlines())
    return {verdict: int(number) for number, verdict in pairs}


def _counts(
    work: Path, read: Callable[[str], dict[str, int]],
) -> Callable[[Path, measure.Cost], list[str]]:
    """Compares counts with the truth of a list."""
    with (work / "truth.ndjson").open() as file:
        expected = Counter(json.loads(line)["verdict"] for line in file)

    def check(output: Path, _: measure.Cost) -> list[str]:
        found = {k: n for k, n in read(output.read_text()).items() if n}
        return [] if found == expected else [f"counted {found}, not {dict(expected)}"]

    return check


def readers(work: Path, records: Path, count: int) -> list[Contender]:
    """stsurvey on one thread, and the peers that are found, on the same files."""
    files = [str(file) for file in sorted(records.glob("domains-*.ndjson.zst"))]
    stats = [str(program()), "stats", str(records), "--json", "--threads", "1"]
    found = [
        Contender("stsurvey stats, 29 tables", stats, count, check=_counts(work, _of_stats)),
        Contender("zstd, jq, sort, uniq -c", [
            "sh", "-c", 'zstd -dcq "$@" | jq -r .verdict | sort | uniq -c', "sh", *files], count,
            check=_counts(work, _of_lines)),
    ]
    for name, script in (("DuckDB, one query", COUNT_BY_DUCKDB),
                         ("pandas, one count", COUNT_BY_PANDAS)):
        if (VENV / "python").exists():
            found.append(Contender(name, [f"{VENV}/python", "-c", script, *files], count,
                                   check=_counts(work, json.loads)))
    return found
