"""Objects of the shapes that clusters give, for tests of what a diagnosis makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.diagnosis.findings import AuditedChange
from app.domain.diagnosis.snapshot import Snapshot

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
Obj = dict[str, Any]


def ago(seconds: float) -> str:
    """A timestamp in the past."""
    return (NOW - timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")


def snapshot(
    kinds: Mapping[str, Iterable[Obj]],
    *,
    gaps: Mapping[str, str] | None = None,
    logs: Mapping[tuple[str, str, str], str] | None = None,
    changes: tuple[AuditedChange, ...] = (),
    namespace: str = "shop",
) -> Snapshot:
    """What was read: these objects, and of all other kinds that there is none."""
    everything = (
        "pods events deployments replicasets statefulsets daemonsets jobs cronjobs services ingresses networkpolicies"
        " persistentvolumeclaims horizontalpodautoscalers poddisruptionbudgets resourcequotas configmaps secrets"
        " serviceaccounts nodes persistentvolumes storageclasses ingressclasses validatingwebhookconfigurations"
        " mutatingwebhookconfigurations httproutes gateways gatewayclasses"
    )
    found = {plural: tuple(kinds.get(plural, ())) for plural in everything.split()}
    found["usage"] = tuple(kinds.get("usage", ()))
    found["placed"] = tuple(kinds.get("placed", found["pods"]))
    return Snapshot("prod-eu", namespace, NOW, found, gaps or {}, logs or {}, changes)


def meta(name: str, owner: Obj | None = None, *, namespace: str = "shop", age_s: float = 600, **more: Any) -> Obj:
    """An object's metadata."""
    found: Obj = {"name": name, "namespace": namespace, "creationTimestamp": ago(age_s), **more}
    if owner is not None:
        reference = {"kind": owner["kind"], "name": owner["metadata"]["name"], "controller": True}
        found["ownerReferences"] = [reference]
    return found


def deployment(name: str = "web", *, available: int = 0, **spec: Any) -> Obj:
    """A deployment of one replica."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": "nginx:1.27"}]}}
    return {
        "kind": "Deployment",
        "metadata": meta(name),
        "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template, **spec},
        "status": {"availableReplicas": available, "updatedReplicas": available},
    }


def replica_set(owner: Obj, revision: int = 1, image: str = "nginx:1.27", *, age_s: float = 600, **more: Any) -> Obj:
    """A revision of a deployment."""
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    template = {"spec": {"containers": [{"name": "main", "image": image}]}}
    name = f"{owner['metadata']['name']}-rs{revision}"
    return {
        "kind": "ReplicaSet",
        "metadata": meta(name, owner, age_s=age_s, annotations=annotations),
        "spec": {"template": template},
        **more,
    }


def pod(
    name: str = "web-1",
    owner: Obj | None = None,
    *,
    ready: bool = False,
    container: Mapping[str, Any] | None = None,
    status: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    **spec: Any,
) -> Obj:
    """A pod of one container.

    Args:
        name: its name.
        owner: what made it.
        ready: whether it is.
        container: more fields of the container.
        status: more fields of the container's status, or of the pod's where they are in capitals: see the callers.
        labels: its labels.
        spec: more fields of its spec.
    """
    main = {"name": "main", "image": "nginx:1.27", **(container or {})}
    return {
        "kind": "Pod",
        "metadata": meta(name, owner, labels=dict(labels or {"app": "web"})),
        "spec": {"nodeName": "node-a", "containers": [main], **spec},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [{"name": "main", "ready": ready, "restartCount": 0, **(status or {})}],
        },
    }


def crashed(exit_code: int = 1, reason: str = "Error", restarts: int = 7, **more: Any) -> Obj:
    """The status of a container that ends again and again."""
    ended = {"exitCode": exit_code, "reason": reason, "finishedAt": ago(60)}
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 5m0s restarting failed container"}
    return {"restartCount": restarts, "state": {"waiting": waiting}, "lastState": {"terminated": ended}, **more}


def unpulled(message: str, reason: str = "ImagePullBackOff") -> Obj:
    """The status of a container whose image is not there."""
    return {"state": {"waiting": {"reason": reason, "message": message}}}


def unplaced(
    name: str = "web-1",
    owner: Obj | None = None,
    reason: str = "Unschedulable",
    message: str = "0/1 nodes are available",
    **spec: Any,
) -> Obj:
    """A pod that no node takes."""
    found = pod(name, owner, **{"nodeName": "", **spec})
    condition = {"type": "PodScheduled", "status": "False", "reason": reason, "message": message}
    return {**found, "status": {"phase": "Pending", "conditions": [condition]}}


def node(name: str = "node-a", *, cpu: str = "4", ready: str = "True", **spec: Any) -> Obj:
    """A node."""
    labels = {"kubernetes.io/hostname": name, "disk": "ssd"}
    return {
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
        "status": {
            "allocatable": {"cpu": cpu, "memory": "16Gi", "pods": "110"},
            "conditions": [{"type": "Ready", "status": ready, "lastTransitionTime": ago(300)}],
        },
    }


def service(name: str = "web", selector: Mapping[str, str] | None = None, **spec: Any) -> Obj:
    """A service."""
    return {"kind": "Service", "metadata": meta(name), "spec": {"selector": dict(selector or {"app": "web"}), **spec}}


def event(about: Obj, reason: str, message: str, age_s: float = 60) -> Obj:
    """A warning about an object."""
    metadata = about["metadata"]
    involved = {"kind": about["kind"], "name": metadata["name"], "namespace": metadata.get("namespace", "")}
    return {
        "kind": "Event",
        "metadata": {"name": f"{metadata['name']}.{reason}", "namespace": metadata.get("namespace", "")},
        "type": "Warning",
        "reason": reason,
        "message": message,
        "involvedObject": involved,
        "lastTimestamp": ago(age_s),
    }
