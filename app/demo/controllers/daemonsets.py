"""Keeps one pod of a DaemonSet on every node that takes it."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

from app.demo import kinds
from app.demo.clock import stamp
from app.demo.cluster import PODS, Cluster, Key
from app.demo.controllers.deployments import resolved
from app.demo.controllers.quotas import refusal, told, waiting_for_quotas
from app.demo.controllers.recorder import Recorder
from app.demo.controllers.replicasets import new_pod, owner_key
from app.demo.controllers.revisions import HASH_LABEL, current_revision, mark_of
from app.demo.objects import Obj, is_ready, is_terminating, labels_of, name_of, namespace_of
from app.demo.store import Change
from app.demo.writing.deletion import delete_pod

DAEMON_SETS: Final = kinds.named("daemonsets.apps")
_COMPONENT: Final = "daemonset-controller"
_TOLERATED: Final = (
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
)


class DaemonSets:
    """The DaemonSet controller.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "daemonsets"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed DaemonSets, those whose pods changed, and all when nodes come, go or get other labels."""
        if change.key == "daemonsets.apps":
            yield namespace_of(change.obj), name_of(change.obj)
        elif change.key == "pods":
            yield from owner_key(change, "DaemonSet")
        elif change.key == "resourcequotas":
            yield from waiting_for_quotas(self._cluster, change, "daemonsets.apps")
        elif change.key == "nodes" and (change.before is None or labels_of(change.before) != labels_of(change.obj)):
            for found in self._cluster.store.all("daemonsets.apps"):
                yield namespace_of(found), name_of(found)

    def reconcile(self, namespace: str, name: str) -> None:
        """Create, replace or delete pods, then write the status."""
        found = self._cluster.get("daemonsets.apps", namespace, name)
        if found is None or is_terminating(found):
            return
        revision = current_revision(self._cluster, found)
        by_node = {pod["spec"]["nodeName"]: pod for pod in self._cluster.owned_by("pods", found)}
        wanted = [name_of(node) for node in self._cluster.store.all("nodes") if _takes(node, found)]
        for node in wanted:
            if node not in by_node:
                self._create(found, node, revision)
        for node, pod in by_node.items():
            if node not in wanted and not is_terminating(pod):
                self._delete(found, pod)
        self._roll(found, [by_node[node] for node in wanted if node in by_node], revision, len(wanted))
        self._write(found, wanted, revision)

    def _create(self, found: Obj, node: str, revision: Obj) -> None:
        pod = new_pod(self._cluster, found, found["spec"]["template"])
        pod["metadata"]["labels"] = {
            **labels_of(pod),
            HASH_LABEL: mark_of(revision),
            "pod-template-generation": str(found["metadata"].get("generation", 1)),
        }
        tolerations = [entry for entry in pod["spec"].get("tolerations") or () if "tolerationSeconds" not in entry]
        known = {(entry.get("key"), entry.get("effect")) for entry in tolerations}
        tolerations += [
            {"key": key, "operator": "Exists", "effect": effect}
            for key, effect in _TOLERATED
            if (key, effect) not in known
        ]
        field = {"key": "metadata.name", "operator": "In", "values": [node]}
        terms = {"nodeSelectorTerms": [{"matchFields": [field]}]}
        pod["spec"]["affinity"] = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}
        pod["spec"]["tolerations"] = tolerations
        # Its affinity leaves the scheduler no choice, so it is placed here.
        pod["spec"]["nodeName"] = node
        pod["status"]["conditions"] = [
            {
                "type": "PodScheduled",
                "status": "True",
                "lastProbeTime": None,
                "lastTransitionTime": stamp(self._cluster.now),
            }
        ]
        if message := refusal(self._cluster, pod):
            told(self._recorder, found, message, _COMPONENT)
            return
        made = self._cluster.save(PODS, pod)
        self._recorder.record(found, "SuccessfulCreate", f"Created pod: {name_of(made)}", _COMPONENT)
        message = f"Successfully assigned {namespace_of(made)}/{name_of(made)} to {node}"
        self._recorder.record(made, "Scheduled", message, "default-scheduler")

    def _delete(self, found: Obj, pod: Obj) -> None:
        delete_pod(self._cluster, pod)
        self._recorder.record(found, "SuccessfulDelete", f"Deleted pod: {name_of(pod)}", _COMPONENT)

    def _roll(self, found: Obj, pods: list[Obj], revision: Obj, wanted: int) -> None:
        update = found["spec"].get("updateStrategy") or {}
        if update.get("type") == "OnDelete":
            return
        limit = resolved((update.get("rollingUpdate") or {}).get("maxUnavailable", 1), wanted, up=True)
        away = sum(not is_ready(pod) or is_terminating(pod) for pod in pods) + wanted - len(pods)
        for pod in pods:
            if labels_of(pod).get(HASH_LABEL) == mark_of(revision) or is_terminating(pod):
                continue
            if is_ready(pod):
                if away >= limit:
                    continue
                away += 1
            self._delete(found, pod)

    def _write(self, found: Obj, wanted: list[str], revision: Obj) -> None:
        pods = [pod for pod in self._cluster.owned_by("pods", found) if not is_terminating(pod)]
        ready = sum(is_ready(pod) for pod in pods)
        current = sum(labels_of(pod).get(HASH_LABEL) == mark_of(revision) for pod in pods)
        changed = copy.deepcopy(found)
        status: Obj = {
            "currentNumberScheduled": len(pods),
            "numberMisscheduled": 0,
            "desiredNumberScheduled": len(wanted),
            "numberReady": ready,
            "observedGeneration": found["metadata"].get("generation", 1),
        }
        if current:
            status["updatedNumberScheduled"] = current
        if ready:
            status["numberAvailable"] = ready
        if len(wanted) - ready:
            status["numberUnavailable"] = len(wanted) - ready
        changed["status"] = status
        self._cluster.save(DAEMON_SETS, changed, subresource="status")


def _takes(node: Obj, found: Obj) -> bool:
    spec = found["spec"]["template"].get("spec") or {}
    wanted = spec.get("nodeSelector") or {}
    if any(labels_of(node).get(key) != value for key, value in wanted.items()):
        return False
    keys = {entry.get("key") for entry in spec.get("tolerations") or ()} | {key for key, _ in _TOLERATED}
    everything = any(
        not entry.get("key") and entry.get("operator") == "Exists" for entry in spec.get("tolerations") or ()
    )
    return everything or all(
        entry["key"] in keys for entry in node["spec"].get("taints") or () if entry["effect"] != "PreferNoSchedule"
    )
