"""Scans the list of a wide lab that is up, and shows what goes on over time.

  PYTHONPATH=Benchmarks:Tests/Python:Tests/Lab python3 -P -m bench.wide_scan FOLDER
      [--scan=OPTIONS]… [--every SECONDS]

For each --scan (options of `stsurvey scan`, once none where none is given) the list is scanned with
everything else at its default. Every record is compared with the truth.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from helpers.truth import differences
from lab import control

from . import measure
from .peers import program
from .truth import records

HEAD = ("| seconds | domains/s | questions/s | questions out | probes/s | sessions | of slow hosts "
        "| waiting for a limit | waiting for a retry | domains in flight | questions at most "
        "| sessions at most | limited by |\n" + "|---:" * 12 + "|---|")
COUNTERS = ("domains", "dns_questions", "smtp_sessions")
SHOWN = ("dns_in_flight", "smtp_sessions_in_flight", "smtp_slow_sessions_in_flight",
         "limit_waiting", "retries_waiting", "domains_in_flight", "dns_window",
         "smtp_sessions_window")
Moment = dict[str, Any]


def _limits(moments: list[Moment]) -> str:
    """What limited the scan in an interval, with the share of its moments."""
    found = Counter(moment.get("limited_by", "not said") for moment in moments)
    return ", ".join(f"{what} {count * 100 // len(moments)} %"
                     for what, count in found.most_common())


def timeline(moments: list[Moment], every: int) -> list[str]:
    """A row for each interval: rates, and means of what was in progress."""
    rows, last = [], dict.fromkeys((*COUNTERS, "elapsed_ms"), 0)
    ends = list(range(every, moments[-1]["elapsed_ms"] // 1000 + every, every))
    for end in ends:
        within = [m for m in moments if (end - every) * 1000 < m["elapsed_ms"] <= end * 1000]
        if not within:
            continue
        newest = within[-1]
        seconds = (newest["elapsed_ms"] - last["elapsed_ms"]) / 1000
        domains, questions, probes = (
            f"{(newest[key] - last[key]) / seconds:,.0f}" for key in COUNTERS)
        means = [f"{sum(m.get(key, 0) for m in within) / len(within):,.0f}" for key in SHOWN]
        rows.append("| " + " | ".join([
            str(end), domains, questions, means[0], probes, *means[1:],
            _limits(within)]) + " |")
        last = newest
    return rows


def compared(output: Path) -> tuple[int, list[str]]:
    """How many records there are, and what they say other than the truth."""
    with (control.FOLDER / "expected.ndjson").open() as file:
        known = [json.loads(line) for line in file]
    found, seen = [], 0
    for record in records(output, "domains"):
        seen += 1
        expected = known[record["index"]]
        if expected["domain"]:
            found += differences(expected, record)
    return seen, found + ([] if seen == len(known) else [f"{seen} records of {len(known)}"])


def run(folder: Path, number: int, options: list[str], every: int) -> list[str]:
    """One scan; what was not true."""
    output, status = folder / f"output-{number}", folder / f"status-{number}.ndjson"
    shutil.rmtree(output, ignore_errors=True)
    status.unlink(missing_ok=True)
    before = json.loads((control.FOLDER / "wide/counters.json").read_text())
    cores = ",".join(map(str, sorted(os.sched_getaffinity(0))))
    cost = measure.run(
        [str(program()), "scan", str(control.FOLDER / "domains.csv"), "--output", str(output),
         *shlex.split(control.flags()), "--quiet", "--status-updates-file", str(status), *options],
        folder / "errors", folder / "printed", cores)
    if cost.returncode:
        raise SystemExit(f"bench: the scan ended with {cost.returncode}: "
                         f"{(folder / 'errors').read_text()[-1000:]}")
    after = json.loads((control.FOLDER / "wide/counters.json").read_text())
    count, found = compared(output)
    with status.open() as file:
        moments = [json.loads(line) for line in file]
    probes = moments[-1]["smtp_sessions"]
    print(f"\n{shlex.join(options) or 'defaults'}: {count:,} domains in {cost.wall:.0f} s, "
          f"{count / cost.wall:.0f} a second; {probes:,} sessions, {probes / cost.wall:.0f} a "
          f"second; CPU {cost.cpu:.0f} s; {cost.peak_kib >> 10} MiB; {len(found):,} differences")
    print("the way: " + ", ".join(
        f"{name} {after[name] - before[name]:,}" for name in after if name != "waiting_most"))
    print(HEAD, *timeline(moments, every), sep="\n", flush=True)
    return found


def main() -> int:
    """Runs the scans; exit code 1 where a record is not true."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scan", action="append", type=shlex.split, metavar="OPTIONS")
    parser.add_argument("--every", type=int, default=20, metavar="SECONDS")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    is_wrong = False
    for number, scan in enumerate(options.scan or [[]]):
        found = run(options.folder, number, scan, options.every)
        print(*found[:20], sep="\n", file=sys.stderr)
        is_wrong = is_wrong or bool(found)
    return 1 if is_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
