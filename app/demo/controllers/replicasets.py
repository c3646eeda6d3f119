"""Keeps as many pods as a ReplicaSet asks for. Which ReplicaSet asks for how many is the deployments' business."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

from app.demo import kinds
from app.demo.cluster import PODS, Cluster, Key
from app.demo.controllers.quotas import failure, refusal, told, waiting_for_quotas
from app.demo.controllers.recorder import Recorder
from app.demo.objects import (
    Obj,
    condition,
    controller_of,
    is_ready,
    is_terminating,
    name_of,
    namespace_of,
    owner_reference,
)
from app.demo.selectors import selector_test
from app.demo.store import Change
from app.demo.writing.deletion import delete_pod
from app.demo.writing.pod_defaults import default_pod

REPLICA_SETS: Final = kinds.named("replicasets.apps")
_COMPONENT: Final = "replicaset-controller"
_GONE: Final = frozenset({"Succeeded", "Failed"})


def new_pod(cluster: Cluster, owner: Obj, template: Obj, name: str = "") -> Obj:
    """A pod from a template, complete but not stored.

    Args:
        cluster: where it will live.
        owner: its controller.
        template: the pod template.
        name: its name; generated from the owner's when empty.
    """
    made = copy.deepcopy(template)
    metadata: Obj = {"name": name or f"{name_of(owner)}-{cluster.ids.suffix()}"}
    if not name:
        metadata["generateName"] = f"{name_of(owner)}-"
    metadata["namespace"] = namespace_of(owner)
    for field in ("labels", "annotations"):
        if made.get("metadata", {}).get(field):
            metadata[field] = made["metadata"][field]
    metadata["ownerReferences"] = [owner_reference(owner)]
    pod: Obj = {"kind": "Pod", "apiVersion": "v1", "metadata": metadata, "spec": made.get("spec") or {}}
    default_pod(pod, f"kube-api-access-{cluster.ids.suffix()}")
    return pod


def owner_key(change: Change, kind: str) -> Iterable[Key]:
    """The controller of a changed object, if it is of a kind."""
    owner = controller_of(change.obj)
    if owner is not None and owner["kind"] == kind:
        yield namespace_of(change.obj), owner["name"]


class ReplicaSets:
    """The ReplicaSet controller.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "replicasets"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed ReplicaSets and those whose pods changed."""
        if change.key == "replicasets.apps":
            yield namespace_of(change.obj), name_of(change.obj)
        elif change.key == "pods":
            yield from owner_key(change, "ReplicaSet")
        yield from waiting_for_quotas(self._cluster, change, "replicasets.apps")

    def reconcile(self, namespace: str, name: str) -> None:
        """Create or delete pods, then write the status."""
        found = self._cluster.get("replicasets.apps", namespace, name)
        if found is None:
            return
        pods = [pod for pod in self._pods(found) if pod.get("status", {}).get("phase") not in _GONE]
        active = [pod for pod in pods if not is_terminating(pod)]
        refused = ""
        if not is_terminating(found):
            refused = self._scale(found, active)
            active = [pod for pod in self._pods(found) if not is_terminating(pod)]
            active = [pod for pod in active if pod.get("status", {}).get("phase") not in _GONE]
        replica_set = copy.deepcopy(found)
        labels = found["spec"]["template"].get("metadata", {}).get("labels") or {}
        status: Obj = {"replicas": len(active)}
        fits = selector_test({"matchLabels": labels})
        counts = {
            "fullyLabeledReplicas": sum(fits(pod["metadata"].get("labels") or {}) for pod in active),
            "readyReplicas": sum(is_ready(pod) for pod in active),
            "availableReplicas": sum(is_ready(pod) for pod in active),
        }
        status.update({field: count for field, count in counts.items() if count})
        if conditions := failure(self._cluster, found, refused):
            status["conditions"] = conditions
        status["observedGeneration"] = found["metadata"].get("generation", 1)
        replica_set["status"] = status
        self._cluster.save(REPLICA_SETS, replica_set, subresource="status")

    def _pods(self, replica_set: Obj) -> list[Obj]:
        return self._cluster.owned_by("pods", replica_set)

    def _scale(self, replica_set: Obj, active: list[Obj]) -> str:
        """Make and remove pods; why one could not be made, empty where all could."""
        missing = replica_set["spec"].get("replicas", 1) - len(active)
        for _ in range(missing):
            pod = new_pod(self._cluster, replica_set, replica_set["spec"]["template"])
            if message := refusal(self._cluster, pod):
                told(self._recorder, replica_set, message, _COMPONENT)
                return message
            made = self._cluster.save(PODS, pod)
            self._recorder.record(replica_set, "SuccessfulCreate", f"Created pod: {name_of(made)}", _COMPONENT)
        for pod in sorted(active, key=_deletion_rank)[: max(0, -missing)]:
            delete_pod(self._cluster, pod)
            self._recorder.record(replica_set, "SuccessfulDelete", f"Deleted pod: {name_of(pod)}", _COMPONENT)
        return ""


def _deletion_rank(pod: Obj) -> tuple[bool, bool, bool, float, str]:
    """Who goes first: not placed, not running, not ready, then the youngest (controller_utils.go, ActivePods)."""
    ready = condition(pod, "Ready") or {}
    created = pod["metadata"]["creationTimestamp"]
    # Later is younger, so the digits of the time are turned round.
    youth = -float("".join(character for character in created if character.isdigit()))
    return (
        bool(pod["spec"].get("nodeName")),
        pod.get("status", {}).get("phase") == "Running",
        ready.get("status") == "True",
        youth,
        name_of(pod),
    )
