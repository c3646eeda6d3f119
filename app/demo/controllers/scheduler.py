"""Places pods on nodes that have room, and says why when none has."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from app.demo.clock import stamp
from app.demo.cluster import PODS, Cluster, Key
from app.demo.controllers.recorder import Recorder
from app.demo.objects import Obj, dig, is_terminating, labels_of, name_of, namespace_of
from app.demo.quantities import pod_requests, quantity
from app.demo.store import Change

_RETRY_S: Final = 300  # the scheduler's own flush of unschedulable pods
_COMPONENT: Final = "default-scheduler"


class Scheduler:
    """The scheduler.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "scheduler"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """New pods; after a node's change or a pod's end, all that wait."""
        if change.key == "pods" and change.type == "ADDED":
            if not change.obj["spec"].get("nodeName"):
                yield namespace_of(change.obj), name_of(change.obj)
        elif (
            (change.key == "pods" and change.type == "DELETED")
            or (change.key == "nodes" and (change.before is None or change.before["spec"] != change.obj["spec"]))
            or (change.key == "persistentvolumeclaims" and change.obj.get("status", {}).get("phase") == "Bound")
        ):
            yield from self._waiting()

    def _waiting(self) -> Iterable[Key]:
        for pod in self._cluster.store.all("pods"):
            if not pod["spec"].get("nodeName") and not is_terminating(pod):
                yield namespace_of(pod), name_of(pod)

    def reconcile(self, namespace: str, name: str) -> None:
        """Bind a pod to the node with most room."""
        pod = self._cluster.get("pods", namespace, name)
        if pod is None or pod["spec"].get("nodeName") or is_terminating(pod):
            return
        missing = self._missing_claim(pod)
        nodes = self._cluster.store.all("nodes")
        reasons: Counter[str] = Counter()
        fitting: list[tuple[Decimal, str]] = []
        if missing is None:
            for node in nodes:
                reason, room = self._room(pod, node)
                if reason:
                    reasons[reason] += 1
                else:
                    fitting.append((room, name_of(node)))
        if fitting:
            self._bind(pod, max(fitting)[1])
            return
        count = len(nodes)
        if missing is not None:
            message = f"0/{count} nodes are available: {missing}"
        else:
            listed = ", ".join(sorted(f"{number} {reason}" for reason, number in reasons.items()))
            message = f"0/{count} nodes are available: {listed}."
        message += _preemption(reasons, count)
        self._wait(pod, message)

    def _missing_claim(self, pod: Obj) -> str | None:
        for volume in pod["spec"].get("volumes") or ():
            claim_name = dig(volume, "persistentVolumeClaim", "claimName")
            if claim_name:
                claim = self._cluster.get("persistentvolumeclaims", namespace_of(pod), claim_name)
                if claim is None:
                    return f'persistentvolumeclaim "{claim_name}" not found.'
                if claim.get("status", {}).get("phase") != "Bound":
                    return "pod has unbound immediate PersistentVolumeClaims."
        return None

    def _room(self, pod: Obj, node: Obj) -> tuple[str, Decimal]:
        tolerations = pod["spec"].get("tolerations") or ()
        if node["spec"].get("unschedulable") and not _tolerated(
            "node.kubernetes.io/unschedulable", "NoSchedule", tolerations
        ):
            return "node(s) were unschedulable", Decimal(0)
        for taint in node["spec"].get("taints") or ():
            if taint["effect"] != "PreferNoSchedule" and not _tolerated(taint["key"], taint["effect"], tolerations):
                value = f": {taint['value']}" if taint.get("value") else ": "
                return f"node(s) had untolerated taint {{{taint['key']}{value}}}", Decimal(0)
        wanted = pod["spec"].get("nodeSelector") or {}
        if any(labels_of(node).get(key) != value for key, value in wanted.items()):
            return "node(s) didn't match Pod's node affinity/selector", Decimal(0)
        free = {name: quantity(amount) for name, amount in node["status"]["allocatable"].items()}
        count = 0
        for other in self._cluster.store.all("pods"):
            running = other.get("status", {}).get("phase") not in {"Succeeded", "Failed"}
            if running and other["spec"].get("nodeName") == name_of(node):
                count += 1
                for name, amount in pod_requests(other).items():
                    free[name] = free.get(name, Decimal(0)) - amount
        if count >= free.get("pods", Decimal(110)):
            return "Too many pods", Decimal(0)
        for name, amount in pod_requests(pod).items():
            if amount > free.get(name, Decimal(0)):
                return f"Insufficient {name}", Decimal(0)
        return "", free["cpu"] - count / Decimal(20)

    def _bind(self, found: Obj, node: str) -> None:
        pod = copy.deepcopy(found)
        pod["spec"]["nodeName"] = node
        now = stamp(self._cluster.now)
        pod.setdefault("status", {})["conditions"] = [
            {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now}
        ]
        # A binding does not change spec for clients, so the generation stays.
        generation = found["metadata"].get("generation", 1)
        saved = self._cluster.save(PODS, pod, "kube-scheduler", "binding")
        saved["metadata"]["generation"] = generation
        message = f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {node}"
        self._recorder.record(pod, "Scheduled", message, _COMPONENT)

    def _wait(self, found: Obj, message: str) -> None:
        pod = copy.deepcopy(found)
        entry = {
            "type": "PodScheduled",
            "status": "False",
            "lastProbeTime": None,
            "lastTransitionTime": stamp(self._cluster.now),
            "reason": "Unschedulable",
            "message": message,
        }
        conditions = dig(found, "status", "conditions", default=[])
        earlier = next((known for known in conditions if known["type"] == entry["type"]), None)
        if earlier and earlier.get("reason") == "Unschedulable":
            entry["lastTransitionTime"] = earlier["lastTransitionTime"]
        others = [known for known in conditions if known["type"] != entry["type"]]
        pod.setdefault("status", {})["conditions"] = [*others, entry]
        self._cluster.save(PODS, pod, "kube-scheduler", "status")
        self._recorder.record(pod, "FailedScheduling", message, _COMPONENT, warning=True)
        self._cluster.soon(self, namespace_of(pod), name_of(pod), _RETRY_S)


def _tolerated(key: str, effect: str, tolerations: Iterable[Obj]) -> bool:
    for entry in tolerations:
        if entry.get("effect") not in {None, "", effect}:
            continue
        if (not entry.get("key") and entry.get("operator") == "Exists") or entry.get("key") == key:
            return True
    return False


def _preemption(reasons: Counter[str], count: int) -> str:
    lacking = sum(number for reason, number in reasons.items() if reason.startswith("Insufficient"))
    parts = []
    if lacking:
        parts.append(f"{lacking} No preemption victims found for incoming pod")
    if count - lacking:
        parts.append(f"{count - lacking} Preemption is not helpful for scheduling")
    return f" preemption: 0/{count} nodes are available: {', '.join(parts)}."
