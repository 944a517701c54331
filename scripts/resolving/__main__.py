"""Sets up unbound for a survey: a validating resolver of its own beside a scan, without root.

  scripts/resolver up [--threads N] [--memory SIZE]   starts it, and says how a scan asks it
  scripts/resolver up --print                         prints its configuration, starts nothing
  scripts/resolver status                             what it has answered, and from where
  scripts/resolver down                               stops it

Its configuration, its process and its log are in .resolver, or the folder that --folder names. It
takes the cores but one, and a quarter of the memory, where nothing else is said.
"""

from __future__ import annotations

import argparse
import ipaddress
import os
import re
import resource
import shutil
import socket
import sys
from pathlib import Path

from .configuration import MIB, Machine, Setup, text
from .service import (
    FAILED,
    WRONG_USE,
    ResolverError,
    end,
    limits_waiting,
    process,
    require_tools,
    start,
    statistics,
)

ROOT = Path(__file__).resolve().parents[2]
ANCHORS = (Path("/usr/share/dns/root.key"), Path("/var/lib/unbound/root.key"))
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
SHOWN = ("total.num.queries", "total.num.cachehits", "total.num.cachemiss",
         "total.num.recursivereplies", "total.requestlist.avg", "total.requestlist.max",
         "total.requestlist.exceeded", "total.recursion.time.avg", "total.recursion.time.median",
         "time.up")


def _size(value: str) -> int:
    found = re.fullmatch(r"(\d+)([kmg]?)", value.lower())
    if not found:
        raise argparse.ArgumentTypeError(f"{value!r} is no size such as 512m or 4g")
    return int(found[1]) * UNITS[found[2]]


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{value!r}: {error}") from None


def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{value!r}: {error}") from None


def _count(least: int, most: int, value: str) -> int:
    if not value.isdigit() or not least <= int(value) <= most:
        raise argparse.ArgumentTypeError(f"{value!r} is not {least} to {most}")
    return int(value)


def _available_memory() -> int:
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) << 10
    raise ResolverError("/proc/meminfo names no MemAvailable: give --memory")


def _has_ipv6() -> bool:
    """Whether there is a route; connecting a datagram socket sends nothing."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.connect(("2001:500:2::c", 53))
    except OSError:
        return False
    return True


def _system(name: str) -> int:
    return int(Path("/proc/sys/net/core", name).read_text())


def machine(options: argparse.Namespace) -> Machine:
    """What the resolver gets of this machine."""
    cores = len(os.sched_getaffinity(0))
    return Machine(
        options.threads or max(1, cores - 1), options.memory or _available_memory() // 4,
        resource.getrlimit(resource.RLIMIT_NOFILE)[1], _system("rmem_max"), _system("wmem_max"),
        _has_ipv6())


def _trust_anchor(options: argparse.Namespace) -> Path:
    known = [options.trust_anchor] if options.trust_anchor else list(ANCHORS)
    for path in known:
        if path.is_file():
            return Path(path).absolute()
    raise ResolverError(
        f"no trust anchor of the root at {' or '.join(map(str, known))}: install dns-root-data, or "
        "name a file by --trust-anchor", WRONG_USE)


def setup(options: argparse.Namespace) -> Setup:
    """Where it is to run."""
    if options.root_hints and not options.root_hints.is_file():
        raise ResolverError(f"--root-hints {options.root_hints}: no such file", WRONG_USE)
    hints = options.root_hints.absolute() if options.root_hints else None
    return Setup(
        options.folder.absolute(), options.address, options.port, tuple(options.allow),
        _trust_anchor(options), hints, options.qname_minimisation, options.so_reuseport,
        limits_waiting())


def up(options: argparse.Namespace) -> None:
    """Starts the resolver; prints its configuration alone where that is asked for."""
    require_tools()
    given, chosen = machine(options), setup(options)
    if problem := given.problem() or chosen.problem():
        raise ResolverError(problem, WRONG_USE)
    written = text(chosen, given)
    if options.print:
        print(written, end="")
        return
    if process(chosen.folder) is not None:
        if chosen.path.read_text() == written:
            print(f"resolver: already up at {chosen.name}")
            return
        end(chosen.folder)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    chosen.path.write_text(written)
    # unbound keeps the file up to date (RFC 5011).
    shutil.copyfile(chosen.trust_anchor, chosen.folder / "root.key")
    (chosen.folder / "unbound.log").unlink(missing_ok=True)
    start(chosen)
    for caution in given.cautions():
        print(f"resolver: {caution}", file=sys.stderr)
    print(f"resolver: up at {chosen.name}, {given.threads} threads, {given.memory // MIB} MiB at "
          f"most; scan with --name-servers {chosen.name}")


def down(options: argparse.Namespace) -> None:
    """Stops the resolver."""
    print("resolver: stopped" if end(options.folder.absolute()) else "resolver: was not up")


def status(options: argparse.Namespace) -> None:
    """Prints what the resolver has done."""
    require_tools()
    folder = options.folder.absolute()
    pid = process(folder)
    if pid is None:
        raise ResolverError("down: start it by 'scripts/resolver up'")
    counted = statistics(folder)
    print(f"resolver: up (process {pid})")
    for name in SHOWN:
        print(f"{name.removeprefix('total.'):24} {counted[name]:>14,.3f}".rstrip("0").rstrip("."))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/resolver", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    begin = commands.add_parser("up", help="start the resolver")
    begin.add_argument("--print", action="store_true",
                       help="print the configuration and start nothing")
    begin.add_argument("--threads", type=lambda value: _count(1, 256, value), metavar="N",
                       help="threads of the resolver (by default the cores but one)")
    begin.add_argument("--memory", type=_size, metavar="SIZE",
                       help="memory that it may take, such as 512m or 4g (a quarter of what is "
                            "free)")
    begin.add_argument("--address", type=_address, default="127.0.0.1", metavar="ADDRESS",
                       help="where it listens (127.0.0.1)")
    begin.add_argument("--port", type=lambda value: _count(1, 65535, value), default=5300,
                       metavar="N", help="its port (5300)")
    begin.add_argument("--allow", type=_network, action="append", default=[], metavar="NETWORK",
                       help="a network beside this machine that may ask; can be given again")
    begin.add_argument("--trust-anchor", type=Path, metavar="FILE",
                       help="the root's keys, where they are not those of dns-root-data")
    begin.add_argument("--root-hints", type=Path, metavar="FILE",
                       help="the root's servers, where they are not the Internet's")
    begin.add_argument("--qname-minimisation", action="store_true",
                       help="send each server no more of a name than it needs (RFC 9156)")
    begin.add_argument("--so-reuseport", action="store_true",
                       help="a socket for each thread, where many clients ask")
    begin.set_defaults(run=up)
    for name, run in (("status", status), ("down", down)):
        commands.add_parser(name, help=(run.__doc__ or "").splitlines()[0]).set_defaults(run=run)
    for command in commands.choices.values():
        command.add_argument("--folder", type=Path, default=ROOT / ".resolver", metavar="DIR",
                             help="the folder of its files (.resolver)")
    return parser


def main() -> int:
    """Runs one command."""
    options = _parser().parse_args()
    try:
        options.run(options)
    except ResolverError as error:
        print(f"resolver: {error}", file=sys.stderr)
        return error.code
    except OSError as error:
        print(f"resolver: {error}", file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
