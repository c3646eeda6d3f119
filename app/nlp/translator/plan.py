"""What goes into a translation and what comes out of it.

These types carry data only: no reading of words happens here, and nothing here decides what is safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Behaviour(StrEnum):
    """What is to be done with a plan, from the mildest to the strictest."""

    ANSWER = "answer"
    RUN = "run"
    SESSION = "session"
    DIAGNOSE = "diagnose"
    CONFIRM = "confirm"
    STRONG = "strong"
    CLARIFY = "clarify"
    REFUSE = "refuse"


CHANGING: Final = frozenset({Behaviour.CONFIRM, Behaviour.STRONG})
"""What would change a cluster; each waits for a person's confirmation."""
DONE: Final = CHANGING | {Behaviour.RUN, Behaviour.DIAGNOSE, Behaviour.SESSION}
"""What something comes of, in place of a sentence or a question."""
_STRICTNESS = {behaviour: rank for rank, behaviour in enumerate(Behaviour)}


def strictest(behaviours: Iterable[Behaviour]) -> Behaviour:
    """The strictest of several behaviours; `answer` for none."""
    return max(behaviours, key=_STRICTNESS.__getitem__, default=Behaviour.ANSWER)


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier turn of the conversation.

    Attributes:
        command: its kubectl line.
        state: "done" or "pending" (shown, not yet confirmed).
        rows: names in its result, in the order shown.
        row_count: number of rows in the result, where not all names are sent.
        before: the value that a change replaced, e.g. the number of replicas.
        cells: what else its only row showed, by its column: {"NODE": "node-b"}.
    """

    command: str
    state: str = "done"
    rows: tuple[str, ...] = ()
    row_count: int | None = None
    before: str | None = None
    cells: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """Where the person stands: the current cluster and namespace, and earlier turns, oldest first."""

    cluster: str
    namespace: str
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One part of the text and what it was taken for."""

    words: str
    part: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on a column of the resulting table that kubectl itself cannot express.

    Attributes:
        column: the column's name in kubectl's table, e.g. "STATUS".
        op: one of "=", "!=", ">", "<", "in", "not in"; for numbers ">" and "<", for ages in seconds too.
        value: what to compare with; alternatives are separated by commas.
    """

    column: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class View:
    """How the result is shown: which rows, how many, whether only their number was asked, which lines of a log."""

    where: tuple[Condition, ...] = ()
    count: bool = False
    limit: int | None = None
    match: str = ""

    def __bool__(self) -> bool:
        return bool(self.where or self.count or self.limit or self.match)


@dataclass(frozen=True, slots=True)
class Question:
    """What an answer is wanted to that no cluster has: who asked this service knows where to look.

    Attributes:
        topic: `alerts`, `budgets`, `metrics` or `audit`.
        objects: names of objects that it is about, as the vocabulary has them.
        action: for the audit log: the verb of kubectl that is asked about, such as "scale"; empty for any.
        since_s: seconds back from now that it is about; 0 where no time was said.
    """

    topic: str
    objects: tuple[str, ...] = ()
    action: str = ""
    since_s: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer to a text.

    Attributes:
        behaviour: what is to be done; never a reason to lower the receiver's own checks.
        commands: complete kubectl lines with their namespace, and their context where it is not the current one.
        say: one or two sentences for the person: the question, the reason, or a remark.
        choices: sentences that would answer the question.
        confidence: 0 (not understood) to 1.
        reading: which words became which part.
        target: what to diagnose: "kind/name -n namespace", "namespace/name" or "cluster".
        action: what to do with the session or with the pending plan.
        view: how to show the result.
        question: what an answer is wanted to; None where `say` is all there is to say.
    """

    behaviour: Behaviour
    commands: tuple[str, ...] = ()
    say: str = ""
    choices: tuple[str, ...] = ()
    confidence: float = 0.0
    reading: tuple[Reading, ...] = ()
    target: str = ""
    action: str = ""
    view: View = field(default_factory=View)
    question: Question | None = None


def ask(say: str, choices: Iterable[str] = (), *, confidence: float = 0.3, reading: tuple[Reading, ...] = ()) -> Plan:
    """A question back, with sentences that would answer it."""
    return Plan(Behaviour.CLARIFY, say=say, choices=tuple(choices), confidence=confidence, reading=reading)


def refuse(say: str, *, confidence: float = 0.9, reading: tuple[Reading, ...] = ()) -> Plan:
    """A refusal in one sentence, with its reason."""
    return Plan(Behaviour.REFUSE, say=say, confidence=confidence, reading=reading)


def answer(
    say: str,
    choices: Iterable[str] = (),
    *,
    confidence: float = 0.8,
    reading: tuple[Reading, ...] = (),
    question: Question | None = None,
) -> Plan:
    """A sentence that needs no command; with a question, it stands for the answer where that cannot be had."""
    return Plan(
        Behaviour.ANSWER, say=say, choices=tuple(choices), confidence=confidence, reading=reading, question=question
    )
