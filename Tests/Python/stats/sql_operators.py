"""Who runs hosts, in SQL on the records: the rules of datasets/providers.md once more."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import idna

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE = ROOT / "datasets/providers.json"
SUFFIXES = Path("/usr/share/publicsuffix/public_suffix_list.dat")

# Every name that could have to be attributed, and all that it ends in.
NAMES = """
CREATE TABLE host AS SELECT
    host, list_concat(coalesce(a.addresses, []), coalesce(aaaa.addresses, [])) AS addresses,
    CASE WHEN len(coalesce(a.cnames, [])) > 0 THEN a.cnames[-1]
         WHEN len(coalesce(aaaa.cnames, [])) > 0 THEN aaaa.cnames[-1] END AS alias
FROM h;
CREATE TABLE chain AS SELECT
    index, domain,
    CASE WHEN len(coalesce(policy.a.cnames, [])) > 0 THEN policy.a.cnames
         ELSE coalesce(policy.aaaa.cnames, []) END AS policy_chain,
    coalesce(dns.mta_sts.cnames, []) AS record_chain,
    list_concat(coalesce(policy.a.addresses, []), coalesce(policy.aaaa.addresses, [])) AS addresses
FROM d WHERE domain IS NOT NULL;
CREATE TABLE ending AS WITH names AS (
    SELECT domain AS name FROM chain UNION SELECT host FROM host UNION SELECT alias FROM host
    UNION SELECT unnest(policy_chain) FROM chain UNION SELECT unnest(record_chain) FROM chain),
parts AS (SELECT name, string_split(name, '.') AS labels FROM names WHERE name IS NOT NULL)
SELECT name, len(labels) AS labels, len(labels) - position + 1 AS length,
       array_to_string(labels[position:], '.') AS ending
FROM (SELECT *, unnest(range(1, len(labels) + 1)) AS position FROM parts);
"""

# The algorithm of publicsuffix.org: an exception, else the longest rule, else the last label.
REGISTRABLE = """
CREATE TABLE suffix AS SELECT name, labels, coalesce(
    max(length - 1) FILTER (kind = 'exception'), max(length) FILTER (kind = 'rule'), 1) AS length
FROM (SELECT e.name, e.labels, r.kind, e.length FROM ending e JOIN rule r ON r.rule = e.ending
      WHERE r.kind <> 'wildcard'
      UNION ALL SELECT e.name, e.labels, 'rule', e.length + 1 FROM ending e JOIN rule r
      ON r.rule = e.ending WHERE r.kind = 'wildcard' AND e.length < e.labels
      UNION ALL SELECT DISTINCT name, labels, NULL, 1 FROM ending) GROUP BY 1, 2;
CREATE TABLE registrable AS SELECT s.name, e.ending AS registrable FROM suffix s JOIN ending e
    ON e.name = s.name AND e.length = s.length + 1;
CREATE TABLE named AS SELECT e.name, p.key, arg_max(p.provider, e.length) AS provider,
    arg_max(p.kind, e.length) AS kind FROM ending e JOIN pattern p ON p.pattern = e.ending
    GROUP BY 1, 2;
"""

LEAST = """
CREATE MACRO number(address) AS list_reduce(
    list_transform(string_split(address, '.'), part -> part::BIGINT),
    (one, two) -> one * 256 + two);
CREATE MACRO least_of(addresses) AS CASE WHEN len(addresses) > 0 THEN
    addresses[list_position(list_transform(addresses, x -> number(x)),
                            list_min(list_transform(addresses, x -> number(x))))] END;
"""

MAIL = """
CREATE TABLE shared AS SELECT least_of(addresses) AS address FROM host
    JOIN registrable r ON r.name = host.host WHERE len(addresses) > 0
    GROUP BY 1 HAVING count(DISTINCT r.registrable) > $few;
CREATE TABLE mx_operator AS WITH listed AS (
    SELECT index, domain, unnest(mx).host AS host, generate_subscripts(mx, 1) AS position FROM d
    WHERE mx_status IN ('has_mx', 'implicit', 'null_mx_plus')),
first AS (
    SELECT index, domain, arg_min(host, position) FILTER (
        host IN (SELECT name FROM registrable) AND NOT regexp_matches(host, '[0-9]$')) AS host
    FROM listed GROUP BY 1, 2),
known AS (
    SELECT f.index, f.host, r.registrable AS under, own.registrable AS own,
           coalesce(t.registrable, r.registrable) AS target, shared.address,
           coalesce(n.provider, a.provider) AS provider, coalesce(n.kind, a.kind) AS kind
    FROM first f LEFT JOIN host h ON h.host = f.host
    LEFT JOIN registrable r ON r.name = f.host LEFT JOIN registrable t ON t.name = h.alias
    LEFT JOIN registrable own ON own.name = f.domain
    LEFT JOIN named n ON n.name = f.host AND n.key = 'mx'
    LEFT JOIN named a ON a.name = h.alias AND a.key = 'mx'
    LEFT JOIN shared ON shared.address = least_of(h.addresses))
