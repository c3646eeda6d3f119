"""What the audit service keeps: events, and intents of changes. Plain data; nothing here reads or writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """One audit event, checked; the fields are those of docs/architecture.md, in the order of the table's columns.

    Attributes:
        detail: JSON text of an object.
    """

    event_id: UUID
    timestamp: datetime
    kind: str
    user_id: UUID
    user_name: str
    session_id: UUID | None
    request_id: str
    trace_id: str
    cluster: str
    namespace: str
    verb: str
    resource: str
    name: str
    command: str
    intent_id: UUID | None
    plan_digest: str | None
    outcome: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Intent:
    """The record that one step of a plan is going to be sent to a cluster, before it is sent.

    Attributes:
        intent_id: its id.
        plan_id: the plan.
        step: number of the mutating request within the plan, from 0.
        digest: of what the person confirmed.
        deadline: the change is not sent after this time.
        event: the event that is stored with it, in the same transaction.
    """

    intent_id: UUID
    plan_id: UUID
    step: int
    digest: str
    deadline: datetime
    event: Event


@dataclass(frozen=True, slots=True)
class Search:
    """Which events are wanted; None asks for all.

    Attributes:
        user_id: the person, by id.
        user_name: the person, by name.
        kind: the event's kind.
        cluster: exact name.
        namespace: exact name.
        verb: exact verb.
        text: part of the command, in any case.
        since: not before this time.
        until: before this time.
    """

    user_id: UUID | None = None
    user_name: str | None = None
    kind: str | None = None
    cluster: str | None = None
    namespace: str | None = None
    verb: str | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page of events ends: the next page begins after it, newest first."""

    timestamp: datetime
    event_id: UUID
