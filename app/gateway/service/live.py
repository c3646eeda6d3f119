"""Tables in open chats that stay current: bounded, as the person who looks, and over as soon as they look away.

What a window asks for passes the parser and the person's identity like a line that they type. Nothing of it is stored:
a conversation's history keeps what the table showed first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Any, Final

from app.domain.commands.engine import Engine
from app.domain.commands.following.live import can_live
from app.domain.commands.model.reads import Get
from app.domain.commands.parser import parse_aside
from app.domain.identities import Person
from app.domain.policy.policy import Policy, open_policy
from app.errors import InvalidInputError, KubeChatError, TooManyRequestsError
from app.gateway.service.audit_trail import AuditTrail, audit_event
from app.gateway.service.held_places import Bound, HeldPlaces
from app.gateway.service.reads import outcome_of
from app.gateway.service.view import View
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

LONGEST_S: Final = 1800.0  # as long as an output is followed; a window that still looks asks again
MOST_OF_A_PERSON: Final = 4  # on one replica: one for each of the windows that people have open side by side
MOST_ON_A_REPLICA: Final = 300  # each holds a connection to a cluster and up to 500 rows, some 300 kB
_STOPPED, _TIME, _REFUSED, _FAILED, _NOT_BEGUN = "stopped", "time", "refused", "failed", "not_begun"
Tell = Callable[[dict[str, Any]], None]


class LiveTables:
    """Keeps tables current.

    Args:
        engine: what watches the clusters.
        trail: the audit trail.
        instruments: where they are measured.
        policy: as whom people go to clusters; that of no file when missing.
    """

    def __init__(
        self, engine: Engine, trail: AuditTrail, instruments: Instruments, policy: Policy | None = None
    ) -> None:
        self._engine, self._trail = engine, trail
        self._policy = policy or open_policy()
        self._held = HeldPlaces(instruments.gauge(catalogue.LIVE_TABLES), "too_many_live_tables")
        self._ended = instruments.counter(catalogue.LIVE_TABLES_ENDED)
        self._rows = instruments.histogram(catalogue.LIVE_TABLE_ROWS)
        instruments.gauge(catalogue.LIVE_TABLES_LIMIT).set(MOST_ON_A_REPLICA)

    async def run(
        self, person: Person, line: str, cluster: str, namespace: str, view: dict[str, Any] | None, tell: Tell
    ) -> str:
        """Keep one table current until it is cancelled, or its time is over; why it ended.

        Args:
            person: who looks.
            line: the command that showed it.
            cluster: where it ran.
            namespace: as the command's.
            view: what was chosen of it, as `table` events tell it.
            tell: is given each update's body.

        Raises:
            InvalidInputError: it is no table that can stay current.
            TooManyRequestsError: this person, or everybody together, has as many as can be kept.
            KubeChatError: as the engine does.
        """
        command = await parse_aside(line, cluster=cluster, namespace=namespace, clusters=self._engine.cluster_names)
        chosen = View.read(view)
        if not isinstance(command, Get) or not can_live(command) or not chosen.is_by_row:
            raise InvalidInputError("Only a table of one type can stay current.", code="not_live")
        self._admit(person)
        started, reason = time.monotonic(), _STOPPED
        try:
            reason = await self._followed(person, command, chosen, tell)
        except KubeChatError as error:
            reason = _REFUSED if outcome_of(error) == "refused" else _FAILED
            raise
        finally:
            self._held.leave(person)
            self._ended.labels(reason).inc()
            detail = {"live": reason, "seconds": round(time.monotonic() - started, 1)}
            event = audit_event(
                "read",
                person,
                cluster=command.cluster,
                namespace=command.namespace,
                verb=command.verb,
                command=command.line(),
                outcome="failed" if reason in {_REFUSED, _FAILED} else "ok",
                detail=detail,
            )
            # The window may be gone: what was looked at is written down all the same.
            await asyncio.shield(self._trail.record([event]))
        return reason

    async def _followed(self, person: Person, command: Get, chosen: View, tell: Tell) -> str:
        identity = self._policy.identity(person, command.cluster)
        keep = chosen.choose if chosen.where else None
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_S), aclosing(self._engine.live(command, identity, keep)) as updates:
                async for update in updates:
                    if update.table is None:
                        self._rows.observe(len(update.changed) + len(update.removed))
                    tell(update.to_event())
        return _TIME

    def _admit(self, person: Person) -> None:
        one = f"You look at {MOST_OF_A_PERSON} tables that stay current already; this one does not."
        everybody = "Too many tables are kept current at the moment; this one is not."
        try:
            self._held.take(person, Bound(MOST_OF_A_PERSON, one), Bound(MOST_ON_A_REPLICA, everybody))
        except TooManyRequestsError:
            self._ended.labels(_NOT_BEGUN).inc()
            raise
