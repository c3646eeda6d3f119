"""What a JSONPath template is made of."""

from __future__ import annotations

from dataclasses import dataclass


class JsonPathError(Exception):
    """A template that cannot be read, or that does not fit what it is applied to; the text is kubectl's."""


@dataclass(frozen=True, slots=True)
class Text:
    """Literal text, also a quoted one inside an action."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A number or a truth value."""

    value: int | float | bool


@dataclass(frozen=True, slots=True)
class Field:
    """`.name`."""

    name: str


@dataclass(frozen=True, slots=True)
class Index:
    """`[start:end:step]`; None is what was left out. `single` is `[start]` alone."""

    start: int | None
    end: int | None
    step: int | None
    single: bool


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*`; `[*]` is an Index of everything."""


@dataclass(frozen=True, slots=True)
class Recursive:
    """`..`: everything below."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A bare word: `range` and `end`, and nothing else that means something."""

    name: str


@dataclass(frozen=True, slots=True)
class Union:
    """`[a,b]`."""

    parts: tuple[Steps, ...]


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(left operator right)]`; the operator "exists" has no right side."""

    left: Steps
    operator: str
    right: Steps


@dataclass(frozen=True, slots=True)
class Steps:
    """One action in braces: steps that are taken one after another."""

    nodes: tuple[Node, ...]


Node = Text | Literal | Field | Index | Wildcard | Recursive | Identifier | Union | Filter | Steps
