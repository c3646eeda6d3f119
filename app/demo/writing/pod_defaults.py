"""What the API server fills in where a pod or a pod template says nothing.

Figures are Kubernetes' own defaults (k8s.io/kubernetes/pkg/apis/core/v1/defaults.go).
"""

from __future__ import annotations

from typing import Any, Final

from app.demo.objects import Obj
from app.demo.quantities import quantity

_TOLERATION_S: Final = 300
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")


def default_pod_template(template: Obj) -> None:
    """Complete a pod template in place."""
    template.setdefault("metadata", {})
    default_pod_spec(template.setdefault("spec", {}))


def default_pod_spec(spec: Obj) -> None:
    """Complete a pod's spec in place, as a template's spec is completed too."""
    for volume in _maps(spec.get("volumes")):
        if set(volume) <= {"name"}:
            volume["emptyDir"] = {}
        for source in ("configMap", "secret", "projected", "downwardAPI"):
            if isinstance(volume.get(source), dict):
                volume[source].setdefault("defaultMode", 420)
        if isinstance(volume.get("hostPath"), dict):
            volume["hostPath"].setdefault("type", "")
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in _maps(spec.get(field)):
            _default_container(container)
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    if spec.get("serviceAccountName"):
        spec.setdefault("serviceAccount", spec["serviceAccountName"])
    elif spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"]
    spec.setdefault("securityContext", {})
    spec.setdefault("schedulerName", "default-scheduler")


def _default_container(container: Obj) -> None:
    for port in _maps(container.get("ports")):
        port.setdefault("protocol", "TCP")
    for variable in _maps(container.get("env")):
        reference = (variable.get("valueFrom") or {}).get("fieldRef")
        if isinstance(reference, dict):
            reference.setdefault("apiVersion", "v1")
    resources = container.setdefault("resources", {})
    limits = resources.get("limits") if isinstance(resources, dict) else None
    if isinstance(limits, dict):
        requests = resources.setdefault("requests", {})
        for name, amount in limits.items():
            requests.setdefault(name, amount)
    for name in _PROBES:
        probe = container.get(name)
        if isinstance(probe, dict):
            if isinstance(probe.get("httpGet"), dict):
                probe["httpGet"].setdefault("path", "/")
                probe["httpGet"].setdefault("scheme", "HTTP")
            for field, value in (
                ("timeoutSeconds", 1),
                ("periodSeconds", 10),
                ("successThreshold", 1),
                ("failureThreshold", 3),
            ):
                probe.setdefault(field, value)
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("imagePullPolicy", _pull_policy(str(container.get("image", ""))))


def _pull_policy(image: str) -> str:
    if "@" in image:
        return "IfNotPresent"
    tag = image.rpartition("/")[2].partition(":")[2]
    return "Always" if tag in {"", "latest"} else "IfNotPresent"


def default_pod(pod: Obj, token_volume: str) -> None:
    """Complete a pod in place, admission's additions included.

    Args:
        pod: the pod.
        token_volume: name for the volume with the service account's token.
    """
    spec = pod.setdefault("spec", {})
    default_pod_spec(spec)
    spec.setdefault("serviceAccountName", "default")
    spec.setdefault("serviceAccount", spec["serviceAccountName"])
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = spec.setdefault("tolerations", [])
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(toleration.get("key") in {key, None} for toleration in _maps(tolerations)):
            tolerations.append(
                {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _TOLERATION_S}
            )
    if spec.get("automountServiceAccountToken", True):
        _mount_token(spec, token_volume)
    pod["status"] = {"phase": "Pending", "qosClass": qos_class(spec)}


def _mount_token(spec: Obj, volume: str) -> None:
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    containers = [*_maps(spec.get("initContainers")), *_maps(spec.get("containers"))]
    if any(mount.get("mountPath") == path for item in containers for mount in _maps(item.get("volumeMounts"))):
        return
    for container in containers:
        container.setdefault("volumeMounts", []).append({"name": volume, "readOnly": True, "mountPath": path})
    ca = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    field = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    sources = [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": ca},
        {"downwardAPI": {"items": [field]}},
    ]
    spec.setdefault("volumes", []).append({"name": volume, "projected": {"sources": sources, "defaultMode": 420}})


def qos_class(spec: Obj) -> str:
    """Guaranteed, Burstable or BestEffort, from the containers' requests and limits."""
    resources = [item.get("resources") or {} for item in _maps(spec.get("containers"))]
    if not any(entry.get("requests") or entry.get("limits") for entry in resources):
        return "BestEffort"
    for entry in resources:
        limits, requests = entry.get("limits") or {}, entry.get("requests") or {}
        for name in ("cpu", "memory"):
            if name not in limits or quantity(limits[name]) != quantity(requests.get(name, limits[name])):
                return "Burstable"
    return "Guaranteed"


def _maps(value: Any) -> list[Obj]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
