"""Measures stsurvey beside the floor and the peers, by real servers on loopback.

  scripts/bench run [SUITE…]          beside the floor and the peers
  scripts/bench growth [PART…]        with the list, the domains in flight, the loops, the waiting
  scripts/bench profile SUITE         where a suite's CPU time goes, by library and by function
  scripts/bench report FILE.json      writes a report's Markdown and picture again
  scripts/bench up | down             starts (builds where needed) and stops the load lab
  scripts/bench count [--write]       instruction counts of the pure core
  scripts/bench --check               what grew by more than 5 % since they were written down

Suites: questions, dns, policies, probes, pipeline, reading; parts: size, window, loops, waiting;
all by default. The servers have one core and the client another. Figures are CPU time, medians of
runs taken in turn (--rounds), and every record is compared with the truth. --report FILE.json keeps
what was measured, instead of what it has of the same suites, and writes FILE.md beside it.
Run it as root in a network namespace of its own (ip netns), so that peers that know the usual
ports only can ask too. STSURVEY names another program than the one of the release build.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import counts, growth, load_lab, peers, profile, report, results, suites, tables


def _prepare(domains: int | None) -> int:
    """The load lab up, the floor built; the size of the universe."""
    size = domains or load_lab.built_size() or suites.PIPELINE_COUNT
    done = load_lab.up(size, growth.sizes_of(size))
    print(f"bench: load lab of {size:,} domains: {done}", file=sys.stderr)
    peers.build_floor()
    results.SCRATCH.mkdir(exist_ok=True)
    return size


def measure(options: argparse.Namespace) -> int:
    """Measures suites or parts; exit code 1 where a record differs from the truth."""
    size = _prepare(options.domains)
    is_wrong = False
    for name in options.names or options.all:
        found = options.all[name](options.rounds, size)
        print(f"\n{tables.TITLES[name]}\n\n{tables.table(name, found)}\n", flush=True)
        if options.report:
            report.keep(options.report, {name: found}, size, sys.argv[1:])
            report.write(options.report)
        for line in [d for r in found for d in r.differences][:20]:
            print(f"bench: {line}", file=sys.stderr)
        is_wrong = is_wrong or any(r.differences for r in found)
    return 1 if is_wrong else 0


def look(options: argparse.Namespace) -> int:
    """Reports where a suite's CPU time goes."""
    _prepare(options.domains)
    print(profile.table(options.suite, profile.record(options.suite)))
    return 0


def write(options: argparse.Namespace) -> int:
    """Writes a report again from its JSON."""
    report.write(options.file)
    if options.page:
        report.write_page(options.file)
    return 0


def count(options: argparse.Namespace) -> int:
    """Counts instructions."""
    counts.build()
    found = {name: counts.count(name) for name in counts.names()}
    for name, instructions in found.items():
        print(f"{name:26} {instructions:9,}")
    if options.write:
        counts.THRESHOLDS.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def check() -> int:
    """Exit code 1 where a workload takes more instructions than it did."""
    counts.build()
    grown = counts.compare({name: counts.count(name) for name in counts.names()}, counts.read())
    print("\n".join(grown) if grown else "bench: no workload grew by more than 5 %")
    return 1 if grown else 0


def up(options: argparse.Namespace) -> int:
    """Starts the load lab."""
    _prepare(options.domains)
    return 0


def down(_: argparse.Namespace) -> int:
    """Stops the load lab."""
    print("bench: stopped" if load_lab.down() else "bench: was not up", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, known, word in (("run", suites.ALL, "SUITE"), ("growth", growth.ALL, "PART")):
        command = commands.add_parser(name, help=(measure.__doc__ or "").splitlines()[0])
        command.add_argument("names", nargs="*", metavar=word, choices=[*known, []])
        command.add_argument("--rounds", type=int, default=5, metavar="N")
        command.add_argument("--report", type=Path, metavar="FILE.json")
        command.set_defaults(run=measure, all=known)
        _add_domains(command)
    command = commands.add_parser("profile", help="where a suite's CPU time goes")
    command.add_argument("suite", choices=profile.LISTS, metavar="SUITE")
    command.set_defaults(run=look)
    _add_domains(command)
    command = commands.add_parser("report", help="write a report again from its JSON")
    command.add_argument("file", type=Path, metavar="FILE.json")
    command.add_argument("--page", action="store_true",
                         help="the tables of Benchmarks/README.md too")
    command.set_defaults(run=write)
    command = commands.add_parser("up", help="start the load lab")
    command.set_defaults(run=up)
    _add_domains(command)
    commands.add_parser("down", help="stop the load lab").set_defaults(run=down)
    command = commands.add_parser("count", help="instruction counts")
    command.add_argument("--write", action="store_true", help="write them down as thresholds")
    command.set_defaults(run=count)
    return parser


def _add_domains(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--domains", type=int, metavar="N",
        help="domains of the universe (by default as it is built, or 100,000)")


def main() -> int:
    """Runs one command."""
    if sys.argv[1:] == ["--check"]:
        return check()
    options = _parser().parse_args()
    try:
        code: int = options.run(options)
    except load_lab.LabError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
