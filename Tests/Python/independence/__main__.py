"""Scans one list under other settings, orders and delays, and compares what is judged.

  scripts/independence [--domains N] [--seeds N] [--list zoo|field] [--small] [--output FILE]

brings up the lab with its zoo and an invented field, in a network namespace of the caller's. The
zoo and the field are scanned under three OpenSSL configuration files, with one and two loops and
each seed, while the order of the list, the order of the records in answers, and which answers come
late change as well. Without sharing nothing may differ; with it, only domains with shared hosts.
"""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from .forwarder import Forwarder
from .judged import Differences, Judged
from .variations import SETTINGS, Variation, matrix, sharing, small_matrix, write_settings

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("STSURVEY_PROGRAM", ROOT / ".build/release/stsurvey"))
TRIES = 2
# So that servers are not late where the machine is busy, and the silent are silent for all.
PATIENCE = {"--connect-timeout": "8", "--reply-timeout": "8", "--policy-timeout": "15",
            "--dns-timeout": "3"}
LAB = Path(os.environ.get("STSURVEY_LAB", ROOT / ".lab"))


class Population:
    """A list of the lab, and how it is scanned."""

    def __init__(self, title: str, names: list[str], flags: list[str], senders: str) -> None:
        self.title, self.names, self.senders = title, names, senders
        at = flags.index("--name-servers")
        host, _, port = flags[at + 1].rpartition(":")
        self.upstream = (host, int(port))
        self.flags = flags[:at] + flags[at + 2:]
        # Given once more, an option would be refused.
        for option, seconds in PATIENCE.items():
            if option in self.flags:
                self.flags[self.flags.index(option) + 1] = seconds

    def scan(self, variation: Variation, folder: Path, names: list[str] | None = None) -> Judged:
        """One scan, of all names or these, in a folder of its own."""
        folder.mkdir()
        path = folder / "list.txt"
        path.write_text("".join(f"{name}\n" for name in variation.listed(names or self.names)))
        with Forwarder(self.upstream, variation.answering) as server:
            done = subprocess.run(
                [PROGRAM, "scan", path, "--output", folder / "out", "--quiet",
                 "--name-servers", server.flag, *self.flags, *variation.options(),
                 "--senders", self.senders],
                env=os.environ | {"OPENSSL_CONF": str(folder.parent / f"{variation.settings}.cnf")},
                capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            raise SystemExit(f"{variation.label}: {done.stderr}")
        return Judged.read(folder / "out")


def lab(*arguments: str) -> str:
    """Runs scripts/lab."""
    return subprocess.run(
        [ROOT / "scripts/lab", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def populations(domains: int, wanted: str | None) -> list[Population]:
    """The zoo, and the field, or one of them."""
    lab("up", "--zoo", "--population", "field", "--domains", str(domains))
    zoo = Population("zoo", (LAB / "zoo-domains.txt").read_text().split(),
                     shlex.split(lab("flags", "--zoo")), "50")
    # Each line is a rank and a name; a name that is there twice has two records.
    lines = [line.rpartition(",")[2] for line in (LAB / "domains.csv").read_text().splitlines()]
    field = Population(
        "field", list(dict.fromkeys(lines)), shlex.split(lab("flags")), "1000")
    return [each for each in (zoo, field) if wanted in (None, each.title)]


class Trials:
    """The scans of one population, each compared with the first."""

    def __init__(self, population: Population, folder: Path) -> None:
        self.population, self.folder = population, folder
        self.rows: list[str] = []
        self.keys: Counter[str] = Counter()
        self.bad = self.scans = 0
        self.first: Judged | None = None
        self.usual: Variation | None = None

    def _scan(self, variation: Variation, names: list[str] | None = None) -> Judged:
        self.scans += 1
        place = self.folder / f"{self.population.title}-{self.scans}"
        return self.population.scan(variation, place, names)

    def run(self, variation: Variation) -> None:
        """One scan, and what differs again."""
        judged = self._scan(variation)
        if self.first is None or self.usual is None:
            self.first, self.usual = judged, variation
        at_first = found = Differences.between(self.first, judged)
        for _ in range(TRIES):
            if not found.lines:
                break
            names = sorted(found.domains_concerned(self.first))
            self.first.update(self._scan(self.usual, names))
            judged.update(self._scan(variation, names))
            found = Differences.between(self.first, judged)
        self.bad += len(found.unshared if variation.shares else found.domains | found.hosts)
        self.keys += found.keys
        counts = (judged.domains, judged.hosts, judged.shared, at_first.domains, found.domains,
                  found.hosts, found.unshared)
        self.rows.append(f"| {self.population.title} | {variation.label} | "
                         + " | ".join(str(len(count)) for count in counts) + " |")
        print(self.rows[-1], *found.lines[:40], sep="\n", flush=True)

    def table(self) -> list[str]:
        """A row for each scan, and the keys that differ."""
        if not self.keys:
            return self.rows
        keys = ", ".join(f"{key} {count}" for key, count in self.keys.most_common())
        return [*self.rows, f"\nKeys that differ in {self.population.title}: {keys}\n"]


HEAD = ("| list | how | domains | hosts | shared hosts | domains that differ at first "
        "| domains that differ | hosts that differ | of these not shared |\n" + "|---" * 9 + "|")


def main() -> int:
    """Runs the trials; exit code 1 where something differs that must not."""
    parser = argparse.ArgumentParser(
        prog="scripts/independence", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", type=int, default=2500, metavar="N", help="of the field")
    parser.add_argument("--seeds", type=int, default=5, metavar="N")
    parser.add_argument("--list", choices=("zoo", "field"), help="one of the two alone")
    parser.add_argument("--small", action="store_true", help="a seed for each pair of the others")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the table, as Markdown")
    options = parser.parse_args()
    alone = (small_matrix if options.small else matrix)(options.seeds)
    rows, bad = [HEAD], 0
    with tempfile.TemporaryDirectory() as folder:
        write_settings(Path(folder))
        for population in populations(options.domains, options.list):
            trials = Trials(population, Path(folder))
            for variation in alone + sharing(alone):
                trials.run(variation)
            bad += trials.bad
            rows += trials.table()
    rows.append(f"\n{len(alone)} scans of each list under {len(SETTINGS)} configuration files "
                f"without sharing, and some with it; {bad} differences that must not be.")
    if options.output:
        options.output.write_text("\n".join(rows) + "\n")
    print(rows[-1])
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
