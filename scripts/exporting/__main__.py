"""The command line of scripts/export."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from . import output
from .export import export
from .problem import WRONG_USE, ExportError

DESCRIPTION = """Writes scans as tables of Parquet or CSV: domains, hosts (the last record of each),
and certificates (each once, by its SHA-256). Columns are flat and typed; codebook.csv and the
files' metadata say what they mean."""
EXAMPLES = """examples:
  scripts/export results/first --output results/first-parquet
  scripts/export results/first results/second --output results/both --format csv
  scripts/export results/first --output results/all --nested struct
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/export", description=DESCRIPTION, epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER",
                        help="the folder of a scan, finished or not")
    parser.add_argument("--output", type=Path, metavar="DIR", required=True,
                        help="the folder to write; it appears when it is complete")
    parser.add_argument("--force", action="store_true", help="replace an earlier export")
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    parser.add_argument("--nested", choices=("json", "struct"),
                        help="add findings, hosts, sessions and DNS records: as JSON texts or "
                             "as lists of structs (CSV has them as JSON)")
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
    output.check(options.output, options.force)
    export(options.folders, options.output, options.format, options.nested, options.memory,
           options.threads)


def main() -> int:
    """Runs the command; the exit code, as stsurvey has them."""
    try:
        options = _parser().parse_args()
    except SystemExit as end:
        return WRONG_USE if end.code else 0
    try:
        _run(options)
    except ExportError as error:
        print(f"export: {error}", file=sys.stderr)
        return error.code
    except output.Stopped:
        print("export: stopped by a signal; nothing was written", file=sys.stderr)
        return 75
    return 0


if __name__ == "__main__":
    sys.exit(main())
