"""Where a scenario runs: namespaces, a lab and a folder of its own.

Nothing that is done to the network, to mounts or to servers is seen outside, other labs may run
beside it, and no process outlives it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("STSURVEY_PROGRAM", ROOT / ".build/release/stsurvey"))
INSIDE = "STSURVEY_SOAK_INSIDE"


def is_inside() -> bool:
    """Whether this process is in the namespaces."""
    return INSIDE in os.environ


def enter() -> None:
    """Runs this command again in namespaces of its own, as root in them."""
    if is_inside():
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    user = [] if os.getuid() == 0 else ["--user", "--map-root-user", "--map-auto"]
    command = [
        "unshare", *user, "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child",
        *sys.orig_argv]
    os.execvpe(command[0], command, {**os.environ, INSIDE: "yes"})


class Workspace:
    """The folder of a scenario, and the lab in it."""

    def __init__(self, name: str) -> None:
        self.folder = ROOT / ".soak" / name
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        self.work = self.folder / "work"
        self.work.mkdir(parents=True)
        self.environment = {**os.environ, "STSURVEY_LAB": str(self.folder / "lab")}

    def lab(self, *arguments: object) -> str:
        """Runs scripts/lab."""
        done = subprocess.run(
            [ROOT / "scripts/lab", *map(str, arguments)], env=self.environment, text=True,
            capture_output=True, check=False)
        if done.returncode:
            raise SystemExit(f"soak: scripts/lab {arguments[0]}: {done.stderr}")
        return done.stdout

    def up(self, domains: Path, **replaced: str) -> list[str]:
        """Brings the lab up for a list; the options that point stsurvey at it."""
        self.lab("up", "--domains", domains)
        flags = shlex.split(self.lab("flags"))
        for name, value in replaced.items():
            flag = f"--{name.replace('_', '-')}"
            if flag in flags:
                flags[flags.index(flag) + 1] = value
            else:
                flags += [flag, value]
        return flags
