"""Decides whether a clause asks for a change, and for which one.

Closed by default: a clause asks for a change only if every word of it is accounted for, it has exactly one verb of
change in its base form, and that verb stands where an imperative stands. Whatever is left over, past, conditional,
negated, reported or quoted goes to `restraint`, which asks. No command is written here.
"""

from __future__ import annotations

from app.nlp.translator.frame import Frame
from app.nlp.translator.lexicon.kinds import KINDS
from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
from app.nlp.translator.tagger import POLITE_GERUND, Tag

_ALLOWED = frozenset(
    {
        Part.VERB,
        Part.NAME,
        Part.KIND,
        Part.NAMESPACE,
        Part.CLUSTER,
        Part.EVERY_CLUSTER,
        Part.NUMBER,
        Part.COPIES,
        Part.AMOUNT,
        Part.PREPOSITION,
        Part.FILLER,
        Part.COURTESY,
        Part.MARK,
        Part.IMAGE,
        Part.CONTAINER,
        Part.LINK,
        Part.REPLY,
        Part.FLAG,
    }
)
_LEADING = frozenset(
    {Part.COURTESY, Part.FILLER, Part.MARK, Part.PREPOSITION, Part.NAMESPACE, Part.CLUSTER, Part.LINK, Part.REPLY}
)
_GENTLE = frozenset({Action.RESTART, Action.SCALE, Action.LIGHT, Action.UNDO})
_WISHES = ("i want", "we want", "i need", "we need", "i would like", "we would like", "want", "need")


def is_about_change(frame: Frame) -> bool:
    """Whether a verb of change occurs, in whatever form and mood."""
    return any(verb.action in CHANGES for _, verb in frame.verbs())


def asked_for(frame: Frame) -> Verb | None:
    """The one change that the clause asks for."""
    verbs = [(tag, Verb(Action.LIGHT) if tag.low == "give" else verb) for tag, verb in frame.verbs()]
    changing = [(tag, verb) for tag, verb in verbs if verb.action in CHANGES or verb.action is Action.LIGHT]
    others = [verb for _, verb in verbs if verb.action not in CHANGES and verb.action is not Action.LIGHT]
    if others or not _all_words_allowed(frame, changing):
        return None
    if not changing:
        return _unspoken_scale(frame)
    if any(verb.form is not Form.BASE for _, verb in changing) and not _is_polite_gerund(frame, changing):
        return None
    real = [(tag, verb) for tag, verb in changing if verb.action in CHANGES]
    if len(changing) == 1:
        tag, verb = changing[0]
        if _leads(frame, tag) or _trails(frame, tag):
            return _in_context(frame, verb)
        return None
    # "do a restart of web", "give checkout a restart": a light verb leads, the real one follows as a noun.
    if (
        len(changing) == 2
        and len(real) == 1
        and changing[0][1].action is Action.LIGHT
        and _leads(frame, changing[0][0])
    ):
        return _in_context(frame, real[0][1])
    return None


def _all_words_allowed(frame: Frame, changing: list[tuple[Tag, Verb]]) -> bool:
    actions = {verb.action for _, verb in changing}
    for tag in frame.tags:
        if tag.part in _ALLOWED:
            if tag.part is Part.REPLY and tag.value not in {"yes", "again", "thanks"}:
                return False
            continue
        if tag.part is Part.STATUS and frame.names and actions & {Action.RESTART, Action.DELETE}:
            continue
        if (
            tag.part is Part.TOPIC
            and tag.value in {"history", "rollout", "version"}
            and actions & {Action.UNDO, Action.RESTART}
        ):
            continue
        if tag.part is Part.TOPIC and tag.value == "image" and (Action.IMAGE in actions or frame.has(Part.IMAGE)):
            continue
        if tag.part is Part.TOPIC and tag.value == "context" and frame.has(Part.CLUSTER):
            continue
        if (
            tag.part is Part.QUANTITY
            and tag.value == "all"
            and frame.names
            and (tag.low == "both" or actions <= _GENTLE)
        ):
            continue
        if tag.low == "number of" and (frame.has(Part.COPIES) or KINDS["pods"] in frame.kinds):
            continue
        if tag.low in {"have", "has"} and frame.says(*_WISHES):
            continue
        if tag.part is Part.STATUS and tag.low == "unschedulable" and Action.LIGHT in actions:
            continue
        return tag.part in {
            Part.QUANTITY,
            Part.EVERYWHERE,
            Part.UNKNOWN,
            Part.MISSING,
            Part.SELECTOR,
        } and _only_object_is_unclear(frame)
    return True


def _only_object_is_unclear(frame: Frame) -> bool:
    """All words are allowed but those that say which objects: the change is asked for, and the question is of what."""
    unclear = {Part.QUANTITY, Part.EVERYWHERE, Part.UNKNOWN, Part.MISSING, Part.STATUS, Part.SELECTOR}
    return not frame.names and all(tag.part in _ALLOWED | unclear for tag in frame.tags)


def _leads(frame: Frame, verb: Tag) -> bool:
    """Whether nothing but courtesies and places stands before the verb, or its object set off by a comma."""
    before = frame.tags[: frame.tags.index(verb)]
    if all(tag.part in _LEADING and tag.value != "to" for tag in before):
        return True
    dislocated = bool(before) and before[-1].words == ","
    return dislocated and all(tag.part in _LEADING | {Part.NAME, Part.KIND} for tag in before)


def _trails(frame: Frame, verb: Tag) -> bool:
    """Whether it is a headline: objects, then the bare verb ("web restart")."""
    before = [t for t in frame.tags[: frame.tags.index(verb)] if t.part not in {Part.COURTESY, Part.MARK}]
    if not before or frame.says("?", "do", "the", "a"):
        return False
    objects = {Part.NAME, Part.KIND, Part.NAMESPACE, Part.CLUSTER}
    behind = frame.tags[frame.tags.index(verb) + 1 :]
    return (
        any(t.part is Part.NAME for t in before)
        and all(t.part in objects for t in before)
        and not any(t.part is Part.NAME for t in behind)
    )


def _is_polite_gerund(frame: Frame, changing: list[tuple[Tag, Verb]]) -> bool:
    return frame.says(*POLITE_GERUND) and len(changing) == 1 and changing[0][0].low.endswith("ing")


def _in_context(frame: Frame, verb: Verb) -> Verb | None:
    """What the verb means beside its objects: "set web to 5" scales, "set web to nginx:1.28" sets an image."""
    if verb.action is Action.DELETE and frame.has(Part.COPIES) and frame.names:
        return verb
    if verb.action is Action.LIGHT:
        if frame.has(Part.IMAGE):
            return Verb(Action.IMAGE)
        if frame.says("unschedulable"):
            return Verb(Action.CORDON)
        if frame.names and (frame.numbers or frame.has(Part.AMOUNT)):
            return verb
        return None
    return verb


def _unspoken_scale(frame: Frame) -> Verb | None:
    """No verb at all: "web 4 replicas", "5 replicas of cart", "web to 5", "double web"."""
    states = frame.says("runs", "has", "had", "is", "are", "was") and not frame.says(*_WISHES)
    if frame.is_question or states or not frame.names:
        return None
    copies = frame.has(Part.COPIES) or (KINDS["pods"] in frame.kinds and frame.says(*_WISHES))
    to = any(t.value == "to" for t in frame.of(Part.PREPOSITION))
    factor = frame.has(Part.AMOUNT, "double", "triple", "quadruple", "half")
    if (frame.numbers and (copies or to)) or factor or (frame.has(Part.AMOUNT, "more", "fewer") and copies):
        return Verb(Action.LIGHT)
    return None
