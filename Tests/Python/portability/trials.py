"""What is tried with each program: its build, its tests, the truth of the lab, and its cost."""

from __future__ import annotations

import filecmp
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import programs
from .systems import CLONE, FOLDER, ROOT, PortabilityError, Stopwatch, System, run

FIELD_DOMAINS = 20_000
FIELD_LAB = FOLDER / "field-lab"
# Those of the tests that compare records, and measure no time.
TRUTHS = ("Tests/Lab/test_zoo.py::test_every_case_gives_the_record_that_it_carries",
          "Tests/Lab/test_truth.py")
Figures = dict[str, str]
IN_NETWORK = ("unshare", "--net", "sh", "-euc", 'ip link set lo up; exec "$@"', "sh")


def build(suite: str) -> tuple[Figures, System]:
    """Builds from source in a system that has nothing, where a warning is a failure."""
    system, time = System(suite, "source"), Stopwatch()
    system.make()
    system.inside("command -v git || { apt-get update -qq && "
                  "apt-get install -y -qq --no-install-recommends git iproute2; }")
    system.update_clone()
    system.inside(f"cd {CLONE} && scripts/setup", swift=True)
    figures = {"setup_s": str(time.seconds())}
    time = Stopwatch()
    told = system.inside(f"cd {CLONE} && swift build -c release --product stsurvey", swift=True)
    if re.search(rf"^{CLONE}/Sources/.*: warning:", told, re.MULTILINE):
        raise PortabilityError(f"{suite}: warnings, see {system.log}")
    return {**figures, "build_s": str(time.seconds()), "warnings": "none"}, system


def unit_tests(system: System) -> Figures:
    """Runs the unit tests in a network of their own."""
    system.inside(f"cd {CLONE} && swift build --build-tests", swift=True)
    told = system.inside(f"cd {CLONE} && swift test --skip-build", swift=True, network=False)
    counts = re.findall(r"Test run with (\d+) tests.* passed", told)
    if not counts:
        raise PortabilityError(f"no count of unit tests, see {system.log}")
    return {"unit_tests": f"{counts[-1]} passed"}


def install(suite: str, package: Path) -> tuple[Figures, System]:
    """Installs the package in a system that has neither Swift nor a compiler."""
    if not package.exists():
        raise PortabilityError(f"no package {package}: scripts/package deb")
    system, time = System(suite, "package"), Stopwatch()
    system.make()
    installed = system.folder / "stsurvey.deb"
    if installed.exists() and filecmp.cmp(installed, package, shallow=False):
        return {}, system
    shutil.copy(package, system.folder / "new.deb")
    system.inside("apt-get update -qq && "
                  "apt-get install -y -qq --no-install-recommends --reinstall /new.deb && "
                  "mv /new.deb /stsurvey.deb")
    return {"install_s": str(time.seconds())}, system


def version(program: Path) -> Figures:
    """The program's libraries."""
    lines = run(program, "--version").splitlines()
    return {"libraries": lines[1]}


def truth(name: str, program: Path) -> Figures:
    """Compares records of the zoo and of the quickstart with what the lab knows of the domains."""
    command = [
        *IN_NETWORK, "sh", "-c", '"$@"; status=$?; scripts/lab down >&2; exit $status', "sh",
        str(ROOT / ".venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "--basetemp", str(programs.WORK), *TRUTHS]
    log = FOLDER / f"{name}-truth.log"
    with log.open("w") as file:
        done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT, check=False,
                              env={**os.environ, "STSURVEY_PROGRAM": str(program)})
    if done.returncode:
        return {"zoo": f"not as expected, see {log}", "quickstart": "see there"}
    counts = {kind: len((ROOT / f".lab/{file}").read_text().splitlines()) for kind, file in
              (("zoo", "zoo-expected.ndjson"), ("quickstart", "expected.ndjson"))}
    return {kind: f"{count} of {count}" for kind, count in counts.items()}


def _loopback_packets() -> int:
    line = next(line for line in Path("/proc/net/dev").read_text().splitlines() if "lo:" in line)
    return int(line.split()[2])


def _retries(folder: Path) -> int:
    """Attempts of domains after their first."""
    files = sorted(folder.glob("domains-*.ndjson.zst"))
    text = subprocess.run(["zstdcat", *files], stdout=subprocess.PIPE, check=True).stdout
    return sum(json.loads(line)["rounds"] - 1 for line in text.splitlines() if line)


def _measure(program: Path, output: Path) -> Figures:
    """Scans the field lab's list, in the network of its servers."""
    flags = shlex.split(run(ROOT / "scripts/lab", "flags"))
    before = _loopback_packets()
    pid = os.posix_spawn(program, [
        str(program), "scan", str(FIELD_LAB / "domains.csv"), "--output", str(output), "--quiet",
        "--seed", "1", *flags], dict(os.environ))
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise PortabilityError(f"{program}: scan ended with {os.waitstatus_to_exitcode(status)}")
    servers = json.loads((output / "manifest.json").read_text())["name_server_reports"]
    return {
        "questions": f"{sum(server['questions'] for server in servers):,}",
        "silences": f"{sum(server['silences'] for server in servers):,}",
        "retries": f"{_retries(output):,}",
        "packets": f"{_loopback_packets() - before:,}",
        "cpu_s": f"{usage.ru_utime + usage.ru_stime:.1f}",
        "memory_mb": f"{usage.ru_maxrss / 1000:.0f}",
    }


def with_field_lab(measure: Callable[[], None]) -> None:
    """Runs something while the field lab is up, in the network that this process is in."""
    os.environ["STSURVEY_LAB"] = str(FIELD_LAB)
    try:
        run(ROOT / "scripts/lab", "up", "--population", "field", "--domains", FIELD_DOMAINS)
        measure()
    finally:
        run(ROOT / "scripts/lab", "down")


def field(program: Path) -> Figures:
    """The cost of a scan of the field lab, which is up."""
    shutil.rmtree(programs.WORK, ignore_errors=True)
    output = programs.WORK / "field" / "out"
    output.parent.mkdir(parents=True)
    return _measure(program, output)
