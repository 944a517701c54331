"""Where enforcing domains have their mail, by DuckDB."""

import subprocess
import sys

import duckdb

PROGRAM = ".build/release/stsurvey"
QUERY = """
SELECT regexp_replace(host, '^[^.]*\\.', '') AS provider, count(*) AS domains,
    count(*) FILTER (h.certificate_status = 'ok') AS valid
FROM (SELECT mx[1].host AS host, mx[1].observation AS observation
      FROM domains(getvariable('folder') || '/domains-*.ndjson.zst') WHERE sts_mode = 'enforce')
JOIN hosts(getvariable('folder') || '/hosts-*.ndjson.zst') h USING (host, observation)
GROUP BY provider ORDER BY provider
"""

database = duckdb.connect()
for record in ("domain", "host"):
    database.execute(subprocess.run(
        [PROGRAM, "schema", "--record", record, "--format", "duckdb"], check=True,
        capture_output=True, text=True).stdout)
database.execute("SET VARIABLE folder = ?", [sys.argv[1]])
for row in database.execute(QUERY).fetchall():
    print(*row, sep="\t")
