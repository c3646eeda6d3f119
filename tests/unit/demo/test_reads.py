"""Lists, pages, selectors, tables, watches and logs."""

from __future__ import annotations

import pytest

from app.demo.store import HISTORY
from tests.support.demo_api import MERGE, TABLE, DemoApi

PODS = "/api/v1/namespaces/shop/pods"
MAPS = "/api/v1/namespaces/shop/configmaps"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
PARTIAL = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


async def names(api: DemoApi, query: str) -> list[str]:
    reply = await api.ask("GET", f"{PODS}?{query}")
    assert reply.status == 200, reply.text
    return [item["metadata"]["name"] for item in reply.json["items"]]


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("app=web", 3),
        ("app==web", 3),
        ("app!=web", 8),
        ("app in (web,cart)", 5),
        ("app notin (web,cart)", 6),
        ("app", 11),
        ("!app", 0),
        ("app=web,pod-template-hash", 3),
        ("pod-template-hash=5f7c9d6b8,app in (cart)", 0),
    ],
)
async def test_label_selectors(api: DemoApi, selector: str, count: int) -> None:
    assert len(await names(api, f"labelSelector={selector}")) == count


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("status.phase=Running", 9),
        ("status.phase!=Running", 2),
        ("spec.nodeName=node-b,status.phase=Running", 4),
        ("metadata.name=orders-db-0", 1),
    ],
)
async def test_field_selectors(api: DemoApi, selector: str, count: int) -> None:
    assert len(await names(api, f"fieldSelector={selector}")) == count


async def test_pages_show_every_object_once_and_as_it_was(api: DemoApi) -> None:
    found: list[str] = []
    query = "limit=4"
    left = []
    while query:
        reply = (await api.ask("GET", f"{PODS}?{query}")).json
        found += [item["metadata"]["name"] for item in reply["items"]]
        left.append(reply["metadata"].get("remainingItemCount", 0))
        token = reply["metadata"].get("continue")
        query = f"limit=4&continue={token}" if token else ""
        await api.ask("DELETE", f"{PODS}/orders-db-0?gracePeriodSeconds=0")
    assert left == [7, 3, 0]
    assert len(found) == len(set(found)) == 11
    assert "orders-db-0" in found


async def test_an_expired_page_is_gone_with_a_token_to_go_on(api: DemoApi) -> None:
    first = (await api.ask("GET", f"{MAPS}?limit=1")).json
    for number in range(HISTORY + 2):
        await api.ask("PATCH", f"{MAPS}/web-config", {"data": {"n": str(number)}}, content_type=MERGE)
    gone = await api.ask("GET", f"{MAPS}?limit=1&continue={first['metadata']['continue']}")
    assert gone.status == 410
    assert gone.json["reason"] == "Expired"
    again = await api.ask("GET", f"{MAPS}?limit=1&continue={gone.json['metadata']['continue']}")
    assert [item["metadata"]["name"] for item in again.json["items"]] == ["web-config"]


async def test_a_table_has_kubectls_columns_and_cells(api: DemoApi) -> None:
    table = (await api.ask("GET", PODS, accept=f"{TABLE},application/json")).json
    assert table["kind"] == "Table"
    shown = [column["name"] for column in table["columnDefinitions"] if column["priority"] == 0]
    assert shown == ["Name", "Ready", "Status", "Restarts", "Age"]
    cells = {row["cells"][0]: row["cells"] for row in table["rows"]}
    assert cells["web-5f7c9d6b8-2xkqp"][1:5] == ["1/1", "Running", "0", "12d"]
    assert cells["payments-api-849c6f7d5b-qz4kn"][1:4] == ["0/1", "CrashLoopBackOff", "29 (95s ago)"]
    assert cells["batch-heavy-6c5d8f9b7-lk3vp"][1:] == [
        "0/1",
        "Pending",
        "0",
        "40m",
        "<none>",
        "<none>",
        "<none>",
        "<none>",
    ]


