"""Faults planted in a namespace of their own, each found by its name through a real API and its controllers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.results import DiagnosisResult
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess
from tests.support.waiting import wait_for

pytestmark = pytest.mark.full
SPACE = "planted"
BASE = "/clusters/prod-eu"
CORE = f"{BASE}/api/v1/namespaces/{SPACE}"


def group(name: str) -> str:
    return f"{BASE}/apis/{name}/namespaces/{SPACE}"


def workload(name: str, replicas: int = 1, **pod: Any) -> dict[str, Any]:
    labels = {"app": name}
    container = {"name": "main", "image": "nginx:1.27", **pod.pop("container", {})}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container], **pod}}
    return {
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def service(name: str, selector: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"selector": {"app": selector}, "ports": [{"port": 80}]}}


PATH = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "wbe", "port": {"number": 80}}}}
CRON = {
    "schedule": "0 0 1 1 *", "suspend": True,
    "jobTemplate": {"spec": {"template": {"spec": {
        "restartPolicy": "Never", "containers": [{"name": "main", "image": "nginx:1.27"}]}}}},
}  # fmt: skip
PLANTED = (
    (f"{group('apps/v1')}/deployments", workload("web")),
    (f"{group('apps/v1')}/deployments", workload("picky", nodeSelector={"disk": "none"})),
    (f"{group('apps/v1')}/deployments", workload("unset", container={
        "envFrom": [{"configMapRef": {"name": "not-there"}}]})),
    (f"{CORE}/services", service("web", "web")),
    (f"{CORE}/services", service("lost", "wep")),
    (f"{group('networking.k8s.io/v1')}/ingresses", {
        "metadata": {"name": "front"}, "spec": {"ingressClassName": "none", "rules": [{"http": {"paths": [PATH]}}]}}),
    (f"{group('batch/v1')}/cronjobs", {"metadata": {"name": "asleep"}, "spec": CRON}),
    (f"{group('autoscaling/v2')}/horizontalpodautoscalers", {
        "metadata": {"name": "nobody"},
        "spec": {"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "wbe"}}}),
    (f"{CORE}/persistentvolumeclaims", {
        "metadata": {"name": "data"},
        "spec": {"storageClassName": "gold", "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}),
    (f"{group('networking.k8s.io/v1')}/networkpolicies", {
        "metadata": {"name": "guard"}, "spec": {"podSelector": {"matchLabels": {"app": "wbe"}}}}),
)  # fmt: skip
GATEWAY = "gateway.networking.k8s.io"


def definition(plural: str, kind: str, scope: str) -> dict[str, Any]:
    """A custom resource of the Gateway API that takes everything."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"}
    spec = {"group": GATEWAY, "scope": scope, "names": names, "versions": [version]}
    return {"metadata": {"name": f"{plural}.{GATEWAY}"}, "spec": spec}


DEFINED = (
    definition("gatewayclasses", "GatewayClass", "Cluster"),
    definition("gateways", "Gateway", "Namespaced"),
    definition("httproutes", "HTTPRoute", "Namespaced"),
)
DEFINITIONS = f"{BASE}/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
EXTENDED = (
    (f"{group(f'{GATEWAY}/v1')}/gateways", {
        "apiVersion": f"{GATEWAY}/v1", "kind": "Gateway", "metadata": {"name": "public"},
        "spec": {"gatewayClassName": "envoy", "listeners": [{"name": "http", "port": 80}]}}),
    (f"{group(f'{GATEWAY}/v1')}/httproutes", {
        "apiVersion": f"{GATEWAY}/v1", "kind": "HTTPRoute", "metadata": {"name": "shop"},
        "spec": {"parentRefs": [{"name": "public"}], "rules": [{"backendRefs": [{"name": "wbe", "port": 80}]}]}}),
)  # fmt: skip
QUOTA = {"metadata": {"name": "compute"}, "spec": {"hard": {"count/jobs.batch": "5", "requests.cpu": "150m"}}}
SMALL = {"resources": {"requests": {"cpu": "100m"}}}
# What a program of a pod reports when the API server refuses its service account.
REFUSED = 'pods is forbidden: User "system:serviceaccount:planted:default" cannot list resource "pods" in API group "" in the namespace "planted"'
HANGING = ("CreateContainerConfigError", "Unschedulable")
FOUND = {
    ("deployment/picky", "node_selector"),
    ("deployment/unset", "missing_configuration"),
    ("service/lost", "selector_mismatch"),
    ("ingress/front", "backend_service"),
    ("cronjob/asleep", "cron_suspended"),
    ("horizontalpodautoscaler/nobody", "target_missing"),
    ("persistentvolumeclaim/data", "storage_class"),
    ("networkpolicy/guard", "policy_selects_nothing"),
}


