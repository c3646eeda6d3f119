"""A text as words that forms can be matched against: names, numbers and other values become slots.

"Two web pods are enough" is `<number> <workload> pods are enough`. What stood in a slot is kept beside it, as it was
written. Nothing is understood here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.likeness.slots import Piece, pieces_in
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import Vocabulary

_ENDS = frozenset({",", ";", ".", "!", "?", ":", "-", "..", "...", "(", ")"})
_BEFORE_ONE = frozenset({"to", "at", "with", "just", "only", "=", "by", "run", "have", "need", "needs", "exactly"})
_COUNTED = re.compile(
    r"<\w+>|replicas?|pods|copy|copies|instances?|more|less|fewer|of|extra|additional|further|deployments|statefulsets|minutes?|hours?|days?|lines?"
)
_SLOT = re.compile(r"<\w+>")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a slot.

    Attributes:
        token: the word in lower case, a kind's plural, or a slot such as `<number>`.
        value: what stood there: a name as the vocabulary has it, a number in digits, else as written.
        kinds: of a name: what is called so.
        tag: the part that it belongs to.
    """

    token: str
    value: str
    kinds: frozenset[str]
    tag: Tag


@dataclass(frozen=True, slots=True)
class Clause:
    """Words between two marks.

    Attributes:
        words: they.
        mark: the mark behind them, empty at the end.
        text: all tokens in a row.
    """

    words: tuple[Word, ...]
    mark: str = ""
    text: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", " ".join([word.token for word in self.words]))

    def within(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that stand between two places of `text`."""
        found, at = [], 0
        for word in self.words:
            if at < end and at + len(word.token) > start:
                found.append(word)
            at += len(word.token) + 1
        return tuple(found)

    def of(self, *tokens: str) -> list[Word]:
        """The words that are one of these."""
        return [word for word in self.words if word.token in tokens]

    def parted(self, at: int) -> tuple[Clause, Clause]:
        """The words before a place in the list and those behind it."""
        return Clause(self.words[:at], ","), Clause(self.words[at + 1 :], self.mark)


def clauses_in(tags: Sequence[Tag], vocabulary: Vocabulary) -> list[Clause]:
    """The clauses of a text, in order; empty ones are left out."""
    found: list[Clause] = []
    words: list[Word] = []
    for tag in tags:
        if tag.part is Part.MARK and tag.words in _ENDS:
            if words:
                found.append(Clause(tuple(words), tag.words))
            words = []
            continue
        words += _words_of(tag, vocabulary)
    if words:
        found.append(Clause(tuple(words)))
    return [replace(clause, words=tuple(_with_pronouns(clause.words))) for clause in found]


def _with_pronouns(words: Sequence[Word]) -> Iterator[Word]:
    """The words with each "one" that counts nothing as a word: "I would be thankful for one"."""
    for at, word in enumerate(words):
        before, behind = (words[at - 1].token if at else ""), (words[at + 1].token if at + 1 < len(words) else "")
        counts = before in _BEFORE_ONE or _COUNTED.fullmatch(behind) is not None
        yield replace(word, token="one") if word.token == "<number>" and word.tag.low == "one" and not counts else word


def _words_of(tag: Tag, vocabulary: Vocabulary) -> Iterator[Word]:
    pieces = pieces_in([tag], vocabulary)
    if tag.part is Part.COURTESY:
        pieces = [Piece(word, word) for word in tag.low.split()]
    if len(pieces) == 1 and _SLOT.fullmatch(pieces[0].token):
        piece = pieces[0]
        value = piece.value if tag.part in {Part.NAME, Part.NUMBER, Part.NAMESPACE, Part.CLUSTER} else tag.words
        yield Word(piece.token, value, piece.kinds, tag)
        return
    written = tag.words.split()
    for at, piece in enumerate(pieces):
        said = written[at] if len(written) == len(pieces) else piece.value
        yield Word(piece.token, said, frozenset(), tag)


def joined(clauses: Iterable[Clause]) -> Clause:
    """Several clauses as one."""
    all_of_them = list(clauses)
    words = tuple(word for clause in all_of_them for word in clause.words)
    return Clause(words, all_of_them[-1].mark if all_of_them else "")
