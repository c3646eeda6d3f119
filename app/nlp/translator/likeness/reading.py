"""Reads a text like the known ones that say nearly the same: its names and numbers put into their words.

Rules read what they have forms for; people have more. Where no rule fits, the nearest of the known sentences vote for
what is meant, and what takes the text's place is read by the same rules as any request: nothing is written here that
they would not write. What speaks of a change is read so only where both say the same of time, condition and negation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.likeness.filling import in_words_of, without_the_rest
from app.nlp.translator.likeness.guards import (
    as_request,
    asks_for_rights,
    mean_the_same,
    owes_a_change,
    speaks_of_a_change,
    want_the_same,
)
from app.nlp.translator.likeness.sentences import Example, Meaning, examples
from app.nlp.translator.likeness.slots import Piece, pieces_in, values_in
from app.nlp.translator.plan import CHANGING, DONE, Behaviour, Plan
from app.nlp.translator.remarks import requests_in
from app.nlp.translator.restraint import WANTED, begins_turned_away
from app.nlp.translator.surroundings import EXAMPLES, NOT_FOR_THAT
from app.nlp.translator.tagger import Tag, tag
from app.nlp.translator.targets import NOT_FOUND
from app.nlp.translator.tokens import tokenise
from app.nlp.translator.vocabulary import Vocabulary

UNSURE = 0.8  # of the rules
ANSWERED = 0.8  # by the rules: a help text, a thank you, what only the gateway knows
MOST_MEANINGS = 2  # that are looked at; one where the rules have a reading already
MOST_TRIED = 4  # sentences of each
MOST_PARTS = 6  # of a text
EXECUTE = "execute pending"
READ_AS = "I read this as"
NOTHING_CHANGED = "Nothing is changed"  # in what the rules say where they take a text for no request
_HARMLESS = frozenset({"<duration>"})  # what may stand beside a change and say nothing of it
_BARE_GET = re.compile(r"kubectl get [a-z.]+/\S+(?: -o wide)?(?: -n \S+)?(?: --context \S+)?")
_WHO = re.compile(r"^\W*(?:who|which (?:person|user|colleague)|whose)\b", re.IGNORECASE)
_SUPPOSED = re.compile(r"(?:^|[,;.] )(?:if|unless|in case|suppose|assuming) |\bwould be nice if\b", re.IGNORECASE)
_SETS = re.compile(r"\b\d+(?:[KMG]i?|m)\b|\S[:=]\S")  # a size, an image, a key and its value: looks have none


@dataclass(frozen=True, slots=True)
class _Least:
    """How sure the neighbours have to be: their share of the votes, and how near the nearest is."""

    share: float
    near: float


# Chosen on three lists of requests by people who had not seen the translator, so that no text of theirs or of the older
# lists that asks for nothing becomes a change.
_LEAST = _Least(0.25, 0.22)
_LEAST_FOR_A_CHANGE = _Least(0.35, 0.25)
_LEAST_FOR_A_LOSS = _Least(0.35, 0.3)  # for what cannot be taken back
_LEAST_FOR_A_YES = _Least(0.6, 0.8)
_LEAST_FOR_ANOTHER_LOOK = _Least(0.3, 0.45)  # where the rules have one
_LEAST_FOR_NUMBERS = 0.4  # where two numbers are told apart by their order alone
_SURELY_BLOCKS = 0.6  # nearness of one that asks for nothing: then no part of the text asks for anything either
_NEARLY = 0.3  # nearer than is needed: then fewer have to agree
_FEWER = 0.6
_NEAR_ENOUGH = 0.6  # of the whole text: no part of it is looked at
_NEARER = 0.05  # than the whole text: a part of it that is taken for the request, and the rest for a remark


def by_analogy(
    text: str, plan: Plan, vocabulary: Vocabulary, read: Callable[[str], Plan], *, follows: bool
) -> Plan | None:
    """The plan of what the nearest known sentences mean, with this text's names in it; None where they do not agree.

    Args:
        text: what the person said.
        plan: what the rules make of it: a question, or a mere look at an object.
        vocabulary: the names that the person may see.
        read: reads a text by the rules.
        follows: whether it stands behind an earlier turn.
    """
    if _SUPPOSED.search(text) is not None:
        return None

    @cache
    def tagged(part: str) -> list[Tag]:
        return tag(tokenise(part), vocabulary)

    attempt = _Attempt(plan, vocabulary, read, tagged)
    denied = begins_turned_away(text)
    whole = pieces_in(tagged(text), vocabulary)
    tokens = [piece.token for piece in whole]
    if examples().ask_for_nothing(tokens):
        return None
    known = examples().meanings(tokens, follows=follows) if whole else []
    if known and known[0].blocks and known[0].near >= _SURELY_BLOCKS:
        return None
    found = attempt.of(text, known)
    if found is not None and denied and found.plan.behaviour in CHANGING:
        found = None
    if found is not None and found.near >= _NEAR_ENOUGH:
        return found.plan
    asks_for_a_change = speaks_of_a_change(tagged(as_request(text)))
    for request in islice(requests_in(text, tagged), MOST_PARTS):
        pieces = pieces_in(tagged(request.text), vocabulary)
        meant = examples().meanings([piece.token for piece in pieces], follows=follows) if pieces else []
        part = attempt.of(request.text, meant)
        if part is None or (found is not None and part.near < found.near + _NEARER):
            continue
        changes = part.plan.behaviour in CHANGING
        if changes and values_in(piece.token for piece in whole) - values_in(piece.token for piece in part.pieces):
            continue  # what is left out is no mere remark
        if request.may_change and not denied if changes else request.may_look and not asks_for_a_change:
            found = part
    return None if found is None else found.plan


@dataclass(frozen=True, slots=True)
class _Found:
    near: float
    plan: Plan
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Reads a text or a part of it; what the rules make of the whole, and with what it is read, stays the same."""

    plan: Plan
    vocabulary: Vocabulary
    read: Callable[[str], Plan]
    tagged: Callable[[str], list[Tag]]

    def of(self, text: str, meanings: Sequence[Meaning]) -> _Found | None:
        """What a text means of what its neighbours mean, where they are sure enough."""
        pieces = pieces_in(self.tagged(text), self.vocabulary)
        looks = self.plan.behaviour is Behaviour.RUN
        for meaning in meanings[: 1 if looks else MOST_MEANINGS]:
            if meaning.blocks:
                return None
            if not _is_sure(meaning, _LEAST):
                continue
            for near, example in meaning.examples[:MOST_TRIED]:
                fitting = without_the_rest(example, pieces)
                said = None if fitting is None else in_words_of(example, fitting[0])
                if fitting is None or said is None or said.lower() == text.lower():
                    continue
                found = self.read(said)
                if found.commands and found.commands == self.plan.commands:
                    return None  # they agree
                changes = found.behaviour in CHANGING
                if not _is_wanted(found, meaning, text, looks=looks) or _says_less(self.plan, found, pieces):
                    continue
                if changes and set(fitting[1]) - _HARMLESS:
                    continue
                if changes and near < _LEAST_FOR_NUMBERS and values_in(example.tokens)["<number>"] > 1:
                    continue
                if found.question is not None and found.question.topic == "audit" and _WHO.search(text):
                    return _Found(meaning.near, found, pieces)
                request = self.tagged(as_request(text))
                if changes and not want_the_same(request, self.tagged(said)):
                    continue
                if mean_the_same(request, self._tags(example, fitting[0]), changes=changes):
                    say = f'{found.say} {READ_AS} "{said}".'.strip()
                    sure = round(found.confidence * (0.5 + meaning.near / 2), 2)
                    return _Found(meaning.near, replace(found, confidence=sure, say=say), pieces)
        return None

    def _tags(self, example: Example, pieces: Sequence[Piece]) -> list[Tag]:
        said = in_words_of(example, pieces, plainer=False) or in_words_of(example, pieces) or ""
        return self.tagged(as_request(said))


