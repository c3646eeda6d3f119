"""Puts slips of the fingers right in words that everybody uses here: "rolout", "memroy", "restartin".

Names are not its business: an object that is misspelt is asked back, and what something new is called may be anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.nlp.translator.lexicon.english import ORDINARY
from app.nlp.translator.lexicon.phrases import PHRASES
from app.nlp.translator.likeness.sentences import examples
from app.nlp.translator.vocabulary import Vocabulary

_SHORTEST: Final = 5  # letters: a shorter word with a slip in it is often another word
_OFTEN: Final = 40  # known sentences that a word stands in for it to be what was meant
_KNOWN: Final = 4  # that make a word none of the slips
_SURELY: Final = 4  # times as often as the next likely word
_AROUND: Final = ",.;!?()"
_WORD: Final = re.compile(r"(?<![\w./:=@'\"-])[A-Za-z]{5,}(?![\w/:=@'\"-]|\.\w)")
_NEW_NAME: Final = re.compile(
    r"(?:called|named|name|namespace|ns|configmap|job|account|deployment|pod|label|annotation|taint|key|to|value|with)"
    r" $",
    re.IGNORECASE,
)


@cache
def _often() -> tuple[dict[str, int], frozenset[str]]:
    """The words that a slip may stand for, with how often they are used, and all that are no slips."""
    counted: Counter[str] = examples().words
    meant = {word: number for word, number in counted.items() if number >= _OFTEN and word.isalpha()}
    known = {word for word, number in counted.items() if number >= _KNOWN}
    return meant, frozenset(known | ORDINARY | {word for phrase in PHRASES for word in phrase})


def spelt(text: str, vocabulary: Vocabulary) -> str:
    """The text with slips put right.

    Args:
        text: what was said, in one line.
        vocabulary: names that are no slips.
    """
    meant, known = _often()
    if all(len(word) < _SHORTEST or word in known or word in vocabulary.names for word in _words_of(text)):
        return text

    def corrected(found: re.Match[str]) -> str:
        word = found.group().lower()
        if word in known or word in vocabulary.names or word in vocabulary.namespaces or word in vocabulary.clusters:
            return found.group()
        if _NEW_NAME.search(text[: found.start()]) is not None:
            return found.group()
        return _right(word, meant) or found.group()

    return _WORD.sub(corrected, text)


def _words_of(text: str) -> Iterator[str]:
    """The words of a text in lower case, without the marks around them."""
    return (word.strip(_AROUND) for word in text.lower().split())


def _right(word: str, meant: dict[str, int]) -> str | None:
    """The one word that a slip stands for: two letters changed about, one left out, or one typed twice."""
    near = process.extract(word, list(meant), scorer=OSA.distance, score_cutoff=1, limit=None)
    likely = sorted((other for other, _, _ in near if _is_slip(word, other)), key=lambda other: -meant[other])
    if not likely or (len(likely) > 1 and meant[likely[0]] < _SURELY * meant[likely[1]]):
        return None
    return likely[0]


def _is_slip(word: str, other: str) -> bool:
    if len(word) == len(other):
        return sorted(word) == sorted(other)
    if len(word) < len(other):
        return True
    return any(word[at] == word[at + 1] and word[:at] + word[at + 1 :] == other for at in range(len(word) - 1))
