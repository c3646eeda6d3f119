"""Words to a plan: the whole way through the embedded translator.

The rules read first. Where they ask back, or take a text for less than it says, it is looked at in other ways, one
after another: what it says of the last command, what its clauses want, what is like it. A pure function of the text,
the context and the vocabulary: no clock, no I/O, no state. It never raises for what a person may send.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from app.nlp.translator import restraint, surroundings
from app.nlp.translator.asking import Readers, asking_part
from app.nlp.translator.classification.labels import NO_REQUEST, changes_something
from app.nlp.translator.classification.model import Guess
from app.nlp.translator.classification.reconsidering import guess, is_confirmed, reconsidered
from app.nlp.translator.clusters import with_clusters_named, with_here_named
from app.nlp.translator.concepts import explained
from app.nlp.translator.doubts import reading as doubts
from app.nlp.translator.doubts.agreement import STILL_WAITS, agrees
from app.nlp.translator.doubts.telling import ASKED_OF_IT, speaks_of_a_change
from app.nlp.translator.doubts.wording import NOT_SURE
from app.nlp.translator.followups.naming import with_names, with_ordinals, with_several, with_the_middle_one
from app.nlp.translator.followups.reading import amended, corrects
from app.nlp.translator.followups.returning import taken_back_by_name, taken_off
from app.nlp.translator.intents.beside import asks_for_nothing, forbids, only_tells, wanted_look
from app.nlp.translator.intents.likewise import with_another_named
from app.nlp.translator.intents.looks import plainly_asked, several_looks, without_the_lead
from app.nlp.translator.intents.moods import may_want
from app.nlp.translator.intents.plainer import clauses_of
from app.nlp.translator.intents.reading import wanted_changes, wants_to_follow
from app.nlp.translator.intents.said import Clause
from app.nlp.translator.intents.wishes import plainly_wished
from app.nlp.translator.kubectl import Spoken, read_line
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.likeness.reading import by_analogy, may_be_like_another
from app.nlp.translator.likeness.slots import Piece, pieces_in
from app.nlp.translator.plan import CHANGING, DONE, Behaviour, Context, Plan, answer, ask
from app.nlp.translator.references import last_spoken
from app.nlp.translator.rules import by_rules, combined, is_bare_look, is_unclear, read_plain
from app.nlp.translator.shorthand import spelled_out
from app.nlp.translator.small_talk import mere_thanks, small_talk
from app.nlp.translator.spelling import spelt
from app.nlp.translator.stepping import steps_in_full
from app.nlp.translator.tagger import Tag, Tagger
from app.nlp.translator.text import look_over
from app.nlp.translator.vocabulary import Vocabulary

EXECUTE: Final = "execute pending"
SURELY_NO_CHANGE: Final = 0.7  # margin above which nobody looks for a change in a text that asks for something else
BEYOND_DOUBT: Final = 1.5  # margin above which the model has to see no more of a text than its object
SURELY_ASKED: Final = 0.5  # margin above which the model takes it for no mere telling
SURE_LOOK: Final = 0.75  # below it, something said beside a question may have led the rules astray
SURE_AFTER_A_TURN: Final = 0.9  # below it, a text may be about the last command
SURELY: Final = 0.95  # below it, what begins as a correction of the last command is one
_READS: Final = frozenset({Behaviour.RUN, Behaviour.DIAGNOSE})
_ROLLS_OUT: Final = re.compile(r"kubectl (?:rollout (?:restart|undo|resume)|set (?:image|env|resources)) ")
_THERE: Final = re.compile(r"\b(?:over |back )?there(?! (?:is|are|was|were|should|must|has|have|to)\b)", re.IGNORECASE)
_PLAINLY_A_LOOK: Final = re.compile(
    r"(?:show|list|get|describe|what|which|how many|how much|who|where|why|count|display)\b[^,;:.!]*[?.!]*",
    re.IGNORECASE,
)
_ASKS_OF_IT: Final = re.compile(r"(?:is|was|are|does|did|has)\b", re.IGNORECASE)
_TAIL: Final = re.compile(r"(?<=\w), (?:ok|okay|alright|all right|yeah)\?+$", re.IGNORECASE)
_MAY_BE_STEPS: Final = frozenset({Behaviour.CLARIFY, Behaviour.RUN, Behaviour.ANSWER})
_REFERS: Final = re.compile(
    r"\b(?:(?<!^)(?<!if )(?<!forget )it(?! would|'d| is )|its|them|they|that|those|these|this one|ones?|same|again|too"
    r"|also|as well|instead|others?|both|back|undo|now|and|but|no|yes|not|rather|mean|meant|actually"
    r"|first|second|third|last)\b",
    re.IGNORECASE,
)
_SEVERAL: Final = re.compile(r"[,;&+]|\b(?:and|n|then|plus|also)\b", re.IGNORECASE)
_PARTS: Final = re.compile(r"[,;.!]\s+\w|\s-+\s|\b(?:because|cause|coz|cuz|bc|since|as|so|its|it's)\b", re.IGNORECASE)
_LISTS: Final = re.compile(r"kubectl (?:get [\w,.-]+|top pods|events)(?= -)")
_THEN: Final = re.compile(r"\b(?:then|after that|afterwards|thereafter|finally)\b", re.IGNORECASE)
_MERELY_TOLD: Final = frozenset({restraint.TOLD, ASKED_OF_IT})
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
    said = _Said(_in_full(plain, context, vocabulary), context, vocabulary)
    plan = _settled(said) or _everywhere(said, _of_the_part_that_asks(said, _reconsidered(said, _read(said))))
    if plan.action.startswith("set ") and _ASKS_OF_IT.match(plain):
        return ask(NOT_SURE + ".", reading=plan.reading)
    if plan.action == EXECUTE and not agrees(plain):
        return ask(STILL_WAITS, reading=plan.reading)
    if plan.behaviour not in CHANGING:
        return (_step_by_step(said) or _by_name(said, plan) or plan) if plan.behaviour in _MAY_BE_STEPS else plan
    behind = replace(context, turns=()) if said.stands_alone else context
    sure = doubts.doubted(said.text, plan, said.clauses, behind, vocabulary)
    return (
        sure if sure.behaviour in CHANGING else _step_by_step(said) or _of_the_part_that_asks(said, sure, doubted=True)
    )


def _of_the_part_that_asks(said: _Said, plan: Plan, *, doubted: bool = False) -> Plan:
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
        lambda text: translate(text, alone, said.vocabulary),
    )
    return asking_part(said.text, said.guess, plan, readers, doubted=doubted) or plan


def _reconsidered(said: _Said, plan: Plan) -> Plan:
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


def _everywhere(said: _Said, plan: Plan) -> Plan:
    """A list with the objects of all namespaces, where the text says so and the plan has lost it."""
    here = f" -n {said.context.namespace}"
    if (
        plan.behaviour is not Behaviour.RUN
        or said.context.turns
        or not any(t.part is Part.EVERYWHERE for t in said.tags)
    ):
        return plan
    if any(tag.part in {Part.NAMESPACE, Part.NEGATION, Part.NAME} for tag in said.tags):
        return plan
    lists = all(_LISTS.match(line) and line.count(here) == 1 for line in plan.commands)
    return replace(plan, commands=tuple(line.replace(here, " -A") for line in plan.commands)) if lists else plan


def _by_name(said: _Said, plan: Plan) -> Plan | None:
    """What an unclear text asks for once "it" and "the second one" are names: then it is read as if it stood alone."""
    unclear = plan.behaviour is Behaviour.CLARIFY or (plan.behaviour is Behaviour.ANSWER and plan.say in _MERELY_TOLD)
    last = last_spoken(said.context) if unclear and said.context.turns else None
    named = None if last is None else with_names(said.text, said.context)
    if last is None or named is None:
        return None
    cluster = last[1].scope.cluster
    there = named if cluster in {None, said.context.cluster} else f"{named} on cluster {cluster}"
    found = translate(there, replace(said.context, turns=()), said.vocabulary)
    looks = all(is_bare_look(replace(found, commands=(line,))) for line in found.commands) and bool(found.commands)
    return found if found.behaviour in DONE and not looks else None


def _step_by_step(said: _Said) -> Plan | None:
    """The plan of steps that are clear one by one: "double web, halve checkout"; None where one of them is not."""
    if said.context.turns and not said.stands_alone:
        return None
    steps = steps_in_full(said.text, said.tagger)
    if steps is None:
        return None
    alone = replace(said.context, turns=())
    plans = [translate(step, alone, said.vocabulary) for step in steps]
    if plans[0].behaviour not in CHANGING or any(plan.behaviour not in CHANGING | _READS for plan in plans):
        return None
    return combined(plans)


def _read(said: _Said) -> Plan:
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
        forbidden = (unclear or plan.behaviour in _READS) and forbids(said.text, said.clauses)
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


@dataclass(frozen=True)
class _Said:
    """A text with where it was said; what several ways of reading it need is made once."""

    text: str
    context: Context
    vocabulary: Vocabulary

    @cached_property
    def tagger(self) -> Tagger:
        """Reads the parts of a text, each text once."""
        return Tagger(self.vocabulary)

    @cached_property
    def tags(self) -> list[Tag]:
        """The parts of the text."""
        return self.tagger(self.text)

    @cached_property
    def pieces(self) -> list[Piece]:
        """The words of the text, with slots in the place of names and values."""
        return pieces_in(self.tags, self.vocabulary)

    @cached_property
    def guess(self) -> Guess | None:
        """What the model takes the text for; None where an earlier turn may say more of it than its words."""
        return None if self.context.turns and not self.stands_alone else guess(self.pieces)

    @cached_property
    def stands_alone(self) -> bool:
        """Whether it says by itself what it is about: an object by its name, and nothing that was spoken of before."""
        return self.names_something and _REFERS.search(self.text) is None

    @cached_property
    def clauses(self) -> Sequence[Clause]:
        """The clauses of the text, in which roundabout wishes are put short."""
        return clauses_of(self.text, self.vocabulary, self.tagger)

    @cached_property
    def names_something(self) -> bool:
        """Whether it names an object, and is not merely spelt like one."""
        return any(each.part is Part.NAME and each.score == 1 for each in self.tags)

    @cached_property
    def known(self) -> dict[str, Plan]:
        """What the rules made of other texts."""
        return {}

    def read(self, said: str) -> Plan:
        """The plan of a text of known words, which holds no remarks, by the rules."""
        plan = self.known.get(said)
        if plan is None:
            plan = self.known[said] = read_plain(said, self.context, self.vocabulary, self.tagger)
        return plan

    def by_rules(self, text: str, *, read: Plan | None = None) -> Plan:
        """The plan of a text by the rules, with or without what is said beside a request; `read` is the whole's."""
        return by_rules(text, self.context, self.vocabulary, self.tagger, read=read)


