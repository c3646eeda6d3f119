"""What is wrong with a file, and what of it was not carried over: sentences, each with its place.

A reader that stops at the first fault makes people run it ten times; here findings are collected, and told together.
This module knows no field of OpenSLO and decides nothing about them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_NUMBERS = re.compile("[0-9]+")
_LONGEST_SHOWN: Final = 80  # characters of somebody else's text in a sentence


class OpenSLOError(ValueError):
    """A file that cannot be carried over.

    Attributes:
        file: its name.
        findings: one for each fault.
    """

    def __init__(self, file: str, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(finding.line(file) for finding in findings))
        self.file = file
        self.findings = findings

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each fault."""
        return tuple(finding.line(self.file) for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Place:
    """Which document of a file.

    Attributes:
        document: its number, from 1; "2, item 3" where a document lists several.
        kind: SLO, SLI and so on, if known.
        name: its `metadata.name`, if known.
    """

    document: str
    kind: str = ""
    name: str = ""

    @property
    def order(self) -> tuple[int, ...]:
        """Places sort by this."""
        return tuple(map(int, _NUMBERS.findall(self.document)))

    @property
    def text(self) -> str:
        """The place as a line begins with it."""
        known = " ".join(one_line(part) for part in (self.kind, self.name) if part)
        return f"document {self.document} ({known})" if known else f"document {self.document}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell.

    Attributes:
        place: where; the whole file when there is none.
        field: which field, as a path.
        sentence: what about it, and why.
    """

    place: Place | None
    field: str
    sentence: str

    def line(self, file: str) -> str:
        """The finding on one line."""
        where = () if self.place is None else (self.place.text,)
        fields = (one_line(self.field),) if self.field else ()
        return ": ".join((one_line(file), *where, *fields, self.sentence))


@dataclass(slots=True)
class Findings:
    """Collects faults and losses, each once, and gives them back in the order of the documents."""

    _faults: dict[Finding, None] = field(default_factory=dict)
    _losses: dict[Finding, None] = field(default_factory=dict)
    _places: dict[str, Place] = field(default_factory=dict)

    def introduce(self, place: Place) -> None:
        """From now on this document's kind and name are known, also of what was found in it before."""
        self._places[place.document] = place

    def fault(self, place: Place | None, path: str, sentence: str) -> None:
        """Something that keeps the file from being carried over."""
        self._faults[Finding(place, path, sentence)] = None

    def loss(self, place: Place | None, path: str, sentence: str) -> None:
        """Something that the rules do not hold, or not exactly."""
        self._losses[Finding(place, path, sentence)] = None

    @property
    def faults(self) -> tuple[Finding, ...]:
        """All faults."""
        return self._in_order(self._faults)

    @property
    def losses(self) -> tuple[Finding, ...]:
        """All losses."""
        return self._in_order(self._losses)

    def _in_order(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        named = (replace(each, place=self._named(each.place)) for each in findings)
        return tuple(sorted(named, key=lambda each: each.place.order if each.place else ()))

    def _named(self, place: Place | None) -> Place | None:
        return None if place is None else self._places.get(place.document, place)


def one_line(text: str) -> str:
    """Somebody else's text without what would break the line, or colour the terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def shown(text: str) -> str:
    """Somebody else's text on one line, and not much of it."""
    return one_line(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")


def quoted(text: str) -> str:
    """Somebody else's text, in quotes."""
    return f'"{shown(text)}"'
