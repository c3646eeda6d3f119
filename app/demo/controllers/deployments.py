"""Rolls a Deployment's pods from one template to the next, as fast as its strategy allows.

The arithmetic is that of k8s.io/kubernetes/pkg/controller/deployment: surge rounded up, unavailability rounded down,
unhealthy old pods first.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from app.demo import kinds
from app.demo.clock import moment_of, stamp
from app.demo.cluster import Cluster, Key
from app.demo.controllers.recorder import Recorder
from app.demo.controllers.replicasets import REPLICA_SETS, owner_key
from app.demo.objects import (
    Obj,
    annotations_of,
    condition,
    is_terminating,
    name_of,
    namespace_of,
    owner_reference,
    short_hash,
)
from app.demo.store import Change

DEPLOYMENTS: Final = kinds.named("deployments.apps")
REVISION: Final = "deployment.kubernetes.io/revision"
HISTORY: Final = "deployment.kubernetes.io/revision-history"
DESIRED: Final = "deployment.kubernetes.io/desired-replicas"
MAXIMUM: Final = "deployment.kubernetes.io/max-replicas"
HASH_LABEL: Final = "pod-template-hash"
_NOT_COPIED: Final = frozenset({
    "kubectl.kubernetes.io/last-applied-configuration", REVISION, HISTORY, DESIRED, MAXIMUM,
})  # fmt: skip
_COMPONENT: Final = "deployment-controller"


def resolved(value: Any, total: int, *, up: bool) -> int:
    """A count, or a percentage of a total.

    Args:
        value: such as 2 or "25%".
        total: what a percentage is of.
        up: round up in place of down.
    """
    if isinstance(value, str) and value.endswith("%"):
        share = int(value[:-1]) * total / 100
        return math.ceil(share) if up else math.floor(share)
    return int(value or 0)


def bounds(deployment: Obj) -> tuple[int, int]:
    """How many pods more than asked for there may be, and how many fewer available."""
    rolling = deployment["spec"].get("strategy", {}).get("rollingUpdate") or {}
    if deployment["spec"].get("strategy", {}).get("type") == "Recreate":
        return 0, deployment["spec"]["replicas"]
    replicas = deployment["spec"]["replicas"]
    surge = resolved(rolling.get("maxSurge", "25%"), replicas, up=True)
    unavailable = resolved(rolling.get("maxUnavailable", "25%"), replicas, up=False)
    return (surge, unavailable) if surge or unavailable else (0, 1)


def template_of(replica_set: Obj) -> Obj:
    """A ReplicaSet's template without the label that tells it apart."""
    template: Obj = copy.deepcopy(replica_set["spec"]["template"])
    template.get("metadata", {}).get("labels", {}).pop(HASH_LABEL, None)
    return template


