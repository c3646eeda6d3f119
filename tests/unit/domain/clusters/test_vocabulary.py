"""The vocabulary: only names, only what may be listed, and namespace by namespace where that is the right."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.clusters.vocabulary import METADATA_ONLY, completed, vocabulary
from app.domain.policy.limits import Allowed, PersonLimits, PolicyError
from app.errors import KubeChatError
from app.infra.kubernetes.impersonation import Impersonation
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster, refused


def items(*names: tuple[str, str]) -> dict[str, Any]:
    return {"items": [{"metadata": {"namespace": space, "name": name}} for space, name in names]}


async def test_only_metadata_is_asked_for() -> None:
    cluster = ScriptedCluster(lambda asked: items(("shop", "x")))
    await vocabulary(cluster, ADA)
    assert {asked.accept for asked in cluster.asked} == {METADATA_ONLY}
    assert {asked.method for asked in cluster.asked} == {"GET"}


async def test_a_kind_that_is_forbidden_everywhere_is_asked_for_in_each_namespace() -> None:
    def answering(asked: Asked) -> Any:
        if asked.path == "/api/v1/namespaces":
            return items(("", "shop"), ("", "qa"))
        if asked.path == "/api/v1/namespaces/shop/pods":
            return items(("shop", "b"), ("shop", "a"))
        return refused(403)

    found = await vocabulary(ScriptedCluster(answering), ADA)
    assert found["namespaces"] == ["qa", "shop"]
    assert found["objects"] == {"pods": {"shop": ["a", "b"]}}


async def test_who_may_list_no_namespaces_is_asked_about_the_contexts_own() -> None:
    def answering(asked: Asked) -> Any:
        own = asked.path == "/apis/apps/v1/namespaces/shop/deployments"
        return items(("shop", "web")) if own else refused(403)

    found = await vocabulary(ScriptedCluster(answering), ADA)
    assert (found["namespaces"], found["objects"]) == ([], {"deployments": {"shop": ["web"]}})


async def test_who_may_read_some_namespaces_alone_is_asked_about_those() -> None:
    yes, no = Allowed(read=True, change=False), Allowed(read=False, change=False)
    limits = PersonLimits("prod-eu", no, {"shop": yes, "payments": no, "qa": yes})
    bob = Impersonation("kubechat:bob", scope=limits.scope, limits=limits)

    def answering(asked: Asked) -> Any:
        try:
            limits.check("prod-eu", asked.method, asked.path, changes=False)
        except PolicyError as error:
            return error
        return items(("", "web"))

    cluster = ScriptedCluster(answering)
    found = await vocabulary(cluster, bob)
    assert found["namespaces"] == ["qa", "shop"]
    assert "nodes" not in found["objects"]
    asked = {asked.path for asked in cluster.asked if asked.path.endswith("/pods")}
    assert asked == {"/api/v1/pods", "/api/v1/namespaces/qa/pods", "/api/v1/namespaces/shop/pods"}


async def test_a_type_that_does_not_exist_is_left_out() -> None:
    found = await vocabulary(ScriptedCluster(lambda asked: None), ADA)
    assert found["objects"] == {}


async def test_the_version_changes_with_the_names_alone() -> None:
    async def version(name: str) -> str:
        return str((await vocabulary(ScriptedCluster(lambda asked: items(("shop", name))), ADA))["version"])

    assert await version("a") == await version("a")
    assert await version("a") != await version("b")


async def test_a_cluster_that_fails_is_not_taken_for_an_empty_one() -> None:
    with pytest.raises(KubeChatError):
        await vocabulary(ScriptedCluster(lambda asked: refused(500)), ADA)


WORDS: dict[str, Any] = {"version": "1", "namespaces": ["shop"], "objects": {"pods": {"shop": ["web"]}}}
NEW = [(("", "pods"), "shop", "api-1"), (("", "pods"), "shop", "web"), (("apps", "deployments"), "qa", "api")]


def reviewing(*, may: bool) -> ScriptedCluster:
    return ScriptedCluster(lambda _: {"status": {"allowed": may}})


async def test_a_name_that_came_since_and_is_spoken_of_is_known_to_who_may_list_its_kind() -> None:
    cluster = reviewing(may=True)
    found = await completed(cluster, ADA, WORDS, "Describe API-1, please", NEW)
    assert found["objects"] == {"pods": {"shop": ["api-1", "web"]}}
    assert found["version"] != WORDS["version"]
    (asked,) = cluster.asked
    attributes = asked.body["spec"]["resourceAttributes"]
    assert attributes == {"verb": "list", "version": "v1", "resource": "pods", "namespace": "shop"}
    assert WORDS["objects"] == {"pods": {"shop": ["web"]}}, "what is kept for others stays as it was"


async def test_it_is_not_known_to_who_may_not_list_its_kind() -> None:
    assert await completed(reviewing(may=False), ADA, WORDS, "describe api-1", NEW) == WORDS


async def test_nobody_is_asked_about_names_that_are_known_or_not_spoken_of() -> None:
    cluster = reviewing(may=True)
    assert await completed(cluster, ADA, WORDS, "describe web in apis", NEW) == WORDS
    assert cluster.asked == []


async def test_what_the_policy_does_not_let_somebody_read_is_not_completed_whatever_the_cluster_says() -> None:
    yes, no = Allowed(read=True, change=False), Allowed(read=False, change=False)
    limits = PersonLimits("prod-eu", no, {"shop": yes})
    bob = Impersonation("kubechat:bob", scope=limits.scope, limits=limits)
    found = await completed(reviewing(may=True), bob, WORDS, "describe api-1 and api", NEW)
    assert found["objects"] == {"pods": {"shop": ["api-1", "web"]}}
