"""A gateway on real servers starts warm: who was active before waits for no discovery and no look-up of their session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.gateway_replica import DISCOVERY, House, gateway_house
from tests.support.postgres_server import PostgresServer
from tests.support.redis_nodes import RedisNodes


@pytest.fixture(scope="module")
def nodes() -> Iterator[RedisNodes]:
    made = RedisNodes()
    yield made
    made.close()


@pytest.fixture
async def house(postgres: PostgresServer, nodes: RedisNodes, tmp_path: Path) -> AsyncIterator[House]:
    async with gateway_house(postgres, nodes, tmp_path) as made:
        yield made


async def test_after_a_restart_an_active_persons_first_question_finds_resource_types_and_session_in_their_caches(
    house: House,
) -> None:
    token = await house.someone_active()
    house.nodes.forget_everything()
    house.cluster.received.clear()
    async with house.replica() as replica:
        assert set(house.asked()) == DISCOVERY
        house.cluster.received.clear()
        for cache in ("resource_types", "sessions"):
            assert replica.counted(cache, event="loaded") == 1
        await replica.ask(token)
        assert DISCOVERY.isdisjoint(house.asked())
        for cache in ("resource_types", "sessions"):
            assert replica.counted(cache, result="miss") == 0
            assert replica.counted(cache, event="used") == 1
