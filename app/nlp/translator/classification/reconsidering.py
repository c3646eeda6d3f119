"""Holds what the translator reads in a text against what the model takes it for, and settles which is believed.

How sure the model has to be depends on what it would do: a look costs nothing, a change is wanted surely, and nobody's
change is dropped for a trifle. The margins were chosen on lists that a model had not seen (`tests.language.training`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from app.nlp.translator import restraint
from app.nlp.translator.classification.labels import NOTHING, REFUSED, UNCLEAR, label_of
from app.nlp.translator.classification.model import Guess, model
from app.nlp.translator.classification.reading import read_as
from app.nlp.translator.likeness.slots import Piece
from app.nlp.translator.plan import Behaviour, Plan, answer

MOST_WORDS: Final = 40  # of a text; what is longer says more than one thing
_CHANGES: Final = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})
_TOLD: Final = 0.5  # margin above which nothing is asked for
_TOLD_AND_NO_LOOK: Final = 0.3
_LOOK: Final = 0.4
_LOOK_WHERE_UNCLEAR: Final = 0.1
_LOOK_AND_NO_CHANGE: Final = 0.7
_CHANGE: Final = 0.3
_CHANGE_WHERE_UNCLEAR: Final = 0.2
_CHANGE_AND_NO_OTHER: Final = 0.5
_CHANGE_AND_NO_ANSWER: Final = 0.7


def reconsidered(plan: Plan, pieces: Sequence[Piece], read: Callable[[str], Plan], *, unclear: bool) -> Plan:
    """The plan, or what the model takes the text for where it is surer of something else.

    Args:
        plan: what the text was read as.
        pieces: the text.
        read: reads a plain request by the rules.
        unclear: whether the plan is no sure reading.
    """
    if not 0 < len(pieces) <= MOST_WORDS:
        return plan
    likeliest = model().guesses([piece.token for piece in pieces])[0]
    own = label_of(plan, [piece.value for piece in pieces if piece.token == "<number>"])
    if own is None or _are_alike(own, likeliest.label):
        return plan
    if likeliest.label == NOTHING:
        return answer(restraint.TOLD, reading=plan.reading) if _is_only_told(plan, likeliest) else plan
    if likeliest.label in {UNCLEAR, REFUSED} or (plan.behaviour is Behaviour.REFUSE and not unclear):
        return plan
    other = read_as(likeliest.label, pieces, read)
    return plan if other is None or likeliest.margin < _least(plan, other, unclear=unclear) else other


def _are_alike(label: str, other: str) -> bool:
    return label == other or (label.startswith("scale ") and other.startswith("scale "))


def _is_only_told(plan: Plan, guess: Guess) -> bool:
    looks = plan.behaviour in {Behaviour.RUN, Behaviour.DIAGNOSE, Behaviour.REFUSE}
    return guess.margin >= (_TOLD_AND_NO_LOOK if looks else _TOLD)


def _least(plan: Plan, other: Plan, *, unclear: bool) -> float:
    """How sure the model has to be that another plan is meant."""
    changes = other.behaviour in _CHANGES
    if plan.behaviour in _CHANGES:
        return _CHANGE_AND_NO_OTHER if changes else _LOOK_AND_NO_CHANGE
    if plan.behaviour is Behaviour.ANSWER:
        return _CHANGE_AND_NO_ANSWER if changes else _LOOK
    if unclear:
        return _CHANGE_WHERE_UNCLEAR if changes else _LOOK_WHERE_UNCLEAR
    return _CHANGE if changes else _LOOK