async def test_rows_carry_what_was_asked_for(api: DemoApi) -> None:
    rows = {
        wish: (await api.ask("GET", f"{PODS}?limit=1&includeObject={wish}", accept=TABLE)).json["rows"][0]["object"]
        for wish in ("Metadata", "Object", "None")
    }
    assert rows["Metadata"]["kind"] == "PartialObjectMetadata"
    assert "spec" not in rows["Metadata"]
    assert rows["Object"]["spec"]["containers"]
    assert rows["None"] is None


async def test_metadata_alone(api: DemoApi) -> None:
    reply = (await api.ask("GET", PODS, accept=PARTIAL)).json
    assert reply["kind"] == "PartialObjectMetadataList"
    assert set(reply["items"][0]) == {"kind", "apiVersion", "metadata"}


async def test_yaml_is_possible(api: DemoApi) -> None:
    reply = await api.ask("GET", WEB, accept="application/yaml")
    assert reply.headers["content-type"] == "application/yaml"
    assert reply.text.startswith("apiVersion: apps/v1\nkind: Deployment\n")


@pytest.mark.parametrize(
    "path",
    [
        f"/{root}/{plural}"
        for root, plurals in {
            "api/v1": "configmaps endpoints events limitranges namespaces nodes persistentvolumeclaims persistentvolumes "
            "pods replicationcontrollers resourcequotas secrets serviceaccounts services componentstatuses",
            "apis/apps/v1": "controllerrevisions daemonsets deployments replicasets statefulsets",
            "apis/batch/v1": "cronjobs jobs",
            "apis/autoscaling/v1": "horizontalpodautoscalers",
            "apis/autoscaling/v2": "horizontalpodautoscalers",
            "apis/networking.k8s.io/v1": "ingressclasses ingresses networkpolicies",
            "apis/policy/v1": "poddisruptionbudgets",
            "apis/rbac.authorization.k8s.io/v1": "clusterrolebindings clusterroles rolebindings roles",
            "apis/storage.k8s.io/v1": "storageclasses",
            "apis/discovery.k8s.io/v1": "endpointslices",
            "apis/events.k8s.io/v1": "events",
            "apis/coordination.k8s.io/v1": "leases",
            "apis/scheduling.k8s.io/v1": "priorityclasses",
            "apis/metrics.k8s.io/v1beta1": "nodes pods",
            "apis/apiextensions.k8s.io/v1": "customresourcedefinitions",
        }.items()
        for plural in plurals.split()
    ],
)
async def test_every_kind_can_be_listed_in_both_forms(api: DemoApi, path: str) -> None:
    listed = (await api.ask("GET", path)).json
    assert listed["kind"].endswith("List")
    table = (await api.ask("GET", path, accept=TABLE)).json
    assert len(table["rows"]) == len(listed["items"])
    for row in table["rows"]:
        assert len(row["cells"]) == len(table["columnDefinitions"])


async def test_a_watch_shows_changes_as_they_happen_and_no_earlier_ones(api: DemoApi) -> None:
    version = (await api.ask("GET", MAPS)).json["metadata"]["resourceVersion"]
    async with api.watch(f"{MAPS}?watch=true&resourceVersion={version}") as watch:
        await api.ask("POST", MAPS, {"metadata": {"name": "new"}, "data": {"a": "1"}})
        await api.ask("PATCH", f"{MAPS}/new", {"data": {"a": "2"}}, content_type=MERGE)
        await api.ask("DELETE", f"{MAPS}/new")
        seen = [await watch.event() for _ in range(3)]
    assert [(kind, obj["data"]["a"]) for kind, obj in seen] == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]
    versions = [int(obj["metadata"]["resourceVersion"]) for _, obj in seen]
    assert versions == sorted(versions)


async def test_a_watch_without_a_version_begins_with_what_is_there(api: DemoApi) -> None:
    async with api.watch(f"{MAPS}?watch=true") as watch:
        seen = [(await watch.event())[1]["metadata"]["name"] for _ in range(2)]
    assert seen == ["checkout-env", "web-config"]


