"""Asks a process whether it can serve: a query, a command, a request; never just an open port.

A probe raises NotReadyError with a short reason, and nothing else. It changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import asyncpg
import httpx2

from app.stack.ports import LOOPBACK
from app.stack.service import NotReadyError, Step

if TYPE_CHECKING:
    from redis.asyncio import Redis

_TIMEOUT_S = 3.0


@asynccontextmanager
async def postgres_connection(
    port: int, *, user: str, password: str, database: str
) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a server on loopback for as long as the block lasts.

    Raises:
        NotReadyError: it cannot be made, or breaks, or the server refuses a statement.
    """
    try:
        connection = await asyncpg.connect(
            host=LOOPBACK,
            port=port,
            user=user,
            password=password,
            database=database,
            timeout=_TIMEOUT_S,
            command_timeout=_TIMEOUT_S * 10,
            statement_cache_size=0,
            ssl=False,
        )
    except asyncpg.CannotConnectNowError as exc:
        raise NotReadyError("it is starting up or recovering") from exc
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
        raise NotReadyError(f"it refuses the connection ({type(exc).__name__})") from exc
    except (OSError, TimeoutError) as exc:
        raise NotReadyError("it does not answer") from exc
    try:
        yield connection
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
        raise NotReadyError(f"it refuses a statement ({type(exc).__name__})") from exc
    except (OSError, TimeoutError) as exc:
        raise NotReadyError("the connection broke") from exc
    finally:
        connection.terminate()


def postgres_primary(port: int, *, user: str, password: str) -> Step:
    """Ready when it answers a query and is not recovering."""

    async def probe() -> None:
        async with postgres_connection(port, user=user, password=password, database="postgres") as connection:
            if await connection.fetchval("SELECT pg_is_in_recovery()"):
                raise NotReadyError("it is recovering, so it takes no writes")

    return probe


def postgres_replica(port: int, *, user: str, password: str) -> Step:
    """Ready when it answers queries while it streams from the primary."""

    async def probe() -> None:
        async with postgres_connection(port, user=user, password=password, database="postgres") as connection:
            row = await connection.fetchrow(
                "SELECT pg_is_in_recovery() AS recovering, (SELECT status FROM pg_stat_wal_receiver) AS receiver"
            )
            if row is None or not row["recovering"]:
                raise NotReadyError("it does not follow the primary")
            if row["receiver"] != "streaming":
                raise NotReadyError("it does not stream from the primary")

    return probe


def pgbouncer(port: int, *, databases: Mapping[str, str], passwords: Mapping[str, str], stats_user: str) -> Step:
    """Ready when its console answers and a query passes through every database.

    Args:
        port: its port on loopback.
        databases: the names that it serves, each with the role that uses it.
        passwords: of those roles and of `stats_user`.
        stats_user: who may ask the console.
    """

    async def through(database: str, user: str) -> None:
        async with postgres_connection(port, user=user, password=passwords[user], database=database) as connection:
            await connection.execute("SELECT 1")

    async def probe() -> None:
        async with postgres_connection(
            port, user=stats_user, password=passwords[stats_user], database="pgbouncer"
        ) as connection:
            await connection.execute("SHOW POOLS")
        for database, user in databases.items():
            await through(database, user)

    return probe


@asynccontextmanager
async def redis_connection(port: int) -> AsyncIterator[Redis]:
    """A client of one node for as long as the block lasts; NotReadyError when the node fails."""
    # Half of what `kubechat status` would import, and it asks no node.
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    client = Redis(host=LOOPBACK, port=port, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
    try:
        yield client
    except RedisError as exc:
        raise NotReadyError(f"it does not answer ({type(exc).__name__})") from exc
    except (OSError, TimeoutError) as exc:
        raise NotReadyError("it does not answer") from exc
    finally:
        await client.aclose()


async def redis_command(client: Redis, *words: str | int) -> Any:
    """Run a command that redis-py has no typed method for."""
    execute = cast("Callable[..., Awaitable[Any]]", client.execute_command)
    return await execute(*words)


async def cluster_info(client: Redis) -> dict[str, str]:
    """What a node says of the cluster."""
    found = await redis_command(client, "CLUSTER INFO")
    return {_word(name): _word(value) for name, value in found.items()}


def redis_node(port: int) -> Step:
    """Ready when it has loaded its data and, once it belongs to a cluster, says that the cluster is fine."""

    async def probe() -> None:
        async with redis_connection(port) as client:
            await cast("Awaitable[Any]", client.ping())
            info = await cluster_info(client)
            if int(info["cluster_known_nodes"]) > 1 and info["cluster_state"] != "ok":
                raise NotReadyError("the cluster is not complete")

    return probe


def http(port: int, path: str) -> Step:
    """Ready when a GET is answered with 200; a body that names failing checks becomes the reason."""
    url = f"http://{LOOPBACK}:{port}{path}"

    async def probe() -> None:
        try:
            # Plain HTTP on loopback: reading the machine's certificates would cost 20 ms of CPU a probe.
            async with httpx2.AsyncClient(trust_env=False, timeout=_TIMEOUT_S, verify=False) as client:
                answer = await client.get(url)
        except (httpx2.HTTPError, OSError) as exc:
            raise NotReadyError("it does not answer") from exc
        if answer.status_code != 200:
            raise NotReadyError(_refusal(answer))

    return probe


def both(first: Step, second: Step) -> Step:
    """Ready when two probes pass."""

    async def probe() -> None:
        await asyncio.gather(first(), second())

    return probe


def _refusal(answer: httpx2.Response) -> str:
    try:
        checks = answer.json()["checks"]
        failing = sorted(name for name, verdict in checks.items() if verdict != "ok")
    except (ValueError, KeyError, TypeError, AttributeError):
        failing = []
    return f"waits for {', '.join(failing)}" if failing else f"it answers {answer.status_code}"


def _word(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
