"""One confirmed step, and a plan's end: recorded before it is sent, sent at most once, resolved from evidence, told.

Nobody sends a step again by themselves: what a crash or a broken connection leaves open is resolved from what the
cluster shows, by this process or by another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.domain.commands.engine import Engine
from app.domain.commands.preview import Step, StepOutcome
from app.domain.identities import Person
from app.domain.policy.policy import Policy, places_of
from app.errors import KubeChatError
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.plan_events import outcome, overall, progress, step_event
from app.gateway.service.turn import TurnOutput
from app.gateway.store.approvals import Asked
from app.gateway.store.plans import Plan, Plans, PlanStep
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

RESOLVE_EVERY_S = 1.0
GRACE_S = 5.0  # clocks differ, and a request sent just before its deadline may arrive after it
_SENT_AS = {"applied": "ok", "failed": "refused", "not_sent": "failed", "unknown": "failed"}
"""A refusal by the cluster is an answer; a change that was not sent, or whose answer is lost, failed."""
_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """A process' hold on a plan.

    Attributes:
        owner: the process, "<instance>/<epoch>".
        epoch: how often the plan was taken before and by this hold; an older one sends nothing.
    """

    owner: str
    epoch: int


class CarryingOut:
    """Carries out steps and tells ends.

    Args:
        plans: the rows.
        engine: what talks to the clusters.
        trail: the audit trail.
        policy: as whom people go to clusters.
        instruments: where changes are counted.
        changed: told the name of each cluster in which something was changed.
    """

    def __init__(
        self,
        plans: Plans,
        engine: Engine,
        trail: AuditTrail,
        policy: Policy,
        instruments: Instruments,
        changed: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._plans, self._engine, self._trail, self._policy = plans, engine, trail, policy
        self._changed = changed
        self._changes = instruments.counter(catalogue.CHANGES)
        self._commands = instruments.counter(catalogue.COMMANDS)

    async def all_steps(
        self, person: Person, plan: Plan, claim: Claim, steps: Sequence[Step], deadline: datetime, output: TurnOutput
    ) -> bool:
        """Carry out a plan in the time of a request and tell its end; True where an object was not as shown."""
        rows = await self._plans.steps(plan.plan_id)
        results: list[tuple[str, str]] = []
        stale = False
        for step, row in zip(steps, rows, strict=True):
            if results and results[-1][0] != "applied":
                results.append(("not_sent", "Not sent, because the step before it did not succeed."))
            else:
                await output.show(progress(plan.plan_id, row.step, step.summary))
                sent = await self.send(person, plan, claim, step, row, deadline)
                results.append((sent.state, sent.text))
                stale = sent.stale
            await self._plans.step_done(plan.plan_id, row.step, *results[-1], owner=claim.owner, epoch=claim.epoch)
        await self.finish(person, plan, steps, rows, results, output)
        return stale

    async def send(
        self, person: Person, plan: Plan, claim: Claim, step: Step, row: PlanStep, deadline: datetime
    ) -> StepOutcome:
        """Record a step's intent, read its object again, send it once; what became of it.

        Args:
            person: whose plan it is.
            plan: the plan.
            claim: this process' hold on it.
            step: the request.
            row: its row, `pending`.
            deadline: after which it is not sent any more.
        """
        sent = await self._sent(person, plan, claim, step, row, deadline)
        if sent.state != "not_sent" and self._changed is not None:
            await self._changed(step.cluster)  # a job goes on for long, and who looks meanwhile sees what is done
        self._commands.labels(step.verb, plan.risk, _SENT_AS[sent.state]).inc()
        return sent

    async def _sent(
        self, person: Person, plan: Plan, claim: Claim, step: Step, row: PlanStep, deadline: datetime
    ) -> StepOutcome:
        intent = step_event("intent", person, step, plan=plan, intent_id=row.intent_id)
        try:
            await self._trail.client.open_intent(
                row.intent_id, plan_id=plan.plan_id, step=row.step, digest=plan.digest, deadline=deadline, event=intent
            )
        except KubeChatError as error:
            _log.warning("change refused: its intent could not be stored", plan=str(plan.plan_id), code=error.code)
            return StepOutcome(
                "not_sent",
                "Not sent: the audit service could not record it. Nothing was changed; try again when it is back.",
            )
        # Read once more: two records were written since the confirmation, and what would be refused is better not sent.
        try:
            for cluster, namespace in places_of([step]):
                self._policy.require_change(person, cluster, namespace)  # it may have changed since the confirmation
            identity = self._policy.identity(person, step.cluster)
            current = await self._engine.recheck(step, identity)
        except KubeChatError as error:
            return StepOutcome("not_sent", f"Not sent: {error.message}")
        if current is None:
            return StepOutcome("not_sent", f"{step.summary}: not sent, because it changed meanwhile.", stale=True)
        if not await self._plans.step_sending(plan.plan_id, row.step, claim.owner, claim.epoch, deadline):
            return StepOutcome(
                "not_sent", "Not sent: the plan was cancelled, or another process has taken this plan over."
            )
        remaining_s = (deadline - datetime.now(UTC)).total_seconds()
        sent = await self._engine.send(current, identity, intent_id=row.intent_id, deadline_s=remaining_s)
        if sent.state != "unknown":
            return sent
        return StepOutcome(*await self.resolve(person, step, row.intent_id, deadline))

    async def resolve(self, person: Person, step: Step, intent_id: UUID, deadline: datetime) -> tuple[str, str]:
        """Find out what became of a request whose answer was lost: its state, and a sentence."""
        until = deadline + timedelta(seconds=GRACE_S)
        while True:
            try:
                identity = self._policy.identity(person, step.cluster)
                found = await self._engine.resolve(step, identity, intent_id=intent_id)
            except KubeChatError as error:
                _log.warning("no evidence yet", intent=str(intent_id), code=error.code)
                found = "unknown"
            if found == "applied":
                return (
                    "applied",
                    f"{step.summary}: the cluster's answer was lost, and the object shows that it was applied.",
                )
            if datetime.now(UTC) >= until:
                if found == "absent":
                    return (
                        "failed",
                        f"{step.summary}: the cluster's answer was lost, and the object shows that it was not applied.",
                    )
                return (
                    "unknown",
                    f"{step.summary}: the cluster's answer was lost; whether it was applied is not known, look at it.",
                )
            await asyncio.sleep(RESOLVE_EVERY_S)

    async def finish(
        self,
        person: Person,
        plan: Plan,
        steps: Sequence[Step],
        rows: Sequence[PlanStep],
        results: Sequence[tuple[str, str]],
        output: TurnOutput,
    ) -> None:
        """Record all outcomes, then tell the plan's end."""
        events = [
            step_event(
                "outcome", person, step, plan=plan, intent_id=row.intent_id, outcome=state, detail={"text": text}
            )
            for step, row, (state, text) in zip(steps, rows, results, strict=True)
        ]
        clusters = {step.cluster for step, (state, _) in zip(steps, results, strict=True) if state != "not_sent"}
        text = "\n".join(text for _, text in results)
        undo = any(step.undo and state == "applied" for step, (state, _) in zip(steps, results, strict=True))
        await self.tell_end(plan, overall([state for state, _ in results]), text, events, clusters, output, undo=undo)

    async def tell_end(
        self,
        plan: Plan,
        state: str,
        text: str,
        events: Sequence[dict[str, Any]],
        clusters: set[str],
        output: TurnOutput,
        *,
        undo: bool,
    ) -> None:
        """Record outcomes and close a confirmed plan.

        Args:
            plan: the plan.
            state: how it ended.
            text: sentences for the person.
            events: the outcomes' audit events.
            clusters: where something may have been changed.
            output: where it is told.
            undo: whether something of it can be taken back.
        """
        if self._changed is not None:
            # Before it is told: who hears of a change may ask by a name that it made.
            for cluster in clusters:
                await self._changed(cluster)
        if not await self._trail.record(events):
            text += "\nThe audit service is away: the record is kept and will be delivered."
        told = outcome(plan.plan_id, state, text, [event["event_id"] for event in events]) | {"undo": undo}
        if await self.close(plan, "confirmed", told, output):  # else another process has told the end of it
            self._changes.labels(state).inc()

    async def close(self, plan: Plan, was: str, told: dict[str, Any], output: TurnOutput) -> bool:
        """End a plan and tell it; stored with the end, so that neither a crash nor a closed window swallows it."""
        kept = {**told, "turn": str(output.turn), "chat_session": str(plan.session_id)}
        if not await self._plans.close(plan.plan_id, was, told["state"], output.turn, kept):
            return False
        await output.show(told)
        return True

    async def close_asked(self, asked: Asked, told: dict[str, Any], output: TurnOutput) -> bool:
        """End a plan that a second person denied, as `close` does."""
        kept = {**told, "turn": str(output.turn), "chat_session": str(asked.session_id)}
        if not await self._plans.close(asked.plan_id, "previewed", told["state"], output.turn, kept):
            return False
        await output.show(told)
        return True

    async def recover(self, plan: Plan, claim: Claim, person: Person, output: TurnOutput) -> None:
        """Tell the end of a confirmed plan whose process is gone; sends nothing."""
        steps = [Step.from_dict(stored) for stored in plan.steps]
        rows = await self._plans.steps(plan.plan_id)
        results: list[tuple[str, str]] = []
        for step, row in zip(steps, rows, strict=True):
            if row.state == "pending":
                result = ("not_sent", f"{step.summary}: not sent, because the server was restarted. Ask again.")
            elif row.state == "sending":
                result = await self.resolve(person, step, row.intent_id, row.deadline or plan.deadline or now())
            else:
                result = (row.state, row.text)
            await self._plans.step_done(plan.plan_id, row.step, *result, owner=claim.owner, epoch=claim.epoch)
            results.append(result)
        await self.finish(person, plan, steps, rows, results, output)


def now() -> datetime:
    """The present time, in UTC."""
    return datetime.now(UTC)
