"""Tries stsurvey in fresh Debian systems, and prints a table of what came of it.

  scripts/portability [--steps STEP,…] [--package FILE.deb] [--image FILE.tar] [SUITE…]

  source    builds in a chroot of each suite, to which scripts/setup adds what it needs, with the
            Swift toolchain of this machine; a warning is a failure
  unit      runs the unit tests there
  package   installs the package in a chroot that has neither Swift nor a compiler
  image     unpacks the image of scripts/package
  truth     has each of these programs scan the zoo and the quickstart's list, and compares the
            records with what the lab knows
  field     has each scan 20,000 domains of the field lab, and counts

Without SUITE: bookworm and trixie. Without --package and --image: what is in .build/packages.
Needs root, debootstrap, for the image buildah, scripts/setup --lab --test on this machine, and 6 GB
a suite under .build/portability. What is there is used again; remove that folder to begin anew.
Nothing stays mounted and no process is left. The lab's servers run on this machine, the programs
in the systems. Ubuntu and arm64 are tried by .github/workflows/test.yml alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from . import programs, trials
from .systems import CLONE, FOLDER, ROOT, PortabilityError, System

STEPS = ("source", "unit", "package", "image", "truth", "field")
RESULTS = FOLDER / "results.json"
INSIDE = "STSURVEY_PORTABILITY_INSIDE"
GIGABYTES = 6


def say(text: str) -> None:
    """Says on standard error what is done."""
    print(f"==> {text}", file=sys.stderr, flush=True)


class Results:
    """The figures of each program, kept in a file."""

    def __init__(self) -> None:
        self.figures: dict[str, trials.Figures] = {}
        if RESULTS.exists():
            self.figures = json.loads(RESULTS.read_text())

    def note(self, name: str, figures: trials.Figures) -> None:
        """Adds figures of a program, in place of earlier ones."""
        self.figures.setdefault(name, {}).update(figures)
        RESULTS.write_text(json.dumps(self.figures, indent=2) + "\n")
        say(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))

    def table(self) -> str:
        """The figures as a Markdown table, a column for each program."""
        names = list(self.figures)
        keys = list(dict.fromkeys(key for name in names for key in self.figures[name]))
        rows = [["", *names], ["---"] * (len(names) + 1)]
        rows += [[key, *(self.figures[name].get(key, "") for name in names)] for key in keys]
        return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="scripts/portability", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", default=",".join(STEPS), metavar="STEP,…")
    parser.add_argument("--package", type=Path, metavar="FILE.deb")
    parser.add_argument("--image", type=Path, metavar="FILE.tar")
    parser.add_argument("suites", nargs="*", default=["bookworm", "trixie"], metavar="SUITE")
    options = parser.parse_args(arguments)
    options.steps = options.steps.split(",")
    if unknown := set(options.steps) - set(STEPS):
        parser.error(f"no step {', '.join(sorted(unknown))}; there are {', '.join(STEPS)}")
    return options


def require(options: argparse.Namespace) -> None:
    """Fails where this machine lacks something."""
    if os.getuid() != 0:
        raise PortabilityError("needs root")
    tools = ["debootstrap", "unshare", "ip"] + ["buildah"] * ("image" in options.steps)
    if lacking := [tool for tool in tools if shutil.which(tool) is None]:
        raise PortabilityError(f"needs {', '.join(lacking)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(FOLDER).free
    if free < GIGABYTES * len(options.suites) * 10**9:
        raise PortabilityError(f"needs {GIGABYTES} GB for each suite, {free // 10**9} are free")
    lab = subprocess.run([ROOT / "scripts/lab", "status"], capture_output=True, check=False)
    if lab.returncode == 0:
        raise PortabilityError("a lab is up: scripts/lab down")


def newest(pattern: str) -> Path:
    """The newest file in .build/packages of a pattern."""
    found = sorted((ROOT / ".build/packages").glob(pattern), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else ROOT / ".build/packages" / pattern


def prepare(options: argparse.Namespace, results: Results) -> dict[str, Path]:
    """Makes the systems that are asked for; the commands that run the program of each."""
    made: dict[str, Path] = {}
    for suite in options.suites:
        if "source" in options.steps:
            say(f"{suite}: from source")
            figures, system = trials.build(suite)
            results.note(f"{suite}, source", figures)
            made[f"{suite}, source"] = programs.in_system(
                system, f"{CLONE}/.build/release/stsurvey")
        if "unit" in options.steps:
            say(f"{suite}: unit tests")
            results.note(f"{suite}, source", trials.unit_tests(System(suite, "source")))
        if "package" in options.steps:
            say(f"{suite}: the package")
            figures, system = trials.install(suite, options.package or newest("*.deb"))
            results.note(f"{suite}, package", figures)
            made[f"{suite}, package"] = programs.in_system(system, "/usr/bin/stsurvey")
    if "image" in options.steps:
        say("the image")
        made["image"] = programs.in_image(options.image or newest("*_image.tar"))
    return made


def each(made: dict[str, Path], what: str, results: Results,
         trial: Callable[[Path], trials.Figures]) -> None:
    """Tries something with each program."""
    for name, program in made.items():
        say(f"{name}: {what}")
        results.note(name, trial(program))


def measure_field(made: dict[str, Path]) -> None:
    """Runs this command again in a network of its own, for the field lab alone."""
    subprocess.run(
        [*trials.IN_NETWORK, *sys.orig_argv], check=True,
        env={**os.environ, INSIDE: json.dumps({name: str(path) for name, path in made.items()})})


def main() -> int:
    """Tries, prints the table; exit code 1 where something is not as it should be."""
    options = parse(sys.argv[1:])
    try:
        if INSIDE in os.environ:
            made = {name: Path(path) for name, path in json.loads(os.environ[INSIDE]).items()}
            trials.with_field_lab(lambda: each(made, "field lab", Results(), trials.field))
            return 0
        require(options)
        results = Results()
        made = prepare(options, results)
        each(made, "version", results, trials.version)
        if "truth" in options.steps:
            for name, program in made.items():
                say(f"{name}: zoo and quickstart")
                results.note(name, trials.truth(name.replace(", ", "-"), program))
        if "field" in options.steps:
            measure_field(made)
    except PortabilityError as error:
        print(f"portability: {error}", file=sys.stderr)
        return 1
    results = Results()
    print(results.table())
    return int(any("not as expected" in value for figures in results.figures.values()
                   for value in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