def _says_less(plan: Plan, found: Plan, pieces: Sequence[Piece]) -> bool:
    """Whether a kind or a time that the rules took from the text is missing, or an object is merely looked at again."""
    if _is_bare_look(plan) and _is_bare_look(found):
        return True
    if any("--since" in line for line in plan.commands) and not any("--since" in line for line in found.commands):
        return True
    for kind in {piece.token for piece in pieces} & set(KINDS):
        named = re.compile(rf"\b{KINDS[kind].singular}|\b{kind}\b")
        if any(named.search(line) for line in plan.commands) and not any(named.search(line) for line in found.commands):
            return True
    return False


def _is_wanted(found: Plan, meaning: Meaning, text: str, *, looks: bool) -> bool:
    """Whether a plan is worth having, and its neighbours are sure enough for what it does."""
    if found.behaviour in CHANGING:
        return _is_sure(meaning, _LEAST_FOR_A_LOSS if found.behaviour is Behaviour.STRONG else _LEAST_FOR_A_CHANGE)
    if found.behaviour is Behaviour.SESSION:
        return found.action != EXECUTE or _is_sure(meaning, _LEAST_FOR_A_YES)
    if looks and found.behaviour is Behaviour.RUN and not _is_sure(meaning, _LEAST_FOR_ANOTHER_LOOK):
        return False
    if any(line.startswith("kubectl auth can-i") for line in found.commands) and not asks_for_rights(text):
        return False
    told = found.behaviour is Behaviour.ANSWER and found.confidence >= ANSWERED
    return (told or found.behaviour in DONE) and not owes_a_change(text)


def _is_sure(meaning: Meaning, least: _Least) -> bool:
    """Whether so many agree, or fewer where one of them is nearly the same text."""
    share = least.share * (_FEWER if meaning.near >= least.near + _NEARLY else 1.0)
    return meaning.share >= share and meaning.near >= least.near


def may_be_like_another(text: str, plan: Plan) -> bool:
    """Whether the rules have no sure reading: they ask, are unsure, or see no more than that it names an object."""
    if plan.behaviour is Behaviour.RUN:
        return plan.confidence < UNSURE or _is_bare_look(plan) or _SETS.search(text) is not None
    if plan.behaviour is Behaviour.ANSWER:
        return NOTHING_CHANGED in plan.say
    if plan.behaviour is Behaviour.REFUSE:
        return plan.say == NOT_FOR_THAT
    leaves_no_choice = plan.choices == EXAMPLES or len(plan.choices) < 2 or plan.say.startswith((NOT_FOUND, WANTED))
    return plan.behaviour is Behaviour.CLARIFY and leaves_no_choice


def _is_bare_look(plan: Plan) -> bool:
    return len(plan.commands) == 1 and not plan.view and _BARE_GET.fullmatch(plan.commands[0]) is not None
