"""A small SVG of samples: a line for each kind, from 0 to its most."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

WIDTH, HEIGHT, MARGIN, POINTS = 720, 140, 36, 240


class Samples(Protocol):
    """What can be drawn: rows of numbers, the first of which is the time in seconds."""

    samples: list[tuple[float, ...]]


LINES = ((1, "memory, MB", 1024), (2, "descriptors", 1), (3, "threads", 1))


def _panel(samples: list[tuple[float, ...]], index: int, label: str, unit: int, top: int) -> str:
    step = max(1, len(samples) // POINTS)
    values = [(sample[0], sample[index] / unit) for sample in samples[::step]]
    last, most = values[-1][0] or 1, max(value for _, value in values) or 1
    points = " ".join(
        f"{MARGIN + time / last * (WIDTH - 2 * MARGIN):.0f},"
        f"{top + HEIGHT - 20 - value / most * (HEIGHT - 40):.0f}" for time, value in values)
    return (
        f'<text x="{MARGIN}" y="{top + 12}">{label}: 0 to {most:.0f} in {last:.0f} s</text>'
        f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{top + HEIGHT - 20}" '
        f'y2="{top + HEIGHT - 20}" stroke="#999"/>'
        f'<polyline fill="none" stroke="#05c" points="{points}"/>')


def write(sampled: Samples, path: Path) -> None:
    """Draws the samples."""
    if not sampled.samples:
        return
    panels = "\n".join(
        _panel(sampled.samples, *line, top=number * HEIGHT) for number, line in enumerate(LINES))
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT * len(LINES)}" '
        f'font-family="sans-serif" font-size="12">\n{panels}\n</svg>\n')
