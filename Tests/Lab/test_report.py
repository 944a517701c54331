"""The report in a browser without a network: its figures are those of `stats`."""

import base64
import csv
import hashlib
import html
import json
import re
import signal
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path

import axe_core_python
import pytest

from helpers.program import PROGRAM, QUICKSTART, ROOT, read_manifest, run


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
        self.is_found = self.is_figures = False
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
        if tag == "table":
            self.is_figures = attributes.get("id") == "figures"
        if tag == "tbody":
            self.is_found = self.is_figures
        if tag == "tr" and self.is_found:
            self.rows.append([])
        self.cell = tag if tag == "td" else None

    def handle_endtag(self, tag):
        if tag == "tbody":
            self.is_found = False
        if tag == "tr":
            self.row = None

    def handle_data(self, text):
        if self.cell == "td" and self.rows and self.is_found:
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
    data = data_of(path)["tables"]
    told = {table["name"]: [dict(zip(table["heads"], row, strict=True)) for row in table["rows"]]
            for table in data}
    for name, rows in told.items():
        # stats has shares and their wholes beside the counts.
        assert rows == [{key: row[key] for key in rows[0]} for row in tables[name]], name
    assert set(told) == {name for name, rows in tables.items()
                         if isinstance(rows, list) and name not in ("lists", "cautions")}
    # The script has filled the table: the first one is the funnel.
    assert [row[0] for row in page.rows] == [row["stage"] for row in tables["funnel"]]
    words = {row[0]: words for table in data if table["name"] == "verdicts"
             for row, words in zip(table["rows"], table["words"], strict=True)}
    assert words["protected_sts"] == "protected by MTA-STS"


def data_of(path):
    """What the script reads."""
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text(), re.S).group(1))


def test_the_longest_bar_is_that_of_the_largest_share(made):
    """A bar's length is its row's share, on one scale for all rows of a table."""
    path, tables, _ = made
    for name, part, whole in [("tlds", "records", "mail"), ("mx_providers", "records", "domains")]:
        counts = {row[labels(tables[name])[0]]: row for row in tables[name]}
        scales = []
        for row, bar in re.findall(
                rf'data-table="{name}" data-row="([^"/]*)[^"]*".*?<svg(.*?)</svg>',
                path.read_text(), re.S):
            found = counts[html.unescape(row)]
            if found[whole] < 20:
                assert 'class="few"' in bar
                continue
            length = sum(int(width) for kind, width in re.findall(
                r'class="(\w+)"[^>]*? width="(\d+)"', bar) if kind != "track")
            scales.append(length / (found[part] / found[whole]))
        # The smallest part of a bar is drawn four wide, of 1000.
        assert scales and max(scales) - min(scales) < 0.06 * max(scales), (name, scales)


def test_the_words_have_their_meaning_in_the_glossary(made):
    path, _, page = made
    text = path.read_text()
    terms = set(re.findall(r'class="term" href="#(g-[^"]+)" title="([^"]+)"', text))
    assert len(terms) > 30
    entries = dict(re.findall(r'<div id="(g-[^"]+)"><dt>.*?<dd>(.*?)</dd>', text))
    for anchor, meaning in terms:
        assert html.unescape(re.sub("<.*?>", "", entries[anchor])) == html.unescape(
            meaning).replace("`", ""), anchor
    assert all(page.ids.count(anchor) == 1 for anchor, _ in terms)


