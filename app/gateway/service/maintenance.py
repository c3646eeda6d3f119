"""Planned maintenance: declared and ended by administrators, known to Prometheus, told to everyone who is signed in.

A maintenance hides failures from error budgets. It is recorded in the audit log before it takes effect, as a change
is, and it can't begin in the past: what was counted stays counted. Each replica asks the table every few seconds, so
that it does not matter which of them took the request.
"""

from __future__ import annotations

import asyncio
import time
import unicodedata
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from alerts.maintenance import REMEMBERED_S
from app.domain.identities import Person, Role
from app.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    KubeChatError,
    NotFoundError,
    UnavailableError,
)
from app.gateway.service.audit_trail import AuditTrail, audit_event
from app.gateway.service.hub import Hub
from app.gateway.store.maintenances import Maintenance, Maintenances
from app.infra.ids import new_id
from app.infra.postgres.position import Position
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

LONGEST: Final = timedelta(seconds=REMEMBERED_S)  # as long as the rules remember it while the gateway is away
FURTHEST: Final = timedelta(days=90)
LATE: Final = timedelta(minutes=1)  # a start that passed while the request was written means now
LONGEST_REASON: Final = 500
LISTED_DAYS: Final = 90
_NO_TEXT: Final = frozenset({"Cc", "Cs"})  # control characters, and halves of characters
_log = get_logger(__name__)


