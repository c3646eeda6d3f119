"""In which order the recordings are replayed, and what the controllers had written between them.

Each scenario is a cluster of its own. A word is a recording; the other steps put what it needs into the store.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from app.demo.objects import Obj
from tests.support.recorded_cluster import RecordedCluster
from tests.support.recordings import recording

Step = str | Callable[[RecordedCluster], None]


def seed(*names: str, only: str = "", leave_out: str = "") -> Step:
    """Put the objects of recordings into the store."""

    def wanted(obj: Obj) -> bool:
        name = obj["metadata"]["name"]
        return (not only or name == only) and name != leave_out

    def step(cluster: RecordedCluster) -> None:
        for name in names:
            cluster.seed(name, wanted)

    return step


def adopt(name: str, version: int = 0) -> Step:
    """What the controllers had written before a change, and the version that it left."""
    return lambda cluster: cluster.adopt(name, version)


def evicted(cluster: RecordedCluster) -> None:
    """The pod of the evictions, of which there is no recording: one of its siblings under its name."""
    pod = next(obj for obj in recording("pods-list").objects if obj["metadata"]["name"] == "web-876d54669-vbvk2")
    cluster.put({**pod, "metadata": {**pod["metadata"], "name": "web-86d7b4bdf8-bfdln", "resourceVersion": "424"}})


def allow_disruption(cluster: RecordedCluster) -> None:
    """The budget once its controller allows one pod less."""
    budget = recording("pdb-get").objects[0]
    status = {**budget["status"], "disruptionsAllowed": 1, "desiredHealthy": 1}
    cluster.put({**budget, "status": status, "metadata": {**budget["metadata"], "resourceVersion": "427"}})


def delete(resource: str, name: str) -> Step:
    """What the controllers or other requests had removed."""

    def step(cluster: RecordedCluster) -> None:
        cluster.cluster.store.remove(resource, "rec", name)

    return step


def compact(cluster: RecordedCluster) -> None:
    """The server forgets what was before."""
    cluster.cluster.store._version = 588
    cluster.cluster.store.forget_all()


def widget(cluster: RecordedCluster) -> None:
    """The widget that was there before the first recorded one."""
    obj = copy.deepcopy(recording("crs-list").objects[0])
    obj["metadata"] |= {"generation": 1, "resourceVersion": "535"}
    obj["spec"]["size"] = 3
    cluster.put(obj)


def meanwhile(version: int) -> Step:
    """Others wrote, up to this version."""

    def step(cluster: RecordedCluster) -> None:
        cluster.cluster.store._version = version

    return step


EVERYTHING = seed(
    "pods-list",
    "deployments-list",
    "replicasets-list",
    "services-list",
    "endpointslices-list",
    "endpoints-get-with-deprecation-warning",
    "events-list",
)
DISCOVERY: list[Step] = [
    "version", "healthz", "readyz-verbose", "api", "apis", "api-aggregated-discovery", "apis-aggregated-discovery",
    "api-v1-resources", "apis-apiextensions.k8s.io-v1-resources", "apis-apps-v1-resources",
    "apis-authorization.k8s.io-v1-resources", "apis-autoscaling-v2-resources", "apis-batch-v1-resources",
    "apis-discovery.k8s.io-v1-resources", "apis-events.k8s.io-v1-resources", "apis-networking.k8s.io-v1-resources",
    "apis-policy-v1-resources", "apis-rbac.authorization.k8s.io-v1-resources", "apis-storage.k8s.io-v1-resources",
    "discovery-unknown-group-404", "openapi-v3-index",
]  # fmt: skip
NODES: list[Step] = [
    seed("namespaces-list", leave_out="rec"), seed("nodes-list"),
    "namespace-create",
    seed("namespaces-list", only="rec"),
    "namespace-get", "namespaces-list", "namespaces-table", "node-get", "nodes-list", "nodes-table",
    "node-cordon-patch", "nodes-table-cordoned", "node-uncordon-patch",
]  # fmt: skip
NEW: list[Step] = ["deployment-create", "service-create"]
READS: list[Step] = [
    EVERYTHING,
    "pods-list", "pods-table", "pods-table-no-object", "pods-table-full-object-first", "pods-table-fallback-accept",
    "pods-partial-metadata-list", "pods-list-label-selector", "pods-list-field-selector", "pods-list-all-namespaces",
    "pods-list-bad-field-selector-400", "pods-list-bad-label-selector-400",
    "pod-get", "pod-get-table", "pod-partial-metadata",
    "deployments-list", "deployments-table", "deployment-get", "deployment-get-table",
    "replicasets-list", "replicasets-table", "replicaset-get", "replicaset-get-table",
    "services-list", "services-table", "service-get", "service-get-table",
    "events-list", "events-table", "events-k8s-io-list", "events-of-one-pod", "event-get",
    "endpointslices-list", "endpoints-get-with-deprecation-warning",
]  # fmt: skip
CHANGES: list[Step] = [
    "patch-label-merge", "patch-label-remove-merge",
    "patch-annotate-strategic", "patch-json-patch", "patch-json-patch-test-fails-422",
    "patch-dry-run", "patch-dry-run-invalid-422", "patch-wrong-content-type-415", "patch-stale-resource-version-409",
    "create-unknown-field-strict-400", "create-unknown-field-warn",
    "apply-create", "apply-same-again", "apply-conflict-409", "apply-force", "apply-no-field-manager-422",
    "apply-dry-run", "apply-yaml-deployment",
    "deployment-put", "deployment-put-stale-409",
    "scale-get", "scale-patch",
    adopt("rollout-restart-patch", 344), "scale-put", "scale-put-stale-409", "scale-table",
    adopt("rollout-restart-patch"), "rollout-restart-patch",
    seed("replicasets-after-restart-list"), "replicasets-after-restart-list",
    adopt("deployment-pause-patch"), "deployment-pause-patch",
    adopt("deployment-resume-patch"), "deployment-resume-patch",
]  # fmt: skip
REFUSALS: list[Step] = [
    "error-401-bad-token", "error-403-anonymous", "error-403-impersonated-list", "error-403-impersonated-get-secret",
    "error-403-impersonated-patch", "error-403-impersonated-cluster-scope", "error-403-impersonation-itself",
    "error-404-path", "error-404-pod", "error-404-namespace", "error-405-method", "error-406-accept",
    "error-409-exists", "error-422-invalid", "error-422-immutable-pod", "error-400-not-json",
    "error-400-kind-mismatch", "error-400-namespace-mismatch", "error-403-terminating-kube-system-delete",
]  # fmt: skip
RIGHTS: list[Step] = [
    seed("clusterrolebinding-get"), "clusterrolebinding-get",
    "self-subject-review-whoami", "ssar-admin-allowed", "ssar-nobody-denied", "ssar-subresource",
    "ssar-viewer-allowed", "ssar-viewer-denied", "subject-access-review", "ssrr-admin", "ssrr-nobody", "ssrr-viewer",
    "viewer-list-pods-200", "viewer-list-secrets-403",
]  # fmt: skip
REMOVALS: list[Step] = [
    evicted, seed("pdb-get"), "pdb-get", "eviction-404", "eviction-429-pdb",
    "pod-log-unknown-container-400", "pod-log-no-kubelet-500", "pod-exec-get-no-upgrade-400",
    allow_disruption, "eviction-create",
    "pod-delete-dry-run", "pod-delete-precondition-409", "pod-delete-graceful", "pod-delete-force",
    "configmap-delete", "deployment-delete-background",
    adopt("deployment-delete-foreground"), "deployment-delete-foreground",
]  # fmt: skip
KINDS: list[Step] = [
    seed(
        "configmaps-list", "secrets-list", "serviceaccounts-list", "persistentvolumeclaims-list",
        "controllerrevisions-list", "daemonsets-list", "statefulsets-list", "jobs-list", "cronjobs-list",
        "horizontalpodautoscalers-list", "ingresses-list",
    ),
    *(
        f"{kind}-{form}" for kind in (
            "configmaps", "secrets", "serviceaccounts", "persistentvolumeclaims", "controllerrevisions", "daemonsets",
            "statefulsets", "jobs", "cronjobs", "horizontalpodautoscalers", "ingresses",
        ) for form in ("list", "table")
    ),
    "statefulset-scale-get", "componentstatuses-warning", "clusterroles-table-limit",
]  # fmt: skip
CUSTOM: list[Step] = [
    "crd-create", "crd-resources", widget, "cr-create-422", "cr-create", "cr-merge-patch", "cr-strategic-patch-415",
    "cr-scale-get", "crs-list", "crs-table", "cr-delete-finalizer", "cr-get-terminating", "cr-remove-finalizer",
]  # fmt: skip
PAGES: list[Step] = [
    seed("page-1-limit", "page-2-continue"),
    "watch-send-initial-events", "watch-from-zero",
    "page-1-limit", "page-1-table", "page-2-continue", "page-bad-continue-400",
    "watch-bad-rv-500", "watch-rv-too-large-504",
    compact,
    "list-exact-old-rv-410", "page-expired-continue-410", "page-after-expiry-inconsistent-continue",
    meanwhile(595), "watch-too-old-error-event", "watch-too-old-error-event-table",
    "deletecollection", "namespace-delete", "namespace-get-terminating", "namespace-terminating-create-403",
]  # fmt: skip
WATCHES: list[Step] = ["watch-pods", "watch-deployments", "watch-pods-table"]

SCENARIO: list[Step] = [
    *DISCOVERY, *NODES, *WATCHES, *NEW, *READS, *CHANGES, *REFUSALS, *RIGHTS, *REMOVALS, *KINDS, *CUSTOM, *PAGES
]  # fmt: skip
# What was written while a watch was open: the objects of its own lines, or of another watch's.
HAPPENING = {"watch-pods": "watch-pods", "watch-pods-table": "watch-pods", "watch-deployments": "watch-deployments"}
