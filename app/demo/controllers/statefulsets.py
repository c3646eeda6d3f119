"""Keeps a StatefulSet's pods: numbered, in order, each with its claims."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

from app.demo import kinds
from app.demo.cluster import PODS, Cluster, Key
from app.demo.controllers.quotas import refusal, waiting_for_quotas
from app.demo.controllers.recorder import Recorder
from app.demo.controllers.replicasets import new_pod, owner_key
from app.demo.controllers.revisions import HASH_LABEL, current_revision, mark_of
from app.demo.objects import Obj, is_ready, is_terminating, labels_of, name_of, namespace_of
from app.demo.store import Change
from app.demo.writing.defaults import apply_defaults
from app.demo.writing.deletion import delete_pod

STATEFUL_SETS: Final = kinds.named("statefulsets.apps")
_CLAIMS: Final = kinds.named("persistentvolumeclaims")
_COMPONENT: Final = "statefulset-controller"


class StatefulSets:
    """The StatefulSet controller.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "statefulsets"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed StatefulSets and those whose pods changed."""
        if change.key == "statefulsets.apps":
            yield namespace_of(change.obj), name_of(change.obj)
        elif change.key == "pods":
            yield from owner_key(change, "StatefulSet")
        yield from waiting_for_quotas(self._cluster, change, "statefulsets.apps")

    def reconcile(self, namespace: str, name: str) -> None:
        """Create, replace or delete one pod at a time, then write the status."""
        found = self._cluster.get("statefulsets.apps", namespace, name)
        if found is None or is_terminating(found):
            return
        revision = current_revision(self._cluster, found)
        pods = {_ordinal(pod): pod for pod in self._cluster.owned_by("pods", found)}
        self._step(found, pods, revision)
        self._write(found, revision)

    def _step(self, found: Obj, pods: dict[int, Obj], revision: Obj) -> None:
        replicas = found["spec"]["replicas"]
        parallel = found["spec"].get("podManagementPolicy") == "Parallel"
        for ordinal in range(replicas):
            pod = pods.get(ordinal)
            if pod is None:
                self._create(found, ordinal, revision)
                if not parallel:
                    return
            elif (not is_ready(pod) or is_terminating(pod)) and not parallel and not _outdated(pod, revision):
                return
        surplus = sorted((ordinal for ordinal in pods if ordinal >= replicas), reverse=True)
        for ordinal in surplus:
            if not is_terminating(pods[ordinal]):
                self._delete(found, pods[ordinal])
            if not parallel:
                return
        update = found["spec"].get("updateStrategy") or {}
        if update.get("type") == "OnDelete":
            return
        partition = (update.get("rollingUpdate") or {}).get("partition", 0)
        for ordinal in sorted(pods, reverse=True):
            pod = pods[ordinal]
            if ordinal < partition or ordinal >= replicas:
                continue
            if _outdated(pod, revision):
                if not is_terminating(pod):
                    self._delete(found, pod)
                return
            if not is_ready(pod):
                return

    def _create(self, found: Obj, ordinal: int, revision: Obj) -> None:
        name = f"{name_of(found)}-{ordinal}"
        pod = new_pod(self._cluster, found, found["spec"]["template"], name)
        pod["spec"]["hostname"] = name
        if found["spec"].get("serviceName"):
            pod["spec"]["subdomain"] = found["spec"]["serviceName"]
        extra = {
            "apps.kubernetes.io/pod-index": str(ordinal),
            HASH_LABEL: mark_of(revision),
            "statefulset.kubernetes.io/pod-name": name,
        }
        pod["metadata"]["labels"] = {**labels_of(pod), **extra}
        for template in found["spec"].get("volumeClaimTemplates") or ():
            claim_name = f"{template['metadata']['name']}-{name}"
            self._claim(found, template, claim_name)
            volume = {"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim_name}}
            pod["spec"].setdefault("volumes", []).append(volume)
        if refused := refusal(self._cluster, pod):
            said = f"create Pod {name} in StatefulSet {name_of(found)} failed error: {refused}"
            self._recorder.record(found, "FailedCreate", said, _COMPONENT, warning=True)
            return
        self._cluster.save(PODS, pod)
        message = f"create Pod {name} in StatefulSet {name_of(found)} successful"
        self._recorder.record(found, "SuccessfulCreate", message, _COMPONENT)

    def _claim(self, found: Obj, template: Obj, name: str) -> None:
        if self._cluster.get("persistentvolumeclaims", namespace_of(found), name) is not None:
            return
        labels = found["spec"]["selector"].get("matchLabels") or {}
        claim: Obj = {
            "kind": "PersistentVolumeClaim",
            "apiVersion": "v1",
            "metadata": {"name": name, "namespace": namespace_of(found), "labels": dict(labels)},
            "spec": copy.deepcopy(template.get("spec") or {}),
        }
        apply_defaults("PersistentVolumeClaim", claim)
        self._cluster.save(_CLAIMS, claim)
        message = f"create Claim {name} Pod {name_of(found)} in StatefulSet {name_of(found)} success"
        self._recorder.record(found, "SuccessfulCreate", message, _COMPONENT)

    def _delete(self, found: Obj, pod: Obj) -> None:
        delete_pod(self._cluster, pod)
        message = f"delete Pod {name_of(pod)} in StatefulSet {name_of(found)} successful"
        self._recorder.record(found, "SuccessfulDelete", message, _COMPONENT)

    def _write(self, found: Obj, revision: Obj) -> None:
        pods = [pod for pod in self._cluster.owned_by("pods", found) if not is_terminating(pod)]
        updated = [pod for pod in pods if not _outdated(pod, revision)]
        ready = sum(is_ready(pod) for pod in pods)
        changed = copy.deepcopy(found)
        before = found.get("status") or {}
        done = len(updated) == found["spec"]["replicas"] and all(is_ready(pod) for pod in updated)
        current = name_of(revision) if done else before.get("currentRevision", name_of(revision))
        status: Obj = {"observedGeneration": found["metadata"].get("generation", 1), "replicas": len(pods)}
        if ready:
            status["readyReplicas"] = ready
        old = len(pods) if done else len(pods) - len(updated)
        if old:
            status["currentReplicas"] = old
        if updated:
            status["updatedReplicas"] = len(updated)
        status["currentRevision"] = current
        status["updateRevision"] = name_of(revision)
        status["collisionCount"] = 0
        status["availableReplicas"] = ready
        changed["status"] = status
        self._cluster.save(STATEFUL_SETS, changed, subresource="status")


def _ordinal(pod: Obj) -> int:
    text = name_of(pod).rpartition("-")[2]
    return int(text) if text.isdigit() else -1


def _outdated(pod: Obj, revision: Obj) -> bool:
    return labels_of(pod).get(HASH_LABEL) != mark_of(revision)
