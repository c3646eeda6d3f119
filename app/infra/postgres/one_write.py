"""Lets a statement leave in one write: asyncpg writes its Parse message apart from what follows it.

Apart, they are two packets: the pooler forwards each by itself and the server wakes up twice, which costs all three as
much as a third of a small query (docs/adr/0013). Nothing is held back but one lone Parse message, which asyncpg always
follows by its Bind message at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

_PARSE = ord("P")


class OneWriteLoop:
    """An event loop, as far as asyncpg uses one, whose connections write as this module says.

    Args:
        loop: the loop that does the work.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_connection(self, factory: Callable[[], Any], *args: Any, **options: Any) -> tuple[Any, Any]:
        """A connection as the loop makes it."""
        _, made = await self._loop.create_connection(lambda: _Introduction(factory()), *args, **options)
        return made.transport, made.protocol

    async def start_tls(self, transport: Any, *args: Any, **options: Any) -> Any:
        """TLS over a connection; what holds back stands before it, not behind."""
        return _Transport(await self._loop.start_tls(transport.raw, *args, **options))


class _Introduction(asyncio.Protocol):
    """Gives a protocol the transport that holds back; from then on the loop speaks with the protocol itself."""

    def __init__(self, protocol: Any) -> None:
        self.protocol = protocol
        self.transport: _Transport | None = None

    def connection_made(self, transport: Any) -> None:
        self.transport = _Transport(transport)
        transport.set_protocol(self.protocol)
        self.protocol.connection_made(self.transport)


class _Transport:
    """A transport that puts a Parse message in front of what is written next."""

    __slots__ = ("_held", "_write", "raw")

    def __init__(self, raw: Any) -> None:
        self.raw, self._write = raw, raw.write
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)

    def write(self, data: Any) -> None:
        """Write, or hold what is one Parse message and nothing else."""
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
