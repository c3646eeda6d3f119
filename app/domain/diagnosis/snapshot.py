"""What was read of a cluster at one moment, and how its objects hang together. Asks nobody and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from app.domain.commands.reading.ages import human, moment
from app.domain.diagnosis.findings import AuditedChange, Ref
from app.domain.diagnosis.shapes import Obj, items, labels, mapping, name_of, namespace_of, selects, text

T = TypeVar("T")
_PLURALS = {
    "Deployment": "deployments",
    "ReplicaSet": "replicasets",
    "StatefulSet": "statefulsets",
    "DaemonSet": "daemonsets",
    "Job": "jobs",
    "CronJob": "cronjobs",
    "ReplicationController": "replicationcontrollers",
}
WORKLOADS = ("deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs")
NEW_S = 90.0  # an image is pulled and a probe passed by then, or something is in the way
_LONGEST_CHAIN = 4  # pod, job, cron job, and one more that somebody's operator puts above


@dataclass(frozen=True)
class Snapshot:
    """What was read.

    Attributes:
        cluster: where.
        namespace: of which namespace, empty for all.
        now: when.
        kinds: the objects by the plural of their kind; `placed` are the pods of all namespaces.
        gaps: kinds that were not read whole, and why.
        logs: by namespace, pod and container: the last lines before it ended.
        changes: what went through KubeChat, newest first.
    """

    cluster: str
    namespace: str
    now: datetime
    kinds: Mapping[str, tuple[Obj, ...]]
    gaps: Mapping[str, str] = field(default_factory=dict)
    logs: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    changes: tuple[AuditedChange, ...] = ()

    def of(self, plural: str) -> tuple[Obj, ...]:
        """The objects of a kind that were read."""
        return self.kinds.get(plural, ())

    def knows(self, plural: str) -> bool:
        """Whether a kind was read whole, so that what is missing here is missing there."""
        return plural in self.kinds and plural not in self.gaps

    def find(self, plural: str, namespace: str, name: str) -> Obj | None:
        """One object, None where it was not read."""
        return self._by_name.get((plural, namespace, name))

    def names(self, plural: str, namespace: str) -> list[str]:
        """Names of a kind's objects in a namespace."""
        return [name_of(each) for each in self.of(plural) if namespace_of(each) == namespace]

    def events(self, ref: Ref) -> list[Obj]:
        """Warnings about an object, newest first."""
        return self._events.get((ref.kind, ref.namespace, ref.name), [])

    def pods(self, namespace: str, selector: object) -> list[Obj]:
        """The pods of a namespace that a selector matches; none for an empty selector."""
        if not selector:
            return []
        found = self._pods.get(namespace, [])
        for pair in labels({"": selector}, "").items() or labels(selector, "matchLabels").items():
            some = self._labelled.get((namespace, *pair), [])
            found = some if len(some) < len(found) else found
        return [pod for pod in found if selects(selector, labels(pod, "metadata", "labels"))]

    def pods_on(self, node: str) -> list[Obj]:
        """The pods on a node."""
        return self._on_nodes.get(node, [])

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this snapshot: for what many objects need and all of them alike."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found

    def pods_in(self, namespace: str) -> list[Obj]:
        """All pods of a namespace."""
        return self._pods.get(namespace, [])

    def owner(self, obj: Obj) -> Ref | None:
        """What made an object, None where nothing did."""
        for each in items(obj, "metadata", "ownerReferences"):
            if each.get("controller") is True:
                return Ref(text(each, "kind"), text(each, "name"), namespace_of(obj))
        return None

    def root(self, obj: Obj, kind: str) -> Ref:
        """The object at the top of an object's owners: a pod's deployment; itself where nothing owns it."""
        about = Ref(kind, name_of(obj), namespace_of(obj))
        return self.once(("root", about), lambda: self._top(obj, about))  # each analyzer asks for it

    def _top(self, obj: Obj, found: Ref) -> Ref:
        for _ in range(_LONGEST_CHAIN):
            above = self.owner(obj)
            if above is None or not above.kind or not above.name:
                return found
            found = above
            owner = self.find(_PLURALS.get(above.kind, ""), above.namespace, above.name)
            if owner is None:
                return found
            obj = owner
        return found

    def workload(self, ref: Ref) -> Obj | None:
        """The workload that a reference names, None where it was not read."""
        return self.find(_PLURALS.get(ref.kind, ""), ref.namespace, ref.name)

    def revisions(self, ref: Ref) -> list[Obj]:
        """A deployment's ReplicaSets, newest revision first."""
        return self._revisions.get(ref, [])

    def age(self, stamp: object) -> str:
        """How long ago a timestamp was, as kubectl prints it; "some time" where there is none."""
        since = moment(stamp)
        return "some time" if since is None else human(self.now - since)

    def is_new(self, *stamps: object) -> bool:
        """Whether any of these moments was only just: things may still be on their way."""
        ages = [since_s for each in stamps if (since_s := self.age_s(each)) is not None]
        return bool(ages) and min(ages) < NEW_S

    def age_s(self, stamp: object) -> float | None:
        """Seconds since a timestamp; None where there is none."""
        since = moment(stamp)
        return None if since is None else (self.now - since).total_seconds()

    @cached_property
    def _by_name(self) -> dict[tuple[str, str, str], Obj]:
        return {
            (plural, namespace_of(each), name_of(each)): each
            for plural, found in self.kinds.items()
            for each in found
            if name_of(each)
        }

    @cached_property
    def _revisions(self) -> dict[Ref, list[Obj]]:
        found: dict[Ref, list[Obj]] = {}
        for each in self.of("replicasets"):
            owner = self.owner(each)
            if owner is not None and owner.kind == "Deployment":
                found.setdefault(owner, []).append(each)
        return {ref: sorted(each, key=revision_of, reverse=True) for ref, each in found.items()}

    @cached_property
    def _labelled(self) -> dict[tuple[str, str, str], list[Obj]]:
        found: dict[tuple[str, str, str], list[Obj]] = {}
        for pod in self.of("pods"):
            for key, value in labels(pod, "metadata", "labels").items():
                found.setdefault((namespace_of(pod), key, value), []).append(pod)
        return found

    @cached_property
    def _on_nodes(self) -> dict[str, list[Obj]]:
        found: dict[str, list[Obj]] = {}
        for pod in self.of("pods"):
            found.setdefault(text(pod, "spec", "nodeName"), []).append(pod)
        return found

    @cached_property
    def _made(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def _pods(self) -> dict[str, list[Obj]]:
        found: dict[str, list[Obj]] = {}
        for pod in self.of("pods"):
            found.setdefault(namespace_of(pod), []).append(pod)
        return found

    @cached_property
    def _events(self) -> dict[tuple[str, str, str], list[Obj]]:
        found: dict[tuple[str, str, str], list[Obj]] = {}
        for event in sorted(self.of("events"), key=lambda each: str(event_time(each)), reverse=True):
            about = mapping(event, "involvedObject")
            key = (text(about, "kind"), text(about, "namespace"), text(about, "name"))
            found.setdefault(key, []).append(event)
        return found


def revision_of(replica_set: Obj) -> int:
    """The revision of a deployment that a ReplicaSet stands for; 0 where it says none."""
    word = text(replica_set, "metadata", "annotations", "deployment.kubernetes.io/revision")
    return int(word) if word.isdecimal() and len(word) < len(str(2**31)) else 0


def event_time(event: Obj) -> str:
    """When an event was seen last, as it is written there."""
    return (
        text(event, "series", "lastObservedTime")
        or text(event, "lastTimestamp")
        or text(event, "eventTime")
        or text(event, "metadata", "creationTimestamp")
    )


def plural_of(kind: str) -> str:
    """The plural of a workload's kind, empty for other kinds."""
    return _PLURALS.get(kind, "")
