"""Reads a request again without what is said beside it: "kill that pod, its hung", "queue is growing so double cart".

Tried only where the whole was not clear. What falls away may hold words that nobody knows, but nothing that could turn
the request around: no negation, condition, time, question, report or quotation, and no other request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
from app.nlp.translator.plan import CHANGING, DONE, Behaviour, Plan
from app.nlp.translator.tagger import Tag

MOST_TRIES = 12  # readings of one text; each costs as much as the first
_MOST_PIECES = 5
_CUTS = re.compile(
    r"[,;!.]+\s+|(?<=\?)\s+(?=\w)|\s+-+\s+"
    r"|\s+(?=(?:because|cause|coz|cuz|bc|since|as|so|its|it's|it is|they're|they are|we|then it|i think|everything)\b)",
    re.IGNORECASE,
)
_LEADS = re.compile(r"^(?:so|then|because|since|as)\s+", re.IGNORECASE)
_POLITE = re.compile(r"^so\b|^(?:then )?(?:please|pls|plz|can you|could you|would you|go ahead and)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:its|it|that|this one|that one)\b", re.IGNORECASE)
_SAYS_WHEN = re.compile(r"\b(?:before|after|since|when) it\b", re.IGNORECASE)
_TURNS_AROUND = frozenset({Part.NEGATION, Part.REPORT, Part.QUOTATION, Part.QUESTION})
_MILD = frozenset({"wants", "want", "wanted", "before", "after", "while", "during", "going to", "about to", "planned"})
_WISHES = frozenset({"wants", "want", "wanted", "hopes"})  # of somebody, told as a reason
_BEFORE_A_REQUEST = frozenset({Part.COURTESY, Part.MARK, Part.LINK, Part.REPLY})
_DELAYS = frozenset({Part.HEDGE})
_DONE = DONE - {Behaviour.SESSION}
_SURE = 0.9  # an answer that is no mere evasion
_LESS_SURE = 0.85


@dataclass(frozen=True, slots=True)
class Request:
    """A part of a text that may be a request of its own.

    Attributes:
        text: it, with the name from what is said beside it in the place of its first "it".
        may_change: whether nothing beside it could turn a change around, put it off, or is a request itself.
        may_look: the same for a look.
    """

    text: str
    may_change: bool
    may_look: bool


def requests_in(text: str, tagged: Callable[[str], Sequence[Tag]]) -> Iterator[Request]:
    """The parts of a text that may stand for themselves, the longest first."""
    for request, remarks, _ in parted(text):
        beside = [tagged(remark) for remark in remarks]
        polite = _POLITE.match(request) is not None
        yield Request(
            named(request, beside),
            not any(_matters(tags, polite=polite) or _goes_on(tags) for tags in beside),
            not any(_asks(tags) for tags in beside),
        )


def without_remarks(
    text: str,
    read: Callable[[str], Plan],
    tagged: Callable[[str], Sequence[Tag]],
    *,
    changes_alone: bool = False,
) -> Plan | None:
    """The plan for the longest part of a text that stands for itself, else None.

    Args:
        text: what was said, and was not clear as a whole.
        read: makes the plan of a text.
        tagged: the parts of speech of a text.
        changes_alone: whether a read would be no better than what the whole was taken for.
    """
    wanted = CHANGING if changes_alone else _DONE
    for request in requests_in(text, tagged):
        plan = read(request.text)
        told = plan.question is not None or (plan.behaviour is Behaviour.ANSWER and plan.confidence >= _SURE)
        if not (plan.behaviour in wanted or (told and not changes_alone)):
            continue
        if plan.behaviour in CHANGING:
            stands = request.may_change
        else:
            stands = request.may_look and not _holds_unknown(plan)
            stands = stands and (plan.question is None or not _commands(tagged(request.text)))
        if stands:
            return replace(plan, confidence=round(plan.confidence * _LESS_SURE, 2))
    return None


def pieces_of(text: str) -> list[str]:
    """A text cut at its marks, and before words that begin a reason or what follows from one."""
    return [piece for piece in (part.strip() for part in _CUTS.split(text)) if piece]


def parted(text: str) -> Iterator[tuple[str, list[str], bool]]:
    """Each run of neighbouring pieces, longest first, with the pieces beside it and whether it is at the end."""
    pieces = pieces_of(text)
    if not 1 < len(pieces) <= _MOST_PIECES:
        return
    tries = 0
    for length in range(len(pieces) - 1, 0, -1):
        for start in range(len(pieces) - length + 1):
            tries += 1
            if tries > MOST_TRIES:
                return
            end = start + length
            beside = (" ".join(pieces[:start]), " ".join(pieces[end:]))
            yield ", ".join(pieces[start:end]), [remark for remark in beside if remark], end == len(pieces)


def turns_around(tags: Sequence[Tag]) -> bool:
    """Whether words beside an answer or a request could change what it means."""
    return _matters(tags, polite=False)


def _matters(tags: Sequence[Tag], *, polite: bool) -> bool:
    """Whether a remark could turn the request beside it around, put it off, or is a request itself."""
    if not polite and _commands(tags):
        return True
    for tag in tags:
        if tag.part in _TURNS_AROUND or tag.words == "?" or (tag.part is Part.REPLY and tag.value != "thanks"):
            return True
        if tag.part is Part.HEDGE and _tells(tags) and (tag.value == "schedule" or tag.low in _WISHES):
            continue
        if not polite and tag.part in _DELAYS:
            return True
        if polite and tag.part is Part.HEDGE and tag.value != "schedule" and tag.low not in _MILD:
            return True
    return False


def _goes_on(tags: Sequence[Tag]) -> bool:
    """Whether it only names more objects or amounts: it belongs to what is asked for, and tells nothing of it."""
    tells = {Part.AUXILIARY, Part.VERB, Part.STATUS, Part.UNKNOWN}
    counted = [tag for tag in tags if tag.part is Part.UNKNOWN and tag.words[:1].isdigit()]  # "60%"
    amounts = bool(counted) or any(tag.part in {Part.NAME, Part.NUMBER} for tag in tags)
    return amounts and not any(tag.part in tells and tag not in counted for tag in tags)


def _asks(tags: Sequence[Tag]) -> bool:
    """Whether it asks for something itself, beside a request to look."""
    return _commands(tags) or any(
        tag.words == "?"
        or (tag.part is Part.REPLY and tag.value != "thanks")
        or tag.part in _TURNS_AROUND
        or (tag.part is Part.HEDGE and tag.value != "schedule")
        for tag in tags
    )


def _commands(tags: Sequence[Tag]) -> bool:
    """Whether a verb of change stands in it where a request begins; behind an article or a name it is a noun."""
    return any(
        isinstance(tag.value, Verb)
        and (tag.value.action in CHANGES or tag.value.action is Action.LIGHT)
        and tag.value.form is Form.BASE
        and (at == 0 or tags[at - 1].part in _BEFORE_A_REQUEST)
        for at, tag in enumerate(tags)
    )


def _tells(tags: Sequence[Tag]) -> bool:
    """Whether it tells what somebody does or needs at some time, and is no time for the request itself."""
    return len(tags) > 3 and any(tag.part is Part.PERSON for tag in tags)


def named(request: str, said_beside: Sequence[Sequence[Tag]]) -> str:
    """A part of a text without the words that lead to it, with the one name of its remarks for "it", and their place.

    Args:
        request: the part.
        said_beside: what is said beside it.
    """
    request = _LEADS.sub("", request)
    places = [
        f" in {tag.words}"
        for tags in said_beside
        for tag in tags
        if tag.part in {Part.CLUSTER, Part.NAMESPACE} and tag.words not in request
    ]
    if any(tag.part is Part.EVERY_CLUSTER for tags in said_beside for tag in tags):
        places.append(" on all clusters")
    request += "".join(dict.fromkeys(places))  # what is said of a place is meant there
    names = {tag.words for tags in said_beside for tag in tags if tag.part is Part.NAME and tag.score == 1}
    if len(names) != 1:
        return request
    name = names.pop()
    if _SAYS_WHEN.search(request):
        return f"{request} of {name}"
    return _PRONOUN.sub(name, request, count=1)


def _holds_unknown(plan: Plan) -> bool:
    return any(reading.part == Part.UNKNOWN.value for reading in plan.reading)
