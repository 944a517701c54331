"""A small Internet on loopback, from real servers, for any list of domains.

  scripts/lab up [--domains FILE] [--seed N] [--zoo]
                                               builds it where needed and starts it
  scripts/lab up --population field [--domains N] [--adoption FACTOR] [--seed N]
                                               the same for N invented domains (.lab/domains.csv)
  scripts/lab up --wide […]                    the same behind a network that is as far and as bad
                                               as the Internet, with public addresses
  scripts/lab down                             stops it; no process is left
  scripts/lab status                           says what answers
  scripts/lab stop|start SERVER…               stops or starts single servers of a lab that is up
  scripts/lab flags [--zoo]                    prints the options that point stsurvey at it
  scripts/lab check [--sample N] [--seed N]    asks dig, curl, openssl and posttls-finger

STSURVEY_LAB names another folder than .lab; two labs at once need network namespaces of their own.
The zoo has a domain for every value of the taxonomy. It is added to the domains of the list:
.lab/zoo-domains.txt names its own, .lab/zoo-expected.ndjson the record that each must give.
The population `field` has the providers, adoption and errors that surveys have found, adoption
times a factor so that what is rare is met; see Tests/Python/lab/field.py.
A wide lab needs root and a network namespace without a way to the Internet, whose place it takes:
round trips of 100 to 400 ms, 3 % of addresses silent, 5 % of greetings up to 10 s late, networks
that take few connections a second, lost questions and bursts of SERVFAIL; what a destination is
like follows from the seed. See Tests/Python/lab/wide.py; .lab/wide/counters.json counts.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from . import check, control
from .source import Invented, Listed, Source

DEFAULT_LIST = control.ROOT / "datasets" / "quickstart" / "domains.txt"


def source(options: argparse.Namespace) -> Source:
    """Where the domains come from."""
    if options.population == "lab":
        return Listed(Path(options.domains or DEFAULT_LIST))
    count = options.domains or "100000"
    if not count.isdigit() or not 100 <= int(count) <= 1_000_000:
        raise control.LabError(f"--domains {count}: the field's mix takes 100 to 1000000")
    if not 0 < options.adoption <= 100:
        raise control.LabError(f"--adoption {options.adoption}: it is above 0 and at most 100")
    return Invented(int(count), options.adoption)


def up(options: argparse.Namespace) -> int:
    """Brings the lab up."""
    began = time.monotonic()
    try:
        if options.zoo and options.wide:
            raise control.LabError("--wide: the zoo is near; bring it up without")
        done = control.up(source(options), options.seed, options.zoo, options.wide)
    except (control.LabError, OSError) as error:
        control.say(f"lab: {error}")
        return 1
    except subprocess.CalledProcessError as error:
        control.say(f"lab: {error}\n{error.stderr or b''!r}")
        return 1
    control.say(f"lab: {done} in {time.monotonic() - began:.1f} s; truth in "
                f"{os.path.relpath(control.FOLDER)}/expected.ndjson")
    return 0


def down(_: argparse.Namespace) -> int:
    """Stops the lab."""
    control.say("lab: stopped" if control.down() else "lab: was not up")
    return 0


def status(_: argparse.Namespace) -> int:
    """Says whether the lab is up; exit code 1 where it is not, or not whole."""
    pid = control.supervisor_pid()
    if pid is None:
        print("lab: down")
        return 1
    absent = control.missing()
    print(f"lab: {'no answer from ' + ', '.join(absent) if absent else 'up'} (process {pid})")
    return 1 if absent else 0


def switch(options: argparse.Namespace) -> int:
    """Stops or starts single servers."""
    try:
        control.switch(options.servers, options.command == "start")
    except control.LabError as error:
        control.say(f"lab: {error}")
        return 1
    return 0


def flags(options: argparse.Namespace) -> int:
    """Prints the options for stsurvey."""
    print(control.flags(options.zoo))
    return 0


def compare(options: argparse.Namespace) -> int:
    """Compares the truth with other tools; exit code 1 where they differ."""
    count, found = check.check(control.FOLDER, options.sample, options.seed)
    print("\n".join([*found, f"lab: {count} domains checked, {len(found)} differences"]))
    return 1 if found else 0


def main() -> int:
    """Runs one command."""
    parser = argparse.ArgumentParser(
        prog="scripts/lab", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    start = commands.add_parser("up", help="build and start the lab")
    start.add_argument("--domains", metavar="FILE|N", help="a list, or how many to invent")
    start.add_argument("--population", choices=("lab", "field"), default="lab",
                       help="what the domains are drawn from")
    start.add_argument("--adoption", type=float, default=10, metavar="FACTOR",
                       help="times the field's adoption, for the population field")
    start.add_argument("--seed", type=int, default=8461, metavar="N")
    start.add_argument("--zoo", action="store_true", help="with the zoo of broken domains")
    start.add_argument("--wide", action="store_true", help="behind latency, loss and silence")
    start.set_defaults(run=up)
    for name, run in (("down", down), ("status", status), ("flags", flags)):
        command = commands.add_parser(name, help=(run.__doc__ or "").splitlines()[0])
        command.set_defaults(run=run)
        if run is flags:
            command.add_argument("--zoo", action="store_true", help="those of the zoo")
    for name in ("stop", "start"):
        command = commands.add_parser(name, help=f"{name} single servers")
        command.add_argument("servers", nargs="+", metavar="SERVER")
        command.set_defaults(run=switch)
    look = commands.add_parser("check", help="compare the truth with what other tools say")
    look.add_argument("--sample", type=int, default=20, metavar="N")
    look.add_argument("--seed", type=int, default=1, metavar="N")
    look.set_defaults(run=compare)
    options = parser.parse_args()
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
