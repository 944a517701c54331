"""Keeps what was measured, as JSON, and writes it down, as Markdown."""

from __future__ import annotations

import datetime
import json
import platform
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

from . import peers, tables
from .load_lab import FOLDER, ROOT
from .results import Result

# What is between these lines in a report is made from the JSON; the rest is left as it is.
BEGIN, END = "<!-- measured -->", "<!-- end -->"
PAGE = ROOT / "Benchmarks/README.md"


def commit() -> str:
    """The commit that is measured: the last one that changed the program."""
    return subprocess.run(
        ["git", "log", "-1", "--format=%h", "--", "Package.swift", "Sources"], cwd=ROOT,
        capture_output=True, text=True, check=True).stdout.strip()


def machine() -> str:
    """The machine, in a line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")),
                 platform.machine())
    cores = len([line for line in lines if line.startswith("processor")])
    return f"{platform.platform()}, {cores} × {model}"


def keep(path: Path, results: dict[str, list[Result]], domains: int, arguments: list[str]) -> None:
    """Puts sections into a file of JSON, in place of those of the same name."""
    stored = json.loads(path.read_text()) if path.exists() else {"sections": {}}
    stored |= {"machine": machine(), "versions": stored.get("versions", {}) | peers.versions()}
    for name, found in results.items():
        stored["sections"][name] = {
            "command": f"scripts/bench {shlex.join(arguments)}", "commit": commit(),
            "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M}", "domains": domains,
            "results": [result.as_dict() for result in found]}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(stored, indent=1).replace(str(FOLDER), ".bench").replace(str(ROOT), ".")
    path.write_text(text + "\n")


def _sections(stored: dict[str, Any]) -> tables.Sections:
    return {name: [Result.of(r) for r in section["results"]]
            for name, section in stored["sections"].items()}


def write(path: Path) -> None:
    """Writes the Markdown beside the JSON again, and the picture where all of it is there."""
    stored = json.loads(path.read_text())
    sections = _sections(stored)
    has_picture = {"size", "window", "waiting"} <= sections.keys()
    if has_picture:
        _draw(path)
    parts = [tables.summary(sections)]
    for name in [n for n in tables.TITLES if n in sections]:
        parts += [f"## {tables.TITLES[name]}", _origin(stored["sections"][name]),
                  tables.table(name, sections[name]), tables.truth(sections[name])]
    if has_picture:
        parts.append(f"![How cost grows]({path.with_suffix('.svg').name})")
    parts += ["## Machine and versions", stored["machine"] + ".",
              "\n".join(f"- {name}: {words}" for name, words in stored["versions"].items())]
    _replace(path.with_suffix(".md"), "\n\n".join(filter(None, parts)), BEGIN)


def write_page(path: Path) -> None:
    """Puts the short tables of a whole report into Benchmarks/README.md."""
    sections = _sections(json.loads(path.read_text()))
    _replace(PAGE, tables.costs(sections), "<!-- costs -->")
    _replace(PAGE, tables.growth(sections), "<!-- growth -->")


def _origin(section: dict[str, Any]) -> str:
    return (f"`{section['command']}`, {section['date']} UTC, commit {section['commit']}, "
            f"universe of {section['domains']:,} domains.")


def _draw(path: Path) -> None:
    script = Path(__file__).with_name("picture.py")
    subprocess.run(
        [peers.VENV / "python", "-P", script, path, path.with_suffix(".svg")], check=True)


def _replace(path: Path, text: str, begin: str) -> None:
    before = path.read_text() if path.exists() else f"# Measured\n\n{begin}\n{END}\n"
    made = f"{begin}\n\n{text}\n\n{END}"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(END), re.DOTALL)
    path.write_text(pattern.sub(lambda _: made, before, count=1))
