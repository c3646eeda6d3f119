"""Reads what a text wants changed by its clauses, whatever is said beside them.

The rules read forms of words; this reads what they leave: how things should be ("cart ought to be standing at six
replicas"), colloquial verbs ("stick web on nginx:1.26.2"), requests among remarks. Each clause that asks for something is
put as a plain request and read by the rules, which check names, places and risks as always. Where a condition, a report,
a time to come or a denial could turn the request around, there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from app.nlp.translator.intents.creations import creation, namespace_gone
from app.nlp.translator.intents.matching import wanted
from app.nlp.translator.intents.moods import (
    Mood,
    begins_with_imperative,
    is_asked_of_us,
    is_begged,
    mood_of,
    tells,
)
from app.nlp.translator.intents.parting import (
    WANTS,
    begins_with_look,
    merged,
    names_in,
    parted,
    place_of,
    places_in,
    spoken,
    with_name,
)
from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.lexicon.parts import CHANGES, Form, Verb
from app.nlp.translator.likeness.reading import READ_AS
from app.nlp.translator.plan import CHANGING, Behaviour, Plan

_TELLING = frozenset({"<setting>", "<image>", "<bytes>", "<key>"})  # values that say by themselves what is wanted
_BEFORE_A_VERB = frozenset(
    """
    please pls to and then just you can could would should must we also or lets so but <workload> <node> <pod> pods ok now the
    """.split()  # noqa: SIM905 - a list of words
) | {""}
_LESS_SURE = 0.9  # than of a request that the rules read as it was said
_STOPS = frozenset({Mood.CONDITION, Mood.REPORT})


_PASTED = " ; "  # what was sent in several lines
_PLACED = re.compile(
    r"\b(?:in|on|at|to|from|over in|inside|for) (?:the )?<(?:namespace|cluster)>|<(?:namespace|cluster)> (?:namespaces|cluster)"
)
_REVERTS = re.compile(
    r"\b(?:previous|last|old|earlier) (?:\w+ )?(?:version|one|release|image) back\b|\bback to (?:the )?(?:previous|last|old)"
)
_LEAD = re.compile(r"^(?:(?:and|then|please|also|afterwards|after that|i would like to|i want to) )+")


_FOLLOWED = re.compile(
    r"(?:wait|follow|watch|monitor|keep (?:an eye on|watching|track of)|observe|track|let me know|tell me|report|see (?:that|whether|if|how))\b.*\b(?:rollout|roll-out|complete|completed|done|finished|through|it (?:goes|went|is going)|until|ready|it|status|progress)\b"
)
_AFTERWARDS = re.compile(
    r"(?:[,.;] (?:and |then )*|\band (?:then )?|\bthen )(?:please )?(?:wait|follow|watch|monitor|keep an eye on|observe|track|let me know|tell me|check|make sure|verify|see)\b(?! (?:what|who|why|which))"
    r".*\b(?:rollout|done|finished|complete|completed|through|ready|goes|progress|comes? up|came up|is up|back up|it)\b",
    re.IGNORECASE,
)
_OF_OURS = re.compile(r"(?:(?:i|we|they|the \w+) )?(?:have to|has to|need to|needs to|must|want to|will)\b")  # a reason


_EITHER = re.compile(r"\bor (?!so\b|more\b|less\b|two\b|whatever\b)")


def wants_to_follow(text: str) -> bool:
    """Whether a text wants to be told how what it asks for comes along ("and then tell me when it's through")."""
    return _AFTERWARDS.search(text) is not None


def wanted_changes(text: str, clauses: Sequence[Clause], read: Callable[[str], Plan]) -> Plan | None:
    """The plan for the changes that a text wants; None where it wants none, or none that is clear.

    Args:
        text: what was said, in one line.
        clauses: what it is made of.
        read: reads a plain request by the rules.
    """
    if _PASTED in text:
        return None
    for said in _requests(clauses):
        plan = read(said)
        if plan.behaviour is Behaviour.REFUSE:
            return plan
        if plan.behaviour in CHANGING:
            say = f'{plan.say} {READ_AS} "{said}".'.strip()
            return replace(plan, say=say, confidence=round(plan.confidence * _LESS_SURE, 2))
    return None


def _requests(clauses: Sequence[Clause]) -> Iterator[str]:
    """The texts that may stand for it, each one or several plain requests, the likeliest first."""
    cut = list(parted(clauses))
    found = list(_steps(cut))
    yield from found or (_steps(clauses) if len(cut) > len(clauses) else ())


def _steps(parts: Sequence[Clause]) -> Iterator[str]:
    """The requests of some clauses, as texts that hold one or several of them."""
    moods = [
        Mood.REQUEST if at and _FOLLOWED.match(_LEAD.sub("", part.text)) else mood_of(part.text, part.mark)
        for at, part in enumerate(parts)
    ]
    if any(mood in _STOPS for mood in moods) or any(
        _stops(part, mood, at) for at, (part, mood) in enumerate(zip(parts, moods, strict=True))
    ):
        return
    places = places_in(
        [part for part, mood in zip(parts, moods, strict=True) if mood in WANTS or _PLACED.search(part.text)]
    )
    steps: list[list[str]] = []
    spoken_of: list[Word] = []
    said = [word for part in parts for word in names_in(part)]
    for part, mood in merged(parts, moods):
        spoken_of = names_in(part) or spoken_of
        if mood not in WANTS:
            if mood not in {Mood.QUESTION, Mood.DENIAL} and _commands(part):
                return  # what is asked for there is not to be lost
            continue
        if _EITHER.search(part.text):
            return
        ways = _ways(part, mood, spoken_of or said, changed=bool(steps), alone=Mood.QUESTION not in moods)
        if ways:
            steps.append([way if "namespace" in way else way + place_of(part, places) for way in ways])
        elif mood is Mood.REQUEST and begins_with_imperative(part.text) and not (steps and _OF_OURS.match(part.text)):
            return  # something is asked for that is not understood: nothing by halves
    if len(steps) == 1:
        yield from steps[0]
    elif steps:
        yield ", then ".join(ways[0] for ways in steps)


def _ways(part: Clause, mood: Mood, spoken_of: Sequence[Word], *, changed: bool, alone: bool) -> list[str]:
    """What a clause may want, each as a plain request."""
    made = creation(part) if mood is not Mood.LETS_NOT else None
    if made is not None:
        return [made]
    gone = namespace_gone(part) if mood is Mood.REQUEST else None
    if gone is not None:
        return [gone]
    if changed and spoken_of and _FOLLOWED.search(part.text):
        return [f"show the rollout status of {spoken_of[0].value}"]
    if changed and begins_with_look(part):
        return [spoken(with_name(part, spoken_of))]
    valued = any(word.token in _TELLING for word in part.words)
    named_first = part.words[0].token in NAMED and _commands(Clause(part.words[:2])) and len(names_in(part)) == 1
    if mood is Mood.SHORT and _commands(part) and not (valued or named_first or is_begged(part.text)):
        return []  # "cart restart checkout": nobody says it so
    if mood is Mood.SHORT and not names_in(part) and not (alone and _REVERTS.search(part.text)):
        return []
    return list(
        wanted(
            with_name(part, spoken_of),
            may_lose=mood is Mood.REQUEST and not is_asked_of_us(part.text),
            denied=mood is Mood.LETS_NOT,
            short=mood is Mood.SHORT,
        )
    )


def _stops(part: Clause, mood: Mood, at: int) -> bool:
    """Whether a clause turns what is said beside it around: it forbids, puts off, or leaves open."""
    if mood is Mood.DENIAL:
        return at == 0 or not part.text.startswith(("but ", "do not ", "leave ", "just do not ", "keep ", "not "))
    return mood is Mood.LATER and not tells(part.text)


def _commands(part: Clause) -> bool:
    """Whether a verb of change stands in it where one is asked for, and not as a noun or behind "will not"."""
    before = ""
    for word in part.words:
        verb = word.tag.value
        asked = before in _BEFORE_A_VERB
        if asked and isinstance(verb, Verb) and verb.form is Form.BASE and verb.action in CHANGES:
            return True
        before = word.token
    return False
