"""Reads a scan with one reader after the other; what each counts must be the same.

Each reader gives the number of domain records, how many have each verdict, the sum of `mx_count`,
and the number of MX hosts in `policy` records' patterns: a value far down in a nested column that
most records do not have. Of host records each gives the number.
"""

from __future__ import annotations

import argparse
import glob
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).resolve().parents[3] / ".build/release/stsurvey"


# The number of records, how many have each verdict, the MX hosts and the patterns.
Answer = dict[str, Any]
SHELL = ["bash", "-o", "pipefail", "-c"]


def schema(form: str, record: str = "domain") -> str:
    """The schema of one kind of record for a reader."""
    done = subprocess.run(
        [PROGRAM, "schema", "--format", form, "--record", record], capture_output=True, text=True,
        check=True)
    return done.stdout


def read_jq(folder: str) -> Answer:
    """zstdcat gives all frames of all files to jq."""
    counts = ("reduce inputs as $r ({records: 0, verdicts: {}, hosts: 0, patterns: 0};"
              ' .records += 1 | .verdicts[$r.verdict // "null"] += 1'
              " | .hosts += ($r.mx_count // 0) | .patterns += ($r.policy.mx // [] | length))")
    done = subprocess.run(
        [*SHELL, 'zstdcat "$1"/domains-*.zst | jq -nc "$2"', "bash", folder, counts],
        capture_output=True, text=True, check=True)
    answer: Answer = json.loads(done.stdout)
    return answer


def count_jq(folder: str) -> int:
    """Host records by zstdcat and jq."""
    done = subprocess.run(
        [*SHELL, 'zstdcat "$1"/hosts-*.zst | jq -n "[inputs] | length"', "bash", folder],
        capture_output=True, text=True, check=True)
    return int(done.stdout)


def read_duckdb(folder: str) -> Answer:
    """DuckDB with the table macro of `schema --format duckdb`."""
    import duckdb
    database = duckdb.connect()
    database.execute(schema("duckdb"))
    files = f"domains('{folder}/domains-*.ndjson.zst')"
    verdicts = database.execute(f"SELECT verdict, count(*) FROM {files} GROUP BY 1").fetchall()
    [(records, hosts, patterns)] = database.execute(
        f"SELECT count(*), sum(mx_count), sum(len(policy.mx)) FROM {files}").fetchall()
    return _answer(records, verdicts, hosts, patterns)


def count_duckdb(folder: str) -> int:
    """Host records by DuckDB."""
    import duckdb
    database = duckdb.connect()
    database.execute(schema("duckdb", "host"))
    [(count,)] = database.execute(
        f"SELECT count(*) FROM hosts('{folder}/hosts-*.ndjson.zst')").fetchall()
    return int(count)


def read_polars(folder: str) -> Answer:
    """polars with the schema of `schema --format polars`."""
    import polars
    names: dict[str, Any] = {}
    exec(schema("polars"), names)
    frame = polars.scan_ndjson(f"{folder}/domains-*.ndjson.zst", schema=names["domain_schema"])
    verdicts = frame.group_by("verdict").len().collect().rows()
    [(records, hosts, patterns)] = frame.select(
        polars.len(), polars.col("mx_count").sum(),
        polars.col("policy").struct.field("mx").list.len().sum()).collect().rows()
    return _answer(records, verdicts, hosts, patterns)


def count_polars(folder: str) -> int:
    """Host records by polars."""
    import polars
    names: dict[str, Any] = {}
    exec(schema("polars", "host"), names)
    frame = polars.scan_ndjson(f"{folder}/hosts-*.ndjson.zst", schema=names["host_schema"])
    return int(frame.select(polars.len()).collect().item())


def read_pandas(folder: str) -> Answer:
    """pandas, which needs the package zstandard."""
    import pandas
    frames = [frame for path in _files(folder)
              if len(frame := pandas.read_json(path, lines=True, dtype=False, convert_dates=False))]
    return _pandas_answer(pandas.concat(frames)) if frames else _answer(0, [], 0, 0)


def count_pandas(folder: str) -> int:
    """Host records by pandas."""
    import pandas
    return sum(len(pandas.read_json(path, lines=True, dtype=False, convert_dates=False))
               for path in _files(folder, "hosts"))