@pytest.fixture
def planted(demo: DemoProcess) -> Iterator[None]:
    demo.ask("POST", f"{BASE}/api/v1/namespaces", {"metadata": {"name": SPACE}})
    for path, obj in PLANTED:
        demo.ask("POST", path, obj)
    wait_for("pods that hang", lambda: all(word in str(demo.ask("GET", f"{CORE}/pods")) for word in HANGING))
    yield
    remove(demo)


def remove(demo: DemoProcess) -> None:
    demo.ask("DELETE", f"{BASE}/api/v1/namespaces/{SPACE}")
    wait_for("the namespace to go", lambda: f"'{SPACE}'" not in str(demo.ask("GET", f"{BASE}/api/v1/namespaces")))


@pytest.mark.usefixtures("planted")
async def test_each_planted_fault_is_found(engine: Engine, admin: Impersonation) -> None:
    (result,) = await engine.read(command("diagnose", namespace=SPACE), admin)
    assert isinstance(result, DiagnosisResult)
    assert {(cause["object"], cause["code"]) for cause in result.causes} >= FOUND, result.text
    assert not any(cause["object"] == "deployment/web" for cause in result.causes)


@pytest.fixture
def extended(demo: DemoProcess) -> Iterator[None]:
    demo.ask("POST", f"{BASE}/api/v1/namespaces", {"metadata": {"name": SPACE}})
    for each in DEFINED:
        demo.ask("POST", DEFINITIONS, each)
    served = f"{BASE}/apis/{GATEWAY}/v1"
    wait_for("the Gateway API", lambda: "httproutes" in str(demo.ask("GET", served)))
    for path, obj in EXTENDED:
        demo.ask("POST", path, obj)
    yield
    remove(demo)
    for each in DEFINED:
        demo.ask("DELETE", f"{DEFINITIONS}/{each['metadata']['name']}")
    wait_for("the Gateway API to go", lambda: GATEWAY not in str(demo.ask("GET", DEFINITIONS)))


async def found(engine: Engine, admin: Impersonation) -> dict[tuple[str, str], dict[str, Any]]:
    (result,) = await engine.read(command("diagnose", namespace=SPACE), admin)
    assert isinstance(result, DiagnosisResult)
    return {(cause["object"], cause["code"]): cause for cause in result.causes}


@pytest.mark.usefixtures("extended")
async def test_gateways_and_routes_that_lead_nowhere_are_found(engine: Engine, admin: Impersonation) -> None:
    causes = await found(engine, admin)
    assert causes.keys() >= {("gateway/public", "gateway_class"), ("httproute/shop", "backend_service")}


@pytest.mark.usefixtures("extended")
async def test_pods_that_a_quota_refuses_are_told_with_the_servers_own_words(
    engine: Engine, admin: Impersonation, demo: DemoProcess
) -> None:
    demo.ask("POST", f"{CORE}/resourcequotas", QUOTA)
    demo.ask("POST", f"{group('apps/v1')}/deployments", workload("many", 2, container=SMALL))
    demo.ask("POST", f"{group('apps/v1')}/deployments", workload("silent"))
    wait_for("the refusals", lambda: "must specify" in str(demo.ask("GET", f"{group('apps/v1')}/replicasets")))
    causes = await found(engine, admin)
    many, silent = causes["deployment/many", "quota_exceeded"], causes["deployment/silent", "quota_unset"]
    words = "is forbidden: exceeded quota: compute, requested: requests.cpu=100m, used: requests.cpu=100m, limited:"
    assert any(f"{words} requests.cpu=150m" in each["text"] for each in many["evidence"]), many
    assert many["fixes"] == [
        'kubectl patch resourcequota/compute -p \'{"spec":{"hard":{"requests.cpu":"200m"}}}\' -n planted'
    ]
    assert "they have to say requests.cpu for: main" in silent["cause"]


@pytest.mark.usefixtures("extended")
async def test_a_service_account_that_is_refused_is_told_with_what_would_allow_it(
    engine: Engine, admin: Impersonation, demo: DemoProcess
) -> None:
    demo.ask(
        "POST",
        f"{CORE}/pods",
        {"metadata": {"name": "watcher"}, "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]}},
    )
    about = {"kind": "Pod", "apiVersion": "v1", "name": "watcher", "namespace": SPACE}
    event = {"metadata": {"name": "watcher.1"}, "involvedObject": about, "reason": "Failed", "type": "Warning"}
    demo.ask("POST", f"{CORE}/events", {**event, "message": f"cannot sync: {REFUSED}"})
    cause = (await found(engine, admin))["pod/watcher", "account_refused"]
    assert "default of pod/watcher may not list pods in planted" in cause["cause"]
    assert [line.split()[1:3] for line in cause["fixes"]] == [["create", "role"], ["create", "rolebinding"]]
