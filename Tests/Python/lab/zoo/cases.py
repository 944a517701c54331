"""All cases of the zoo, and the records expected of them."""

from __future__ import annotations

from typing import Any

from . import (
    dane_cases,
    fetch_cases,
    mail_cases,
    match_cases,
    policy_cases,
    record_cases,
    smtp_cases,
)
from .model import Case, Mail, Web, sts
from .senders import senders_of

# The host that most cases share, and the names that their aliases lead to.
SHARED_CASE = sts(
    "mail", "the domain of the mail host that most cases share", policy_cases.CASES[0].expect,
    mx=("10 mx",), hosts={"mx": Mail()}, web=Web())

CASES: list[Case] = [
    SHARED_CASE, *mail_cases.CASES, *record_cases.CASES, *fetch_cases.CASES, *policy_cases.CASES,
    *match_cases.CASES, *smtp_cases.CASES, *dane_cases.CASES,
]

assert len({case.name for case in CASES}) == len(CASES), "two cases of one name"


def expected(case: Case) -> dict[str, Any]:
    """The line of a case in `zoo-expected.ndjson`; keys with dots lead into the record."""
    line = {"domain": case.domain, "what": case.what, "waits": case.waits, **case.expect}
    seen = senders_of(case)
    if seen is None:
        return line
    findings = [*line["findings"], *(["policy.senders_differ"] if seen.differ else [])]
    told = {f"verdicts.{sender}": verdict for sender, verdict in seen.verdicts.items()}
    return line | told | {"findings": findings}
