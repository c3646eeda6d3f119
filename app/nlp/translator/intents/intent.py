"""What a sort of change is made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.nlp.translator.intents.said import Clause


@dataclass(frozen=True, slots=True)
class Intent:
    """A sort of change.

    Attributes:
        cue: what tells it, in a clause's text.
        of: the sorts of names that it is said of.
        plain: the request, from the clause, what the cue found and the name; None where it does not fit after all.
        unlike: what would make it another change.
        loses: whether a misreading could lose something.
        denies: whether it is what a denial asks for: "do not let it use more than 2Gi".
    """

    cue: re.Pattern[str]
    of: frozenset[str]
    plain: Callable[[Clause, re.Match[str], str], str | None]
    unlike: re.Pattern[str] | None = None
    loses: bool = False
    denies: bool = False
