"""Reads a text like a known one that says nearly the same: its names and numbers put into the known one's words.

Rules read what they have forms for; people have more. Where no rule fits, the nearest of some eight thousand sentences
that are known to be read rightly is looked for, and what takes its place is read by the same rules as any request:
nothing is written here that they would not write. What speaks of a change is read so only where both say the same of
time, condition and negation.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from app.nlp.translator.likeness.filling import in_words_of
from app.nlp.translator.likeness.guards import mean_the_same
from app.nlp.translator.likeness.sentences import NEAR, examples
from app.nlp.translator.likeness.slots import pieces_of
from app.nlp.translator.plan import Behaviour, Plan
from app.nlp.translator.restraint import WANTED
from app.nlp.translator.surroundings import EXAMPLES
from app.nlp.translator.tagger import tag
from app.nlp.translator.targets import NOT_FOUND
from app.nlp.translator.tokens import tokenise
from app.nlp.translator.vocabulary import Vocabulary

UNSURE = 0.8  # of the rules
ANSWERED = 0.8  # by the rules: a help text, a thank you, what only the gateway knows
NEAR_FOR_A_CHANGE = 0.36
NEAR_FOR_A_LOSS = 0.45  # for what cannot be taken back
NEAR_FOR_A_YES = 0.8
NEAR_FOR_ANOTHER_LOOK = 0.6
NEAR_FOR_ANOTHER_READING = 0.5  # where the rules have one already
THE_SAME = 0.999
MOST_TRIED = 2  # of them, by the rules
EXECUTE = "execute pending"
READ_AS = "I read this as"
_CHANGING = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})
_WANTED = frozenset({Behaviour.RUN, Behaviour.CONFIRM, Behaviour.STRONG, Behaviour.DIAGNOSE, Behaviour.SESSION})
_NO_CHOICE = ((), EXAMPLES)
_BARE_GET = re.compile(r"kubectl get [a-z.]+/\S+(?: -o wide)?(?: -n \S+)?(?: --context \S+)?")
_SETS = re.compile(r"\b\d+(?:[KMG]i?|m)\b|\S[:=]\S")  # a size, an image, a key and its value: looks have none


def by_analogy(
    text: str, plan: Plan, vocabulary: Vocabulary, read: Callable[[str], Plan], *, follows: bool
) -> Plan | None:
    """The plan of the nearest known sentence with this text's names in it; None where none is near enough.

    Args:
        text: what the person said.
        plan: what the rules make of it: a question, or a mere look at an object.
        vocabulary: the names that the person may see.
        read: reads a text by the rules.
        follows: whether it stands behind an earlier turn.
    """
    pieces, tags = pieces_of(text, vocabulary)
    asked = plan.behaviour is Behaviour.CLARIFY
    not_read = asked and plan.choices in _NO_CHOICE and not plan.say.startswith((NOT_FOUND, WANTED))
    least = NEAR if not_read else NEAR_FOR_ANOTHER_READING
    seen: set[str] = set()
    for score, example in examples().nearest([piece.token for piece in pieces], follows=follows):
        itself = score > THE_SAME and example.plainer == example.tokens  # the rules read it, and rightly
        if score < least or example.blocks or itself or len(seen) == MOST_TRIED:
            return None
        said = in_words_of(example, pieces)
        if said is None or said in seen or said.lower() == text.lower():
            continue
        seen.add(said)
        found = read(said)
        if found.commands and found.commands == plan.commands:
            return None  # they agree
        if not _is_another(plan, found, score):
            continue
        like = tag(tokenise(in_words_of(example, pieces, plainer=False) or said), vocabulary)
        if found.behaviour is Behaviour.ANSWER and example.plainer == example.tokens:
            continue
        if mean_the_same(tags, like, changes=found.behaviour in _CHANGING):
            say = f'{found.say} {READ_AS} "{said}".'.strip()
            return replace(found, confidence=round(found.confidence * (0.5 + score / 2), 2), say=say)
    return None


def _is_another(plan: Plan, found: Plan, score: float) -> bool:
    """Whether a plan says more than the rules' own, and its sentence is near enough for what it does."""
    answers = found.behaviour is Behaviour.ANSWER and found.confidence >= ANSWERED
    if not (found.behaviour in _WANTED or answers):
        return False
    if found.behaviour in _CHANGING:
        return score >= (NEAR_FOR_A_LOSS if found.behaviour is Behaviour.STRONG else NEAR_FOR_A_CHANGE)
    if found.action == EXECUTE:
        return score >= NEAR_FOR_A_YES
    return score >= NEAR_FOR_ANOTHER_LOOK or not _is_bare_look(plan)


def may_be_like_another(text: str, plan: Plan) -> bool:
    """Whether the rules have no sure reading: they ask, are unsure, or see no more than that it names an object."""
    if plan.behaviour is Behaviour.RUN:
        return plan.confidence < UNSURE or _is_bare_look(plan) or _SETS.search(text) is not None
    leaves_no_choice = plan.choices == EXAMPLES or len(plan.choices) < 2 or plan.say.startswith((NOT_FOUND, WANTED))
    return plan.behaviour is Behaviour.CLARIFY and leaves_no_choice


def _is_bare_look(plan: Plan) -> bool:
    return len(plan.commands) == 1 and not plan.view and _BARE_GET.fullmatch(plan.commands[0]) is not None
