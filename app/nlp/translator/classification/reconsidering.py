"""Holds what the translator reads in a text against what the model takes it for, and settles which is believed.

How sure the model has to be depends on what it would do: a look costs nothing, a change is wanted surely, and nobody's
change is dropped for a trifle. The margins were chosen on lists that a model had not seen (`tests.language.training`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from app.nlp.translator import restraint
from app.nlp.translator.classification.labels import LISTS, NOTHING, REFUSED, UNCLEAR, label_of
from app.nlp.translator.classification.model import Guess, model
from app.nlp.translator.classification.reading import read_as
from app.nlp.translator.likeness.slots import Piece
from app.nlp.translator.plan import Behaviour, Plan, answer
from app.nlp.translator.targets import NOT_FOUND

MOST_WORDS: Final = 40  # of a text; what is longer says more than one thing
_CHANGES: Final = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})
_DOES: Final = _CHANGES | {Behaviour.RUN, Behaviour.DIAGNOSE, Behaviour.SESSION}
_SURE: Final = 0.8  # confidence of the rules
_SURELY: Final = 0.5  # margin above which nothing else is looked for, where the rules say the same
_TOLD: Final = 0.5  # margin above which nothing is asked for
_TOLD_AND_NO_LOOK: Final = 0.3
_LOOK: Final = 0.4
_LOOK_WHERE_UNCLEAR: Final = 0.1
_LOOK_AND_NO_CHANGE: Final = 0.7
_CHANGE: Final = 0.3
_CHANGE_WHERE_UNCLEAR: Final = 0.2
_CHANGE_AND_NO_OTHER: Final = 0.5
_CHANGE_AND_NO_ANSWER: Final = 0.7


def guess(pieces: Sequence[Piece]) -> Guess | None:
    """What the model takes a text for; None where it is too long to tell."""
    return model().likeliest([piece.token for piece in pieces]) if 0 < len(pieces) <= MOST_WORDS else None


def is_confirmed(plan: Plan, likeliest: Guess | None, pieces: Sequence[Piece]) -> bool:
    """Whether the model takes a text for what a sure reading of it does."""
    if likeliest is None or plan.behaviour not in _DOES or plan.confidence < _SURE or likeliest.margin < _SURELY:
        return False
    return _label(plan, pieces) == likeliest.label


def reconsidered(
    plan: Plan, likeliest: Guess | None, pieces: Sequence[Piece], read: Callable[[str], Plan], *, unclear: bool
) -> Plan:
    """The plan, or what the model takes the text for where it is surer of something else.

    Args:
        plan: what the text was read as.
        likeliest: what the model takes it for.
        pieces: the text.
        read: reads a plain request by the rules.
        unclear: whether the plan is no sure reading.
    """
    own = None if likeliest is None else _label(plan, pieces)
    if likeliest is None or own is None or _are_alike(own, likeliest.label):
        return plan
    if plan.say.startswith(NOT_FOUND) and likeliest.label in {LISTS, NOTHING}:
        return plan  # nobody who asks for what is not there is shown something else
    if likeliest.label == NOTHING:
        return answer(restraint.TOLD, reading=plan.reading) if _is_only_told(plan, likeliest) else plan
    if likeliest.label in {UNCLEAR, REFUSED} or (plan.behaviour is Behaviour.REFUSE and not unclear):
        return plan
    other = read_as(likeliest.label, pieces, read)
    return plan if other is None or likeliest.margin < _least(plan, other, unclear=unclear) else other


def _label(plan: Plan, pieces: Sequence[Piece]) -> str | None:
    return label_of(plan, [piece.value for piece in pieces if piece.token == "<number>"])


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
