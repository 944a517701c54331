"""Disturbs scans on purpose and compares their results with undisturbed ones.

  scripts/soak SCENARIO [options]      one of those below
  scripts/soak all                     all but the long one and that on Spark

Each scenario has a lab and network of its own, prints what it finds, and writes it to
.soak/SCENARIO/report.md. Exit code 1 where something is not as it must be. What it needs beside the
lab is installed by scripts/setup --lab --soak.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from . import (
    cluster,
    crash,
    damage,
    disk,
    hang,
    longrun,
    loss,
    moments,
    outages,
    sanitize,
    signals,
    starved,
    workspace,
)

SCENARIOS = {
    "crash": crash, "moments": moments, "disk": disk, "damage": damage, "outages": outages,
    "loss": loss, "hang": hang, "signals": signals, "sanitize": sanitize, "starved": starved,
    "long": longrun, "cluster": cluster,
}
# Not the longest, and what needs Java.
IN_ALL = [name for name in SCENARIOS if name not in ("long", "cluster")]


def run_all() -> int:
    """Runs one scenario after the other."""
    command = workspace.ROOT / "scripts/soak"
    codes = {name: subprocess.run([command, name], check=False).returncode for name in IN_ALL}
    for name, code in codes.items():
        print(f"{name}: {'FAILED' if code else 'passed'}")
    return 1 if any(codes.values()) else 0


def main() -> int:
    """Runs one scenario, or all."""
    parser = argparse.ArgumentParser(
        prog="scripts/soak", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="scenario", required=True)
    for name, module in SCENARIOS.items():
        command = commands.add_parser(
            name, help=(module.__doc__ or "").partition("\n")[0], description=module.__doc__,
            formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        module.add_options(command)
    commands.add_parser("all", help="all but the long one and that on Spark")
    options = parser.parse_args()
    if not workspace.PROGRAM.exists():
        print("soak: build first: swift build -c release --product stsurvey", file=sys.stderr)
        return 1
    if options.scenario == "all":
        return run_all()
    module = SCENARIOS[options.scenario]
    if not workspace.is_inside() and hasattr(module, "prepare"):
        module.prepare(options)
    workspace.enter()
    code: int = module.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
