"""The same requests get the same answers as from a real API server, whose exchanges are in `recordings`.

What differs between any two servers is left out: ids, versions, times. The recordings were made with kube-apiserver
1.36 in a namespace `rec`, which each test makes first.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.demo_api import ADMIN, GATEWAY, VIEWER, DemoApi, Reply

RECORDINGS = Path(__file__).with_name("recordings")
VOLATILE = {
    "deletionTimestamp",
    "uid",
    "resourceVersion",
    "creationTimestamp",
    "time",
    "clusterIP",
    "clusterIPs",
    "serverAddress",
}

TABLES = sorted(path.stem for path in RECORDINGS.glob("*-table*.json"))
# In this order against one cluster: later ones meet what earlier ones made.
SCENARIO = [
    "error-401-bad-token",
    "error-403-anonymous",
    "error-403-impersonated-list",
    "error-403-impersonated-get-secret",
    "error-403-impersonated-patch",
    "error-403-impersonated-cluster-scope",
    "error-404-path",
    "error-404-pod",
    "error-404-namespace",
    "error-405-method",
    "error-406-accept",
    "error-409-exists",
    "error-422-invalid",
    "error-400-not-json",
    "error-400-kind-mismatch",
    "error-400-namespace-mismatch",
    "error-403-terminating-kube-system-delete",
    "patch-wrong-content-type-415",
    "patch-dry-run-invalid-422",
    "patch-stale-resource-version-409",
    "scale-put-stale-409",
    "pod-delete-precondition-409",
    "pod-log-unknown-container-400",
    "pod-exec-get-no-upgrade-400",
    "eviction-404",
    "pods-list-bad-field-selector-400",
    "pods-list-bad-label-selector-400",
    "watch-bad-rv-500",
    "discovery-unknown-group-404",
    "create-unknown-field-strict-400",
    "create-unknown-field-warn",
    "apply-create",
    "apply-same-again",
    "apply-conflict-409",
    "apply-force",
    "apply-no-field-manager-422",
    "apply-dry-run",
    "configmap-delete",
    "deletecollection",
    "componentstatuses-warning",
    "ssar-admin-allowed",
    "ssar-nobody-denied",
    "ssar-subresource",
    "ssar-viewer-denied",
    "namespace-delete",
    "namespace-terminating-create-403",
]
# What the recordings' users are here.
TOKENS = {
    "error-401-bad-token": "no-such-token",
    "error-403-anonymous": "",
    "ssar-nobody-denied": GATEWAY,
    "ssar-subresource": VIEWER,
    "ssar-viewer-denied": VIEWER,
}


def recording(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return found


def steady(value: Any) -> Any:
    """A body without what is different every time."""
    if isinstance(value, dict):
        return {key: steady(below) for key, below in value.items() if key not in VOLATILE}
    if isinstance(value, list):
        return [steady(below) for below in value]
    return value


async def replay(api: DemoApi, found: dict[str, Any], token: str) -> Reply:
    request = found["request"]
    headers = {name.lower(): value for name, value in request["headers"].items()}
    body = request["body"]
    content = body.encode() if isinstance(body, str) else body
    extra = [(name, value) for name, value in headers.items() if name.startswith("impersonate")]
    return await api.ask(
        request["method"],
        request["path"],
        content,
        token=token,
        accept=headers.get("accept", ""),
        content_type=headers.get("content-type", ""),
        headers=[*extra, ("user-agent", "recorder/1")],
    )


@pytest.fixture
async def rec(api: DemoApi) -> DemoApi:
    """The cluster with the namespace of the recordings and what they speak of."""
    for name in ("namespace-create", "deployment-create", "service-create"):
        assert (await replay(api, recording(name), ADMIN)).status == 201
    pods: list[dict[str, Any]] = [
        {"name": name, "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]}}
        for name in ("crashy", "failed")
    ]
    for pod in pods:
        body = {"metadata": {"name": pod["name"]}, "spec": pod["spec"]}
        assert (await api.ask("POST", "/api/v1/namespaces/rec/pods", body)).status == 201
    api.step(10)
    return api


async def test_refusals_and_changes_read_as_a_real_servers(rec: DemoApi) -> None:
    for name in SCENARIO:
        found = recording(name)
        reply = await replay(rec, found, TOKENS.get(name, ADMIN))
        expected = found["response"]
        assert reply.status == expected["status"], (name, reply.text)
        body = reply.json if isinstance(expected["body"], dict) else reply.text
        wanted = expected["body"]
        if name.startswith("ssar-"):
            body, wanted = body["status"], wanted["status"]
        if name == "pod-delete-precondition-409":
            body, wanted = body["message"][:130], wanted["message"][:130]
        assert steady(body) == steady(wanted), name
        assert reply.headers.get("warning") == expected["headers"].get("Warning"), name


@pytest.mark.parametrize("name", TABLES)
async def test_tables_have_the_columns_of_a_real_server(api: DemoApi, name: str) -> None:
    found = recording(name)
    found["request"]["path"] = found["request"]["path"].replace("/namespaces/rec/", "/namespaces/shop/")
    reply = await replay(api, found, ADMIN)
    assert reply.json["columnDefinitions"] == found["response"]["body"]["columnDefinitions"]


@pytest.mark.parametrize("name", ["namespace-create", "deployment-create", "service-create"])
async def test_new_objects_are_completed_as_by_a_real_server(api: DemoApi, name: str) -> None:
    if name != "namespace-create":
        await replay(api, recording("namespace-create"), ADMIN)
    found = recording(name)
    reply = await replay(api, found, ADMIN)
    assert steady(reply.json) == steady(found["response"]["body"])


async def test_the_verbs_and_names_of_resources_are_a_real_servers(api: DemoApi) -> None:
    found = recording("apis-apps-v1-resources")
    reply = await replay(api, found, ADMIN)
    wanted = {entry["name"]: entry for entry in found["response"]["body"]["resources"]}
    for entry in wanted.values():
        entry.pop("storageVersionHash", None)
    assert {entry["name"]: entry for entry in reply.json["resources"]} == wanted
