"""Splits a request into its steps: "scale web to 5 and show the pods" is two."""

from __future__ import annotations

from collections.abc import Sequence

from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
from app.nlp.translator.tagger import Tag

MAX_CLAUSES = 4
_JOINTS = frozenset({"and", "then", "and then", "after that", "afterwards", "also", "finally"})
_SEQUENCE = frozenset({"then", "and then", "after that", "afterwards"})
_SOFT = frozenset({Part.COURTESY, Part.FILLER, Part.LINK})
_OBJECTS = frozenset(
    {Part.NAME, Part.KIND, Part.FILLER, Part.MARK, Part.COURTESY, Part.PREPOSITION, Part.NAMESPACE, Part.CLUSTER}
)
_TOPICS = frozenset({"logs", "events"})


def split(tags: Sequence[Tag]) -> list[list[Tag]]:
    """The clauses, in order; a request that can't be split safely stays whole."""
    clauses: list[list[Tag]] = [[]]
    for i, tag in enumerate(tags):
        hard = tag.part is Part.MARK and tag.words in {";", ".", "!", "?"}
        joint = tag.low in _JOINTS or (tag.part is Part.MARK and tag.words == ",")
        if tag.low in {"because", "cause"}:
            return _close([*clauses, []])
        if hard and clauses[-1]:
            if tag.words == "?":
                clauses[-1].append(tag)
            clauses.append([])
        elif joint and _begins_clause(tag, tags[i + 1 :]) and _is_complete(clauses[-1]):
            clauses.append([])
        elif not hard:
            clauses[-1].append(tag)
    return _close(clauses)


def _close(clauses: list[list[Tag]]) -> list[list[Tag]]:
    return [c for c in clauses if any(t.part not in {Part.MARK, Part.COURTESY, Part.FILLER} for t in c)]


def _begins_request(rest: Sequence[Tag]) -> bool:
    """Whether what follows is a request of its own: a verb in its base form, or "its logs"."""
    for tag in rest:
        if tag.part in _SOFT or tag.low in _JOINTS or tag.part is Part.REFERENCE:
            continue
        if isinstance(tag.value, Verb):
            return tag.value.form is Form.BASE and (
                tag.value.action in CHANGES | {Action.SHOW, Action.DESCRIBE, Action.COUNT}
                or tag.low in {"set", "bring", "make", "add"}
            )
        return tag.part is Part.TOPIC and tag.value in _TOPICS and any(t.part is Part.REFERENCE for t in rest)
    return False


def _begins_clause(joint: Tag, rest: Sequence[Tag]) -> bool:
    if joint.low in _SEQUENCE:
        first = next((t for t in rest if t.part not in _SOFT), None)
        topics = any(t.part is Part.TOPIC and t.value in _TOPICS for t in rest)
        counted = first is not None and first.part is Part.NUMBER and topics
        later = [t for t in rest if t.part not in _SOFT and t.part is not Part.REFERENCE]
        its = (
            first is not None
            and first.part is Part.REFERENCE
            and bool(later)
            and later[0].part in {Part.KIND, Part.TOPIC}
        )
        return _begins_request(rest) or counted or its or (first is not None and first.part in {Part.TOPIC, Part.KIND})
    return _begins_request(rest) or (joint.words == "," and (_begins_remark(rest) or _begins_question(rest)))


def _begins_question(rest: Sequence[Tag]) -> bool:
    """Whether what follows a comma asks ("he deleted cart, is it still there?")."""
    return len(rest) > 2 and rest[0].part is Part.AUXILIARY and any(tag.words == "?" for tag in rest)


def _begins_remark(rest: Sequence[Tag]) -> bool:
    """Whether what follows a comma says something about the object ("restart web, it hangs")."""
    return (
        len(rest) > 1 and rest[0].part is Part.REFERENCE and rest[1].part in {Part.AUXILIARY, Part.STATUS, Part.TOPIC}
    )


def _is_complete(clause: Sequence[Tag]) -> bool:
    """Whether a clause has something to say: "hey, restart web" has one step."""
    if all(t.part in _OBJECTS | {Part.REFERENCE} for t in clause):
        return False
    return any(
        t.part
        not in {
            Part.COURTESY,
            Part.FILLER,
            Part.MARK,
            Part.LINK,
            Part.PREPOSITION,
            Part.REPLY,
            Part.NAMESPACE,
            Part.CLUSTER,
        }
        for t in clause
    )
