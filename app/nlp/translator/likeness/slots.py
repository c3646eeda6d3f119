"""Texts as their words, with slots in the place of names, places, numbers and the like.

Two texts that say the same of different things are the same here. Nothing is compared in this module.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.nlp.translator.lexicon.kinds import WORKLOADS, Kind
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.names import NameMatch
from app.nlp.translator.tagger import Tag, tag
from app.nlp.translator.tokens import tokenise
from app.nlp.translator.vocabulary import Vocabulary

SURELY_A_PLACE = 0.87  # a word that is merely spelt like a namespace ("saying", "staging") stays a word
WORD = "<word>"  # in an example: a key, a value or a new name, which is whatever stands at that place
KIND = "<kind>"  # in an example: whichever kind is said
NAME = "<name>"
NAMES = frozenset({"<workload>", "<pod>", "<node>", "<job>", "<cronjob>", "<object>"})
PLACES = {"<namespace>": " in namespace {}", "<cluster>": " on cluster {}"}
_SHAPES = {
    "<setting>": re.compile(r"\S+=\S*"),
    "<size>": re.compile(r"\d{2,}m"),
    "<bytes>": re.compile(r"\d+(?:\.\d+)?[KMGT]i?B?"),
    "<key>": re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"),
}
_HAS_SHAPE = re.compile(r"[=_\d]")
_SLOTS = {
    Part.NAMESPACE: "<namespace>",
    Part.CLUSTER: "<cluster>",
    Part.NUMBER: "<number>",
    Part.DURATION: "<duration>",
    Part.IMAGE: "<image>",
}
_NOT_A_NAME = frozenset({"env", "config"})  # parts of names that people say of something else


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of a text, or a slot with what stands in it, and of a name the kinds of what is called so."""

    token: str
    value: str
    kinds: frozenset[str] = frozenset()


def pieces_of(text: str, vocabulary: Vocabulary) -> tuple[list[Piece], list[Tag]]:
    """A text's words, with slots in the place of names, places, numbers and the like; and its tags."""
    tags = tag(tokenise(text), vocabulary)
    return pieces_in(tags, vocabulary), tags


def pieces_in(tags: Iterable[Tag], vocabulary: Vocabulary) -> list[Piece]:
    """The same of a text that has been read."""
    return [piece for each in tags for piece in _pieces(each, vocabulary)]


def _pieces(found: Tag, vocabulary: Vocabulary) -> list[Piece]:
    guessed = found.part in {Part.NAMESPACE, Part.CLUSTER} and found.score < SURELY_A_PLACE
    if guessed or (found.part is Part.NAME and found.low in _NOT_A_NAME):
        return [Piece(word, word) for word in found.low.split()]
    if found.part is Part.NAME and isinstance(found.value, NameMatch) and len(found.value.names) == 1:
        name = found.value.names[0]
        kinds = frozenset(entry.kind for entry in vocabulary.names.get(name, ()))
        return [Piece(_class_of(kinds), name, kinds)]
    if _HAS_SHAPE.search(found.words):
        for slot, shape in _SHAPES.items():
            if shape.fullmatch(found.words):
                return [Piece(slot, found.words)]
    slot_of_part = _SLOTS.get(found.part)
    if slot_of_part is not None:
        value = found.words if found.part in {Part.DURATION, Part.IMAGE} else str(found.value)
        return [Piece(slot_of_part, value)]
    if found.part is Part.KIND and isinstance(found.value, Kind):
        return [Piece(found.value.plural, found.low)]
    if found.part in {Part.MARK, Part.COURTESY}:
        return []
    return [Piece(word, word) for word in found.low.split()]


def _class_of(kinds: frozenset[str]) -> str:
    if kinds & set(WORKLOADS):
        return "<workload>"
    for kind in ("nodes", "pods", "cronjobs", "jobs"):
        if kind in kinds:
            return f"<{kind[:-1]}>"
    return "<object>"


def values_in(tokens: Iterable[str]) -> Counter[str]:
    """How many values of each sort; names are of one sort, and where something is may be said beside it."""
    return Counter(
        NAME if token in NAMES else token
        for token in tokens
        if token.startswith("<") and token not in {WORD, KIND, *PLACES}
    )