async def test_what_leaves_a_watchs_view_is_reported_as_deleted(api: DemoApi) -> None:
    version = api.cluster.store.version
    async with api.watch(f"{MAPS}?watch=true&resourceVersion={version}&labelSelector=team=a") as watch:
        patch = {"metadata": {"labels": {"team": "a"}}}
        await api.ask("PATCH", f"{MAPS}/web-config", patch, content_type=MERGE)
        patch = {"metadata": {"labels": {"team": "b"}}}
        await api.ask("PATCH", f"{MAPS}/web-config", patch, content_type=MERGE)
        assert [(await watch.event())[0] for _ in range(2)] == ["ADDED", "DELETED"]


async def test_a_table_watch_names_its_columns_once(api: DemoApi) -> None:
    async with api.watch(f"{MAPS}?watch=true", accept=TABLE) as watch:
        (_, first), (_, second) = await watch.event(), await watch.event()
    assert [column["name"] for column in first["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert second["columnDefinitions"] is None


async def test_initial_events_end_with_a_bookmark(api: DemoApi) -> None:
    query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with api.watch(f"{MAPS}?{query}") as watch:
        seen = [await watch.event() for _ in range(3)]
    assert [kind for kind, _ in seen] == ["ADDED", "ADDED", "BOOKMARK"]
    assert seen[-1][1]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_watch_from_before_the_history_is_told_so_and_ends(api: DemoApi) -> None:
    version = api.cluster.store.version
    await api.ask("PATCH", f"{MAPS}/web-config", {"data": {"a": "1"}}, content_type=MERGE)
    reply = await api.ask("POST", "/_demo/compact?cluster=prod-eu", prefix=False)
    assert reply.status == 200
    async with api.watch(f"{MAPS}?watch=true&resourceVersion={version}") as watch:
        kind, obj = await watch.event()
        assert (kind, obj["code"], obj["reason"]) == ("ERROR", 410, "Expired")
        assert await watch.ended()


async def test_a_scale_is_seen_in_a_watch(api: DemoApi) -> None:
    async with api.watch(
        f"{PODS}?watch=true&labelSelector=app%3Dweb&resourceVersion={api.cluster.store.version}", accept=TABLE
    ) as watch:
        await api.ask("PATCH", f"{WEB}/scale", {"spec": {"replicas": 4}}, content_type=MERGE)
        api.step(6)
        states = []
        while not states or states[-1] != ("1/1", "Running"):
            _, table = await watch.event()
            states.append((table["rows"][0]["cells"][1], table["rows"][0]["cells"][2]))
    assert list(dict.fromkeys(states)) == [
        ("0/1", "Pending"),
        ("0/1", "ContainerCreating"),
        ("0/1", "Running"),
        ("1/1", "Running"),
    ]


async def test_the_log_of_the_crash_says_that_the_password_is_missing(api: DemoApi) -> None:
    path = f"{PODS}/payments-api-849c6f7d5b-qz4kn/log"
    for query in ("", "?previous=true"):
        text = (await api.ask("GET", path + query)).text
        assert "database password is missing" in text
        assert " FATAL " in text


async def test_logs_can_be_cut_by_lines_and_time_and_stamped(api: DemoApi) -> None:
    path = f"{PODS}/web-5f7c9d6b8-2xkqp/log"
    whole = (await api.ask("GET", path)).text.splitlines()
    assert len(whole) > 500
    assert (await api.ask("GET", f"{path}?tailLines=4")).text.splitlines() == whole[-4:]
    recent = (await api.ask("GET", f"{path}?sinceSeconds=60")).text.splitlines()
    assert recent == whole[-len(recent) :]
    assert 5 < len(recent) < 60
    stamped = (await api.ask("GET", f"{path}?tailLines=1&timestamps=true")).text
    assert stamped.startswith("2026-11-23T1")
    assert stamped.rstrip().endswith(whole[-1])


async def test_a_followed_log_goes_on_and_ends_with_its_container(api: DemoApi) -> None:
    body = {
        "metadata": {"name": "talks", "labels": {"app": "talks"}},
        "spec": {
            "restartPolicy": "Never",
            "containers": [{"name": "talks", "image": "busybox", "command": ["sleep", "30"]}],
        },
    }
    await api.ask("POST", PODS, body)
    api.step(6)
    async with api.watch(f"{PODS}/talks/log?follow=true") as watch:
        await watch.opened.wait()
        api.step(40)
        assert await watch.ended()
    async with api.watch(f"{PODS}/web-5f7c9d6b8-2xkqp/log?follow=true&tailLines=1") as watch:
        first = await watch.line()
        api.step(120)
        assert await watch.line() not in {"", first}


@pytest.mark.parametrize(
    ("pod", "query", "words"),
    [
        ("cart-canary-58c7b9d6f4-wx7ts", "", "trying and failing to pull image"),
        ("batch-heavy-6c5d8f9b7-lk3vp", "", "does not have a host assigned"),
        ("orders-db-0", "?container=nope", "container nope is not valid for pod orders-db-0"),
        ("web-5f7c9d6b8-2xkqp", "?previous=true", "previous terminated container"),
    ],
)
async def test_a_log_that_is_not_there_says_why(api: DemoApi, pod: str, query: str, words: str) -> None:
    reply = await api.ask("GET", f"{PODS}/{pod}/log{query}")
    assert reply.status == 400
    assert words in reply.message


async def test_usage_of_running_pods_and_of_all_nodes(api: DemoApi) -> None:
    pods = (await api.ask("GET", "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods")).json["items"]
    assert "payments-api-849c6f7d5b-qz4kn" not in {item["metadata"]["name"] for item in pods}
    assert len(pods) == 8
    usage = pods[0]["containers"][0]["usage"]
    assert usage["cpu"].endswith("n")
    assert usage["memory"].endswith("Ki")
    nodes = (await api.ask("GET", "/apis/metrics.k8s.io/v1beta1/nodes")).json["items"]
    assert [item["metadata"]["name"] for item in nodes] == ["node-a", "node-b", "node-c"]


async def test_the_explanation_of_a_field_is_served(api: DemoApi) -> None:
    index = (await api.ask("GET", "/openapi/v3")).json["paths"]
    url = index["apis/apps/v1"]["serverRelativeURL"]
    assert url.startswith("/clusters/prod-eu/openapi/v3/apis/apps/v1")
    document = (await api.ask("GET", "/openapi/v3/apis/apps/v1")).json
    schema = document["components"]["schemas"]["io.k8s.api.v1.DeploymentSpec"]["properties"]
    assert schema["replicas"]["description"].startswith("Number of desired pods")
    operation = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert {parameter["name"] for parameter in operation["parameters"]} >= {"dryRun", "fieldValidation"}


async def test_both_forms_of_discovery_agree(api: DemoApi) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"
    groups = (await api.ask("GET", "/apis", accept=accept)).json["items"]
    for group in groups:
        for version in group["versions"]:
            path = f"/apis/{group['metadata']['name']}/{version['version']}"
            legacy = (await api.ask("GET", path)).json["resources"]
            plain = {entry["name"]: entry["verbs"] for entry in legacy if "/" not in entry["name"]}
            assert plain == {entry["resource"]: entry["verbs"] for entry in version["resources"]}


async def test_discovery_is_not_sent_again_to_who_has_it_and_keeps_its_type(api: DemoApi) -> None:
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    first = await api.ask("GET", "/apis", accept=accept)
    again = await api.ask("GET", "/apis", accept=accept, headers=[("if-none-match", first.headers["etag"])])
    assert again.status == 304
    assert again.headers["content-type"] == first.headers["content-type"]
