"""Words to a plan: the whole way through the embedded translator.

The rules read first. Where they ask back, or take a text for less than it says, it is looked at in other ways, one
after another: what it says of the last command, what its clauses want, what is like it. A pure function of the text,
the context and the vocabulary: no clock, no I/O, no state. It never raises for what a person may send.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from app.nlp.translator import restraint, surroundings
from app.nlp.translator.classification.labels import NO_REQUEST, changes_something, label_of
from app.nlp.translator.classification.model import Guess
from app.nlp.translator.classification.reconsidering import is_confirmed, reconsidered
from app.nlp.translator.concepts import explained
from app.nlp.translator.declining import declined
from app.nlp.translator.doubts.agreement import STILL_WAITS, agrees
from app.nlp.translator.doubts.reading import doubted
from app.nlp.translator.doubts.telling import ASKED_OF_IT, speaks_of_a_change
from app.nlp.translator.doubts.wording import NOT_SURE
from app.nlp.translator.followups.naming import with_names
from app.nlp.translator.followups.reading import amended, corrects
from app.nlp.translator.followups.returning import taken_back_by_name, taken_off
from app.nlp.translator.intents.beside import asks_for_nothing, forbids, only_tells, wanted_look
from app.nlp.translator.intents.looks import plainly_asked, several_looks, without_the_lead
from app.nlp.translator.intents.moods import may_want
from app.nlp.translator.intents.plainer import clauses_of
from app.nlp.translator.intents.reading import wanted_changes, wants_to_follow
from app.nlp.translator.kubectl import Spoken, read_line
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.likeness.reading import by_analogy, may_be_like_another
from app.nlp.translator.plan import CHANGING, Behaviour, Context, Plan, answer, ask
from app.nlp.translator.references import last_spoken
from app.nlp.translator.rereading import (
    MAY_BE_STEPS,
    READS,
    by_name,
    everywhere,
    of_the_last_part,
    of_the_part_that_asks,
    step_by_step,
    without_bare_looks,
)
from app.nlp.translator.rules import is_bare_look, is_unclear
from app.nlp.translator.small_talk import mere_thanks, small_talk
from app.nlp.translator.text import look_over
from app.nlp.translator.utterance import Utterance, in_full
from app.nlp.translator.vocabulary import Vocabulary

EXECUTE: Final = "execute pending"
SURELY_NO_CHANGE: Final = 0.7  # margin above which nobody looks for a change in a text that asks for something else
BEYOND_DOUBT: Final = 1.5  # margin above which the model has to see no more of a text than its object
SURELY_ASKED: Final = 0.5  # margin above which the model takes it for no mere telling
SURE_LOOK: Final = 0.75  # below it, something said beside a question may have led the rules astray
SURE_AFTER_A_TURN: Final = 0.9  # below it, a text may be about the last command
SURELY: Final = 0.95  # below it, what begins as a correction of the last command is one
_ROLLS_OUT: Final = re.compile(r"kubectl (?:rollout (?:restart|undo|resume)|set (?:image|env|resources)) ")
_THERE: Final = re.compile(r"\b(?:over |back )?there(?! (?:is|are|was|were|should|must|has|have|to)\b)", re.IGNORECASE)
_PLAINLY_A_LOOK: Final = re.compile(
    r"(?:show|list|get|describe|what|which|how many|how much|who|where|why|count|display)\b[^,;:.!]*[?.!]*",
    re.IGNORECASE,
)
_ASKS_OF_IT: Final = re.compile(r"(?:is|was|are|does|did|has)\b", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"[,;&+]|\b(?:and|n|then|plus|also)\b", re.IGNORECASE)
_AND: Final = re.compile(r"\b(?:and|then|plus)\b", re.IGNORECASE)


def translate(text: str, context: Context, vocabulary: Vocabulary) -> Plan:
    """The plan for a text.

    Args:
        text: what the person said; anything at all.
        context: where the person stands, with earlier turns.
        vocabulary: the names that the person may see.

    Returns:
        commands to run or to confirm, or a question, an answer or a refusal; `clarify` with confidence 0 when it
        was not understood.
    """
    plain = look_over(text)
    if isinstance(plain, Plan):
        return plain
    said = Utterance(in_full(plain, context, vocabulary), context, vocabulary)
    whole = _settled(said) or without_bare_looks(said, _reconsidered(said, _read(said)))
    whole = of_the_last_part(said, whole, translate) or whole
    plan = everywhere(said, of_the_part_that_asks(said, whole, translate))
    if plan.action.startswith("set ") and _ASKS_OF_IT.match(plain):
        return ask(NOT_SURE + ".", reading=plan.reading)
    if plan.action == EXECUTE and not agrees(plain):
        return ask(STILL_WAITS, reading=plan.reading)
    if plan.behaviour in MAY_BE_STEPS:
        otherwise = step_by_step(said, translate) or by_name(said, plan, translate)
        return otherwise or declined(said.text, said.tags, plan, said.guess, vocabulary) or plan
    return _surely(said, plan) if plan.behaviour in CHANGING else plan


def _surely(said: Utterance, plan: Plan) -> Plan:
    """The plan of a change that leaves no doubt, or what a text asks for step by step or in a part; else the doubt."""
    behind = replace(said.context, turns=()) if said.stands_alone else said.context
    sure = doubted(said.text, plan, said.clauses, behind, said.vocabulary, said.context.turns)
    if sure.behaviour in CHANGING:
        return _as_one_thing(said, sure) or sure
    return step_by_step(said, translate) or of_the_part_that_asks(said, sure, translate, is_doubted=True)


def _as_one_thing(said: Utterance, plan: Plan) -> Plan | None:
    """The steps of a text, where these do the one thing that it asks for, and what was read does several."""
    if said.guess is None or len(plan.commands) < 2 or label_of(plan) is not None:
        return None
    if sum(tag.part is Part.VERB for tag in said.tags) > 1:
        return None
    steps = step_by_step(said, translate)
    return steps if steps is not None and label_of(steps) == said.guess.label else None


def _reconsidered(said: Utterance, plan: Plan) -> Plan:
    """The plan, or what the model takes the text for."""
    if said.guess is None:
        return plan
    return reconsidered(
        said.text,
        plan,
        said.guess,
        said.pieces,
        lambda: said.clauses,
        said.read,
        unclear=may_be_like_another(said.text, plan),
    )


def _read(said: Utterance) -> Plan:
    """What a text is taken for, by whichever way reads it."""
    plan = said.read(said.text)
    beyond_doubt = said.guess is not None and said.guess.margin >= BEYOND_DOUBT
    alone = not _SEVERAL.search(said.text) and (beyond_doubt or not is_bare_look(plan))
    if alone and is_confirmed(said.text, plan, said.guess, said.pieces):
        return plan
    plan = said.by_rules(said.text, read=plan)
    if restraint.lets_nothing(said.text) and plan.behaviour not in CHANGING:
        kept = _wanted(said, plan)  # "do not let it use more than 2Gi" asks for a limit
        if kept is not None:
            return kept
    if restraint.is_turned_away(said.text) or (restraint.lets_nothing(said.text) and not _only_cordons(plan)):
        if plan.behaviour in CHANGING:
            return ask(restraint.NOT_ASKED_FOR, reading=plan.reading)
        unclear = plan.behaviour is Behaviour.CLARIFY and not said.context.turns
        forbidden = (unclear or plan.behaviour in READS) and forbids(said.text, said.clauses)
        return answer(restraint.NOTHING_DONE, reading=plan.reading) if forbidden else plan
    if restraint.skips_confirmation(said.text) and plan.behaviour not in CHANGING:
        return ask(restraint.CONFIRMED, reading=plan.reading)
    better = _said_of_the_last(said, plan) or _wanted(said, plan) or _looked_at(said, plan)
    if better is not None:
        return better
    if not may_be_like_another(said.text, plan):
        return _followed(said, plan)
    lent = _reconsidered(said, plan)
    if lent is not plan:
        return lent
    sure = said.guess is not None and said.guess.label in NO_REQUEST and said.guess.margin >= SURELY_ASKED
    follows = bool(said.context.turns)
    like = (None if sure else by_analogy(said.text, plan, said.vocabulary, said.read, follows=follows)) or plan
    if like.behaviour in CHANGING and not said.context.turns and only_tells(said.text, said.clauses):
        like = plan
    return _left_over(said, like)


def _settled(said: Utterance) -> Plan | None:
    """What needs no rules: a deletion that takes data along, a question about Kubernetes itself, a mark taken off."""
    if restraint.takes_its_data_along(said.text):
        return ask(restraint.ONE_BY_ONE)
    if said.context.turns:
        if said.context.turns[-1].state == "pending" and agrees(said.text):
            return Plan(Behaviour.SESSION, confidence=SURELY, action=EXECUTE)
        thanked = mere_thanks(said.text)
        if thanked is not None:
            return thanked
        said_of_it = taken_off(said.tags, said.context, said.vocabulary) or taken_back_by_name(
            said.clauses, said.context
        )
        if said_of_it is not None or said.refers:
            return said_of_it
    return explained(said.text, lambda: said.names_something)


def _said_of_the_last(said: Utterance, plan: Plan) -> Plan | None:
    """What a text says of the last command, where the rules are not sure of anything else."""
    if not said.context.turns:
        return None
    sure = plan.confidence >= SURE_AFTER_A_TURN and not (plan.behaviour is Behaviour.RUN and is_bare_look(plan))
    unsure = plan.behaviour in {Behaviour.CLARIFY, Behaviour.REFUSE} or not sure
    if not unsure and not (plan.confidence < SURELY and corrects(said.text, said.context)):
        return None
    return amended(said.tags, said.context, said.vocabulary) or _with_names(said)


def _with_names(said: Utterance) -> Plan | None:
    """What a text says of "it", "the second one" or "both", with their names in it."""
    named = with_names(said.text, said.context)
    if named is None:
        return None
    named = plainly_asked(named, said.vocabulary)
    plan = said.by_rules(named)
    if plan.behaviour not in CHANGING:
        plan = wanted_changes(named, clauses_of(named, said.vocabulary, said.tagger), said.read) or plan
    looks = plan.behaviour in READS and plan.confidence >= SURE_LOOK and not is_bare_look(plan)
    if not (looks or plan.behaviour in CHANGING or plan.behaviour is Behaviour.SESSION):
        return None
    return replace(plan, commands=tuple(dict.fromkeys(plan.commands)))


def _wanted(said: Utterance, plan: Plan) -> Plan | None:
    """The change that the clauses of a text want, where the rules took it for none."""
    if plan.behaviour in CHANGING or _wants_no_change(said.guess):
        return None
    looks = plan.behaviour is Behaviour.RUN and _PLAINLY_A_LOOK.fullmatch(said.text) and not _AND.search(said.text)
    if looks or not may_want(said.text):
        return None
    last = last_spoken(said.context)
    if last is None or last[1].scope.cluster in {None, said.context.cluster}:
        return wanted_changes(said.text, said.clauses, said.read)
    there = _THERE.sub(f"on cluster {last[1].scope.cluster}", said.text)
    return wanted_changes(there, clauses_of(there, said.vocabulary, said.tagger), said.read)


def _wants_no_change(guess: Guess | None) -> bool:
    """Whether the model is sure that a text asks to see something, or for nothing."""
    return guess is not None and guess.margin >= SURELY_NO_CHANGE and not changes_something(guess.label)


def _followed(said: Utterance, plan: Plan) -> Plan:
    """A plan that rolls something out, with its progress where a text wants to be told of it."""
    rolls = [line for line in plan.commands if _ROLLS_OUT.match(line)]
    if len(rolls) != 1 or len(plan.commands) != 1 or not wants_to_follow(said.text):
        return plan
    spoken = read_line(rolls[0])
    if spoken is None or len(spoken.names) != 1:
        return plan
    status = Spoken("rollout status", spoken.kind, spoken.names, spoken.scope).write()
    return replace(plan, commands=(*plan.commands, status))


def _looked_at(said: Utterance, plan: Plan) -> Plan | None:
    """The look that a text asks for, where the rules saw less of it, or what leads to it only."""
    if plan.behaviour is Behaviour.RUN or is_unclear(plan):
        listed = several_looks(said.text, said.read)
        if listed is not None and len(listed.commands) > len(plan.commands):
            return listed
    if is_unclear(plan) or plan.behaviour is Behaviour.ANSWER:
        asked = without_the_lead(said.text)
        look = None if asked is None else said.by_rules(asked)
        if look is not None and look.behaviour in READS and look.confidence >= SURE_LOOK:
            return look
    if plan.behaviour in READS and forbids(said.text, said.clauses):
        return answer(restraint.NOTHING_DONE, reading=plan.reading)
    return None


def _left_over(said: Utterance, plan: Plan) -> Plan:
    """The last ways to read what is not clear: a part of it, small talk, something that is merely told."""
    if _may_be_beside_the_point(plan):
        look = wanted_look(said.clauses, said.read)
        if look is not None:
            return look
    if plan.behaviour is not Behaviour.CLARIFY:
        return plan
    chatted = small_talk(said.text, names_something=said.names_something)
    if chatted is not None:
        return chatted
    if plan.confidence < SURE_LOOK and not said.context.turns and speaks_of_a_change(said.text):
        return answer(ASKED_OF_IT, reading=plan.reading)
    asked = said.guess is not None and said.guess.label not in NO_REQUEST and said.guess.margin >= SURELY_ASKED
    if not asked and asks_for_nothing(said.text, said.clauses):
        return answer(restraint.TOLD, reading=plan.reading)
    return plan


def _may_be_beside_the_point(plan: Plan) -> bool:
    """Whether something said beside a question may have kept it from being read."""
    if plan.behaviour is Behaviour.RUN:
        return plan.confidence < SURE_LOOK
    if plan.behaviour is Behaviour.REFUSE:
        return plan.say == surroundings.NOT_FOR_THAT
    return plan.behaviour is Behaviour.CLARIFY and (plan.choices == surroundings.EXAMPLES or len(plan.choices) < 2)


def _only_cordons(plan: Plan) -> bool:
    return all(command.startswith("kubectl cordon ") for command in plan.commands)
