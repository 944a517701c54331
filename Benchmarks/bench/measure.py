"""Runs a command on the client's core and reports what it cost."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import load_lab


@dataclass
class Cost:
    """What one run cost; `facts` is what the command said of itself, as the floor does."""

    cpu_seconds: float
    wall_seconds: float
    peak_kib: int
    returncode: int
    facts: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The cost as plain data."""
        return asdict(self)

    @property
    def cpu(self) -> float:
        """Seconds of CPU; floor programs leave their start out."""
        return float(self.facts.get("cpu_seconds", self.cpu_seconds))

    @property
    def wall(self) -> float:
        """Seconds of the clock, likewise."""
        return float(self.facts.get("wall_seconds", self.wall_seconds))


def run(argv: list[str], log: Path, output: Path, cores: str = "") -> Cost:
    """Runs the command to its end; what it writes to standard output goes to `output`.

    The CPU time is that of the process and of all that it has waited for. A small process of its
    own starts it: the peak of a process counts that of the one that it comes from.
    """
    pinned = ["taskset", "-c", cores or str(load_lab.CLIENT_CORE), *argv]
    cost = log.with_suffix(".cost")
    with log.open("wb") as errors, output.open("wb") as lines:
        subprocess.run(
            ["/usr/bin/python3", "-I", "-S", str(Path(__file__).with_name("starter.py")),
             str(cost), *pinned], stdin=subprocess.DEVNULL, stdout=lines, stderr=errors,
            check=True)
    return Cost(**json.loads(cost.read_text()), facts=_facts(output))


def _facts(path: Path) -> dict[str, Any]:
    """The JSON object that the floor programs print."""
    with path.open("rb") as file:
        head = file.read(300)
    if not head.startswith(b'{"operations":'):
        return {}
    facts: dict[str, Any] = json.loads(head)
    return facts
