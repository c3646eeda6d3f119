"""Resource quotas: refused in the API server's words, counted in their status, and let in what there is room for again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.demo_api import MERGE, DemoApi

SHOP = "/api/v1/namespaces/shop"
SETS = "/apis/apps/v1/namespaces/shop/replicasets"


def quota(name: str = "compute", **hard: str) -> dict[str, Any]:
    spec = {"hard": {key.replace("__", "/").replace("_", "."): value for key, value in hard.items()}}
    return {"metadata": {"name": name}, "spec": spec}


def pod(name: str, **resources: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "nginx:1.27", "resources": resources}
    return {"metadata": {"name": name}, "spec": {"containers": [container]}}


def replica_set(replicas: int) -> dict[str, Any]:
    labels = {"app": "many"}
    template = {"metadata": {"labels": labels}, "spec": pod("", requests={"cpu": "100m"})["spec"]}
    return {
        "metadata": {"name": "many"},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


@pytest.fixture
def api() -> DemoApi:
    return DemoApi()


async def made(api: DemoApi, path: str, body: dict[str, Any], status: int = 201) -> Any:
    reply = await api.ask("POST", path, body)
    assert reply.status == status, reply.text
    return reply.json


async def test_what_is_over_the_quota_is_refused_with_what_was_asked_used_and_allowed(api: DemoApi) -> None:
    await made(api, "/api/v1/namespaces", {"metadata": {"name": "tight"}})
    tight = "/api/v1/namespaces/tight"
    await made(api, f"{tight}/resourcequotas", quota(pods="5", requests_memory="200Mi", limits_cpu="1500m"))
    small = {"requests": {"memory": "64Mi"}, "limits": {"cpu": "1"}}
    await made(api, f"{tight}/pods", pod("one", **small))
    refused = await made(api, f"{tight}/pods", pod("two", **small), 403)
    assert refused["message"] == (
        'pods "two" is forbidden: exceeded quota: compute, requested: limits.cpu=1, used: limits.cpu=1,'
        " limited: limits.cpu=1500m"
    )
    assert (refused["reason"], refused["details"]["name"]) == ("Forbidden", "two")
    unset = await made(api, f"{tight}/pods", pod("two"), 403)
    assert unset["message"] == (
        'pods "two" is forbidden: failed quota: compute: must specify limits.cpu for: main; requests.memory for: main'
    )
    api.step(5)
    found = (await api.ask("GET", f"{tight}/resourcequotas/compute")).json
    assert found["status"]["used"] == {"pods": "1", "requests.memory": "64Mi", "limits.cpu": "1"}
    assert found["status"]["hard"] == found["spec"]["hard"]


async def test_objects_are_counted_by_their_type_and_a_dry_run_is_refused_as_well(api: DemoApi) -> None:
    await made(api, "/api/v1/namespaces", {"metadata": {"name": "tight"}})
    tight = "/api/v1/namespaces/tight"
    api.step(5)  # every namespace gets its certificate authority
    await made(api, f"{tight}/resourcequotas", quota(configmaps="1", count__deployments_apps="0"))
    await made(api, f"{tight}/configmaps", {"metadata": {"name": "one"}})
    for path in (f"{tight}/configmaps", f"{tight}/configmaps?dryRun=All"):
        refused = await made(api, path, {"metadata": {"name": "two"}}, 403)
        assert (
            "exceeded quota: compute, requested: configmaps=1, used: configmaps=1, limited: configmaps=1"
            in refused["message"]
        )


async def test_a_replica_set_says_why_it_has_too_few_pods_and_has_them_when_there_is_room(api: DemoApi) -> None:
    await made(api, "/api/v1/namespaces", {"metadata": {"name": "tight"}})
    sets = SETS.replace("shop", "tight")
    await made(api, "/api/v1/namespaces/tight/resourcequotas", quota(requests_cpu="250m"))
    await made(api, sets, replica_set(3))
    api.step(10)
    found = (await api.ask("GET", f"{sets}/many")).json
    (condition,) = found["status"]["conditions"]
    assert (found["status"]["replicas"], condition["type"], condition["reason"]) == (
        2,
        "ReplicaFailure",
        "FailedCreate",
    )
    assert "exceeded quota: compute, requested: requests.cpu=100m, used: requests.cpu=200m" in condition["message"]
    events = (await api.ask("GET", "/api/v1/namespaces/tight/events")).json["items"]
    assert any(each["reason"] == "FailedCreate" and condition["message"] in each["message"] for each in events)
    raised = {"spec": {"hard": {"requests.cpu": "1"}}}
    await api.ask("PATCH", "/api/v1/namespaces/tight/resourcequotas/compute", raised, content_type=MERGE)
    api.step(10)
    found = (await api.ask("GET", f"{sets}/many")).json
    assert (found["status"]["replicas"], "conditions" in found["status"]) == (3, False)


async def test_scopes_are_not_supported_and_say_so(api: DemoApi) -> None:
    scoped = quota(pods="1")
    scoped["spec"]["scopes"] = ["Terminating"]
    refused = await made(api, f"{SHOP}/resourcequotas", scoped, 501)
    assert refused["message"] == "the demo cluster does not support resource quotas with scopes"
