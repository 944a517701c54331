"""wide_picture.py STATUS.ndjson PICTURE.svg [TITLE]: what goes on in a scan, by its status.

Time is along the axis of three panels: what is in progress or waits, stacked; what the scan waited
for, as shares of each interval, stacked; how many domains were done and sessions begun in a second.
Run by the Python that has Altair, as picture.py is.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import altair

INTERVALS = 60
WIDTH = 620
Rows = list[dict[str, Any]]
Moment = dict[str, Any]

# What is counted at a moment: where it stands in the status, and its colour.
IN_PROGRESS = {
    "questions out": ("dns_in_flight", "#1f5a96"),
    "questions waiting": ("dns_waiting", "#8db4d8"),
    "fetches": ("policy_fetches_in_flight", "#5b8c5a"),
    "sessions": ("smtp_sessions_in_flight", "#b3382c"),
    "sessions of slow hosts": ("smtp_slow_sessions_in_flight", "#e39b93"),
    "waiting for a limit": ("limit_waiting", "#c9a227"),
    "waiting for a retry": ("retries_waiting", "#8a8a8a"),
}
LIMITS = {
    "dns questions": "#1f5a96", "policy fetches": "#5b8c5a", "smtp sessions": "#b3382c",
    "destinations": "#c9a227", "retries": "#8a8a8a", "processor": "#5e3c99",
    "name servers": "#000000", "nothing": "#dddddd",
}
RATES = {"domains done": ("domains", "#1f5a96"), "sessions begun": ("smtp_sessions", "#b3382c")}


def intervals(moments: list[Moment]) -> list[tuple[float, list[Moment]]]:
    """The moments of each of some equal intervals that has any, by the second of its middle."""
    length = moments[-1]["elapsed_ms"] / INTERVALS
    found: dict[int, list[Moment]] = {}
    for moment in moments:
        place = min(INTERVALS - 1, int(moment["elapsed_ms"] / length))
        found.setdefault(place, []).append(moment)
    return [((place + 0.5) * length / 1000, within) for place, within in sorted(found.items())]


def coloured(colours: dict[str, str]) -> altair.Color:
    """A colour for each kind, without a title."""
    return altair.Color("of:N", title=None, scale=altair.Scale(
        domain=list(colours), range=list(colours.values())))


def colours_of(kinds: dict[str, tuple[str, str]]) -> dict[str, str]:
    """The colours alone."""
    return {name: colour for name, (_, colour) in kinds.items()}


def stacked(rows: Rows, colours: dict[str, str], title: str, height: int) -> altair.Chart:
    """Areas on each other, in the order of their colours."""
    order = {name: place for place, name in enumerate(colours)}
    for row in rows:
        row["order"] = order[row["of"]]
    chart: altair.Chart = altair.Chart(
        altair.InlineData(values=rows)
    ).mark_area(interpolate="step").encode(
        x=altair.X("x:Q", title=None), y=altair.Y("y:Q", title=title, stack=True),
        order=altair.Order("order:Q"),
        color=coloured(colours)
    ).properties(width=WIDTH, height=height)
    return chart


def lines(rows: Rows, colours: dict[str, str], title: str) -> altair.Chart:
    """A line for each kind."""
    chart: altair.Chart = altair.Chart(altair.InlineData(values=rows)).mark_line().encode(
        x=altair.X("x:Q", title="seconds"), y=altair.Y("y:Q", title=title),
        color=coloured(colours)
    ).properties(width=WIDTH, height=120)
    return chart


def picture(moments: list[Moment], title: str) -> altair.VConcatChart:
    """The three panels."""
    progress, limits, rates = [], [], []
    last = dict.fromkeys([key for key, _ in RATES.values()] + ["elapsed_ms"], 0)
    for x, within in intervals(moments):
        for name, (key, _) in IN_PROGRESS.items():
            mean = sum(moment.get(key, 0) for moment in within) / len(within)
            progress.append({"x": x, "y": mean, "of": name})
        shares = Counter(moment["limited_by"] for moment in within)
        limits += [{"x": x, "y": 100 * shares[name] / len(within), "of": name} for name in LIMITS]
        newest = within[-1]
        seconds = (newest["elapsed_ms"] - last["elapsed_ms"]) / 1000
        if seconds > 0:
            rates += [{"x": x, "y": (newest[key] - last[key]) / seconds, "of": name}
                      for name, (key, _) in RATES.items()]
            last = newest
    chart: altair.VConcatChart = altair.vconcat(
        stacked(progress, colours_of(IN_PROGRESS), "in progress", 180),
        stacked(limits, LIMITS, "limited by, %", 90),
        lines(rates, colours_of(RATES), "a second"),
        title=title,
    ).resolve_scale(color="independent", x="shared").configure(font="sans-serif",
                                                              background="white")
    return chart


if __name__ == "__main__":
    with Path(sys.argv[1]).open() as file:
        status = [json.loads(line) for line in file]
    picture(status, " ".join(sys.argv[3:])).save(sys.argv[2])
