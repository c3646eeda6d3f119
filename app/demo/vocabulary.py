"""The names of the demo clusters as the language service is told names: for words that are tried without a stack."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from app.demo.clock import SteppedClock
from app.demo.cluster import Cluster
from app.demo.kubeconfig import CLUSTERS
from app.demo.objects import Obj, name_of, namespace_of
from app.demo.world import make_cluster

_KINDS: Final = (
    "pods",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "services",
    "configmaps",
    "secrets",
    "serviceaccounts",
    "horizontalpodautoscalers.autoscaling",
    "cronjobs.batch",
    "jobs.batch",
    "persistentvolumeclaims",
    "ingresses.networking.k8s.io",
    "nodes",
)
_WORKLOADS: Final = ("deployments.apps", "statefulsets.apps", "daemonsets.apps")
_AN_HOUR: Final = datetime(2026, 1, 1, tzinfo=UTC)  # names do not depend on it


def demo_vocabulary() -> dict[str, Any]:
    """What the gateway would send of the first demo cluster: namespaces and names, selectors and replicas by kind."""
    cluster = make_cluster(CLUSTERS[0], SteppedClock(_AN_HOUR))
    return {
        "clusters": sorted(CLUSTERS),
        "namespaces": sorted(name_of(one) for one in cluster.store.all("namespaces")),
        "objects": {_plural(key): found for key in _KINDS if (found := _names(cluster, key))},
        "selectors": _each(cluster, _selector),
        "replicas": _each(cluster, lambda one: one["spec"].get("replicas")),
    }


def _plural(key: str) -> str:
    return key.partition(".")[0]


def _names(cluster: Cluster, key: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in cluster.store.all(key):
        found.setdefault(namespace_of(one), []).append(name_of(one))
    return {namespace: sorted(names) for namespace, names in sorted(found.items())}


def _selector(one: Obj) -> str | None:
    labels = one["spec"]["selector"]["matchLabels"]
    return None if labels == {"app": name_of(one)} else ",".join(f"{key}={value}" for key, value in labels.items())


def _each(cluster: Cluster, of: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """Something of each workload that has it: kind -> namespace -> name -> value."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for key in _WORKLOADS:
        for one in cluster.store.all(key):
            value = of(one)
            if value is not None:
                found.setdefault(_plural(key), {}).setdefault(namespace_of(one), {})[name_of(one)] = value
    return found
