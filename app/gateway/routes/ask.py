"""What words are read as, without doing any of it: `kubechat ask`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request

from app.domain.commands.parser import looks_like_kubectl
from app.domain.commands.typed import is_surely_typed, read_typed
from app.gateway.clients.nlp import LanguagePlan
from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.schemas import Words
from app.gateway.service.models import Turn
from app.gateway.store.chats import ChatSession
from app.infra.ids import new_id
from app.telemetry.http import set_operation_class
from slo.operation_class import OperationClass

router = APIRouter(prefix="/api/v1")


@router.post("/ask")
async def ask(request: Request, payload: Words, session: SessionOf, parts: PartsOf) -> dict[str, Any]:
    """The plan for some words or a typed line, with how they were read; nothing runs and no conversation keeps it.

    Where a language model is asked, it reads nothing from a cluster.

    Raises:
        UnavailableError, BusyError: there is no language at the moment.
    """
    engine, now = parts.engine, datetime.now(UTC)
    cluster = payload.cluster or engine.current_cluster
    namespace = payload.namespace or engine.default_namespace(cluster)
    if is_surely_typed(payload.text):
        return _answer(await _typed(payload.text, cluster, namespace, engine.cluster_names))
    place = ChatSession(new_id(), "", cluster, namespace, now, now, 0)
    plan = await parts.language.plan(session.person, place, (), payload.text, _ignore)
    if plan.behaviour == "clarify" and looks_like_kubectl(payload.text):
        return _answer(await _typed(payload.text, cluster, namespace, engine.cluster_names))
    if plan.model:
        set_operation_class(request.scope, OperationClass.MODEL)
        turn = Turn(session.person, place, (), payload.text, plan.model, may_read=False)
        plan = await parts.models.planned(plan, turn)
    return _answer(plan)


async def _typed(line: str, cluster: str, namespace: str, clusters: Collection[str]) -> LanguagePlan:
    """The plan of a line of kubectl syntax, beside the event loop: a manifest may stand below it."""
    read = await asyncio.to_thread(read_typed, line, cluster=cluster, namespace=namespace, clusters=clusters)
    return LanguagePlan(
        behaviour=read.behaviour,
        commands=read.commands,
        target=read.target,
        action=read.action,
        say=read.say,
        confidence=1.0,
    )


def _answer(plan: LanguagePlan) -> dict[str, Any]:
    return {
        "behaviour": plan.behaviour,
        "commands": list(plan.commands),
        "target": plan.target,
        "action": plan.action,
        "say": plan.say,
        "confidence": plan.confidence,
        "choices": list(plan.choices),
        "reading": plan.reading,
        "view": plan.view,
        "backend": plan.backend,
    }


async def _ignore(_: str) -> None:
    return
