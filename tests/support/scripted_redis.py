"""A Redis in memory: what replicas tell each other and keep there, and the times at which it is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.errors import UnavailableError


class ScriptedRedis:
    """Strings and messages that all replicas share.

    Attributes:
        values: by key.
        ttls_s: the time to live that each key was set with.
        away: whether it answers nobody.
    """

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.ttls_s: dict[str, int] = {}
        self.away = False
        self._subscribers: list[asyncio.Queue[bytes | None]] = []

    async def get(self, key: str) -> bytes | None:
        """As `Redis.get`."""
        self._answer()
        return self.values.get(key)

    async def set(self, key: str, value: bytes, ttl_s: int) -> None:
        """As `Redis.set`."""
        self._answer()
        self.values[key], self.ttls_s[key] = value, ttl_s

    async def publish(self, _: str, message: bytes) -> None:
        """As `Redis.publish`."""
        self._answer()
        for queue in self._subscribers:
            queue.put_nowait(message)

    @asynccontextmanager
    async def subscribed(self, _: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """As `Redis.subscribed`."""
        self._answer()
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._subscribers.append(queue)
        try:
            yield self._messages(queue)
        finally:
            self._subscribers.remove(queue)

    def cut(self) -> None:
        """Break every subscription."""
        for queue in self._subscribers:
            queue.put_nowait(None)

    @property
    def listeners(self) -> int:
        """How many listen at present."""
        return len(self._subscribers)

    async def _messages(self, queue: asyncio.Queue[bytes | None]) -> AsyncIterator[bytes]:
        while (message := await queue.get()) is not None:
            yield message
        raise UnavailableError("broken")

    def _answer(self) -> None:
        if self.away:
            raise UnavailableError("away")
