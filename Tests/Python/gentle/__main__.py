"""How gentle and how economical scans are, in a network namespace of their own.

  scripts/gentle-check shares [--domains N]   MX shares of the field: probes made, and the highest
                                              number and rate of connections by the server's own log
  scripts/gentle-check memory [--domains N…]  resident memory of DNS-heavy scans
  scripts/gentle-check dead [--domains N]     a tenth of the MX hosts is blackholed, or not

nsd answers as the root of a name space of its own; one SMTP server answers at all of 127/8. Takes
some minutes. Prints tables in Markdown.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from soak.workspace import PROGRAM

from .populations import dead_population, heavy_population, shares_population
from .servers import DNS_PORT, SMTP_PORT, Net, raise_descriptor_limit

# Any limit that is named makes loopback be limited as well.
LIMITS = ["--max-per-address", "4"]
NO_ROUNDS = ["--retry-delays", "none"]
HIGHEST = {"address": (4, 5), "network": (16, 20)}


Spans = list[tuple[float, float]]


def scan(
    folder: Path, names: Iterable[str], *options: str
) -> tuple[dict[str, Any], list[dict[str, Any]], float]:
    """Scans names: the manifest, the status lines and the seconds it took."""
    listed, out, status = folder / "list.txt", folder / "out", folder / "status.ndjson"
    with listed.open("w") as file:
        file.writelines(f"{name}\n" for name in names)
    subprocess.run(["rm", "-rf", out, status], check=True)
    began = time.monotonic()
    subprocess.run(
        [PROGRAM, "scan", listed, "--output", out, "--quiet", "--allow-special-use-addresses",
         "--name-servers", f"127.0.0.1:{DNS_PORT}", "--smtp-port", str(SMTP_PORT),
         "--ehlo-name", "scanner.test", "--contact", "https://scanner.test/",
         "--status-updates-file", status, *options], check=True)
    took = time.monotonic() - began
    lines = [json.loads(line) for line in status.read_text().splitlines()]
    return json.loads((out / "manifest.json").read_text()), lines, took


def _highest(spans: Spans) -> tuple[int, int]:
    """The most at once, and the most begun in any second."""
    changes = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    count = most = 0
    for _, change in changes:
        count += change
        most = max(most, count)
    begins = sorted(begin for begin, _ in spans)
    fastest = first = 0
    for last, begin in enumerate(begins):
        while begins[first] <= begin - 1:
            first += 1
        fastest = max(fastest, last - first + 1)
    return most, fastest


def shares(folder: Path, count: int) -> None:
    """Probes for the unique hosts and addresses, and the load that single servers have seen."""
    zone, names, truth = shares_population(count)
    with Net(folder, zone) as net:
        manifest, _, took = scan(folder, names, *LIMITS, *NO_ROUNDS)
        time.sleep(1)
        sessions = net.sessions()
    sharing = manifest["shared_handshakes"]
    rows = [("domains", count), *truth.items(), ("seconds", round(took)),
            ("unique MX hosts", manifest["totals"]["hosts"]),
            ("unique addresses connected to", len({address for address, _, _ in sessions})),
            ("SMTP connections by the server's log", len(sessions)),
            ("hosts judged on shared handshakes", sharing["shared"]),
            ("of those that could share, sampled", sharing["sampled"]),
            ("samples that disagreed", sharing["disagreed"])]
    print("\n| shares | |\n|---|---:|")
    print("\n".join(f"| {what} | {value:,} |" for what, value in rows))
    print("\n| by the server's own log | most at once | limit | most begun in a second | limit |")
    print("|---|---:|---:|---:|---:|")
    for scope, cut in (("address", 4), ("network", 3)):
        spans = collections.defaultdict(list)
        for address, opened, closed in sessions:
            spans[".".join(address.split(".")[:cut])].append((opened, closed))
        seen = [_highest(one) for one in spans.values()]
        most, fastest = max(one for one, _ in seen), max(one for _, one in seen)
        print(f"| any {scope} | {most} | {HIGHEST[scope][0]} | {fastest} | {HIGHEST[scope][1]} |")


def memory(folder: Path, counts: list[int]) -> None:
    """Resident memory of scans of growing lists with the host cache full."""
    print("\n| domains | seconds | domains/s | RSS at a tenth, MiB | at the half | at the end | "
          "highest | hosts observed |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    zone, _ = heavy_population(0)
    with Net(folder, zone):
        for count in counts:
            _, names = heavy_population(count)
            manifest, lines, took = scan(folder, names, "--host-cache", "5000")
            sizes = [line["resident_bytes"] / 2**20 for line in lines]
            shown = [sizes[len(sizes) // 10], sizes[len(sizes) // 2], sizes[-1], max(sizes)]
            print(f"| {count:,} | {took:.0f} | {count / took:,.0f} | "
                  f"{' | '.join(f'{size:.0f}' for size in shown)} | "
                  f"{manifest['totals']['hosts']:,} |", flush=True)


def dead(folder: Path, count: int) -> None:
    """The same list with a tenth of its hosts dead and alive: with the limits as they are beyond
    loopback, and with none, where the later rounds show."""
    print("\n| questions a second | asked again | alive, s | dead, s | ratio | timed out |")
    print("|---|---|---:|---:|---:|---:|")
    for limit, rounds in ((["--max-dns-rate", "1000"], []), ([], []), ([], NO_ROUNDS)):
        times = []
        for are_dead in (False, True):
            zone, names = dead_population(count, are_dead)
            with Net(folder, zone):
                manifest, _, took = scan(folder, names, *limit, *rounds)
            times.append(took)
        timeouts = manifest["totals"]["host_status"]["tcp_timeout"]
        print(f"| {limit[-1] if limit else 'any'} | {'no' if rounds else 'yes'} | {times[0]:.1f} | "
              f"{times[1]:.1f} | {times[1] / times[0]:.2f} | {timeouts:,} |", flush=True)


def _isolate() -> None:
    """Goes on in a network namespace: loopback, and a network that swallows what it is sent."""
    if os.environ.get("GENTLE_CHECK_NET") == "own":
        for command in ("link set lo up", "link add hole type veth peer name end",
                        "address add 10.255.255.254/8 dev hole", "link set end up",
                        "link set hole arp off", "link set hole up"):
            subprocess.run(["ip", *command.split()], check=True)
        return
    os.environ["GENTLE_CHECK_NET"] = "own"
    os.execvp("unshare", ["unshare", "--net", "--map-root-user", *sys.orig_argv])


def main() -> int:
    """Runs one check."""
    parser = argparse.ArgumentParser(
        prog="scripts/gentle-check", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=["shares", "memory", "dead"])
    parser.add_argument("--domains", type=int, nargs="+")
    options = parser.parse_args()
    raise_descriptor_limit()
    _isolate()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        if options.check == "shares":
            shares(Path(folder), (options.domains or [200_000])[0])
        elif options.check == "memory":
            memory(Path(folder), options.domains or [20_000, 200_000, 2_000_000])
        else:
            dead(Path(folder), (options.domains or [100_000])[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
