"""Every figure of `stats` and `report` on a lab with the field's shares, and these shares."""

import collections
import json
import re
import shutil
import subprocess

import pytest

from helpers.program import ROOT
from lab import field, field_providers, population, source, truth
from lab.certificates import Authority
from lab.operators import Operators
from stats import check

DOMAINS = 800


@pytest.fixture(scope="module")
def checked():
    """The check as a user runs it, in short: what it printed, and the folder it leaves."""
    done = subprocess.run(
        [ROOT / "scripts/stats-check", "--domains", str(DOMAINS), "--again"],
        capture_output=True, text=True, cwd=ROOT, timeout=300)
    return done, ROOT / ".soak/stats-check/work"


def test_stats_and_report_tell_what_the_truth_and_duckdb_tell(checked):
    done, _ = checked
    assert done.returncode == 0, done.stdout + done.stderr
    routes = re.findall(r"^(stats|report) compared with (\w+): ([\d,]+) figures, 0 differences$",
                        done.stdout, re.M)
    assert [route[:2] for route in routes] == 2 * [
        ("stats", "truth"), ("stats", "DuckDB"), ("report", "truth"), ("report", "DuckDB")]
    assert all(int(count.replace(",", "")) > 4000 for *_, count in routes)
    assert "\n47 tables;" in done.stdout


@pytest.mark.parametrize("route", ["stats", "shown", "held", "share", "weight"])
def test_a_wrong_figure_is_reported(checked, tmp_path, capsys, route):
    _, kept = checked
    for name in (*check.TRUTH, check.LISTED):
        shutil.copy(kept / name, tmp_path)
    work = tmp_path / "first"
    shutil.copytree(kept / "first", work)
    if route in ("stats", "weight"):
        document = json.loads((work / "stats.json").read_text())
        table = {"stats": "mx_providers", "weight": "group_weights"}[route]
        document[table][3]["enforce"] += 1
        (work / "stats.json").write_text(json.dumps(document))
    else:
        page = work / "report.html"
        old, new = {
            "shown": (r'(data-stage="has_mail" data-count="\d+"><b>)', r"\g<1>7"),
            "held": (r'(\["has_record","has_mail",)', r"\g<1>7"),
            "share": (r'(<td class="share">)', r"\g<1>7"),
        }[route]
        text, count = re.subn(old, new, page.read_text(), count=1)
        assert count == 1
        page.write_text(text)
    assert check.compare(work) == 1
    printed = capsys.readouterr().out
    assert printed.count(" 0 differences") == 2, printed
    assert {"stats": "mx_providers[", "weight": "group_weights[",
            "shown": "funnel[has_mail]", "held": "funnel[has_record",
            "share": "funnel["}[route] in printed


def test_the_field_has_the_shares_of_the_survey(tmp_path):
    """A list of 20,000: what the truth says of those with a record, against the study's counts."""
    entries, mix = source.Invented(20_000, 10).read(tmp_path, seed=5)
    names = [entry.domain for entry in entries if entry.domain]
    world = population.populate(names, mix, 5, Authority().tlsa(), True)
    operators = Operators(world)
    adopters = [domain for domain in world.domains.values() if domain.case == "adopter"]
    ranks = {entry.domain: entry.rank for entry in entries}
    top = [name for name in names if (ranks[name] or 10**9) <= 10_000]
    share = sum(ranks[domain.name] in range(1, 10_001) for domain in adopters) / len(top)
    assert share == pytest.approx(0.22, abs=0.04)
    policies = collections.Counter(operators.policy(domain).name for domain in adopters)
    for provider in field_providers.POLICY[:6]:
        wanted = provider.weight / field.ADOPTERS * len(adopters)
        assert policies[provider.label] == pytest.approx(wanted, abs=4 * wanted**0.5 + 2)
    own = [domain for domain in adopters if domain.policy and domain.policy.operator is None
           and not (domain.policy.address or "").startswith("127.5.2.")]
    tls = sum(domain.policy.fetch == "tls_name" for domain in own) / len(own)
    assert tls == pytest.approx(8385 / 25_344, abs=0.06)
    known = [truth.expected(domain) for domain in adopters]
    mismatched = sum(line["mx_matched"] is not None and line["mx_matched"] < line["mx_count"]
                     for line in known) / len(known)
    assert 0.01 < mismatched < 0.05
    mail = collections.Counter(operators.mail(d).name for d in world.domains.values())
    assert mail["Google"] > mail["GoDaddy"] > mail["Proton Mail"] > 0
    assert mail["one.com"] > mail["Hostpoint"]


def test_wrong_use_is_reported():
    for arguments, word in [(["--domains", "5"], "100 to 1000000"),
                            (["--adoption", "0"], "--adoption")]:
        done = subprocess.run(
            [ROOT / "scripts/lab", "up", "--population", "field", *arguments],
            capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 1 and word in done.stderr
