"""Reads a text by what the model takes it for: a known sentence that asks for the same, with this text's values in it.

The model knows what is asked for and not of what; the rules know how to say it. So the nearest sentence with the
model's label lends its plainer form, the values of the text go into it, and the rules read that. What they make of it
has to be what the model said, or it is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from app.nlp.translator.classification.forms import plain_requests
from app.nlp.translator.classification.labels import LISTS, label_of
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.likeness.filling import in_words_of, without_the_rest
from app.nlp.translator.likeness.reading import READ_AS
from app.nlp.translator.likeness.sentences import examples
from app.nlp.translator.likeness.slots import NAMES, Piece
from app.nlp.translator.plan import CHANGING, Behaviour, Plan

_HARMLESS: Final = frozenset({"<duration>"})  # what may stand beside a change and say nothing of it
_SCALES: Final = frozenset({"scale to", "scale up", "scale down"})
SURE: Final = 0.85  # of what is made of the values of a text
_WORDS: Final = re.compile(r"[\s/=,':]+")
MOST_READ: Final = 5  # sentences
LEAST_NEAR: Final = 0.1
LEAST_OF_A_KIND: Final = 0.45  # nearness of one that speaks of a kind, where the text says none


def read_as(
    label: str,
    pieces: Sequence[Piece],
    clauses: Sequence[Clause],
    read: Callable[[str], Plan],
    *,
    lent: bool = True,
) -> Plan | None:
    """The plan of a text that asks for what a label says; None where there are no words for it.

    Args:
        label: what the text asks for.
        pieces: the text.
        clauses: the same, clause by clause.
        read: reads a plain request by the rules.
        lent: whether known sentences may lend it words, or its own values alone make one.
    """
    for said in islice(plain_requests(label, clauses), MOST_READ):
        plan = read(said)
        if _is_of(label, plan) and _is_of_the_same(plan, pieces):
            return _as_read(plan, said, SURE)
    for near, said, rest in _lent(label, pieces) if lent else ():
        plan = read(said)
        if not _is_of_the_same(plan, pieces):
            continue
        if _is_of(label, plan) and not (plan.behaviour in CHANGING and set(rest) - _HARMLESS):
            return _as_read(plan, said, 0.5 + near / 2)
    return None


def _lent(label: str, pieces: Sequence[Piece]) -> list[tuple[float, str, Counter[str]]]:
    """Known sentences of a label with the text's values in them, how near they are and which values they leave out."""
    found: list[tuple[float, str, Counter[str]]] = []
    seen = set()
    speaks_of_something = any(piece.token in KINDS or piece.token in NAMES for piece in pieces)
    for near, example in examples().of_label([piece.token for piece in pieces], label):
        fits = without_the_rest(example, pieces)
        said = None if fits is None else in_words_of(example, fits[0])
        if fits is None or said is None or said in seen:
            continue
        seen.add(said)
        if near >= (LEAST_NEAR if label != LISTS or speaks_of_something else LEAST_OF_A_KIND):
            found.append((near, said, fits[1]))
    return sorted(found, key=lambda each: (sum(each[2].values()), -each[0]))[:MOST_READ]


def _as_read(plan: Plan, said: str, sure: float) -> Plan:
    say = f'{plan.say} {READ_AS} "{said}".'.strip()
    return replace(plan, say=say, confidence=round(plan.confidence * sure, 2))


def _is_of_the_same(plan: Plan, pieces: Sequence[Piece]) -> bool:
    """Whether every name of the text stands in a plan: a sentence of another kind may have found another object."""
    held = set(_WORDS.split(" ".join([*plan.commands, plan.target])))
    return all(
        piece.value in held
        or any(
            word.startswith(f"{piece.value}-")
            for word in held
            if piece.token != "<object>" and plan.behaviour is Behaviour.RUN
        )
        for piece in pieces
        if piece.token in NAMES
    )


def _is_of(label: str, plan: Plan) -> bool:
    """Whether a plan does what a label says."""
    found = label_of(plan)
    return found == label or (found in _SCALES and label in _SCALES)
