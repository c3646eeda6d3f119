"""How objects go: gracefully, by force, after their dependents, or once their finalizers are done."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Final

from app.demo.clock import stamp
from app.demo.cluster import PODS, Cluster
from app.demo.kinds import Kind
from app.demo.objects import Obj, is_terminating, name_of, namespace_of

FOREGROUND: Final = "foregroundDeletion"
ORPHAN: Final = "orphan"


def marked(cluster: Cluster, kind: Kind, obj: Obj, grace_s: int) -> Obj:
    """A copy of an object that says when it will be gone."""
    going = copy.deepcopy(obj)
    metadata = going["metadata"]
    metadata["deletionTimestamp"] = stamp(cluster.now + timedelta(seconds=grace_s))
    if kind.kind != "Namespace":
        metadata["deletionGracePeriodSeconds"] = grace_s
    if kind.generation:
        metadata["generation"] = metadata.get("generation", 1) + 1
    return going


def delete_pod(cluster: Cluster, pod: Obj, grace_s: int | None = None) -> Obj:
    """Begin or finish a pod's deletion.

    Args:
        cluster: where it lives.
        pod: the pod.
        grace_s: seconds it may take; its own setting when None, 0 removes it at once.

    Returns:
        the pod as it is now, or as it was last.
    """
    if grace_s is None:
        grace_s = int(pod["spec"].get("terminationGracePeriodSeconds", 30))
    # What runs on no node, or no longer runs, needs no time to end.
    if not pod["spec"].get("nodeName") or pod.get("status", {}).get("phase") in {"Succeeded", "Failed"}:
        grace_s = 0
    if is_terminating(pod) and grace_s >= pod["metadata"].get("deletionGracePeriodSeconds", 0) > 0:
        return pod
    if grace_s == 0:
        return remove(cluster, PODS, marked(cluster, PODS, pod, 0))
    return cluster.store.put("pods", marked(cluster, PODS, pod, grace_s))


def remove(cluster: Cluster, kind: Kind, obj: Obj) -> Obj:
    """Remove an object, or only mark it while it has finalizers.

    Returns:
        its last state, or the marked one.
    """
    if obj["metadata"].get("finalizers"):
        if is_terminating(obj):
            stored = cluster.store.get(kind.key, namespace_of(obj), name_of(obj))
            if stored is not None and is_terminating(stored):
                return stored
        else:
            obj = marked(cluster, kind, obj, 0)
        return cluster.store.put(kind.key, obj)
    gone = cluster.store.remove(kind.key, namespace_of(obj), name_of(obj), obj)
    return gone if gone is not None else obj
