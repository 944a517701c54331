"""Lists for the lab: that of the quickstart, and invented names, drawn from a seed."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

from .workspace import ROOT

QUICKSTART = ROOT / "datasets/quickstart"


def lines(count: int, seed: int = 8461) -> list[str]:
    """So many lines, each with a name, some of them spelt oddly."""
    known = [
        line for line in (QUICKSTART / "domains.txt").read_text().splitlines()
        if line.strip() and not line.startswith("#")]
    if count <= len(known):
        return known[:count]
    spec = importlib.util.spec_from_file_location("quickstart", QUICKSTART / "make.py")
    assert spec and spec.loader
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    rng = random.Random(seed)
    taken = {line.strip().rstrip(".").lower() for line in known}
    new = [name for name in maker.invented(count, rng) if name not in taken]
    rng.shuffle(new)
    return known + new[: count - len(known)]


def write(path: Path, count: int, seed: int = 8461) -> Path:
    """Writes a list of so many lines."""
    path.write_text("\n".join(lines(count, seed)) + "\n")
    return path
