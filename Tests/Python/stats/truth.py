"""The figures of all tables from the lab's truth alone: no record of the scan is read.

Rules are those of datasets/providers.md and of the tables' notes, written down a second time.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import columns, truth_errors, truth_providers
from .domain import FAILURES, MODES, Known
from .figures import Figure, Figures

RANKS = ((1000, "1-1000"), (10_000, "1001-10000"), (100_000, "10001-100000"),
         (1_000_000, "100001-1000000"))
AGES = ((0, "0"), (86_399, "1-86399"), (604_799, "86400-604799"), (1_209_599, "604800-1209599"),
        (2_591_999, "1209600-2591999"), (10_886_399, "2592000-10886399"),
        (31_535_999, "10886400-31535999"), (31_557_600, "31536000-31557600"))

# What a session shows beside its status is a matter of the servers' software, not of the truth.
UNKNOWN = frozenset((
    "host_versions", "host_groups", "host_requiretls", "host_keys", "host_lifetimes",
    "host_lifetime_left", "host_dane_failures", "host_issuers", "host_authorities"))


def rank_bucket(rank: int | None) -> str:
    """The bucket of a rank."""
    if rank is None:
        return "unranked"
    return next((name for limit, name in RANKS if rank <= limit), "1000001-")


def funnel(domains: list[Known]) -> dict[tuple[str, str], int]:
    """Each stage with the stage that it is a part of."""
    mail = [domain for domain in domains if domain.takes_mail]
    policies = [domain for domain in mail if domain.has_policy]
    known = [domain for domain in domains if domain.verdict not in (None, "unknown")]
    modes = Counter(domain.mode for domain in policies)

    def count(some: list[Known], condition: Callable[[Known], bool]) -> int:
        return sum(1 for domain in some if condition(domain))

    return {
        ("lines", ""): len(domains),
        ("scanned", "lines"): count(domains, lambda d: d.is_scanned),
        ("answered", "scanned"): count(
            domains, lambda d: d.is_scanned and d.mx_status not in FAILURES),
        ("has_mail", "answered"): len(mail),
        ("has_record", "has_mail"): count(mail, lambda d: d.has_record),
        ("record_valid", "has_record"): count(mail, lambda d: d.record == "ok"),
        ("has_policy", "record_valid"): len(policies),
        **{(mode, "has_policy"): modes[mode] for mode in MODES},
        ("enforce_protected", "enforce"): count(
            policies, lambda d: d.mode == "enforce" and d.is_protected),
        ("verdict_known", "scanned"): len(known),
        ("protected", "verdict_known"): count(known, lambda d: d.is_protected),
        ("policy_unused", "has_record"): count(
            mail, lambda d: d.record != "ok" and d.policy == "ok"),
        ("record_without_mail", "scanned"): count(
            domains, lambda d: d.has_record and not d.takes_mail),
    }


class Tables:
    """Counts domains and hosts into tables."""

    def __init__(
        self, folder: Path, third_party: int, own: int, weight: str, is_again: bool,
    ) -> None:
        with (folder / "expected.ndjson").open() as file:
            self.domains = [Known(json.loads(line), is_again) for line in file]
        with (folder / "expected-hosts.ndjson").open() as file:
            self.hosts = [json.loads(line) for line in file]
        self.figures: Figures = Counter()
        # Ranges from the first rank on, as far as the list has ranks.
        last = max((domain.line["rank"] or 0 for domain in self.domains if domain.is_scanned),
                   default=0)
        ends = [limit for limit, _ in RANKS]
        used = [limit for place, limit in enumerate(ends)
                if last > (ends[place - 1] if place else 0)]
        self._cumulative = [f"1-{limit}" for limit in used] + ["1-"] * (last > ends[-1])
        self._add_funnel()
        for domain in self.domains:
            self._add_verdicts(domain)
            self._add_adoption(domain)
            truth_errors.add(domain, self.figures)
        for host in self.hosts:
            self._add_host(host)
        truth_providers.add(self.domains, self.figures, third_party, own)
        with (folder / "listed.csv").open(newline="") as file:
            self._add_columns([
                columns.Line(row["sector"], row["mails"], row["share"])
                for row in csv.DictReader(file)], weight)

    def _add(self, table: str, row: tuple[object, ...], *columns: str) -> None:
        for column in columns:
            self.figures[Figure(table, tuple(map(str, row)), column)] += 1

    def _add_funnel(self) -> None:
        counts = funnel(self.domains)
        sizes = {stage: count for (stage, _), count in counts.items()}
        for row, count in counts.items():
            self.figures[Figure("funnel", row, "domains")] = count
            self.figures[Figure("funnel", row, "of_domains")] = sizes.get(row[1], count)

    def _add_verdicts(self, domain: Known) -> None:
        if not domain.is_scanned:
            return
        line = domain.line
        self._add("verdicts", (domain.verdict,), "domains")
        self._add("verdicts", (domain.postfix_verdict,), "from_postfix")
        self._add("reasons", (domain.verdict, line["verdict_reason"]), "domains")
        if domain.depends_on_sender:
            self._add("senders", (domain.verdict, domain.postfix_verdict), "domains")
        for sender, verdict in domain.verdicts.items():
            is_protected = verdict in ("protected_dane", "protected_sts")
            self._add("sender_verdicts", (sender,), verdict,
                      *(["protected"] if is_protected else []))
        if domain.mode:
            assert domain.verdict, domain
            self._add("modes", (domain.mode,), "domains", domain.verdict)
            age = line["sts_max_age"]
            bucket = next(name for limit, name in AGES if age <= limit)
            self._add("max_age", (bucket,), "domains", domain.mode)
            self._add("max_age_values", (age,), "domains", domain.mode)

    def _add_adoption(self, domain: Known) -> None:
        if domain.is_scanned:
            columns = domain.adoption
            self._add("tlds", (domain.line["domain"].rpartition(".")[2],), *columns)
            rank = domain.line["rank"]
            self._add("ranks", (rank_bucket(rank),), *columns)
            if rank is not None:
                tld = domain.line["domain"].rpartition(".")[2]
                self._add("tld_ranks", (tld, rank_bucket(rank)), *columns)
                for name in self._cumulative:
                    limit = name.partition("-")[2]
                    if not limit or rank <= int(limit):
                        self._add("ranks_cumulative", (name,), *columns)
            self._add_microsoft(domain, set(columns))

    def _add_microsoft(self, domain: Known, adoption: set[str]) -> None:
        names = [host["host"] for host in domain.line.get("mx", ())]
        has_old = any(name.endswith(".mail.protection.outlook.com") for name in names)
        has_new = any(name.endswith(".mx.microsoft") for name in names)
        if not domain.takes_mail or not (has_old or has_new):
            return
        shown = ("domains", "dane", "records", "policies", "enforce", "mismatch",
                 "protected_dane", "protected_sts", "refused")
        is_secure = domain.line["dane_status"] in (
            "none", "ok", "partial", "failed", "unusable", "tempfail")
        self._add("microsoft_mx", ("both" if has_old and has_new else "old" if has_old else "new",),
                  *(column for column in shown if column in adoption),
                  *(["mx_secure"] if is_secure else []))

    def _add_columns(self, lines: list[columns.Line], weight: str) -> None:
        """What the columns of the list are counted by; `lines` are those of the domains."""
        scanned = [(domain, line) for domain, line in zip(self.domains, lines, strict=True)
                   if domain.is_scanned]
        weights = [line.weight(weight) for _, line in scanned]
        unit = columns.PARTS
        if any(value is not None and value % columns.PARTS for value in weights):
            unit = 1
        sums: Counter[str] = Counter()
        counts: Counter[str] = Counter()
        for (domain, line), value in zip(scanned, weights, strict=True):
            self._add("groups", (line.group,), *domain.adoption)
            for column in domain.adoption:
                counts[column] += 1
                if value is not None:
                    sums[column] += value
                    self.figures[Figure("group_weights", (line.group,), column)] += value
        for figure in [f for f in self.figures if f.table == "group_weights"]:
            self.figures[figure] //= unit
        for column in counts:
            of = "domains" if column in ("domains", "mail") else "mail"
            self._add_weight((column, of), sums[column] // unit, sums[of] // unit,
                             counts[column], counts[of])
        unknown = sum(value is None for value in weights)
        self._add_weight(("weight_unknown", "domains"), 0, sums["domains"] // unit, unknown,
                         counts["domains"])

    def _add_weight(self, row: tuple[str, str], *values: int) -> None:
        for column, value in zip(
                ("weight", "of_weight", "domains", "of_domains"), values, strict=True):
            self.figures[Figure("weights", row, column)] = value

    def _add_host(self, host: dict[str, Any]) -> None:
        self._add("hosts", (host["status"],), "hosts")
        if host["certificate_status"]:
            self._add("host_certificates", (host["certificate_status"],), "hosts")
        for error in host["certificate_errors"]:
            self._add("host_certificates", (error,), "with_error")
        self._add("host_tls", (host["tls_version"] or "(none)",), "hosts",
                  f"dane_{host['dane_status']}")


def figures(
    folder: Path, third_party: int, own: int, weight: str, is_again: bool = False,
) -> Figures:
    """All figures that the truth in a folder gives, of a scan or of one that goes by it."""
    return Tables(folder, third_party, own, weight, is_again).figures