def _in_full(plain: str, context: Context, vocabulary: Vocabulary) -> str:
    """A text with what is short or said by what it is in full: abbreviations, clusters, the middle one of three."""
    if context.turns:
        plain = with_ordinals(with_several(with_the_middle_one(plain, context), context), context)
    plain = plainly_wished(with_another_named(spelt(_TAIL.sub("", plain), vocabulary), vocabulary.names))
    plain = with_clusters_named(spelled_out(plain), vocabulary.clusters)
    return with_here_named(plainly_asked(plain, vocabulary), context.cluster, vocabulary.clusters)


def _settled(said: _Said) -> Plan | None:
    """What needs no rules: a deletion that takes data along, a question about Kubernetes itself, a mark taken off."""
    if restraint.takes_its_data_along(said.text):
        return ask(restraint.ONE_BY_ONE)
    if said.context.turns:
        if said.context.turns[-1].state == "pending" and agrees(said.text):
            return Plan(Behaviour.SESSION, confidence=SURELY, action=EXECUTE)
        thanked = mere_thanks(said.text)
        return (
            thanked
            or taken_off(said.tags, said.context, said.vocabulary)
            or taken_back_by_name(said.clauses, said.context)
        )
    return explained(said.text, lambda: said.names_something)


def _said_of_the_last(said: _Said, plan: Plan) -> Plan | None:
    """What a text says of the last command, where the rules are not sure of anything else."""
    if not said.context.turns:
        return None
    sure = plan.confidence >= SURE_AFTER_A_TURN and not (plan.behaviour is Behaviour.RUN and is_bare_look(plan))
    unsure = plan.behaviour in {Behaviour.CLARIFY, Behaviour.REFUSE} or not sure
    if not unsure and not (plan.confidence < SURELY and corrects(said.text, said.context)):
        return None
    return amended(said.tags, said.context, said.vocabulary) or _with_names(said)


