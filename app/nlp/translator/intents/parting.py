"""Clauses cut where another request begins, joined where one only adds to another, and lent the names they refer to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from app.nlp.translator.intents.matching import only_adds, wanted
from app.nlp.translator.intents.moods import Mood, begins_with_imperative, mood_of
from app.nlp.translator.intents.said import Clause, Word, joined
from app.nlp.translator.intents.words import NAMED, VALUES
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import Part

WANTS = frozenset({Mood.REQUEST, Mood.SHORT, Mood.LETS_NOT})
"""How a clause is meant that wants something."""
_JOINTS = frozenset(
    {
        "because",
        "since",
        "cause",
        "cos",
        "coz",
        "hence",
        "therefore",
        "so",
        "but",
        "although",
        "though",
        "until",
        "till",
        "before",
        "while",
        "whereas",
        "as",
    }
)
_GOES_ON = re.compile(r"(?:and )?(?:then|thereafter|afterwards|after that)\b")
_NAMING = frozenset({"name", "call", "named", "called"})
_BEFORE_AS = frozenset({"just", "as", "many", "much", "be", "half", "twice", "such", "well", "soon", "long", "doubled"})


_PURPOSE = frozenset(
    {"until", "till", "before", "while", "because", "since", "cause", "cos", "coz", "although", "though", "whereas"}
)
_PLACES = {"<namespace>": " in namespace {}", "<cluster>": " on cluster {}"}


_REFERS = frozenset(
    {
        "it",
        "its",
        "them",
        "they",
        "that",
        "this",
        "itself",
        "rollout",
        "both",
        "one",
        "replica",
        "replicas",
        "copy",
        "copies",
        "instance",
        "instances",
        "there",
    }
)
_LOOKS = re.compile(
    r"(?:(?:and|so|please|pls|can you|could you|would you|just|then|now|quickly|ok|hey|well|but|i need to|i want to|i would like to|let me|lets) )*"
    r"(?:show|list|get|display|fetch|give|see|tell|find|check|describe|print|look|pull|bring|count|compare|dump|grab|read|need|want|view|inspect|have a look|send)\b"
)


def begins_with_look(part: Clause) -> bool:
    """Whether a clause asks to be shown something."""
    return _LOOKS.match(part.text) is not None


def spoken(part: Clause) -> str:
    """The words of a clause as they were written."""
    tags = {id(word.tag): word.tag for word in part.words}.values()
    return " ".join(each.words for each in tags if each.part not in {Part.NAMESPACE, Part.CLUSTER}) + (
        "?" if part.mark == "?" else ""
    )


def parted(clauses: Iterable[Clause]) -> Iterator[Clause]:
    """Clauses cut before the words that begin a reason, and at an "and" before another request."""
    for clause in clauses:
        words = clause.words
        cuts = [
            at
            for at, (before, word) in enumerate(pairwise(words), 1)
            if (word.token in _JOINTS and not (word.token in {"so", "as"} and before.token in _BEFORE_AS))
            or (
                word.token in {"and", "then", "plus"}
                and before.token != "and"
                and _goes_on(words[at + 1 :], words[:at])
            )
        ]
        start = 0
        for at in [*cuts, len(words)]:
            part = words[start:at]
            if part:
                yield Clause(part, clause.mark if at == len(words) else ",")
            start = at


def _goes_on(rest: Sequence[Word], before: Sequence[Word]) -> bool:
    """Whether another request begins here, and what stands before it is one by itself."""
    text = " ".join(word.token for word in rest)
    if begins_with_imperative(text) or text.startswith(("thereafter", "afterwards", "then ")) or _LOOKS.match(text):
        return True
    first, behind = Clause(tuple(before)), Clause(tuple(rest))
    if not names_in(behind):
        return False
    told, mood = mood_of(first.text), mood_of(text)
    if mood is Mood.SHORT:
        return _is_whole(behind) and _is_whole(first)
    return mood is Mood.REQUEST and (told is not Mood.SHORT or _is_whole(first))


def merged(parts: Sequence[Clause], moods: Sequence[Mood]) -> list[tuple[Clause, Mood]]:
    """Clauses with those joined to them that only add values: "let checkout scale itself, 2 to 8, 60% cpu"."""
    found: list[tuple[Clause, Mood]] = []
    for part, mood in zip(parts, moods, strict=True):
        first = part.words[0].token
        if first in _PURPOSE:
            found.append((part, Mood.REMARK))
            continue
        names_it = first in _NAMING or part.text.startswith(("and name ", "and call "))
        explains = bool(found) and found[-1][0].mark == ":" and mood is Mood.SHORT
        adds = (
            not names_in(part)
            and (names_it or explains or (only_adds(part) and not begins_with_imperative(part.text)))
            and not _GOES_ON.match(part.text)
        )
        if adds and found and found[-1][1] in WANTS:
            found[-1] = (joined((found[-1][0], part)), found[-1][1])
        elif (
            found
            and found[-1][1] is Mood.SHORT
            and mood in WANTS
            and not _is_whole(found[-1][0])
            and not names_in(part)
        ):
            found[-1] = (joined((found[-1][0], part)), mood)
        else:
            found.append((part, mood))
    return found


_A_RESTART = re.compile(r"\b(?:an?|the|another|quick|fresh|clean) (?:\w+ )?(?:restart|rollback|bounce|kick)\b")


def with_name(part: Clause, names: Sequence[Word]) -> Clause:
    """A clause without a name of its own, with the one that was spoken of."""
    bare = len(part.words) <= 2 and begins_with_imperative(part.text)
    refers = (
        bare
        or _A_RESTART.search(part.text) is not None
        or any(word.token in _REFERS or word.token in KINDS or word.token in VALUES for word in part.words)
    )
    if names_in(part) or not refers or len({word.value for word in names}) != 1:
        return part
    return Clause((*part.words, names[0]), part.mark)


def names_in(part: Clause) -> list[Word]:
    """The words of a clause that name objects."""
    return [word for word in part.words if word.token in NAMED]


def _is_whole(part: Clause) -> bool:
    """Whether it wants something by itself already."""
    return next(wanted(part, may_lose=True), None) is not None


def places_in(parts: Sequence[Clause]) -> str:
    """The namespaces and clusters that clauses name, as they stand behind a request."""
    return place_of(joined(parts), "") if parts else ""


def place_of(part: Clause, otherwise: str) -> str:
    """A clause's own places, as they stand behind a request; others where it names none."""
    said = ""
    for slot, form in _PLACES.items():
        values = list(dict.fromkeys(word.value for word in part.words if word.token == slot))
        if values:
            said += form.format(" and ".join(values))
    if any(word.tag.part is Part.EVERY_CLUSTER for word in part.words):
        said += " on all clusters"
    return said or otherwise
