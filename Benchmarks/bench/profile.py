"""Where a scan's CPU time goes: perf's samples by library and by function."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from . import load_lab, suites
from .results import SCRATCH

FREQUENCY, FUNCTIONS = 1_999, 25
# The list and the probes of each suite that can be looked into.
LISTS = {"questions": ("without-mx", "none"), "dns": ("plain", "none"),
         "policies": ("policies", "none"), "probes": ("hosts", "all"),
         "pipeline": (f"all-{suites.PIPELINE_COUNT}", "all")}


def record(suite: str) -> Path:
    """Runs a suite's scan under perf; the file of its samples."""
    name, probe = LISTS[suite]
    samples = SCRATCH / "perf.data"
    shutil.rmtree(SCRATCH / "output", ignore_errors=True)
    scan = suites.scan(suite, suites.work(name), probe)
    subprocess.run(
        ["perf", "record", "-q", "-e", "cpu-clock", "-F", str(FREQUENCY), "-o", samples,
         "taskset", "-c", str(load_lab.CLIENT_CORE), *scan.argv], check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return samples


def shares(samples: Path, keys: str) -> list[tuple[float, list[str]]]:
    """Percent of the samples by `dso`, or by `dso,symbol`, the most first."""
    text = subprocess.run(
        ["perf", "report", "-i", samples, "--stdio", "--sort", keys, "-q", "-t", ";",
         "--percent-limit", "0.1"], check=True, capture_output=True, text=True).stdout
    rows = (line.strip().split(";") for line in text.splitlines() if ";" in line)
    return [(float(percent.strip(" %")), [_readable(name) for name in names])
            for percent, *names in rows]


def _readable(symbol: str) -> str:
    """A name of Swift's as its source has it, without the mark of user space or kernel."""
    name = symbol.removeprefix("[.] ").removeprefix("[k] ").strip()
    if not name.startswith("$s"):
        return name
    return subprocess.run(["swift-demangle", "-compact", "-simplified", name], check=True,
                          capture_output=True, text=True).stdout.strip()


def table(suite: str, samples: Path) -> str:
    """Both as Markdown."""
    libraries = "\n".join(f"| {name} | {percent:.1f} % |"
                          for percent, [name] in shares(samples, "dso") if percent >= 0.5)
    found = shares(samples, "dso,symbol")[:FUNCTIONS]
    functions = "\n".join(f"| {library} | `{name}` | {percent:.1f} % |"
                          for percent, (library, name, *_) in found)
    return (f"{suite}: samples of the CPU clock, {FREQUENCY} a second\n\n| library | share |\n"
            f"|---|---|\n{libraries}\n\n| library | function | share |\n|---|---|---|\n"
            f"{functions}")
