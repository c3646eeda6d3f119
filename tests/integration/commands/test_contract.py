"""What the clusters are relied upon for, asked of whatever API server the environment names.

The output's last lines say which one it was; see tests/support/api_server.py.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Command
from app.domain.commands.parser import parse
from app.domain.commands.results import OutputResult, TableResult
from app.infra.kubernetes.client import Answer, ClusterClient
from app.infra.kubernetes.errors import KubernetesConflictError, KubernetesForbiddenError, KubernetesStatusError
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.api_server import PERSON, ApiServer, NoServerError, chosen, in_a_namespace, running
from tests.support.known_types import known_types
from tests.support.recordings import differences, recording
from tests.support.waiting import until

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"
# Recorded exchanges that any server answers alike: they need nothing but a namespace, and the objects that earlier
# ones made.
ALIKE = [
    "error-404-pod", "error-404-path", "error-406-accept", "error-400-not-json", "error-400-kind-mismatch",
    "error-400-namespace-mismatch", "error-422-invalid", "discovery-unknown-group-404",
    "pods-list-bad-field-selector-400", "pods-list-bad-label-selector-400", "watch-bad-rv-500",
    "page-bad-continue-400", "create-unknown-field-strict-400", "create-unknown-field-warn", "eviction-404",
    "apply-create", "apply-same-again", "apply-conflict-409", "apply-force", "apply-no-field-manager-422",
    "apply-dry-run", "configmap-delete", "ssar-admin-allowed",
]  # fmt: skip


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    try:
        with running(chosen(os.environ), tmp_path_factory.mktemp("api-server")) as found:
            yield found
    except NoServerError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
async def api_server(kubeconfig: Path) -> AsyncIterator[ApiServer]:
    async with in_a_namespace(kubeconfig) as server:
        yield server


class Caller:
    """The product's own client, in the person's name, in the tests' namespace."""

    def __init__(self, client: ClusterClient, namespace: str) -> None:
        self.client = client
        self.root = f"/api/v1/namespaces/{namespace}"

    async def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        return await self.client.request(method, self.root + path, identity=PERSON, body=content, **more)

    async def refused(self, method: str, path: str, body: Any = None, **more: Any) -> KubernetesStatusError:
        with pytest.raises(KubernetesStatusError) as refusal:
            await self(method, path, body, **more)
        return refusal.value


@pytest.fixture
async def call(api_server: ApiServer) -> AsyncIterator[Caller]:
    tracing = Tracing("gateway", "gateway-1")
    client = ClusterClient(api_server.config, Instruments(), tracing)
    yield Caller(client, api_server.namespace)
    await client.close()
    tracing.close()


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


async def test_recorded_exchanges_go_the_same_way(api_server: ApiServer) -> None:
    found: dict[str, list[str]] = {}
    for name in ALIKE:
        kept = recording(name)
        path = kept.path.replace("/namespaces/rec/", f"/namespaces/{api_server.namespace}/")
        sent = kept.content.replace(b'"rec"', f'"{api_server.namespace}"'.encode()) if kept.content else None
        headers = {"Accept": kept.accept, "User-Agent": "recorder/1"}
        if kept.content_type:
            headers["Content-Type"] = kept.content_type
        reply = await api_server.ask(kept.method, path, sent, headers)
        text = reply.text.replace(api_server.namespace, "rec")
        body = json.loads(text) if isinstance(kept.body, dict) else text
        if name == "ssar-admin-allowed":
            body.get("status", {}).pop("reason", None)  # it tells of the user's binding
        found[name] = differences({"status": reply.status, "body": body}, {"status": kept.status, "body": kept.body})
        warning = reply.headers.get("warning")
        found[name] += [] if warning == kept.headers.get("Warning") else [f"Warning: {warning}"]
    assert {name: each for name, each in found.items() if each} == {}


async def test_objects_are_created_read_listed_and_shown_as_a_table(call: Caller) -> None:
    assert (await call("POST", "/configmaps", config_map("a", x="1"))).status == 201
    assert (await call("GET", "/configmaps/a")).json()["data"] == {"x": "1"}
    listed = (await call("GET", "/configmaps", query=[("fieldSelector", "metadata.name=a")])).json()
    assert [item["metadata"]["name"] for item in listed["items"]] == ["a"]
    table = (await call("GET", "/configmaps", query=[("fieldSelector", "metadata.name=a")], accept=TABLE)).json()
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert table["rows"][0]["cells"][:2] == ["a", 1]


async def test_server_side_apply_names_the_owner_of_a_conflict(call: Caller) -> None:
    def apply(manager: str, value: str, **more: str) -> Any:
        query = [("fieldManager", manager), *more.items()]
        return call("PATCH", "/configmaps/b", config_map("b", x=value), query=query, content_type=APPLY)

    assert (await apply("one", "1")).status == 201
    with pytest.raises(KubernetesConflictError) as refusal:
        await apply("two", "2")
    assert [cause.field for cause in refusal.value.causes] == [".data.x"]
    assert 'conflict with "one"' in str(refusal.value)
    assert (await apply("two", "2", force="true")).json()["data"] == {"x": "2"}


async def test_a_dry_run_changes_nothing(call: Caller) -> None:
    await call("POST", "/configmaps", config_map("c", x="1"))
    patch = {"data": {"x": "2"}}
    rehearsed = await call("PATCH", "/configmaps/c", patch, query=[("dryRun", "All")], content_type=MERGE)
    assert rehearsed.json()["data"] == {"x": "2"}
    assert (await call("GET", "/configmaps/c")).json()["data"] == {"x": "1"}


