"""Watches over numbers of pods: disruption budgets, and autoscalers that keep a workload within its bounds."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from typing import Final

from app.demo import kinds
from app.demo.clock import micro_stamp, stamp
from app.demo.cluster import Cluster, Key
from app.demo.controllers.deployments import resolved
from app.demo.controllers.recorder import Recorder
from app.demo.objects import Obj, condition, is_ready, is_terminating, labels_of, name_of, namespace_of
from app.demo.quantities import quantity
from app.demo.selectors import selector_test
from app.demo.store import Change
from app.demo.usage import pod_usage

BUDGETS: Final = kinds.named("poddisruptionbudgets.policy")
AUTOSCALERS: Final = kinds.named("horizontalpodautoscalers.autoscaling")
_SYNC_S: Final = 15  # kube-controller-manager's --horizontal-pod-autoscaler-sync-period
_RESOURCES: Final = {
    "Deployment": "deployments.apps",
    "StatefulSet": "statefulsets.apps",
    "ReplicaSet": "replicasets.apps",
}


class Budgets:
    """The disruption controller.

    Args:
        cluster: where it works.
    """

    name = "budgets"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed budgets and those that a changed pod counts for."""
        if change.key == "poddisruptionbudgets.policy":
            yield namespace_of(change.obj), name_of(change.obj)
        elif change.key == "pods":
            for budget in self._cluster.store.all("poddisruptionbudgets.policy", namespace_of(change.obj)):
                if selector_test(budget["spec"].get("selector"))(labels_of(change.obj)):
                    yield namespace_of(budget), name_of(budget)

    def reconcile(self, namespace: str, name: str) -> None:
        """Count healthy pods and what may go."""
        found = self._cluster.get("poddisruptionbudgets.policy", namespace, name)
        if found is None:
            return
        fits = selector_test(found["spec"].get("selector"))
        pods = [pod for pod in self._cluster.store.all("pods", namespace) if fits(labels_of(pod))]
        healthy = sum(is_ready(pod) and not is_terminating(pod) for pod in pods)
        expected = self._expected(pods)
        spec = found["spec"]
        if spec.get("maxUnavailable") is not None:
            desired = max(0, expected - resolved(spec["maxUnavailable"], expected, up=True))
        else:
            desired = resolved(spec.get("minAvailable", 1), expected, up=True)
        allowed = max(0, healthy - desired)
        budget = copy.deepcopy(found)
        earlier = condition(found, "DisruptionAllowed")
        value = "True" if allowed else "False"
        same = earlier is not None and earlier["status"] == value
        since = earlier["lastTransitionTime"] if earlier and same else stamp(self._cluster.now)
        generation = found["metadata"].get("generation", 1)
        entry = {
            "type": "DisruptionAllowed",
            "status": value,
            "observedGeneration": generation,
            "lastTransitionTime": since,
            "reason": "SufficientPods" if allowed else "InsufficientPods",
            "message": "",
        }
        budget["status"] = {
            "observedGeneration": generation,
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": desired,
            "expectedPods": expected,
            "conditions": [entry],
        }
        self._cluster.save(BUDGETS, budget, subresource="status")

    def _expected(self, pods: list[Obj]) -> int:
        # What the owners want, not what happens to be there.
        owners: dict[str, int] = {}
        for pod in pods:
            for owner in pod["metadata"].get("ownerReferences") or ():
                resource = _RESOURCES.get(owner["kind"])
                found = self._cluster.get(resource, namespace_of(pod), owner["name"]) if resource else None
                owners[owner["uid"]] = found["spec"].get("replicas", 1) if found else 1
        return sum(owners.values()) if owners else len(pods)


