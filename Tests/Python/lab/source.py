"""Where the domains of a lab come from: somebody's list, or one made up for the field's mix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from . import invent, names
from .field import Field
from .mix import Mix


class Source(Protocol):
    """A list and the mix that its domains are drawn from."""

    @property
    def is_registrable(self) -> bool:
        """Whether each domain of the list is registered right below a public suffix."""

    def stamp(self) -> str:
        """What distinguishes it from another."""

    def read(self, folder: Path, seed: int) -> tuple[list[names.Entry], Mix]:
        """The entries of the list, and the mix."""


@dataclass(frozen=True)
class Listed:
    """A list, with the lab's own mix."""

    path: Path
    is_registrable: bool = False

    def stamp(self) -> str:
        """The digest of the list."""
        return names.digest(self.path)

    def read(self, folder: Path, seed: int) -> tuple[list[names.Entry], Mix]:
        """The entries of the list, and the lab's mix."""
        return names.read(self.path), Mix()


@dataclass(frozen=True)
class Invented:
    """So many invented domains with the field's shares, `adoption` times the field's adoption."""

    count: int
    adoption: float
    is_registrable: bool = True

    def stamp(self) -> str:
        """The numbers."""
        return f"field {self.count} {self.adoption}"

    def read(self, folder: Path, seed: int) -> tuple[list[names.Entry], Mix]:
        """The entries of the list, which is written to `domains.csv`, and the field's mix."""
        path = folder / "domains.csv"
        path.write_text("".join(f"{line}\n" for line in invent.lines(self.count, seed)))
        entries = names.read(path)
        ranks = {e.domain: e.rank for e in reversed(entries) if e.domain and e.rank}
        return entries, Field(ranks, self.adoption)
