"""Keeps endpoints and endpoint slices in step with services and ready pods."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, Final

from app.demo import kinds
from app.demo.cluster import Cluster, Key
from app.demo.objects import (
    Obj,
    dig,
    is_ready,
    is_terminating,
    labels_of,
    name_of,
    namespace_of,
    owner_reference,
    short_hash,
)
from app.demo.selectors import selector_test
from app.demo.store import Change

_ENDPOINTS: Final = kinds.named("endpoints")
_SLICES: Final = kinds.named("endpointslices.discovery.k8s.io")


class ServiceEndpoints:
    """The endpoints and endpoint slice controllers.

    Args:
        cluster: where they work.
    """

    name = "service-endpoints"

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed services, and those that select a changed pod."""
        if change.key == "services":
            yield namespace_of(change.obj), name_of(change.obj)
        elif change.key == "pods":
            for service in self._cluster.store.all("services", namespace_of(change.obj)):
                wanted = service["spec"].get("selector")
                if wanted and selector_test({"matchLabels": wanted})(labels_of(change.obj)):
                    yield namespace_of(service), name_of(service)

    def reconcile(self, namespace: str, name: str) -> None:
        """Write the addresses behind a service."""
        service = self._cluster.get("services", namespace, name)
        if service is None:
            self._cluster.store.remove("endpoints", namespace, name)
            return
        wanted = service["spec"].get("selector")
        if not wanted:
            return
        fits = selector_test({"matchLabels": wanted})
        pods = [
            pod
            for pod in self._cluster.store.all("pods", namespace)
            if fits(labels_of(pod))
            and dig(pod, "status", "podIP")
            and dig(pod, "status", "phase") not in {"Succeeded", "Failed"}
        ]
        self._write_endpoints(service, pods)
        self._write_slice(service, pods)

    def _write_endpoints(self, service: Obj, pods: list[Obj]) -> None:
        ready = [_address(pod) for pod in pods if is_ready(pod) and not is_terminating(pod)]
        waiting = [_address(pod) for pod in pods if not is_ready(pod) and not is_terminating(pod)]
        found = self._cluster.get("endpoints", namespace_of(service), name_of(service))
        endpoints: Obj = copy.deepcopy(found or {}) or {
            "kind": "Endpoints",
            "apiVersion": "v1",
            "metadata": {
                "name": name_of(service),
                "namespace": namespace_of(service),
                "labels": {**labels_of(service), "endpoints.kubernetes.io/managed-by": "endpoint-controller"},
            },
        }
        subset: Obj = {}
        if ready:
            subset["addresses"] = ready
        if waiting:
            subset["notReadyAddresses"] = waiting
        endpoints.pop("subsets", None)
        if subset:
            subset["ports"] = _ports(service, pods)
            endpoints["subsets"] = [subset]
        self._cluster.save(_ENDPOINTS, endpoints)

    def _write_slice(self, service: Obj, pods: list[Obj]) -> None:
        namespace, name = namespace_of(service), name_of(service)
        slice_name = f"{name}-{short_hash(service['metadata']['uid'], 5)}"
        found = self._cluster.get("endpointslices.discovery.k8s.io", namespace, slice_name)
        entries = []
        for pod in pods:
            going = is_terminating(pod)
            ready = is_ready(pod)
            target = {"kind": "Pod", "namespace": namespace, "name": name_of(pod), "uid": pod["metadata"]["uid"]}
            conditions = {"ready": ready and not going, "serving": ready, "terminating": going}
            entry = {"addresses": [pod["status"]["podIP"]], "conditions": conditions, "targetRef": target}
            entries.append({**entry, "nodeName": pod["spec"].get("nodeName")})
        made: Obj = copy.deepcopy(found or {}) or {
            "kind": "EndpointSlice",
            "apiVersion": "discovery.k8s.io/v1",
            "metadata": {
                "name": slice_name,
                "generateName": f"{name}-",
                "namespace": namespace,
                "labels": {
                    **labels_of(service),
                    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                    "kubernetes.io/service-name": name,
                },
                "ownerReferences": [owner_reference(service)],
            },
            "addressType": "IPv4",
        }
        made["endpoints"] = entries
        made["ports"] = _ports(service, pods)
        self._cluster.save(_SLICES, made)


def _address(pod: Obj) -> Obj:
    target = {"kind": "Pod", "namespace": namespace_of(pod), "name": name_of(pod), "uid": pod["metadata"]["uid"]}
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName"), "targetRef": target}


def _ports(service: Obj, pods: list[Obj]) -> list[Obj]:
    made = []
    for port in service["spec"].get("ports") or ():
        entry: Obj = {"name": port["name"]} if port.get("name") else {}
        entry["port"] = _number(port.get("targetPort", port["port"]), pods)
        entry["protocol"] = port.get("protocol", "TCP")
        made.append(entry)
    return made


def _number(target: Any, pods: list[Obj]) -> int:
    if isinstance(target, int):
        return target
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for port in container.get("ports") or ():
                if port.get("name") == target:
                    return int(port["containerPort"])
    return int(target) if str(target).isdigit() else 0