class Deployments:
    """The Deployment controller.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "deployments"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed Deployments, those whose ReplicaSets changed, and those that wait for old pods to go."""
        if change.key == "deployments.apps":
            yield namespace_of(change.obj), name_of(change.obj)
        elif change.key == "replicasets.apps":
            yield from owner_key(change, "Deployment")
        elif change.key == "pods" and change.type == "DELETED":
            for namespace, name in owner_key(change, "ReplicaSet"):
                owner = self._cluster.get("replicasets.apps", namespace, name)
                if owner is not None:
                    yield from owner_key(Change(0, "MODIFIED", "", owner, None), "Deployment")

    def reconcile(self, namespace: str, name: str) -> None:
        """Take the next step of a rollout, then write the status."""
        deployment = self._cluster.get("deployments.apps", namespace, name)
        if deployment is None or is_terminating(deployment):
            return
        owned = self._cluster.owned_by("replicasets.apps", deployment)
        wanted = deployment["spec"]["template"]
        new = next((entry for entry in owned if template_of(entry) == wanted), None)
        old = sorted((entry for entry in owned if entry is not new), key=_revision)
        created = False
        if not deployment["spec"].get("paused"):
            if deployment["spec"].get("strategy", {}).get("type") == "Recreate" and self._stop_old(deployment, old):
                self._write_status(deployment, new, old, created=False)
                return
            new, created = self._newest(deployment, new, old)
            deployment = self._cluster.get("deployments.apps", namespace, name) or deployment
            if not self._grow(deployment, new, old):
                self._shrink(deployment, new, old)
            self._clean_up(deployment, old)
        elif new is not None and not any(entry["spec"]["replicas"] for entry in old):
            self._resize(deployment, new, deployment["spec"]["replicas"])
        owned = self._cluster.owned_by("replicasets.apps", deployment)
        new = next((entry for entry in owned if template_of(entry) == wanted), None)
        self._write_status(deployment, new, [entry for entry in owned if entry is not new], created=created)

    def _stop_old(self, deployment: Obj, old: list[Obj]) -> bool:
        for entry in old:
            if entry["spec"]["replicas"]:
                self._resize(deployment, entry, 0)
        return any(self._cluster.owned_by("pods", entry) for entry in old)

    def _newest(self, deployment: Obj, new: Obj | None, old: list[Obj]) -> tuple[Obj, bool]:
        latest = max((_revision(entry) for entry in old), default=0)
        revision = str(max(latest + 1, _revision(new) if new else 1))
        created = new is None
        if new is None:
            made = self._made(deployment, revision)
            new = self._cluster.save(REPLICA_SETS, made)
            count = new["spec"]["replicas"]
            if count:
                message = f"Scaled up replica set {name_of(new)} from 0 to {count}"
                self._recorder.record(deployment, "ScalingReplicaSet", message, _COMPONENT)
        else:
            changed = copy.deepcopy(new)
            notes = changed["metadata"].setdefault("annotations", {})
            before = notes.get(REVISION)
            if before != revision:
                if before:
                    notes[HISTORY] = ",".join(filter(None, [notes.get(HISTORY), before]))
                notes[REVISION] = revision
            notes.update(_copied(deployment))
            new = self._cluster.save(REPLICA_SETS, changed)
        if annotations_of(deployment).get(REVISION) != revision:
            noted = copy.deepcopy(deployment)
            noted["metadata"].setdefault("annotations", {})[REVISION] = revision
            self._cluster.save(DEPLOYMENTS, noted)
        return new, created

    def _made(self, deployment: Obj, revision: str) -> Obj:
        template = copy.deepcopy(deployment["spec"]["template"])
        mark = short_hash(template)
        taken = {name_of(entry) for entry in self._cluster.owned_by("replicasets.apps", deployment)}
        while f"{name_of(deployment)}-{mark}" in taken:
            mark = short_hash([template, mark])
        labels = {**(template.get("metadata", {}).get("labels") or {}), HASH_LABEL: mark}
        template["metadata"]["labels"] = labels
        selector = copy.deepcopy(deployment["spec"]["selector"])
        selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH_LABEL: mark}
        surge, _ = bounds(deployment)
        replicas = deployment["spec"]["replicas"]
        others = sum(entry["spec"]["replicas"] for entry in self._cluster.owned_by("replicasets.apps", deployment))
        count = max(0, min(replicas, replicas + surge - others))
        notes = {REVISION: revision, DESIRED: str(replicas), MAXIMUM: str(replicas + surge), **_copied(deployment)}
        return {
            "kind": "ReplicaSet",
            "apiVersion": "apps/v1",
            "metadata": {
                "name": f"{name_of(deployment)}-{mark}",
                "namespace": namespace_of(deployment),
                "labels": labels,
                "annotations": notes,
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {"replicas": count, "selector": selector, "template": template},
            "status": {"replicas": 0},
        }

    def _grow(self, deployment: Obj, new: Obj, old: list[Obj]) -> bool:
        replicas = deployment["spec"]["replicas"]
        current = new["spec"]["replicas"]
        if current == replicas:
            return False
        if current > replicas:
            return self._resize(deployment, new, replicas)
        surge, _ = bounds(deployment)
        total = current + sum(entry["spec"]["replicas"] for entry in old)
        room = replicas + surge - total
        return room > 0 and self._resize(deployment, new, min(replicas, current + room))

    def _shrink(self, deployment: Obj, new: Obj, old: list[Obj]) -> None:
        live = [entry for entry in old if entry["spec"]["replicas"]]
        if not live:
            return
        _, unavailable = bounds(deployment)
        least = deployment["spec"]["replicas"] - unavailable
        total = new["spec"]["replicas"] + sum(entry["spec"]["replicas"] for entry in live)
        waiting = new["spec"]["replicas"] - _available(new)
        room = total - least - waiting
        sizes = {name_of(entry): entry["spec"]["replicas"] for entry in live}
        for entry in live:  # those that serve nobody go first
            unhealthy = entry["spec"]["replicas"] - _available(entry)
            drop = max(0, min(room, unhealthy))
            sizes[name_of(entry)] -= drop
            room -= drop
        spare = _available(new) + sum(_available(entry) for entry in live) - least
        for entry in live:
            drop = max(0, min(spare, room, sizes[name_of(entry)]))
            sizes[name_of(entry)] -= drop
            spare -= drop
            room -= drop
        for entry in live:
            self._resize(deployment, entry, sizes[name_of(entry)])

    def _resize(self, deployment: Obj, replica_set: Obj, count: int) -> bool:
        before = replica_set["spec"]["replicas"]
        if before == count:
            return False
        changed = copy.deepcopy(replica_set)
        changed["spec"]["replicas"] = count
        surge, _ = bounds(deployment)
        replicas = deployment["spec"]["replicas"]
        notes = changed["metadata"].setdefault("annotations", {})
        notes[DESIRED], notes[MAXIMUM] = str(replicas), str(replicas + surge)
        self._cluster.save(REPLICA_SETS, changed)
        way = "up" if count > before else "down"
        message = f"Scaled {way} replica set {name_of(replica_set)} from {before} to {count}"
        self._recorder.record(deployment, "ScalingReplicaSet", message, _COMPONENT)
        return True

    def _clean_up(self, deployment: Obj, old: list[Obj]) -> None:
        limit = deployment["spec"].get("revisionHistoryLimit", 10)
        idle = [entry for entry in old if not entry["spec"]["replicas"] and not entry.get("status", {}).get("replicas")]
        for entry in idle[: max(0, len(idle) - limit)]:
            self._cluster.store.remove("replicasets.apps", namespace_of(entry), name_of(entry))

    def _write_status(self, found: Obj, new: Obj | None, old: list[Obj], *, created: bool) -> None:
        deployment = copy.deepcopy(found)
        replicas = deployment["spec"]["replicas"]
        every = [*([new] if new else []), *old]
        counts = {
            "replicas": sum(entry.get("status", {}).get("replicas", 0) for entry in every),
            "updatedReplicas": new.get("status", {}).get("replicas", 0) if new else 0,
            "readyReplicas": sum(entry.get("status", {}).get("readyReplicas", 0) for entry in every),
            "availableReplicas": sum(_available(entry) for entry in every),
        }
        counts["unavailableReplicas"] = max(
            0, sum(entry["spec"]["replicas"] for entry in every) - counts["availableReplicas"]
        )
        before = found.get("status") or {}
        status: Obj = {"observedGeneration": found["metadata"].get("generation", 1)}
        status.update({field: count for field, count in counts.items() if count})
        _, unavailable = bounds(deployment)
        enough = counts["availableReplicas"] >= replicas - unavailable
        status["conditions"] = copy.deepcopy(before.get("conditions") or [])
        deployment["status"] = status
        if enough:
            self._note(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        else:
            lacking = "Deployment does not have minimum availability."
            self._note(status, "Available", "False", "MinimumReplicasUnavailable", lacking)
        refused = next((failed for entry in every if (failed := condition(entry, "ReplicaFailure"))), None)
        if refused is None:
            status["conditions"] = [each for each in status["conditions"] if each["type"] != "ReplicaFailure"]
        else:
            self._note(status, "ReplicaFailure", "True", refused["reason"], refused["message"])
        self._progress(deployment, before, counts, new, created=created)
        self._cluster.save(DEPLOYMENTS, deployment, subresource="status")

    def _progress(
        self, deployment: Obj, before: Obj, counts: dict[str, int], new: Obj | None, *, created: bool
    ) -> None:
        status, replicas = deployment["status"], deployment["spec"]["replicas"]
        earlier = condition({"status": before}, "Progressing")
        subject = f'ReplicaSet "{name_of(new)}"' if new else f'Deployment "{name_of(deployment)}"'
        if deployment["spec"].get("paused"):
            self._note(status, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
            return
        complete = (
            counts["updatedReplicas"] == replicas
            and counts["replicas"] == replicas
            and counts["availableReplicas"] == replicas
        )
        if complete:
            message = f"{subject} has successfully progressed."
            self._note(status, "Progressing", "True", "NewReplicaSetAvailable", message)
            return
        moved = (
            earlier is None
            or any(
                counts[field] > before.get(field, 0)
                for field in ("updatedReplicas", "readyReplicas", "availableReplicas")
            )
            or counts["replicas"] - counts["updatedReplicas"]
            < before.get("replicas", 0) - before.get("updatedReplicas", 0)
        )
        if created:
            self._note(
                status,
                "Progressing",
                "True",
                "NewReplicaSetCreated",
                f'Created new replica set "{name_of(new)}"' if new else "",
                renew=True,
            )
        elif moved:
            self._note(status, "Progressing", "True", "ReplicaSetUpdated", f"{subject} is progressing.", renew=True)
        elif earlier is not None and earlier["reason"] not in {"ProgressDeadlineExceeded", "NewReplicaSetAvailable"}:
            limit = moment_of(earlier["lastUpdateTime"]) + timedelta(
                seconds=deployment["spec"].get("progressDeadlineSeconds", 600)
            )
            if self._cluster.now >= limit:
                message = f"{subject} has timed out progressing."
                self._note(status, "Progressing", "False", "ProgressDeadlineExceeded", message)
                return
        latest = condition(deployment, "Progressing")
        if latest is not None and latest["status"] == "True" and latest["reason"] != "NewReplicaSetAvailable":
            due = moment_of(latest["lastUpdateTime"]) + timedelta(
                seconds=deployment["spec"].get("progressDeadlineSeconds", 600) + 1
            )
            left = (due - self._cluster.now).total_seconds()
            key = f"deployments-deadline/{namespace_of(deployment)}/{name_of(deployment)}"
            self._cluster.agenda.cancel(key)
            self._cluster.after(max(left, 1), key, self, namespace_of(deployment), name_of(deployment))

    def _note(self, status: Obj, kind: str, value: str, reason: str, message: str, *, renew: bool = False) -> None:
        now = stamp(self._cluster.now)
        earlier = condition({"status": status}, kind)
        same = earlier is not None and earlier["status"] == value and earlier["reason"] == reason
        if earlier is not None and same and not (renew and earlier["lastUpdateTime"] != now):
            earlier["message"] = message
            return
        entry = {
            "type": kind,
            "status": value,
            "lastUpdateTime": now,
            "lastTransitionTime": earlier["lastTransitionTime"] if earlier and earlier["status"] == value else now,
            "reason": reason,
            "message": message,
        }
        kept = [other for other in status["conditions"] if other["type"] != kind]
        status["conditions"] = sorted([*kept, entry], key=lambda other: other["type"])


def _available(replica_set: Obj) -> int:
    return int(replica_set.get("status", {}).get("availableReplicas", 0))


def _revision(replica_set: Obj) -> int:
    return int(annotations_of(replica_set).get(REVISION, "0"))


def _copied(deployment: Obj) -> dict[str, str]:
    return {key: value for key, value in annotations_of(deployment).items() if key not in _NOT_COPIED}
