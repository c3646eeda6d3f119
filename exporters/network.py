"""How long the way to each service takes: its name, the connection, TLS, the first byte of an answer.

Each probe is a connection of its own, as a new client would make it, and is closed again: what is kept open somewhere
hides what a first connection costs. A TCP probe ends when it is connected; it sends nothing, so that a store never sees
half a greeting. An HTTP probe sends one GET and wants an answer of 2xx.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from app.errors import InternalError, UnavailableError
from app.telemetry import exporter_catalogue as more
from exporters.exporter import Vitals
from exporters.sheet import Sheet

VITALS = Vitals("peer", more.NETWORK_UP, more.NETWORK_SCRAPE_DURATION, more.NETWORK_LAST_SUCCESS)
RESOLVE, CONNECT, TLS, FIRST_BYTE = "resolve", "connect", "tls", "first_byte"
MOST_PEERS: Final = 200  # each is a connection a scrape, and five series
_SCHEMES: Final = {"tcp": 0, "http": 80, "https": 443}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_STATUS: Final = re.compile(rb"HTTP/1\.[01] 2\d\d[ \r]")
_LONGEST_STATUS_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a probe goes.

    Attributes:
        name: its label.
        scheme: tcp, http or https.
        host: name or address.
        port: its port.
        path: what is asked for, where something is asked.
    """

    name: str
    scheme: str
    host: str
    port: int
    path: str


def peers(text: str) -> list[Peer]:
    """The peers of a setting: `name=url`, comma separated.

    Raises:
        InternalError: one cannot be read, two have one name, or there are too many.
    """
    found = [_peer(part.strip()) for part in text.split(",") if part.strip()]
    if len({peer.name for peer in found}) != len(found):
        raise InternalError("KUBECHAT_EXPORT_NETWORK_PEERS names a peer twice", code="configuration")
    if len(found) > MOST_PEERS:
        raise InternalError(f"KUBECHAT_EXPORT_NETWORK_PEERS has more than {MOST_PEERS} peers", code="configuration")
    return found


def _peer(text: str) -> Peer:
    name, _, url = text.partition("=")
    try:
        parts = urlsplit(url)
        port = parts.port or _SCHEMES[parts.scheme]
        known = parts.scheme in _SCHEMES
    except (ValueError, KeyError):
        port, known = 0, False
    if not port or not known or _NAME.fullmatch(name) is None or not parts.hostname or parts.username is not None:
        raise InternalError(
            f'KUBECHAT_EXPORT_NETWORK_PEERS: "{name}" is no name=tcp|http|https://host:port/path', code="configuration"
        )
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Peer(name, parts.scheme, parts.hostname, port, path)


class Probe:
    """The way to one peer.

    Args:
        peer: where to.
        authority: file with the certificates that are trusted; the system's where it is left out.
    """

    def __init__(self, peer: Peer, authority: Path | None = None) -> None:
        self.name = peer.name
        self._peer = peer
        self._authority = authority
        self._context: ssl.SSLContext | None = None

    async def read(self, sheet: Sheet) -> None:
        """Go there once; UnavailableError when it cannot be reached or does not answer as it should."""
        try:
            await self._go(sheet)
        except (OSError, EOFError) as exc:  # TimeoutError and ssl.SSLError are OSErrors
            raise UnavailableError(f"{self.name} cannot be reached.") from exc

    async def drop(self) -> None:
        """Nothing is held."""

    async def _go(self, sheet: Sheet) -> None:
        loop, peer = asyncio.get_running_loop(), self._peer
        clock = _Clock(sheet, self.name)
        found = await loop.getaddrinfo(peer.host, peer.port, type=socket.SOCK_STREAM)
        clock.lap(RESOLVE)
        raw = await _connected(found)
        writer: asyncio.StreamWriter | None = None
        try:
            clock.lap(CONNECT)
            if peer.scheme == "tcp":
                return
            reader, writer = await asyncio.open_connection(sock=raw)
            if peer.scheme == "https":
                await writer.start_tls(self._trust(), server_hostname=peer.host)
                clock.lap(TLS)
                self._put_certificate(sheet, writer)
            writer.write(
                f"GET {peer.path} HTTP/1.1\r\nHost: {peer.host}:{peer.port}\r\nUser-Agent: kubechat-exporters\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            first = await reader.readexactly(1)
            clock.lap(FIRST_BYTE)
            rest = await reader.readuntil(b"\n") if first != b"\n" else b""
            if _STATUS.match((first + rest)[:_LONGEST_STATUS_BYTES]) is None:
                raise ConnectionAbortedError("the answer is not the one that was wanted")
        except asyncio.LimitOverrunError as exc:
            raise ConnectionAbortedError("what answers is no HTTP server") from exc
        finally:
            if writer is not None:
                writer.transport.abort()
            raw.close()

    def _trust(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._authority)
        return self._context

    def _put_certificate(self, sheet: Sheet, writer: asyncio.StreamWriter) -> None:
        certificate = writer.get_extra_info("peercert") or {}
        with suppress(KeyError, ValueError):
            sheet.put(more.NETWORK_CERTIFICATE_END, ssl.cert_time_to_seconds(certificate["notAfter"]), peer=self.name)


async def _connected(ways: list[Any]) -> socket.socket:
    """A connection to the first address that takes one, as any client finds it; the last one's OSError when none does.

    A name may have addresses of a protocol that this machine, or the peer, does not speak.
    """
    for place, (family, kind, protocol, _, address) in enumerate(ways, start=1):
        raw = None
        try:
            raw = socket.socket(family, kind, protocol)
            raw.setblocking(False)
            await asyncio.get_running_loop().sock_connect(raw, address)
        except BaseException as exc:
            if raw is not None:
                raw.close()
            if place == len(ways) or not isinstance(exc, OSError):
                raise
        else:
            return raw
    raise ConnectionAbortedError("the name has no address")


class _Clock:
    """Puts the time since the last lap onto the sheet."""

    def __init__(self, sheet: Sheet, peer: str) -> None:
        self._sheet, self._peer = sheet, peer
        self._since = time.perf_counter()

    def lap(self, phase: str) -> None:
        now = time.perf_counter()
        self._sheet.put(more.NETWORK_PHASE, now - self._since, peer=self._peer, phase=phase)
        self._since = now
