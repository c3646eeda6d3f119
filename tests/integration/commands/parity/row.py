"""One command that is given to the real kubectl and to the engine, and what may differ between the two."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.commands.printing import Printed


@dataclass(frozen=True)
class Difference:
    """What is not the same, on purpose.

    Attributes:
        name: short, for rows.
        reason: why it stays.
        ours: takes it out of what the engine printed.
        theirs: takes it out of what kubectl printed.
    """

    name: str
    reason: str
    ours: Callable[[Printed], Printed]
    theirs: Callable[[Printed], Printed]


@dataclass(frozen=True)
class Row:
    """One command.

    Attributes:
        line: without the word kubectl.
        stdin: what kubectl reads with `-f -`; ours has it behind the first line.
        differences: names of those that this row has, beside the ones that every row may have.
    """

    line: str
    stdin: str = ""
    differences: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.line


def without(pattern: str, put: str = "") -> Callable[[Printed], Printed]:
    """Replaces what a pattern finds, on both streams."""
    found = re.compile(pattern, re.MULTILINE)
    return lambda said: Printed(found.sub(put, said.out), found.sub(put, said.err), said.status)


def same(said: Printed) -> Printed:
    """Nothing is taken out."""
    return said
