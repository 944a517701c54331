"""What scripts/bench says of figures, without measuring any."""

import collections
import json

import pytest

from bench import counts, lists, measure, report, results, tables, universe


def result(name, operations, seconds, group=""):
    """A result of rounds that took so many seconds of CPU."""
    costs = [measure.Cost(each, 2 * each, 2048, 0) for each in seconds]
    return results.Result(name, operations, group, costs)


@pytest.mark.parametrize(("found", "known", "words"), [
    ({"a": 105}, {"a": 100}, None),  # 5 % is allowed
    ({"a": 106}, {"a": 100}, "a: 106 instructions, 100 before (+6.0 %)"),
    ({"a": 50}, {"a": 100}, None),  # less is no fault
    ({"b": 7}, {"a": 100}, "b: 7 instructions, no threshold"),
])
def test_growth_of_instructions(found, known, words):
    assert counts.compare(found, known) == ([words] if words else [])


def test_every_workload_has_a_threshold():
    sources = (counts.PACKAGE / "Sources/Workloads").glob("*Work.swift")
    named = {line.split('"')[1] for file in sources for line in file.read_text().splitlines()
             if 'Workload("' in line}
    assert named == set(counts.read())


def test_universe_is_drawn_from_its_seed():
    first, again = (list(universe.domains(5_000)) for _ in range(2))
    assert first == again
    assert list(universe.domains(1_000)) == first[:1_000]
    assert len({domain.name for domain in first}) == 5_000
    shares = collections.Counter(domain.truth["mx_status"] for domain in first)
    assert shares["has_mx"] / 5_000 == pytest.approx(0.88, abs=0.02)


def test_list_and_its_work(tmp_path):
    chosen = list(universe.domains(2_000))
    lists.write(tmp_path, chosen, probes=True)
    lines = {name: (tmp_path / f"{name}.txt").read_text().splitlines()
             for name in ("domains", "questions", "fetches", "probes")}
    assert len(lines["domains"]) == len((tmp_path / "truth.ndjson").read_text().splitlines())
    assert len(lines["fetches"]) == sum(d.policy is not None for d in chosen)
    good = json.loads((tmp_path / "good.json").read_text())
    assert good["questions"] == len(lines["questions"])
    assert 0 < good["fetches"] < len(lines["fetches"])
    assert 0 < good["probes"] < len(lines["probes"])


def test_ratios_are_those_of_rounds():
    # The second round is slow for all: the ratio is 2 in each.
    found = tables.pair([
        result("stsurvey", 100, [2e-3, 8e-3, 2e-3]),
        result("floor: a", 300, [0.5e-3, 2e-3, 0.5e-3]),
        result("floor: b", 10, [0.5e-3, 2e-3, 0.5e-3]), result("dnsperf", 300, [9, 9, 9])])
    assert found.ratio == pytest.approx(2)
    assert (found.cpu, found.floor_cpu) == (pytest.approx(20), pytest.approx(10))


def test_one_question_is_half_of_two_more():
    found = tables.pair_of_questions([
        result("stsurvey, 5 questions", 1_000, [30e-3]),
        result("stsurvey, 3 questions", 1_000, [20e-3]), result("floor", 5_000, [25e-3])])
    assert (found.cpu, found.floor_cpu) == (pytest.approx(5), pytest.approx(5))


def test_report_keeps_other_suites_and_prose(tmp_path):
    path = tmp_path / "bench.json"
    dns = [result("stsurvey", 10, [1e-3]), result("floor: c-ares in C", 30, [1e-4])]
    report.keep(path, {"dns": dns}, 10, ["run", "dns"])
    report.write(path)
    text = (tmp_path / "bench.md").read_text()
    (tmp_path / "bench.md").write_text(f"Before.\n\n{text}\nBehind.\n")
    report.keep(path, {"probes": dns}, 10, ["run", "probes"])
    report.write(path)
    text = (tmp_path / "bench.md").read_text()
    assert text.startswith("Before.") and text.endswith("Behind.\n")
    assert "scripts/bench run dns" in text and "scripts/bench run probes" in text
    assert text.count(report.BEGIN) == 1
