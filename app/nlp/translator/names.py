"""Finds the name that words mean: exactly, as people say it, by a part of it, or misspelt.

It never picks between two names that are about equally near: it hands back all of them, and the caller asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.nlp.translator.lexicon.english import ORDINARY
from app.nlp.translator.lexicon.kinds import WORKLOADS
from app.nlp.translator.lexicon.phrases import PHRASES
from app.nlp.translator.vocabulary import Entry, Spellings, Vocabulary, stem

LONGEST_NAME = 4  # words: "data orders db 0" is the longest that people spell out
_MARGIN = 2  # edits by which the nearest name must lead the next one
_SINGLE_WORDS = Spellings(words[0] for words in PHRASES if len(words) == 1 and len(words[0]) > 3)
_PREFERRED = frozenset((*WORKLOADS, "cronjobs", "jobs"))


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The names that words may mean (more than one: ask), how surely (0 to 1), and the kind if it was said."""

    names: tuple[str, ...]
    score: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """An object that an earlier turn showed: what "it" or "the second one" stands for."""

    entry: Entry
    cluster: str | None = None


def said_exactly(vocabulary: Vocabulary, words: Sequence[str]) -> NameMatch | None:
    """The name that the words spell, up to plural endings and how it is joined ("payment api", "certmanager")."""
    if not all(map(str.isascii, words)):
        return None
    if len(words) == 1 and words[0] in vocabulary.names:
        return NameMatch((words[0],), 1.0)
    joined = "-".join(words)
    if joined in vocabulary.names:
        return NameMatch((joined,), 1.0)
    stems = [part for word in words for part in _stems(word)]
    found = vocabulary.spoken.get("-".join(stems)) or vocabulary.spoken.get("".join(stems))
    return NameMatch(tuple(found), 0.97) if found else None


@lru_cache(maxsize=8192)
def _stems(word: str) -> tuple[str, ...]:
    """The parts of a word that is a name or a piece of one, without their endings."""
    return tuple(stem(part) for part in word.replace(".", "-").replace("_", "-").split("-") if part)


def said_in_part(vocabulary: Vocabulary, word: str) -> NameMatch | None:
    """The names of which the word is a part ("nginx", the last part of a pod's name); workloads come first."""
    found = vocabulary.by_part.get(stem(word))
    if not found:
        return None
    distinct = tuple(dict.fromkeys(found))
    workloads = tuple(name for name in distinct if any(e.kind in _PREFERRED for e in vocabulary.names[name]))
    return NameMatch(workloads or distinct, 0.86)


def misspelt(vocabulary: Vocabulary, words: Sequence[str]) -> NameMatch | None:
    """The names nearest to words that no name is made of, within a distance that grows with their length."""
    found = _nearest("-".join(words), vocabulary.spelled)
    return NameMatch(tuple(name for name, _ in found), _score(found[0][1])) if found else None


@dataclass(frozen=True, slots=True)
class Guess:
    """What a misspelt word may mean: words of the lexicon, namespaces, clusters or names, all equally near."""

    words: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    score: float = 0.0


def guess(vocabulary: Vocabulary, word: str) -> Guess:
    """What is nearest to a word that nothing was found for; an ordinary English word is near to nothing."""
    if word in ORDINARY:
        return Guess()
    found = (
        list(_nearest_known_words(word)),
        _nearest(word, vocabulary.namespaces_spelled),
        _nearest(word, vocabulary.clusters_spelled),
        _nearest(word, vocabulary.spelled),
    )
    best = min((hits[0][1] for hits in found if hits), default=None)
    if best is None:
        return Guess()
    words, namespaces, clusters, names = (
        tuple(name for name, _ in hits) if hits and hits[0][1] == best else () for hits in found
    )
    return Guess(words, namespaces, clusters, names, _score(best))


@lru_cache(maxsize=4096)
def _nearest_known_words(word: str) -> tuple[tuple[str, int], ...]:
    if len(word) < 4 or not word.isalpha():
        return ()
    return tuple(
        hit for hit in _nearest(word, _SINGLE_WORDS, margin=1) if hit[0][0] == word[0] or hit[0][:2] == word[1::-1]
    )


def near_names(vocabulary: Vocabulary, word: str, limit: int = 3) -> tuple[str, ...]:
    """Names that are somewhat like the word, to be offered when none was found."""
    found = process.extract(word, vocabulary.spelled.words, limit=limit, score_cutoff=50)
    return tuple(name for name, _, _ in found)


def _score(distance: int) -> float:
    return round(0.93 - 0.04 * distance, 2)


def _nearest(word: str, choices: Spellings, margin: int = _MARGIN) -> list[tuple[str, int]]:
    """The nearest choices with their distance in edits: the best, and those less than the margin behind it."""
    if not word.isascii() or not 3 <= len(word) <= 80:
        return []
    allowed = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
    near = choices.within(len(word) - allowed, len(word) + allowed)
    found = process.extract(word, near, scorer=OSA.distance, score_cutoff=allowed, limit=5)
    if len(word) == 3:
        # A word of three letters may only have two of them swapped: with one letter changed it is another word.
        found = [hit for hit in found if sorted(hit[0]) == sorted(word)]
    if not found:
        return []
    best = found[0][1]
    return [(name, int(distance)) for name, distance, _ in found if distance < best + margin]
