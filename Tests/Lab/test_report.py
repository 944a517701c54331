"""The report in a browser without a network: its figures are those of `stats`."""

import json
import re
import subprocess
from html.parser import HTMLParser

import pytest

from helpers.program import run


@pytest.fixture(scope="module", params=["quickstart", "zoo"])
def made(request, tmp_path_factory):
    """The report's file, the tables of stats, and the page that a browser makes of the file."""
    scan = request.getfixturevalue(request.param)
    path = tmp_path_factory.mktemp("report") / "report.html"
    done = run("report", scan.folder, "--output", path)
    assert done.returncode == 0, done.stderr
    tables = json.loads(run("stats", scan.folder, "--json").stdout)
    return path, tables, Page(browse(path, "--dump-dom"))


def browse(path, *options):
    """What headless Chromium makes of the file; root, as in a container, has no sandbox."""
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         f"--user-data-dir={path.parent}/profile", "--virtual-time-budget=5000", *options,
         path.as_uri()],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


class Page(HTMLParser):
    """The figures, the rows that the script makes, and what could lead elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.figures, self.stages, self.links, self.ids = [], {}, [], []
        self.row, self.rows, self.cell, self.tags = None, [], None, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [value for key, value in attributes.items()
                       if key in ("src", "href", "srcset", "action", "data", "xlink:href")]
        if tag == "tr" and "data-table" in attributes:
            self.row = attributes
        if "data-count" in attributes and self.row and "data-column" in attributes:
            self.figures.append(
                (self.row["data-table"], self.row["data-row"], attributes["data-column"],
                 int(attributes["data-count"])))
        if "data-stage" in attributes:
            self.stages[attributes["data-stage"]] = int(attributes["data-count"])
        if tag == "tbody":
            self.is_found = attributes.get("id") == "rows"
        if tag == "tr" and getattr(self, "is_found", False):
            self.rows.append([])
        self.cell = tag if tag == "td" else None

    def handle_endtag(self, tag):
        if tag == "tbody":
            self.is_found = False
        if tag == "tr":
            self.row = None

    def handle_data(self, text):
        if self.cell == "td" and self.rows and getattr(self, "is_found", False):
            self.rows[-1].append(text)


def labels(table):
    return [key for key, value in table[0].items() if isinstance(value, str)]


def test_every_figure_is_one_of_stats(made):
    _, tables, page = made
    assert len(page.figures) > 150
    known = {
        (name, "/".join(row[key] for key in labels(table)), column): value
        for name, table in tables.items()
        if isinstance(table, list) and table and isinstance(table[0], dict)
        for row in table for column, value in row.items() if isinstance(value, int)
    }
    for table, row, column, count in page.figures:
        assert known[table, row, column] == count, (table, row, column)
    assert {table for table, *_ in page.figures} >= {
        "funnel", "verdicts", "modes", "max_age", "mx_providers", "policy_providers",
        "policy_layers", "first_failures", "mx_certificates", "mx_mismatches"}
    funnel = {row["stage"]: row["domains"] for row in tables["funnel"]}
    assert len(page.stages) == 6
    assert all(funnel[stage] == count for stage, count in page.stages.items())


def test_all_tables_are_there_to_be_searched(made):
    path, tables, page = made
    text = path.read_text()
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.S).group(1))
    told = {table["name"]: [dict(zip(table["heads"], row, strict=True)) for row in table["rows"]]
            for table in data}
    for name, rows in told.items():
        assert rows == tables[name], name
    assert len(told) == 40
    # The script has filled the table: the first one is the funnel.
    assert [row[0] for row in page.rows] == [row["stage"] for row in tables["funnel"]]


def test_nothing_leads_elsewhere(made):
    path, *_ = made
    text = path.read_text()
    page = Page(text)
    assert page.links and all(link.startswith("#") for link in page.links)
    assert all(link[1:] in page.ids for link in page.links)
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|//[a-z]|@import|url\(", text.split('<script type=')[0])
    assert not {"img", "link", "iframe", "object"} & set(page.tags)


def test_what_strangers_name_is_no_markup(quickstart, tmp_path):
    """A host name from a record must not become an element."""
    catalogue = tmp_path / "providers.json"
    catalogue.write_text(json.dumps({
        "version": 1, "sources": {"s": {"title": "t"}}, "providers": [
            {"id": "x", "name": "</script><b id='evil'>&", "kind": "mailbox",
             "mx": ["mailgrove.lab"], "sources": ["s"]}]}))
    path = tmp_path / "report.html"
    done = run("report", quickstart.folder, "--output", path, "--providers", catalogue)
    assert done.returncode == 0, done.stderr
    page = Page(browse(path, "--dump-dom"))
    assert "evil" not in page.ids
    assert any("<b id='evil'>" in row for _, row, *_ in page.figures)


def test_it_fits_a_phone_and_has_a_dark_side(quickstart, tmp_path):
    path = tmp_path / "report.html"
    assert run("report", quickstart.folder, "--output", path).returncode == 0
    for name, options in [("narrow", ["--window-size=500,900"]),
                          ("dark", ["--window-size=1280,900",
                                    "--blink-settings=preferredColorScheme=0"])]:
        picture = tmp_path / f"{name}.png"
        browse(path, "--hide-scrollbars", f"--screenshot={picture}", *options)
        assert picture.stat().st_size > 20_000
    probe = tmp_path / "probe.html"
    script = ("<script>document.documentElement.dataset.width = "
              "document.documentElement.scrollWidth;"
              "document.documentElement.dataset.cut = [...document.querySelectorAll('.card')]"
              ".filter(card => card.scrollWidth > card.clientWidth).length</script></body>")
    probe.write_text(path.read_text().replace("</body>", script))
    for width in (500, 760, 1040, 1280):
        text = browse(probe, "--dump-dom", f"--window-size={width},900")
        assert int(re.search(r'data-width="(\d+)"', text).group(1)) <= width
        assert re.search(r'data-cut="(\d+)"', text).group(1) == "0", width


def test_a_file_that_cannot_be_written_is_named(quickstart, tmp_path):
    done = run("report", quickstart.folder, "--output", tmp_path / "none/report.html")
    assert done.returncode == 74 and "none/report.html" in done.stderr
    done = run("report", tmp_path, "--output", tmp_path / "report.html")
    assert done.returncode == 66 and str(tmp_path) in done.stderr