def checked(
    starts_at: datetime | None, ends_at: datetime, reason: str, now: datetime
) -> tuple[datetime, datetime, str]:
    """A maintenance as it will be stored: its start, its end, its reason.

    Args:
        starts_at: its beginning; None is now.
        ends_at: its end.
        reason: why; white space is made single spaces.
        now: the present moment.

    Raises:
        InvalidInputError: it is none that may be declared; the code says why.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInputError("Say why: a maintenance needs a reason.", code="maintenance_without_reason")
    if len(reason) > LONGEST_REASON:
        raise InvalidInputError(
            f"The reason is too long; {LONGEST_REASON} characters are the most.", code="maintenance_reason_too_long"
        )
    if any(unicodedata.category(character) in _NO_TEXT for character in reason):
        raise InvalidInputError("The reason holds a character that is no text.", code="maintenance_reason_unreadable")
    starts_at = starts_at or now
    if ends_at <= starts_at:
        raise InvalidInputError("A maintenance has to end after it begins.", code="maintenance_ends_before_start")
    if ends_at <= now:
        raise InvalidInputError("This maintenance would be over already.", code="maintenance_is_past")
    if starts_at < now - LATE:
        raise InvalidInputError(
            "A maintenance cannot begin in the past: what has happened is counted already.",
            code="maintenance_begins_in_past",
        )
    starts_at = max(starts_at, now)
    if ends_at - starts_at > LONGEST:
        hours = LONGEST.total_seconds() / 3600
        raise InvalidInputError(f"A maintenance may last {hours:g} hours at most.", code="maintenance_too_long")
    if starts_at - now > FURTHEST:
        raise InvalidInputError(
            f"A maintenance may be declared {FURTHEST.days} days ahead at most.", code="maintenance_too_far_ahead"
        )
    return starts_at, ends_at, reason


class PlannedMaintenance:
    """Declares, ends and shows planned maintenance.

    Args:
        store: the rows.
        trail: where it is recorded before it takes effect.
        hub: the sockets.
        instruments: where the gauges live that Prometheus' rules read.
    """

    def __init__(self, store: Maintenances, trail: AuditTrail, hub: Hub, instruments: Instruments) -> None:
        self._store = store
        self._trail = trail
        self._hub = hub
        self._instruments = instruments
        self._known: Sequence[Maintenance] | None = None
        self._asked_at, self._asked_s = datetime.min.replace(tzinfo=UTC), time.monotonic()
        self._refreshing = asyncio.Lock()

    async def declare(self, person: Person, starts_at: datetime | None, ends_at: datetime, reason: str) -> Maintenance:
        """Declare a maintenance; recorded, stored and known to this replica when this returns.

        Args:
            person: who declares it.
            starts_at: its beginning; None is now.
            ends_at: its end.
            reason: why.

        Raises:
            ForbiddenError: this person is no administrator.
            InvalidInputError: it is none that may be declared.
            ConflictError: it overlaps with another that is not over.
            UnavailableError: it could not be recorded, or not be stored.
        """
        _require_admin(person)
        starts_at, ends_at, reason = checked(starts_at, ends_at, reason, await self._store.now())
        _refuse_overlap(await self._store.overlapping(starts_at, ends_at))
        maintenance_id = new_id()
        event = _event(person, "declare maintenance", maintenance_id, starts_at, ends_at, reason)
        await self._record_first(event)
        async with self._failure_recorded(event):
            _refuse_overlap(
                await self._store.add(maintenance_id, starts_at, ends_at, reason, person.user_id, person.name)
            )
            stored = await self._find(maintenance_id)
        await self._refresh_now()
        return stored

    async def end(self, person: Person, maintenance_id: UUID) -> Maintenance:
        """End a maintenance now; one that has not begun is cancelled.

        Raises:
            ForbiddenError: this person is no administrator.
            NotFoundError: there is none of this id.
            ConflictError: it is over already.
            UnavailableError: it could not be recorded, or not be stored.
        """
        _require_admin(person)
        found = await self._find(maintenance_id)
        state = found.state(await self._store.now())
        if state in {"over", "cancelled"}:
            raise _over()
        verb = "cancel maintenance" if state == "coming" else "end maintenance"
        event = _event(person, verb, maintenance_id, found.starts_at, found.ends_at, found.reason)
        await self._record_first(event)
        async with self._failure_recorded(event):
            ended = await self._store.end(maintenance_id)
            if ended is None:
                raise _over()
        await self._refresh_now()
        return ended

    async def listing(self, after: Position | None = None) -> list[dict[str, Any]]:
        """The present one, those to come and those of the last 90 days; latest start first.

        Args:
            after: what was written up to here is among them.
        """
        now = await self._store.now()
        return [maintenance.to_json(now) for maintenance in await self._store.recent(LISTED_DAYS, after)]

    async def shown(self, maintenance: Maintenance) -> dict[str, Any]:
        """One of them as the REST interface gives it."""
        return maintenance.to_json(await self._store.now())

    def current(self) -> dict[str, Any] | None:
        """The present one, else the next, as this replica knows it; None without one."""
        # By the database's clock, which goes on while the database is away.
        now = self._asked_at + timedelta(seconds=time.monotonic() - self._asked_s)
        return next((each.to_json(now) for each in self._known or () if each.ends_at > now), None)

    async def refresh(self) -> None:
        """Read what is not over; set the gauges, and tell this replica's sockets what was declared or ended."""
        async with self._refreshing:  # an answer that is older than another must not be taken after it
            known = await self._store.not_over()
            self._asked_at, self._asked_s = await self._store.now(), time.monotonic()
            before, self._known = self._known, known
            self._show(known[0] if known else None)
            if before is not None:  # what was there at the start is no news
                self._tell_changes(before, known)

    def _show(self, current: Maintenance | None) -> None:
        # Made only now that something is known: a 0 before would end a maintenance in which the gateway restarts.
        start = self._instruments.gauge(catalogue.MAINTENANCE_START)
        end = self._instruments.gauge(catalogue.MAINTENANCE_END)
        start.set(current.starts_at.timestamp() if current else 0)
        end.set(current.ends_at.timestamp() if current else 0)

    def _tell_changes(self, before: Sequence[Maintenance], known: Sequence[Maintenance]) -> None:
        ids_before, ids_known = ({each.maintenance_id for each in side} for side in (before, known))
        for each in known:
            if each.maintenance_id not in ids_before:
                begins = f"from {_moment(each.starts_at)} " if each.starts_at > self._asked_at else ""
                self._tell(
                    f"Planned maintenance {begins}until {_moment(each.ends_at)}: {each.reason} "
                    f"(declared by {each.declared_by_name})."
                )
        for each in before:
            # What has come to its own end was announced with it.
            if each.maintenance_id not in ids_known and each.ends_at > self._asked_at:
                end = "is over" if each.starts_at <= self._asked_at else "was cancelled"
                self._tell(f"The planned maintenance {end}: {each.reason}.")

    def _tell(self, text: str) -> None:
        self._hub.to_all({"type": "notice", "level": "info", "code": "maintenance", "text": text})

    async def _refresh_now(self) -> None:
        try:
            await self.refresh()
        except KubeChatError as error:
            # It is stored, and the job looks again in a few seconds.
            _log.warning("maintenance not shown yet", code=error.code)

    async def _find(self, maintenance_id: UUID) -> Maintenance:
        found = await self._store.find(maintenance_id)
        if found is None:
            raise NotFoundError("There is no such maintenance.", code="maintenance_not_found")
        return found

    async def _record_first(self, event: dict[str, Any]) -> None:
        """Not through the outbox: without an audit service no failure is hidden from a budget."""
        try:
            await self._trail.client.record([event])
        except KubeChatError as error:
            await self._record_failure(event, "failed", error)  # the record may have been kept, and its answer lost
            raise UnavailableError(
                "The audit service could not record it, so nothing was changed; try again when it is back.",
                code="audit_unavailable",
            ) from error

    @asynccontextmanager
    async def _failure_recorded(self, event: dict[str, Any]) -> AsyncIterator[None]:
        """What was recorded beforehand and then did not come to pass, or perhaps not, is said to be so."""
        try:
            yield
        except KubeChatError as error:
            # A database that does not answer may have committed.
            await self._record_failure(event, "unknown" if error.retryable else "failed", error)
            raise

    async def _record_failure(self, event: dict[str, Any], outcome: str, error: KubeChatError) -> None:
        moment = datetime.now(UTC).isoformat(timespec="microseconds")
        detail = {**event["detail"], "code": error.code}
        try:
            await self._trail.record(
                [{**event, "event_id": str(new_id()), "timestamp": moment, "outcome": outcome, "detail": detail}]
            )
        except KubeChatError as lost:
            _log.error("failed maintenance not recorded", code=lost.code)


def _require_admin(person: Person) -> None:
    if person.role is not Role.ADMIN:
        raise ForbiddenError("Only an administrator may declare and end maintenance.", code="not_an_administrator")


def _refuse_overlap(other: Maintenance | None) -> None:
    if other is not None:
        raise ConflictError(
            f"It overlaps with the one from {_moment(other.starts_at)} until {_moment(other.ends_at)}; "
            "end that one first, or choose another time.",
            code="maintenance_overlaps",
        )


def _over() -> ConflictError:
    return ConflictError("This maintenance is over already.", code="maintenance_is_over")


def _event(
    person: Person, verb: str, maintenance_id: UUID, starts_at: datetime, ends_at: datetime, reason: str
) -> dict[str, Any]:
    span = {"starts_at": starts_at.astimezone(UTC).isoformat(), "ends_at": ends_at.astimezone(UTC).isoformat()}
    return audit_event(
        "administration",
        person,
        verb=verb,
        resource="maintenances",
        name=str(maintenance_id),
        detail={**span, "reason": reason},
    )


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
