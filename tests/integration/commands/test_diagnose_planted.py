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
    demo.ask("DELETE", f"{BASE}/api/v1/namespaces/{SPACE}")


@pytest.mark.usefixtures("planted")
async def test_each_planted_fault_is_found(engine: Engine, admin: Impersonation) -> None:
    (result,) = await engine.read(command("diagnose", namespace=SPACE), admin)
    assert isinstance(result, DiagnosisResult)
    assert {(cause["object"], cause["code"]) for cause in result.causes} >= FOUND, result.text
    assert not any(cause["object"] == "deployment/web" for cause in result.causes)
