"""Reads a text by what the model takes it for: a known sentence that asks for the same, with this text's values in it.

The model knows what is asked for and not of what; the rules know how to say it. So the nearest sentence with the
model's label lends its plainer form, the values of the text go into it, and the rules read that. What they make of it
has to be what the model said, or it is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from app.nlp.translator.classification.labels import LISTS, label_of
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.likeness.filling import in_words_of, without_the_rest
from app.nlp.translator.likeness.reading import READ_AS
from app.nlp.translator.likeness.sentences import examples
from app.nlp.translator.likeness.slots import NAMES, Piece
from app.nlp.translator.plan import Behaviour, Plan

_CHANGES: Final = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})
_HARMLESS: Final = frozenset({"<duration>"})  # what may stand beside a change and say nothing of it
_SCALES: Final = frozenset({"scale to", "scale up", "scale down"})
MOST_READ: Final = 5  # sentences
LEAST_OF_A_KIND: Final = 0.45  # nearness of one that speaks of a kind, where the text says none


def read_as(label: str, pieces: Sequence[Piece], read: Callable[[str], Plan]) -> Plan | None:
    """The plan of a text that asks for what a label says; None where no known sentence lends it words.

    Args:
        label: what the text asks for.
        pieces: the text.
        read: reads a plain request by the rules.
    """
    fitting: list[tuple[int, float, str, Counter[str]]] = []
    seen = set()
    speaks_of_something = any(piece.token in KINDS or piece.token in NAMES for piece in pieces)
    for near, example in examples().of_label([piece.token for piece in pieces], label):
        fits = without_the_rest(example, pieces)
        said = None if fits is None else in_words_of(example, fits[0])
        if fits is None or said is None or said in seen:
            continue
        seen.add(said)
        if label == LISTS and near < LEAST_OF_A_KIND and not speaks_of_something:
            continue
        fitting.append((sum(fits[1].values()), near, said, fits[1]))
    for _, near, said, rest in sorted(fitting, key=lambda each: (each[0], -each[1]))[:MOST_READ]:
        plan = read(said)
        if not _is_of(label, plan) or (plan.behaviour in _CHANGES and set(rest) - _HARMLESS):
            continue
        say = f'{plan.say} {READ_AS} "{said}".'.strip()
        return replace(plan, say=say, confidence=round(plan.confidence * (0.5 + near / 2), 2))
    return None


def _is_of(label: str, plan: Plan) -> bool:
    """Whether a plan does what a label says."""
    found = label_of(plan)
    return found == label or (found in _SCALES and label in _SCALES)