def _pandas_answer(frame: Any) -> Answer:
    verdicts = frame["verdict"].value_counts(dropna=False).items()
    patterns = sum(len(policy["mx"]) for policy in frame["policy"] if isinstance(policy, dict))
    return _answer(len(frame), [(v if isinstance(v, str) else None, n) for v, n in verdicts],
                   int(frame["mx_count"].sum()), patterns)


def _spark() -> Any:
    from pyspark.sql import SparkSession
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = (SparkSession.builder.master("local[2]").appName("readers")
               .config("spark.ui.enabled", "false")
               .config("spark.ui.showConsoleProgress", "false")
               .config("spark.driver.host", "127.0.0.1")
               .config("spark.driver.bindAddress", "127.0.0.1").getOrCreate())
    session.sparkContext.setLogLevel("OFF")
    return session


def read_spark(folder: str) -> Answer:
    """Spark, which reads the frames of .zst files itself from 4.1 on."""
    from pyspark.sql import functions
    from pyspark.sql.types import StructType
    session = _spark()
    frame = session.read.schema(StructType.fromJson(json.loads(schema("spark")))).json(
        _files(folder))
    verdicts = [tuple(row) for row in frame.groupBy("verdict").count().collect()]
    [row] = frame.select(
        functions.count(functions.lit(1)), functions.sum("mx_count"),
        functions.sum(functions.size("policy.mx"))).collect()
    session.stop()
    return _answer(row[0], verdicts, row[1], row[2])


def count_spark(folder: str) -> int:
    """Host records by Spark."""
    from pyspark.sql.types import StructType
    session = _spark()
    kind = StructType.fromJson(json.loads(schema("spark", "host")))
    count = int(session.read.schema(kind).json(_files(folder, "hosts")).count())
    session.stop()
    return count


def read_at_once(folder: str) -> Answer:
    """The trap: `decompress()` of zstandard."""
    import zstandard
    texts = (zstandard.ZstdDecompressor().decompress(Path(path).read_bytes(), 1 << 30)
             for path in _files(folder))
    return {"records": sum(text.count(b"\n") for text in texts)}


# How each reads domain records, and counts host records.
READERS = {
    "jq": (read_jq, count_jq), "duckdb": (read_duckdb, count_duckdb),
    "polars": (read_polars, count_polars), "pandas": (read_pandas, count_pandas),
    "spark": (read_spark, count_spark),
}
TRAPS = {"decompress() alone": read_at_once}


def _files(folder: str, kind: str = "domains") -> list[str]:
    return sorted(glob.glob(f"{folder}/{kind}-*.ndjson.zst"))


def _answer(
    records: int, verdicts: Iterable[tuple[str | None, int]], hosts: int | None,
    patterns: int | None,
) -> Answer:
    counts = {verdict if verdict is not None else "null": count for verdict, count in verdicts}
    return {"records": records, "verdicts": counts, "hosts": int(hosts or 0),
            "patterns": int(patterns or 0)}


def main() -> int:
    """Reads by all readers asked for; 1 where they differ from jq or from the manifest."""
    parser = argparse.ArgumentParser(prog="scripts/readers", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--without", action="append", default=[], metavar="READER")
    parser.add_argument("--traps", action="store_true", help="try what does not work, too")
    options = parser.parse_args()
    expected = json.loads((Path(options.folder) / "manifest.json").read_text())["totals"]
    wanted = None
    failed = False
    for name, (read, count) in READERS.items():
        if name in options.without:
            continue
        start = time.monotonic()
        answer = read(options.folder)
        seconds = time.monotonic() - start
        answer["verdicts"] = dict(sorted(answer["verdicts"].items()))
        answer["host_records"] = count(options.folder)
        wanted = wanted or answer
        verdicts = {word: n for word, n in sorted(expected["verdict"].items()) if n}
        agrees = (answer == wanted and answer["records"] == expected["domains"]
                  and answer["verdicts"] == verdicts
                  and answer["host_records"] == expected["hosts"])
        failed |= not agrees
        print(f"{name}: {answer['records']} records, {answer['hosts']} MX hosts, "
              f"{answer['host_records']} host records, "
              f"{answer['patterns']} patterns, {seconds:.1f} s: {'agrees' if agrees else answer}",
              flush=True)
    for name, read in TRAPS.items() if options.traps else ():
        try:
            print(f"{name}: {read(options.folder)['records']} records")
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0][:200]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
