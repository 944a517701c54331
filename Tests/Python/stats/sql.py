"""The figures of all tables by DuckDB, from the .ndjson.zst files of a scan."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import duckdb

from .columns import GROUP
from .figures import Figure, Figures
from .sql_operators import ROOT, attribute
from .sql_tables import TABLES

PROGRAM = ROOT / ".build/release/stsurvey"

# What tables count by: a row for each record.
FACTS = """
CREATE TABLE f AS WITH seen AS (
    SELECT *, coalesce(nullif(list['$group'], ''), '(empty)') AS "group",
        CASE WHEN regexp_full_match(list['$weight'], '[0-9]{1,18}([.][0-9]+)?')
            THEN list['$weight']::DECIMAL(38, 6) END AS weight,
        list_filter(list_transform(mx, x -> x.certificate_status), x -> x IS NOT NULL) AS shown,
        list_filter(mx, x -> x.policy_match = 'none') AS unmatched,
        coalesce(sts_record_status = 'ok' AND policy_status = 'ok', false) AS in_use FROM d)
SELECT index, domain, rank, "group", weight, status = 'scanned' AS scanned, verdict, verdict_reason,
    postfix_verdict, verdicts, depends_on_sender, first_failure, tlsrpt_result, mx_status,
    policy_status,
    sts_record_status, policy_fetch_status, CASE WHEN in_use THEN sts_mode END AS mode,
    sts_max_age, tlsrpt_status, dane_status,
    mx[1] AS first,
    CASE WHEN len(list_filter(mx, x -> x.host LIKE '%.mail.protection.outlook.com')) > 0
         THEN CASE WHEN len(list_filter(mx, x -> x.host LIKE '%.mx.microsoft')) > 0
              THEN 'both' ELSE 'old' END
         WHEN len(list_filter(mx, x -> x.host LIKE '%.mx.microsoft')) > 0
         THEN 'new' END AS microsoft,
    findings, list_distinct(list_filter(shown, x -> x <> 'ok')) AS bad,
    CASE WHEN in_use THEN list_distinct(list_transform(unmatched, x -> x.near_miss)) END AS misses,
    coalesce(mx_status IN ('has_mx', 'implicit', 'null_mx_plus'), false) AS mail,
    coalesce(sts_record_status NOT IN ('absent', 'unrelated', 'servfail', 'refused', 'timeout',
             'unreachable', 'dns_error'), false) AS record,
    len(bad) > 0 AS is_bad, len(shown) > 0 AND NOT list_contains(shown, 'ok') AS all_bad,
    len(unmatched) > 0 AS is_unmatched, in_use AND is_unmatched AS is_missed,
    is_missed AND len(unmatched) = len(mx) AS all_missed, in_use AS policy,
    coalesce(mode = 'enforce', false) AS enforce,
    coalesce(verdict IN ('protected_sts', 'protected_dane'), false) AS protected
FROM seen
"""

# Of each host the session that counts: the first of the best of those that bore its own name.
TRAITS = """
CREATE TABLE t AS WITH session AS (
    SELECT host, observation, unnest(sessions) AS s, generate_subscripts(sessions, 1) AS place
    FROM h),
ranked AS (
    SELECT host, observation, s, row_number() OVER (
        PARTITION BY host, observation ORDER BY CASE
            WHEN s.status = 'not_probed' THEN 6 WHEN s.status = 'not_contacted' THEN 5
            WHEN s.status = 'blocked' THEN 4
            WHEN s.status = 'ok' AND len(s.certificate.errors) = 0 THEN 0
            WHEN s.status = 'ok' THEN 1
            WHEN s.status IN ('starttls_not_offered', 'starttls_stripped', 'starttls_2xx',
                'starttls_5xx', 'tls_alert', 'tls_closed', 'tls_protocol', 'tls_old_version')
            THEN 2 ELSE 3 END, place) AS rank
    FROM session WHERE s.server_name IS NULL OR s.server_name = host)
SELECT h.host, h.observation, h.status, h.tls_version, h.requiretls, h.certificate_errors,
    h.dane_failure,
    h.observed_at, r.s.tls_group AS tls_group, r.s.certificate AS certificate,
    trunc((epoch(r.s.certificate.not_after) - epoch(r.s.certificate.not_before) + 1) / 86400)
        AS days,
    floor((epoch(r.s.certificate.not_after) - epoch(h.observed_at) + 1) * 100
        / (epoch(r.s.certificate.not_after) - epoch(r.s.certificate.not_before) + 1)) AS part
FROM h LEFT JOIN ranked r ON r.host = h.host AND r.observation = h.observation AND r.rank = 1
"""


def open_scan(
    folder: Path, third_party: int, own: int, weight: str = "",
) -> duckdb.DuckDBPyConnection:
    """A database with the records of a scan, the facts of each, and the operators."""
    database = duckdb.connect()
    for record, view in (("domain", "d"), ("host", "h")):
        schema = subprocess.run(
            [PROGRAM, "schema", "--record", record, "--format", "duckdb"], check=True,
            capture_output=True, text=True).stdout
        database.execute(schema)
        files = f"{folder}/{record}s-*.ndjson.zst"
        database.execute(f"CREATE TABLE {view} AS SELECT * FROM {record}s('{files}')")
    database.execute(FACTS.replace("$group", GROUP).replace("$weight", weight))
    database.execute(TRAITS)
    attribute(database, third_party, own)
    return database


def figures(folder: Path, third_party: int, own: int, weight: str) -> Figures:
    """All figures that SQL gives on the records of a scan, weighed by a column of its list."""
    database = open_scan(folder, third_party, own, weight)
    found: Figures = Counter()
    for name, queries in TABLES.items():
        for query in queries:
            cursor = database.execute(query)
            columns = [column[0] for column in cursor.description]
            for values in cursor.fetchall():
                row = tuple(value for value in values if isinstance(value, str))
                for column, value in zip(columns, values, strict=True):
                    if isinstance(value, int):
                        found[Figure(name, row, column)] += value
    return found
