"""Reads a request again without what is said beside it: "kill that pod, its hung", "queue is growing so double cart".

Tried only where the whole was not clear. What falls away may hold words that nobody knows, but nothing that could turn
the request around: no negation, condition, time, question, report or quotation, and no other request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from app.nlp.translator.lexicon.parts import CHANGES, Form, Part, Verb
from app.nlp.translator.plan import Behaviour, Plan
from app.nlp.translator.tagger import Tag

MOST_TRIES = 12  # readings of one text; each costs as much as the first
_MOST_PIECES = 5
_CUTS = re.compile(
    r"[,;!.]+\s+|\s+-+\s+"
    r"|\s+(?=(?:because|cause|coz|cuz|bc|since|as|so|its|it's|it is|they're|they are|we|then it|i think|everything)\b)",
    re.IGNORECASE,
)
_LEADS = re.compile(r"^(?:so|then|because|since|as)\s+", re.IGNORECASE)
_POLITE = re.compile(r"^(?:so |then )?(?:please|pls|plz|can you|could you|would you|go ahead and)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:its|it|that|this one|that one)\b", re.IGNORECASE)
_TURNS_AROUND = frozenset({Part.NEGATION, Part.REPORT, Part.QUOTATION, Part.QUESTION})
_DELAYS = frozenset({Part.HEDGE})
_DONE = frozenset({Behaviour.RUN, Behaviour.CONFIRM, Behaviour.STRONG, Behaviour.DIAGNOSE})
_CHANGES = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})
_LESS_SURE = 0.85


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
    wanted = _CHANGES if changes_alone else _DONE
    for request, remarks in _parted(text):
        polite = _POLITE.match(request) is not None
        said_beside = [tagged(remark) for remark in remarks]
        if any(_matters(tags, polite=polite) for tags in said_beside):
            continue
        plain = _named(_LEADS.sub("", request), said_beside)
        plan = read(plain)
        if plan.behaviour in wanted and not (plan.behaviour is Behaviour.RUN and _holds_unknown(plan)):
            return replace(plan, confidence=round(plan.confidence * _LESS_SURE, 2))
    return None


def _parted(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each run of neighbouring pieces, longest first, with the pieces beside it."""
    pieces = [piece for piece in (part.strip() for part in _CUTS.split(text)) if piece]
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
            yield ", ".join(pieces[start:end]), [remark for remark in beside if remark]


def _matters(tags: Sequence[Tag], *, polite: bool) -> bool:
    """Whether a remark could turn the request beside it around, put it off, or is a request itself."""
    for tag in tags:
        if tag.part in _TURNS_AROUND or tag.words == "?" or (tag.part is Part.REPLY and tag.value != "thanks"):
            return True
        if tag.part is Part.HEDGE and tag.value == "schedule" and _tells(tags):
            continue
        if not polite and tag.part in _DELAYS:
            return True
        asks = isinstance(tag.value, Verb) and tag.value.action in CHANGES and tag.value.form is Form.BASE
        if asks and not polite:
            return True
        if polite and tag.part is Part.HEDGE and tag.value != "schedule":
            return True
    return False


def _tells(tags: Sequence[Tag]) -> bool:
    """Whether it tells what somebody does or needs at some time, and is no time for the request itself."""
    return len(tags) > 3 and any(tag.part is Part.PERSON for tag in tags)


def _named(request: str, said_beside: Sequence[Sequence[Tag]]) -> str:
    """The request with the one name that the remarks hold in the place of its first "it"."""
    names = {tag.words for tags in said_beside for tag in tags if tag.part is Part.NAME}
    if len(names) != 1:
        return request
    return _PRONOUN.sub(names.pop(), request, count=1)


def _holds_unknown(plan: Plan) -> bool:
    return any(reading.part == Part.UNKNOWN.value for reading in plan.reading)
