"""Payloads and queries of the audit service, checked field by field; docs/architecture.md holds the border.

Every field is bounded. The bounds are wider than what the gateway lets a person send, so that no event that can happen
is refused here: a refused one would be lost, or come again for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.audit.entries import Event, Intent, Search
from app.errors import InvalidInputError, MalformedPayloadError

MOST_EVENTS = 1000
LARGEST_PAYLOAD_BYTES = 2**20
LARGEST_DETAIL_BYTES = 2**18
LARGEST_PAGE = 500
DEFAULT_PAGE = 100
_NUL = b"\\u0000"  # valid in JSON; PostgreSQL has no place for it
_SHOWN_NUL = "\\u2400"  # the picture of it: what was typed stays readable, and can hide nothing

Kind = Literal["intent", "outcome", "read", "refusal", "sign_in", "sign_out", "administration"]
Outcome = Literal["applied", "failed", "not_sent", "unknown", "refused", "ok"]
# PostgreSQL and Python both know these years, in every time zone.
Time = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
Name = Annotated[str, Field(max_length=1024)]
Word = Annotated[str, Field(max_length=256)]


class _Payload(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EventPayload(_Payload):
    """One event, as the gateway sends it."""

    event_id: UUID
    timestamp: Time
    kind: Kind
    user_id: UUID
    user_name: Word
    session_id: UUID | None = None
    request_id: Word
    trace_id: Word
    cluster: Name = ""
    namespace: Name = ""
    verb: Word = ""
    resource: Name = ""
    name: Name = ""
    command: Annotated[str, Field(max_length=2**17)] = ""
    intent_id: UUID | None = None
    plan_digest: Word | None = None
    outcome: Outcome | None = None
    detail: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> EventPayload:
        if self.kind == "outcome" and self.outcome is None:
            raise ValueError("an outcome event needs its outcome")
        return self

    def entry(self) -> Event:
        """The event to store; MalformedPayloadError when its detail is too large."""
        detail = orjson.dumps(self.detail)
        if len(detail) > LARGEST_DETAIL_BYTES:
            raise MalformedPayloadError(
                f"The detail of an event is larger than {LARGEST_DETAIL_BYTES // 1024} KiB, the most that is kept."
            )
        return Event(
            self.event_id,
            self.timestamp,
            self.kind,
            self.user_id,
            self.user_name,
            self.session_id,
            self.request_id,
            self.trace_id,
            self.cluster,
            self.namespace,
            self.verb,
            self.resource,
            self.name,
            self.command,
            self.intent_id,
            self.plan_digest,
            self.outcome,
            detail.decode(),
        )


class EventsPayload(_Payload):
    """The body of `POST /v1/events`."""

    events: list[EventPayload] = Field(min_length=1, max_length=MOST_EVENTS)

    def entries(self) -> list[Event]:
        """The events to store."""
        return [event.entry() for event in self.events]


class IntentPayload(_Payload):
    """The body of `POST /v1/intents`."""

    intent_id: UUID
    plan_id: UUID
    step: int = Field(default=0, ge=0, le=100_000)
    digest: Annotated[str, Field(min_length=1, max_length=256)]
    deadline: Time
    event: EventPayload

    @model_validator(mode="after")
    def _check(self) -> IntentPayload:
        if self.event.kind != "intent" or self.event.intent_id != self.intent_id:
            raise ValueError("the event must be of kind intent and carry the intent's id")
        return self

    def entry(self) -> Intent:
        """The intent to store."""
        return Intent(self.intent_id, self.plan_id, self.step, self.digest, self.deadline, self.event.entry())


class SearchQuery(_Payload):
    """The query of `GET /v1/events`."""

    user: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    kind: Kind | None = None
    cluster: Name | None = None
    namespace: Name | None = None
    verb: Word | None = None
    text: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    since: Time | None = None
    until: Time | None = None
    limit: int = Field(default=DEFAULT_PAGE, ge=1, le=LARGEST_PAGE)
    cursor: Annotated[str, Field(max_length=200)] | None = None

    def search(self) -> Search:
        """Which events are wanted; a `user` that reads as an id is one."""
        user_id = _as_id(self.user)
        return Search(
            user_id=user_id,
            user_name=self.user if user_id is None else None,
            kind=self.kind,
            cluster=self.cluster,
            namespace=self.namespace,
            verb=self.verb,
            text=self.text,
            since=self.since,
            until=self.until,
        )


class IntentsQuery(_Payload):
    """The query of `GET /v1/intents`."""

    state: Literal["open"] = "open"
    before: Time | None = None


Model = TypeVar("Model", bound=BaseModel)


def read_payload(model: type[Model], body: bytes) -> Model:
    """A payload from its JSON text.

    Raises:
        InvalidInputError: it is no JSON.
        MalformedPayloadError: it is not what this route reads; the message names the fields.
    """
    if _NUL in body:
        body = _show_nul(body)
    try:
        return model.model_validate_json(body)
    except ValidationError as exc:
        if any(fault["type"] == "json_invalid" for fault in exc.errors(include_input=False, include_url=False)):
            raise InvalidInputError("The payload is not valid JSON.", code="not_json") from exc
        raise MalformedPayloadError(f"The payload cannot be read; look at: {_fields(exc)}.") from exc


def read_query(model: type[Model], query: Mapping[str, str]) -> Model:
    """The parameters of a GET.

    Raises:
        InvalidInputError: one is unknown or makes no sense; the message names them.
    """
    if any("\0" in value for value in query.values()):
        raise InvalidInputError("The query holds a NUL character, which nothing that is kept does.")
    try:
        return model.model_validate(dict(query))
    except ValidationError as exc:
        raise InvalidInputError(f"The query cannot be read; look at: {_fields(exc)}.") from exc


def _fields(error: ValidationError) -> str:
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    names = sorted({".".join(str(part) for part in fault["loc"]) or "body" for fault in faults})
    return ", ".join(names[:10])[:300]


def _show_nul(body: bytes) -> bytes:
    """The same JSON with NUL characters made visible; an escaped backslash before "u0000" is no NUL."""
    parts = body.split(b"\\\\")
    return b"\\\\".join(part.replace(_NUL, _SHOWN_NUL.encode()) for part in parts)


def _as_id(user: str | None) -> UUID | None:
    if user is None:
        return None
    try:
        return UUID(user)
    except ValueError:
        return None
