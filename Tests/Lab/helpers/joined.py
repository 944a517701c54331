"""Records of two runs over the same lab, compared but for what is of each run."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from helpers.program import Record
from soak.records import paths

# What the parts may find otherwise: times, retries, who shares with whom, the numbers of
# observations, and what a cache or a busy name server makes of one and the same zone.
OF_THE_RUN = {
    "scanned_at", "fetched_at", "observed_at", "duration_ms", "rounds", "observation", "observed",
    "shared_from", "error", "ttl",
}


# Where a record stands in its list.
OF_THE_LIST = ["source", "index", "line", "list"]


def comparable(value: Any) -> Any:
    """A record without what is of its run, its DNS answers in an order of their own."""
    if isinstance(value, dict):
        return {
            key: sorted(map(comparable, member), key=json.dumps)
            if key in {"records", "addresses", "dane_relations"} else comparable(member)
            for key, member in value.items() if key not in OF_THE_RUN}
    return [comparable(member) for member in value] if isinstance(value, list) else value


def by_key(records: Iterable[Record], key: str) -> dict[Any, Any]:
    """What is comparable of records, by one of their keys."""
    return {record[key]: comparable(record) for record in records}


def unanswered(value: Any) -> bool:
    """Whether a lookup or a connection in a record failed in a way that the next may not."""
    if isinstance(value, dict):
        status = value.get("status")
        return status in {"timeout", "servfail", "tcp_timeout", "greeting_timeout"} \
            or any(map(unanswered, value.values()))
    return isinstance(value, list) and any(map(unanswered, value))


def compare_joined(
    domains: Iterable[Record], hosts: Iterable[Record], all_domains: Iterable[Record],
    all_hosts: Iterable[Record], key: str,
) -> None:
    """Records that were joined are those of a whole scan, whose list may be longer.

    Apart from domains and hosts whose name servers did not answer alike, which are few.
    """
    judged = by_key(domains, key)
    whole = {name: record for name, record in by_key(all_domains, key).items() if name in judged}
    assert len(judged) == len(whole)
    probed, all_probed = by_key(hosts, "host"), by_key(all_hosts, "host")
    shaky = [name for name in judged if unanswered(judged[name]) or unanswered(whole[name])]
    shaky_hosts = {name for name in probed
                   if unanswered(probed[name]) or unanswered(all_probed[name])}
    assert len(shaky) < len(judged) / 10 and len(shaky_hosts) < len(probed) / 5
    for name in probed.keys() - shaky_hosts:
        assert probed[name] == all_probed[name], paths(all_probed[name], probed[name])
    for name in judged.keys() - set(shaky):
        if shaky_hosts.isdisjoint(host["host"] for host in judged[name]["mx"]):
            assert judged[name] == {**whole[name], **{
                place: judged[name][place] for place in OF_THE_LIST}}
