"""Writes datasets/zoo/README.md: each value of the taxonomy, its domain in the zoo, the verdict.

  scripts/zoo-table           writes it
  scripts/zoo-table --print   prints it
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from .cases import CASES
from .model import ZONE, Case

COLUMNS = {
    "mx_status": "Where mail goes",
    "sts_record_status": "The MTA-STS record",
    "policy_fetch_status": "The fetch of the policy",
    "policy_status": "The policy",
    "sts_mode": "The mode of a valid policy",
    "tlsrpt_status": "The TLSRPT record",
    "dane_status": "DANE of the domain",
    "verdict": "The verdict",
    "verdict_reason": "The reason of the verdict",
    "first_failure": "The first failure",
}
HOST_COLUMNS = {
    "status": "The session with an MX host",
    "certificate_status": "The certificate of an MX host",
    "policy_match": "The patterns on an MX host",
    "near_miss": "How a host comes near to a pattern",
    "dane_status": "DANE of an MX host",
    "dane_failure": "Why the TLSA records of an MX host are not met",
    "outcome": "What becomes of mail to an MX host",
}
# How the names of the cases begin that are about a column, or about a layer of first failures.
PREFIXES = {
    "mx_status": "mx-", "sts_record_status": "record-", "policy_fetch_status": "fetch-",
    "policy_status": "policy-", "sts_mode": "policy-", "tlsrpt_status": "tlsrpt-",
    "dane_status": "dane-", "mx[].status": "smtp-", "mx[].certificate_status": "smtp-certificate-",
    "mx[].policy_match": "policy-", "mx[].near_miss": "match-", "mx[].dane_status": "dane-",
    "mx[].dane_failure": "dane-",
    "mx": "mx-", "record": "record-", "policy_fetch": "fetch-", "policy": "policy-",
    "mx_match": "match-", "smtp": "smtp-", "certificate": "smtp-certificate-", "dane": "dane-",
}
# Values that other options show, with any domain.
ELSEWHERE = {
    "invalid_name": "a line that is no domain name",
    **dict.fromkeys((
        "empty_label", "label_too_long", "name_too_long", "bad_character", "bad_hyphen",
        "ip_address", "numeric_tld", "email_address", "url", "idna", "not_utf8", "line_too_long",
    ), "such a line"),
    "enforce": "in a list given by `--preload`; the zoo has policies of this mode",
    "testing": "the same",
    "carried_over": "with `--previous`, the id being the same",
    "historical": "with `--previous`, the mail having moved",
    "not_contacted": "without `--allow-special-use-addresses`",
    "smtp.not_contacted": "the same",
    "not_fetched": "with `--fetch none`",
    "policy_not_fetched": "the same",
    "excluded": "a domain that `--blocklist-file` lists",
    "blocked": "a host or an address that it lists",
    "policy_fetch.blocked": "the same",
    "smtp.blocked": "the same",
    "shared": "with `--share-failures-after 1 --max-per-address 1`",
    "unknown": "DANE of a host, by a name server that sets no AD bit",
}
# Values that no lab on loopback shows.
CANNOT = {
    "tcp_reset": "a reset while connecting: loopback refuses instead, and what is connected "
                 "is no longer being connected",
    "policy_fetch.tcp_reset": "the same",
    "smtp.tcp_reset": "the same",
    "dane-required": "senders that require DANE report it; no survey sees such a setting",
    "mx.null_mx": "nothing fails there; programs before have it",
    "mx.null_mx_plus": "it is no cause of a verdict; programs before have it",
    "ehlo_rejected": "programs before have it, which did not keep the code",
    "smtp.ehlo_rejected": "the same",
    "unreachable": "a scan waits for name servers that cannot be reached",
    "mx.unreachable": "the same",
    "record.unreachable": "the same",
    "policy_fetch.not_contacted": "all addresses of the lab are special-use, and then the hosts "
                                  "are the cause of the verdict",
}
HEAD = f"""# The zoo

A domain for every value of the taxonomy, with the record that a scan must give of it. The names
are below `{ZONE}`; real servers (nsd, unbound, nginx, Postfix) make what they can, scripted ones
in `Tests/Python/lab/zoo` the rest.

    scripts/lab up --zoo
    .build/release/stsurvey scan .lab/zoo-domains.txt --output results/zoo \\
        --senders 50 $(scripts/lab flags --zoo)

`.lab/zoo-expected.ndjson` has the whole records; `Tests/Lab/test_zoo.py` scans the zoo and compares
them key by key. This file is written by `scripts/zoo-table`.
"""


def _values(case: Case, key: str, is_of_host: bool) -> Iterator[str]:
    if not is_of_host:
        yield str(case.expect[key])
    for host in case.expect["mx"] if is_of_host else []:
        yield str(host[key])


def _by_value(key: str, is_of_host: bool) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in CASES:
        for value in dict.fromkeys(_values(case, key, is_of_host)):
            if value != "None":
                found.setdefault(value, []).append(case)
    return found


def _plainest(key: str, value: str, cases: list[Case]) -> Case:
    """The case that is about the value: its name says so, or else it is the first."""
    layer, _, word = value.rpartition(".")
    prefix = PREFIXES.get(layer) or PREFIXES.get(key, "")
    word = word.replace("_", "-")

    def distance(case: Case) -> tuple[bool, bool, bool]:
        return (not case.name.startswith(prefix), word not in case.name,
                not case.name.endswith(word))
    return min(cases, key=distance)


def _verdict(case: Case) -> str:
    return f"`{case.expect['verdict']}` ({case.expect['verdict_reason']})"


def _value_table(key: str, title: str, is_of_host: bool) -> list[str]:
    name = f"mx[].{key}" if is_of_host else key
    lines = ["", f"## {title}: `{name}`", "", "| value | domain | what it has | verdict | cases |",
             "|---|---|---|---|---:|"]
    for value, cases in _by_value(key, is_of_host).items():
        case = _plainest(name, value, cases)
        lines.append(
            f"| `{value}` | {case.name} | {case.what} | {_verdict(case)} | {len(cases)} |")
    return lines


def _rest(title: str, values: dict[str, str]) -> list[str]:
    return ["", f"## {title}", "", "| value | why |", "|---|---|",
            *(f"| `{value}` | {why} |" for value, why in values.items())]


def _case_table() -> list[str]:
    lines = ["", f"## All {len(CASES)} cases", "",
             "| domain | what it has | verdict | first failure |", "|---|---|---|---|"]
    for case in CASES:
        failure = case.expect["first_failure"]
        lines.append(f"| {case.name} | {case.what} | {_verdict(case)} | "
                     f"{f'`{failure}`' if failure else ''} |")
    return lines


def text() -> str:
    """The whole file."""
    lines = []
    for key, title in COLUMNS.items():
        lines += _value_table(key, title, is_of_host=False)
    for key, title in HOST_COLUMNS.items():
        lines += _value_table(key, title, is_of_host=True)
    lines += _rest("Values that other options show", ELSEWHERE)
    lines += _rest("Values that cannot be shown on loopback", CANNOT)
    return HEAD + "\n".join(lines + _case_table()) + "\n"


def main() -> int:
    """Runs the command."""
    if sys.argv[1:] == ["--print"]:
        sys.stdout.write(text())
        return 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 64
    page = Path(__file__).resolve().parents[4] / "datasets/zoo/README.md"
    page.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
