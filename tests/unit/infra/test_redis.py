"""Subscriptions that the cluster client gives up end, so that they are made anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from redis.asyncio.cluster import ClusterPubSub
from redis.exceptions import ConnectionError as RedisConnectionError

from app.errors import UnavailableError
from app.infra.redis.client import Redis
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    async def subscribe(*_: object) -> None:
        return

    async def close(_: object) -> None:
        raise RedisConnectionError("broken already")

    monkeypatch.setattr(ClusterPubSub, "ssubscribe", subscribe)
    monkeypatch.setattr(ClusterPubSub, "aclose", close)
    tracing = Tracing("gateway", "test")
    yield Redis([("127.0.0.1", 1)], client_name="test", instruments=Instruments(), tracing=tracing)
    tracing.close()


async def test_a_subscription_that_no_node_holds_any_more_is_told_as_away(redis: Redis) -> None:
    async def listen() -> None:
        async with redis.subscribed("channel") as messages:
            async for _ in messages:
                pass

    with pytest.raises(UnavailableError):
        async with asyncio.timeout(5):
            await listen()
    await redis.close()
