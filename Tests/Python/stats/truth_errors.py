"""The tables of what is wrong, from the lab's truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .domain import Known
from .figures import Figure, Figures

Count = Callable[[str, tuple[str, ...], dict[str, Any]], None]

# The parts of a deployment, and the layer of the first failure that is each part's.
PARTS = {"record": "record", "policy_retrieval": "policy_fetch", "policy_syntax": "policy",
         "mx_certificate": "certificate", "mx_mismatch": "mx_match"}


def _wrong(domain: Known) -> list[str]:
    holds = {
        "record": domain.record != "ok",
        "policy_retrieval": domain.fetch not in (None, "ok"),
        "policy_syntax": domain.policy not in (None, "ok"),
        "mx_certificate": bool(domain.bad_certificates),
        "mx_mismatch": bool(domain.unmatched),
    }
    return [part for part, is_wrong in holds.items() if is_wrong and domain.has_record]


def add(domain: Known, figures: Figures) -> None:
    """Counts a domain into all tables of errors."""
    if not domain.is_scanned:
        return
    line, enforced = domain.line, domain.mode == "enforce"

    def count(table: str, row: tuple[str, ...], columns: dict[str, Any]) -> None:
        for column, holds in columns.items():
            if holds:
                figures[Figure(table, row, column)] += 1

    first = line["first_failure"]
    if first:
        count("first_failures", (first,), {
            "domains": True, "with_record": domain.has_record, "enforce": enforced})
    wrong = _wrong(domain)
    layer = (first or "").partition(".")[0]
    for part in [*wrong, "any"] if wrong else []:
        count("misconfigurations", (part,), {
            "domains": True, "first": first if part == "any" else PARTS[part] == layer,
            "enforce": enforced, "refused": domain.verdict == "refused"})
    count("records", (domain.record or "",), {"domains": True, "with_mail": domain.takes_mail})
    is_all = domain.are_all_bad
    for error in [*domain.bad_certificates, "any"] if domain.bad_certificates else []:
        count("mx_certificates", (error,), {
            "domains": True, "with_record": domain.has_record,
            "all": domain.has_record and is_all, "partial": domain.has_record and not is_all,
            "enforce_all": enforced and is_all, "enforce_partial": enforced and not is_all})
    for miss in {*domain.near_misses, "any"} if domain.near_misses else ():
        count("mx_mismatches", (miss,), {
            "domains": True, "all": domain.are_none_named, "partial": not domain.are_none_named,
            "enforce": enforced, "testing": domain.mode == "testing"})
    _add_others(domain, count)


def _add_others(domain: Known, count: Count) -> None:
    line = domain.line
    if domain.takes_mail and line["dane_status"]:
        count("dane", (line["dane_status"],), {
            "domains": True, "with_record": domain.has_record, "with_policy": domain.has_policy,
            "protected_dane": domain.verdict == "protected_dane"})
    count("tlsrpt", (line["tlsrpt_status"],), {
        "domains": True, "with_record": domain.has_record, "with_policy": domain.has_policy})
    if line["tlsrpt_result"]:
        count("tlsrpt_results", (line["tlsrpt_result"],), {
            "domains": True, "with_record": domain.has_record,
            "enforce": domain.mode == "enforce"})
    for finding in domain.findings:
        count("findings", finding, {"domains": True})
