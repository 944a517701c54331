"""The program as a child of a task, and which of its commands takes which option."""

from __future__ import annotations

import re
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from gzip import GzipFile
from pathlib import Path
from typing import IO

from pyspark import SparkFiles

from sparking import parts
from sparking.problem import WRONG_USE, Problem

# How much of a child's messages a failed task's error has.
MESSAGE_OCTETS = 2000
# The limits that are divided among processes, as the program has them where none is given.
DIVIDED = {
    "--max-dns-rate": 1000.0, "--max-dns-rate-in-all": 0.0, "--max-fetches-per-address": 8.0,
    "--max-fetch-rate-per-address": 20.0,
}
# What the job sets itself, or what several processes cannot share.
RESERVED = {
    "--output", "--probe", "--fetch", "--only", "--manifest", "--format", "--column", "--origin",
    "--no-header", "--shard", "--limits-share", "--resume", "--previous", "--ask-again",
    "--prometheus", "--status-updates-file", "--unique", "--fail-on", "--quiet", "--partial",
    "--hosts", "--policies", "--accept-invalid", "--carry", "--checkpoint-interval",
    "--rotate-size",
}


@dataclass(frozen=True)
class Filter:
    """A command that reads lines, and writes a record for each."""

    command: str
    options: Sequence[str]

    def run(self, source: Path, target: Path) -> None:
        """Does one partition, unless its file is there; the child ends with the task."""
        if target.exists():
            return
        with parts.new_file(target) as output:
            # Where a partition has no lines there is nothing to start.
            lines = parts.read(source)
            if (first := next(lines, None)) is not None:
                self._run(_all_of(first, lines), output, source)

    def _run(self, lines: Iterable[bytes], output: GzipFile, source: Path) -> None:
        with tempfile.TemporaryFile() as messages, subprocess.Popen(
            [SparkFiles.get("stsurvey"), self.command, "-", "--output", "-", *self.options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=messages,
        ) as child:
            feeder = _Feeder(child.stdin, lines)
            try:
                written = 0
                for record in child.stdout or ():
                    output.write(record)
                    written += record.endswith(b"\n")
                code = child.wait()
                feeder.join()
            finally:
                child.kill()
            if code or feeder.problem or written != feeder.fed:
                size = messages.seek(0, 2)
                messages.seek(max(0, size - MESSAGE_OCTETS))
                raise RuntimeError(
                    f"stsurvey {self.command} of {source} ended with {code} after {written} "
                    f"records of {feeder.fed} lines: {feeder.problem or ''} "
                    f"{messages.read().decode(errors='replace')}")


def _all_of(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


class _Feeder(threading.Thread):
    """Writes lines to a child while its task reads what the child writes."""

    def __init__(self, pipe: IO[bytes] | None, lines: Iterable[bytes]) -> None:
        super().__init__(daemon=True)
        self.fed = 0
        self.problem: Exception | None = None
        self._pipe, self._lines = pipe, lines
        self.start()

    def run(self) -> None:
        try:
            with self._pipe or open("/dev/null", "wb") as pipe:
                for line in self._lines:
                    pipe.write(line)
                    self.fed += 1
        except (OSError, EOFError) as problem:
            self.problem = problem


@dataclass(frozen=True)
class Settings:
    """The options of stsurvey that a survey was given, and how many processes share the limits."""

    program: Path
    given: Sequence[tuple[str, Sequence[str]]]
    processes: int

    @classmethod
    def parse(cls, program: Path, words: Sequence[str], processes: int) -> Settings:
        """Each option must be known to one of the commands at least, by its long name."""
        known = {
            name: takes_value for command in ("scan", "probe", "fetch", "judge")
            for name, takes_value in _options_of(program, command).items()}
        given: list[tuple[str, Sequence[str]]] = []
        rest = iter(words)
        for word in rest:
            name, equals, value = word.partition("=")
            if name not in known or name in RESERVED:
                raise Problem(
                    f"'{word}': after -- stand options of stsurvey by their long names, other than "
                    + ", ".join(sorted(RESERVED)), WRONG_USE)
            if known[name] and not equals:
                value = next(rest, "")
                if not value:
                    raise Problem(f"{name} needs a value", WRONG_USE)
            given.append((name, [value] if known[name] else []))
        settings = cls(program, given, processes)
        for name in DIVIDED:
            settings.value(name)
        return settings

    def value(self, name: str) -> float:
        """The number that an option was given last, or the program's default."""
        values = [value[0] for option, value in self.given if option == name]
        try:
            return float(values[-1]) if values else DIVIDED[name]
        except ValueError as problem:
            raise Problem(f"{name}: '{values[-1]}' is no number", WRONG_USE) from problem

    def filter(self, command: str, *more: str) -> Filter:
        """A command with those of the options that it takes."""
        known = _options_of(self.program, command)
        chosen = [word for name, value in self.given if name in known and name not in more
                  for word in (name, *value)]
        return Filter(command, [*chosen, "--quiet", *more] if "--quiet" in known
                      else [*chosen, *more])

    def share(self, name: str) -> list[str]:
        """A rate that is divided among the processes; 0 is none."""
        rate = self.value(name)
        return [name, f"{max(rate / self.processes, 0.01):.3f}" if rate else "0"]


def _options_of(program: Path, command: str) -> dict[str, bool]:
    """The long options of a command, and whether each takes a value, by its help."""
    done = subprocess.run([program, command, "--help"], capture_output=True, text=True, check=True)
    return {name: bool(value) for name, value in re.findall(
        r"^  (?:-\w, )?(--[a-z0-9-]+)( <)?", done.stdout, re.MULTILINE)}
