"""The Redis Cluster: one client per process, with timeouts, measured, its exceptions turned into ours.

Everything in Redis may vanish at any time: callers treat a failure as a miss. Nothing here is the only copy of
anything.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import RedisClusterException, RedisError

from app.errors import UnavailableError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing

COMMAND_TIMEOUT_S = 1.0  # everything here is optional: a slow cache is worse than none
CONNECT_TIMEOUT_S = 1.0


class Redis:
    """Commands on the cluster, routed by the client.

    Args:
        nodes: `(host, port)` of some nodes; the rest is discovered.
        client_name: shown by CLIENT LIST.
        instruments: where the dependency metrics live.
        tracing: spans for commands of sampled requests.
    """

    def __init__(
        self, nodes: list[tuple[str, int]], *, client_name: str, instruments: Instruments, tracing: Tracing
    ) -> None:
        self._tracing = tracing
        self._requests = instruments.counter(catalogue.DEPENDENCY_REQUESTS)
        self._duration = instruments.histogram(catalogue.DEPENDENCY_DURATION)
        self._client = RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in nodes],
            client_name=client_name,
            socket_timeout=COMMAND_TIMEOUT_S,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            retry=Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), 2),
            require_full_coverage=False,
        )

    async def open(self) -> None:
        """Discover the cluster; UnavailableError when no node answers."""
        async with self._measured("initialize"):
            await self._client.initialize()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def ping(self) -> None:
        """One round trip; UnavailableError when the cluster cannot serve a key."""
        async with self._measured("ping"):
            await self._client.get("ping")

    async def get(self, key: str) -> bytes | None:
        """The value of a string key, or None."""
        async with self._measured("get"):
            return cast("bytes | None", await self._client.get(key))

    async def hash_get_all(self, key: str) -> dict[bytes, bytes]:
        """All fields of a hash; empty when it does not exist."""
        async with self._measured("hgetall"):
            return cast("dict[bytes, bytes]", await cast("Awaitable[Any]", self._client.hgetall(key)))

    async def hash_set(self, key: str, fields: Mapping[str, str], ttl_s: int) -> None:
        """Replace fields of a hash and set its time to live in one round trip."""
        async with self._measured("hset"):
            pipeline = self._client.pipeline()
            pipeline.hset(key, mapping={key.encode(): value.encode() for key, value in fields.items()})
            pipeline.expire(key, ttl_s)
            await pipeline.execute()

    async def delete(self, key: str) -> None:
        """Remove a key; nothing happens when it does not exist."""
        async with self._measured("del"):
            await self._client.delete(key)

    async def publish(self, channel: str, message: bytes) -> None:
        """Send to the subscribers of a sharded channel."""
        async with self._measured("spublish"):
            await self._client.execute_command("SPUBLISH", channel, message)

    @asynccontextmanager
    async def subscribed(self, channel: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The messages of a sharded channel, until the block is left; UnavailableError when the connection breaks."""
        pubsub = self._client.pubsub()
        try:
            async with self._measured("ssubscribe"):
                await self._client.initialize()  # a subscription needs to know which node holds the channel
                await pubsub.ssubscribe(channel)
            yield self._messages(pubsub)
        finally:
            # Closing what is broken already may fail too, and must not hide why it is closed.
            with suppress(RedisError, RedisClusterException, OSError):
                await pubsub.aclose()

    async def _messages(self, pubsub: Any) -> AsyncIterator[bytes]:
        while True:
            if not pubsub.node_pubsub_mapping:
                # The slot has moved and the client gave its subscription up: it would answer at once, for ever, and
                # never let go of the event loop.
                raise _unavailable()
            try:
                message = await pubsub.get_sharded_message(
                    ignore_subscribe_messages=True, timeout=COMMAND_TIMEOUT_S / 2
                )
            except TimeoutError:
                continue
            except (RedisError, RedisClusterException, OSError) as exc:
                raise _unavailable() from exc
            if message is not None and message["type"] in {"smessage", b"smessage"}:
                yield message["data"]

    @asynccontextmanager
    async def _measured(self, operation: str) -> AsyncIterator[None]:
        started = time.perf_counter()
        outcome = "ok"
        try:
            with self._tracing.span(
                f"redis {operation}", attributes={"db.system.name": "redis", "db.operation.name": operation}
            ):
                yield
        except (RedisError, RedisClusterException, OSError, TimeoutError) as exc:
            outcome = "failed"
            raise _unavailable() from exc
        finally:
            self._duration.labels("redis", operation).observe(time.perf_counter() - started)
            self._requests.labels("redis", operation, outcome).inc()


def _unavailable() -> UnavailableError:
    return UnavailableError("The cache does not answer.", code="redis_unavailable")
