"""A survey as stages, each of which ends in durable files: a second run does what is missing."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparking import destinations, grouping, parts, tasks
from sparking.parts import Placed
from sparking.program import Filter, Settings


@dataclass(frozen=True)
class Survey:
    """One survey: where its files are, in how many partitions, and how the program is run."""

    context: Any
    settings: Settings
    work: Path
    # The folder of the final records of a kind.
    records: Callable[[str], Path]
    partitions: int

    @property
    def policy_partitions(self) -> int:
        """No more at once than fetches from one address, each of which allows one at least."""
        most = int(self.settings.value("--max-fetches-per-address"))
        return min(self.partitions, most) if most else self.partitions

    def run(self, lists: list[str]) -> None:
        """All stages up to the final records."""
        self._scatter(lambda: entries(self.context, lists, self.partitions), "entries")
        self._filter("entries", self.work / "names", self._names())
        names = parts.gather(self.context, self.work / "names", self.partitions)
        of_hosts = names.flatMap(tasks.hosts_wanted)
        hosts = of_hosts.map(lambda pair: pair[0]).distinct()
        self._scatter(lambda: named(hosts, self.partitions), "hosts")
        self._filter("hosts", self.work / "addresses", self._probe("--only", "addresses"))
        self._scatter(self._destinations, "destinations")
        self._filter("destinations", self.records("host"), self._probe())
        of_policies = names.flatMap(tasks.policies_wanted)
        policies = of_policies.map(lambda pair: pair[0]).distinct()
        count = self.policy_partitions
        self._scatter(lambda: named(policies, count), "policy-hosts", count)
        self._filter("policy-hosts", self.records("policy"), self._fetch(), count)
        self._scatter(lambda: self._joined(of_hosts, "host", self.partitions), "judging-hosts")
        self._scatter(lambda: self._joined(of_policies, "policy", count), "judging-policies")
        self._judge()

    def _names(self) -> Filter:
        return self.settings.filter(
            "scan", "--probe", "none", "--fetch", "none", "--format", "ndjson",
            "--column", "domain", "--carry", "all", "--accept-invalid",
            "--limits-share", str(self.settings.processes))

    def _questions(self) -> list[str]:
        return [*self.settings.share("--max-dns-rate"),
                *self.settings.share("--max-dns-rate-in-all")]

    def _probe(self, *more: str) -> Filter:
        return self.settings.filter("probe", *self._questions(), *more)

    def _fetch(self) -> Filter:
        most = int(self.settings.value("--max-fetches-per-address"))
        share = max(1, most // self.settings.processes) if most else 0
        return self.settings.filter(
            "fetch", *self._questions(), "--max-fetches-per-address", str(share),
            *self.settings.share("--max-fetch-rate-per-address"))

    def _destinations(self) -> Any:
        """Records of addresses, all of a destination in one partition."""
        records = parts.gather(self.context, self.work / "addresses", self.partitions)
        placement = grouping.place(
            records.map(lambda pair: destinations.seen(pair[1])).toLocalIterator(True))
        if placement.hosts:
            say(f"the largest group of networks that hosts have in common has "
                f"{placement.largest:,} of {placement.hosts:,} hosts")
        count = self.partitions
        groups = self.context.broadcast(placement.groups)

        def placed(line: bytes) -> Placed:
            host, networks = destinations.seen(line)
            part = destinations.part_of(host, networks, groups.value, count)
            return (part, parts.at_random(host, line, count)[0][1]), line

        return records.map(lambda pair: placed(pair[1]))

    def _joined(self, wanted: Any, kind: str, count: int) -> Any:
        """Of the records of a kind those that each partition of names needs."""
        records = parts.gather(self.context, self.records(kind), count).map(
            lambda pair: (json.loads(pair[1])["host"], pair[1]))
        return wanted.distinct().join(records, self.partitions).map(
            lambda pair: ((pair[1][0], pair[0]), pair[1][1]))

    def _scatter(self, lines: Callable[[], Any], name: str, count: int | None = None) -> None:
        folder = self.work / name
        if not parts.is_whole(folder, count or self.partitions):
            begin = time.monotonic()
            parts.scatter(lines(), folder, count or self.partitions)
            say(f"{name}: {time.monotonic() - begin:.1f} s")

    def _filter(self, source: str, target: Path, child: Filter, count: int | None = None) -> None:
        folder = self.work / source
        self._each(target, count or self.partitions, f"{source}, by {child.command}",
                   lambda part: child.run(parts.path_of(folder, part), parts.path_of(target, part)))

    def _judge(self) -> None:
        judge = self.settings.filter("judge")
        work, target = self.work, self.records("domain")
        self._each(target, self.partitions, "names, by judge",
                   lambda part: tasks.judge_part(judge, work, target, part))

    def _each(self, target: Path, count: int, name: str, do: Callable[[int], None]) -> None:
        """Does the partitions whose files are not there, a task each."""
        target.mkdir(parents=True, exist_ok=True)
        missing = [part for part in range(count) if not parts.path_of(target, part).exists()]
        if missing:
            begin = time.monotonic()
            self.context.parallelize(missing, len(missing)).foreach(do)
            say(f"{name}: {len(missing)} of {count} partitions, {time.monotonic() - begin:.1f} s")
        parts.remove_rests(target)


def say(text: str) -> None:
    """Tells who has started the job."""
    print(f"spark: {text}", file=sys.stderr, flush=True)


def entries(context: Any, lists: list[str], count: int) -> Any:
    """The names of lists, each once, with the index of its first line, in random partitions."""
    lines = context.textFile(",".join(lists), use_unicode=False).filter(tasks.is_entry)
    return lines.zipWithIndex().map(tasks.entry_of).reduceByKey(min).map(
        lambda pair: parts.at_random(pair[0], pair[1][1].encode(), count))


def named(names: Any, count: int) -> Any:
    """Names as lines in random partitions."""
    return names.map(lambda name: parts.at_random(name, name.encode(), count))
