"""What people read most is asked ahead: in their identity alone, never a Secret, and only while it is read."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from app.domain.clusters.answers import Answers
from app.gateway.service.answers_ahead import KEY, LATELY_S, MOST, AnswersAhead
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster
from tests.support.scripted_redis import ScriptedRedis

PODS = "/api/v1/namespaces/shop/pods"
NOW_S = 1_800_000_000.0


class Replica:
    """One replica's answers, and what asks for them ahead."""

    def __init__(self, redis: Any, now_s: float = NOW_S) -> None:
        self.instruments = Instruments()
        self.answers = Answers(self.instruments)
        self.seen: list[Impersonation] = []
        self.cluster = ScriptedCluster(self._answer)
        self.now_s = now_s
        self.ahead = AnswersAhead(self.answers, {"prod-eu": self.cluster}, redis, lambda: self.now_s)

    def _answer(self, _: Asked) -> Any:
        return {"items": []}

    async def read(self, path: str = PODS, who: Impersonation = ADA, times: int = 1) -> None:
        for _ in range(times):
            await self.answers.reading(self.cluster, who).json(path, (("limit", "500"),), "application/json")

    def asked(self) -> list[str]:
        return [asked.path for asked in self.cluster.asked]


@pytest.fixture
def redis() -> ScriptedRedis:
    return ScriptedRedis()


async def test_another_replica_starts_with_what_was_read_most_and_for_who_read_it(redis: ScriptedRedis) -> None:
    one, other = Replica(redis), Replica(redis)
    await one.read()
    await one.ahead.remember()
    await other.ahead.load()
    assert other.asked() == [PODS]
    await other.read()
    assert other.asked() == [PODS], "it was there"
    assert other.instruments.value(catalogue.CACHE_WARMED, cache="kubernetes_answers", event="used") == 1
    await other.read(who=Impersonation("kubechat:bob", ADA.groups))
    assert other.asked() == [PODS, PODS], "for nobody else"


async def test_only_so_many_are_asked_ahead(redis: ScriptedRedis) -> None:
    one, other = Replica(redis), Replica(redis)
    for number in range(MOST + 10):
        await one.read(f"/api/v1/namespaces/shop-{number}/pods", times=2 if number >= 10 else 1)
    await one.ahead.remember()
    await other.ahead.load()
    assert len(other.asked()) == MOST
    assert "/api/v1/namespaces/shop-0/pods" not in other.asked()


async def test_meanwhile_only_what_is_read_again_and_again_at_this_time_is_asked_ahead(redis: ScriptedRedis) -> None:
    one, other = Replica(redis), Replica(redis)
    await one.read(times=3)
    await one.read("/api/v1/nodes")
    await one.ahead.remember()
    await other.ahead.load(often=True)
    assert other.asked() == [PODS]
    late = Replica(redis, NOW_S + LATELY_S + 1)
    await late.ahead.load(often=True)
    assert late.asked() == []


@pytest.mark.parametrize(
    "row",
    [
        ["prod-eu", "kubechat:ada", [], "/api/v1/secrets", [], "application/json", 9, NOW_S],
        ["prod-eu", "kubechat:ada", [], "/api/v1/namespaces/shop/pods/web/log", [], "application/json", 9, NOW_S],
        ["prod-eu", "kubechat:ada", [], PODS, [["watch", "true"]], "application/json", 9, NOW_S],
        ["prod-eu", "system:admin", [], PODS, [], "application/json", 9, NOW_S],
        ["prod-eu", "kubechat:ada", ["system:masters"], PODS, [], "application/json", 9, NOW_S],
        ["prod-eu", "kubechat:ada", [], PODS, [["labelSelector", "a" * 5_000]], "application/json", 9, NOW_S],
        ["prod-eu", "kubechat:ada", [], PODS, [], "application/json", 9, NOW_S - 3_601],
        ["elsewhere", "kubechat:ada", [], PODS, [], "application/json", 9, NOW_S],
        ["prod-eu", "kubechat:ada"],
        "rubbish",
    ],
)
async def test_no_row_makes_anybody_read_what_is_never_kept(redis: ScriptedRedis, row: Any) -> None:
    await redis.set(KEY, orjson.dumps([row]), 60)
    replica = Replica(redis)
    await replica.ahead.load()
    assert replica.asked() == []


async def test_who_sees_only_part_of_a_cluster_is_not_remembered(redis: ScriptedRedis) -> None:
    one, other = Replica(redis), Replica(redis)
    await one.read(who=Impersonation("kubechat:ada", (), "part"))
    await one.ahead.remember()
    await other.ahead.load()
    assert other.asked() == []
