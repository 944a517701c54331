"""Whether the final records are all there: the check with which the job ends."""

from __future__ import annotations

from typing import Any

from sparking.problem import NOT_WHOLE, Problem

# How many of those that are missing, or there twice, a message names.
NAMED = 10


def check(session: Any) -> int:
    """How many entries there are, each with one record; or a problem that names what is missing.

    `session` has the views `entry`, `domain`, `host` and `policy`, and takes SQL.
    """
    [(count, distinct)] = _rows(session, "SELECT count(*), count(DISTINCT index) FROM domain")
    [(wanted,)] = _rows(session, "SELECT count(*) FROM entry")
    if not count == distinct == wanted:
        missing = _rows(session, "SELECT index, domain FROM entry ANTI JOIN domain USING (index)"
                                 f" ORDER BY index LIMIT {NAMED}")
        raise Problem(
            f"{count} records, {distinct} indexes, {wanted} entries; missing: "
            + (", ".join(f"{index} ({domain})" for index, domain in missing) or "none")
            + f"; more than once: {_repeated(session, 'domain', 'index')}", NOT_WHOLE)
    for kind in ("host", "policy"):
        [(count, distinct)] = _rows(session, f"SELECT count(*), count(DISTINCT host) FROM {kind}")
        if count != distinct:
            raise Problem(f"{count} {kind} records of {distinct} names; more than once: "
                          + _repeated(session, kind, "host"), NOT_WHOLE)
    return int(wanted)


def _repeated(session: Any, kind: str, key: str) -> str:
    rows = _rows(session, f"SELECT {key} FROM {kind} GROUP BY {key} HAVING count(*) > 1"
                          f" ORDER BY {key} LIMIT {NAMED}")
    return ", ".join(str(value) for [value] in rows) or "none"


def _rows(session: Any, query: str) -> list[Any]:
    return [tuple(row) for row in session.sql(query).collect()]
