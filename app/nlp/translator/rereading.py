"""Further looks at a text that was not clear as a whole: the part that asks, step by step, with names for "it".

Each puts the text otherwise and has it translated anew, with all doubts; none of them decides by itself what is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from app.nlp.translator import restraint
from app.nlp.translator.asking import Readers, asking_part
from app.nlp.translator.classification.labels import changes_something
from app.nlp.translator.classification.reconsidering import guess
from app.nlp.translator.doubts.telling import ASKED_OF_IT
from app.nlp.translator.followups.naming import with_names
from app.nlp.translator.intents.moods import begins_with_imperative
from app.nlp.translator.intents.plainer import clauses_of
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.likeness.reading import may_be_like_another
from app.nlp.translator.likeness.slots import pieces_in
from app.nlp.translator.plan import CHANGING, DONE, Behaviour, Context, Plan
from app.nlp.translator.references import last_spoken
from app.nlp.translator.rules import combined, is_bare_look
from app.nlp.translator.stepping import may_change, steps_in_full
from app.nlp.translator.utterance import Utterance
from app.nlp.translator.vocabulary import Vocabulary

Translated = Callable[[str, Context, Vocabulary], Plan]
READS: Final = frozenset({Behaviour.RUN, Behaviour.DIAGNOSE})
_LOOKS: Final = re.compile(
    r"(?:please |pls )?(?:show|list|get me|display|give me|let me see|print|fetch)\b", re.IGNORECASE
)
_SURE: Final = 0.9  # confidence of a look, below which it may be no more than what a text names
_SURELY: Final = 0.7  # margin of a change that is asked for all the same
_PARTS: Final = re.compile(r"[,;.!]\s+\w|\s-+\s|\b(?:because|cause|coz|cuz|bc|since|as|so|its|it's)\b", re.IGNORECASE)
_LISTS: Final = re.compile(r"kubectl (?:get [\w,.-]+|top pods|events)(?= -)")
_LAST_PART: Final = re.compile(r"(?P<told>.+)[,;.:!]+ (?:so |and |then )?(?P<asked>[^,;.:!?]+ [^,;.:!?]+[.!?]*)")
_MATTERS: Final = re.compile(  # in what stands before: it denies, puts off, supposes or reports
    r"\?|\b(?:do not|don't (?!trust|like|get|understand|see)|not (?:now|yet|today|so fast)|never (?:do|run|touch)"
    r"|wait|hold on|hang on"
    r"|if|unless|when|until|before|once|tomorrow|later|tonight|monday|would|could|should|said|says|told|asked|yes|cancel)\b",
    re.IGNORECASE,
)
_MORE: Final = re.compile(r"\b(?:and|also|plus|then|both|too|as well)\b", re.IGNORECASE)
_BARE_LOOK: Final = re.compile(r"kubectl get [a-z]+/(?P<name>[\w.-]+)(?: -n [\w-]+)?(?: --context [\w-]+)?")
_THEN: Final = re.compile(r"\b(?:then|after that|afterwards|thereafter|finally)\b", re.IGNORECASE)
_MERELY_TOLD: Final = frozenset({restraint.TOLD, ASKED_OF_IT})
MAY_BE_STEPS: Final = frozenset({Behaviour.CLARIFY, Behaviour.RUN, Behaviour.ANSWER})


def everywhere(said: Utterance, plan: Plan) -> Plan:
    """A list with the objects of all namespaces, where the text says so and the plan has lost it."""
    if plan.behaviour is not Behaviour.RUN or said.context.turns:
        return plan
    meant = any(
        tag.part is Part.EVERYWHERE and not (at and said.tags[at - 1].part is Part.NEGATION)
        for at, tag in enumerate(said.tags)
    )
    if not meant or any(tag.part in {Part.NAMESPACE, Part.NAME} for tag in said.tags):
        return plan
    here = f" -n {said.context.namespace}"
    lists = all(_LISTS.match(line) and line.count(here) == 1 for line in plan.commands)
    return replace(plan, commands=tuple(line.replace(here, " -A") for line in plan.commands)) if lists else plan


def of_the_part_that_asks(said: Utterance, plan: Plan, translated: Translated, *, is_doubted: bool = False) -> Plan:
    """The plan, or that of the one part of a text that asks for something, where the whole was not read or has more."""
    if (said.context.turns and not said.stands_alone) or not _PARTS.search(said.text):
        return plan
    told = plan.behaviour is Behaviour.ANSWER and plan.say in _MERELY_TOLD
    several = len(plan.commands) > 1 and not _THEN.search(said.text)
    if not (told or several or may_be_like_another(said.text, plan)):
        return plan
    alone = replace(said.context, turns=())
    readers = Readers(
        said.tagger,
        lambda text: clauses_of(text, said.vocabulary, said.tagger),
        lambda text: guess(pieces_in(said.tagger(text), said.vocabulary)),
        lambda text: translated(text, alone, said.vocabulary),
    )
    return asking_part(said.text, said.guess, plan, readers, is_doubted=is_doubted) or plan


def by_name(said: Utterance, plan: Plan, translated: Translated) -> Plan | None:
    """What an unclear text asks for once "it" and "the second one" are names: then it is read as if it stood alone."""
    unclear = plan.behaviour is Behaviour.CLARIFY or (plan.behaviour is Behaviour.ANSWER and plan.say in _MERELY_TOLD)
    may_be_more = plan.behaviour is Behaviour.RUN and plan.confidence < _SURE
    waits = bool(said.context.turns) and said.context.turns[-1].state == "pending"  # then much is said of the answer
    last = last_spoken(said.context) if (unclear or may_be_more) and said.context.turns and not waits else None
    named = None if last is None else with_names(said.text, said.context)
    if last is None or named is None or (may_be_more and not _asks_for_a_change(named, said)):
        return None
    cluster = last[1].scope.cluster
    there = named if cluster in {None, said.context.cluster} else f"{named} on cluster {cluster}"
    found = translated(there, replace(said.context, turns=()), said.vocabulary)
    if may_be_more:
        return found if found.behaviour in CHANGING else None
    looks = all(is_bare_look(replace(found, commands=(line,))) for line in found.commands) and bool(found.commands)
    return found if found.behaviour in DONE and not looks else None


def of_the_last_part(said: Utterance, plan: Plan, translated: Translated) -> Plan | None:
    """What the last part of a follow-up asks for, where what is before only tells ("still hanging, roll it back")."""
    if not said.context.turns or said.context.turns[-1].state == "pending":
        return None
    found = _LAST_PART.fullmatch(said.text)
    if found is None or _MATTERS.search(found["told"]) or begins_with_imperative(found["told"].lower()):
        return None
    unclear = plan.behaviour is Behaviour.CLARIFY or (plan.behaviour is Behaviour.ANSWER and not plan.commands)
    ordered = begins_with_imperative(found["asked"].lower()) and plan.behaviour in READS
    if not (unclear or ordered):
        return None
    asked = translated(found["asked"], said.context, said.vocabulary)
    if ordered and not unclear:
        return asked if asked.behaviour in CHANGING else None
    looks = all(is_bare_look(replace(asked, commands=(line,))) for line in asked.commands)
    return asked if asked.behaviour in DONE and asked.commands and not looks else None


def without_bare_looks(said: Utterance, plan: Plan) -> Plan:
    """The plan of a follow-up without looks at an object that another of its commands is about."""
    if not said.context.turns or len(plan.commands) < 2 or _MORE.search(said.text):
        return plan
    named = [_BARE_LOOK.fullmatch(line) for line in plan.commands]
    others = [line for line, bare in zip(plan.commands, named, strict=True) if bare is None]
    kept = tuple(
        line
        for line, bare in zip(plan.commands, named, strict=True)
        if bare is None
        or not any(re.search(rf"(?<![\w-]){re.escape(bare['name'])}(?![\w-])", other) for other in others)
    )
    return replace(plan, commands=kept)


def _asks_for_a_change(text: str, said: Utterance) -> bool:
    likeliest = guess(pieces_in(said.tagger(text), said.vocabulary))
    return likeliest is not None and changes_something(likeliest.label) and likeliest.margin >= _SURELY


def step_by_step(said: Utterance, translated: Translated) -> Plan | None:
    """The plan of steps that are clear one by one: "double web, halve checkout"; None where one of them is not."""
    if said.context.turns and not said.stands_alone:
        return None
    steps = steps_in_full(said.text, said.tagger) if any(map(may_change, said.tags)) else None
    if steps is None:
        return None
    alone = replace(said.context, turns=())
    plans = [translated(step, alone, said.vocabulary) for step in steps]
    if plans[0].behaviour not in CHANGING or any(plan.behaviour not in CHANGING | READS for plan in plans):
        return None
    if any(is_bare_look(plan) and not _LOOKS.match(step) for plan, step in zip(plans, steps, strict=True)):
        return None  # no more than the name was read of it
    return combined(plans)
