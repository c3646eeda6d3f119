"""How fast a cached session is read from a Redis Cluster, metrics on, against redis-py's plain cluster client."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, cast

import uvloop
from redis.asyncio.cluster import ClusterNode, RedisCluster

from app.infra.redis.client import Redis
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.benchmarks.row import Row
from tests.support.redis_nodes import RedisNodes

ROUNDS = 9
_SESSIONS = 300
_AT_ONCE = {1: 1_500, 50: 6_000}  # callers and the reads they share in a round
_FIELDS = {
    "user_id": "0197c1d2-7c1b-7e3a-9f70-3f1f0d1c2b3a",
    "name": "ann",
    "display_name": "Ann",
    "role": "operator",
    "kind": "browser",
    "expires": "1790000000",
}

Read = Callable[[str], Awaitable[dict[bytes, bytes]]]


def session_reads() -> Iterator[Row]:
    """Reads one at a time, and by 50 callers."""
    nodes = RedisNodes()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            measured = runner.run(_measured(nodes.ports))
    finally:
        nodes.close()
    for callers, name, bar in ((1, "one at a time", ">= 1"), (50, "50 concurrent", ">= 2")):
        ours, plain = measured[callers]
        ratios = [mine / theirs for mine, theirs in zip(ours, plain, strict=True)]
        yield Row(
            f"session read from Redis, {name}",
            statistics.median(ours),
            "reads per second",
            f"redis-py's RedisCluster, {statistics.median(plain):.0f} reads per second",
            statistics.median(ratios),
            bar,
            note=(
                f"HGETALL on a cluster of {len(nodes.ports)} nodes beside them on the same cores; ours counts and times "
                f"each read. The median of {ROUNDS} rounds in turn, from {min(ratios):.2g} to {max(ratios):.2g} times."
            ),
        )


async def _measured(ports: list[int]) -> dict[int, tuple[list[float], list[float]]]:
    tracing = Tracing("gateway", "benchmark")
    ours = Redis([("127.0.0.1", ports[0])], client_name="ours", instruments=Instruments(), tracing=tracing)
    plain = RedisCluster(startup_nodes=[ClusterNode("127.0.0.1", ports[0])], client_name="plain")
    keys = [f"s:{number:064x}" for number in range(_SESSIONS)]
    try:
        await ours.open()
        await plain.initialize()
        for key in keys:
            await ours.hash_set(key, _FIELDS, 3_600)

        async def plainly(key: str) -> dict[bytes, bytes]:
            return cast("dict[bytes, bytes]", await cast("Awaitable[Any]", plain.hgetall(key)))

        found: dict[int, tuple[list[float], list[float]]] = {callers: ([], []) for callers in _AT_ONCE}
        for _ in range(ROUNDS):
            for callers, reads in _AT_ONCE.items():
                for rates, read in zip(found[callers], (ours.hash_get_all, plainly), strict=True):
                    rates.append(await _rate(read, keys, callers, reads))
        return found
    finally:
        await ours.close()
        await plain.aclose()
        tracing.close()


async def _rate(read: Read, keys: list[str], callers: int, reads: int) -> float:
    """Reads per second."""
    numbers = iter(range(reads))

    async def call() -> None:
        for number in numbers:
            assert len(await read(keys[number % len(keys)])) == len(_FIELDS)

    started = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(callers)))
    return reads / (time.perf_counter() - started)
