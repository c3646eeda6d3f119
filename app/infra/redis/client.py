"""The Redis that the services see: a few commands, each measured, each failing with one error.

Everything in Redis may vanish at any time: callers treat a failure as a miss. Nothing here is the only copy of
anything.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, suppress
from types import MappingProxyType
from typing import Any, Final, cast

from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import TimeoutError as RedisTimeoutError

from app.errors import UnavailableError
from app.infra.redis.link import COMMAND_TIMEOUT_S, LostError, RefusedError
from app.infra.redis.meter import Meter
from app.infra.redis.node import CONNECT_TIMEOUT_S
from app.infra.redis.router import FAULTS, AvoidedError, Router
from app.infra.round_trip import socket_of, watch
from app.infra.traffic import REDIS, Traffic
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing, recording

_RETRIES: Final = 2  # of redis-py's, within the command's time: one for a slot that moved, one for a node that is new
# One command, not MULTI and EXEC: redis-py runs each command of a cluster's transaction in a thread with an event loop
# of its own, and discovers a lost cluster there, over connections that this one can neither use nor close.
_HSET_EX: Final = "redis.call('HSET', KEYS[1], unpack(ARGV, 2)) redis.call('EXPIRE', KEYS[1], ARGV[1])"
_SENDING: Final = {"messaging.system": "redis", "messaging.operation.type": "send"}
_LISTEN_S: Final = 0.5  # how long a subscription waits for a message before it looks whether it still stands
_QUIET_S: Final = 2.0  # without a message, after which a subscription asks whether the node is there
_SILENT_S: Final = 1.0  # for its answer: twice what a command may take


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
        self._client = RedisCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in nodes],
            client_name=client_name,
            socket_timeout=COMMAND_TIMEOUT_S,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            retry=Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), _RETRIES),
            require_full_coverage=False,
        )
        self._router = Router(
            self._client,
            client_name,
            instruments.histogram(catalogue.REDIS_PIPELINE_COMMANDS),
            instruments.gauge(catalogue.REDIS_NODES_AVOIDED),
            Traffic(instruments, REDIS),
        )
        watch(instruments, REDIS, lambda: [socket_of(link.transport) for link in self._router.links()])
        self._initialize, self._ping, self._get, self._set, self._hgetall, self._hset, self._del = (
            Meter(operation, instruments)
            for operation in ("initialize", "ping", "get", "set", "hgetall", "hset", "del")
        )
        self._spublish, self._ssubscribe = (Meter(each, instruments) for each in ("spublish", "ssubscribe"))

    async def open(self) -> None:
        """Discover the cluster; UnavailableError when no node answers. Without it, the first command discovers."""
        await self._measured(self._initialize, self._router.open())

    async def close(self) -> None:
        """Close all connections."""
        await self._router.close()
        await self._client.aclose()
        # After a fault it takes itself for closed, whatever connections its discoveries have opened since.
        with suppress(*FAULTS):
            await self._client.nodes_manager.aclose()
            await self._client.nodes_manager.aclose("startup_nodes")

    async def ping(self) -> None:
        """One round trip; UnavailableError when the cluster cannot serve a key."""
        await self._measured(self._ping, self._router.ask(b"ping", ("GET", b"ping")))

    async def get(self, key: str) -> bytes | None:
        """The value of a string key, or None."""
        name = key.encode()
        return cast("bytes | None", await self._measured(self._get, self._router.ask(name, ("GET", name))))

    async def set(self, key: str, value: bytes, ttl_s: int) -> None:
        """Replace a string key for so many seconds."""
        name = key.encode()
        await self._measured(self._set, self._router.ask(name, ("SET", name, value, "EX", ttl_s)))

    async def hash_get_all(self, key: str) -> dict[bytes, bytes]:
        """All fields of a hash; empty when it does not exist."""
        name = key.encode()
        found = await self._measured(self._hgetall, self._router.ask(name, ("HGETALL", name)))
        return found if isinstance(found, dict) else dict(zip(found[::2], found[1::2], strict=True))

    async def hash_set(self, key: str, fields: Mapping[str, str], ttl_s: int) -> None:
        """Replace fields of a hash and set its time to live, both or neither, in one round trip."""
        name = key.encode()
        words = tuple(part.encode() for field in fields.items() for part in field)
        await self._measured(self._hset, self._router.ask(name, ("EVAL", _HSET_EX, 1, name, ttl_s, *words)))

    async def delete(self, *keys: str) -> None:
        """Remove keys; nothing happens to those that do not exist. All are tried when one fails."""
        names = [key.encode() for key in keys]
        if len(names) == 1:
            await self._measured(self._del, self._router.ask(names[0], ("DEL", names[0])))
            return
        tried = await asyncio.gather(
            *(self._measured(self._del, self._router.ask(name, ("DEL", name))) for name in names),
            return_exceptions=True,
        )
        for each in tried:
            if isinstance(each, BaseException):
                raise each

    async def publish(self, channel: str, message: bytes) -> None:
        """Send to the subscribers of a sharded channel, at most once."""
        name = channel.encode()
        asked = self._router.ask(name, ("SPUBLISH", name, message), again=False)
        await self._measured(self._spublish, asked, {**_SENDING, "messaging.destination.name": channel})

    @asynccontextmanager
    async def subscribed(self, channel: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The messages of a sharded channel, until the block is left.

        UnavailableError when one may have been lost: the connection broke or was made anew, or the node is silent.
        Then the cluster is looked at again: whoever does nothing but subscribe would ask a dead master for ever.
        """
        pubsub = self._client.pubsub()
        try:
            try:
                await self._measured(self._ssubscribe, self._subscribe(pubsub, channel))
            except UnavailableError:
                self._router.mend()
                raise
            yield self._messages(pubsub)
        finally:
            # Closing what is broken already may fail too, and must not hide why it is closed.
            with suppress(*FAULTS):
                await pubsub.aclose()

    async def _subscribe(self, pubsub: Any, channel: str) -> None:
        await self._client.initialize()  # a subscription needs to know which node holds the channel
        await pubsub.ssubscribe(channel)
        async with asyncio.timeout(COMMAND_TIMEOUT_S):
            while await _next_kind(pubsub) != "ssubscribe":  # sent is not subscribed yet
                pass

    async def _messages(self, pubsub: Any) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        ask_at, lost_at = loop.time() + _QUIET_S, math.inf
        while True:
            try:
                message = await _next_message(pubsub)
                now = loop.time()
                if message is None and now >= lost_at:
                    raise RedisTimeoutError("the node does not answer")
                if message is None and now >= ask_at:
                    ask_at, lost_at = math.inf, now + _SILENT_S
                    async with asyncio.timeout(_SILENT_S):
                        await asyncio.gather(*(each.ping() for each in pubsub.node_pubsub_mapping.values()))
            except FAULTS as exc:
                self._router.mend()
                raise _unavailable() from exc
            if message is None:
                continue
            if _kind(message) in {"ssubscribe", "sunsubscribe"}:
                # The slot has moved, or redis-py connected again by itself: what was said meanwhile is lost.
                self._router.mend()
                raise _unavailable()
            if _kind(message) == "smessage":
                yield message["data"]
            ask_at, lost_at = loop.time() + _QUIET_S, math.inf

    async def _measured(
        self, meter: Meter, asked: Awaitable[Any], more: Mapping[str, str] = MappingProxyType({})
    ) -> Any:
        if not recording():
            return await self._counted(meter, asked)
        attributes = {"db.system.name": "redis", "db.operation.name": meter.operation, **more}
        with self._tracing.span(meter.span, attributes=attributes):
            return await self._counted(meter, asked)

    async def _counted(self, meter: Meter, asked: Awaitable[Any]) -> Any:
        started = time.perf_counter()
        try:
            reply = await asked
        except AvoidedError as exc:
            meter.short_cut.inc()
            raise _unavailable() from exc
        except RefusedError as exc:
            meter.refused.inc()
            raise _unavailable() from exc
        except FAULTS as exc:
            meter.failed.inc()
            meter.duration.observe(time.perf_counter() - started)
            raise _unavailable() from exc
        except asyncio.CancelledError:
            meter.cancelled.inc()
            raise
        meter.ok.inc()
        meter.duration.observe(time.perf_counter() - started)
        return reply


async def _next_message(pubsub: Any) -> dict[str, Any] | None:
    """What a subscription receives within a moment, if anything; FAULTS when it has broken or ended."""
    if not pubsub.node_pubsub_mapping:
        raise LostError  # the client gave it up; it would answer at once, for ever, and never let go of the event loop
    try:
        return cast("dict[str, Any] | None", await pubsub.get_sharded_message(timeout=_LISTEN_S))
    except TimeoutError:
        return None
    except RuntimeError as exc:
        raise LostError from exc  # so it ends where it is just being moved to a node that took over


async def _next_kind(pubsub: Any) -> str:
    message = await _next_message(pubsub)
    return "" if message is None else _kind(message)


def _kind(message: dict[str, Any]) -> str:
    kind = message["type"]
    return kind.decode() if isinstance(kind, bytes) else str(kind)


def _unavailable() -> UnavailableError:
    return UnavailableError("The cache does not answer.", code="redis_unavailable")
