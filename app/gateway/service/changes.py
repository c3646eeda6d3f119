"""Changes: shown, confirmed once, recorded before they are sent, sent at most once, and never left untold.

    previewed -> confirmed -> (per step: intent stored -> sending -> applied | failed | not_sent | unknown) -> closed

A step's request leaves only after its intent is durable in the audit store and the row says `sending`. Nobody sends a
step again by
themselves: what a crash or a broken connection leaves open is resolved from evidence on the cluster, by this process
    or by another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command, Risk
from app.domain.commands.model.undo import plan_undone_by
from app.domain.commands.parser import parse
from app.domain.commands.preview import Step, digest
from app.domain.identities import Person, Role, impersonation_of
from app.errors import ConflictError, ForbiddenError, GoneError, InvalidInputError, KubeChatError, NotFoundError
from app.gateway.service.audit_trail import AuditTrail, audit_event
from app.gateway.service.turn import TurnOutput
from app.gateway.service.undo import undo_of
from app.gateway.store.plans import Plan, Plans, PlanStep
from app.infra.ids import new_id
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import current_trace_id
from slo.targets.network import REQUEST_TIMEOUT

CONFIRM_WITHIN = timedelta(minutes=5)  # a preview older than this says little about the cluster as it is
RESOLVE_EVERY_S = 1.0
GRACE_S = 5.0  # clocks differ, and a request sent just before its deadline may arrive after it
_SENT_AS = {"applied": "ok", "failed": "refused", "not_sent": "failed", "unknown": "failed"}
"""A refusal by the cluster is an answer; a change that was not sent, or whose answer is lost, failed."""
_OUTCOME_NAMESPACE = UUID("6f0d1f0e-7a54-5c39-9a43-0d5b6c1b7a11")
_log = get_logger(__name__)


class Changes:
    """Previews, confirms, carries out and recovers changes.

    Args:
        plans: the rows.
        engine: what talks to the clusters.
        trail: the audit trail.
        owner: this process, "<instance>/<epoch>".
        instruments: where previews, confirmations and changes are counted.
        changed: told the name of each cluster in which something was changed.
    """

    def __init__(
        self,
        plans: Plans,
        engine: Engine,
        trail: AuditTrail,
        owner: str,
        instruments: Instruments,
        changed: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._changed = changed
        self._plans = plans
        self._engine = engine
        self._trail = trail
        self._owner = owner
        self._previews = instruments.counter(catalogue.PREVIEWS)
        self._confirmations = instruments.counter(catalogue.CONFIRMATIONS)
        self._changes = instruments.counter(catalogue.CHANGES)
        self._commands = instruments.counter(catalogue.COMMANDS)
        self._running: dict[asyncio.Task[None], UUID] = {}

    async def preview(
        self,
        person: Person,
        commands: Sequence[Command],
        output: TurnOutput,
        *,
        session_id: UUID | None,
        request_id: str,
    ) -> None:
        """Show what commands would change, and store it as a plan that waits for one confirmation.

        Raises:
            ForbiddenError: this person may not change anything, by KubeChat's role or the cluster's RBAC.
            KubeChatError: a command names nothing that exists, or a cluster does not answer.
        """
        _require_changer(person)
        identity = impersonation_of(person)
        previews = [await self._engine.preview(command, identity) for command in commands]
        steps = [step for preview in previews for step in preview.steps]
        refused = next((step for step in steps if step.dry_run != "ok"), None)
        if refused is not None:
            await self._trail.record(
                [
                    _step_event(
                        "refusal",
                        person,
                        refused,
                        session_id=session_id,
                        outcome="refused",
                        detail={"reason": refused.dry_run},
                    )
                ]
            )
            raise InvalidInputError(f"The cluster would refuse this: {refused.dry_run}", code="dry_run_refused")
        if not steps:
            said = [sentence for preview in previews for sentence in preview.consequences]
            await output.emit({"type": "text", "text": "\n".join(["Nothing would change.", *said])})
            return
        risk = Risk.DESTRUCTIVE if any(preview.risk is Risk.DESTRUCTIVE for preview in previews) else Risk.CHANGE
        typed_name = next((preview.typed_name for preview in previews if preview.typed_name), None)
        plan_id, plan_digest = new_id(), digest(steps)
        expires_at = datetime.now(UTC) + CONFIRM_WITHIN
        await self._plans.add(
            plan_id,
            session_id=session_id,
            turn=output.turn,
            user_id=person.user_id,
            digest=plan_digest,
            risk=risk.value,
            typed_name=typed_name,
            commands=[command.full_line() for command in commands],
            steps=[step.to_dict() for step in steps],
            intent_ids=[new_id() for _ in steps],
            request_id=request_id,
            trace_id=current_trace_id(),
            expires_at=expires_at,
        )
        self._previews.labels(risk.value).inc()
        await output.emit(
            {
                "type": "preview",
                "plan": str(plan_id),
                "digest": plan_digest,
                "expires_at": expires_at.isoformat(),
                "risk": risk.value,
                "typed_name": typed_name,
                "steps": [step.to_view() for step in steps],
                "consequences": [sentence for preview in previews for sentence in preview.consequences],
            }
        )

    async def undo(
        self, person: Person, plan_id: UUID, output: TurnOutput, *, session_id: UUID | None, request_id: str
    ) -> None:
        """Show what takes a plan back, as a plan of its own.

        Raises:
            NotFoundError: it is not this person's plan.
            ConflictError: nothing of it can be taken back, or it has changed again since.
        """
        plan = await self._find(person, plan_id)
        commands = undo_of(plan, await self._plans.steps(plan_id))
        await self.preview(person, commands, output, session_id=session_id, request_id=request_id)

    async def cancel(self, person: Person, plan_id: UUID, output: TurnOutput) -> None:
        """Close a preview without doing anything.

        Raises:
            NotFoundError: it is not this person's plan.
            ConflictError: it is decided already.
        """
        plan = await self._find(person, plan_id)
        told = _outcome(plan_id, "cancelled", "Cancelled; nothing was changed.")
        if not await self._close(plan, "previewed", told, output):
            raise _decided(plan)
        self._confirmations.labels("cancelled").inc()

    async def confirm(
        self, person: Person, plan_id: UUID, seen_digest: str, typed: str | None, output: TurnOutput
    ) -> None:
        """Carry out a plan; returns when its end is known and stored.

        The work goes on when the caller goes away; what it fails at is left to `recover`.

        Raises:
            NotFoundError: it is not this person's plan.
            ConflictError: it is decided already, or the digest is not that of the stored preview.
            GoneError: its time is over.
            InvalidInputError: the name was not typed right.
        """
        plan = await self._find(person, plan_id)
        self._check_confirmation(person, plan, seen_digest, typed)
        identity = impersonation_of(person)
        fresh = [await self._engine.recheck(Step.from_dict(stored), identity) for stored in plan.steps]
        current = [step for step in fresh if step is not None]
        if len(current) != len(fresh):
            await self._replace(person, plan, output)
            return
        # The confirmation belongs to the task too: between its commit and its answer the caller may go away.
        task = asyncio.create_task(self._take(person, plan, seen_digest, current, output), name=f"plan-{plan_id}")
        self._running[task] = plan_id
        task.add_done_callback(self._ended)
        await asyncio.shield(task)

    async def drain(self, timeout_s: float) -> None:
        """Wait for plans under way; what is not done in time is left for recovery."""
        if self._running:
            await asyncio.wait(list(self._running), timeout=timeout_s)

    def _ended(self, task: asyncio.Task[None]) -> None:
        plan_id = self._running.pop(task)
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or not (error is None or isinstance(error, ConflictError)):
            # The caller may be gone, and nobody else looks at the task.
            _log.error("plan is left to recovery", plan=str(plan_id), fault=type(error).__name__)

    def _check_confirmation(self, person: Person, plan: Plan, seen_digest: str, typed: str | None) -> None:
        _require_changer(person)
        if plan.state != "previewed":
            raise _decided(plan)
        if plan.expires_at <= datetime.now(UTC):
            self._confirmations.labels("expired").inc()
            raise GoneError(
                "This preview has expired and nothing was changed; ask again to get a fresh one.", code="plan_expired"
            )
        if seen_digest != plan.digest:
            self._confirmations.labels("wrong_digest").inc()
            raise ConflictError("This is not the preview that is stored; ask again.", code="wrong_digest")
        if plan.typed_name is not None and (typed or "").strip() != plan.typed_name:
            self._confirmations.labels("wrong_name").inc()
            raise InvalidInputError(f'Type "{plan.typed_name}" to confirm.', code="wrong_name")

    async def _replace(self, person: Person, plan: Plan, output: TurnOutput) -> None:
        """The objects changed since the preview: close it and show a new one."""
        self._confirmations.labels("stale").inc()
        told = _outcome(
            plan.plan_id,
            "refused",
            "What this would change has changed since the preview; nothing was done. Here is a new one.",
        )
        if not await self._close(plan, "previewed", told, output):
            raise _decided(plan)
        await self._preview_again(person, plan, output)

    async def _preview_again(self, person: Person, plan: Plan, output: TurnOutput) -> None:
        undone = plan_undone_by(plan.commands[0])
        if undone is not None:
            await self.undo(person, undone, output, session_id=plan.session_id, request_id=plan.request_id)
            return
        first = plan.steps[0]
        commands = [
            parse(
                line,
                cluster=str(first["cluster"]),
                namespace=str(first["namespace"]),
                clusters=self._engine.cluster_names,
            )
            for line in plan.commands
        ]
        await self.preview(person, commands, output, session_id=plan.session_id, request_id=plan.request_id)

    async def _take(
        self, person: Person, plan: Plan, seen_digest: str, steps: Sequence[Step], output: TurnOutput
    ) -> None:
        deadline = datetime.now(UTC) + timedelta(seconds=REQUEST_TIMEOUT.figure.number)
        fresh = [step.to_dict() for step in steps]
        if not await self._plans.confirm(plan, seen_digest, self._owner, deadline, fresh):
            raise _decided(await self._find(person, plan.plan_id))
        self._confirmations.labels("confirmed").inc()
        await self._carry_out(person, plan, steps, deadline, output)

    async def _carry_out(
        self, person: Person, plan: Plan, steps: Sequence[Step], deadline: datetime, output: TurnOutput
    ) -> None:
        rows = await self._plans.steps(plan.plan_id)
        results: list[tuple[str, str]] = []
        stale: list[Step] = []
        for step, row in zip(steps, rows, strict=True):
            if results and results[-1][0] != "applied":
                results.append(("not_sent", "Not sent, because the step before it did not succeed."))
            else:
                await output.show(
                    {"type": "progress", "plan": str(plan.plan_id), "step": row.step, "text": step.summary}
                )
                results.append(await self._send(person, plan, step, row, deadline, stale))
                self._commands.labels(step.verb, plan.risk, _SENT_AS[results[-1][0]]).inc()
            await self._plans.step_done(plan.plan_id, row.step, *results[-1])
        await self._finish(person, plan, steps, rows, results, output)
        if stale:
            try:
                await self._preview_again(person, plan, output)
            except KubeChatError as error:
                await output.emit({"type": "text", "text": f"There is no new preview: {error.message}"})

    async def _send(
        self, person: Person, plan: Plan, step: Step, row: PlanStep, deadline: datetime, stale: list[Step]
    ) -> tuple[str, str]:
        """What became of a step; it is added to `stale` when its object was no longer as it was shown."""
        intent = _step_event("intent", person, step, plan=plan, intent_id=row.intent_id)
        try:
            await self._trail.client.open_intent(
                row.intent_id, plan_id=plan.plan_id, step=row.step, digest=plan.digest, deadline=deadline, event=intent
            )
        except KubeChatError as error:
            _log.warning("change refused: its intent could not be stored", plan=str(plan.plan_id), code=error.code)
            return (
                "not_sent",
                "Not sent: the audit service could not record it. Nothing was changed; try again when it is back.",
            )
        # Read once more: two records were written since the confirmation, and what would be refused is better not sent.
        identity = impersonation_of(person)
        try:
            current = await self._engine.recheck(step, identity)
        except KubeChatError as error:
            return "not_sent", f"Not sent: {error.message}"
        if current is None:
            stale.append(step)
            return "not_sent", f"{step.summary}: not sent, because it changed meanwhile."
        if not await self._plans.step_sending(plan.plan_id, row.step, self._owner):
            return "not_sent", "Not sent: another process has taken this plan over."
        remaining_s = (deadline - datetime.now(UTC)).total_seconds()
        sent = await self._engine.send(current, identity, intent_id=row.intent_id, deadline_s=remaining_s)
        if sent.stale:
            stale.append(step)
        if sent.state != "unknown":
            return sent.state, sent.text
        return await self._resolve(person, step, row.intent_id, deadline)

    async def _resolve(self, person: Person, step: Step, intent_id: UUID, deadline: datetime) -> tuple[str, str]:
        """Find out what became of a request whose answer was lost."""
        identity = impersonation_of(person)
        until = deadline + timedelta(seconds=GRACE_S)
        while True:
            try:
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

    async def _finish(
        self,
        person: Person,
        plan: Plan,
        steps: Sequence[Step],
        rows: Sequence[PlanStep],
        results: Sequence[tuple[str, str]],
        output: TurnOutput,
    ) -> None:
        events = [
            _step_event(
                "outcome", person, step, plan=plan, intent_id=row.intent_id, outcome=state, detail={"text": text}
            )
            for step, row, (state, text) in zip(steps, rows, results, strict=True)
        ]
        if self._changed is not None:
            # Before it is told: who hears of a change may ask by a name that it made.
            for cluster in {
                step.cluster for step, (state, _) in zip(steps, results, strict=True) if state != "not_sent"
            }:
                await self._changed(cluster)
        recorded = await self._trail.record(events)
        state = _overall([state for state, _ in results])
        text = "\n".join(text for _, text in results)
        if not recorded:
            text += "\nThe audit service is away: the record is kept and will be delivered."
        told = _outcome(plan.plan_id, state, text, [event["event_id"] for event in events])
        told["undo"] = any(step.undo and state == "applied" for step, (state, _) in zip(steps, results, strict=True))
        if await self._close(plan, "confirmed", told, output):  # else another process has told the end of it
            self._changes.labels(state).inc()

    async def _close(self, plan: Plan, was: str, told: dict[str, Any], output: TurnOutput) -> bool:
        """End a plan and tell it; stored with the end, so that neither a crash nor a closed window swallows it."""
        kept = {**told, "turn": str(output.turn), "chat_session": str(plan.session_id)}
        if not await self._plans.close(plan.plan_id, was, told["state"], output.turn, kept):
            return False
        await output.show(told)
        return True

    async def recover(self, plan: Plan, person: Person, output: TurnOutput) -> None:
        """Tell the end of a confirmed plan whose process is gone; sends nothing.

        Args:
            plan: as adopted.
            person: whose plan it is.
            output: where its outcome goes.
        """
        steps = [Step.from_dict(stored) for stored in plan.steps]
        rows = await self._plans.steps(plan.plan_id)
        results: list[tuple[str, str]] = []
        deadline = plan.deadline or datetime.now(UTC)
        for step, row in zip(steps, rows, strict=True):
            if row.state == "pending":
                result = ("not_sent", f"{step.summary}: not sent, because the server was restarted. Ask again.")
            elif row.state == "sending":
                result = await self._resolve(person, step, row.intent_id, deadline)
            else:
                result = (row.state, row.text)
            await self._plans.step_done(plan.plan_id, row.step, *result)
            results.append(result)
        await self._finish(person, plan, steps, rows, results, output)

    async def adopt(self, instance: str, most: int) -> Sequence[Plan]:
        """Confirmed plans that nobody carries out any more, now ours to tell the end of."""
        reserved_s = REQUEST_TIMEOUT.figure.number + 2 * GRACE_S  # longer than `recover` may take
        return await self._plans.adopt(self._owner, instance, most, reserved_s, list(self._running.values()))

    async def expire(self) -> int:
        """Close previews whose time is over."""
        return await self._plans.expire()

    async def _find(self, person: Person, plan_id: UUID) -> Plan:
        plan = await self._plans.find(plan_id, person.user_id)
        if plan is None:
            raise NotFoundError("There is no such plan of yours.", code="plan_not_found")
        return plan


def _require_changer(person: Person) -> None:
    if person.role is Role.VIEWER:
        raise ForbiddenError(
            "Your role is viewer, which may read and change nothing; ask an administrator for the role operator."
        )


def _decided(plan: Plan) -> KubeChatError:
    words = {
        "previewed": "could not be confirmed",
        "confirmed": "is being carried out",
        "applied": "was carried out",
        "cancelled": "was cancelled",
        "expired": "has expired",
        "refused": "was replaced by a newer one",
    }
    return ConflictError(f"This plan {words.get(plan.state, 'is finished')} already.", code="plan_decided")


def _overall(states: Sequence[str]) -> str:
    for state in ("unknown", "failed"):
        if state in states:
            return state
    if all(state == "applied" for state in states):
        return "applied"
    return "not_sent" if all(state == "not_sent" for state in states) else "failed"


def _outcome(plan_id: UUID, state: str, text: str, events: Sequence[str] = ()) -> dict[str, Any]:
    return {"type": "outcome", "plan": str(plan_id), "state": state, "text": text, "events": list(events)}


def _step_event(
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
