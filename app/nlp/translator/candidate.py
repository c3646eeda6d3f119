"""A way to read a clause, with how well it fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.nlp.translator.plan import Plan


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of a clause.

    Attributes:
        score: how well it fits, from 0 to 1; the best reading of all is taken.
        make: writes its plan, or its question; called for the best reading only.
    """

    score: float
    make: Callable[[], Plan]
