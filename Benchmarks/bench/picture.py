"""picture.py REPORT.json PICTURE.svg: draws how cost grows. Run by the Python that has Altair."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

import altair

BLUE, RED, GREY = "#1f5a96", "#b3382c", "#8a8a8a"
SIZE = {"width": 230, "height": 190}


def _number(name: str) -> int:
    return int(name.split(" ", maxsplit=1)[0].replace(",", ""))


def _cpu(result: dict[str, Any], operations: int) -> list[float]:
    """CPU microseconds of each round for each of so many operations."""
    return [1e6 * cost["facts"].get("cpu_seconds", cost["cpu_seconds"]) / operations
            for cost in result["costs"]]


def _peak(result: dict[str, Any]) -> float:
    return float(statistics.median(cost["peak_kib"] for cost in result["costs"])) / 1024


def _scans(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [result for result in results if not result["name"].startswith("floor")]


def _floor(results: list[dict[str, Any]], group: str, operations: int) -> float:
    """The median over the rounds of what the C loops of a group cost together."""
    loops = [_cpu(result, operations) for result in results
             if result["name"].startswith("floor") and result["group"] == group]
    return statistics.median(map(sum, zip(*loops, strict=True)))


def cpu_rows(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Points of a panel of CPU time: stsurvey's and the floor's."""
    rows = []
    for scan in _scans(results):
        size, operations = _number(scan["name"]), scan["operations"]
        rows += [
            {"x": size, "y": statistics.median(_cpu(scan, operations)), "of": "stsurvey"},
            {"x": size, "y": _floor(results, scan["group"], operations), "of": "floor in C"}]
    return rows


def memory_rows(results: list[dict[str, Any]], of: str) -> list[dict[str, Any]]:
    """Points of a panel of memory."""
    return [{"x": _number(scan["name"]), "y": _peak(scan), "of": of} for scan in _scans(results)]


def panel(
    rows: list[dict[str, Any]], title: str, x: str, y: str, kinds: dict[str, str]
) -> altair.LayerChart | altair.FacetChart:
    """Lines over a logarithmic axis, from 0 upwards, each point with its figure."""
    colour = altair.Color("of:N", title=None, legend=altair.Legend(orient="bottom"),
                          scale=altair.Scale(domain=list(kinds), range=list(kinds.values())))
    base = altair.Chart(altair.InlineData(values=rows), title=title).encode(
        x=altair.X("x:Q", title=x, scale=altair.Scale(type="log", nice=False, padding=20),
                   axis=altair.Axis(format="~s", values=sorted({row["x"] for row in rows}))),
        y=altair.Y("y:Q", title=y, scale=altair.Scale(zero=True)), color=colour)
    # The figures of the upper line above it, those of the lower one below.
    of = list(kinds)
    figures = [
        base.transform_filter(altair.datum.of == kind).mark_text(dy=dy, fontSize=10)
        .encode(text=altair.Text("y:Q", format=",.0f"))
        for kind, dy in ((of[0], -10), (of[1], 12))]
    return altair.layer(base.mark_line(point=True), *figures).properties(**SIZE)


def picture(sections: dict[str, list[dict[str, Any]]]) -> altair.VConcatChart:
    """CPU time by the list's length and by what is in flight; memory by both."""
    lines = {"stsurvey": BLUE, "floor in C": RED}
    held = {"whole pipeline": BLUE, "all wait for DNS": GREY}
    memory = (memory_rows(sections["window"], "whole pipeline")
              + memory_rows(sections["waiting"], "all wait for DNS"))
    panels = [
        panel(cpu_rows(sections["size"]), "CPU by the list's length", "domains",
              "µs a domain", lines),
        panel(cpu_rows(sections["window"]), "CPU by domains in flight", "in flight",
              "µs a domain", lines),
        panel(memory_rows(sections["size"], "whole pipeline"), "Memory by the list's length",
              "domains", "peak MiB", held),
        panel(memory, "Memory by domains in flight", "in flight", "peak MiB", held)]
    chart: altair.VConcatChart = altair.vconcat(
        altair.hconcat(*panels[:2]), altair.hconcat(*panels[2:])
    ).resolve_scale(color="independent").configure(font="sans-serif", background="white")
    return chart


if __name__ == "__main__":
    stored = json.loads(Path(sys.argv[1]).read_text())["sections"]
    picture({name: section["results"] for name, section in stored.items()}).save(sys.argv[2])
