"""The tables of providers, from the lab's truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .domain import Known
from .figures import Figure, Figures

DNS_GONE = ("dns_nxdomain", "dns_nodata")
Operator = tuple[str, str]


@dataclass
class _Classes:
    """Parts operators by the number of their domains."""

    third_party: int
    own: int
    domains: Counter[Operator]

    def of(self, operator: Operator) -> str:
        name, kind = operator
        if name in ("(self)", "(none)"):
            return name.strip("()")
        if kind not in ("domain", "address") or self.domains[operator] >= self.third_party:
            return "third_party"
        return "self" if self.domains[operator] <= self.own else "unclear"


def _operator(value: dict[str, Any] | None) -> Operator | None:
    return (value["name"], value["kind"]) if value else None


def _layer(domain: Known) -> str:
    """The step of getting a policy that failed, or `ok`."""
    if domain.fetch == "ok":
        return "ok" if domain.policy == "ok" else "syntax"
    word = (domain.fetch or "").partition("_")[0]
    return "http" if domain.fetch == "too_large" else word


def _pair(mx: Operator, policy: Operator, kinds: tuple[str, str]) -> str:
    if kinds == ("third_party", "third_party"):
        return "same" if mx == policy else "different"
    return {("self", "third_party"): "mx_self", ("third_party", "self"): "policy_self",
            ("self", "self"): "both_self"}.get(kinds, "unclear")


class _Tables:
    def __init__(
        self, domains: list[Known], figures: Figures, third_party: int, own: int
    ) -> None:
        self.figures = figures
        self.domains = [domain for domain in domains if domain.is_scanned]
        self.mx = {id(domain): operator for domain in self.domains if domain.takes_mail
                   and (operator := _operator(domain.line["mx_operator"]))}
        self.policy = {id(domain): operator for domain in self.domains
                       if (operator := _operator(domain.line["policy_operator"]))}
        self.mx_class = _Classes(third_party, own, Counter(self.mx.values()))
        self.policy_class = _Classes(third_party, own, Counter(self.policy.values()))

    def _add(self, table: str, row: tuple[str, ...], columns: Iterable[str]) -> None:
        for column in columns:
            self.figures[Figure(table, row, column)] += 1

    def add_mail(self) -> None:
        """`mx_providers`, `mx_classes`, `record_only`."""
        only: dict[tuple[str, ...], Counter[str]] = {}
        for domain in self.domains:
            if operator := self.mx.get(id(domain)):
                kind = self.mx_class.of(operator)
                self._add("mx_providers", (*operator, kind), domain.adoption)
                self._add("mx_classes", (kind,), domain.adoption)
                only.setdefault((*operator, kind), Counter()).update(domain.adoption)
        for row, counts in only.items():
            if counts["records"] and not counts["policies"] and row[0] not in ("(self)", "(none)"):
                for column in ("records", "domains"):
                    self.figures[Figure("record_only", row, column)] = counts[column]

    def add_policies(self) -> None:
        """`policy_providers`, `residue`, `policy_errors`, `policy_layers`."""
        for domain in self.domains:
            operator = self.policy.get(id(domain))
            if operator is None:
                continue
            kind = self.policy_class.of(operator)
            if kind == "third_party":
                self._add("residue", operator, self._residue(domain))
            if not domain.has_record:
                continue
            layer = _layer(domain)
            columns = ["domains", layer] + ([domain.mode] if domain.mode else [])
            columns += ["all_mismatch"] if domain.are_none_named else []
            columns += ["refused"] if domain.verdict == "refused" else []
            self._add("policy_providers", (*operator, kind), columns)
            self._add("policy_layers", (layer,), ("domains", kind))
            self._add("policy_layers", ("records",), ("domains", kind))
            if layer != "ok":
                reason = domain.policy if layer == "syntax" else domain.fetch
                self._add("policy_errors", (layer, reason or ""), ("domains", kind))

    def _residue(self, domain: Known) -> list[str]:
        if not domain.has_record:
            return ["domains", "record_gone"]
        holds = {
            "host_gone": domain.fetch in DNS_GONE, "certificate": _layer(domain) == "tls",
            "not_found": domain.fetch == "http_404", "empty": domain.policy == "empty",
            "mode_none": domain.mode == "none", "all_mismatch": domain.are_none_named,
        }
        return ["domains", *(column for column, is_so in holds.items() if is_so)]

    def add_pairs(self) -> None:
        """`same_provider`."""
        for domain in self.domains:
            if not (domain.has_record and domain.takes_mail):
                continue
            mx, policy = self.mx[id(domain)], self.policy[id(domain)]
            row = _pair(mx, policy, (self.mx_class.of(mx), self.policy_class.of(policy)))
            columns = {
                "domains": True, "policies": domain.has_policy, "mismatch": domain.near_misses,
                "all_mismatch": domain.are_none_named,
                "bad_certificate": domain.bad_certificates,
                "refused": domain.verdict == "refused"}
            self._add("same_provider", (row,), (c for c, holds in columns.items() if holds))


def add(domains: list[Known], figures: Figures, third_party: int, own: int) -> None:
    """Counts domains into all tables of providers."""
    tables = _Tables(domains, figures, third_party, own)
    tables.add_mail()
    tables.add_policies()
    tables.add_pairs()
