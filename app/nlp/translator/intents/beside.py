"""What a text asks for beside a change: a look among remarks, nothing at all, or that something be left alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.nlp.translator.intents.moods import Mood, begins_with_imperative, may_forbid, mood_of
from app.nlp.translator.intents.parting import (
    begins_with_look,
    merged,
    names_in,
    parted,
    place_of,
    places_in,
    spoken,
    with_name,
)
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.likeness.guards import owes_a_change
from app.nlp.translator.plan import Behaviour, Plan

_ASKS = frozenset({Mood.REQUEST, Mood.QUESTION, Mood.SHORT})
_STATES = frozenset({Mood.REMARK, Mood.PAST, Mood.REPORT})
_HOLDS = re.compile(
    r"<\w+> (?:currently |still |already )?(?:has|had|have|runs|ran|is|was|are|were|uses|used|takes|took) (?:\w+ )?<(?!key)\w+>"
)
_TELLS = frozenset({Mood.REMARK, Mood.PAST, Mood.CONDITION, Mood.REPORT, Mood.DENIAL, Mood.LATER})


_LOOKING = frozenset({Behaviour.RUN, Behaviour.DIAGNOSE})
SURE_LOOK = 0.8


def wanted_look(clauses: Sequence[Clause], read: Callable[[str], Plan]) -> Plan | None:
    """The plan for the clauses that ask to see something, without what is said beside them; None where none is clear.

    Args:
        clauses: what was said.
        read: reads a text by the rules.
    """
    cut = list(parted(clauses))
    parts = [part for part, _ in merged(cut, [mood_of(part.text, part.mark) for part in cut])]
    if len(parts) < 2:
        return None
    if any(begins_with_imperative(part.text) and not begins_with_look(part) for part in parts):
        return None  # a change that is asked for is not answered by a look
    moods = [mood_of(part.text, part.mark) for part in parts]
    said = [word for part in parts for word in names_in(part)]
    for sort in (
        begins_with_look,
        lambda part: moods[parts.index(part)] is Mood.QUESTION,
        lambda part: moods[parts.index(part)] is Mood.SHORT,
    ):
        for part in parts:
            if not sort(part):
                continue
            plan = read(spoken(with_name(part, said)) + place_of(part, places_in(parts)))
            if plan.behaviour in _LOOKING and plan.confidence >= SURE_LOOK and not _is_bare(plan):
                return replace(plan, confidence=round(plan.confidence * 0.9, 2))
    return None


def _is_bare(plan: Plan) -> bool:
    return (
        len(plan.commands) == 1
        and plan.commands[0].startswith("kubectl get ")
        and "/" in plan.commands[0]
        and not plan.view
    )


def forbids(text: str, clauses: Sequence[Clause]) -> bool:
    """Whether a text begins with what must not be done ("hands off web"), and asks for nothing beside it.

    Args:
        text: what was said, in one line.
        clauses: what it is made of.
    """
    if not may_forbid(text):
        return False
    parts = list(parted(clauses))
    moods = [mood_of(part.text, part.mark) for part in parts]
    return bool(moods) and moods[0] is Mood.DENIAL and not any(mood in _ASKS for mood in moods[1:])


def only_tells(text: str, clauses: Sequence[Clause]) -> bool:
    """Whether a text states which values something has or had ("cart has 2 replicas as far as I know"), and no more.

    Args:
        text: what was said, in one line.
        clauses: what it is made of.
    """
    moods = [mood_of(part.text, part.mark) for part in parted(clauses)]
    holds = any(_HOLDS.search(clause.text) for clause in clauses)
    return bool(moods) and holds and all(mood in _STATES for mood in moods) and not owes_a_change(text)


def asks_for_nothing(text: str, clauses: Sequence[Clause]) -> bool:
    """Whether every clause of a text tells, reports, denies, supposes or puts off, and none asks.

    Args:
        text: what was said, in one line.
        clauses: what it is made of.
    """
    if owes_a_change(text):
        return False
    parts = list(parted(clauses))
    moods = [mood_of(part.text, part.mark) for part in parts]
    if moods and moods[0] is Mood.DENIAL:
        return not any(mood in {Mood.REQUEST, Mood.QUESTION} for mood in moods[1:])
    told = [
        mood in _TELLS and not begins_with_imperative(part.text)
        for part, mood in zip(parts, moods, strict=True)
        if not (len(part.words) == 1 and mood is Mood.SHORT and not names_in(part))  # "phew"
    ]
    return bool(told) and all(told)
