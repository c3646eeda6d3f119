"""The clusters' page against the demo clusters: what it says is what they hold, and it sees them fail and come back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.errors import ForbiddenError
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import AS_ITSELF
from app.infra.kubernetes.kubeconfig import load_clusters
from app.telemetry import exporter_catalogue as more
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from exporters import kubernetes
from exporters.exporter import Exporter
from exporters.kubernetes import Cluster
from exporters.kubernetes_inventory import Restarts, state_of, taken
from exporters.sheet import Sheet
from tests.support.demo import EXPORTERS, DemoProcess
from tests.support.kube_api import KubeApi, Received, answer, write_kubeconfig
from tests.support.waiting import wait_for

OWN = {"cluster": "prod-eu"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    process = DemoProcess(tmp_path_factory.mktemp("demo"))
    process.start()
    yield process
    process.stop()


@pytest.fixture
async def cluster(demo: DemoProcess) -> AsyncIterator[Cluster]:
    (config,) = (each for each in load_clusters(demo.kubeconfig_of(EXPORTERS)).clusters if each.name == OWN["cluster"])
    made = Cluster(ClusterClient(config, Instruments(), Tracing("exporters", "exporters")), timeout_s=1)
    yield made
    await made.drop()


async def scraped(cluster: Cluster) -> Sheet:
    return await Exporter("kubernetes", [cluster], kubernetes.VITALS, deadline_s=3).collect()


async def counted(cluster: Cluster) -> Sheet:
    """A page with objects: the first scrape begins to count them."""
    await scraped(cluster)
    await cluster.counted()
    return await scraped(cluster)


def listed(demo: DemoProcess, path: str) -> list[Any]:
    return list(demo.ask("GET", f"/clusters/prod-eu{path}")["items"])


async def test_an_api_server_tells_its_version_and_how_long_each_look_took(cluster: Cluster) -> None:
    sheet = await scraped(cluster)
    assert sheet.value(more.CLUSTER_UP, **OWN) == 1
    for probe in ("readyz", "version", "list"):
        assert (sheet.value(more.CLUSTER_PROBE, **OWN, probe=probe) or 0) > 0
        assert sheet.value(more.CLUSTER_PROBES, **OWN, probe=probe, outcome="ok") == 1
    assert re.search(r'kubechat_cluster_info\{cluster="prod-eu",version="v1\.\d+', "".join(sheet.parts()))


async def test_objects_are_counted_as_the_cluster_holds_them(demo: DemoProcess, cluster: Cluster) -> None:
    sheet = await counted(cluster)
    for resource, path in (("deployments", "/apis/apps/v1/deployments"), ("services", "/api/v1/services")):
        assert sheet.value(more.CLUSTER_OBJECTS, **OWN, resource=resource) == len(listed(demo, path))
    nodes = listed(demo, "/api/v1/nodes")
    assert sheet.value(more.CLUSTER_OBJECTS, **OWN, resource="nodes") == len(nodes)
    pods = listed(demo, "/api/v1/pods")
    assert sheet.value(more.CLUSTER_OBJECTS, **OWN, resource="pods") == len(pods)
    assert (sheet.value(more.CLUSTER_PODS, **OWN, state="running") or 0) > 0
    assert sheet.value(more.CLUSTER_RESTARTS, **OWN) == 0, "what was before the first look is no news"
    budgets = listed(demo, "/apis/policy/v1/poddisruptionbudgets")
    at_limit = sum(budget["status"].get("disruptionsAllowed") == 0 for budget in budgets)
    assert sheet.value(more.CLUSTER_BUDGETS_AT_LIMIT, **OWN) == at_limit
    assert sheet.value(more.CLUSTER_VERSION_SKEW, **OWN) == 0
    assert (sheet.value(more.CLUSTER_INVENTORY_TIME, **OWN) or 0) > 1.7e9


async def test_our_own_replicas_are_counted_by_node(demo: DemoProcess, cluster: Cluster) -> None:
    labels = {"app.kubernetes.io/part-of": "kubechat", "app.kubernetes.io/component": "gateway"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "gateway", "image": "nginx:1.27"}]}}
    spec = {"replicas": 3, "selector": {"matchLabels": labels}, "template": pod}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "gateway"}, "spec": spec}
    path = "/clusters/prod-eu/apis/apps/v1/namespaces/shop/deployments"
    demo.ask("POST", path, deployment)
    try:
        wait_for("its pods", lambda: ready_replicas(demo, f"{path}/gateway") == 3)
        sheet = await counted(cluster)
        pods = [
            each
            for each in listed(demo, "/api/v1/namespaces/shop/pods")
            if each["metadata"].get("labels", {}).get("app.kubernetes.io/component") == "gateway"
        ]
        for node in {each["spec"]["nodeName"] for each in pods}:
            here = sum(each["spec"]["nodeName"] == node for each in pods)
            assert sheet.value(more.CLUSTER_OWN_REPLICAS, **OWN, service="gateway", node=node) == here
    finally:
        demo.ask("DELETE", f"{path}/gateway")


def ready_replicas(demo: DemoProcess, path: str) -> int:
    return int((demo.ask("GET", path).get("status") or {}).get("readyReplicas") or 0)


async def test_no_secret_is_asked_for_and_nothing_is_counted_twice_in_a_row(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths: list[str] = []
    asked: list[tuple[str, str]] = []
    ask = ClusterClient.request

    async def noted(self: ClusterClient, method: str, path: str, **given: Any) -> Any:
        assert method == "GET"
        paths.append(path)
        asked.append((path, dict(given.get("query") or ()).get("labelSelector", "")))
        return await ask(self, method, path, **given)

    monkeypatch.setattr(ClusterClient, "request", noted)
    await counted(cluster)
    assert not [path for path in paths if "secrets" in path]
    assert asked.count(("/api/v1/pods", "")) == 1
    assert paths.count("/readyz") == 2


async def test_a_list_longer_than_a_page_is_read_page_by_page(
    demo: DemoProcess, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exporters.kubernetes_inventory.PAGE", 3)
    sheet = await counted(cluster)
    assert sheet.value(more.CLUSTER_OBJECTS, **OWN, resource="pods") == len(listed(demo, "/api/v1/pods"))


async def test_a_cluster_that_fails_is_down_and_comes_back_with_its_failures_counted(
    demo: DemoProcess, cluster: Cluster
) -> None:
    await scraped(cluster)
    demo.fault("refuse")
    try:
        down = await scraped(cluster)
    finally:
        demo.fault("none")
    assert down.value(more.CLUSTER_UP, **OWN) == 0
    back = await scraped(cluster)
    assert back.value(more.CLUSTER_UP, **OWN) == 1
    assert back.value(more.CLUSTER_PROBES, **OWN, probe="readyz", outcome="failed") == 1


async def test_nothing_is_changed_but_in_a_persons_name(demo: DemoProcess, tmp_path: Path) -> None:
    config = load_clusters(demo.kubeconfig_of(EXPORTERS)).clusters[0]
    client = ClusterClient(config, Instruments(), Tracing("exporters", "exporters"))
    with pytest.raises(ForbiddenError):
        await client.request("POST", "/api/v1/namespaces/shop/configmaps", identity=AS_ITSELF, body=b"{}")
    await client.close()


def test_restarts_are_counted_over_pods_that_come_and_go() -> None:
    restarts, later = Restarts(), "2999-01-01T00:00:00Z"
    assert restarts.saw({"a": 3, "b": 1}) == [], "what was before the first look is no news"
    assert restarts.saw({"a": 3, "c": 2}) == ["c"], "b is gone, a has not restarted since"
    assert restarts.total == 2
    assert restarts.saw({"a": 4, "c": 2}) == ["a", "c"], "c was not looked at yet"
    restarts.looked("a", {("app", later)})
    restarts.looked("c", set())
    assert restarts.saw({"a": 4, "c": 2}) == []
    assert (restarts.total, restarts.out_of_memory) == (3, 1)


def test_a_container_that_was_ended_for_want_of_memory_is_counted_once_whatever_restarts_beside_it() -> None:
    restarts = Restarts(now=lambda: 1_000_000_000.0)  # 2001-09-09T01:46:40Z
    before, first, second = "2001-09-01T00:00:00Z", "2001-09-09T01:50:00Z", "2001-09-09T01:55:00Z"
    restarts.saw({"a": 1})
    for times, ended in enumerate(({before}, {before, first}, {before, first}, {second}), start=2):
        assert restarts.saw({"a": times}) == ["a"]
        restarts.looked("a", {("app", each) for each in ended})
    assert restarts.out_of_memory == 2


async def test_a_container_that_was_ended_for_want_of_memory_is_told_from_one_that_failed(tmp_path: Path) -> None:
    def pod(uid: str, restarts: int, reason: str) -> tuple[dict[str, Any], dict[str, Any]]:
        metadata = {"uid": uid, "namespace": "shop", "name": uid}
        terminated = {"reason": reason, "finishedAt": "2999-01-01T00:00:00Z"}
        ended = {"name": "app", "restartCount": restarts, "lastState": {"terminated": terminated}, "state": {}}
        row = {"cells": [uid, "1/1", "Running", f"{restarts} (5s ago)"], "object": {"metadata": metadata}}
        return row, {"metadata": metadata, "status": {"containerStatuses": [ended]}}

    pods = dict.fromkeys(("leaks", "fails"), 1)
    columns = [{"name": name} for name in ("Name", "Ready", "Status", "Restarts")]

    async def script(received: Received, writer: asyncio.StreamWriter) -> bool:
        made = {name: pod(name, times, "OOMKilled" if name == "leaks" else "Error") for name, times in pods.items()}
        name = received.path.rpartition("/")[2]
        if name in made:
            return await answer(writer, 200, made[name][1])
        rows = [row for row, _ in made.values()] if received.path == "/api/v1/pods" else []
        table = "as=Table" in received.header("accept")[0]
        return await answer(writer, 200, {"columnDefinitions": columns, "rows": rows} if table else {"items": []})

    async with KubeApi(script) as server:
        (config,) = load_clusters(write_kubeconfig(tmp_path / "kubeconfig", server.url)).clusters
        client, restarts = ClusterClient(config, Instruments(), Tracing("exporters", "exporters")), Restarts()
        await taken(client, "v1.32.0", restarts)
        assert (restarts.total, restarts.out_of_memory) == (0, 0)
        pods.update(leaks=2, fails=4)
        await taken(client, "v1.32.0", restarts)
        await client.close()
        assert not any(received.header("impersonate-user") for received in server.received)
    assert (restarts.total, restarts.out_of_memory) == (4, 1)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Running", "running"),
        ("Completed", "completed"),
        ("ContainerCreating", "starting"),
        ("Init:0/2", "starting"),
        ("Init:CrashLoopBackOff", "failing"),
        ("OOMKilled", "failing"),
        ("ImagePullBackOff", "failing"),
        ("Terminating", "ending"),
        ("SchedulingGated", "other"),
    ],
)
def test_whatever_kubectl_shows_is_one_of_a_few_states(status: str, state: str) -> None:
    assert state_of(status) == state
