"""The layers of the Swift targets, the width of lines, and the names of types. Needs no lab."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helpers.program import ROOT

COLUMNS_MOST = 100
# A target of Package.swift with its dependencies; those of packages are `.product(name: …)`.
TARGET = re.compile(
    r'\.(?:target|executableTarget)\(\s*name: "(?P<name>\w+)"'
    r"(?:,\s*dependencies: \[(?P<dependencies>[^\]]*)\])?")
PRODUCT = re.compile(r'\.product\(name: "(\w+)", package: "[\w-]+"\)')
# Imports and types begin their lines: what is indented is inside something, a string perhaps.
IMPORT = re.compile(
    r"^(?:@\w+ |public |package |internal |private |fileprivate )*import "
    r"(?:(?:struct|class|enum|protocol|func|let|var|typealias) )?(\w+)", re.M)
TYPE = re.compile(
    r"^(?P<modifiers>(?:@[\w.]+(?:\([^)]*\))?\s+|[a-z]+ )*)"
    r"(?:struct|class|enum|actor|protocol|typealias) (?P<name>\w+)", re.M)
# Modules of the toolchain that do input and output, or ask for the time.
SYSTEM = {"Dispatch", "Foundation", "FoundationEssentials", "Glibc"}

# C libraries that more than one target imports, and why.
SHARED_LIBRARIES = {
    "CLinux": {"EventLoop", "Resolver"},  # macros of system calls, not a library
    "CZstd": {"Archive", "DomainList"},  # record files and compressed lists have nothing in common
    "CZlib": {"DomainList", "Networks"},  # nor have compressed lists and tables of prefixes
}
# Pure targets that import a module of the system, and why.
IMPURE = {
    ("Statistics", "FoundationEssentials"),  # decodes the catalogue of providers, which is JSON
}
# What reads a scan's folder reaches none of the adapters that open sockets, nor what runs a scan.
READERS = {
    "ScanFolder", "RecordReading", "Verify", "Rejudge", "Comparison", "FolderStatistics", "Preload",
    "Networks",
}
SCANNERS = {
    "Scan", "Resolver", "PolicyFetch", "MXProbe", "ConnectionLimits", "DomainList", "CAres",
    "CCurl",
}


@dataclass
class Target:
    """A target of Sources: what it is declared to depend on, and what its files import."""

    name: str
    declared: set[str]
    is_pure: bool
    imported: set[str] = field(default_factory=set)


def swift_files(*folders: str) -> Iterator[Path]:
    """All Swift files below folders of the repository, without what was built."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.swift")):
            if ".build" not in path.relative_to(ROOT).parts:
                yield path


def read_targets() -> dict[str, Target]:
    """The targets of Package.swift that have Swift files in Sources."""
    text = re.sub(r"^\s*//.*$", "", (ROOT / "Package.swift").read_text(), flags=re.M)
    matches = list(TARGET.finditer(text))
    ends = [match.start() for match in matches[1:]] + [len(text)]
    targets = {}
    for match, end in zip(matches, ends, strict=True):
        dependencies = PRODUCT.sub(r'"\1"', match["dependencies"] or "")
        target = Target(
            match["name"], set(re.findall(r'"(\w+)"', dependencies)),
            "swiftSettings: pure" in text[match.start():end].partition(".testTarget")[0])
        files = list(swift_files(f"Sources/{target.name}"))
        for path in files:
            target.imported |= set(IMPORT.findall(path.read_text()))
        if files:
            targets[target.name] = target
    return targets


TARGETS = read_targets()
FOLDERS = {path.name for path in (ROOT / "Sources").iterdir() if path.is_dir()}
C_LIBRARIES = FOLDERS - TARGETS.keys()
DECLARED = {name for target in TARGETS.values() for name in target.declared}


def test_package_swift_was_understood():
    assert {"stsurvey", "Scan", "DNS"} <= TARGETS.keys()
    assert {"CAres", "CCurl", "COpenSSL"} <= C_LIBRARIES
    assert TARGETS["DNS"].is_pure and not TARGETS["Scan"].is_pure
    assert "ArgumentParser" in TARGETS["stsurvey"].declared
    assert all(target.imported or target.is_pure for target in TARGETS.values())


def test_a_target_imports_what_it_is_declared_to_depend_on():
    """SwiftPM lets a target import whatever something else has built before."""
    ours = TARGETS.keys() | C_LIBRARIES | DECLARED
    found = [f"{target.name} imports {name}" for target in TARGETS.values()
             for name in sorted((target.imported & ours) - target.declared)]
    assert not found


def test_a_target_depends_on_what_it_imports():
    found = [f"{target.name} does not import {name}" for target in TARGETS.values()
             for name in sorted(target.declared - target.imported)]
    assert not found


def test_each_c_library_has_one_importer():
    importers = defaultdict(set)
    for target in TARGETS.values():
        for name in target.imported & C_LIBRARIES:
            importers[name].add(target.name)
    assert importers.keys() == C_LIBRARIES
    found = {name: names for name, names in importers.items()
             if len(names) > 1 and not names <= SHARED_LIBRARIES.get(name, set())}
    assert not found


def test_pure_targets_import_pure_targets_alone():
    pure = {target.name for target in TARGETS.values() if target.is_pure}
    forbidden = (TARGETS.keys() - pure) | C_LIBRARIES | SYSTEM
    found = {(name, other) for name in pure for other in TARGETS[name].imported & forbidden}
    assert not found - IMPURE


def reached(name: str) -> set[str]:
    """All that a target depends on, itself or by what it depends on."""
    found: set[str] = set()
    ahead = [name]
    while ahead:
        target = TARGETS.get(ahead.pop())
        new = target.declared - found if target else set()
        found |= new
        ahead += new
    return found


def test_what_reads_folders_reaches_no_scanner():
    assert TARGETS.keys() | C_LIBRARIES >= READERS | SCANNERS
    assert reached("Scan") >= SCANNERS - {"Scan"}
    found = {name: reached(name) & SCANNERS for name in READERS if reached(name) & SCANNERS}
    assert not found


def test_no_line_of_swift_is_wider_than_100_columns():
    found = [f"{path.relative_to(ROOT)}:{number}: {len(line)}"
             for path in [ROOT / "Package.swift", *swift_files("Sources", "Tests", "Benchmarks")]
             for number, line in enumerate(path.read_text().splitlines(), start=1)
             if len(line) > COLUMNS_MOST]
    assert not found, "\n".join(found)


def test_no_two_targets_declare_types_of_one_name():
    owners = defaultdict(set)
    for target in TARGETS:
        for path in swift_files(f"Sources/{target}"):
            for match in TYPE.finditer(path.read_text()):
                if not {"private", "fileprivate"} & set(match["modifiers"].split()):
                    owners[match["name"]].add(target)
    assert len(owners) > 100
    found = {name: names for name, names in owners.items() if len(names) > 1}
    assert not found