class Autoscalers:
    """The horizontal pod autoscaler.

    It reports usage and brings a workload back within its bounds; the demo's usage never asks for another number of
    replicas by itself.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "autoscalers"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed autoscalers; the clock does the rest."""
        if change.key == "horizontalpodautoscalers.autoscaling":
            before = (change.before or {}).get("spec")
            if before != change.obj["spec"]:
                yield namespace_of(change.obj), name_of(change.obj)

    def reconcile(self, namespace: str, name: str) -> None:
        """Measure, correct the number of replicas, and come back."""
        found = self._cluster.get("horizontalpodautoscalers.autoscaling", namespace, name)
        if found is None:
            return
        self._cluster.soon(self, namespace, name, _SYNC_S)
        reference = found["spec"]["scaleTargetRef"]
        resource = _RESOURCES.get(reference["kind"], "")
        target = self._cluster.get(resource, namespace, reference["name"]) if resource else None
        scaler = copy.deepcopy(found)
        if target is None:
            missing = f'{reference["kind"].lower()}s.apps "{reference["name"]}" not found'
            message = f"the HPA controller was unable to get the target's current scale: {missing}"
            self._conditions(scaler, [("AbleToScale", "False", "FailedGetScale", message)])
            scaler["status"]["desiredReplicas"] = 0
            self._cluster.save(AUTOSCALERS, scaler, subresource="status")
            return
        current = target["spec"].get("replicas", 1)
        desired = min(max(current, found["spec"].get("minReplicas", 1)), found["spec"]["maxReplicas"]) if current else 0
        if desired != current:
            changed = copy.deepcopy(target)
            changed["spec"]["replicas"] = desired
            self._cluster.save(kinds.named(resource), changed, subresource="scale")
            bound = (
                "All metrics below target" if desired < current else "Current number of replicas below Spec.MinReplicas"
            )
            message = f"New size: {desired}; reason: {bound}"
            self._recorder.record(found, "SuccessfulRescale", message, "horizontal-pod-autoscaler")
        self._measure(scaler, target, current, desired)
        self._cluster.save(AUTOSCALERS, scaler, subresource="status")

    def _measure(self, scaler: Obj, target: Obj, current: int, desired: int) -> None:
        status = scaler.setdefault("status", {})
        status.update({"currentReplicas": current, "desiredReplicas": desired})
        limited = "True" if desired != current else "False"
        reasons = {True: "TooManyReplicas", False: "TooFewReplicas"}
        why = reasons[desired < current] if desired != current else "DesiredWithinRange"
        usage = self._usage(target)
        ready = ("ReadyForNewScale", "recommended size matches current size")
        active = (
            "ValidMetricFound",
            (
                "the HPA was able to successfully calculate a replica count from cpu resource utilization "
                "(percentage of request)"
            ),
        )
        entries = [
            ("AbleToScale", "True", *ready),
            (
                "ScalingActive",
                "True" if usage else "False",
                *(active if usage else ("FailedGetResourceMetric", "no metrics returned")),
            ),
            (
                "ScalingLimited",
                limited,
                why,
                "the desired count is within the acceptable range"
                if limited == "False"
                else "the desired replica count was out of the acceptable range",
            ),
        ]
        self._conditions(scaler, entries)
        if usage is None:
            status["currentMetrics"] = None
            return
        percent, millicores = usage
        measured = {"averageUtilization": percent, "averageValue": f"{millicores}m"}
        status["currentMetrics"] = [{"type": "Resource", "resource": {"name": "cpu", "current": measured}}]

    def _usage(self, target: Obj) -> tuple[int, int] | None:
        fits = selector_test(target["spec"]["selector"])
        used, asked, count = 0, 0, 0
        for pod in self._cluster.store.all("pods", namespace_of(target)):
            measured = pod_usage(pod, self._cluster.now) if fits(labels_of(pod)) else None
            if measured is None:
                continue
            count += 1
            used += sum(cpu for _, cpu, _ in measured)
            for container in pod["spec"]["containers"]:
                requests = (container.get("resources") or {}).get("requests") or {}
                asked += int(quantity(requests.get("cpu", "0")) * 1000)
        if not count or not asked:
            return None
        return math.floor(used * 100 / asked), used // count

    def _conditions(self, scaler: Obj, entries: list[tuple[str, str, str, str]]) -> None:
        status = scaler.setdefault("status", {})
        made = []
        for kind, value, reason, message in entries:
            earlier = condition(scaler, kind)
            same = earlier is not None and earlier["status"] == value
            since = earlier["lastTransitionTime"] if earlier and same else stamp(self._cluster.now)
            made.append(
                {"type": kind, "status": value, "lastTransitionTime": since, "reason": reason, "message": message}
            )
        status["conditions"] = made


class Heartbeats:
    """Nodes that keep saying they are alive.

    Args:
        cluster: where they are.
    """

    name = "heartbeats"

    _PERIOD_S: Final = 30

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        cluster.soon(self, "", "all", self._PERIOD_S)

    def affected(self, change: Change) -> Iterable[Key]:
        """Nothing: the clock drives it."""
        return ()

    def reconcile(self, namespace: str, name: str) -> None:
        """Renew every node's lease and the times of its conditions."""
        leases = kinds.named("leases.coordination.k8s.io")
        nodes = kinds.named("nodes")
        now = self._cluster.now
        for node in self._cluster.store.all("nodes"):
            lease = self._cluster.get("leases.coordination.k8s.io", "kube-node-lease", name_of(node))
            if lease is not None:
                renewed = copy.deepcopy(lease)
                renewed["spec"]["renewTime"] = micro_stamp(now)
                self._cluster.save(leases, renewed, "kubelet")
            if int(now.timestamp()) // self._PERIOD_S % 10 == 0:  # the kubelet reports every five minutes
                beating = copy.deepcopy(node)
                for entry in beating["status"]["conditions"]:
                    entry["lastHeartbeatTime"] = stamp(now)
                self._cluster.save(nodes, beating, "kubelet", "status")
        self._cluster.soon(self, namespace, name, self._PERIOD_S)
