"""Instruction counts of the pure core's workloads, and their thresholds."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path

from .load_lab import ROOT

PACKAGE = ROOT / "Benchmarks"
THRESHOLDS = PACKAGE / "thresholds.json"
BUILT, PROGRAM = PACKAGE / ".build/release/Count", PACKAGE / ".build/Count"
GROWTH_MAX = 0.05
# The difference of two runs leaves out what the start costs.
FEW, MANY = 100, 1100


def build() -> None:
    """Builds the program that does one workload at a time.

    It is counted without debug information: valgrind cannot read that of C++ by Swift's clang
    (DWARF 5).
    """
    subprocess.run(
        ["swift", "build", "--package-path", PACKAGE, "-c", "release", "--product", "Count"],
        check=True, cwd=ROOT)
    subprocess.run(["strip", "--strip-debug", "-o", PROGRAM, BUILT], check=True)


def names() -> list[str]:
    """The workloads' names."""
    return subprocess.run(
        [PROGRAM], check=True, capture_output=True, text=True).stdout.split()


def _instructions(name: str, times: int) -> int:
    with tempfile.NamedTemporaryFile() as file:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={file.name}", PROGRAM, name,
             str(times)], check=True, capture_output=True, text=True)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if not collected:
        raise RuntimeError(f"callgrind reports no instruction count of {name}: {done.stderr}")
    return int(collected[1])


def count(name: str) -> int:
    """How many instructions one run of a workload takes."""
    return round((_instructions(name, MANY) - _instructions(name, FEW)) / (MANY - FEW))


def read(path: Path = THRESHOLDS) -> dict[str, int]:
    """The committed counts."""
    return json.loads(path.read_text()) if path.exists() else {}


def compare(found: dict[str, int], known: dict[str, int]) -> list[str]:
    """What grew by more than the limit, or has no threshold."""
    lines = []
    for name, instructions in found.items():
        before = known.get(name)
        if before is None:
            lines.append(f"{name}: {instructions:,} instructions, no threshold")
        elif instructions > before * (1 + GROWTH_MAX):
            lines.append(f"{name}: {instructions:,} instructions, {before:,} before "
                         f"(+{100 * (instructions / before - 1):.1f} %)")
    return lines
