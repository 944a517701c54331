"""AddressSanitizer and ThreadSanitizer: the unit tests, and scans of the lab, must be clean."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import lists, program
from .report import Report
from .workspace import ROOT, Workspace

KINDS = {"address": "asan", "thread": "tsan"}
FINDING = re.compile(r"^SUMMARY: (\w+Sanitizer: .*)", re.M)
OPTIONS = {
    # What Swift keeps for its whole life it reaches by tagged pointers, which the leak checker does
    # not see.
    "ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=1",
    "TSAN_OPTIONS": "second_deadlock_stack=1",
    "SWIFT_BACKTRACE": "enable=no",
}
MUTEX = Path(__file__).with_name("mutex.c")
COMPILER = Path(__file__).with_name("swiftc-tsan")


def _scratch(kind: str) -> Path:
    return ROOT / f".build-{KINDS[kind]}"


def _compiler(kind: str) -> dict[str, str]:
    """The environment in which a build takes the compiler that the sanitizer needs."""
    if kind != "thread":
        return {}
    # SwiftPM looks for the toolchain's libraries beside the compiler, past symbolic links.
    toolchain = ROOT / ".soak/toolchain"
    (toolchain / "bin").mkdir(parents=True, exist_ok=True)
    (toolchain / "bin/swiftc").unlink(missing_ok=True)
    shutil.copy(COMPILER, toolchain / "bin/swiftc")
    swift = Path(shutil.which("swift") or "swift").absolute()
    (toolchain / "lib").unlink(missing_ok=True)
    (toolchain / "lib").symlink_to(swift.parent.parent / "lib")
    return {"SWIFT_EXEC": str(toolchain / "bin/swiftc")}


class Build:
    """A build with a sanitizer, beside the ordinary one."""

    def __init__(self, kind: str, work: Path) -> None:
        self.kind = kind
        self.scratch = _scratch(kind)
        self.environment = {**os.environ, **OPTIONS}
        if kind == "thread":
            library = work / "mutex.so"
            subprocess.run(
                ["clang", "-shared", "-fPIC", "-O1", "-o", library, MUTEX, "-ldl"], check=True)
            self.environment["LD_PRELOAD"] = str(library)

    def test(self) -> subprocess.CompletedProcess[str]:
        """Runs the unit tests."""
        return subprocess.run(
            ["swift", "test", "--skip-build", f"--sanitize={self.kind}", "--scratch-path",
             self.scratch],
            cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**self.environment, **_compiler(self.kind)}, check=False)


def _note(report: Report, name: str, code: int, text: str, ought: int = 0) -> None:
    findings = FINDING.findall(text)
    report.row(f"{name}: findings", len(findings))
    for finding in sorted(set(findings)):
        report.require(False, f"{name}: {findings.count(finding)} times {finding}")
    report.require(code == ought or bool(findings), f"{name}: exit code {code}: {text[-500:]}")


def _unit_tests(report: Report, build: Build, folder: Path) -> None:
    tested = build.test()
    (folder / f"{build.kind}-tests.log").write_text(tested.stdout)
    count = re.findall(r"Test run with (\d+) tests", tested.stdout)
    report.row(f"{build.kind}: unit tests", int(count[-1]) if count else 0)
    report.require(bool(count), f"{build.kind}: no test ran")
    _note(report, f"{build.kind}: unit tests", tested.returncode, tested.stdout)


def _scans(
    report: Report, build: Build, workspace: Workspace, path: Path, flags: list[str]
) -> None:
    """A scan that is stopped, its resumption on two loops, and what reads the records."""
    binary = build.scratch / "debug/stsurvey"
    folder = workspace.work / build.kind
    arguments = [path, "--output", folder, *flags, "--threads", "2", "--senders", "40",
                 "--checkpoint-interval", "0.2"]
    stopped = program.Run(arguments, program=binary, environment=build.environment)
    program.wait_for_records(folder, 200)
    stopped.process.terminate()
    code = stopped.end()
    _note(report, f"{build.kind}: scan, stopped", code, stopped.errors, ought=75)
    resumed = program.Run(
        ["--resume", folder], program=binary, environment=build.environment)
    code = resumed.end()
    _note(report, f"{build.kind}: scan, resumed", code, resumed.errors)
    (workspace.folder / f"{build.kind}-scan.log").write_text(stopped.errors + resumed.errors)
    report.row(f"{build.kind}: seconds of the scans", f"{stopped.seconds:.0f}")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the scenario."""
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this one")


def prepare(options: argparse.Namespace) -> None:
    """Builds, where the packages that the project depends on can be reached."""
    for kind in options.kind or KINDS:
        subprocess.run(
            ["swift", "build", "--build-tests", f"--sanitize={kind}", "--scratch-path",
             _scratch(kind)], cwd=ROOT, check=True,
            env={**os.environ, **_compiler(kind)})


def run(options: argparse.Namespace) -> int:
    """Tests and scans with each sanitizer."""
    workspace = Workspace("sanitize")
    report = Report("Sanitizers", workspace.folder)
    path = lists.write(workspace.folder / "list.txt", 1000)
    flags = workspace.up(path)
    for kind in options.kind or KINDS:
        build = Build(kind, workspace.work)
        _unit_tests(report, build, workspace.folder)
        _scans(report, build, workspace, path, flags)
    workspace.lab("down")
    return report.end()
