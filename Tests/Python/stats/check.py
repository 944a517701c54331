"""Brings the lab up, scans it, and compares."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

from soak.workspace import PROGRAM, ROOT, Workspace

from . import columns, figures, report, sql, truth

THIRD_PARTY, OWN = 50, 5
# A long scan on a busy machine must not take its own haste for a time-out.
LONG = 5000
PATIENT = {"--connect-timeout": "10", "--dns-timeout": "5", "--retry-delays": "5,10"}
TRUTH = ("domains.csv", "expected.ndjson", "expected-hosts.ndjson")
LISTED = "listed.csv"
LONG_TABLES_MAX = 100_000
DIFFERENCES_SHOWN = 40
NOT_COMPARED = ("version", "folder", "state", "started_at", "ended_at", "lists", "cautions")


def _run(what: str, *command: object) -> str:
    """What the program prints; reports how long it took."""
    began = time.monotonic()
    done = subprocess.run(
        [PROGRAM, *map(str, command)], cwd=ROOT, text=True, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"stats-check: {what}: {done.stderr[-3000:]}")
    _report_time(what, began)
    return done.stdout


def _report_time(what: str, began: float) -> None:
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)


def make(where: Workspace, domains: int, adoption: float, seed: int, is_again: bool) -> list[Path]:
    """Lab, and in a folder of its own each scan with its statistics and its report."""
    work, began = where.work, time.monotonic()
    passes = [work / "first", work / "again"][:2 if is_again else 1]
    try:
        where.lab("up", "--population", "field", "--domains", domains, "--adoption", adoption,
                  "--seed", seed)
        _report_time(f"lab of {domains:,} domains", began)
        flags = shlex.split(where.lab("flags"))
        for name, value in PATIENT.items() if domains > LONG else ():
            flags[flags.index(name) + 1] = value
        for name in TRUTH:
            shutil.copy(where.folder / "lab" / name, work)
        columns.write(work / "domains.csv", work / LISTED, seed)
        for folder in passes:
            folder.mkdir()
            by = (["--previous", work / "first/scan", "--refetch-share", "0"]
                  if folder.name == "again" else [])
            _run(f"scan ({folder.name})", "scan", work / LISTED, "--output",
                 folder / "scan", "--seed", seed, "--carry", "all", *flags, *by)
    finally:
        where.lab("down")
    for folder in passes:
        counted = ["--by", columns.GROUP, "--weight", columns.WEIGHTS[folder.name]]
        text = _run(f"stats ({folder.name})", "stats", folder / "scan", "--json", *counted)
        (folder / "stats.json").write_text(text)
        _run(f"report ({folder.name})", "report", folder / "scan", "--output",
             folder / "report.html", "--top", LONG_TABLES_MAX, *counted)
    return passes


def _compare(folder: Path) -> tuple[dict[str, Any], dict[str, list[str]], report.Report]:
    """The document of `stats`, the differences by route, and the report's figures."""
    document = json.loads((folder / "stats.json").read_text())
    reported, page = figures.of_document(document), report.Report(folder / "report.html")
    is_again, sources, began = folder.name == "again", {}, time.monotonic()
    weight = columns.WEIGHTS[folder.name]
    sources["truth"] = truth.figures(folder.parent, THIRD_PARTY, OWN, weight, is_again)
    _report_time("truth", began)
    began = time.monotonic()
    sources["DuckDB"] = sql.figures(folder / "scan", THIRD_PARTY, OWN, weight)
    _report_time("DuckDB", began)
    unknown = {"truth": truth.UNKNOWN, "DuckDB": frozenset[str]()}
    found = {name: figures.differences(reported, known, name, unknown[name])
             for name, known in sources.items()}
    for name, known in sources.items():
        found[f"report: {name}"] = (
            figures.differences(page.figures(), known, name, unknown[name])
            + page.differences(known, name, unknown[name]))
    for key, name in (("domain_records", "lines"), ("host_records", "hosts")):
        table = "hosts" if name == "hosts" else "funnel"
        for source, known in sources.items():
            row = [f for f in known if f.table == table and f.column in ("hosts", "domains")
                   and (name == "hosts" or f.row[0] == "lines")]
            if document[key] != (count := sum(known[f] for f in row)):
                found[source].append(f"{key}: reported {document[key]:,}, {source} has {count:,}")
    return document, found, page


def _print(document: dict[str, Any], found: dict[str, list[str]], page: report.Report) -> None:
    counts = Counter(figure.table for figure in figures.of_document(document))
    shown = Counter(shown.table for shown in page.shown)
    shares = Counter(shown.table for shown, _ in page.shares)
    print(f"\n{'table':18} {'figures':>8} {'report shows':>16} {'shares':>7} {'differences':>12}")
    for name in figures.tables(document):
        wrong = sum(line.removeprefix("report: ").startswith(f"{name}[")
                    for lines in found.values() for line in lines)
        print(f"{name:18} {counts[name]:8,} {shown[name]:16,} {shares[name]:7,} {wrong:12,}")
    total = sum(counts.values()) + 2
    print(f"{'all, and 2 totals':18} {total:8,} {len(page.shown):16,} {len(page.shares):7,}\n")
    print(f"{len(figures.tables(document))} tables; not compared, for they count nothing: "
          f"{', '.join(NOT_COMPARED)}.")
    filled = {figure.table for figure, count in figures.of_document(document).items() if count}
    empty = [name for name in figures.tables(document) if name not in filled]
    print(f"Tables that the truth knows nothing of: {', '.join(sorted(truth.UNKNOWN))}.")
    print(f"Tables that the lab shows nothing of: {', '.join(empty) or 'none'}. The truth knows no "
          "times; no table holds any.\n")
    for route, lines in found.items():
        what = "stats" if not route.startswith("report") else "report"
        source = route.removeprefix("report: ")
        number = total if what == "stats" else sum(counts.values()) + len(page.shown) + len(
            page.shares)
        print(f"{what} compared with {source}: {number:,} figures, {len(lines):,} differences")
        for line in lines[:DIFFERENCES_SHOWN]:
            print(f"  {line}")
        if len(lines) > DIFFERENCES_SHOWN:
            print(f"  and {len(lines) - DIFFERENCES_SHOWN:,} more")


def compare(folder: Path) -> int:
    """Compares what the folder of a scan holds; 1 where figures differ."""
    document, found, page = _compare(folder)
    _print(document, found, page)
    return 1 if any(found.values()) else 0


def run(domains: int, adoption: float, seed: int, is_again: bool) -> int:
    """Makes and compares; what was made stays in .soak/stats-check."""
    folders = make(Workspace("stats-check"), domains, adoption, seed, is_again)
    return max([compare(folder) for folder in folders])
