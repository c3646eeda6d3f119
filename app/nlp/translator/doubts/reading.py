"""Looks again at a change that was read from words, and asks back where the words leave a doubt.

It only ever takes a change away. What it asks costs a person a sentence; a change that nobody asked for costs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from app.nlp.translator.doubts.after import after_turns
from app.nlp.translator.doubts.objects import (
    PLACED,
    VALUED,
    crossed,
    everywhere,
    hit_by,
    missing,
    ruled_out,
    told_of,
    unknown_place,
)
from app.nlp.translator.doubts.wording import AFTER_A_TURN, AS_WRITTEN, DENIED, DOUBTS, TIMED, denies
from app.nlp.translator.intents.moods import Mood, begins_with_imperative, mood_of
from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.kubectl import Spoken, read_line
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import Behaviour, Context, Plan, ask
from app.nlp.translator.vocabulary import Vocabulary

_CHANGES: Final = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})


def doubted(plan: Plan, clauses: Sequence[Clause], context: Context, vocabulary: Vocabulary) -> Plan:
    """The plan, or a question where it changes something that the clauses may not ask for.

    Args:
        plan: what the clauses were taken for.
        clauses: what was said.
        context: where the person stands.
        vocabulary: the names that the person may see.
    """
    if plan.behaviour not in _CHANGES:
        return plan
    doubt = _doubt_of(plan, clauses, context, vocabulary)
    return plan if doubt is None else ask(f"{doubt}. Say again exactly what you want done.", reading=plan.reading)


def _doubt_of(plan: Plan, clauses: Sequence[Clause], context: Context, vocabulary: Vocabulary) -> str | None:
    commands = [spoken for line in plan.commands if (spoken := read_line(line)) is not None]
    return (
        _of_places(plan, clauses, commands, context, vocabulary)
        or after_turns(clauses, commands, context)
        or _of_objects(clauses, commands, plan.commands, context)
        or _of_wording(clauses, commands, plan.commands, follows=bool(context.turns))
    )


def _of_places(
    plan: Plan, clauses: Sequence[Clause], commands: Sequence[Spoken], context: Context, vocabulary: Vocabulary
) -> str | None:
    clusters = vocabulary.clusters
    place = unknown_place(clauses, plan.commands, clusters)
    if place is not None:
        return f"I know no cluster or namespace called “{place}”"
    misspelt = next((word for clause in clauses for word in clause.words if _is_misspelt(word)), None)
    if misspelt is not None:
        return f"I know no “{misspelt.tag.words}”, perhaps you mean {misspelt.tag.value}"
    hit = hit_by(commands, context.cluster)
    if everywhere(clauses, hit, clusters):
        return "I can't tell which clusters you mean; name them"
    told = told_of(clauses, hit, context.cluster)
    if told is not None:
        return f"I can't tell whether you want it done on {told}"
    if crossed(clauses, commands, PLACED, context.cluster):
        return "I can't tell what you want done where; say it for one cluster after another"
    return None


def _is_misspelt(word: Word) -> bool:
    return word.tag.part in {Part.NAMESPACE, Part.CLUSTER} and 0.4 < word.tag.score < 1


def _of_objects(
    clauses: Sequence[Clause], commands: Sequence[Spoken], lines: Sequence[str], context: Context
) -> str | None:
    left_out = ruled_out(clauses, hit_by(commands, context.cluster), context.cluster)
    if left_out is not None:
        return f"I can't tell whether {left_out} is meant or left out"
    if crossed(clauses, commands, VALUED, context.cluster):
        return "I can't tell which value is meant for what; say it for one after another"
    missed = missing(clauses, commands, lines, context.cluster)
    return None if missed is None else f"I can't tell what you want done with {missed}"


def _of_wording(
    clauses: Sequence[Clause], commands: Sequence[Spoken], lines: Sequence[str], *, follows: bool
) -> str | None:
    asked = [clause for clause in clauses if _asks(clause)]
    text = " ".join(f"{clause.text}{clause.mark}" for clause in clauses)
    written = " ".join(_written(clause) for clause in asked if _is_of_it(clause))
    verbs = {each.verb for each in commands}
    if any(line.startswith("kubectl create cronjob ") for line in lines):
        return None  # what is to run at times is said with times
    if any(denies(text, each) for each in commands):
        return DENIED
    for doubt in (*DOUBTS, *AS_WRITTEN, *(AFTER_A_TURN if follows else ())):
        if (doubt.afresh and follows) or (doubt.verbs and not doubt.verbs & verbs):
            continue
        said = (
            written
            if doubt in AS_WRITTEN
            else " ".join(clause.text for clause in asked if _is_of_it(clause))
            if doubt.say == TIMED and not follows
            else text
        )  # a remark may tell of times
        if doubt.form.search(said) and not (doubt.unlike is not None and doubt.unlike.search(said)):
            return doubt.say
    return None


def _is_of_it(clause: Clause) -> bool:
    """Whether it is what is asked for, and no remark that has no verb."""
    return begins_with_imperative(clause.text) or bool(clause.of(*NAMED))


def _written(clause: Clause) -> str:
    """Its own words, in lower case; a part of several words holds them together."""
    tags = [tag for tag, _ in groupby(word.tag for word in clause.words)]
    return " ".join(tag.low for tag in tags)


def _asks(clause: Clause) -> bool:
    return mood_of(clause.text, clause.mark) in {Mood.REQUEST, Mood.SHORT, Mood.LATER, Mood.CONDITION}
