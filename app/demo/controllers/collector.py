"""Removes what has lost its owner, and finishes deletions that wait for dependents."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

from app.demo import kinds
from app.demo.cluster import Cluster, Key
from app.demo.custom.definitions import kinds_of
from app.demo.kinds import Kind
from app.demo.objects import Obj, is_terminating, name_of, namespace_of
from app.demo.store import Change
from app.demo.writing.deletion import FOREGROUND, delete_pod, remove

OWNABLE: Final = tuple(
    kinds.named(resource)
    for resource in (
        "deployments.apps", "replicasets.apps", "statefulsets.apps", "daemonsets.apps", "jobs.batch", "cronjobs.batch",
        "pods", "controllerrevisions.apps", "endpointslices.discovery.k8s.io", "configmaps", "secrets", "services",
        "persistentvolumeclaims",
    )
)  # fmt: skip


def delete_any(cluster: Cluster, kind: Kind, obj: Obj) -> None:
    """Begin the deletion of an object of any kind."""
    if is_terminating(obj) and kind.kind != "Pod":
        return
    if kind.kind == "Pod":
        delete_pod(cluster, obj)
    else:
        remove(cluster, kind, obj)


class Collector:
    """The garbage collector.

    Args:
        cluster: where it works.
    """

    name = "collector"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def affected(self, change: Change) -> Iterable[Key]:
        """Owners that went, owners that wait for their dependents, and those whose dependents went."""
        uid = change.obj["metadata"]["uid"]
        namespace = namespace_of(change.obj)
        if change.type == "DELETED":
            if change.key != "events":
                yield namespace, f"gone:{uid}"
            for owner in change.obj["metadata"].get("ownerReferences") or ():
                yield namespace, f"waiting:{owner['uid']}"
        elif FOREGROUND in (change.obj["metadata"].get("finalizers") or ()) and is_terminating(change.obj):
            yield namespace, f"waiting:{uid}"

    def reconcile(self, namespace: str, name: str) -> None:
        """Delete the dependents of an owner that is gone, or let one go that waited for them."""
        what, _, uid = name.partition(":")
        dependents = [
            (kind, obj)
            for kind in OWNABLE
            for obj in self._cluster.store.all(kind.key, namespace)
            if any(owner["uid"] == uid for owner in obj["metadata"].get("ownerReferences") or ())
        ]
        if what == "gone":
            for kind, obj in dependents:
                delete_any(self._cluster, kind, obj)
            return
        owner = next(
            (
                (kind, obj)
                for kind in OWNABLE
                for obj in self._cluster.store.all(kind.key, namespace)
                if obj["metadata"]["uid"] == uid
            ),
            None,
        )
        if owner is None or FOREGROUND not in (owner[1]["metadata"].get("finalizers") or ()):
            return
        if dependents:
            for kind, obj in dependents:
                self._delete_in_front(kind, obj)
            return
        kind, found = owner
        released = copy.deepcopy(found)
        released["metadata"]["finalizers"] = [
            entry for entry in released["metadata"]["finalizers"] if entry != FOREGROUND
        ]
        self._cluster.store.put(kind.key, released)
        if not released["metadata"]["finalizers"]:
            self._cluster.store.remove(kind.key, namespace, name_of(released))

    def _delete_in_front(self, kind: Kind, obj: Obj) -> None:
        """Delete a dependent so that its own dependents go first too."""
        if is_terminating(obj):
            return
        if kind.kind in {"ReplicaSet", "Job"}:
            marked = copy.deepcopy(obj)
            marked["metadata"].setdefault("finalizers", []).append(FOREGROUND)
            remove(self._cluster, kind, marked)
        else:
            delete_any(self._cluster, kind, obj)


class Namespaces:
    """The namespace controller: empties namespaces that are being deleted, and furnishes new ones.

    Args:
        cluster: where it works.
    """

    name = "namespaces"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed namespaces, and terminating ones in which something went."""
        if change.key == "namespaces":
            yield "", name_of(change.obj)
        elif change.type == "DELETED" and namespace_of(change.obj):
            owner = self._cluster.get("namespaces", "", namespace_of(change.obj))
            if owner is not None and is_terminating(owner):
                yield "", name_of(owner)

    def reconcile(self, namespace: str, name: str) -> None:
        """Delete what is in a terminating namespace, and the namespace once it is empty."""
        found = self._cluster.get("namespaces", "", name)
        if found is None:
            return
        if not is_terminating(found):
            self._furnish(name)
            return
        left = 0
        for kind in (*kinds.ALL, *kinds_of(self._cluster.store)):
            if not kind.namespaced or kind.stored or kind.group == "metrics.k8s.io":
                continue
            for obj in self._cluster.store.all(kind.key, name):
                delete_any(self._cluster, kind, obj)
            left += len(self._cluster.store.all(kind.key, name))
        if left:
            self._cluster.soon(self, namespace, name, 2.0)
        else:
            self._cluster.store.remove("namespaces", "", name)

    def _furnish(self, name: str) -> None:
        if self._cluster.get("serviceaccounts", name, "default") is None:
            metadata = {"name": "default", "namespace": name}
            made: Obj = {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": metadata}
            self._cluster.save(kinds.named("serviceaccounts"), made)
