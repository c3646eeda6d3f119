"""Workloads behave: what a person scales, rolls, breaks and deletes goes its way in time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from app.demo.objects import name_of
from tests.support.demo_api import MERGE, STRATEGIC, DemoApi

WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
CART = "/apis/apps/v1/namespaces/shop/deployments/cart"


def set_image(name: str, image: str) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": name, "image": image}]}}}}


def deployment(api: DemoApi, name: str) -> dict[str, Any]:
    found = api.cluster.get("deployments.apps", "shop", name)
    assert found is not None
    return found


def replica_sets(api: DemoApi, name: str) -> dict[str, int]:
    owned = api.cluster.owned_by("replicasets.apps", deployment(api, name))
    return {name_of(entry): entry["spec"]["replicas"] for entry in owned}


def events(api: DemoApi, name: str) -> list[str]:
    return [event["reason"] for event in api.cluster.store.all("events") if event["involvedObject"]["name"] == name]


async def test_a_scale_up_takes_seconds_and_goes_through_every_state(api: DemoApi) -> None:
    await api.ask("PATCH", f"{WEB}/scale", {"spec": {"replicas": 5}}, content_type=MERGE)
    seen: list[list[str]] = []
    for _ in range(60):
        api.step(0.1)
        states = api.states("web")
        if not seen or seen[-1] != states:
            seen.append(states)
    flat = {state for states in seen for state in states}
    assert flat == {"Running", "Pending", "ContainerCreating"}
    assert seen[-1] == ["Running"] * 5
    assert deployment(api, "web")["status"]["availableReplicas"] == 5
    assert "ScalingReplicaSet" in events(api, "web")


async def test_new_pods_become_ready_one_after_the_other(api: DemoApi) -> None:
    await api.ask("PATCH", f"{WEB}/scale", {"spec": {"replicas": 6}}, content_type=MERGE)
    counts: list[int] = []
    for _ in range(200):
        api.step(0.05)
        ready = deployment(api, "web")["status"].get("readyReplicas", 0)
        if not counts or counts[-1] != ready:
            counts.append(ready)
    assert counts == [3, 4, 5, 6]


async def test_a_scale_down_terminates_the_youngest_pods_and_removes_them(api: DemoApi) -> None:
    await api.ask("PATCH", f"{WEB}/scale", {"spec": {"replicas": 4}}, content_type=MERGE)
    api.step(6)
    (young,) = {name_of(pod) for pod in api.pods("web")} - {
        f"web-5f7c9d6b8-{end}" for end in ("2xkqp", "7hj4m", "p9z5t")
    }
    await api.ask("PATCH", f"{WEB}/scale", {"spec": {"replicas": 3}}, content_type=MERGE)
    api.step(0.3)
    assert api.states("web") == ["Running", "Running", "Running", "Terminating"]
    api.step(3)
    assert young not in {name_of(pod) for pod in api.pods("web")}
    assert len(api.pods("web")) == 3


async def test_a_restart_makes_a_new_replica_set_and_never_goes_below_what_is_allowed(api: DemoApi) -> None:
    note = {"kubectl.kubernetes.io/restartedAt": "2026-11-23T12:00:00Z"}
    patch = {"spec": {"template": {"metadata": {"annotations": note}}}}
    before = {name_of(pod) for pod in api.pods("web")}
    await api.ask("PATCH", WEB, patch, content_type=STRATEGIC)
    least, most = 3, 0
    for _ in range(400):
        api.step(0.1)
        least = min(least, deployment(api, "web")["status"].get("availableReplicas", 0))
        running = [pod for pod in api.pods("web") if "deletionTimestamp" not in pod["metadata"]]
        most = max(most, len(running))
    assert (least, most) == (3, 4)  # 25 % of three: one more, none fewer
    assert not before & {name_of(pod) for pod in api.pods("web")}
    sizes = replica_sets(api, "web")
    assert sorted(sizes.values()) == [0, 0, 3]
    assert deployment(api, "web")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "3"


async def test_undoing_a_rollout_takes_the_old_replica_set_again(api: DemoApi) -> None:
    old = deployment(api, "cart")["spec"]["template"]
    await api.ask("PATCH", CART, set_image("cart", "registry.local/shop/cart:2.4.0"), content_type=STRATEGIC)
    api.step(30)
    assert replica_sets(api, "cart")["cart-6b8f7c5d4"] == 0
    patch = [
        {
            "op": "replace",
            "path": "/spec/template",
            "value": {**old, "metadata": {**old["metadata"], "creationTimestamp": None}},
        }
    ]
    await api.ask("PATCH", CART, patch, content_type="application/json-patch+json")
    api.step(30)
    assert replica_sets(api, "cart")["cart-6b8f7c5d4"] == 2
    assert len(replica_sets(api, "cart")) == 2


async def test_a_tag_that_does_not_exist_stops_the_rollout_and_leaves_the_old_pods(api: DemoApi) -> None:
    await api.ask("PATCH", CART, set_image("cart", "registry.local/shop/cart:9.9.9"), content_type=STRATEGIC)
    api.step(30)
    assert api.states("cart") == ["ImagePullBackOff", "Running", "Running"]
    (stuck,) = [pod for pod in api.pods("cart") if pod["status"]["phase"] == "Pending"]
    assert {"Pulling", "Failed", "BackOff"} <= set(events(api, name_of(stuck)))
    api.step(600)
    progressing = [entry for entry in deployment(api, "cart")["status"]["conditions"] if entry["type"] == "Progressing"]
    assert progressing[0]["reason"] == "ProgressDeadlineExceeded"
    assert progressing[0]["status"] == "False"


async def test_an_image_that_exists_heals_the_canary(api: DemoApi) -> None:
    path = "/apis/apps/v1/namespaces/shop/deployments/cart-canary"
    await api.ask("PATCH", path, set_image("cart-canary", "registry.local/shop/cart:2.4.0"), content_type=STRATEGIC)
    api.step(30)
    assert api.states("cart-canary") == ["Running"]


async def test_a_crash_loop_goes_on_crashing_and_waits_longer_each_time(api: DemoApi) -> None:
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "falls", "labels": {"app": "falls"}},
        "spec": {"containers": [{"name": "falls", "image": "busybox:1.36", "command": ["sh", "-c", "exit 3"]}]},
    }
    await api.ask("POST", "/api/v1/namespaces/shop/pods", body)
    starts: list[float] = []
    restarts = 0
    for tick in range(6000):
        api.step(0.1)
        status = api.pods("falls")[0]["status"].get("containerStatuses", [{}])[0]
        if status.get("restartCount", 0) > restarts:
            restarts = status["restartCount"]
            starts.append(tick / 10)
    waits = [round(later - earlier, -1) for earlier, later in pairwise(starts)]
    assert waits[:5] == [10, 20, 40, 80, 160]
    ended = api.pods("falls")[0]["status"]["containerStatuses"][0]["lastState"]["terminated"]
    assert ended["exitCode"] == 3
    assert "BackOff" in events(api, "falls")


async def test_the_payments_crash_loop_counts_up_and_stops_once_its_password_is_set(api: DemoApi) -> None:
    def restarts() -> int:
        return int(api.pods("payments-api")[0]["status"]["containerStatuses"][0]["restartCount"])

    first = restarts()
    api.step(1000)
    assert restarts() >= first + 3
    assert "CrashLoopBackOff" in api.states("payments-api")
    template = deployment(api, "payments-api")["spec"]["template"]
    variables = [*template["spec"]["containers"][0]["env"], {"name": "DATABASE_PASSWORD", "value": "x"}]
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "payments-api", "env": variables}]}}}}
    await api.ask("PATCH", "/apis/apps/v1/namespaces/shop/deployments/payments-api", patch, content_type=STRATEGIC)
    api.step(30)
    assert api.states("payments-api") == ["Running"]


async def test_what_fits_no_node_stays_pending_until_it_asks_for_less(api: DemoApi) -> None:
    assert "FailedScheduling" in events(api, "batch-heavy-6c5d8f9b7-lk3vp")
    resources = {"requests": {"cpu": "1", "memory": "1Gi"}}
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "batch-heavy", "resources": resources}]}}}}
    await api.ask("PATCH", "/apis/apps/v1/namespaces/shop/deployments/batch-heavy", patch, content_type=STRATEGIC)
    api.step(15)
    assert api.states("batch-heavy") == ["Running"]


async def test_a_deleted_pod_is_replaced(api: DemoApi) -> None:
    await api.ask("DELETE", "/api/v1/namespaces/shop/pods/web-5f7c9d6b8-2xkqp")
    api.step(10)
    names = {name_of(pod) for pod in api.pods("web")}
    assert len(names) == 3
    assert "web-5f7c9d6b8-2xkqp" not in names


async def test_a_cordoned_node_gets_no_new_pods(api: DemoApi) -> None:
    for node in ("node-a", "node-c"):
        await api.ask("PATCH", f"/api/v1/nodes/{node}", {"spec": {"unschedulable": True}}, content_type=STRATEGIC)
    await api.ask("PATCH", f"{WEB}/scale", {"spec": {"replicas": 6}}, content_type=MERGE)
    api.step(8)
    new = [pod for pod in api.pods("web") if not name_of(pod).endswith(("2xkqp", "7hj4m", "p9z5t"))]
    assert {pod["spec"]["nodeName"] for pod in new} == {"node-b"}


async def test_a_stateful_set_grows_in_order_and_keeps_its_claims(api: DemoApi) -> None:
    path = "/apis/apps/v1/namespaces/shop/statefulsets/orders-db/scale"
    await api.ask("PATCH", path, {"spec": {"replicas": 3}}, content_type=MERGE)
    api.step(4)
    assert [name_of(pod) for pod in api.pods("orders-db")] == ["orders-db-0", "orders-db-1"]
    api.step(40)
    assert api.states("orders-db") == ["Running", "Running", "Running"]
    await api.ask("PATCH", path, {"spec": {"replicas": 1}}, content_type=MERGE)
    api.step(10)
    assert [name_of(pod) for pod in api.pods("orders-db")] == ["orders-db-0"]
    claims = [name_of(claim) for claim in api.cluster.store.all("persistentvolumeclaims", "shop")]
    assert claims == ["data-orders-db-0", "data-orders-db-1", "data-orders-db-2"]


async def test_a_daemon_set_rolls_one_node_after_the_other(api: DemoApi) -> None:
    path = "/apis/apps/v1/namespaces/monitoring/daemonsets/node-exporter"
    await api.ask(
        "PATCH",
        path,
        set_image("node-exporter", "registry.local/monitoring/node-exporter:1.9.0"),
        content_type=STRATEGIC,
    )
    least = 3
    for _ in range(400):
        api.step(0.1)
        found = api.cluster.get("daemonsets.apps", "monitoring", "node-exporter")
        assert found is not None
        least = min(least, found["status"]["numberReady"])
    assert least == 2
    images = {pod["spec"]["containers"][0]["image"] for pod in api.pods("node-exporter", "monitoring")}
    assert images == {"registry.local/monitoring/node-exporter:1.9.0"}


async def test_a_job_ends_complete_and_a_failing_one_gives_up(api: DemoApi) -> None:
    def body(name: str, command: list[str]) -> dict[str, Any]:
        container = {"name": "main", "image": "busybox:1.36", "command": command}
        template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
        return {
            "kind": "Job",
            "apiVersion": "batch/v1",
            "metadata": {"name": name},
            "spec": {"backoffLimit": 1, "template": template},
        }

    for name, command in (("good", ["true"]), ("bad", ["false"])):
        await api.ask("POST", "/apis/batch/v1/namespaces/shop/jobs", body(name, command))
    api.step(120)
    kinds = {}
    for name in ("good", "bad"):
        job = api.cluster.get("jobs.batch", "shop", name)
        assert job is not None
        kinds[name] = job["status"]["conditions"][-1]["type"]
    assert kinds == {"good": "Complete", "bad": "Failed"}


async def test_an_autoscaler_brings_a_workload_back_within_its_bounds(api: DemoApi) -> None:
    await api.ask("PATCH", f"{WEB}/scale", {"spec": {"replicas": 25}}, content_type=MERGE)
    api.step(40)
    assert deployment(api, "web")["spec"]["replicas"] == 20


async def test_endpoints_follow_ready_pods(api: DemoApi) -> None:
    def addresses() -> int:
        found = api.cluster.get("endpoints", "shop", "web")
        assert found is not None
        return len(found["subsets"][0]["addresses"])

    api.step(1)
    assert addresses() == 3
    await api.ask("PATCH", f"{WEB}/scale", {"spec": {"replicas": 4}}, content_type=MERGE)
    api.step(1)
    assert addresses() == 3
    api.step(6)
    assert addresses() == 4
