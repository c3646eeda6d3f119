"""A second person's approval: who is asked, and how one is given.

    previewed -> (recorded in the audit log -> approved) -> confirmed by its own person

An approval is on record before it counts, belongs to the digest that was seen, and counts for a time. That it is there
is asked by the statement that takes the confirmation (`plans.confirm`), never here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.commands.preview import Step
from app.domain.commands.redaction import redact_typed
from app.domain.commands.risk import Risk
from app.domain.identities import Person
from app.domain.policy.policy import ApprovalRule, Policy, places_of
from app.errors import ConflictError, ForbiddenError, KubeChatError, NotFoundError
from app.gateway.service.audit_trail import AuditTrail, audit_event
from app.gateway.service.carrying_out import CarryingOut
from app.gateway.service.hub import Hub
from app.gateway.service.plan_events import outcome
from app.gateway.service.refusals import LONGEST_REFUSED
from app.gateway.service.turn import TurnOutput
from app.gateway.store.approvals import ApprovalRows, Asked
from app.gateway.store.chats import Chats
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

CONFIRM_WITHIN = timedelta(minutes=5)  # after an approval, as after any preview
CHANGED: dict[str, Any] = {"type": "approvals"}
"""Told to those who may approve: there is something new to look up."""


def demanded(policy: Policy, risk: str, steps: Sequence[Step]) -> tuple[ApprovalRule, ...]:
    """The rules that a plan's places demand; each wants a person whom it admits. None for what is not destructive."""
    if risk != Risk.DESTRUCTIVE.value:
        return ()
    rules = (policy.approval(cluster, namespace) for cluster, namespace in places_of(steps))
    return tuple(dict.fromkeys(rule for rule in rules if rule is not None))


class Approvals:
    """Lists what waits for approval, and takes decisions.

    Args:
        rows: the decisions.
        policy: who may approve what.
        trail: the audit trail.
        carrying: what closes a plan that was denied.
        chats: where the plan's person is told.
        hub: the open windows.
        instruments: where decisions are counted.
    """

    def __init__(
        self,
        *,
        rows: ApprovalRows,
        policy: Policy,
        trail: AuditTrail,
        carrying: CarryingOut,
        chats: Chats,
        hub: Hub,
        instruments: Instruments,
    ) -> None:
        self._rows, self._policy, self._trail = rows, policy, trail
        self._carrying, self._chats, self._hub = carrying, chats, hub
        self._decisions = instruments.counter(catalogue.APPROVALS)
        self._waiting = instruments.gauge(catalogue.APPROVALS_WAITING)

    async def waiting(self, person: Person) -> list[dict[str, Any]]:
        """What waits and this person may decide on, and what of theirs waits for others (`yours`)."""
        return [
            _view(asked, yours=asked.user_id == person.user_id)
            for asked in await self._rows.waiting()
            if asked.user_id == person.user_id or self._may(person, asked)
        ]

    async def count(self) -> None:
        """Set the gauge of what waits."""
        self._waiting.set(len(await self._rows.waiting()))

    async def decide(self, person: Person, plan_id: UUID, digest: str, decision: str, reason: str = "") -> str:
        """Approve or deny a plan of somebody else.

        Args:
            person: who decides.
            plan_id: which plan.
            digest: of the preview that they saw.
            decision: approved or denied.
            reason: theirs; the plan's person reads it.

        Returns:
            Until when the decision counts, as RFC 3339.

        Raises:
            NotFoundError: there is no such plan that waits for this person.
            ForbiddenError: it is their own.
            ConflictError: it is decided or over, or the digest is another's.
            UnavailableError: it could not be recorded, and does not count.
        """
        asked = await self._rows.find(plan_id)
        if asked is not None and asked.user_id == person.user_id:
            self._decisions.labels("own").inc()
            raise ForbiddenError("Nobody approves their own plan; somebody else has to.", code="own_plan")
        if asked is None or not self._may(person, asked):
            raise NotFoundError("There is no such plan that waits for your approval.", code="plan_not_found")
        if digest != asked.digest:
            self._decisions.labels("wrong_digest").inc()
            raise ConflictError("This is not the preview that is stored; look at it again.", code="wrong_digest")
        if asked.state != "previewed" or await self._rows.of(plan_id) is not None:
            raise _over()
        # On record before it counts; without a record it does not, so it takes no way round by the outbox.
        await self._trail.client.record([_event(person, asked, decision, reason, None)])
        until = await self._rows.decide(
            plan_id,
            person.user_id,
            person.name,
            digest,
            decision,
            reason=reason,
            counts_s=CONFIRM_WITHIN.total_seconds(),
        )
        if until is None:
            await self._trail.record([_event(person, asked, decision, reason, "refused")])
            raise _over()
        self._decisions.labels(decision).inc()
        await self._tell(person, asked, decision, reason, until.isoformat())
        return until.isoformat()

    async def _tell(self, person: Person, asked: Asked, decision: str, reason: str, until: str) -> None:
        event = {
            "type": "approval",
            "plan": str(asked.plan_id),
            "state": decision,
            "by": person.display_name,
            "reason": reason,
            "expires_at": until,
            "turn": str(asked.turn),
            "chat_session": str(asked.session_id) if asked.session_id else None,
        }

        async def deliver(told: dict[str, Any]) -> None:
            await self._hub.to_person(asked.user_id, {**told, "chat_session": event["chat_session"]})

        if asked.session_id is not None:
            await self._chats.append(asked.session_id, asked.turn, "kubechat", [event])
        await deliver(event)
        if decision == "denied":
            because = f": {reason}" if reason else "."
            told = outcome(asked.plan_id, "refused", f"{person.display_name} denied this{because} Nothing was changed.")
            await self._carrying.close_asked(asked, told, TurnOutput(asked.turn, deliver))
        await self._hub.to_subjects(asked.approval["rules"], CHANGED)

    def _may(self, person: Person, asked: Asked) -> bool:
        """Whether every rule admits this person, who also may see what they decide on."""
        if not all(ApprovalRule(tuple(rule), timedelta()).admits(person) for rule in asked.approval["rules"]):
            return False
        try:
            for cluster, namespace in places_of([Step.from_dict(each) for each in asked.steps]):
                self._policy.require_read(person, cluster, namespace)
        except KubeChatError:
            return False
        return True


def _over() -> ConflictError:
    return ConflictError("This plan is decided already, or its time is over.", code="plan_decided")


def _view(asked: Asked, *, yours: bool) -> dict[str, Any]:
    return {
        "plan": str(asked.plan_id),
        "digest": asked.digest,
        "by": asked.name,
        "display_name": asked.display_name,
        "yours": yours,
        "asked_at": asked.created_at.isoformat(),
        "expires_at": asked.expires_at.isoformat(),
        "risk": asked.risk,
        "typed_name": asked.typed_name,
        "commands": [redact_typed(line) for line in asked.commands],
        "steps": [Step.from_dict(each).to_view() for each in asked.steps],
        "consequences": asked.approval.get("consequences", []),
    }


def _event(person: Person, asked: Asked, decision: str, reason: str, result: str | None) -> dict[str, Any]:
    first = asked.steps[0]
    return audit_event(
        "administration",
        person,
        session_id=asked.session_id,
        cluster=str(first["cluster"]),
        namespace=str(first["namespace"]),
        verb="approve plan" if decision == "approved" else "deny plan",
        resource="plans",
        name=str(asked.plan_id),
        command=redact_typed("; ".join(asked.commands))[:LONGEST_REFUSED],
        plan_digest=asked.digest,
        outcome=result,
        detail={"of": asked.name, **({"reason": reason} if reason else {})},
    )
