"""The parts of speech that the translator tells apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a word, or a few words together, was taken for."""

    VERB = "verb"
    KIND = "kind"
    NAME = "name"
    MISSING = "unknown name"
    NAMESPACE = "namespace"
    CLUSTER = "cluster"
    EVERYWHERE = "all namespaces"
    EVERY_CLUSTER = "all clusters"
    NUMBER = "number"
    DURATION = "duration"
    SELECTOR = "label"
    IMAGE = "image"
    CONTAINER = "container"
    STATUS = "status"
    TOPIC = "topic"
    FLAG = "option"
    ORDER = "order"
    METRIC = "metric"
    COPIES = "replicas"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    REFERENCE = "reference"
    ORDINAL = "ordinal"
    REPLY = "reply"
    LINK = "link"
    QUESTION = "question"
    COURTESY = "courtesy"
    FILLER = "filler"
    AUXILIARY = "auxiliary"
    COMPARISON = "comparison"
    PREPOSITION = "preposition"
    PERSON = "person"
    HEDGE = "hedge"
    NEGATION = "negation"
    REPORT = "report"
    TIME = "time"
    OUTSIDE = "out of scope"
    GREETING = "greeting"
    QUOTATION = "quotation"
    MARK = "mark"
    UNKNOWN = "unknown"


class Action(StrEnum):
    """What a verb asks for."""

    SHOW = "show"
    COUNT = "count"
    DESCRIBE = "describe"
    SWITCH = "switch"
    SCALE = "scale"
    RESTART = "restart"
    UNDO = "roll back"
    DELETE = "delete"
    IMAGE = "set image"
    CORDON = "cordon"
    UNCORDON = "uncordon"
    DRAIN = "drain"
    STOP = "stop"
    LIGHT = "make"
    OTHER = "change"


CHANGES = frozenset(set(Action) - {Action.SHOW, Action.COUNT, Action.DESCRIBE, Action.SWITCH, Action.LIGHT})


class Form(StrEnum):
    """The form of a verb: only the base can ask for something."""

    BASE = "base"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb as it was said: what it asks for, its form, and the direction of a change in number (+1, -1, or 0)."""

    action: Action
    form: Form = Form.BASE
    sign: int = 0

    def __str__(self) -> str:
        return self.action.value


@dataclass(frozen=True, slots=True)
class Sense:
    """What a phrase of the lexicon means: its part, and a value whose type depends on the part."""

    part: Part
    value: object = ""


# Parts that explain a plan when they are shown to the person; the others are grammar.
SHOWN_PARTS = frozenset(
    {
        Part.VERB,
        Part.KIND,
        Part.NAME,
        Part.MISSING,
        Part.NAMESPACE,
        Part.CLUSTER,
        Part.EVERYWHERE,
        Part.EVERY_CLUSTER,
        Part.NUMBER,
        Part.DURATION,
        Part.SELECTOR,
        Part.IMAGE,
        Part.CONTAINER,
        Part.STATUS,
        Part.TOPIC,
        Part.FLAG,
        Part.ORDER,
        Part.METRIC,
        Part.AMOUNT,
        Part.REFERENCE,
        Part.ORDINAL,
        Part.UNKNOWN,
    }
)
