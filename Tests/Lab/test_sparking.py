"""The check with which a Spark job ends, its SQL by DuckDB: no Spark and no lab is needed."""

import duckdb
import pytest

from sparking import completeness
from sparking.problem import NOT_WHOLE, Problem


class Session:
    """Takes SQL as a session of Spark does."""

    def __init__(self, **views):
        self.database = duckdb.connect()
        for name, rows in views.items():
            columns = "index BIGINT, domain TEXT" if name in ("entry", "domain") else "host TEXT"
            self.database.execute(f"CREATE TABLE {name} ({columns})")
            if rows:
                marks = ", ".join("?" for _ in rows[0])
                self.database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)

    def sql(self, query):
        self.rows = self.database.execute(query).fetchall()
        return self

    def collect(self):
        return self.rows


ENTRIES = [(7, "a.example"), (9, "b.example"), (12, "c.example")]
WHOLE = {"entry": ENTRIES, "domain": ENTRIES, "host": [("mx.example",), ("mx2.example",)],
         "policy": []}


def test_each_entry_with_one_record_is_whole():
    assert completeness.check(Session(**WHOLE)) == 3
    assert completeness.check(Session(entry=[], domain=[], host=[], policy=[])) == 0


@pytest.mark.parametrize(("view", "rows", "words"), [
    ("domain", ENTRIES[:1], "1 records, 1 indexes, 3 entries; missing: 9 (b.example),"
                            " 12 (c.example); more than once: none"),
    ("domain", [*ENTRIES, ENTRIES[1]], "4 records, 3 indexes, 3 entries; missing: none;"
                                       " more than once: 9"),
    # As many records as entries, and yet one is missing.
    ("domain", [ENTRIES[0], ENTRIES[0], ENTRIES[2]], "missing: 9 (b.example); more than once: 7"),
    ("host", [("mx.example",)] * 2, "2 host records of 1 names; more than once: mx.example"),
    ("policy", [("p.example",)] * 3, "3 policy records of 1 names"),
])
def test_what_is_missing_or_doubled_is_named(view, rows, words):
    with pytest.raises(Problem) as problem:
        completeness.check(Session(**WHOLE | {view: rows}))
    assert words in str(problem.value) and problem.value.code == NOT_WHOLE


def test_a_message_names_ten_at_most():
    entries = [(place, f"d{place}.example") for place in range(30)]
    with pytest.raises(Problem) as problem:
        completeness.check(Session(**WHOLE | {"entry": entries, "domain": []}))
    assert str(problem.value).count(".example") == completeness.NAMED
