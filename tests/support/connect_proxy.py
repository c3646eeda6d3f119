"""A small HTTP proxy that opens tunnels: what it was asked for is kept, and it may want a password or refuse."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from types import TracebackType
from typing import Self


class ConnectProxy:
    """Answers CONNECT by a tunnel to where it leads.

    Args:
        password: "user:password" that it wants; empty for none.
        refuses: the status with which it answers in place of a tunnel; 0 for none.
        tls: for a proxy that is itself spoken to over TLS.

    Attributes:
        tunnels: what it was asked to lead to, as "host:port".
    """

    def __init__(self, *, password: str = "", refuses: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._wanted = f"Basic {base64.b64encode(password.encode()).decode()}" if password else ""
        self._refuses, self._tls = refuses, tls
        self.tunnels: list[str] = []

    async def __aenter__(self) -> Self:
        self._open: set[asyncio.StreamWriter] = set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in self._open:
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        writer.close()
        self._open.discard(writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        status = self._refuses
        if not status and self._wanted and headers.get("proxy-authorization") != self._wanted:
            status = 407
        if status or method != "CONNECT":
            writer.write(f"HTTP/1.1 {status or 405} X\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        self.tunnels.append(target)
        host, _, port = target.rpartition(":")
        there_reader, there_writer = await asyncio.open_connection(host, int(port))
        self._open.add(there_writer)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))
        finally:
            there_writer.close()
            self._open.discard(there_writer)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()