SELECT index, CASE WHEN host IS NULL THEN '(none)' WHEN provider IS NOT NULL THEN provider
    WHEN target IS DISTINCT FROM own OR under <> target THEN target
    WHEN address IS NOT NULL THEN address ELSE '(self)' END AS provider,
    CASE WHEN host IS NULL THEN 'none' WHEN provider IS NOT NULL THEN kind
    WHEN target IS DISTINCT FROM own OR under <> target THEN 'domain'
    WHEN address IS NOT NULL THEN 'address' ELSE 'self' END AS kind
FROM known;
"""

POLICY = """
CREATE TABLE policy_operator AS WITH link AS (
    SELECT index, unnest(policy_chain) AS name, generate_subscripts(policy_chain, 1) AS position,
           2 AS chain FROM chain
    UNION ALL SELECT index, unnest(record_chain), generate_subscripts(record_chain, 1), 1
    FROM chain),
by_name AS (
    SELECT index, arg_max(n.provider, chain * 1000 + position) AS provider,
           arg_max(n.kind, chain * 1000 + position) AS kind
    FROM link JOIN named n ON n.name = link.name AND n.key = 'policy' GROUP BY 1),
ends AS (
    SELECT c.index, coalesce(nullif(p.registrable, own.registrable),
                             nullif(r.registrable, own.registrable)) AS target
    FROM chain c LEFT JOIN registrable own ON own.name = c.domain
    LEFT JOIN registrable p ON p.name = c.policy_chain[-1]
    LEFT JOIN registrable r ON r.name = c.record_chain[-1])
SELECT c.index,
    coalesce(b.provider, e.target, least_of(c.addresses), '(none)') AS provider,
    coalesce(b.kind, CASE WHEN e.target IS NOT NULL THEN 'domain'
                     WHEN len(c.addresses) > 0 THEN 'address' ELSE 'none' END) AS kind
FROM chain c JOIN f ON f.index = c.index JOIN ends e ON e.index = c.index
LEFT JOIN by_name b ON b.index = c.index
WHERE f.record OR len(c.record_chain) > 0;
"""

CLASSES = """
CREATE MACRO class_of(provider, kind, domains) AS CASE
    WHEN kind = 'none' THEN 'none' WHEN kind = 'self' THEN 'self'
    WHEN kind NOT IN ('domain', 'address') OR domains >= $third_party THEN 'third_party'
    WHEN domains <= $own THEN 'self' ELSE 'unclear' END;
CREATE TABLE m AS SELECT *, class_of(provider, kind, count(*) OVER (PARTITION BY provider, kind))
    AS class FROM mx_operator;
CREATE TABLE p AS SELECT *, class_of(provider, kind, count(*) OVER (PARTITION BY provider, kind))
    AS class FROM policy_operator;
CREATE TABLE brand AS
    SELECT DISTINCT provider, kind, split_part(pattern, '.', -2) AS brand FROM pattern
    UNION SELECT DISTINCT provider, kind, split_part(provider, '.', 1)
    FROM (SELECT provider, kind FROM m UNION SELECT provider, kind FROM p) WHERE kind = 'domain';
"""


def _rules() -> list[tuple[str, str]]:
    found = []
    for line in SUFFIXES.read_text().splitlines():
        rule = line.split()[0] if line.strip() else "//"
        if rule.startswith("//"):
            continue
        kind = {"!": "exception", "*": "wildcard"}.get(rule[0], "rule")
        name = rule.lstrip("!*.")
        found.append((name if name.isascii() else idna.encode(name).decode(), kind))
    return found


def _patterns() -> list[tuple[str, str, str, str]]:
    entries = json.loads(CATALOGUE.read_text())["providers"]
    return [(pattern, entry["name"], entry["kind"], key)
            for entry in entries for key in ("mx", "policy") for pattern in entry.get(key, ())]


def attribute(database: duckdb.DuckDBPyConnection, third_party: int, own: int) -> None:
    """Makes the tables `m` and `p`: the operators of MX and policy hosts, with their classes."""
    database.execute("CREATE TABLE rule (rule VARCHAR, kind VARCHAR)")
    database.executemany("INSERT INTO rule VALUES (?, ?)", _rules())
    database.execute(
        "CREATE TABLE pattern (pattern VARCHAR, provider VARCHAR, kind VARCHAR, key VARCHAR)")
    database.executemany("INSERT INTO pattern VALUES (?, ?, ?, ?)", _patterns())
    database.execute(NAMES + REGISTRABLE + LEAST)
    for query in (MAIL, POLICY, CLASSES):
        text = query.replace("$few", str(own)).replace("$own", str(own))
        database.execute(text.replace("$third_party", str(third_party)))
