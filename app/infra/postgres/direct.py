"""A connection to PostgreSQL itself, for work that rests on one session: a lock that it holds, its backend's pid.

A pooler would keep such a lock on one of its server connections, long after the process that asked for it has ended.
What the work is, and what its failure is called, is its caller's business.
"""

from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import Final

import asyncpg

from app.errors import InternalError
from app.infra.postgres.faults import AWAY
from app.telemetry.logs import get_logger

COMMAND_TIMEOUT_S = 10.0  # a look-up that takes longer is not answered any more; long work says how long it may take
CONNECT_TIMEOUT_S: Final = 5.0
# A host that has vanished is noticed after a minute, by either side.
_IDLE_S, _INTERVAL_S, _PROBES = 30, 10, 3
GONE: Final = (*AWAY, asyncpg.ReadOnlySQLTransactionError)
"""The server went away, or is a standby for now: what waits for it may try again."""
# A statement whose process has ended would go on, and keep the lock; so would a session whose host has vanished.
_SETTINGS: Final = {
    "client_connection_check_interval": "5s",
    "tcp_keepalives_idle": f"{_IDLE_S}s",
    "tcp_keepalives_interval": f"{_INTERVAL_S}s",
    "tcp_keepalives_count": str(_PROBES),
    "tcp_user_timeout": f"{_IDLE_S + _INTERVAL_S * _PROBES}s",
}
_REFUSED_BY_A_POOLER: Final = "unsupported startup parameter"  # PostgreSQL calls one that it does not know otherwise
_log = get_logger(__name__)


async def is_direct(connection: asyncpg.Connection) -> bool:
    """Whether no pooler is between: the backend that answers is the one that greeted this connection.

    A pooler greets its clients with a process id that it makes up, since no backend is theirs. Addresses and ports tell
    less: NAT changes them, and a Unix socket has none.
    """
    async with connection.transaction():  # or a pooler could send the two messages of one query to two backends
        return bool(await connection.fetchval("SELECT pg_backend_pid()") == connection.get_server_pid())


async def connect_directly(url: str, *, application_name: str, holds_lock: str) -> asyncpg.Connection:
    """Connect; the server ends this session soon after its process or its host has gone.

    Args:
        url: DSN.
        application_name: who it is, for people who look at the server.
        holds_lock: what the connection is for, in the plural, for people whose setting is wrong.

    Raises:
        InternalError: a pooler answers at this address.
        OSError, TimeoutError, asyncpg.PostgresError: as `asyncpg.connect` does.
    """
    try:
        connection = await asyncpg.connect(
            url,
            timeout=CONNECT_TIMEOUT_S,
            command_timeout=COMMAND_TIMEOUT_S,
            statement_cache_size=0,
            server_settings={"application_name": application_name},
        )
    except asyncpg.ProtocolViolationError as exc:
        if _REFUSED_BY_A_POOLER in str(exc):
            raise _pooled(holds_lock) from exc
        raise
    try:
        await _prepare(connection, holds_lock)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _prepare(connection: asyncpg.Connection, holds_lock: str) -> None:
    if not await is_direct(connection):
        raise _pooled(holds_lock)
    _keep_alive(connection)
    for name, value in _SETTINGS.items():
        try:
            await connection.execute(f"SET {name} = '{value}'")
        except (asyncpg.UndefinedObjectError, asyncpg.InvalidParameterValueError) as exc:
            _log.info("the server does not know a setting", setting=name, sqlstate=exc.sqlstate)


def _pooled(holds_lock: str) -> InternalError:
    return InternalError(
        "KUBECHAT_POSTGRES_DIRECT_URL has to name PostgreSQL itself: "
        f"{holds_lock} hold a lock that a pooler would keep.",
        code="configuration",
    )


def _keep_alive(connection: asyncpg.Connection) -> None:
    """Let this host notice that the server's has vanished, during a statement that may take hours."""
    transport = connection._transport  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way
    # By another descriptor of the same socket: uvloop's own gives no access to its options.
    with closing(socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))) as raw:
        if raw.family != socket.AF_UNIX:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE_S)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _INTERVAL_S)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
