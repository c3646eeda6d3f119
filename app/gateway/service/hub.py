"""The open WebSockets of this replica, and how an event reaches the same person's sockets on the others.

Delivery is best effort: whatever must not be missed is stored first, and a browser that reconnects asks for it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import orjson

from app.domain.policy.policy import subjects_of
from app.errors import UnavailableError
from app.gateway.service.sign_in import Session
from app.infra.redis.client import Redis
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

CHANNEL = "kubechat:fanout"
RECONNECT_S = 1.0
# Worth another replica's attention: what changes a card in a second window of the same person.
_SHARED = frozenset({"preview", "approval", "progress", "outcome", "session_ended"})
_log = get_logger(__name__)


class Socket(Protocol):
    """One open WebSocket."""

    @property
    def session(self) -> Session:
        """Whose it is."""

    def offer(self, event: dict[str, Any]) -> None:
        """Queue an event; a socket whose queue is full closes itself."""

    def end(self, reason: str) -> None:
        """Close it, because the session has ended or the process stops."""


class Hub:
    """Knows the sockets of this replica.

    Args:
        instance: this process' name, to ignore its own broadcasts.
        redis: carries events to the other replicas; None where there is one replica only.
        instruments: where open sockets are counted.
    """

    def __init__(self, instance: str, redis: Redis | None, instruments: Instruments) -> None:
        self._instance = instance
        self._redis = redis
        self._sockets: dict[UUID, set[Socket]] = defaultdict(set)
        self._open = instruments.gauge(catalogue.WEBSOCKETS)

    def join(self, socket: Socket) -> None:
        """Add an open socket."""
        self._sockets[socket.session.person.user_id].add(socket)
        self._open.inc()

    def leave(self, socket: Socket) -> None:
        """Remove a closed socket."""
        mine = self._sockets.get(socket.session.person.user_id)
        if mine is None or socket not in mine:
            return
        mine.discard(socket)
        self._open.dec()
        if not mine:
            del self._sockets[socket.session.person.user_id]

    def count(self, user_id: UUID) -> int:
        """How many sockets a person has open here."""
        return len(self._sockets.get(user_id, ()))

    def sockets(self) -> list[Socket]:
        """All open sockets."""
        return [socket for mine in self._sockets.values() for socket in mine]

    async def to_person(self, user_id: UUID, event: dict[str, Any]) -> None:
        """Send to a person's sockets here, and on the other replicas where the event is of a shared type."""
        self._offer(user_id, event)
        if self._redis is not None and event["type"] in _SHARED:
            message = orjson.dumps({"origin": self._instance, "user_id": str(user_id), "event": event})
            try:
                await self._redis.publish(CHANNEL, message)
            except UnavailableError:
                _log.debug("event not fanned out", type=event["type"])

    async def to_subjects(self, rules: Sequence[Sequence[str]], event: dict[str, Any]) -> None:
        """Send to the sockets, on all replicas, of people who have one role or group of each rule."""
        self._offer_subjects(rules, event)
        if self._redis is not None:
            message = orjson.dumps({"origin": self._instance, "rules": [list(rule) for rule in rules], "event": event})
            try:
                await self._redis.publish(CHANNEL, message)
            except UnavailableError:
                _log.debug("event not fanned out", type=event["type"])

    def _offer_subjects(self, rules: Sequence[Sequence[str]], event: dict[str, Any]) -> None:
        for socket in self.sockets():
            subjects = subjects_of(socket.session.person)
            if all(subjects & set(rule) for rule in rules):
                socket.offer(event)

    def to_all(self, event: dict[str, Any]) -> None:
        """Send to every socket of this replica."""
        for socket in self.sockets():
            socket.offer(event)

    async def end_session(self, session: Session) -> None:
        """Close the sockets of a session that was signed out, on every replica."""
        event = {"type": "session_ended", "token_hash": session.token_hash.hex()}
        await self.to_person(session.person.user_id, event)

    async def end_other_sessions(self, user_id: UUID, kept: bytes) -> None:
        """Close a person's sockets on every replica, but those of one session."""
        await self.to_person(user_id, {"type": "session_ended", "kept": kept.hex()})

    def _offer(self, user_id: UUID, event: dict[str, Any]) -> None:
        for socket in tuple(self._sockets.get(user_id, ())):
            if event["type"] == "session_ended":
                token_hash = socket.session.token_hash.hex()
                if event.get("token_hash") == token_hash or event.get("kept", token_hash) != token_hash:
                    socket.end("Your session has ended; sign in again.")
            else:
                socket.offer(event)

    async def listen(self) -> None:
        """Pass on what other replicas broadcast, until cancelled; reconnects when Redis was away."""
        if self._redis is None:
            return
        while True:
            try:
                async with self._redis.subscribed(CHANNEL) as messages:
                    async for message in messages:
                        self._receive(message)
            except UnavailableError:
                _log.warning("fan-out is away, trying again")
                await asyncio.sleep(RECONNECT_S)

    def _receive(self, message: bytes) -> None:
        try:
            body = orjson.loads(message)
            if body["origin"] == self._instance:
                return
            if "rules" in body:
                self._offer_subjects(body["rules"], body["event"])
            else:
                self._offer(UUID(body["user_id"]), body["event"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            _log.warning("broadcast not understood")
