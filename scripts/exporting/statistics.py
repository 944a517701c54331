"""The tables of `stats` as CSV files, with the meaning of each column, and without small cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .hashing import Hasher

Row = dict[str, Any]
# Of ranks only the list knows; the others are of columns of the list.
FROM_LIST = ("ranks", "groups", "weights", "group_weights")
# Labels that are names, or are made of them.
NAMES = ("provider", "tld", "issuer_organization", "issuer")
TABLES = {
    "funnel": "Each stage is a part of the one under `of`.",
    "verdicts": "What becomes of mail from a sender that keeps to the RFCs.",
    "reasons": "Why: each verdict with its reasons.",
    "senders": "Domains whose protection depends on the sender.",
    "sender_verdicts": "The verdict for each sender of today.",
    "modes": "Valid policies by mode, with what becomes of mail.",
    "tlds": "Adoption by top-level domain.",
    "mx_providers": "Adoption by the operator of the host that a sender tries first.",
    "mx_classes": "Adoption by the class of that operator.",
    "policy_providers": "Domains with a record by the operator of their policy host.",
    "same_provider": "Whether mail and policy have the same operator.",
    "residue": "Names that lead to a third party's policy host, and give no policy in force.",
    "record_only": "MX operators whose domains have records and no valid policy.",
    "max_age": "Valid policies by max_age, in ranges.",
    "max_age_values": "Valid policies by max_age.",
    "first_failures": "Each domain once, by the first failure in the order a sender goes.",
    "misconfigurations": "A domain counts in every row that it meets, and once under `any`.",
    "records": "Domains by the status of their MTA-STS record.",
    "policy_errors": "Policies that could not be had, by layer and reason.",
    "policy_layers": "Fetches of policies by the layer that they reached.",
    "mx_certificates": "Domains with bad certificates of MX hosts, by the first error.",
    "mx_mismatches": "Domains with hosts that their policy does not name, by how near they come.",
    "dane": "Domains that take mail by what DANE says of them.",
    "tlsrpt": "Domains by the status of their TLSRPT record.",
    "tlsrpt_results": "Domains by the first result that senders would report (RFC 8460 §4.3).",
    "findings": "Everything found; a domain counts once for each finding.",
    "hosts": "MX hosts by how their probe ended.",
    "host_certificates": "MX hosts by the status of their certificate.",
    "host_tls": "MX hosts by the protocol version that they chose, with what DANE says of them.",
    "host_versions": "MX hosts by the version of TLS, with versions that are too old.",
    "host_groups": "MX hosts by the group of the key exchange.",
    "host_requiretls": "MX hosts by whether they offer REQUIRETLS inside TLS.",
    "host_keys": "MX hosts by the key of their certificate.",
    "host_lifetimes": "MX hosts by the lifetime of their certificate, in ranges.",
    "host_lifetime_left": "MX hosts by the share of the lifetime that is left, in ranges.",
    "host_dane_failures": "MX hosts whose TLSA records are not met, by why.",
    "host_issuers": "MX hosts by the organization that issued their certificate.",
    "host_authorities": "MX hosts by the authority that issued their certificate.",
    "microsoft_mx": "Domains at Microsoft by the form of the name of their MX host.",
    "networks": "Hosts, domains and policies by the autonomous systems of their addresses.",
    "countries": "Hosts, domains and policies by the countries of their addresses.",
}
COLUMNS = {
    "of": "the stage or sum that the row is a part of", "stage": "the stage of the funnel",
    "domains": "domains that count in the row", "of_domains": "domains of the stage under `of`",
    "hosts": "MX hosts that count in the row", "with_error": "hosts with it among their errors",
    "from_postfix": "domains with this verdict for Postfix before 3.10.5, fed by postfix-tlspol",
    "verdict": "what becomes of mail from a sender that keeps to the RFCs",
    "postfix_verdict": "what becomes of mail from that Postfix", "reason": "the one reason",
    "sender": "the sender", "mode": "the mode of the policy", "tld": "the top-level domain",
    "provider": "the operator", "kind": "how the operator was found",
    "class": "third party, the domain itself, or unclear", "providers": "how the two compare",
    "max_age": "max_age in seconds, or the range", "words": "the range in words",
    "first_failure": "the layer and the failure", "part": "the part that is wrong",
    "sts_record_status": "the status of the MTA-STS record", "layer": "the layer",
    "error": "the first error of the certificate", "near_miss": "how a host comes near",
    "dane_status": "what DANE says", "tlsrpt_status": "the status of the TLSRPT record",
    "tlsrpt_result": "the result", "code": "what was found", "severity": "how much it weighs",
    "status": "how the probe ended", "certificate_status": "the status of the certificate",
    "tls_version": "the protocol version", "requiretls": "whether REQUIRETLS is offered",
    "mail": "domains that take mail", "records": "domains with an MTA-STS record, valid or not",
    "policies": "domains with a valid policy", "protected": "domains that are protected",
    "bad_certificate": "domains with a record of which a host shows a bad certificate",
    "all_bad_certificates": "the same, where all hosts that show one do",
    "enforce_bad_certificate": "domains in mode enforce of which a host shows a bad certificate",
    "mismatch": "domains with a host that the policy does not name",
    "all_mismatch": "domains of whose hosts the policy names none",
    "enforce_mismatch": "domains in mode enforce with a host that the policy does not name",
    "tlsrpt": "domains with a valid TLSRPT record", "dane": "domains with DANE",
    "self": "domains that run the host themselves", "third_party": "domains with a third party",
    "unclear": "domains of which that is unclear", "with_record": "domains with a record",
    "with_policy": "domains with a valid policy", "with_mail": "domains that take mail",
    "first": "domains whose first failure it is", "all": "domains where it is so of all hosts",
    "partial": "domains where it is so of some hosts, or that are protected at some hosts only",
    "enforce_all": "`all` in mode enforce", "enforce_partial": "`partial` in mode enforce",
    "record_gone": "the MTA-STS record is gone", "host_gone": "the policy host is gone",
    "certificate": "no certificate for the policy host", "not_found": "no policy file there",
    "empty": "the policy file is empty", "mode_none": "the policy has mode none",
    "enforce": "domains in mode enforce", "testing": "domains in mode testing",
    "none": "domains in mode none, or without any",
    "tls_group": "the group of the key exchange", "key_type": "the kind of the key",
    "key_bits": "the bits of the key", "lifetime_days": "the lifetime in days, a range",
    "percent_left": "the share of the lifetime that is left in percent, a range",
    "dane_failure": "why TLSA records are not met",
    "issuer_organization": "the organization that issued the certificate",
    "issuer": "the authority that issued the certificate",
    "mx_names": "the form of the name of the MX host",
    "mx_secure": "domains whose MX records are validated by DNSSEC",
    "asn": "the number of the autonomous system", "as_name": "the operator of the system",
    "country": "the country", "policy_domains": "policies at such a host",
}
# Of counts under a word of a vocabulary.
WORD = "domains (or hosts) whose value is this word; see the column of that name in the records"


def tables(statistics: dict[str, Any]) -> dict[str, list[Row]]:
    """The tables that may be published, those without rows apart."""
    return {name: rows for name, rows in statistics.items()
            if isinstance(rows, list) and rows and isinstance(rows[0], dict)
            and name not in FROM_LIST}


def with_hashed_names(rows: Sequence[Row], hasher: Hasher) -> list[Row]:
    """The rows, with hashes for the labels that are names."""
    return [{key: hasher.hash(value) if key in NAMES else value for key, value in row.items()}
            for row in rows]


def _counts(row: Row) -> list[str]:
    return [key for key, value in row.items() if isinstance(value, int) or value is None]


def without_small_cells(rows: Sequence[Row], least: int) -> list[Row]:
    """The rows with no count from 1 to `least` - 1.

    Rows of names that are so rare are left out. Where one count alone of a row or column would be
    missing it could be computed from the sum, so the smallest of the others goes, too.
    """
    kept = [dict(row) for row in rows if not _is_rare(row, least)]
    for row in kept:
        for key in _counts(row):
            if 0 < row[key] < least:
                row[key] = None
    has_changed = True
    while has_changed:
        lines = [[(row, key) for key in _counts(row)] for row in kept]
        lines += [list(line) for line in zip(*lines, strict=True)]
        lines += _parts_of_stages(kept)
        _hide_wholes(kept)
        # Every line is looked at: what one leaves out changes those that cross it.
        has_changed = sum(_hide_second(line) for line in lines) > 0
    return kept


def _parts_of_stages(rows: Sequence[Row]) -> list[list[tuple[Row, str]]]:
    """The stages of the funnel that are parts of one stage, and may add up to it."""
    return [[(row, "domains") for row in rows if row["of"] == stage]
            for stage in dict.fromkeys(row.get("of") for row in rows) if stage]


def _hide_wholes(rows: Sequence[Row]) -> None:
    """Leaves out a stage's count where it stands again beside those of its parts."""
    hidden = {row["stage"] for row in rows if "of" in row and row["domains"] is None}
    for row in rows:
        if row.get("of") in hidden:
            row["of_domains"] = None


def _is_rare(row: Row, least: int) -> bool:
    counts = _counts(row)
    return any(name in row for name in NAMES) and row[counts[0]] < least


def _hide_second(line: list[tuple[Row, str]]) -> bool:
    """Leaves out the smallest other count of a row or column where one alone is missing."""
    if sum(row[key] is None for row, key in line) != 1:
        return False
    others = [(row, key) for row, key in line if row[key]]
    if not others:
        return False
    row, key = min(others, key=lambda cell: cell[0][cell[1]])
    row[key] = None
    return True


def write(folder: Path, found: dict[str, list[Row]]) -> None:
    """Writes a CSV file for each table; counts that are left out are empty."""
    folder.mkdir()
    for name, rows in found.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def codebook(found: dict[str, list[Row]]) -> Iterator[tuple[str, ...]]:
    """The rows of the codebook: each table, and each of its columns."""
    for name, rows in found.items():
        yield f"statistics/{name}", "", "table", "", TABLES[name], ""
        for column, value in rows[0].items():
            kind = "integer" if isinstance(value, int) or value is None else "string"
            yield f"statistics/{name}", column, kind, "", COLUMNS.get(column, WORD), ""
