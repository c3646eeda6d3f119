"""Changes over the API: what is stored, what is refused, and what a dry run leaves alone."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.support.demo_api import APPLY, JSON_PATCH, MERGE, OPERATOR, STRATEGIC, DemoApi

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
MAPS = "/api/v1/namespaces/shop/configmaps"


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def managers(obj: dict[str, Any]) -> dict[tuple[str, str], Any]:
    return {(entry["manager"], entry["operation"]): entry["fieldsV1"] for entry in obj["metadata"]["managedFields"]}


def everything(api: DemoApi) -> dict[str, Any]:
    store = api.cluster.store
    return {key: copy.deepcopy(store.all(key)) for key in store.kinds()}


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type"),
    [
        ("POST", f"{MAPS}?dryRun=All", config_map("dry"), "application/json"),
        ("PATCH", f"{WEB}/scale?dryRun=All", {"spec": {"replicas": 9}}, MERGE),
        ("PATCH", f"{WEB}?dryRun=All", {"spec": {"replicas": 9}}, STRATEGIC),
        ("PATCH", f"{WEB}?dryRun=All", [{"op": "replace", "path": "/spec/replicas", "value": 9}], JSON_PATCH),
        ("PATCH", f"{MAPS}/web-config?dryRun=All&fieldManager=x&force=true", config_map("web-config", A="1"), APPLY),
        ("PATCH", f"{MAPS}/fresh?dryRun=All&fieldManager=x", config_map("fresh", A="1"), APPLY),
        ("DELETE", f"{WEB}?dryRun=All", None, ""),
        ("DELETE", "/api/v1/namespaces/shop/pods/web-5f7c9d6b8-2xkqp", {"dryRun": ["All"]}, "application/json"),
        ("DELETE", "/api/v1/namespaces/shop/pods?dryRun=All", None, ""),
        (
            "POST",
            "/api/v1/namespaces/shop/pods/web-5f7c9d6b8-2xkqp/eviction?dryRun=All",
            {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web-5f7c9d6b8-2xkqp"}},
            "application/json",
        ),
    ],
)
async def test_a_dry_run_changes_nothing_and_is_not_in_the_ledger(
    api: DemoApi, method: str, path: str, body: Any, content_type: str
) -> None:
    before = everything(api)
    version = api.cluster.store.version
    reply = await api.ask(method, path, body, content_type=content_type)
    assert reply.status in {200, 201}
    assert everything(api) == before
    assert api.cluster.store.version == version
    assert api.ledger.entries() == []


async def test_a_dry_run_answers_with_what_would_be(api: DemoApi) -> None:
    reply = await api.ask("PATCH", f"{WEB}/scale?dryRun=All", {"spec": {"replicas": 9}}, content_type=MERGE)
    assert reply.json["spec"]["replicas"] == 9
    assert reply.json["kind"] == "Scale"


async def test_a_change_is_in_the_ledger_with_who_and_what(api: DemoApi) -> None:
    headers = [("audit-id", "0b1e3c1e-1111-4222-8333-444455556666")]
    reply = await api.ask(
        "PATCH",
        f"{WEB}/scale?fieldManager=kubechat",
        {"spec": {"replicas": 4}},
        content_type=MERGE,
        headers=headers,
        token=OPERATOR,
    )
    assert reply.headers["audit-id"] == "0b1e3c1e-1111-4222-8333-444455556666"
    (entry,) = api.ledger.entries("prod-eu")
    found = api.cluster.get("deployments.apps", "shop", "web")
    assert found is not None
    expected = {
        "method": "PATCH",
        "path": f"{WEB}/scale",
        "user": "otto",
        "field_manager": "kubechat",
        "dry_run": False,
        "subresource": "scale",
        "name": "web",
        "uid": found["metadata"]["uid"],
        "resource_version": reply.json["metadata"]["resourceVersion"],
        "audit_id": "0b1e3c1e-1111-4222-8333-444455556666",
        "audit_id_sent": True,
    }
    assert {key: entry[key] for key in expected} == expected


async def test_a_change_that_changes_nothing_keeps_its_version_and_stays_out_of_the_ledger(api: DemoApi) -> None:
    before = (await api.ask("GET", WEB)).json
    reply = await api.ask("PATCH", WEB, {"spec": {"replicas": 3}}, content_type=MERGE)
    assert reply.json["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]
    assert reply.json["metadata"]["generation"] == before["metadata"]["generation"]
    assert api.ledger.entries() == []


async def test_the_field_manager_of_a_patch_owns_what_it_changed(api: DemoApi) -> None:
    reply = await api.ask(
        "PATCH", f"{WEB}?fieldManager=me", {"metadata": {"labels": {"tier": "front"}}}, content_type=MERGE
    )
    owned = managers(reply.json)[("me", "Update")]
    assert owned == {"f:metadata": {"f:labels": {"f:tier": {}}}}


async def test_without_a_field_manager_the_program_is_named(api: DemoApi) -> None:
    reply = await api.ask("POST", MAPS, config_map("a", A="1"))
    assert managers(reply.json) == {("test", "Update"): {"f:data": {".": {}, "f:A": {}}}}


async def test_a_stale_version_is_a_conflict(api: DemoApi) -> None:
    found = (await api.ask("GET", WEB)).json
    await api.ask("PATCH", WEB, {"metadata": {"labels": {"x": "y"}}}, content_type=MERGE)
    reply = await api.ask("PUT", WEB, found)
    assert reply.status == 409
    assert reply.json["reason"] == "Conflict"


async def test_another_uid_is_a_conflict(api: DemoApi) -> None:
    patch = {"metadata": {"uid": "00000000-0000-0000-0000-000000000000", "labels": {"x": "y"}}}
    assert (await api.ask("PATCH", WEB, patch, content_type=MERGE)).status == 409


async def test_a_change_of_spec_counts_the_generation_and_a_label_does_not(api: DemoApi) -> None:
    labelled = await api.ask("PATCH", WEB, {"metadata": {"labels": {"x": "y"}}}, content_type=MERGE)
    assert labelled.json["metadata"]["generation"] == 1
    scaled = await api.ask("PATCH", WEB, {"spec": {"replicas": 4}}, content_type=MERGE)
    assert scaled.json["metadata"]["generation"] == 2


async def test_a_strategic_patch_merges_containers_by_name_and_removes_what_is_marked(api: DemoApi) -> None:
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "web", "env": [{"name": "A", "value": "1"}]}]}}}}
    added = await api.ask("PATCH", WEB, patch, content_type=STRATEGIC)
    (container,) = added.json["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "nginx:1.27"
    assert container["env"] == [{"name": "A", "value": "1"}]
    removal = {"name": "web", "env": [{"name": "A", "$patch": "delete"}]}
    patch = {"spec": {"template": {"spec": {"containers": [removal]}}}}
    removed = await api.ask("PATCH", WEB, patch, content_type=STRATEGIC)
    assert not removed.json["spec"]["template"]["spec"]["containers"][0].get("env")


async def test_a_merge_patch_replaces_a_list(api: DemoApi) -> None:
    container = {"name": "only", "image": "nginx:1.26"}
    patch = {"spec": {"template": {"spec": {"containers": [container]}}}}
    reply = await api.ask("PATCH", WEB, patch, content_type=MERGE)
    assert [entry["name"] for entry in reply.json["spec"]["template"]["spec"]["containers"]] == ["only"]


async def test_a_json_patch_that_cannot_be_done_is_refused_whole(api: DemoApi) -> None:
    patch = [
        {"op": "replace", "path": "/spec/replicas", "value": 8},
        {"op": "remove", "path": "/spec/nothing"},
    ]
    reply = await api.ask("PATCH", WEB, patch, content_type=JSON_PATCH)
    assert reply.status == 422
    assert (await api.ask("GET", WEB)).json["spec"]["replicas"] == 3


async def test_server_side_apply_makes_shares_refuses_and_takes(api: DemoApi) -> None:
    path = f"{MAPS}/applied"
    made = await api.ask("PATCH", f"{path}?fieldManager=one", config_map("applied", a="1"), content_type=APPLY)
    assert made.status == 201
    assert managers(made.json) == {("one", "Apply"): {"f:data": {"f:a": {}}}}
    shared = await api.ask("PATCH", f"{path}?fieldManager=two", config_map("applied", a="1"), content_type=APPLY)
    assert set(managers(shared.json)) == {("one", "Apply"), ("two", "Apply")}
    refused = await api.ask("PATCH", f"{path}?fieldManager=two", config_map("applied", a="2"), content_type=APPLY)
    assert refused.status == 409
    assert refused.json["details"]["causes"][0]["field"] == ".data.a"
    taken = await api.ask(
        "PATCH", f"{path}?fieldManager=two&force=true", config_map("applied", a="2"), content_type=APPLY
    )
    assert taken.json["data"] == {"a": "2"}
    assert set(managers(taken.json)) == {("two", "Apply")}


async def test_server_side_apply_removes_what_its_manager_no_longer_wants(api: DemoApi) -> None:
    path = f"{MAPS}/applied?fieldManager=one"
    await api.ask("PATCH", path, config_map("applied", a="1", b="2"), content_type=APPLY)
    await api.ask("PATCH", f"{MAPS}/applied", {"data": {"c": "3"}}, content_type=MERGE)
    reply = await api.ask("PATCH", path, config_map("applied", a="1"), content_type=APPLY)
    assert reply.json["data"] == {"a": "1", "c": "3"}


async def test_server_side_apply_takes_yaml_and_keeps_what_looks_like_a_date_as_text(api: DemoApi) -> None:
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: applied}\ndata: {day: '2026-01-01', at: 2026-01-02}\n"
    reply = await api.ask("PATCH", f"{MAPS}/applied?fieldManager=one", body, content_type=APPLY)
    assert reply.json["data"] == {"day": "2026-01-01", "at": "2026-01-02"}


async def test_scaling_by_another_manager_makes_an_apply_of_replicas_a_conflict(api: DemoApi) -> None:
    wanted = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 3}}
    await api.ask("PATCH", f"{WEB}?fieldManager=git&force=true", wanted, content_type=APPLY)
    await api.ask("PATCH", f"{WEB}/scale?fieldManager=me", {"spec": {"replicas": 5}}, content_type=MERGE)
    reply = await api.ask("PATCH", f"{WEB}?fieldManager=git", wanted, content_type=APPLY)
    assert reply.status == 409
    assert 'conflict with "me" with subresource "scale" using apps/v1: .spec.replicas' in reply.message


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (MAPS, config_map("Bad_Name"), "metadata.name"),
        (MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}, "metadata.name"),
        ("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a.b"}}, "metadata.name"),
        (
            "/api/v1/namespaces/shop/pods",
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}},
            "spec.containers",
        ),
        (
            "/api/v1/namespaces/shop/services",
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "1x"}, "spec": {"ports": [{"port": 80}]}},
            "metadata.name",
        ),
        (
            "/apis/batch/v1/namespaces/shop/cronjobs",
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": {"name": "c"},
                "spec": {
                    "schedule": "61 * * * *",
                    "jobTemplate": {
                        "spec": {
                            "template": {
                                "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "busybox"}]}
                            }
                        }
                    },
                },
            },
            "spec.schedule",
        ),
    ],
)
async def test_what_is_wrong_with_an_object_is_named(api: DemoApi, path: str, body: Any, field: str) -> None:
    reply = await api.ask("POST", path, body)
    assert reply.status == 422
    assert [cause["field"] for cause in reply.json["details"]["causes"]] == [field]


@pytest.mark.parametrize("verb", ["PATCH", "PUT"])
async def test_a_negative_scale_is_refused(api: DemoApi, verb: str) -> None:
    body = {"kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": {"name": "web"}, "spec": {"replicas": -1}}
    reply = await api.ask(verb, f"{WEB}/scale", body, content_type=MERGE if verb == "PATCH" else "application/json")
    assert reply.status == 422
    assert "must be greater than or equal to 0" in reply.message


async def test_a_value_of_the_wrong_type_is_no_request(api: DemoApi) -> None:
    reply = await api.ask("PATCH", WEB, {"spec": {"replicas": "three"}}, content_type=MERGE)
    assert reply.status == 400
    assert "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32" in reply.message


async def test_a_selector_cannot_be_changed(api: DemoApi) -> None:
    patch = {"spec": {"selector": {"matchLabels": {"app": "other"}}}}
    reply = await api.ask("PATCH", WEB, patch, content_type=MERGE)
    assert reply.status == 422
    assert "field is immutable" in reply.message


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/v1/namespaces/shop/limitranges"),
        ("POST", "/api/v1/namespaces/shop/serviceaccounts/default/token"),
        ("GET", "/api/v1/namespaces/shop/pods/orders-db-0/proxy"),
    ],
)
async def test_what_is_not_supported_says_so(api: DemoApi, method: str, path: str) -> None:
    body = {"metadata": {"name": "x"}} if method == "POST" else None
    reply = await api.ask(method, path, body)
    assert reply.status == 501
    assert reply.message.startswith("the demo cluster does not support")


async def test_deleting_a_deployment_takes_its_replica_sets_and_pods_along(api: DemoApi) -> None:
    reply = await api.ask("DELETE", WEB)
    assert reply.json["status"] == "Success"
    api.step(5)
    assert api.pods("web") == []
    assert not [
        entry
        for entry in api.cluster.store.all("replicasets.apps", "shop")
        if entry["metadata"]["name"].startswith("web-")
    ]


async def test_orphans_stay_when_their_owner_is_deleted(api: DemoApi) -> None:
    await api.ask("DELETE", f"{WEB}?propagationPolicy=Orphan")
    api.step(5)
    assert len(api.pods("web")) == 3


async def test_a_foreground_deletion_ends_after_the_dependents(api: DemoApi) -> None:
    reply = await api.ask("DELETE", f"{WEB}?propagationPolicy=Foreground")
    assert reply.json["metadata"]["finalizers"] == ["foregroundDeletion"]
    api.step(0.2)
    assert api.cluster.get("deployments.apps", "shop", "web") is not None
    api.step(10)
    assert api.pods("web") == []
    assert api.cluster.get("deployments.apps", "shop", "web") is None


async def test_a_claim_stays_while_a_pod_uses_it(api: DemoApi) -> None:
    path = "/api/v1/namespaces/shop/persistentvolumeclaims/data-orders-db-0"
    await api.ask("DELETE", path)
    api.step(5)
    assert (await api.ask("GET", path)).json["metadata"]["deletionTimestamp"]
    await api.ask("DELETE", "/apis/apps/v1/namespaces/shop/statefulsets/orders-db")
    api.step(10)
    assert (await api.ask("GET", path)).status == 404


async def test_a_namespace_goes_with_all_that_is_in_it(api: DemoApi) -> None:
    await api.ask("DELETE", "/api/v1/namespaces/shop")
    late = await api.ask("POST", MAPS, config_map("late"))
    assert late.status == 403
    api.step(30)
    assert (await api.ask("GET", "/api/v1/namespaces/shop")).status == 404
    assert api.cluster.store.all("pods", "shop") == []


async def test_a_disruption_budget_holds_an_eviction_back(api: DemoApi) -> None:
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 3, "selector": {"matchLabels": {"app": "web"}}},
    }
    await api.ask("POST", "/apis/policy/v1/namespaces/shop/poddisruptionbudgets", budget)
    api.step(1)
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "web-5f7c9d6b8-2xkqp"}}
    reply = await api.ask("POST", "/api/v1/namespaces/shop/pods/web-5f7c9d6b8-2xkqp/eviction", eviction)
    assert reply.status == 429
    assert (
        reply.json["details"]["causes"][0]["message"]
        == "The disruption budget web needs 3 healthy pods and has 3 currently"
    )


async def test_clients_cannot_write_status_with_the_object(api: DemoApi) -> None:
    reply = await api.ask("PATCH", WEB, {"status": {"readyReplicas": 99}}, content_type=MERGE)
    assert reply.json["status"]["readyReplicas"] == 3


async def test_the_ledger_is_appended_to_a_file(api: DemoApi, tmp_path: Any) -> None:
    from app.demo.ledger import Ledger

    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add({"cluster": "prod-eu", "name": "a"})
    assert (tmp_path / "ledger.jsonl").read_text() == '{"cluster":"prod-eu","name":"a"}\n'
    ledger.close()


async def test_a_budget_that_is_not_counted_yet_lets_no_pod_go_and_says_when_to_ask_again(api: DemoApi) -> None:
    budget = {"metadata": {"name": "new"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}}
    assert (await api.ask("POST", "/apis/policy/v1/namespaces/shop/poddisruptionbudgets", budget)).status == 201
    name = api.pods("web")[0]["metadata"]["name"]
    path = f"/api/v1/namespaces/shop/pods/{name}/eviction"
    refused = await api.ask("POST", path, {"metadata": {"name": name}})
    assert (refused.status, refused.headers["retry-after"]) == (429, "10")
    assert refused.json["details"]["causes"][0]["message"].endswith("is still being processed by the server.")
    api.step(1)
    assert (await api.ask("POST", path, {"metadata": {"name": name}})).status == 201
