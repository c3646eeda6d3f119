"""What the API server fills in where an object says nothing, kind by kind.

Runs before validation, so it must bear with values of the wrong type and leave them for the checks to name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from app.demo.objects import Obj, encoded
from app.demo.writing.pod_defaults import default_pod_template


def apply_defaults(kind: str, obj: Obj) -> None:
    """Complete an object in place.

    Args:
        kind: its kind; unknown kinds stay as they are.
        obj: the object.
    """
    defaulter = _DEFAULTS.get(kind)
    if defaulter is not None:
        spec = obj.get("spec")
        defaulter(obj, spec if isinstance(spec, dict) else {})


def _deployment(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    spec.setdefault("replicas", 1)
    default_pod_template(spec.setdefault("template", {}))
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        if isinstance(rolling, dict):
            rolling.setdefault("maxUnavailable", "25%")
            rolling.setdefault("maxSurge", "25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    obj.setdefault("status", {})


def _replica_set(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    spec.setdefault("replicas", 1)
    default_pod_template(spec.setdefault("template", {}))
    obj.setdefault("status", {"replicas": 0})


def _stateful_set(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    spec.setdefault("replicas", 1)
    default_pod_template(spec.setdefault("template", {}))
    spec.setdefault("serviceName", "")
    spec.setdefault("podManagementPolicy", "OrderedReady")
    update = spec.setdefault("updateStrategy", {})
    update.setdefault("type", "RollingUpdate")
    if update["type"] == "RollingUpdate":
        update.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("persistentVolumeClaimRetentionPolicy", {"whenDeleted": "Retain", "whenScaled": "Retain"})
    for claim in spec.get("volumeClaimTemplates") or ():
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("kind", "PersistentVolumeClaim")
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        claim.setdefault("status", {"phase": "Pending"})
    obj.setdefault("status", {"replicas": 0, "availableReplicas": 0})


def _daemon_set(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    default_pod_template(spec.setdefault("template", {}))
    update = spec.setdefault("updateStrategy", {})
    update.setdefault("type", "RollingUpdate")
    if update["type"] == "RollingUpdate":
        rolling = update.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)
    spec.setdefault("revisionHistoryLimit", 10)
    zeros = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
    obj.setdefault("status", dict.fromkeys(zeros, 0))


def _job(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("manualSelector", False)
    default_pod_template(spec.setdefault("template", {}))
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("podReplacementPolicy", "TerminatingOrFailed")
    obj.setdefault("status", {})


def _cron_job(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    default_pod_template(template.setdefault("spec", {}).setdefault("template", {}))
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    obj.setdefault("status", {})


def _service(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    for port in _maps(spec.get("ports")):
        port.setdefault("protocol", "TCP")
        if spec.get("type") != "ExternalName":
            port.setdefault("targetPort", port.get("port"))
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["type"] != "ExternalName":
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] in {"NodePort", "LoadBalancer"}:
        spec.setdefault("externalTrafficPolicy", "Cluster")
    obj.setdefault("status", {"loadBalancer": {}})


def _namespace(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    labels = obj["metadata"].get("labels") or {}
    if isinstance(labels, dict):
        obj["metadata"]["labels"] = {**labels, "kubernetes.io/metadata.name": obj["metadata"].get("name", "")}
    spec.setdefault("finalizers", ["kubernetes"])
    obj.setdefault("status", {"phase": "Active"})


def _secret(obj: Obj, _: Obj) -> None:
    plain = obj.pop("stringData", None)
    if isinstance(plain, dict):
        data = obj.get("data")
        obj["data"] = {**(data or {}), **{key: encoded(str(value)) for key, value in plain.items()}}
    obj.setdefault("type", "Opaque")


def _claim(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    spec.setdefault("volumeMode", "Filesystem")
    if spec.get("storageClassName") is None:
        spec["storageClassName"] = "standard"
    finalizers = obj["metadata"].setdefault("finalizers", [])
    if not finalizers:
        finalizers.append("kubernetes.io/pvc-protection")
    obj.setdefault("status", {"phase": "Pending"})


def _volume(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    spec.setdefault("volumeMode", "Filesystem")
    obj.setdefault("status", {"phase": "Available"})


def _autoscaler(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    spec.setdefault("minReplicas", 1)
    target = {"type": "Utilization", "averageUtilization": 80}
    spec.setdefault("metrics", [{"type": "Resource", "resource": {"name": "cpu", "target": target}}])
    obj.setdefault("status", {"desiredReplicas": 0, "currentMetrics": None})


def _ingress(obj: Obj, _: Obj) -> None:
    obj.setdefault("status", {"loadBalancer": {}})


def _budget(obj: Obj, _: Obj) -> None:
    obj.setdefault("status", {"disruptionsAllowed": 0, "currentHealthy": 0, "desiredHealthy": 0, "expectedPods": 0})


def _network_policy(obj: Obj, spec: Obj) -> None:
    obj["spec"] = spec
    spec.setdefault("podSelector", {})
    if "policyTypes" not in spec:
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _binding(obj: Obj, _: Obj) -> None:
    reference = obj.get("roleRef")
    if isinstance(reference, dict) and not reference.get("apiGroup"):
        reference["apiGroup"] = "rbac.authorization.k8s.io"
    for subject in _maps(obj.get("subjects")):
        if subject.get("kind") in {"User", "Group"}:
            subject.setdefault("apiGroup", "rbac.authorization.k8s.io")


def _storage_class(obj: Obj, _: Obj) -> None:
    obj.setdefault("reclaimPolicy", "Delete")
    obj.setdefault("volumeBindingMode", "Immediate")


def _maps(value: Any) -> list[Obj]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


_DEFAULTS: Final[dict[str, Callable[[Obj, Obj], None]]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _cron_job,
    "Service": _service,
    "Namespace": _namespace,
    "Secret": _secret,
    "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume,
    "HorizontalPodAutoscaler": _autoscaler,
    "Ingress": _ingress,
    "PodDisruptionBudget": _budget,
    "NetworkPolicy": _network_policy,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "StorageClass": _storage_class,
}
