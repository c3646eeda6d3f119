"""Holds what the translator reads in a text against what the model takes it for, and settles which is believed.

How sure the model has to be depends on what it would do: a look costs nothing, a change is wanted surely, and nobody's
change is dropped for a trifle. The margins were chosen on lists that a model had not seen (`tests.language.training`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from app.nlp.translator import restraint
from app.nlp.translator.classification.labels import LISTS, NOTHING, REFUSED, UNCLEAR, label_of, label_of_commands
from app.nlp.translator.classification.model import Guess, model
from app.nlp.translator.classification.reading import read_as
from app.nlp.translator.doubts.misreadings import TAKES_OFF
from app.nlp.translator.doubts.telling import ASKED_OF_IT, is_wished, speaks_of_a_change
from app.nlp.translator.intents.moods import Mood, begins_with_imperative, mood_of, tells
from app.nlp.translator.intents.parting import names_in, parted
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.likeness.slots import Piece
from app.nlp.translator.plan import CHANGING, Behaviour, Plan, answer
from app.nlp.translator.targets import NOT_FOUND

MOST_WORDS: Final = 40  # of a text; what is longer says more than one thing
_DOES: Final = CHANGING | {Behaviour.RUN, Behaviour.DIAGNOSE, Behaviour.SESSION}
SCALE_ZERO: Final = "scale zero"
_SAYS_MORE: Final = {
    LISTS: re.compile(r"\blabel|=|\bcontents?\b|\binside\b|\bholds?\b|\bentries\b", re.IGNORECASE),
    "logs": re.compile(
        r"\b(?:before|prior|until|previous|live|follow\w*|stream\w*|keep|lines|last|latest|since|newest)\b",
        re.IGNORECASE,
    ),
    "top pods": re.compile(r"\b(?:containers?|first|top|most|sort\w*|order\w*|\w+est|hog\w*)\b", re.IGNORECASE),
    "top nodes": re.compile(r"\b(?:first|top|most|sort\w*|order\w*|\w+est)\b", re.IGNORECASE),
    "rollout history": re.compile(r"\b(?:rev|revision|version) \d", re.IGNORECASE),
    "autoscale": re.compile(r"%|\bpercent\b", re.IGNORECASE),
    "set resources": re.compile(r"\d\w* .*(?:\d(?:m\b|[KMG]i?)|\b(?:one|two|\d) cores?\b)"),
}
"""What tells that a request of a label may say more of it than the rules have read."""
_ONE_THING: Final = 0.5
_SURELY_ONE_THING: Final = 0.8
_BARE_GET: Final = re.compile(r"kubectl get [a-z]+/(?P<name>[\w.-]+)(?: -n [\w-]+)?(?: --context [\w-]+)?")
_MISSING: Final = re.compile(rf"{NOT_FOUND} \w+ “[^”]+(?<!ing)(?<!ed)(?<!ly)(?<!est)(?<!ical)”")
_STEPS: Final = re.compile(
    r"\b(?:then|after|afterwards|plus|first|also|n|followed|both|while|with)\b|[+&]"
    r"|\band (?!mem(?:ory)?\b|cpu\b|ram\b)",
    re.IGNORECASE,
)
_TELLS: Final = frozenset({Mood.PAST, Mood.REPORT, Mood.QUESTION, Mood.CONDITION})
_TURNING: Final = frozenset({Mood.CONDITION, Mood.REPORT, Mood.LETS_NOT})
_SETS_KEY: Final = re.compile(r"kubectl (?:taint|label|annotate|set env) ")
_REMOVED_KEY: Final = re.compile(r"\S-(?: |$)")
_HEDGED: Final = re.compile(r"\b(?:maybe|probably|hopefully|possibly)\b", re.IGNORECASE)
_NEVER: Final = frozenset({Mood.QUESTION, Mood.PAST, Mood.DENIAL})
_SETTLED: Final = frozenset({Behaviour.CLARIFY, Behaviour.REFUSE})  # for a reason, where they are not unclear
_SURE: Final = 0.9  # confidence of the rules
_SURELY: Final = 0.5  # margin above which nothing else is looked for, where the rules say the same
_TOLD: Final = 0.5  # margin above which nothing is asked for
_COMMANDED: Final = 0.8  # confidence of the rules in a command with remarks beside it
_SURELY_COMMANDED: Final = 0.95  # "just restart web, thanks" differs by two letters from what is told
_TOLD_AND_COMMANDED: Final = 1.0  # margin above which an imperative is no command
_TOLD_AND_NO_LOOK: Final = 0.3
_LOOK: Final = 0.4
_LOOK_WHERE_UNCLEAR: Final = 0.1
_LOOK_AND_NO_CHANGE: Final = 0.7
_LOOK_AND_NO_QUESTION: Final = 1.5
_CHANGE: Final = 0.3
_CHANGE_WHERE_UNCLEAR: Final = 0.2
_CHANGE_AND_NO_OTHER: Final = 0.5
_CHANGE_AND_NO_ANSWER: Final = 0.7


def guess(pieces: Sequence[Piece]) -> Guess | None:
    """What the model takes a text for; None where it is too long to tell."""
    return model().likeliest([piece.token for piece in pieces]) if 0 < len(pieces) <= MOST_WORDS else None


def is_confirmed(text: str, plan: Plan, likeliest: Guess | None, pieces: Sequence[Piece]) -> bool:
    """Whether the model takes a text for what a sure reading of it does."""
    if likeliest is None or plan.behaviour not in _DOES or plan.confidence < _SURE or likeliest.margin < _SURELY:
        return False
    return _label(plan, pieces) == likeliest.label and not _says_more(likeliest.label, text)


def _says_more(label: str | None, text: str) -> bool:
    more = _SAYS_MORE.get(label or "")
    return more is not None and more.search(text) is not None


def reconsidered(
    text: str,
    plan: Plan,
    likeliest: Guess | None,
    pieces: Sequence[Piece],
    clauses: Callable[[], Sequence[Clause]],
    read: Callable[[str], Plan],
    *,
    unclear: bool,
) -> Plan:
    """The plan, or what the model takes the text for where it is surer of something else.

    Args:
        text: what was said.
        plan: what it was read as.
        likeliest: what the model takes it for.
        pieces: the text.
        clauses: gives the same, clause by clause.
        read: reads a plain request by the rules.
        unclear: whether the plan is no sure reading.
    """
    if likeliest is None:
        return plan
    own = _label(plan, pieces)
    if own is None and plan.commands:
        return _of_one_thing(plan, likeliest, text)
    if own is None:
        return plan
    if _are_alike(own, likeliest.label):
        return _completed(own, plan, likeliest, pieces, clauses, read) if _says_more(own, text) else plan
    if likeliest.label == NOTHING and (plan.question is not None or plan.say.startswith(NOT_FOUND)):
        return plan
    if likeliest.label == NOTHING:
        commanded = (
            plan.behaviour in CHANGING
            and plan.confidence >= _COMMANDED
            and (likeliest.margin < _TOLD_AND_COMMANDED or plan.confidence >= _SURELY_COMMANDED)
        )
        if commanded and any(begins_with_imperative(clause.text) for clause in clauses()):
            return plan
        if not _is_only_told(plan, likeliest) or (plan.behaviour is Behaviour.CLARIFY and not _tells(clauses())):
            return plan
        return answer(ASKED_OF_IT if speaks_of_a_change(text) else restraint.TOLD, reading=plan.reading)
    if plan.say.startswith(restraint.NO_WAITING):
        return plan
    if likeliest.label in {UNCLEAR, REFUSED} or (plan.behaviour in _SETTLED and not unclear):
        return plan
    missing = likeliest.label == LISTS and _MISSING.match(plan.say) is not None  # and nothing else stands for it
    other = read_as(likeliest.label, pieces, clauses(), read, lent=not missing)
    if other is None or likeliest.margin < _least(plan, other, unclear=unclear):
        return plan
    if plan.behaviour in CHANGING and other.behaviour in CHANGING and _takes_off(plan) != _takes_off(other):
        return plan if _takes_off(plan) == (TAKES_OFF.search(text) is not None) else other
    if other.behaviour in CHANGING:
        sure = plan.behaviour is Behaviour.RUN and plan.confidence >= _SURE and not unclear
        return plan if sure or not _may_want(text, clauses()) else other
    asks_back = plan.behaviour is Behaviour.CLARIFY and any(begins_with_imperative(clause.text) for clause in clauses())
    unsure = likeliest.margin < _LOOK_AND_NO_QUESTION
    return plan if asks_back and unsure and likeliest.label in _SAYS_MORE else other


def _takes_off(plan: Plan) -> bool:
    """Whether a label, a taint or the like is taken off, which the model often takes for its opposite."""
    return any(_SETS_KEY.match(line) and _REMOVED_KEY.search(line) for line in plan.commands)


def _of_one_thing(plan: Plan, likeliest: Guess, text: str) -> Plan:
    """A plan without the looks that it has beside the one thing that the text asks for."""
    fitting = tuple(line for line in plan.commands if label_of_commands([line], (), {}) == likeliest.label)
    if not fitting or likeliest.margin < _ONE_THING or plan.behaviour is Behaviour.SESSION:
        return plan
    named_again = likeliest.margin >= _SURELY_ONE_THING and all(
        line in fitting or _merely_names(line, fitting) for line in plan.commands
    )
    return plan if _STEPS.search(text) and not named_again else replace(plan, commands=fitting)


def _merely_names(line: str, others: Sequence[str]) -> bool:
    """Whether a look at an object says no more than that another command is about it."""
    named = _BARE_GET.fullmatch(line)
    return named is not None and any(named["name"] in other for other in others)


def _completed(
    own: str,
    plan: Plan,
    likeliest: Guess,
    pieces: Sequence[Piece],
    clauses: Callable[[], Sequence[Clause]],
    read: Callable[[str], Plan],
) -> Plan:
    """A plan with what else the text says of it: how many lines, since when, sorted by what, a request and a limit."""
    other = read_as(likeliest.label, pieces, clauses(), read)
    if other is None or len(other.commands) != len(plan.commands):
        return plan
    if own == "set resources":
        more = sum(line.count("=") for line in other.commands) > sum(line.count("=") for line in plan.commands)
        return other if more else plan
    pairs = zip(plan.commands, other.commands, strict=True)
    return other if all(set(line.split()) < set(more.split()) for line, more in pairs) else plan


def _may_want(text: str, clauses: Sequence[Clause]) -> bool:
    """Whether a text may want one change: it does not merely ask, tell what was, deny, suppose or put off."""
    moods = [mood_of(clause.text, clause.mark) for clause in clauses]
    telling = [mood for clause, mood in zip(clauses, moods, strict=True) if names_in(clause)] or moods
    if (
        moods[:1] == [Mood.DENIAL]
        or restraint.begins_turned_away(text)
        or set(moods) & _TURNING
        or set(telling) == {Mood.QUESTION}
        or _HEDGED.search(text) is not None
    ):
        return False
    if any(word.tag.part is Part.QUOTATION for clause in clauses for word in clause.words):
        return False
    return not (set(telling) <= _NEVER and not is_wished(text)) and not _wants_several(clauses)


def _wants_several(clauses: Sequence[Clause]) -> bool:
    """Whether more than one thing is asked for, of which the model knows one."""
    parts = list(parted(clauses))
    return sum(begins_with_imperative(part.text) for part in parts) > 1


def _label(plan: Plan, pieces: Sequence[Piece]) -> str | None:
    return label_of(plan, [piece.value for piece in pieces if piece.token == "<number>"])


def _are_alike(label: str, other: str) -> bool:
    to_nothing = SCALE_ZERO in {label, other}
    return label == other or (label.startswith("scale ") and other.startswith("scale ") and not to_nothing)


def _is_only_told(plan: Plan, guess: Guess) -> bool:
    if any(line.startswith("kubectl rollout history ") for line in plan.commands):
        return False  # the look that answers whether something was changed
    looks = plan.behaviour in {Behaviour.RUN, Behaviour.DIAGNOSE, Behaviour.REFUSE}
    return guess.margin >= (_TOLD_AND_NO_LOOK if looks else _TOLD)


def _tells(clauses: Sequence[Clause]) -> bool:
    """Whether a text that led to a question has a verb that tells something at all, and asks for nothing."""
    if any(begins_with_imperative(clause.text) for clause in clauses):
        return False
    return any(mood_of(clause.text, clause.mark) in _TELLS or tells(clause.text) for clause in clauses)


def _least(plan: Plan, other: Plan, *, unclear: bool) -> float:
    """How sure the model has to be that another plan is meant."""
    changes = other.behaviour in CHANGING
    if plan.behaviour in CHANGING:
        return _CHANGE_AND_NO_OTHER if changes else _LOOK_AND_NO_CHANGE
    if plan.behaviour is Behaviour.ANSWER:
        return _CHANGE_AND_NO_ANSWER if changes else _LOOK
    if unclear:
        return _CHANGE_WHERE_UNCLEAR if changes else _LOOK_WHERE_UNCLEAR
    return _CHANGE if changes else _LOOK
