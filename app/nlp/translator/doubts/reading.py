"""Looks again at a change that was read from words, and asks back where the words leave a doubt.

It only ever takes a change away. What it asks costs a person a sentence; a change that nobody asked for costs more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from app.nlp.translator.doubts.after import after_turns
from app.nlp.translator.doubts.misreadings import CUES, MISREAD, NO_KEY, TAKES_OFF
from app.nlp.translator.doubts.names import other_name
from app.nlp.translator.doubts.nouns import strange_object
from app.nlp.translator.doubts.objects import (
    PLACED,
    VALUED,
    crossed,
    elsewhere_too,
    everywhere,
    hit_by,
    missing,
    other_number,
    own_kind,
    place_left_out,
    ruled_out,
    told_of,
    unknown_place,
)
from app.nlp.translator.doubts.sentences import loose_sentence, lost_name, lost_value, spoken_to
from app.nlp.translator.doubts.steps import undone_step
from app.nlp.translator.doubts.telling import only_states
from app.nlp.translator.doubts.values import invented
from app.nlp.translator.doubts.wording import (
    AFTER_A_TURN,
    ANSWERED,
    AS_WRITTEN,
    DENIED,
    DOUBTS,
    OTHER,
    STATED,
    TIMED,
    denies,
)
from app.nlp.translator.gating import Gates
from app.nlp.translator.intents.moods import Mood, begins_with_imperative, mood_of
from app.nlp.translator.intents.said import Clause, Word
from app.nlp.translator.intents.words import NAMED
from app.nlp.translator.kubectl import Spoken, read_line
from app.nlp.translator.lexicon.parts import Action, Part, Verb
from app.nlp.translator.plan import Context, Plan, Turn, answer, ask
from app.nlp.translator.vocabulary import Vocabulary

_IS_NO_VALUE: Final = re.compile(
    r"--from-literal=[\w.-]+=(?:has|is|the|a|an|with|of|to|value|key|and)\b|--image=(?:it|them|that|this|one|the|a)\b"
)
_WITH_KEYS: Final = frozenset({"label", "annotate", "set env", "taint"})
_BOUND: Final = re.compile(r"\b(?:more|above|over|exceed|beyond|past|higher|bigger)\b")
_ALL: Final = (*DOUBTS, *MISREAD)
_GATES: Final = Gates(doubt.form.pattern for doubt in _ALL)


def doubted(
    text: str,
    plan: Plan,
    clauses: Sequence[Clause],
    context: Context,
    vocabulary: Vocabulary,
    earlier: Sequence[Turn] = (),
) -> Plan:
    """The plan of a change, or a question where the clauses may not ask for it.

    Args:
        text: what was said, in one line.
        plan: what it was taken for.
        clauses: what it is made of.
        context: where the person stands.
        vocabulary: the names that the person may see.
        earlier: all turns before, also where the text stands alone.
    """
    shown = (part for turn in earlier for part in (turn.command, turn.before or "", *turn.rows, *turn.cells.values()))
    said = " ".join((text, *shown))
    doubt = _doubt_of(text, plan, clauses, context, vocabulary) or invented(said, plan.commands)
    if doubt is None:
        return plan
    if doubt in ANSWERED:
        return answer(f"{doubt}. Nothing is changed; if you want it, say so plainly.", reading=plan.reading)
    return ask(f"{doubt}. Say again exactly what you want done.", reading=plan.reading)


def _doubt_of(text: str, plan: Plan, clauses: Sequence[Clause], context: Context, vocabulary: Vocabulary) -> str | None:
    commands = [spoken for line in plan.commands if (spoken := read_line(line)) is not None]
    return (
        _of_places(plan, clauses, commands, context, vocabulary)
        or after_turns(clauses, commands, context)
        or _of_objects(clauses, commands, plan.commands, context)
        or _of_wording(text, clauses, commands, plan.commands, follows=bool(context.turns))
    )


def _of_places(
    plan: Plan, clauses: Sequence[Clause], commands: Sequence[Spoken], context: Context, vocabulary: Vocabulary
) -> str | None:
    strange = next((word for clause in clauses for word in clause.words if not word.token.isascii()), None)
    if strange is not None:  # a name that looks like another would be no word to the purpose
        return f"“{strange.value}” holds letters that look like others"
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
    if not context.turns and (elsewhere_too(clauses, hit) or place_left_out(clauses, hit, context.cluster)):
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
    if any(_IS_NO_VALUE.search(line) for line in lines):
        return "I can't tell which value is meant"
    count = None if context.turns else other_number(clauses, commands)
    if count is not None:
        return f"I can't tell whether you want {count} of it"
    other = other_name(clauses, commands)
    if other is not None:
        return other
    strange = strange_object(clauses, commands)
    if strange is not None:
        return f"I can't tell what “{strange}” has to do with it"
    if not context.turns:
        left = loose_sentence(clauses, commands, lines)
        if left is not None:
            return f"I can't tell what “{left}” means for it"
        person = spoken_to(clauses)
        if person is not None:
            return f"I can't tell whether that is said to {person}"
        lost = lost_value(clauses, lines) or lost_name(clauses, commands, lines)
        if lost is not None:
            return f"I can't tell what you want done with {lost}"
    undone = undone_step(clauses, commands)
    if undone is not None:
        return f"I can't do all of that at once: “{undone}” is left over"
    own = own_kind(clauses, commands)
    if own is not None:
        return f"I can't tell what you want done with the {own}"
    missed = missing(clauses, commands, lines, context.cluster)
    return None if missed is None else f"I can't tell what you want done with {missed}"


def _of_wording(
    whole: str, clauses: Sequence[Clause], commands: Sequence[Spoken], lines: Sequence[str], *, follows: bool
) -> str | None:
    if any(line.startswith("kubectl create cronjob ") for line in lines):
        return None  # what is to run at times is said with times
    text = " ".join(f"{clause.text}{clause.mark}" for clause in clauses)
    if not follows:
        if only_states(whole, clauses):
            return STATED
        if any(not _is_cued(each, text, clauses) for each in commands):
            return OTHER
    if any(not _is_let_not(each, text) for each in commands) and any(_lets_nothing(clause) for clause in clauses):
        return DENIED
    if any(NO_KEY.search(line) for line in lines):
        return "I can't tell which key is meant"
    off = any(
        each.verb in _WITH_KEYS and any(part.endswith("-") for part in (*each.rest, *each.names)) for each in commands
    )
    if off and TAKES_OFF.search(text) is None:
        return "I can't tell whether it is to be set or taken off"
    if any(denies(text, each) for each in commands):
        return DENIED
    verbs = {each.verb for each in commands}
    of_it = [clause for clause in clauses if _is_of_it(clause)]
    of_times = text if follows else " ".join(clause.text for clause in of_it)  # a remark may tell of times
    doubts = [_ALL[at] for at in _GATES.open_for(text)]
    said = [(doubt, of_times if doubt.say == TIMED else text) for doubt in doubts]
    written = " ".join(_written(clause) for clause in of_it)
    said += [(doubt, written) for doubt in AS_WRITTEN]
    said += [(doubt, text) for doubt in AFTER_A_TURN if follows]
    for doubt, where in said:
        held = not doubt.verbs or doubt.verbs & verbs
        if not held or (doubt.afresh and follows) or (doubt.puts and off) or not doubt.form.search(where):
            continue
        if doubt.unlike is None or not doubt.unlike.search(where):
            return doubt.say
    return None


def _lets_nothing(clause: Clause) -> bool:
    return mood_of(clause.text, clause.mark) is Mood.LETS_NOT


def _is_let_not(command: Spoken, text: str) -> bool:
    """Whether a command is what a denial may ask for: "don't let anything new land on node-a"."""
    if command.verb == "set resources":
        return command.flag("--requests") is None and _BOUND.search(text) is not None
    return command.verb in {"cordon", "taint", "patch"} or command.flag("--replicas") == "0"


def _is_cued(command: Spoken, text: str, clauses: Sequence[Clause]) -> bool:
    """Whether a word is said that everybody uses one of who wants this, be it misspelt."""
    of_kind = f"{command.verb} {command.kind.singular}" if command.kind is not None else command.verb
    said = of_kind if of_kind in CUES else command.verb
    cue = CUES.get(said)
    if cue is None or cue.search(text) is not None:
        return True
    verbs = [word.tag.value for clause in clauses for word in clause.words if word.tag.part is Part.VERB]
    return any(isinstance(verb, Verb) and verb.action in _SAID_BY.get(said, ()) for verb in verbs)


_SAID_BY: Final = {
    "delete": {Action.DELETE, Action.RESTART},
    "drain": {Action.DRAIN},
    "rollout restart": {Action.RESTART},
    "create serviceaccount": {Action.LIGHT},
}


def _is_of_it(clause: Clause) -> bool:
    """Whether it is what is asked for, and no remark that has no verb."""
    asks = mood_of(clause.text, clause.mark) in {Mood.REQUEST, Mood.SHORT, Mood.LATER, Mood.CONDITION}
    return asks and (begins_with_imperative(clause.text) or bool(clause.of(*NAMED)))


def _written(clause: Clause) -> str:
    """Its own words, in lower case; a part of several words holds them together."""
    tags = [tag for tag, _ in groupby(word.tag for word in clause.words)]
    return " ".join(tag.low for tag in tags)
