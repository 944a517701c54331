"""How a host that no mx pattern allows comes near to one: the classes of `near_miss`."""

from __future__ import annotations


def _edits(one: str, other: str) -> int:
    """The least number of insertions, deletions and substitutions between two texts."""
    row = list(range(len(other) + 1))
    for number, letter in enumerate(one, start=1):
        before, row[0] = row[0], number
        for column, wanted in enumerate(other, start=1):
            before, row[column] = row[column], min(
                row[column] + 1, row[column - 1] + 1, before + (letter != wanted))
    return row[-1]


def _registered(name: str) -> list[str]:
    """The last labels, taken as the registered domain, without a list of suffixes."""
    labels = name.split(".")
    is_country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return labels[-3 if is_country else -2:]


def covers(pattern: str, name: str) -> bool:
    """RFC 8461 §4.1: a wildcard matches exactly one leftmost label."""
    if not pattern.startswith("*."):
        return pattern == name
    return name.partition(".")[2] == pattern[2:]


def near_miss(host: str, patterns: list[str], certificate_names: list[str]) -> str:
    """The class of a host; the first that some pattern gives, in the order of the taxonomy."""
    pairs = []
    for pattern in (pattern.lower() for pattern in patterns):
        is_wildcard = pattern.startswith("*.")
        pairs.append((pattern.removeprefix("*."), host.partition(".")[2] if is_wildcard else host))
    if any("mta-sts" in domain.split(".") for domain, _ in pairs):
        return "mta_sts_label"
    if any(domain != name and domain.split(".")[:-1] == name.split(".")[:-1] != []
           for domain, name in pairs):
        return "other_tld"
    if any(_registered(domain) == _registered(host) and domain.count(".") != name.count(".")
           for domain, name in pairs):
        return "extra_labels"
    if any(_edits(domain, name) <= 3 for domain, name in pairs):
        return "typo"
    if any(covers(pattern.lower(), name) or pattern.lower() == name
           for pattern in patterns for name in certificate_names):
        return "certificate_only"
    return "other"
