"""Kept answers: for one identity and one request alone, never of Secrets, and gone with a change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from app.domain.clusters.answers import SETTLES_S, SETTLING_S, Answers
from app.domain.clusters.places import Place, place_of
from app.domain.policy.limits import Allowed, PersonLimits, PolicyError
from app.errors import UnavailableError
from app.infra.cache.caches import Caches
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.clock import Clock
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster, refused

ANSWERS = "kubernetes_answers"
JSON = "application/json"
PODS = "/api/v1/namespaces/shop/pods"


@pytest.fixture
async def clock() -> AsyncIterator[Clock]:
    with pytest.MonkeyPatch.context() as patched:
        yield Clock(patched)


def one_pod(_: Asked) -> Any:
    return {"items": [{"metadata": {"name": "web"}}]}


async def ask(
    answers: Answers, cluster: ScriptedCluster, who: Impersonation = ADA, path: str = PODS, **more: str
) -> Any:
    return await answers.reading(cluster, who).json(path, tuple(more.items()), JSON)


@pytest.mark.parametrize(
    "other",
    [
        Impersonation("kubechat:bob", ADA.groups),
        Impersonation(ADA.user, ()),
        Impersonation(ADA.user, (*ADA.groups, "kubechat:on-call")),
        Impersonation(ADA.user, ("kubechat:viewers",)),
        replace(ADA, scope="part of it"),
    ],
    ids=["another user", "no group", "one group more", "another group", "another view"],
)
async def test_another_identity_is_never_given_what_this_one_was(other: Impersonation) -> None:
    cluster, answers = ScriptedCluster(one_pod), Answers(Instruments())
    for who, asked in ((ADA, 1), (ADA, 1), (other, 2), (other, 2), (ADA, 2)):
        await ask(answers, cluster, who)
        assert len(cluster.asked) == asked


async def test_another_cluster_query_form_or_path_is_another_answer() -> None:
    here, there, answers = ScriptedCluster(one_pod, "here"), ScriptedCluster(one_pod, "there"), Answers(Instruments())
    await ask(answers, here)
    await ask(answers, here, labelSelector="app=web")
    await ask(answers, here, path="/api/v1/namespaces/qa/pods")
    await answers.reading(here, ADA).json(PODS, (), f"{JSON};as=Table")
    await ask(answers, there)
    assert (len(here.asked), len(there.asked)) == (4, 1)


async def test_what_a_person_may_not_read_any_more_is_refused_though_it_is_kept() -> None:
    cluster, answers = ScriptedCluster(one_pod), Answers(Instruments())
    await ask(answers, cluster)
    closed = PersonLimits("prod-eu", Allowed(read=False, change=False), {})
    with pytest.raises(PolicyError):
        await ask(answers, cluster, replace(ADA, limits=closed))
    assert len(cluster.asked) == 1


async def test_refusals_are_not_kept() -> None:
    cluster, answers = ScriptedCluster(lambda _: refused(403)), Answers(Instruments())
    for asked in (1, 2):
        with pytest.raises(Exception, match="no"):
            await ask(answers, cluster)
        assert len(cluster.asked) == asked


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/secrets",
        "/api/v1/namespaces/shop/secrets",
        "/api/v1/namespaces/shop/secrets/db",
        "/api/v1/namespaces/shop/%73ecrets/db",
        "/api/v1/namespaces/shop/pods/web/log",
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis",
        "/api/v1",
        "/version",
        "/openapi/v3",
    ],
)
async def test_secrets_usage_rights_logs_and_what_is_no_object_are_asked_for_each_time(path: str) -> None:
    cluster, instruments = ScriptedCluster(one_pod), Instruments()
    answers = Answers(instruments)
    for asked in (1, 2):
        await ask(answers, cluster, path=path)
        assert len(cluster.asked) == asked
    assert instruments.value(catalogue.CACHE_ENTRIES, cache=ANSWERS) == 0


@pytest.mark.parametrize("key", ["continue", "watch", "resourceVersion"])
async def test_a_page_that_goes_on_and_a_watch_are_asked_for_each_time(key: str) -> None:
    cluster, answers = ScriptedCluster(one_pod), Answers(Instruments())
    for asked in (1, 2):
        await ask(answers, cluster, **{key: "x"})
        assert len(cluster.asked) == asked


def test_a_path_names_a_type_a_namespace_and_an_object() -> None:
    assert place_of("/api/v1/pods") == Place("", "v1", "pods")
    assert place_of("/api/v1/namespaces/shop/pods/web") == Place("", "v1", "pods", "shop", "web")
    assert place_of("/api/v1/namespaces") == Place("", "v1", "namespaces")
    assert place_of("/api/v1/namespaces/shop") == Place("", "v1", "namespaces", "", "shop")
    assert place_of("/apis/apps/v1/namespaces/shop/deployments") == Place("apps", "v1", "deployments", "shop")
    assert place_of("/apis/apps/v1/deployments/scale/status") is None


async def test_a_change_drops_the_answers_of_its_cluster_for_everybody_and_no_others() -> None:
    here, there, answers = ScriptedCluster(one_pod, "here"), ScriptedCluster(one_pod, "there"), Answers(Instruments())
    bob = Impersonation("kubechat:bob")
    for cluster in (here, there):
        for who in (ADA, bob):
            await ask(answers, cluster, who)
    answers.forget_cluster("here")
    for cluster in (here, there):
        for who in (ADA, bob):
            await ask(answers, cluster, who)
    assert (len(here.asked), len(there.asked)) == (4, 2)


async def test_an_answer_that_was_on_its_way_during_a_change_is_not_kept() -> None:
    answers, begun, go_on = Answers(Instruments()), asyncio.Event(), asyncio.Event()

    class Slow(ScriptedCluster):
        async def request(self, *given: Any, **named: Any) -> Any:
            found = await super().request(*given, **named)
            begun.set()
            await go_on.wait()
            return found

    cluster = Slow(one_pod)
    reading = asyncio.ensure_future(ask(answers, cluster))
    await begun.wait()
    answers.forget_cluster("prod-eu")
    go_on.set()
    await reading
    await ask(answers, cluster)
    assert len(cluster.asked) == 2


async def test_while_a_cluster_settles_after_a_change_its_answers_are_kept_for_two_seconds(clock: Clock) -> None:
    cluster, answers = ScriptedCluster(one_pod), Answers(Instruments())
    answers.forget_cluster("prod-eu")
    settled = SETTLES_S + 1
    for at_s, asked in ((0.0, 1), (SETTLING_S, 1), (SETTLING_S + 1, 2), (settled, 3), (settled + 3 * SETTLING_S, 3)):
        clock.at(at_s)
        await ask(answers, cluster)
        assert len(cluster.asked) == asked


async def test_a_replica_that_does_not_hear_of_changes_uses_nothing_that_it_kept() -> None:
    hears = [True]
    cluster, answers = ScriptedCluster(one_pod), Answers(Instruments(), is_told=lambda: hears[0])
    for told, asked in ((True, 1), (True, 1), (False, 2), (False, 3)):
        hears[0] = told
        await ask(answers, cluster)
        assert len(cluster.asked) == asked


async def test_identical_reads_at_once_are_one_request_and_each_has_an_answer_of_its_own() -> None:
    cluster, answers = ScriptedCluster(one_pod), Answers(Instruments())
    found = await asyncio.gather(*(ask(answers, cluster) for _ in range(20)))
    assert len(cluster.asked) == 1
    found[0]["items"].clear()
    assert all(len(each["items"]) == 1 for each in found[1:])
    assert len((await ask(answers, cluster))["items"]) == 1


async def test_an_answer_that_cannot_be_read_is_an_error_and_not_kept() -> None:
    cluster, answers = ScriptedCluster(lambda _: b'{"items": ['), Answers(Instruments())
    for asked in (1, 2):
        with pytest.raises(UnavailableError):
            await ask(answers, cluster)
        assert len(cluster.asked) == asked


async def test_a_reading_says_how_old_the_oldest_of_it_is(clock: Clock) -> None:
    cluster, answers = ScriptedCluster(one_pod), Answers(Instruments())
    await ask(answers, cluster)
    clock.at(12)
    reading = answers.reading(cluster, ADA)
    await reading.json("/api/v1/namespaces/qa/pods", (), JSON)
    assert reading.age_s == 0
    await reading.json(PODS, (), JSON)
    assert reading.age_s == pytest.approx(12, abs=1)


async def test_an_object_of_a_megabyte_is_kept_by_its_size_and_gives_way() -> None:
    megabyte = {"metadata": {"name": "large"}, "data": {"x": "y" * 2**20}}
    cluster, instruments = ScriptedCluster(lambda _: megabyte), Instruments()
    answers = Answers(instruments, Caches(budget_bytes=3 * 2**20))
    for number in range(5):
        await ask(answers, cluster, path=f"/api/v1/namespaces/shop/configmaps/large-{number}")
    assert instruments.value(catalogue.CACHE_ENTRIES, cache=ANSWERS) == 2
    assert 2 * 2**20 < instruments.value(catalogue.CACHE_BYTES, cache=ANSWERS) < 3 * 2**20
    assert instruments.value(catalogue.CACHE_OBJECTS, cache=ANSWERS) == 2