def _with_names(said: _Said) -> Plan | None:
    """What a text says of "it", "the second one" or "both", with their names in it."""
    named = with_names(said.text, said.context)
    if named is None:
        return None
    named = plainly_asked(named, said.vocabulary)
    plan = said.by_rules(named)
    if plan.behaviour not in CHANGING:
        plan = wanted_changes(named, clauses_of(named, said.vocabulary, said.tagger), said.read) or plan
    looks = plan.behaviour in _READS and plan.confidence >= SURE_LOOK and not is_bare_look(plan)
    if not (looks or plan.behaviour in CHANGING or plan.behaviour is Behaviour.SESSION):
        return None
    return replace(plan, commands=tuple(dict.fromkeys(plan.commands)))


def _wanted(said: _Said, plan: Plan) -> Plan | None:
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


def _followed(said: _Said, plan: Plan) -> Plan:
    """A plan that rolls something out, with its progress where a text wants to be told of it."""
    rolls = [line for line in plan.commands if _ROLLS_OUT.match(line)]
    if len(rolls) != 1 or len(plan.commands) != 1 or not wants_to_follow(said.text):
        return plan
    spoken = read_line(rolls[0])
    if spoken is None or len(spoken.names) != 1:
        return plan
    status = Spoken("rollout status", spoken.kind, spoken.names, spoken.scope).write()
    return replace(plan, commands=(*plan.commands, status))


def _looked_at(said: _Said, plan: Plan) -> Plan | None:
    """The look that a text asks for, where the rules saw less of it, or what leads to it only."""
    if plan.behaviour is Behaviour.RUN or is_unclear(plan):
        listed = several_looks(said.text, said.read)
        if listed is not None and len(listed.commands) > len(plan.commands):
            return listed
    if is_unclear(plan) or plan.behaviour is Behaviour.ANSWER:
        asked = without_the_lead(said.text)
        look = None if asked is None else said.by_rules(asked)
        if look is not None and look.behaviour in _READS and look.confidence >= SURE_LOOK:
            return look
    if plan.behaviour in _READS and forbids(said.text, said.clauses):
        return answer(restraint.NOTHING_DONE, reading=plan.reading)
    return None


def _left_over(said: _Said, plan: Plan) -> Plan:
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
