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
        list_filter(mx, x -> x.policy_match = 'none') AS unmatched FROM d)
SELECT index, domain, rank, "group", weight, status = 'scanned' AS scanned, verdict, verdict_reason,
    postfix_verdict, verdicts, depends_on_sender, first_failure, tlsrpt_result, mx_status,
    policy_status,
    sts_record_status, policy_fetch_status, sts_mode, sts_max_age, tlsrpt_status, dane_status,
    findings, list_distinct(list_filter(shown, x -> x <> 'ok')) AS bad,
    list_distinct(list_transform(unmatched, x -> x.near_miss)) AS misses,
    coalesce(mx_status IN ('has_mx', 'implicit', 'null_mx_plus'), false) AS mail,
    coalesce(sts_record_status NOT IN ('absent', 'unrelated', 'servfail', 'refused', 'timeout',
             'unreachable', 'dns_error'), false) AS record,
    len(bad) > 0 AS is_bad, len(shown) > 0 AND NOT list_contains(shown, 'ok') AS all_bad,
    len(unmatched) > 0 AS is_missed, len(unmatched) > 0 AND len(unmatched) = len(mx) AS all_missed,
    coalesce(policy_status = 'ok', false) AS policy,
    coalesce(sts_mode = 'enforce', false) AS enforce,
    coalesce(verdict IN ('protected_sts', 'protected_dane'), false) AS protected
FROM seen
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
