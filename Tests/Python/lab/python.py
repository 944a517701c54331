"""How a module of these packages is run as a process of its own."""

from __future__ import annotations

from pathlib import Path

PACKAGES = Path(__file__).resolve().parents[1]


def command(module: str, *arguments: object, python: str = "/usr/bin/python3") -> list[str]:
    """The command that runs a module, whatever the environment and the working directory are."""
    return ["env", f"PYTHONPATH={PACKAGES}", python, "-P", "-B", "-m", module,
            *map(str, arguments)]
