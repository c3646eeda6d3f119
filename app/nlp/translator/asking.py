"""Finds the one part of a text that asks for something, where everything beside it only tells.

"The metrics look good, carry on with the rollout of cart" wants one thing, and nothing of metrics. What is beside the
part may give a reason, a purpose or a courtesy; as soon as it could change what is meant, the text stays whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.nlp.translator.classification.labels import NO_REQUEST, NOTHING, changes_something, label_of
from app.nlp.translator.classification.model import Guess
from app.nlp.translator.intents.moods import Mood, begins_with_imperative, mood_of
from app.nlp.translator.intents.parting import begins_with_look
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.likeness.slots import NAMES
from app.nlp.translator.plan import DONE, Behaviour, Plan
from app.nlp.translator.remarks import named, parted
from app.nlp.translator.tagger import Tag

LEAST: Final = 0.3  # margin of the part by itself: below it is no clear request
_MOST_TRIED: Final = 3
_MOST_LOOKED_AT: Final = 6  # the shortest parts: three pieces have five, and of more than four few ask
_AMONG_REMARKS: Final = 0.6  # margin of a part, which is enough however much is told beside it
_MERE_WORDS: Final = 3  # fewer are a name, or how it is to be done
_TELLING: Final = frozenset({Mood.REMARK, Mood.PAST})
_SCALES: Final = frozenset({"scale to", "scale up", "scale down"})
_VALUES: Final = frozenset({"<image>", "<setting>", "<bytes>", "<size>", "<key>"})
_PLACES: Final = frozenset({"<namespace>", "<cluster>"})
_PURPOSE: Final = re.compile(
    r"^(?:(?:so|as|because|and|that|just) )*(?:(?:i|we) )?(?:(?:just|only|really|first) )*"
    r"(?:(?:want|need|have|would like|d like|am going|are going) to|wanna|would rather|must) "
    r"(?:see (?:if|whether)\b|find out (?:if|whether)\b|check (?:if|whether)\b"
    r"|(?!see\b|show\b|know\b|list\b|read\b|have\b|you\b|be shown\b|find\b)\w+)"
    r"|^to \w+|^so (?:that|i|we|they|it|he|she|people|users)\b"
)
_NEEDS_IT: Final = re.compile(
    r"^(?:[\w<>'-]+ ){1,6}(?:needs?|wants?|requires?|expects?|asks? for|depends? on|relies on) (?:it|that|this|them)"
    r"(?: (?!on\b|in\b|at\b|to\b|with\b)\w+){0,2}$"
)
_TURNS: Final = re.compile(
    r"\b(?:not|no|never|nobody|nothing|none|only|except|excluding|but|unless|if|when|until|till|after|before|while|once"
    r"|instead|rather|either|or|both|also|too|well|likewise|together|along|same|other|others|then|tomorrow|tonight|later|next|monday|tuesday"
    r"|wednesday|thursday|friday|saturday|sunday|wait|stop|forget|cancel|ignore|mean|meant|sorry|correction|maybe"
    r"|perhaps|probably|everything|all|every|each|dont|can't|cannot|won't)\b|n't\b"
)
"""What, said beside a change, may put it off, turn it around, or belong to it."""
_TURNS_A_PURPOSE: Final = re.compile(
    r"\b(?:not|no|never|nobody|nothing|none|only|except|unless|instead|until|till|tomorrow|tonight|later|next)\b|n't\b"
)
_COURTESY: Final = re.compile(
    r"(?:(?:hi|hey|hello|good|morning|afternoon|evening|there|team|all|folks|please|pls|plz|thanks|thx|thank|you|ta"
    r"|cheers|sorry|to|bother|again|for|the|trouble|noise|asap|quick|quickly|one|ok|okay|right|well|honestly|just|a|sec"
    r"|second|moment|kindly|urgent|urgently|now|mate|everyone|everybody|question|favour|favor|my|bad|fault|oops|lol"
    r"|haha|ugh|hm+|in|advance) ?)+"
)


@dataclass(frozen=True, slots=True)
class Readers:
    """How a text is read.

    Attributes:
        tags: its parts of speech.
        clauses: its clauses.
        guess: what the model takes it for.
        plan: what is done about it, doubts and all.
    """

    tags: Callable[[str], Sequence[Tag]]
    clauses: Callable[[str], Sequence[Clause]]
    guess: Callable[[str], Guess | None]
    plan: Callable[[str], Plan]


def asking_part(
    text: str, whole: Guess | None, plan: Plan, readers: Readers, *, is_doubted: bool = False
) -> Plan | None:
    """The plan of the part of a text that asks; None where there is none, or where what is beside it may matter.

    Args:
        text: what was said.
        whole: what the model takes it for as a whole.
        plan: what it was read as.
        readers: how its parts are read.
        is_doubted: whether the plan is a doubt; then what stands behind a request may be what raised it.
    """
    tried = 0
    for request, remarks, is_last in sorted(parted(text), key=lambda each: len(each[0]))[:_MOST_LOOKED_AT]:
        if is_doubted and not is_last:
            continue
        guess = readers.guess(request)
        if guess is None or guess.label in NO_REQUEST or guess.margin < LEAST or not _agree(whole, guess):
            continue
        changes = changes_something(guess.label)
        strictly = changes or (whole is not None and whole.label == NOTHING)
        beside = [clause for remark in remarks for clause in readers.clauses(remark)]
        if not all(_only_tells(clause, strictly=strictly) for clause in beside):
            continue
        said = named(request, [readers.tags(remark) for remark in remarks])
        if changes and any(mood_of(each.text, each.mark) in _TELLING for each in readers.clauses(said)):
            continue
        tried += 1
        found = readers.plan(said)
        fits = found.behaviour in DONE and _alike(label_of(found), guess.label)
        if fits and not _adds_nothing(found, plan) and (changes or not _lacks_a_name(found, beside)):
            return replace(found, confidence=round(found.confidence * 0.9, 2))
        if tried == _MOST_TRIED:
            return None
    return None


def _agree(whole: Guess | None, part: Guess) -> bool:
    if whole is None or whole.margin < LEAST or _alike(whole.label, part.label):
        return True
    return whole.label == NOTHING and part.margin >= min(whole.margin, _AMONG_REMARKS)  # most of the text tells


def _alike(label: str | None, other: str) -> bool:
    return label == other or (label in _SCALES and other in _SCALES)


def _adds_nothing(found: Plan, plan: Plan) -> bool:
    """Whether a look at a part says less than what the whole was read as."""
    if plan.behaviour is not Behaviour.RUN or found.behaviour is not Behaviour.RUN:
        return False
    return len(plan.commands) == 1 and set(found.commands[0].split()) <= set(plan.commands[0].split())


def _lacks_a_name(found: Plan, beside: Sequence[Clause]) -> bool:
    """Whether a look is not at what is named beside it: "grafana is slow, any idea?"."""
    looked_at = " ".join([*found.commands, found.target])
    places = {word.value for clause in beside for word in clause.words if word.token in _PLACES}
    names = {word.value for clause in beside for word in clause.words if word.token in NAMES and word.tag.score == 1}
    return any(name not in looked_at for name in names | places)


def _says_nothing_of_it(clause: Clause) -> bool:
    """Whether some words without a verb hold nothing that a request could be about: "load test on top of it all"."""
    of_something = any(word.token.startswith("<") or word.token in KINDS for word in clause.words)
    return len(clause.words) >= _MERE_WORDS and not of_something and _TURNS.search(clause.text) is None


def _only_tells(clause: Clause, *, strictly: bool) -> bool:
    """Whether a clause beside a request gives a reason, a purpose or a courtesy, and nothing that belongs to it."""
    text = clause.text
    if _COURTESY.fullmatch(text) is not None:
        return True
    if clause.mark == "?" or any(word.token in _VALUES for word in clause.words):
        return False
    if _NEEDS_IT.match(text) is not None:
        return True
    if _PURPOSE.match(text) is not None:
        return not (strictly and _TURNS_A_PURPOSE.search(text))
    mood = mood_of(text, clause.mark)
    if mood is Mood.SHORT and _says_nothing_of_it(clause):
        return True
    if begins_with_imperative(text) or begins_with_look(clause) or mood not in _TELLING:
        return False
    if not strictly:
        return True
    names = any(word.token in NAMES and word.tag.score == 1 for word in clause.words)
    counted = bool(clause.of("<number>"))
    return not names and not counted and _TURNS.search(text) is None
