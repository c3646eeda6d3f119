"""Reads on clusters: run, counted and written down in one way, whether said in a chat or typed in a terminal."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from app.domain.commands.access import Keep
from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command, Risk
from app.domain.commands.model.diagnosing import Diagnose
from app.domain.commands.results import Result
from app.domain.diagnosis.rendering import rendered
from app.domain.identities import Person
from app.domain.policy.policy import Policy, open_policy
from app.errors import KubeChatError
from app.gateway.service.audit_trail import audit_event
from app.gateway.service.recent_changes import RecentlyChanged
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.operation_class import OperationClass


class Reads:
    """Runs reads.

    Args:
        engine: what asks the clusters.
        instruments: where commands are measured.
        policy: as whom people go to clusters; that of no file when missing.
        changed: what our own audit tells a diagnosis; nothing when missing.
    """

    def __init__(
        self,
        engine: Engine,
        instruments: Instruments,
        policy: Policy | None = None,
        changed: RecentlyChanged | None = None,
    ) -> None:
        self._engine = engine
        self._changed = changed
        self._findings = instruments.counter(catalogue.DIAGNOSIS_CAUSES)
        self._faults = instruments.counter(catalogue.DIAGNOSIS_FAULTS)
        self._policy = policy or open_policy()
        self._commands = instruments.counter(catalogue.COMMANDS)
        self._duration = instruments.histogram(catalogue.COMMAND_DURATION)

    async def run(
        self,
        person: Person,
        command: Command,
        show: Callable[[Result], Awaitable[None]],
        events: list[dict[str, Any]],
        *,
        session_id: UUID | None = None,
        keep: Keep | None = None,
        page: str = "",
    ) -> None:
        """Run one read in a person's name.

        Args:
            person: who asks.
            command: what they ask.
            show: is given each result.
            events: the read's audit event is put here, whatever becomes of the read.
            session_id: the conversation, where there is one.
            keep: which rows of a table are shown, chosen from all that there are.
            page: which page of a table, as the one before names it; empty for the first.

        Raises:
            KubeChatError: as the engine does.
        """
        for result in await self.results(person, command, events, session_id=session_id, keep=keep, page=page):
            await show(result)

    async def results(
        self,
        person: Person,
        command: Command,
        events: list[dict[str, Any]],
        *,
        session_id: UUID | None = None,
        keep: Keep | None = None,
        page: str = "",
    ) -> Sequence[Result]:
        """As `run`, with the results in place of showing them."""
        outcome, started = "failed", time.perf_counter()
        try:
            found = await self._results(person, command, keep, page)
            outcome = "ok"
        except KubeChatError as error:
            outcome = outcome_of(error)
            raise
        else:
            return found
        finally:
            self._commands.labels(command.verb, command.risk.value, outcome).inc()
            self._duration.labels(command.verb).observe(time.perf_counter() - started)
            events.append(
                audit_event(
                    "read",
                    person,
                    session_id=session_id,
                    cluster=command.cluster,
                    namespace=command.namespace,
                    verb=command.verb,
                    command=command.line(),
                    outcome="ok" if outcome == "ok" else "failed",
                )
            )

    async def _results(self, person: Person, command: Command, keep: Keep | None, page: str) -> Sequence[Result]:
        identity = self._policy.identity(person, command.cluster)
        if page or not isinstance(command, Diagnose):
            return await self._engine.read(command, identity, keep, page)
        known = None if self._changed is None else self._changed.known_to(person)
        diagnosis = await self._engine.diagnose(command, identity, known)
        for cause in diagnosis.causes:
            self._findings.labels(cause.analyzer).inc()
        for fault in diagnosis.faults:
            self._faults.labels(fault.analyzer).inc()
        return [rendered(diagnosis, command)]


def operation_class_of(commands: Sequence[Command]) -> OperationClass:
    """Which promise these commands are held to together; known before any of them runs."""
    reads = [command for command in commands if command.risk is Risk.READ]
    one_read = len(commands) == len(reads) == 1 and not isinstance(commands[0], Diagnose)
    return OperationClass.SIMPLE if one_read else OperationClass.COMPLEX


def outcome_of(error: KubeChatError) -> str:
    """Whether an error is an answer (what was asked for is not there, or not allowed) or a failure."""
    return "refused" if error.status < 500 else "failed"
