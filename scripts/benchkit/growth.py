"""How cost grows: with the list, with what is in flight, with the loops; and the memory of waiting."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

from . import lab, peers, silence, suites
from .lab import FOLDER
from .suites import Result

WINDOWS = (100, 1_000, 10_000, 50_000)
# c-ares holds its questions by 16-bit ids: more than this many are not out at once.
QUESTIONS_MAX = 60_000


def sizes(rounds: int, chosen: list[int]) -> list[Result]:
    """The whole pipeline, from small lists to large ones."""
    return suites.run([
        suites.scan(f"{size:,} domains", FOLDER / "lists" / f"all-{size}", "all", size)
        for size in chosen], rounds)


def windows(rounds: int, size: int) -> list[Result]:
    """The whole pipeline with more and more domains under way at once."""
    work = FOLDER / "lists" / f"all-{size}"
    return suites.run([
        suites.scan(f"{window:,} in flight", work, "all", size, (
            "--senders", str(window), "--dns-in-flight", str(min(3 * window, 3_000))))
        for window in WINDOWS], rounds)


def threads(rounds: int, size: int) -> list[Result]:
    """The whole pipeline on one and on two loops; the servers keep their core, and share it."""
    work = FOLDER / "lists" / f"all-{size}"
    cores = f"{lab.SERVER_CORE},{lab.CLIENT_CORE}"
    return suites.run([
        suites.scan(f"{count} loop{'s' * (count > 1)}", work, "all", size,
                    ("--threads", str(count))) for count in (1, 2)], rounds, cores)


def waiting(size: int) -> list[Result]:
    """What domains cost that wait for a name server which takes its time."""
    found = []
    for window in WINDOWS[1:]:
        names = peers.head(FOLDER / "lists" / f"all-{size}" / "domains.txt", window)
        output = suites.SCRATCH / "output"
        contender = peers.Contender(f"{window:,} waiting", [
            str(peers.program()), "scan", str(names), "--output", str(output), "--probe", "none",
            "--log-level", "error", *lab.flags(), "--name-servers", silence.ADDRESS_AND_PORT,
            "--senders", str(window), "--dns-in-flight", str(min(3 * window, QUESTIONS_MAX)),
            "--dns-timeout", "30"], window)
        done = threading.Event()
        server = threading.Thread(target=silence.serve, args=(done,), daemon=True)
        server.start()
        shutil.rmtree(output, ignore_errors=True)
        found += suites.run([contender], 1)
        done.set()
        server.join()
    return found


def picture(path: Path, by_size: list[Result], by_window: list[Result], floor: float) -> None:
    """One picture: CPU microseconds a domain by the list's length and by what is in flight."""
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="760" height="300" '
             'font-family="sans-serif" font-size="12">', '<rect width="760" height="300" '
             'fill="white"/>']
    highest = 1.15 * max([floor, *(r.cpu for r in by_size + by_window)])
    for left, title, results in ((60, "by the list's length", by_size),
                                 (430, "by domains in flight", by_window)):
        parts += _panel(left, title, results, floor, highest)
    path.write_text("\n".join([*parts, "</svg>"]) + "\n")


def _panel(
    left: int, title: str, results: list[Result], floor: float, highest: float,
) -> list[str]:
    top, bottom, width = 40, 250, 300

    def height(value: float) -> float:
        return bottom - (bottom - top) * value / highest

    step = width / max(1, len(results))
    lines = [f'<text x="{left}" y="20" font-weight="bold">CPU µs a domain {title}</text>',
             f'<line x1="{left}" y1="{bottom}" x2="{left + width}" y2="{bottom}" stroke="black"/>',
             f'<line x1="{left}" y1="{height(floor):.1f}" x2="{left + width}" '
             f'y2="{height(floor):.1f}" stroke="#b00" stroke-dasharray="4 3"/>',
             f'<text x="{left + width - 60}" y="{height(floor) - 4:.1f}" fill="#b00">'
             f'floor {floor:.0f}</text>']
    for number, result in enumerate(results):
        x, y = left + step * number + step * 0.2, height(result.cpu)
        lines += [f'<rect x="{x:.1f}" y="{y:.1f}" width="{step * 0.6:.1f}" '
                  f'height="{bottom - y:.1f}" fill="#357"/>',
                  f'<text x="{x:.1f}" y="{y - 4:.1f}">{result.cpu:.0f}</text>',
                  f'<text x="{x - 8:.1f}" y="{bottom + 16}">{result.name.split(" ")[0]}</text>']
    return lines
