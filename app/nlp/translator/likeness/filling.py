"""A known sentence with a text's own values in its slots."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.nlp.translator.lexicon.english import ORDINARY
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.phrases import PHRASES
from app.nlp.translator.likeness.guards import TURNING
from app.nlp.translator.likeness.sentences import Example, stem
from app.nlp.translator.likeness.slots import KIND, NAME, NAMES, PLACES, WORD, Piece, values_in

NAMESPACES = "namespaces"
_HERE = frozenset({"this", "that", "the", "my", "our", "current"})  # before "namespace", which is no kind then
_EVERYWHERE = frozenset({"all", "every", "entire", "everywhere", "whole", "any", "anywhere"})


def in_words_of(example: Example, pieces: Sequence[Piece], *, plainer: bool = True) -> str | None:
    """The example, or what it says in plainer words, with this text's values in it; None where they do not fit."""
    kinds = _kinds_said(example.tokens, " ".join(example.plainer), pieces)
    if kinds is None:
        return None
    values: dict[str, list[str]] = defaultdict(list, {KIND: list(kinds.of_any)})
    for piece in pieces:
        values[_sort_of(piece.token)].append(piece.value)
    if kinds.of_name:
        values[NAME] = [f"{kinds.of_name} {values[NAME][0]}"]
    words = _words_at(example.tokens, pieces) if WORD in example.tokens else []
    if words is None:
        return None
    said = []
    for token in example.plainer if plainer else example.tokens:
        from_text = words if token == WORD else values[_sort_of(token)] if token.startswith("<") else [token]
        if not from_text:
            return None
        said.append(from_text.pop(0))
    places = [PLACES[slot].format(values[slot].pop(0)) for slot in PLACES if values[slot]]
    if any(values[slot] for slot in PLACES) or (places and _EVERYWHERE & set(said)):
        return None
    return " ".join(said) + "".join(places)


def _sort_of(token: str) -> str:
    return NAME if token in NAMES else token


@dataclass(frozen=True, slots=True)
class _Kinds:
    """The kinds that a text says: those in the place of an example's `KIND`, and one that only says what a name is."""

    of_any: tuple[str, ...] = ()
    of_name: str = ""


def _kinds_said(tokens: Sequence[str], plainer: str, pieces: Sequence[Piece]) -> _Kinds | None:
    """The kinds of a text as an example takes them; None where it has others."""
    said = [
        piece.token
        for before, piece in pairwise((Piece("", ""), *pieces))
        if piece.token in KINDS and not (piece.token == NAMESPACES and before.token in _HERE)
    ]
    any_kind = tokens.count(KIND)
    if any_kind:
        return _Kinds(tuple(said)) if len(said) == any_kind else None
    same_names = _names_in(tokens) == _names_in([piece.token for piece in pieces])
    left = [kind for kind in said if kind not in plainer and not (same_names and kind in tokens)]
    if not left:
        return _Kinds()
    names = [piece for piece in pieces if piece.token in NAMES]
    said_of_it = len(left) == len(names) == 1 and left[0] in names[0].kinds
    return _Kinds((), KINDS[left[0]].singular) if said_of_it else None


def _names_in(tokens: Iterable[str]) -> list[str]:
    return sorted(token for token in tokens if token in NAMES)


def without_the_rest(example: Example, pieces: Sequence[Piece]) -> tuple[list[Piece], Counter[str]] | None:
    """The text without the values that the example has no place for, and which these are; None where it lacks some.

    Which of two numbers is meant is told by the words beside them, as the best alignment of both sentences has them.
    """
    wanted, said = values_in(example.tokens), values_in(piece.token for piece in pieces)
    if wanted - said:
        return None
    rest = said - wanted
    if not rest:
        return list(pieces), rest
    used = {at for token, at in _aligned(example.tokens, pieces) if token.startswith("<")}
    kept = [
        piece
        for at, piece in enumerate(pieces)
        if at in used or piece.token in PLACES or not piece.token.startswith("<")
    ]
    return (kept, rest) if values_in(piece.token for piece in kept) == wanted else None


def _words_at(tokens: Sequence[str], pieces: Sequence[Piece]) -> list[str] | None:
    """What stands in a text where an example has a word of the person's own, by the best alignment of both."""
    found = []
    for token, at in _aligned(tokens, pieces):
        if token == WORD:
            said = pieces[at].token
            if (at == 0 and tokens[0] != WORD) or said in ORDINARY or said in TURNING or (said,) in PHRASES:
                return None
            found.append(pieces[at].value)
    return found if len(found) == tokens.count(WORD) else None


def _aligned(tokens: Sequence[str], pieces: Sequence[Piece]) -> Iterator[tuple[str, int]]:
    """Each token of an example with the place in the text that it stands for, in order."""
    rows, columns = len(tokens), len(pieces)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            best[i][j] = max(best[i + 1][j + 1] + _likeness(tokens[i], pieces[j].token), best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < rows and j < columns:
        likeness = _likeness(tokens[i], pieces[j].token)
        if likeness > 0 and math.isclose(best[i][j], best[i + 1][j + 1] + likeness):
            yield tokens[i], j
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1


def _likeness(token: str, other: str) -> float:
    if token == WORD:
        return 0.0 if other.startswith("<") else 0.6
    if token == other:
        return 2.0
    if token.startswith("<") and other.startswith("<"):
        return 1.0 if _sort_of(token) == _sort_of(other) else 0.0
    return 1.5 if stem(token) == stem(other) else 0.0
