"""Scans lists of domains on Spark; options of stsurvey stand after `--`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from sparking import statistics, tables
from sparking.problem import AGAIN, NOT_THERE, WRONG_USE, Problem
from sparking.program import Settings
from sparking.survey import Survey, say

ROOT = Path(__file__).resolve().parents[2]
# How often a task is tried whose child or worker has died.
TRIES = 4


def main() -> int:
    """Runs the survey, or goes on with it; the exit code."""
    words = sys.argv[1:]
    own = words.index("--") if "--" in words else len(words)
    try:
        run(parse(words[:own]), words[own + 1:])
    except Problem as problem:
        say(str(problem))
        return problem.code
    except (Py4JJavaError, PySparkException) as problem:
        say(f"a task has failed {TRIES} times; run again, the job does what is missing: {problem}")
        return AGAIN
    return 0


class Parser(argparse.ArgumentParser):
    """Wrong use ends as that of stsurvey does."""

    def error(self, message: str) -> NoReturn:
        raise Problem(f"{message}; see --help", WRONG_USE)


def parse(words: list[str]) -> argparse.Namespace:
    """The options of the job itself."""
    parser = Parser(
        prog="scripts/spark", description=__doc__,
        usage="%(prog)s LIST… --output DIR [option…] [-- option of stsurvey…]")
    parser.add_argument("lists", nargs="+", metavar="LIST",
                        help="a name a line, or NDJSON with the key domain; plain, .gz or .bz2")
    parser.add_argument("--output", required=True, type=Path, metavar="DIR",
                        help="a folder that all workers see at this path")
    parser.add_argument("--program", type=Path, default=ROOT / ".build/release/stsurvey",
                        help="the program, which the job ships to the workers")
    parser.add_argument("--master", default="local", help="local, or spark://HOST:PORT")
    parser.add_argument("--tasks", type=int, default=2, metavar="N",
                        help="tasks at once, among which limits are divided (default: 2)")
    parser.add_argument("--partitions", type=int, default=16, metavar="N",
                        help="what is done again where a worker dies is one of N (default: 16)")
    parser.add_argument("--basis", default="list", help="hive partition: what the list is")
    parser.add_argument("--source", default="own", help="hive partition: whose list it is")
    parser.add_argument("--conf", action="append", default=[], metavar="KEY=VALUE",
                        help="a setting of Spark")
    return parser.parse_args(words)


def run(options: argparse.Namespace, words: list[str]) -> None:
    """Checks what was asked for, then runs all stages."""
    if min(options.tasks, options.partitions) < 1:
        raise Problem("--tasks and --partitions are 1 at least", WRONG_USE)
    if options.master != "local" and not options.master.startswith("spark://"):
        raise Problem(f"--master {options.master}: must be local or spark://HOST:PORT, where the"
                      " number of tasks at once is known and limits hold", WRONG_USE)
    for name in ("basis", "source"):
        if not (value := getattr(options, name)).replace("-", "").replace("_", "").isalnum():
            raise Problem(f"--{name} '{value}': letters, digits, - and _ alone", WRONG_USE)
    for path in (options.program, *map(Path, options.lists)):
        if not path.exists():
            raise Problem(f"{path} is not there", NOT_THERE)
    if any(not setting.partition("=")[1] for setting in options.conf):
        raise Problem("--conf takes KEY=VALUE", WRONG_USE)
    options.output = options.output.resolve()
    settings = Settings.parse(options.program, words, options.tasks)
    plan = agreed_plan(options, words)
    session = connect(options)
    try:
        survey(session, options, settings, plan)
    finally:
        session.stop()


def agreed_plan(options: argparse.Namespace, words: list[str]) -> dict[str, Any]:
    """What the files of this folder are of: written by the first run, the same in each later."""
    version = subprocess.run(
        [options.program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    asked = {
        "lists": [str(Path(path).resolve()) for path in options.lists],
        "sizes": [Path(path).stat().st_size for path in options.lists],
        "partitions": options.partitions, "basis": options.basis, "source": options.source,
        "options": words, "version": version,
    }
    path = options.output / "plan.json"
    if not path.exists():
        if options.output.exists() and any(options.output.iterdir()):
            raise Problem(f"{options.output} has files and no plan.json: not a survey's", WRONG_USE)
        options.output.mkdir(parents=True, exist_ok=True)
        write(path, {**asked, "date": f"{datetime.now(UTC):%Y-%m-%d}"})
    plan: dict[str, Any] = json.loads(path.read_text())
    for key, value in asked.items():
        if plan[key] != value:
            raise Problem(f"{options.output}: its {key} are {plan[key]}, not {value}; give another"
                          " --output", WRONG_USE)
    return plan


def write(path: Path, value: Any) -> None:
    """Writes a file of JSON at once."""
    temporary = path.with_name(f".{path.name}")
    with temporary.open("w") as file:
        json.dump(value, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def connect(options: argparse.Namespace) -> Any:
    """A session that runs each task once, unless it fails."""
    local = options.master == "local"
    builder = SparkSession.builder.appName("stsurvey").master(
        f"local[{options.tasks},{TRIES}]" if local else options.master)
    settings = {
        "spark.speculation": "false", "spark.cores.max": options.tasks,
        "spark.task.maxFailures": TRIES, "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": options.partitions,
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
    }
    if local:
        os.environ["PYSPARK_PYTHON"] = sys.executable
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    settings |= dict(setting.split("=", 1) for setting in options.conf)
    for key, value in settings.items():
        builder = builder.config(key, str(value))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def survey(
    session: Any, options: argparse.Namespace, settings: Settings, plan: dict[str, Any],
) -> None:
    """All stages, then tables, the check and the counts."""
    day = datetime.strptime(plan["date"], "%Y-%m-%d")

    def folder(form: str, kind: str) -> Path:
        path: Path = options.output / form
        return (path / f"basis={options.basis}" / f"source={options.source}" / f"record={kind}"
                / f"year={day:%Y}" / f"month={day:%m}" / f"day={day:%d}")

    context = session.sparkContext
    with TemporaryDirectory() as shipped:
        # Spark gives workers a file by its name.
        shutil.copy(options.program, Path(shipped) / "stsurvey")
        context.addFile(str(Path(shipped) / "stsurvey"))
        context.addPyFile(shutil.make_archive(
            f"{shipped}/sparking", "zip", ROOT / "scripts", "sparking"))
        Survey(context, settings, options.output / "work",
               lambda kind: folder("ndjson", kind), options.partitions).run(plan["lists"])
        tables.write_parquet(session, options.program, lambda kind: folder("ndjson", kind),
                             lambda kind: folder("parquet", kind))
        entries = tables.check(session, options.output / "work/entries", options.partitions)
        counts = statistics.count(session)
    write(options.output / "statistics.json", counts)
    say(f"{entries:,} entries, a record each: " + ", ".join(
        f"{row['verdict']} {row['domains']:,}" for row in counts["verdicts"]))


if __name__ == "__main__":
    sys.exit(main())
