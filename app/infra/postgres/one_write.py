"""Lets a statement leave in one write: asyncpg writes its Parse message apart from what follows it.

It counts what leaves and what arrives on the way, since every byte passes here.

Apart, they are two packets: the pooler forwards each by itself and the server wakes up twice, which costs all three as
much as a third of a small query (docs/adr/0013). Nothing is held back but one lone Parse message, which asyncpg always
follows by its Bind message at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from app.infra.traffic import Traffic
from app.telemetry.instruments import Tally

_PARSE = ord("P")


class OneWriteLoop:
    """An event loop, as far as asyncpg uses one, whose connections write as this module says.

    Args:
        loop: the loop that does the work.
        traffic: counts bytes, with TLS as they are before and after it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, traffic: Traffic) -> None:
        self._loop, self._traffic = loop, traffic

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_connection(self, factory: Callable[[], Any], *args: Any, **options: Any) -> tuple[Any, Any]:
        """A connection as the loop makes it."""
        _, made = await self._loop.create_connection(lambda: _Introduction(factory(), self._traffic), *args, **options)
        return made.transport, made.protocol

    async def start_tls(self, transport: Any, *args: Any, **options: Any) -> Any:
        """TLS over a connection; what holds back stands before it, not behind."""
        return _Transport(await self._loop.start_tls(transport.raw, *args, **options), self._traffic)


class _Introduction(asyncio.Protocol):
    """Gives a protocol the transport that holds back; from then on the loop speaks with the protocol itself."""

    def __init__(self, protocol: Any, traffic: Traffic) -> None:
        self.protocol = protocol
        self._traffic = traffic
        self.transport: _Transport | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = _Transport(transport, self._traffic)
        self.transport.set_protocol(self.protocol)
        self.protocol.connection_made(self.transport)


class _Counting(asyncio.Protocol):
    """Counts what arrives, and is the protocol in all else."""

    def __init__(self, protocol: Any, received: Tally) -> None:
        self._received, self._hand_on = received, protocol.data_received
        self.connection_lost = protocol.connection_lost  # type: ignore[method-assign]
        self.eof_received = protocol.eof_received  # type: ignore[method-assign]
        self.pause_writing = protocol.pause_writing  # type: ignore[method-assign]
        self.resume_writing = protocol.resume_writing  # type: ignore[method-assign]

    def data_received(self, data: bytes) -> None:
        self._received.count += len(data)
        self._hand_on(data)


class _Transport:
    """A transport that puts a Parse message in front of what is written next."""

    __slots__ = ("_held", "_received", "_sent", "_write", "raw")

    def __init__(self, raw: Any, traffic: Traffic) -> None:
        self.raw, self._write = raw, raw.write
        self._sent, self._received = traffic.sent, traffic.received
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)

    def set_protocol(self, protocol: Any) -> None:
        """Speak with another protocol: asyncpg changes it once TLS is agreed upon, or refused."""
        self.raw.set_protocol(_Counting(protocol, self._received))

    def write(self, data: Any) -> None:
        """Write, or hold what is one Parse message and nothing else."""
        self._sent.count += len(data)
        if self._held:
            held, self._held = self._held, b""
            self._write(held + bytes(data))
        elif data[0] == _PARSE and int.from_bytes(data[1:5], "big") == len(data) - 1:
            self._held = bytes(data)
        else:
            self._write(data)

    def writelines(self, parts: list[Any]) -> None:
        """Write all parts at once."""
        self.write(b"".join(parts))
