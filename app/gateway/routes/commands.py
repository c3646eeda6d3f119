"""kubectl lines from a terminal: the chat's engine without a conversation."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request

from app.domain.commands.model.command import Risk
from app.domain.commands.model.streaming import streams
from app.domain.commands.parser import parse_each_aside
from app.domain.commands.reading.pages import no_page
from app.domain.commands.results import Result
from app.errors import InvalidInputError, KubeChatError
from app.gateway.dependencies import Parts, PartsOf, SessionOf
from app.gateway.schemas import Approve, CommandPage, PlanDecision
from app.gateway.service.reads import operation_class_of
from app.gateway.service.sign_in import Session
from app.gateway.service.turn import TurnOutput
from app.gateway.service.view import View
from app.infra.ids import new_id
from app.telemetry.http import current_request_id, set_operation_class
from slo.operation_class import OperationClass

router = APIRouter(prefix="/api/v1")


@router.post("/commands")
async def run_command(
    request: Request, payload: CommandPage, session: SessionOf, parts: PartsOf
) -> dict[str, list[dict[str, Any]]]:
    """Run a read, or show what a change would do; a change runs only by its plan's confirmation."""
    engine, person = parts.engine, session.person
    cluster = payload.cluster or engine.current_cluster
    namespace = payload.namespace or engine.default_namespace(cluster)
    try:
        return {"events": await _run(request, payload, cluster, namespace, session, parts)}
    except KubeChatError as error:
        await parts.refusals.record(person, error, payload.line, cluster=cluster, namespace=namespace)
        raise


async def _run(
    request: Request, payload: CommandPage, cluster: str, namespace: str, session: Session, parts: Parts
) -> list[dict[str, Any]]:
    engine, person = parts.engine, session.person
    commands = await parse_each_aside(payload.line, cluster=cluster, namespace=namespace, clusters=engine.cluster_names)
    command = commands[0]
    if streams(command):
        raise InvalidInputError("This command goes on; send it to /api/v1/commands/stream.", code="a_stream")
    set_operation_class(request.scope, operation_class_of(commands))
    output, events = _collecting()
    if command.risk is not Risk.READ:
        if payload.page:
            raise no_page()
        await parts.changes.preview(person, commands, output, session_id=None, request_id=current_request_id())
        return events
    recorded: list[dict[str, Any]] = []
    view = View.read(payload.view)

    async def show(result: Result) -> None:
        await output.emit(view.apply(result).to_event())

    try:
        keep = view.choose if view.where else None
        await parts.fan_out.run(person, commands, show, recorded, keep=keep, page=payload.page)
    finally:
        await parts.trail.record(recorded)
    return events


@router.get("/plans/{plan_id}")
async def plan_state(plan_id: UUID, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """How far a plan of one's own is, for who does not hear of it: jobs go on after their confirmation is answered."""
    return await parts.changes.state(session.person, plan_id)


@router.post("/plans/{plan_id}/confirm")
async def confirm_plan(
    request: Request, plan_id: UUID, payload: PlanDecision, session: SessionOf, parts: PartsOf
) -> dict[str, list[dict[str, Any]]]:
    """Carry out a plan that `commands` showed."""
    set_operation_class(request.scope, OperationClass.COMPLEX)
    output, events = _collecting()
    try:
        await parts.changes.confirm(session.person, plan_id, payload.digest, payload.typed, output)
    except KubeChatError as error:
        await parts.refusals.record(session.person, error, f"confirm plan {plan_id}")
        raise
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


@router.get("/approvals")
async def list_approvals(session: SessionOf, parts: PartsOf) -> dict[str, list[dict[str, Any]]]:
    """Plans that wait for a second person: those that this person may decide on, and their own."""
    return {"approvals": await parts.approvals.waiting(session.person)}


@router.post("/plans/{plan_id}/approve")
async def approve_plan(plan_id: UUID, payload: Approve, session: SessionOf, parts: PartsOf) -> dict[str, str]:
    """Approve somebody else's plan; they confirm it then."""
    return await _decide(plan_id, payload, "approved", session, parts)


@router.post("/plans/{plan_id}/deny")
async def deny_plan(plan_id: UUID, payload: Approve, session: SessionOf, parts: PartsOf) -> dict[str, str]:
    """Deny somebody else's plan, which ends it."""
    return await _decide(plan_id, payload, "denied", session, parts)


async def _decide(plan_id: UUID, payload: Approve, decision: str, session: Session, parts: Parts) -> dict[str, str]:
    try:
        until = await parts.approvals.decide(session.person, plan_id, payload.digest, decision, payload.reason)
    except KubeChatError as error:
        await parts.refusals.record(session.person, error, f"{decision} plan {plan_id}")
        raise
    return {"plan": str(plan_id), "state": decision, "expires_at": until}


def _collecting() -> tuple[TurnOutput, list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []

    async def keep(event: dict[str, Any]) -> None:
        events.append(event)

    return TurnOutput(new_id(), keep), events
