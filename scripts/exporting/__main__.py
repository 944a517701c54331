"""The command line of scripts/export."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from . import output, pages
from .export import export
from .hashing import Hasher, read_key
from .problem import WRONG_USE, ExportError
from .publish import publish

DESCRIPTION = """Writes scans as tables of Parquet or CSV: domains, hosts (the last record of each),
and certificates (each once, by its SHA-256). Shards of one scan are taken as one.
Columns are flat and typed; codebook.csv and the files' metadata say what they mean."""
EXAMPLES = """examples:
  scripts/export results/first --output results/first-parquet
  scripts/export results/first results/second --output results/both --format csv
  scripts/export results/first --output results/all --nested struct
  scripts/export results/shards/shard-* --output results/whole
  scripts/export results/first --publish results/dataset --names hashed --key-file key.txt \\
      --title "MTA-STS, June 2026" --author "Doe, Jane" --licence CC-BY-4.0
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/export", description=DESCRIPTION, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER",
                        help="the folder of a scan, finished or not")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--output", type=Path, metavar="DIR",
                       help="the folder to write; it appears when it is complete")
    place.add_argument("--publish", type=Path, metavar="DIR",
                       help="the folder of a data set to publish: of the list it has the domains "
                            "alone")
    parser.add_argument("--force", action="store_true", help="replace an earlier export")
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--nested", choices=("json", "struct"),
                        help="add findings, hosts, sessions and DNS records: as JSON texts or "
                             "as lists of structs (CSV has them as JSON)")
    group = parser.add_argument_group("of --publish")
    group.add_argument("--title", help="the title of the data set")
    group.add_argument("--author", action="append", default=[], metavar="NAME",
                       help="'Family, Given' or an organization; can be repeated")
    group.add_argument("--licence", choices=pages.LICENCES, metavar="SPDX-ID",
                       help=", ".join(pages.LICENCES))
    group.add_argument("--names", choices=pages.NAMES, default="plain",
                       help="domains as they are, hashed with a key (and all other texts, too), "
                            "or statistics only (default: plain)")
    group.add_argument("--key-file", type=Path, metavar="FILE",
                       help="the key for --names hashed; keep it for the next data set")
    group.add_argument("--least", type=int, default=10, metavar="N",
                       help="with --names aggregated: leave out counts below it (default: 10)")
    parser.add_argument("--memory", default="1GB", metavar="SIZE",
                        help="memory for sorting and grouping; beyond it the disk is used "
                             "(default: 1GB)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, metavar="N")
    return parser


def _run(options: argparse.Namespace) -> None:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B", options.memory):
        raise ExportError(f"--memory {options.memory}: say a size such as 512MB or 4GB")
    if not 1 <= options.threads <= 256:
        raise ExportError(f"--threads {options.threads}: from 1 to 256")
    output.check(options.output or options.publish, options.force)
    if options.publish:
        _publish(options)
        return
    export(options.folders, options.output, options.format, options.nested, options.memory,
           options.threads)


def _publish(options: argparse.Namespace) -> None:
    if len(options.folders) != 1:
        raise ExportError("--publish takes one folder; merge shards, and make a data set of each "
                          "scan")
    if not (options.title and options.author and options.licence):
        raise ExportError("--publish needs --title, --author and --licence")
    if options.format != "parquet" or (options.nested and options.names != "plain"):
        raise ExportError("--publish writes Parquet, and nested detail with --names plain only")
    if (options.names == "hashed") != bool(options.key_file):
        raise ExportError("--names hashed needs --key-file, and no other takes it")
    if not 2 <= options.least <= 1_000_000:
        raise ExportError(f"--least {options.least}: from 2 to 1000000")
    hasher = Hasher(read_key(options.key_file)) if options.key_file else None
    what = pages.Publication(options.title, options.author, options.licence, options.names,
                             options.least)
    publish(options.publish, options.folders[0], what, options.nested, hasher, options.memory,
            options.threads)


def main() -> int:
    """Runs the command; the exit code, as stsurvey has them."""
    try:
        options = _parser().parse_args()
    except SystemExit as end:
        return WRONG_USE if end.code else 0
    try:
        _run(options)
        print(options.output or options.publish)
    except ExportError as error:
        print(f"export: {error}", file=sys.stderr)
        return error.code
    except output.Stopped:
        print("export: stopped by a signal; nothing was written", file=sys.stderr)
        return 75
    return 0


if __name__ == "__main__":
    sys.exit(main())
