"""Writes down what was measured."""

from __future__ import annotations

import json
import platform
import shlex
import subprocess
from pathlib import Path

from . import peers
from .lab import FOLDER, ROOT
from .suites import Result


def commit() -> str:
    """The commit that is measured."""
    return subprocess.run(
        ["git", "log", "-1", "--format=%h %s"], cwd=ROOT, capture_output=True, text=True,
        check=True).stdout.strip()


def table(results: list[Result], unit: str) -> str:
    """A Markdown table: medians, and the least and the most."""
    lines = [f"| | {unit} | CPU µs each (least to most) | a second | peak MiB |",
             "|---|---|---|---|---|"]
    for result in results:
        least, most = result.spread
        cpu = f"{result.cpu:,.1f} ({least:,.1f} to {most:,.1f})"
        operations = f"{result.operations:,}"
        if not result.operations:
            # What tells no number of operations: its whole CPU time.
            cpu, operations = f"{result.cpu / 1e6:.2f} s in all", "–"
        lines.append(f"| {result.name} | {operations} | {cpu} | {result.rate:,.0f} | "
                     f"{result.peak_mib:,.0f} |")
    return "\n".join(lines)


def truth_line(results: list[Result]) -> str:
    """How many records differ from the truth of the load lab."""
    found = sum(len(r.differences) for r in results)
    return f"Records that differ from the lab's truth, over all rounds: {found}."


def machine() -> str:
    """The machine, in a line."""
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").open()
                  if line.startswith("model name")), platform.machine())
    return f"{platform.platform()}, {model}"


def write(path: Path, title: str, sections: list[tuple[str, str]], arguments: list[str]) -> None:
    """Writes a report with the command, the commit and the versions."""
    versions = "\n".join(f"- {name}: {version}" for name, version in peers.versions().items())
    body = "\n\n".join(f"## {name}\n\n{text}" for name, text in sections)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"""# {title}

`scripts/bench {shlex.join(arguments)}` at commit {commit()}, on {machine()}.

{body}

## Versions

{versions}
""")


def keep(path: Path, results: dict[str, list[Result]]) -> None:
    """Keeps every single cost beside the report."""
    text = json.dumps({n: [r.as_dict() for r in rs] for n, rs in results.items()}, indent=1)
    path.write_text(text.replace(str(FOLDER), ".bench").replace(str(ROOT), ".") + "\n")
