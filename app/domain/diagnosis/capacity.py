"""What nodes have left: their allocatable amounts without what the pods that are placed there ask for."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.diagnosis.shapes import Obj, amount, condition, containers, items, labels, mapping, name_of, text
from app.domain.diagnosis.snapshot import Snapshot

_GIB, _MIB = 2.0**30, 2.0**20


@dataclass(frozen=True, slots=True)
class Room:
    """One node's room.

    Attributes:
        node: its name.
        total: what pods may ask for there in all, by resource, in base units (cores, bytes).
        free: what is left of it; the same as `total` where the pods there could not be seen.
    """

    node: str
    total: dict[str, float]
    free: dict[str, float]


def asked(pod: Obj, *path: str) -> dict[str, float]:
    """What a pod, or the template below `path`, asks for: all of its containers, or the largest that runs first."""
    found: dict[str, float] = {}
    first: dict[str, float] = {}
    for container, runs_first in containers(pod, *path):
        requests = mapping(container, "resources", "limits") | mapping(container, "resources", "requests")
        for resource, value in requests.items():
            if runs_first and container.get("restartPolicy") != "Always":
                first[resource] = max(first.get(resource, 0.0), amount(value))
            else:
                found[resource] = found.get(resource, 0.0) + amount(value)
    for resource, value in mapping(pod, *path, "spec", "overhead").items():
        found[resource] = found.get(resource, 0.0) + amount(value)
    return {each: max(found.get(each, 0.0), first.get(each, 0.0)) for each in {*found, *first}}


def rooms(snapshot: Snapshot) -> list[Room]:
    """The room of every node."""
    return snapshot.once("rooms", lambda: _rooms(snapshot))


def _rooms(snapshot: Snapshot) -> list[Room]:
    used: dict[str, dict[str, float]] = {}
    if snapshot.knows("placed"):
        for pod in snapshot.of("placed"):
            where = text(pod, "spec", "nodeName")
            if not where or text(pod, "status", "phase") in {"Succeeded", "Failed"}:
                continue
            there = used.setdefault(where, {})
            for resource, value in {**asked(pod), "pods": 1.0}.items():
                there[resource] = there.get(resource, 0.0) + value
    found = []
    for node in snapshot.of("nodes"):
        total = {key: amount(each) for key, each in mapping(node, "status", "allocatable").items()}
        taken = used.get(name_of(node), {})
        found.append(Room(name_of(node), total, {key: each - taken.get(key, 0.0) for key, each in total.items()}))
    return found


def takes_pods(node: Obj) -> bool:
    """Whether a node is ready and not cordoned."""
    return condition(node, "Ready").get("status") == "True" and node.get("spec", {}).get("unschedulable") is not True


def untolerated(node: Obj, pod: Obj) -> list[str]:
    """A node's taints that keep a pod away, as `kubectl taint` writes them."""
    found = []
    for taint in items(node, "spec", "taints"):
        key, value, effect = text(taint, "key"), text(taint, "value"), text(taint, "effect")
        if effect == "PreferNoSchedule":
            continue
        if not any(_tolerates(each, key, value, effect) for each in items(pod, "spec", "tolerations")):
            found.append(f"{key}{f'={value}' if value else ''}:{effect}")
    return found


def _tolerates(toleration: Obj, key: str, value: str, effect: str) -> bool:
    if text(toleration, "effect") not in {"", effect}:
        return False
    if text(toleration, "operator") == "Exists":
        return text(toleration, "key") in {"", key}
    return text(toleration, "key") == key and text(toleration, "value") == value


def wanted_labels(pod: Obj) -> dict[str, str]:
    """The labels that a pod's node selector asks of a node."""
    return labels(pod, "spec", "nodeSelector")


def written(resource: str, value: float) -> str:
    """An amount as people write it: "2.5 CPU", "16 GiB of memory", "3 pods"."""
    if resource == "cpu":
        return f"{_short(value)} CPU"
    if resource in {"memory", "ephemeral-storage"}:
        size = f"{_short(value / _GIB)} GiB" if abs(value) >= _GIB else f"{_short(value / _MIB)} MiB"
        return f"{size} of {'memory' if resource == 'memory' else 'local storage'}"
    return f"{_short(value)} {resource}"


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
