"""Finds what is said beside a change and not in it: another sentence, a name, a value, somebody else who is spoken to.

A change is made of a text as a whole, or asked back: a short sentence behind it often says where, which, or that it is
not meant after all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from app.nlp.translator.doubts.values import is_held
from app.nlp.translator.intents.moods import Mood, begins_with_imperative, mood_of
from app.nlp.translator.intents.parting import WANTS
from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import EMPTY, NAMED
from app.nlp.translator.kubectl import Spoken
from app.nlp.translator.lexicon.parts import Part

_ENDS: Final = frozenset({".", "!", "?", ";", "(", ")"})
_SHORT: Final = 7  # words of a sentence that can only add to another
_TURNS: Final = re.compile(
    r"\b(?:wait|no(?! longer\b| rush\b| hurry\b)|not|nope|sorry|oops|wrong|only|just(?! for\b| a demo\b)|also|same|or|except|but|better|mean|meant|actually|too|instead|first|before|after|when|until|tomorrow|later"
    r"|forget|already|joke|draft|did|done|then|and|do not|dont|not needed|needs? to stay|has to stay|this is about|that is for|that is|hm+)\b"
)
_VALUED: Final = frozenset({"<image>", "<setting>", "<bytes>", "<size>"})
_OLD: Final = frozenset({"from", "of", "than", "was", "not", "old", "instead"})
_CALLED: Final = re.compile(r"[a-z]{2,12}", re.IGNORECASE)
_TO_ALL: Final = frozenset(
    """
    righto alrighty oi blimey crikey howdy yo cheers ta mate kubechat bot assistant everyone everybody hello hi hey ok okay yes no well so also then now please pls thanks thx asap
    urgent today quick quickly immediately again phew ugh argh ah oh wow gosh damn morning evening guys team folks all
    noschedule noexecute prefernoschedule
    """.split()  # noqa: SIM905 - a list of forty quoted words reads worse
)


def loose_sentence(clauses: Sequence[Clause], commands: Sequence[Spoken], lines: Sequence[str]) -> str | None:
    """A short sentence behind a request that is in no command, as it was said.

    Args:
        clauses: what was said.
        commands: what would be done.
        lines: the same as lines.
    """
    sentences = list(_sentences(clauses))
    held = " ".join((*lines, *(each.scope.cluster or "" for each in commands)))
    asked = False
    for sentence in sentences:
        text = " ".join(clause.text for clause in sentence)
        words = [word for clause in sentence for word in clause.words]
        asks = _CORRECTS.match(text) is None and any(
            begins_with_imperative(clause.text) and not _TURNS.match(clause.text) for clause in sentence
        )
        if asked and not asks and len(words) <= _SHORT and not any(clause.mark == "?" for clause in sentence):
            named = [word for word in words if word.token in NAMED | {"<number>", "<cluster>", "<namespace>", *_VALUED}]
            told = _CORRECTS.match(text) is None and any(
                mood_of(clause.text, clause.mark) in {Mood.REMARK, Mood.PAST} for clause in sentence
            )
            outside = any(not is_held(word.value, held) for word in named)
            if (outside and not told) or (_TURNS.search(text) is not None and not told) or _TAKES_BACK.search(text):
                tags = {id(word.tag): word.tag for word in words[:_SHORT]}  # one of several words stands once
                return " ".join(tag.words for tag in tags.values())
        asked = asked or asks or any(mood_of(clause.text, clause.mark) in WANTS for clause in sentence)
    return None


_CORRECTS: Final = re.compile(
    r"(?:hm+ )?(?:i (?:mean|meant)|(?:that|this|it) is (?:for|about|<)|that is|make that|make it|do not$|both )\b"
)
_TAKES_BACK: Final = re.compile(
    r"\b(?:forget it|wrong (?:chat|channel|window|one|room)|did (?:it|that)|on it|already done|too late|not needed|has to stay|just a test|was a joke|ask \w+ first)\b"
)


def _sentences(clauses: Sequence[Clause]) -> Iterator[list[Clause]]:
    sentence: list[Clause] = []
    for clause in clauses:
        sentence.append(clause)
        if clause.mark in _ENDS:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def lost_value(clauses: Sequence[Clause], lines: Sequence[str]) -> str | None:
    """An image, a size or a setting of a request that is in no command: "cart to 4 and nginx:1.27".

    Args:
        clauses: what was said.
        lines: what would be done.
    """
    held = " ".join(lines)
    for clause in clauses:
        if mood_of(clause.text, clause.mark) not in WANTS:
            continue
        before = ""
        for word in clause.words:
            unit = word.token in {"<bytes>", "<size>"} and any(c.isdigit() for c in word.value)
            number = re.match(r"\d+", word.value) if unit else None
            there = number.group() in held if number is not None else is_held(word.value, held)
            if word.token in _VALUED and before not in _OLD and not there:
                return word.value
            before = word.token
    return None


def lost_name(clauses: Sequence[Clause], commands: Sequence[Spoken], lines: Sequence[str]) -> str | None:
    """An object of a request that is in no command, where the request names several.

    Args:
        clauses: what was said.
        commands: what would be done.
        lines: the same as lines.
    """
    held = " ".join(lines)
    for clause in clauses:
        text = clause.text
        if mood_of(text, clause.mark) not in WANTS or _ONLY_NAMED.search(text) is not None:
            continue
        names = [word for word in clause.words if word.token in NAMED]
        lost = [
            word
            for word in names
            if word.tag.low == word.value and word.value not in held and not _is_pod_of(word, names, held)
        ]
        short = len(clause.words) <= _SHORT and not begins_with_imperative(text)
        if lost and (short or (len(names) > 1 and re.search(r"<\w+> (?:and|,|plus) ", text))):
            return lost[0].value
    return None


_ONLY_NAMED: Final = re.compile(
    r"\b(?:like|as in|same as|than|because|since|after|before|with|from|for the|behind|of the|uses?|for|so that)\b"
)


def _is_pod_of(word: Word, names: Sequence[Word], held: str) -> bool:
    return any(other.value in held and other.value.startswith(f"{word.value}-") for other in names)


def spoken_to(clauses: Sequence[Clause]) -> str | None:
    """Somebody who is called by name before a request or behind it: "mia, restart cart please".

    Args:
        clauses: what was said.
    """
    if len(clauses) < 2:
        return None
    for clause in (clauses[0], clauses[-1]):
        words = [word for word in clause.words if word.token not in _TO_ALL]
        if len(words) != 1 or len(clause.words) > 2:
            continue
        word = words[0]
        person = word.tag.part is Part.UNKNOWN and _CALLED.fullmatch(word.value) is not None and word.token not in EMPTY
        first = clause is clauses[0] and clause.mark in {",", ":"}
        last = clause is clauses[-1] and word.value[:1].isupper() and clauses[-2].mark in {",", "("}
        if person and (first or last) and not word.token.endswith(("ly", "ing", "ed")):
            return word.value
    return None
