"""A clause's words in one line, to be held against forms of words, and the way back from a place in it to its tags.

A form of words has to fit from the first word to the last: what stands beside it, a condition, a negation or a
question, keeps it from fitting. That is why these forms may hold words that the lexicon does not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from app.nlp.translator.frame import Frame
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import Plan
from app.nlp.translator.tagger import Tag

_ARTICLES = frozenset({"the", "a", "an", "my", "our", "your", "me", "teh", "hte"})
_PLACES = frozenset({Part.NAMESPACE, Part.CLUSTER, Part.EVERY_CLUSTER})
_IN_AN_OBJECT = frozenset({Part.NAME, Part.KIND, Part.FILLER, Part.PREPOSITION, Part.LINK, Part.MARK}) | _PLACES
_WITH_ARTICLE = re.compile(r" (?:a|an|the)$", re.IGNORECASE)  # of "start a", which is one part
_LINKING = frozenset({"and", "also", "both"})


@dataclass(frozen=True, slots=True)
class Wording:
    """Words of a clause.

    Attributes:
        text: them in one line, without courtesies, articles and places that stand in front; numbers in digits.
        spans: first character, end and tag of each part, in order.
        before: the places that stood in front.
    """

    text: str
    spans: tuple[tuple[int, int, Tag], ...]
    before: tuple[Tag, ...]

    def tags(self, start: int, end: int) -> list[Tag]:
        """The tags of a part of the text."""
        return [tag for first, last, tag in self.spans if first < end and last > start]


Make = Callable[[Frame, "Fit"], Plan | None]


@dataclass(frozen=True, slots=True)
class Fit:
    """A form of words that fits.

    Attributes:
        words: what its named places hold, as it was written; a place that holds nothing is left out.
        frame: the clause with the tags of its object and of places alone, as `find_targets` reads it.
    """

    words: dict[str, str]
    frame: Frame

    def has(self, name: str) -> bool:
        """Whether a named place holds something."""
        return name in self.words


def worded(frame: Frame) -> Wording:
    """The wording of a clause."""
    tags = [tag for tag in frame.tags if not _is_empty(tag)]
    while len(tags) > 1 and tags[-1].part is Part.REPLY and tags[-1].value == "thanks":
        tags.pop()
    before: list[Tag] = []
    while len(tags) > 2 and tags[0].part is Part.PREPOSITION and tags[1].part in _PLACES:
        before.append(tags[1])
        tags = tags[2:]
    text, spans = "", []
    for tag in tags:
        words = str(tag.value) if tag.part is Part.NUMBER else _WITH_ARTICLE.sub("", tag.words)
        text += " " if text else ""
        spans.append((len(text), len(text) + len(words), tag))
        text += words
    return Wording(text, tuple(spans), tuple(before))


def _is_empty(tag: Tag) -> bool:
    if tag.part is Part.MARK:
        return tag.words != "?"
    return tag.part is Part.COURTESY or (tag.part is Part.FILLER and tag.low in _ARTICLES)


def fit(frame: Frame, wording: Wording, form: re.Pattern[str]) -> Fit | None:
    """A clause held against one form of words; None when it does not fit whole, or its object is none."""
    found = form.fullmatch(wording.text)
    if found is None:
        return None
    tags: list[Tag] = list(wording.before)
    if "object" in form.groupindex:
        tags += wording.tags(*found.span("object"))
        if not any(tag.part is Part.NAME for tag in tags) or not all(map(_in_an_object, tags)):
            return None
    if found.groupdict().get("place") and not all(map(_in_a_place, wording.tags(*found.span("place")))):
        return None
    words = {name: value for name, value in found.groupdict().items() if value is not None}
    return Fit(words, Frame(tags, frame.vocabulary, frame.context))


def _in_a_place(tag: Tag) -> bool:
    return tag.part in _PLACES or tag.part in {Part.PREPOSITION, Part.FILLER, Part.KIND}


def _in_an_object(tag: Tag) -> bool:
    if tag.part is Part.QUANTITY:
        return tag.low == "both"
    return tag.part in _IN_AN_OBJECT and (tag.part is not Part.LINK or tag.low in _LINKING)
