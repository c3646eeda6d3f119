"""What the model sees of a text: its words, what stands beside each, and slots in the place of names and values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.likeness.sentences import stem
from app.nlp.translator.likeness.slots import KIND, NAME, NAMES

_BEGIN: Final = "^"
_END: Final = "$"


def features(tokens: Sequence[str]) -> set[str]:
    """Words and pairs of neighbours, of some tokens with slots.

    Kinds and names are there twice, as what they are and as any kind or name.
    """
    stems = [stem(token) for token in tokens]
    found = set(_of(stems))
    of_any = [
        KIND if token in KINDS else NAME if token in NAMES else word for token, word in zip(tokens, stems, strict=True)
    ]
    if of_any != stems:
        found |= set(_of(of_any))
    return found


def _of(words: Sequence[str]) -> Iterator[str]:
    yield from words
    yield from map(" ".join, pairwise((_BEGIN, *words, _END)))