async def test_a_patch_whose_test_fails_a_stale_replacement_and_a_wrong_precondition_are_refused(call: Caller) -> None:
    made = (await call("POST", "/configmaps", config_map("d", x="1"))).json()
    steps = [{"op": "test", "path": "/data/x", "value": "9"}, {"op": "replace", "path": "/data/x", "value": "2"}]
    failed = await call.refused("PATCH", "/configmaps/d", steps, content_type="application/json-patch+json")
    assert failed.http_status == 422
    await call("PATCH", "/configmaps/d", {"data": {"x": "3"}}, content_type=MERGE)
    assert (await call.refused("PUT", "/configmaps/d", {**made, "data": {}})).http_status == 409
    other = {"preconditions": {"uid": "00000000-0000-0000-0000-000000000000"}}
    assert (await call.refused("DELETE", "/configmaps/d", other)).http_status == 409
    assert (await call("DELETE", "/configmaps/d", {"preconditions": {"uid": made["metadata"]["uid"]}})).status == 200


async def test_a_watch_begins_with_what_is_there_a_bookmark_and_then_what_happens(call: Caller) -> None:
    await call("POST", "/configmaps", config_map("e", x="1"))
    query = [
        ("watch", "true"), ("sendInitialEvents", "true"), ("resourceVersionMatch", "NotOlderThan"),
        ("allowWatchBookmarks", "true"), ("fieldSelector", "metadata.name=e"),
    ]  # fmt: skip
    seen: list[tuple[str, str]] = []
    async with (
        asyncio.timeout(30),
        call.client.stream(f"{call.root}/configmaps", identity=PERSON, query=query) as lines,
    ):
        async for line in lines:
            if not line:
                continue
            event = json.loads(line)
            seen.append((event["type"], event["object"].get("data", {}).get("x", "")))
            if event["type"] == "BOOKMARK":
                await call("PATCH", "/configmaps/e", {"data": {"x": "2"}}, content_type=MERGE)
            if len(seen) == 3:
                break
    assert seen == [("ADDED", "1"), ("BOOKMARK", ""), ("MODIFIED", "2")]


async def test_an_eviction_that_a_budget_does_not_allow_is_a_429(call: Caller, api_server: ApiServer) -> None:
    spec = {"containers": [{"name": "main", "image": "nginx"}], "nodeSelector": {"kubechat.example/none": "such"}}
    labels = {"app": "guarded"}

    async def made() -> bool:
        try:
            await call("POST", "/pods", {"metadata": {"name": "guarded", "labels": labels}, "spec": spec})
        except KubernetesForbiddenError:  # a new namespace's service account is a moment late
            return False
        return True

    await until("a pod", made)
    # A pod that no node takes, which its status says is well: a budget counts it, and no kubelet is needed.
    ready = {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}}
    status = f"{call.root}/pods/guarded/status"
    reply = await api_server.ask("PATCH", status, json.dumps(ready).encode(), {"Content-Type": MERGE})
    assert reply.status == 200, reply.text
    budget = {"metadata": {"name": "guard"}, "spec": {"minAvailable": 1, "selector": {"matchLabels": labels}}}
    await api_server.make(f"/apis/policy/v1/namespaces/{api_server.namespace}/poddisruptionbudgets", budget)
    refused = await call.refused("POST", "/pods/guarded/eviction", {"metadata": {"name": "guarded"}})
    assert (refused.http_status, refused.reason) == (429, "TooManyRequests")
    assert (await call("GET", "/pods/guarded")).status == 200


async def test_an_access_review_answers_for_the_person_and_not_for_the_product(call: Caller) -> None:
    namespace = call.root.rpartition("/")[2]
    for verb, resource, allowed in (("delete", "pods", True), ("delete", "nodes", False)):
        wanted = {"verb": verb, "resource": resource, "namespace": namespace}
        body = json.dumps({"spec": {"resourceAttributes": wanted}}).encode()
        answer = await call.client.request(
            "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", identity=PERSON, body=body, mutates=False
        )
        assert answer.json()["status"]["allowed"] is allowed


class Typist:
    """Commands as the person types them."""

    def __init__(self, call: Caller) -> None:
        self._cluster, self._namespace = call.client.name, call.root.rpartition("/")[2]
        self.engine = Engine({self._cluster: call.client}, current=self._cluster, known_types=known_types())

    def command(self, line: str) -> Command:
        return parse(line, cluster=self._cluster, namespace=self._namespace, clusters=(self._cluster,))

    async def read(self, line: str) -> Any:
        (result,) = await self.engine.read(self.command(line), PERSON)
        return result


async def test_a_command_that_changes_is_previewed_rechecked_sent_once_and_resolved(call: Caller) -> None:
    typist, intent = Typist(call), uuid4()
    await call("POST", "/configmaps", config_map("g", x="1"))
    shown = await typist.engine.preview(typist.command("label configmap g tier=gold"), PERSON)
    assert "labels" not in (await call("GET", "/configmaps/g")).json()["metadata"]
    step = await typist.engine.recheck(shown.steps[0], PERSON)
    assert step is not None
    outcome = await typist.engine.send(step, PERSON, intent_id=intent, deadline_s=10)
    assert outcome.state == "applied"
    assert (await call("GET", "/configmaps/g")).json()["metadata"]["labels"] == {"tier": "gold"}
    assert await typist.engine.resolve(step, PERSON, intent_id=intent) == "applied"


async def test_commands_read_what_is_there(call: Caller) -> None:
    await call("POST", "/configmaps", config_map("f", x="1"))
    typist = Typist(call)
    table = await typist.read("get configmaps f")
    assert isinstance(table, TableResult)
    assert table.rows[0][:2] == ["f", "1"]
    text = await typist.read("get configmap f -o yaml")
    assert isinstance(text, OutputResult)
    assert '  x: "1"\n' in text.text
