"""The connections to one cluster: kept ones for reads, and for each change one of its own.

A change goes over a fresh connection, because a kept one that is already dead would make its outcome unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp

KEEP_ALIVE_S = 30.0  # below the 60 s at which load balancers commonly drop idle connections
CONNECTIONS = 64  # to one cluster; more than its API server gives one client without queueing
USER_AGENT = "kubechat"


class Connector(aiohttp.TCPConnector):
    """Opens connections, and cuts at once what is not used again.

    The library says goodbye over TLS first and keeps no note of it: closing a session does not wait for the peer's
    answer, and against a peer that gives none the socket stays for half a minute.
    """

    def _release(self, key: Any, protocol: Any, *, should_close: bool = False) -> None:
        transport = protocol.transport
        super()._release(key, protocol, should_close=should_close)
        if transport is not None and transport.is_closing():
            transport.abort()


@dataclass(slots=True)
class Progress:
    """Whether a connection was had, after which a change may have reached the cluster; of a read nobody asks."""

    sent: bool = False


class Sessions:
    """The HTTP sessions of one client, opened when they are needed first."""

    def __init__(self) -> None:
        self._kept: aiohttp.ClientSession | None = None
        self._single: aiohttp.ClientSession | None = None

    def of(self, *, changes: bool) -> aiohttp.ClientSession:
        """The session for a request that changes something, or for one that does not."""
        if changes:
            if self._single is None:
                self._single = _new_session(Connector(force_close=True, limit=CONNECTIONS), [_tells_sent()])
            return self._single
        if self._kept is None:
            self._kept = _new_session(Connector(keepalive_timeout=KEEP_ALIVE_S, limit=CONNECTIONS), [])
        return self._kept

    async def close(self) -> None:
        """Close all connections."""
        for session in (self._kept, self._single):
            if session is not None:
                await session.close()
        self._kept = self._single = None


def _tells_sent() -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(_mark_sent)
    trace.on_connection_reuseconn.append(_mark_sent)
    return trace


def _new_session(connector: aiohttp.TCPConnector, traces: list[aiohttp.TraceConfig]) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT},
        trust_env=False,
        trace_configs=traces,
    )
    # The library repeats PUT and DELETE by itself after a lost connection. Here no change is ever sent twice.
    session._retry_connection = False  # noqa: SLF001 - there is no public switch; a test watches that it works
    return session


async def _mark_sent(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
    progress = context.trace_request_ctx
    if isinstance(progress, Progress):
        progress.sent = True
