"""What recursion costs: a scan without probes through unbound, as `scripts/resolver` sets it up.

  PYTHONPATH=Benchmarks:Tests/Python:scripts python3 -P -m bench.recursion FOLDER
      [--domains N] [--runs N] [--resolver=OPTIONS]… [--scan=OPTIONS]

Runs as root in a network namespace without a way to the Internet. For each --resolver (options of
`scripts/resolver up`, once without any where none is given) unbound starts empty, and a list of
other domains of the hierarchy is scanned; every record is compared with the truth.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lab import wide
from resolving.service import process, statistics

from . import hierarchy, measure
from .load_lab import ROOT
from .peers import program
from .truth import records

SEED = 8461
ADDRESS, SCAN_PORT = "127.0.0.1", 5300
HEAD = ("| resolver | domains | seconds | domains a second | stsurvey, µs a domain "
        "| unbound, µs a domain | questions of stsurvey a domain | of these dropped "
        "| questions upstream a domain | octets upstream a domain | memory of unbound "
        "| unknown | other than the truth |\n" + "|---" * 2 + "|---:" * 11 + "|")


def _resolver(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        [ROOT / "scripts/resolver", *arguments, "--folder", folder], check=True, text=True,
        stdout=subprocess.PIPE).stdout


def differences(output: Path, expected: Path) -> tuple[int, list[str]]:
    """How many records are unknown for want of answers, and those that are not true."""
    with expected.open() as file:
        known = {line["domain"]: line for line in map(json.loads, file)}
    found, unknown, seen = [], 0, 0
    for record in records(output, "domains"):
        seen += 1
        wanted = known[record["domain"]]
        wrong = [key for key in wanted if record[key] != wanted[key]]
        if not wrong:
            continue
        if all(record[key] in ("servfail", "timeout") or key == "mx_count" for key in wrong):
            unknown += 1
            continue
        found += [f"{record['domain']}: {key} {record[key]!r}, not {wanted[key]!r}"
                  for key in wrong]
    return unknown, found + ([] if seen == len(known) else [f"{seen} records of {len(known)}"])


def _octets() -> int:
    """What has come in by the device: each packet comes once, on its way there or back."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, _, counters = line.partition(":")
        if name.strip() == wide.DEVICE:
            return int(counters.split()[0])
    raise SystemExit(f"bench: no device {wide.DEVICE}")


def begin(servers: hierarchy.Hierarchy, work: Path, options: list[str]) -> int:
    """Starts a resolver that knows nothing yet but where the hierarchy begins; its process."""
    upper = servers.folder / "upper"
    _resolver(work / "resolver", "up", "--trust-anchor", str(upper / "root.key"), "--root-hints",
              str(upper / "root.hints"), "--port", str(SCAN_PORT), *options)
    pid = process(work / "resolver")
    assert pid
    return pid


def end(work: Path) -> None:
    """Stops the resolver."""
    _resolver(work / "resolver", "down")


def run(
    servers: hierarchy.Hierarchy, work: Path, resolver: list[str], scan: list[str],
) -> tuple[list[Any], list[str]]:
    """One scan through a resolver that starts empty: a row of figures, and what was not true."""
    folder, output = work / "resolver", work / "output"
    shutil.rmtree(output, ignore_errors=True)
    pid = begin(servers, work, resolver)
    try:
        before, octets = servers.counters()["questions"], _octets()
        began = hierarchy.cpu_seconds(pid)
        cores = ",".join(map(str, sorted(os.sched_getaffinity(0))))
        cost = measure.run(
            [str(program()), "scan", str(servers.folder / "domains.txt"), "--output", str(output),
             "--probe", "none", "--name-servers", f"{ADDRESS}:{SCAN_PORT}", "--log-level", "error",
             "--ehlo-name", "scanner.lab.test", "--contact", "https://lab.test/", "--quiet", *scan],
            work / "errors", work / "printed", cores)
        cpu, peak, counted = (
            hierarchy.cpu_seconds(pid) - began, hierarchy.peak_kib(pid), statistics(folder))
        # The forwarder writes its counters each second.
        time.sleep(1.5)
        upstream, octets = servers.counters()["questions"] - before, _octets() - octets
    finally:
        end(work)
    if cost.returncode:
        raise SystemExit(f"bench: the scan ended with {cost.returncode}: "
                         f"{(work / 'errors').read_text()[-500:]}")
    unknown, found = differences(output, servers.folder / "truth.ndjson")
    with (servers.folder / "truth.ndjson").open() as file:
        domains = sum(1 for _ in file)
    row = [shlex.join(resolver) or "as it is", f"{domains:,}", f"{cost.wall:.0f}",
           f"{domains / cost.wall:,.0f}", f"{1e6 * cost.cpu / domains:.0f}",
           f"{1e6 * cpu / domains:.0f}", f"{counted['total.num.queries'] / domains:.2f}",
           f"{counted['total.requestlist.exceeded'] / counted['total.num.queries']:.1%}",
           f"{upstream / domains:.2f}", f"{octets / domains:,.0f}", f"{peak >> 10} MiB",
           f"{unknown:,}", f"{len(found):,}"]
    return row, found


def main() -> int:
    """Runs the scans; exit code 1 where a record is not true."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--domains", type=int, default=200_000, metavar="N")
    parser.add_argument("--runs", type=int, default=1, metavar="N")
    parser.add_argument("--resolver", action="append", type=shlex.split, metavar="OPTIONS")
    parser.add_argument("--scan", type=shlex.split, default=[], metavar="OPTIONS")
    options = parser.parse_args()
    if obstacle := wide.obstacle():
        raise SystemExit(f"bench: {obstacle}")
    folder = options.folder.absolute()
    hierarchy.write(folder / "hierarchy", options.domains, SEED)
    (folder / "work").mkdir(exist_ok=True)
    is_wrong = False
    print(HEAD, flush=True)
    with hierarchy.Hierarchy(folder / "hierarchy", SEED) as servers:
        for _ in range(options.runs):
            for resolver in options.resolver or [[]]:
                row, found = run(servers, folder / "work", resolver, options.scan)
                print(f"| {' | '.join(row)} |", flush=True)
                print(*found[:20], sep="\n", file=sys.stderr)
                is_wrong = is_wrong or bool(found)
    return 1 if is_wrong else 0


if __name__ == "__main__":
    sys.exit(main())
