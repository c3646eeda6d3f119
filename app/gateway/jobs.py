"""What the gateway does in the background: told by time, not by a request."""

from __future__ import annotations

import asyncio
from typing import Any

from app.gateway.service.approvals import Approvals
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.availability import Availability
from app.gateway.service.changes import Changes
from app.gateway.service.hub import Hub
from app.gateway.service.language import Language
from app.gateway.service.maintenance import PlannedMaintenance
from app.gateway.service.models import ModelAnswers
from app.gateway.service.sign_in import SignIns
from app.gateway.service.turn import TurnOutput
from app.gateway.service.warming import PREDICTED_EVERY_S, Warming
from app.gateway.store.accounts import Accounts
from app.gateway.store.chats import Chats
from app.gateway.store.plans import Plan
from app.infra.jobs import repeat
from app.infra.tasks import Start
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import Tracing
from slo.targets.caching import PREDICTIVE_WARMING

ADOPT_AT_ONCE = 10
_log = get_logger(__name__)


def start_records(
    start: Start, maintenance: PlannedMaintenance, availability: Availability, instruments: Instruments
) -> None:
    """Start what keeps planned maintenance and the availability of each day known to this replica.

    Args:
        start: starts a background task.
        maintenance: what was declared, on this replica or another.
        availability: what is asked of Prometheus before it forgets.
        instruments: where runs are counted.
    """
    for name, every_s, work in (
        ("refresh maintenance", 5.0, maintenance.refresh),
        ("record availability", 600.0, availability.record),
    ):
        start(name, repeat(name, every_s, work, instruments))


def start_warming(start: Start, warming: Warming, instruments: Instruments) -> None:
    """Start what loads ahead.

    Args:
        start: starts a background task.
        warming: what loads them.
        instruments: where runs are counted.
    """
    for name, every_s, work in (
        ("remember what is asked for", 60.0, warming.remember),
        ("load what is asked for most", PREDICTED_EVERY_S, warming.predict),
        ("judge loading ahead", PREDICTIVE_WARMING.named("history").number, warming.resume),
    ):
        start(name, repeat(name, every_s, work, instruments))


def start_language(start: Start, language: Language, models: ModelAnswers, instruments: Instruments) -> None:
    """Start what the language service is given ahead, and what is forgotten of models.

    Args:
        start: starts a background task.
        language: knows the names that are in use.
        models: keeps what was spent.
        instruments: where runs are counted.
    """
    for name, every_s, work in (
        ("warm language", 5.0, language.warm_replicas),
        ("prune model tokens", 3600.0, models.prune),
    ):
        start(name, repeat(name, every_s, work, instruments))


class Jobs:
    """The gateway's jobs.

    Args:
        instance: this replica's name.
        accounts: people, for the owners of adopted plans and the gauge of people signed in.
        chats: conversations, for their gauge.
        changes: what recovers plans.
        approvals: what waits for a second person, for its gauge.
        trail: what delivers waiting audit events.
        sign_ins: what clears cached copies of revoked sessions.
        language: what probes the language service.
        hub: the sockets.
        tracing: a recovered plan goes on in a trace of its own.
        instruments: where the gauges live.
    """

    def __init__(
        self,
        *,
        instance: str,
        accounts: Accounts,
        chats: Chats,
        changes: Changes,
        approvals: Approvals,
        trail: AuditTrail,
        sign_ins: SignIns,
        language: Language,
        hub: Hub,
        tracing: Tracing,
        instruments: Instruments,
    ) -> None:
        self._instance = instance
        self._accounts = accounts
        self._chats = chats
        self._changes = changes
        self._approvals = approvals
        self._trail = trail
        self._sign_ins = sign_ins
        self._language = language
        self._hub = hub
        self._tracing = tracing
        self._instruments = instruments
        self._sessions = instruments.gauge(catalogue.SESSIONS_ACTIVE)
        self._conversations = instruments.gauge(catalogue.CHAT_SESSIONS_ACTIVE)

    def start(self, start: Start) -> None:
        """Start all jobs as background tasks."""
        for name, every_s, work in (
            ("recover plans", 2.0, self._recover),
            ("expire previews", 10.0, self._changes.expire),
            ("deliver audit events", 1.0, self._trail.deliver),
            ("clear revoked sessions", 5.0, self._sign_ins.sweep),
            ("probe language", 2.0, self._language.probe),
            ("count sessions", 5.0, self._count),
            ("prune sessions", 3600.0, self._accounts.prune),
        ):
            start(name, repeat(name, every_s, work, self._instruments))

    async def _count(self) -> None:
        self._sessions.set(await self._accounts.active())
        self._conversations.set(await self._chats.active())
        await self._approvals.count()
        await self._changes.count_jobs()

    async def _recover(self) -> None:
        plans = await self._changes.adopt(self._instance, ADOPT_AT_ONCE)
        ends = await asyncio.gather(*(self._tell_end(plan) for plan in plans), return_exceptions=True)
        for plan, end in zip(plans, ends, strict=True):
            if isinstance(end, BaseException):
                # One plan that cannot be told must not hold up the others, nor end every process that adopts it.
                _log.error(
                    "plan not told, trying again after its reservation",
                    plan=str(plan.plan_id),
                    fault=type(end).__name__,
                    exc_info=end,
                )

    async def _tell_end(self, plan: Plan) -> None:
        account = await self._accounts.find_by_id(plan.user_id)
        if account is None:
            _log.error("plan without a person", plan=str(plan.plan_id))
            return
        person = account.person()

        async def deliver(event: dict[str, Any]) -> None:
            event["chat_session"] = str(plan.session_id) if plan.session_id else None
            await self._hub.to_person(person.user_id, event)

        output = TurnOutput(plan.turn, deliver)
        with self._tracing.root("recover plan", always=True):
            await self._changes.recover(plan, person, output)
