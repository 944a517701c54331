"""The figures of a report: those that its tables show, and those that its search looks through."""

from __future__ import annotations

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from .figures import SPOKEN, Figure

DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.S)


# The columns of the same row that shares are of, by table.
OF_COLUMN = {"funnel": "of_domains", "tlds": "mail", "ranks": "mail", "mx_providers": "domains",
             "mx_classes": "domains", "same_provider": "domains", "groups": "mail",
             "group_weights": "mail"}
# The figures whose sum shares are of, by table; those of other tables are of all domains scanned.
OF_RECORDS = [Figure("funnel", ("has_record", "has_mail"), "domains"),
              Figure("funnel", ("record_without_mail", "scanned"), "domains")]
OF_TABLES: dict[str, str | list[Figure]] = {
    **dict.fromkeys(("misconfigurations", "policy_errors", "policy_layers", "mx_certificates",
                     "first_failures"), OF_RECORDS),
    **dict.fromkeys(("modes", "mx_mismatches", "max_age"), "modes"),
    "dane": [Figure("funnel", ("has_mail", "answered"), "domains")],
    **dict.fromkeys(("hosts", "host_versions", "host_groups", "host_requiretls", "networks",
                     "countries"), "hosts"),
    **dict.fromkeys((
        "host_certificates", "host_keys", "host_lifetimes", "host_lifetime_left", "host_issuers",
        "host_authorities"), "host_certificates"),
    "host_dane_failures": "host_dane_failures",
    "microsoft_mx": [Figure("funnel", ("has_mail", "answered"), "domains")],
}

# Tables whose rows are named by a value, and once more in words.
BUCKETS = ("max_age", "host_lifetimes", "host_lifetime_left", "microsoft_mx")


def percent(part: int, whole: int) -> str:
    """A share with one decimal, or two where it is below one per cent or almost all."""
    if whole == 0:
        return "–"
    share = Decimal(100 * part) / whole
    if part < whole and share.quantize(Decimal("0.1"), ROUND_HALF_UP) >= 100:
        almost = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
        return f"{almost}%" if almost < 100 else ">99.99%"
    tenth = share.quantize(Decimal("0.1"), ROUND_HALF_UP)
    if tenth >= 1 or part == 0:
        return f"{tenth}%"
    hundredth = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{hundredth}%" if hundredth else "<0.01%"


class Shown(NamedTuple):
    """A count on the page: what it says it is, and the text that is read."""

    table: str
    row: str
    column: str
    value: int
    text: str


class _Page(HTMLParser):
    """Collects the marked counts with their texts; shares follow the row's own count."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.shown: list[Shown] = []
        self.shares: list[tuple[Shown, str]] = []
        self.row: dict[str, str] = {}
        self.open: tuple[str, str, str, int] | None = None
        self.is_share = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes rows, cells and the large figures."""
        found = {name: value or "" for name, value in attrs}
        if tag == "tr":
            self.row = found if "data-table" in found else {}
        if tag == "div" and "data-stage" in found:
            self.open = ("funnel", found["data-stage"], "domains", int(found["data-count"]))
        self.is_share = tag == "td" and found.get("class") == "share"
        if tag == "td" and self.row and "data-count" in found:
            self._expect(found)
        elif tag == "td" and self.row and not found.get("class"):
            self._expect(self.row)

    def _expect(self, found: dict[str, str]) -> None:
        self.open = (self.row["data-table"], self.row["data-row"], found["data-column"],
                     int(found["data-count"]))

    def handle_data(self, data: str) -> None:
        """Takes the first text within what was noted."""
        if self.open and data.strip():
            self.shown.append(Shown(*self.open, data))
            self.open = None
        elif self.is_share and data.strip():
            self.shares.append((self.shown[-1], data))
            self.is_share = False


class Report:
    """A report as it was written."""

    def __init__(self, path: Path) -> None:
        text = path.read_text()
        page = _Page(DATA.sub("", text))
        self.shown, self.shares = page.shown, page.shares
        found = DATA.search(text)
        self.data = json.loads(found[1])["tables"] if found else []

    def figures(self) -> dict[Figure, int]:
        """All counts that the search looks through."""
        found: dict[Figure, int] = {}
        for table in self.data:
            heads = table["heads"]
            for row in table["rows"]:
                labels = tuple(value for head, value in zip(heads, row, strict=True)
                               if isinstance(value, str) and head not in SPOKEN)
                for head, value in zip(heads, row, strict=True):
                    if isinstance(value, int):
                        found[Figure(table["name"], labels, head)] = value
        return found

    def differences(
        self, known: dict[Figure, int], source: str, unknown: frozenset[str]
    ) -> list[str]:
        """Each count and share on the page that another source, which knows not all, has otherwise.
        """
        counts = _Counts(known)
        found = []
        for shown in (shown for shown in self.shown if shown.table not in unknown):
            count = counts.of(shown)
            if shown.value != count or shown.text != f"{count:,}":
                found.append(f"{_place(shown)}: shown {shown.text}, {source} has {count:,}")
        for shown, text in self.shares:
            if shown.table in unknown:
                continue
            share = percent(counts.of(shown), counts.whole(shown))
            if text != share:
                found.append(f"{_place(shown)}: shown {text}, {source} has {share}")
        return found


def _place(shown: Shown) -> str:
    return f"report: {shown.table}[{shown.row}].{shown.column}"


class _Counts:
    """Figures as the page names them: a row by its first label, or by all with a slash between."""

    def __init__(self, known: dict[Figure, int]) -> None:
        self.counts: dict[tuple[str, str, str], int] = {}
        self.sums: dict[str, int] = {}
        for figure, count in known.items():
            for row in {figure.row[0], "/".join(figure.row)}:
                self.counts[figure.table, row, figure.column] = count
            is_of_hosts = figure.table.startswith("host")
            if figure.column == ("hosts" if is_of_hosts else "domains"):
                self.sums[figure.table] = self.sums.get(figure.table, 0) + count

    def of(self, shown: Shown) -> int:
        """The count that a share on the page is of."""
        # Rows of buckets have the words of the bucket after a slash.
        row = shown.row.partition("/")[0] if shown.table in BUCKETS else shown.row
        return self.counts.get((shown.table, row, shown.column), 0)

    def whole(self, shown: Shown) -> int:
        """What a share on the page is of."""
        if shown.table == "weights":
            return self.of(shown._replace(column=f"of_{shown.column}"))
        if column := OF_COLUMN.get(shown.table):
            return self.of(shown._replace(column=column))
        scanned = [Figure("funnel", ("scanned", "lines"), "domains")]
        of = OF_TABLES.get(shown.table, scanned)
        if isinstance(of, str):
            return self.sums.get(of, 0)
        return sum(self.counts.get((f.table, "/".join(f.row), f.column), 0) for f in of)
