"""Compares every figure of `stsurvey stats` and `stsurvey report` with two other sources.

  scripts/stats-check [--domains N] [--adoption FACTOR] [--seed N] [--again]

Brings up a lab with the field's providers, adoption and errors (scripts/lab up --population field)
in a network of its own, scans it with the built program, and compares each figure of all tables
with the one that the lab's truth gives, which no record is read for, and with the one that DuckDB
finds in the .ndjson.zst files by a query of its own; those that the report shows are compared with
both. Each line of the list has a sector and weights beside the domain, for --by and --weight. With
--again the list is scanned a second time by --previous, and must give the same but for what only a
response shows. Exit code 1 where a figure differs. Scans and reports stay in
.soak/stats-check/work. Needs scripts/setup --lab --test --soak.
"""

from __future__ import annotations

import argparse
import sys

from soak import workspace

from . import check


def main() -> int:
    """Runs the check in namespaces of its own."""
    parser = argparse.ArgumentParser(
        prog="scripts/stats-check", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", type=int, default=100_000, metavar="N")
    parser.add_argument("--adoption", type=float, default=10, metavar="FACTOR",
                        help="times the field's adoption, so that rare errors are met")
    parser.add_argument("--seed", type=int, default=8461, metavar="N")
    parser.add_argument("--again", action="store_true",
                        help="scan a second time with --previous, and compare that as well")
    options = parser.parse_args()
    if not workspace.PROGRAM.exists():
        print("stats-check: build first: swift build -c release --product stsurvey",
              file=sys.stderr)
        return 1
    workspace.enter()
    return check.run(options.domains, options.adoption, options.seed, options.again)


if __name__ == "__main__":
    sys.exit(main())
