"""What is told, and written down, of plans and their steps: the events' shapes, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid5

from app.domain.commands.preview import Step
from app.domain.identities import Person
from app.errors import ConflictError, KubeChatError
from app.gateway.service.audit_trail import audit_event
from app.gateway.store.plans import Plan

_OUTCOME_NAMESPACE = UUID("6f0d1f0e-7a54-5c39-9a43-0d5b6c1b7a11")


def decided(plan: Plan) -> KubeChatError:
    """The answer to a decision on a plan that is decided already."""
    words = {
        "previewed": "could not be confirmed",
        "confirmed": "is being carried out",
        "applied": "was carried out",
        "cancelled": "was cancelled",
        "expired": "has expired",
        "refused": "was replaced by a newer one, or denied",
    }
    return ConflictError(f"This plan {words.get(plan.state, 'is finished')} already.", code="plan_decided")


def overall(states: Sequence[str]) -> str:
    """The state of a plan by those of its steps: the worst that is true."""
    for state in ("unknown", "failed"):
        if state in states:
            return state
    if all(state == "applied" for state in states):
        return "applied"
    return "not_sent" if all(state == "not_sent" for state in states) else "failed"


def outcome(plan_id: UUID, state: str, text: str, events: Sequence[str] = ()) -> dict[str, Any]:
    """The `outcome` event of a plan."""
    return {"type": "outcome", "plan": str(plan_id), "state": state, "text": text, "events": list(events)}


def progress(plan_id: UUID, step: int, text: str, *, job: bool = False) -> dict[str, Any]:
    """The `progress` event of a plan; `job` says that it goes on without its turn and may be cancelled."""
    return {"type": "progress", "plan": str(plan_id), "step": step, "text": text, "job": job}


def step_event(
    kind: str,
    person: Person,
    step: Step,
    *,
    plan: Plan | None = None,
    session_id: UUID | None = None,
    intent_id: UUID | None = None,
    outcome: str | None = None,
    detail: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The audit event of one step.

    Args:
        kind: of the event.
        person: whose plan it is.
        step: the request.
        plan: what it belongs to, once it is one.
        session_id: the conversation, where there is no plan yet.
        intent_id: under which it is sent.
        outcome: what became of it.
        detail: more about it.
    """
    event = audit_event(
        kind,
        person,
        session_id=plan.session_id if plan else session_id,
        cluster=step.cluster,
        namespace=step.namespace,
        verb=step.verb,
        resource=step.resource,
        name=step.name,
        command=step.command,
        intent_id=intent_id,
        plan_digest=plan.digest if plan else None,
        outcome=outcome,
        detail={"summary": step.summary, **(detail or {})},
        request_id=plan.request_id if plan else "",
        trace_id=plan.trace_id if plan else "",
    )
    if intent_id is not None:
        # The same step and state give the same id, so that a second process that tells it changes nothing.
        event["event_id"] = str(uuid5(_OUTCOME_NAMESPACE, f"{intent_id}:{kind}:{outcome}"))
    return event
