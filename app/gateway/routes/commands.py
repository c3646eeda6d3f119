"""kubectl lines from a terminal: the chat's engine without a conversation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from app.domain.commands.model import Risk
from app.domain.commands.parser import parse
from app.domain.identities import impersonation_of
from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.schemas import CommandLine, PlanDecision
from app.gateway.service.audit_trail import audit_event
from app.gateway.service.turn import TurnOutput
from app.infra.ids import new_id
from app.telemetry.http import current_request_id

router = APIRouter(prefix="/api/v1")


@router.post("/commands")
async def run_command(payload: CommandLine, session: SessionOf, parts: PartsOf) -> dict[str, list[dict[str, Any]]]:
    """Run a read, or show what a change would do; a change runs only by its plan's confirmation."""
    engine, person = parts.engine, session.person
    cluster = payload.cluster or engine.current_cluster
    namespace = payload.namespace or engine.default_namespace(cluster)
    command = parse(payload.line, cluster=cluster, namespace=namespace, clusters=engine.cluster_names)
    output, events = _collecting()
    if command.risk is not Risk.READ:
        await parts.changes.preview(person, [command], output, session_id=None, request_id=current_request_id())
        return {"events": events}
    outcome = "failed"
    try:
        for result in await engine.read(command, impersonation_of(person)):
            await output.emit(result.to_event())
        outcome = "ok"
    finally:
        await parts.trail.record(
            [
                audit_event(
                    "read",
                    person,
                    cluster=command.cluster,
                    namespace=command.namespace,
                    verb=command.verb,
                    command=command.line(),
                    outcome=outcome,
                )
            ]
        )
    return {"events": events}


@router.post("/plans/{plan_id}/confirm")
async def confirm_plan(
    plan_id: UUID, payload: PlanDecision, session: SessionOf, parts: PartsOf
) -> dict[str, list[dict[str, Any]]]:
    """Carry out a plan that `commands` showed."""
    output, events = _collecting()
    await parts.changes.confirm(session.person, plan_id, payload.digest, payload.typed, output)
    return {"events": events}


@router.post("/plans/{plan_id}/cancel")
async def cancel_plan(plan_id: UUID, session: SessionOf, parts: PartsOf) -> dict[str, list[dict[str, Any]]]:
    """Close a plan without doing anything."""
    output, events = _collecting()
    await parts.changes.cancel(session.person, plan_id, output)
    return {"events": events}


def _collecting() -> tuple[TurnOutput, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []

    async def keep(event: dict[str, Any]) -> None:
        events.append(event)

    return TurnOutput(new_id(), keep), events