def test_nothing_leads_elsewhere(made):
    path, *_ = made
    text = path.read_text()
    page = Page(text)
    assert page.links and all(link.startswith("#") for link in page.links)
    assert all(link[1:] in page.ids for link in page.links)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy
    for element, source in [("style", "style-src"), ("script", "script-src")]:
        [body] = re.findall(rf"<{element}>(.*?)</{element}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{source} 'sha256-{digest}'" in policy
    assert " style=" not in text and not re.search(r"<[^>]* on[a-z]+=", text)
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


def browse_with(path, folder, script, *options):
    """What the script finds in a copy of the page that allows it: a JSON value."""
    text = re.sub(r"<meta http-equiv=.Content-Security-Policy.[^>]*>", "", path.read_text())
    copy = folder / "probe.html"
    copy.write_text(text.replace("</body>", f"""<pre id="outcome"></pre><script>
        const give = value =>
          document.getElementById("outcome").textContent = JSON.stringify(value);
        {script}</script></body>"""))
    found = re.search(r'<pre id="outcome">(.*?)</pre>', browse(copy, "--dump-dom", *options), re.S)
    return json.loads(html.unescape(found.group(1)))


def test_from_a_provider_to_the_reason_and_the_domains(made, tmp_path):
    """A reason lists as many domains as it says; heads sort, links open tables, CSV has all."""
    path, *_ = made
    found = browse_with(path, tmp_path, """
        const texts = [];
        URL.createObjectURL = blob => { texts.push(blob); return "#"; };
        const shown = id => [...document.querySelectorAll(`#${id} tbody tr`)].map(
          row => [...row.cells].map(cell => cell.firstChild?.textContent ?? ""));
        const reasons = [...document.querySelectorAll("a[data-failure]")].map(link => {
          link.click();
          return [+link.nextElementSibling.textContent.replaceAll(",", ""),
                  shown("domain-table").length, document.activeElement.id];
        });
        document.getElementById("find").reset();
        document.getElementById("find").words.value = shown("domain-table")[0][0];
        document.getElementById("find").dispatchEvent(new Event("input"));
        const searched = shown("domain-table").length;
        document.getElementById("domains-csv").click();
        document.querySelector('a[data-open="tlds"]').click();
        setTimeout(async () => {
          const head = () => document.querySelectorAll("#figures thead button")[1];
          const orders = [];
          for (let turn = 0; turn < 3; turn += 1) {
            head().click();
            orders.push([head().parentElement.getAttribute("aria-sort"),
                         shown("figures").map(row => +row[1].replaceAll(",", ""))]);
          }
          document.getElementById("csv").click();
          give({ reasons, searched, orders, title: document.getElementById("search").table.value,
                 csv: await Promise.all(texts.map(blob => blob.text())) });
        }, 500);""")
    assert found["reasons"]
    for count, shown, focus in found["reasons"]:
        assert shown == count and focus == "found"
    assert found["searched"] >= 1 and found["title"] == "tlds"
    (down, falling), (up, rising), (none, _) = found["orders"]
    assert down == "descending" and falling == sorted(falling, reverse=True)
    assert up == "ascending" and rising == sorted(rising) and none is None
    domains, tlds = found["csv"]
    assert re.match("domain,(rank,)?result,", domains)
    assert domains.count("\n") == 1 + found["searched"]
    stats = csv.DictReader(run("stats", path_folder(path), "--table", "tlds", "--csv").stdout
                           .splitlines())
    rows = list(csv.DictReader(tlds.splitlines()))
    assert rows == [{key: row[key] for key in rows[0]} for row in stats] and rows


def path_folder(path):
    """The folder that the report at a path is of."""
    return re.search(r"folder ([^ <]+)", path.read_text()).group(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_checker_of_accessibility_finds_nothing(made, tmp_path, scheme):
    axe = Path(axe_core_python.__file__).with_name("axe.min.js").read_text()
    options = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    violations = browse_with(made[0], tmp_path, axe.replace("</script", "<\\/script") + """
        for (const part of document.querySelectorAll("details")) part.open = true;
        axe.run(document, { resultTypes: ["violations"] }).then(found =>
          give(found.violations.map(({ id, nodes }) => [id, nodes.map(node => node.html)])));""",
        "--virtual-time-budget=60000", *options)
    assert violations == []


def test_what_is_said_of_the_report_itself(quickstart, tmp_path):
    path, method = tmp_path / "report.html", tmp_path / "method.txt"
    method.write_text("We scanned from one network.\n\nOpting out: <mail us>.\n")
    done = run("report", quickstart.folder, "--output", path, "--title", "MTA-STS & June",
               "--author", "Doe, Jane", "--author", "Roe, Richard", "--licence", "CC-BY-4.0",
               "--method", method, "--caution", "One vantage only.", "--domains", "0")
    assert done.returncode == 0, done.stderr
    text = path.read_text()
    assert "<title>MTA-STS &amp; June</title>" in text and "<h1>MTA-STS &amp; June</h1>" in text
    assert "Doe, Jane; Roe, Richard" in text and "Licence: CC-BY-4.0" in text
    assert "<p>We scanned from one network.</p>" in text and "&lt;mail us&gt;" in text
    assert "<strong>Caution:</strong> One vantage only." in text
    # Without names the reasons are there, and no domain.
    assert data_of(path)["domains"]["rows"] == []
    assert "What is to be mended" in text and "Search for a domain" not in text
    method.write_bytes(b"\xff\xfe")
    done = run("report", quickstart.folder, "--output", path, "--method", method)
    assert done.returncode == 64 and "not a text in UTF-8" in done.stderr
    done = run("report", quickstart.folder, "--output", path, "--title", " ")
    assert done.returncode == 64 and "--title" in done.stderr


def test_shares_of_a_sample_have_their_interval(quickstart):
    page = run("report", quickstart.folder, "--output", "-", "--sample").stdout
    assert "share (95% interval)" in page
    shares = re.findall(
        r'data-table="tlds".*?class="share">([\d.]+)% \(([\d.]+)–([\d.]+)%\)<', page)
    assert len(shares) >= 10
    assert all(float(low) <= float(share) <= float(high) for share, low, high in shares)
    assert "interval" not in run("report", quickstart.folder, "--output", "-").stdout


def test_some_domains_are_named_and_the_report_says_which(quickstart, tmp_path):
    whole, some = tmp_path / "whole.html", tmp_path / "some.html"
    for path, count in [(whole, "1000"), (some, "100")]:
        done = run("report", quickstart.folder, "--output", path, "--domains", count)
        assert done.returncode == 0, done.stderr
    rows = [data_of(path)["domains"]["rows"] for path in (whole, some)]
    assert [len(found) for found in rows] == [1000, 100] and rows[1] == rows[0][:100]
    assert "100 of 1,000 domains are here" in some.read_text()


def test_a_killed_scan_is_said_to_be_one(flags, tmp_path):
    """The report says that the scan was killed, and how much of the list its figures are of."""
    folder = tmp_path / "out"
    scan = subprocess.Popen(
        [PROGRAM, "scan", QUICKSTART, "--output", folder, "--senders", "20",
         "--checkpoint-interval", "0.05", *flags], cwd=ROOT, stderr=subprocess.DEVNULL)
    checkpoint = folder / "checkpoint.json"
    deadline = time.monotonic() + 120
    while not checkpoint.exists() or not re.search(r'"domains":[1-9]', checkpoint.read_text()):
        assert time.monotonic() < deadline and scan.poll() is None
        time.sleep(0.01)
    path = tmp_path / "report.html"
    assert run("report", folder, "--output", path).returncode == 0
    assert "The scan is running: these figures are of" in path.read_text()
    scan.send_signal(signal.SIGKILL)
    scan.wait()
    assert read_manifest(folder)["state"] == "running"
    assert run("report", folder, "--output", path).returncode == 0
    assert re.search(
        r"The scan was killed, or its machine failed: these figures are of [\d,]+ of about 1,000 "
        r"entries of the list, \d+ %", path.read_text())


def test_it_fits_a_phone_and_has_a_dark_side(quickstart, tmp_path):
    path = tmp_path / "report.html"
    assert run("report", quickstart.folder, "--output", path).returncode == 0
    for name, options in [("narrow", ["--window-size=500,900"]),
                          ("dark", ["--window-size=1280,900",
                                    "--blink-settings=preferredColorScheme=0"])]:
        picture = tmp_path / f"{name}.png"
        browse(path, "--hide-scrollbars", f"--screenshot={picture}", *options)
        assert picture.stat().st_size > 20_000
    for width in (500, 760, 1040, 1280):
        found = browse_with(path, tmp_path, """give([document.documentElement.scrollWidth,
            [...document.querySelectorAll(".card")].filter(
              card => card.scrollWidth > card.clientWidth).map(card => card.innerText)]);""",
            f"--window-size={width},900")
        assert found[0] <= width and not found[1], (width, found)


def test_a_file_that_cannot_be_written_is_named(quickstart, tmp_path):
    done = run("report", quickstart.folder, "--output", tmp_path / "none/report.html")
    assert done.returncode == 74 and "none/report.html" in done.stderr
    done = run("report", tmp_path, "--output", tmp_path / "report.html")
    assert done.returncode == 66 and str(tmp_path) in done.stderr
