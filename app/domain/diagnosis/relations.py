"""What belongs to one object: its owners and pods, what sends to them, scales them, and what they mount."""

from __future__ import annotations

from app.domain.diagnosis.findings import Ref
from app.domain.diagnosis.reading import KINDS
from app.domain.diagnosis.shapes import Obj, items, labels, mapping, name_of, namespace_of, text
from app.domain.diagnosis.snapshot import Snapshot


def relations(snapshot: Snapshot, target: Ref) -> frozenset[Ref]:
    """An object, and all that its being well depends on or that depends on it.

    Args:
        snapshot: what was read.
        target: the object.
    """
    found = {target}
    pods = _pods(snapshot, target)
    for pod in pods:
        found |= {Ref("Pod", name_of(pod), namespace_of(pod)), snapshot.root(pod, "Pod")}
        found |= _mounted(pod)
    found |= _owned(snapshot, target)
    if target.kind == "Node":
        return frozenset(found)
    found |= {
        Ref("Service", name_of(each), target.namespace)
        for each in _in(snapshot, "services", target.namespace)
        if any(_selected(each, pod) for pod in pods)
    }
    services = {ref.name for ref in found if ref.kind == "Service"}
    for each in _in(snapshot, "ingresses", target.namespace):
        behind = set(_backends(each))
        if behind & services or target == Ref("Ingress", name_of(each), target.namespace):
            found.add(Ref("Ingress", name_of(each), target.namespace))
    for each in _in(snapshot, "httproutes", target.namespace):
        route = Ref("HTTPRoute", name_of(each), target.namespace)
        if target == route or set(_routed(each)) & services:
            above = (text(parent, "name") for parent in items(each, "spec", "parentRefs"))
            found |= {route, *(Ref("Gateway", name, target.namespace) for name in above)}
    for each in _in(snapshot, "horizontalpodautoscalers", target.namespace):
        scaled = mapping(each, "spec", "scaleTargetRef")
        if Ref(text(scaled, "kind"), text(scaled, "name"), target.namespace) in found:
            found.add(Ref("HorizontalPodAutoscaler", name_of(each), target.namespace))
    for plural, kind in (("poddisruptionbudgets", "PodDisruptionBudget"), ("networkpolicies", "NetworkPolicy")):
        path = "selector" if kind == "PodDisruptionBudget" else "podSelector"
        for each in _in(snapshot, plural, target.namespace):
            chosen = snapshot.pods(target.namespace, mapping(each, "spec", path))
            if any(pod in pods for pod in chosen):
                found.add(Ref(kind, name_of(each), target.namespace))
    return frozenset(found)


def _in(snapshot: Snapshot, plural: str, namespace: str) -> list[Obj]:
    return [each for each in snapshot.of(plural) if namespace_of(each) == namespace]


def _pods(snapshot: Snapshot, target: Ref) -> list[Obj]:
    if target.kind == "Node":
        return [pod for pod in snapshot.of("pods") if text(pod, "spec", "nodeName") == target.name]
    if target.kind == "Service":
        service = snapshot.find("services", target.namespace, target.name) or {}
        return snapshot.pods(target.namespace, labels(service, "spec", "selector"))
    if target.kind == "Ingress":
        ingress = snapshot.find("ingresses", target.namespace, target.name) or {}
        behind = [snapshot.find("services", target.namespace, name) or {} for name in _backends(ingress)]
        return [pod for each in behind for pod in snapshot.pods(target.namespace, labels(each, "spec", "selector"))]
    return [pod for pod in snapshot.pods_in(target.namespace) if _descends(snapshot, pod, target)]


def _descends(snapshot: Snapshot, pod: Obj, target: Ref) -> bool:
    owner = snapshot.owner(pod)
    if target == Ref("Pod", name_of(pod), namespace_of(pod)) or owner == target:
        return True
    if target.kind == "PersistentVolumeClaim" and target in _mounted(pod):
        return True
    return snapshot.root(pod, "Pod") == target


def _owned(snapshot: Snapshot, target: Ref) -> set[Ref]:
    """What a workload made: ReplicaSets of a deployment, jobs of a cron job."""
    return {
        Ref(KINDS[plural], name_of(each), namespace_of(each))
        for plural in ("replicasets", "jobs")
        for each in snapshot.of(plural)
        if snapshot.owner(each) == target
    }


def _mounted(pod: Obj) -> set[Ref]:
    return {
        Ref("PersistentVolumeClaim", name, namespace_of(pod))
        for each in items(pod, "spec", "volumes")
        if (name := text(each, "persistentVolumeClaim", "claimName"))
    }


def _selected(service: Obj, pod: Obj) -> bool:
    selector = labels(service, "spec", "selector")
    return bool(selector) and selector.items() <= labels(pod, "metadata", "labels").items()


def _routed(route: Obj) -> list[str]:
    """The services that a route sends to."""
    return [text(each, "name") for rule in items(route, "spec", "rules") for each in items(rule, "backendRefs")]


def _backends(ingress: Obj) -> list[str]:
    """The services that an ingress sends to."""
    backends = [mapping(ingress, "spec", "defaultBackend")]
    backends += [
        mapping(path, "backend") for rule in items(ingress, "spec", "rules") for path in items(rule, "http", "paths")
    ]
    return [name for each in backends if (name := text(each, "service", "name"))]
