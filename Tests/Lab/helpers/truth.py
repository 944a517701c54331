"""Records beside what the lab knows of them."""

from __future__ import annotations

from .program import Record

DOMAIN_KEYS = [
    "mx_status", "mx_count", "mx_reached", "mx_tls", "mx_certificate_ok", "mx_matched",
    "sts_record_status", "sts_id", "policy_fetch_status", "policy_status", "sts_mode",
    "sts_max_age", "tlsrpt_status", "dane_status", "verdict", "verdict_reason", "first_failure",
    "postfix_verdict", "depends_on_sender", "verdicts", "tlsrpt_result",
]
HOST_KEYS = ["host", "status", "certificate_status", "policy_match", "near_miss", "dane_status",
             "outcome"]


def differences(expected: Record, record: Record) -> list[str]:
    """The keys in which a record differs from the truth, with both values."""
    found = [
        f"{expected['domain']} ({expected['case']}): {key} is {record[key]!r}, "
        f"not {expected[key]!r}"
        for key in DOMAIN_KEYS if record[key] != expected[key]
    ]
    seen = [{key: host[key] for key in HOST_KEYS} for host in record["mx"]]
    wanted = [{key: host[key] for key in HOST_KEYS} for host in expected["mx"]]
    if seen != wanted:
        found.append(f"{expected['domain']} ({expected['case']}): mx is {seen}, not {wanted}")
    told = sorted({(one["layer"], one["code"], one["severity"]) for one in record["findings"]})
    if told != list(map(tuple, expected["findings"])):
        found.append(f"{expected['domain']} ({expected['case']}): findings are {told}, "
                     f"not {expected['findings']}")
    return found
