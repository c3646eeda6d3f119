"""What the language service reads and writes, as docs/architecture.md has it.

Unknown fields are ignored, so that a gateway may be newer than this service during a rollout.
"""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.domain.commands.for_models import MOST_STEPS
from app.errors import MalformedPayloadError
from app.nlp.models.when import Scope
from app.nlp.translator.plan import Context, Plan, Turn

B = TypeVar("B", bound=BaseModel)
MAX_TURNS = 20  # what people refer back to is younger than that
MAX_ROWS = 200


class TurnBody(BaseModel):
    """An earlier turn."""

    model_config = ConfigDict(extra="ignore")

    command: str
    state: str = "done"
    rows: list[str] = Field(default_factory=list)
    row_count: int | None = None
    before: str | None = None
    cells: dict[str, str] = Field(default_factory=dict)


class ContextBody(BaseModel):
    """Where the person stands."""

    model_config = ConfigDict(extra="ignore")

    cluster: str = ""
    namespace: str = "default"
    turns: list[TurnBody] = Field(default_factory=list)
    caches_cleared_at: int = 0

    def made(self) -> Context:
        """It as the translator takes it: the latest turns, and the first rows of each."""
        turns = tuple(
            Turn(t.command, t.state, tuple(t.rows[:MAX_ROWS]), t.row_count, t.before, dict(t.cells))
            for t in self.turns[-MAX_TURNS:]
        )
        return Context(self.cluster, self.namespace, turns)


class VocabularyBody(BaseModel):
    """The names that this person may see; read only when they are not in memory already."""

    model_config = ConfigDict(extra="ignore")

    version: str = ""
    clusters: list[str] = Field(default_factory=list)
    namespaces: list[str] = Field(default_factory=list)
    objects: dict[str, dict[str, list[str]]] = Field(default_factory=dict)
    selectors: dict[str, dict[str, dict[str, str]]] = Field(default_factory=dict)
    replicas: dict[str, dict[str, dict[str, int]]] = Field(default_factory=dict)


class PlanBody(BaseModel):
    """The body of `POST /v1/plan`."""

    model_config = ConfigDict(extra="ignore")

    text: str
    context: ContextBody = Field(default_factory=ContextBody)
    vocabulary: dict[str, Any] = Field(default_factory=dict)


class CallBody(BaseModel):
    """A read that a model called, as it was sent to the gateway, with what it gave."""

    model_config = ConfigDict(extra="ignore")

    id: str
    name: str
    arguments: str
    result: str = ""


class StepBody(BaseModel):
    """A round of reads."""

    model_config = ConfigDict(extra="ignore")

    said: str = ""
    calls: list[CallBody]


class AnswerBody(PlanBody):
    """The body of `POST /v1/answer`."""

    scope: Scope
    reads: bool = True
    steps: list[StepBody] = Field(default_factory=list, max_length=MOST_STEPS)
    corrected: bool = False


class NamesBody(BaseModel):
    """A cluster's names, and where conversations about it stand."""

    model_config = ConfigDict(extra="ignore")

    cluster: str
    namespace: str = "default"
    vocabulary: dict[str, Any]


class WarmBody(BaseModel):
    """The body of `POST /v1/warm`."""

    model_config = ConfigDict(extra="ignore")

    names: list[NamesBody] = Field(max_length=100)


_BODY = TypeAdapter(PlanBody)
_ANSWER = TypeAdapter(AnswerBody)
_WARM = TypeAdapter(WarmBody)
_VOCABULARY = TypeAdapter(VocabularyBody)


def read_body(content: bytes) -> PlanBody:
    """The request that some bytes hold.

    Raises:
        MalformedPayloadError: they are no JSON, or not of this shape.
    """
    return _read(_BODY, content)


def read_answer_body(content: bytes) -> AnswerBody:
    """The request to a model that some bytes hold; raises as `read_body`."""
    return _read(_ANSWER, content)


def read_warm_body(content: bytes) -> WarmBody:
    """The names that some bytes hold, to be made ready ahead; raises as `read_body`."""
    return _read(_WARM, content)


def _read(shape: TypeAdapter[B], content: bytes) -> B:
    try:
        decoded = orjson.loads(content)
    except orjson.JSONDecodeError as exc:
        raise MalformedPayloadError("The payload is no JSON.") from exc
    try:
        return shape.validate_python(decoded)
    except ValidationError as exc:
        raise _malformed(exc) from exc


def read_vocabulary(decoded: dict[str, Any]) -> VocabularyBody:
    """The vocabulary that a request holds.

    Raises:
        MalformedPayloadError: it is not of this shape.
    """
    try:
        return _VOCABULARY.validate_python(decoded)
    except ValidationError as exc:
        raise _malformed(exc) from exc


def _malformed(exc: ValidationError) -> MalformedPayloadError:
    fields = sorted({".".join(str(part) for part in fault["loc"][:3]) or "body" for fault in exc.errors()})
    return MalformedPayloadError(f"The payload cannot be read; look at: {', '.join(fields)[:200]}.")


def reading_event(plan: Plan) -> dict[str, Any]:
    """The event that says how the words were read."""
    text = ", ".join(f"{r.part} {r.value}" if r.value else r.part for r in plan.reading if r.part != "unknown")
    return {"event": "reading", "text": text}


def plan_event(plan: Plan, backend: str, scope: Scope = Scope.NONE) -> dict[str, Any]:
    """The event that ends a request.

    Args:
        plan: the plan.
        backend: what made it.
        scope: what a model, which is there, may add to it.
    """
    event: dict[str, Any] = {
        "event": "plan",
        "behaviour": plan.behaviour.value,
        "commands": plan.commands,
        "say": plan.say,
        "choices": plan.choices,
        "confidence": plan.confidence,
        "reading": [{"words": r.words, "part": r.part, "value": r.value} for r in plan.reading],
        "target": plan.target,
        "action": plan.action,
        "backend": backend,
    }
    if scope:
        event["model"] = scope.value
    if plan.view:
        event["view"] = {
            "where": [{"column": c.column, "op": c.op, "value": c.value} for c in plan.view.where],
            "count": plan.view.count,
            "limit": plan.view.limit,
            "match": plan.view.match,
        }
    if plan.question is not None:
        asked = plan.question
        event["question"] = {
            "topic": asked.topic,
            "objects": asked.objects,
            "action": asked.action,
            "since_s": asked.since_s,
        }
    return event


def encode(event: dict[str, Any]) -> bytes:
    """One line of NDJSON."""
    return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
