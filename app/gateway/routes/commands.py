"""kubectl lines from a terminal: the chat's engine without a conversation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request

from app.domain.commands.model.command import Risk
from app.domain.commands.parser import parse
from app.domain.commands.results import Result
from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.schemas import CommandLine, PlanDecision
from app.gateway.service.reads import operation_class_of
from app.gateway.service.turn import TurnOutput
from app.infra.ids import new_id
from app.telemetry.http import current_request_id, set_operation_class
from slo.operation_class import OperationClass

router = APIRouter(prefix="/api/v1")


@router.post("/commands")
async def run_command(
    request: Request, payload: CommandLine, session: SessionOf, parts: PartsOf
) -> dict[str, list[dict[str, Any]]]:
    """Run a read, or show what a change would do; a change runs only by its plan's confirmation."""
    engine, person = parts.engine, session.person
    cluster = payload.cluster or engine.current_cluster
    namespace = payload.namespace or engine.default_namespace(cluster)
    command = parse(payload.line, cluster=cluster, namespace=namespace, clusters=engine.cluster_names)
    set_operation_class(request.scope, operation_class_of([command]))
    output, events = _collecting()
    if command.risk is not Risk.READ:
        await parts.changes.preview(person, [command], output, session_id=None, request_id=current_request_id())
        return {"events": events}
    recorded: list[dict[str, Any]] = []

    async def show(result: Result) -> None:
        await output.emit(result.to_event())

    try:
        await parts.reads.run(person, command, show, recorded)
    finally:
        await parts.trail.record(recorded)
    return {"events": events}


@router.post("/plans/{plan_id}/confirm")
async def confirm_plan(
    request: Request, plan_id: UUID, payload: PlanDecision, session: SessionOf, parts: PartsOf
) -> dict[str, list[dict[str, Any]]]:
    """Carry out a plan that `commands` showed."""
    set_operation_class(request.scope, OperationClass.COMPLEX)
    output, events = _collecting()
    await parts.changes.confirm(session.person, plan_id, payload.digest, payload.typed, output)
    return {"events": events}


@router.post("/plans/{plan_id}/cancel")
async def cancel_plan(plan_id: UUID, session: SessionOf, parts: PartsOf) -> dict[str, list[dict[str, Any]]]:
    """Close a plan without doing anything."""
    output, events = _collecting()
    await parts.changes.cancel(session.person, plan_id, output)
    return {"events": events}


@router.post("/plans/{plan_id}/undo")
async def undo_plan(
    request: Request, plan_id: UUID, session: SessionOf, parts: PartsOf
) -> dict[str, list[dict[str, Any]]]:
    """Show what takes a plan back, as a plan of its own that waits for its confirmation."""
    set_operation_class(request.scope, OperationClass.COMPLEX)
    output, events = _collecting()
    await parts.changes.undo(session.person, plan_id, output, session_id=None, request_id=current_request_id())
    return {"events": events}


def _collecting() -> tuple[TurnOutput, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []

    async def keep(event: dict[str, Any]) -> None:
        events.append(event)

    return TurnOutput(new_id(), keep), events
