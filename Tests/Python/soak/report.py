"""What a scenario found, as a table and a verdict."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path

SHOWN = 10


class Report:
    """Rows of a table, printed as they come; what went wrong; the time that it took."""

    def __init__(self, title: str, folder: Path) -> None:
        self.title = title
        self.path = folder / "report.md"
        self.rows: list[tuple[str, str]] = []
        self.problems: list[str] = []
        self.began = time.monotonic()
        print(f"==> {title}", flush=True)

    def row(self, label: str, value: object) -> None:
        """Adds a figure."""
        text = f"{value:,}" if isinstance(value, int) else str(value)
        self.rows.append((label, text))
        print(f"    {label}: {text}", flush=True)

    def require(self, holds: bool, otherwise: str) -> bool:
        """Notes a problem unless something holds."""
        if not holds:
            self.problems.append(otherwise)
            print(f"    PROBLEM: {otherwise}", flush=True)
        return holds

    def differences(self, label: str, found: Sequence[str]) -> None:
        """Adds how many differences were found; each is a problem."""
        self.row(f"{label}: differences", len(found))
        for text in found[:SHOWN]:
            self.require(False, f"{label}: {text}")
        self.problems += found[SHOWN:]

    def end(self) -> int:
        """Writes the table; the exit code."""
        self.row("time", f"{time.monotonic() - self.began:.0f} s")
        verdict = f"FAILED, {len(self.problems)} problems" if self.problems else "passed"
        lines = [f"## {self.title}", "", f"Verdict: {verdict}.", ""]
        lines += ["| what | figure |", "|---|---|"]
        lines += [f"| {label} | {value} |" for label, value in self.rows]
        lines += ["", *(f"- {text}" for text in self.problems[:100])]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join(lines).rstrip() + "\n")
        print(f"{self.title}: {verdict} ({self.path})", flush=True)
        return 1 if self.problems else 0


def spread(values: Sequence[float], unit: str = "", digits: int = 1) -> str:
    """Least, median and most of some values."""
    if not values:
        return "none"
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{low:.{digits}f} to {high:.{digits}f}{unit}, median {middle:.{digits}f}{unit}"
