"""Counts what is in a cluster, by lists in pages and in the forms that are smallest.

Nodes, pods and disruption budgets come as the tables that kubectl shows, everything else as a number alone: one
object's metadata and how many remain. Secrets are not among it. A pod is read whole only to see why a container of it
was ended, and only so many at a time.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from app.infra.kubernetes.client import ClusterClient, path_of
from app.infra.kubernetes.errors import KubernetesNotFoundError, KubernetesStatusError
from app.infra.kubernetes.impersonation import AS_ITSELF
from app.telemetry import exporter_catalogue as more
from exporters.sheet import Sheet
from slo.prometheus import SERVICES

METADATA: Final = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
TABLE: Final = "application/json;as=Table;v=v1;g=meta.k8s.io"
PAGE: Final = 500  # rows; half a megabyte of a table of pods
MOST_PAGES: Final = 40  # of one resource: 20,000 pods; what is beyond is not counted
MOST_LOOKED_AT: Final = 20  # pods that are read whole in one count

_COUNTED: Final = {
    "configmaps": "/api/v1/configmaps",
    "daemonsets": "/apis/apps/v1/daemonsets",
    "deployments": "/apis/apps/v1/deployments",
    "jobs": "/apis/batch/v1/jobs",
    "namespaces": "/api/v1/namespaces",
    "persistentvolumeclaims": "/api/v1/persistentvolumeclaims",
    "services": "/api/v1/services",
    "statefulsets": "/apis/apps/v1/statefulsets",
}
OWN_PODS: Final = "app.kubernetes.io/part-of=kubechat"
COMPONENT: Final = "app.kubernetes.io/component"
_OWN: Final = frozenset(SERVICES)
_STARTING: Final = frozenset({"Pending", "ContainerCreating", "PodInitializing"})
_FAILING: Final = re.compile(r"Err|Error|BackOff|OOMKilled|Failed|Evicted|Invalid|CannotRun|ExitCode|Unknown|NotReady")
_MINOR: Final = re.compile(r"v?\d+\.(\d+)")
OUT_OF_MEMORY: Final = "OOMKilled"


class Restarts:
    """Counts restarts over pods that come and go, from the first look on.

    What had restarted before is not counted: when the exporters start anew, a rule would take it for new restarts.

    Attributes:
        total: restarts of containers since the first look.
        out_of_memory: how often a container was ended for want of memory since, as far as a restart showed it.

    Args:
        now: seconds since 1970.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._began = datetime.fromtimestamp(now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._ended: dict[str, set[tuple[str, str]]] = {}
        self.total = 0
        self.out_of_memory = 0
        self._of: dict[str, int] | None = None
        self._looked_at: dict[str, int] = {}

    def saw(self, pods: dict[str, int]) -> list[str]:
        """Take over what a count saw; returns the pods to look at, those that have restarted since.

        Args:
            pods: restarts by the pod's uid.
        """
        if self._of is None:
            self._of, self._looked_at = pods, pods
            return []
        before = self._of
        self.total += sum(max(0, times - before.get(uid, 0)) for uid, times in pods.items())
        self._of = pods
        self._looked_at = {uid: times for uid, times in self._looked_at.items() if uid in pods}
        self._ended = {uid: ended for uid, ended in self._ended.items() if uid in pods}
        return [uid for uid, times in pods.items() if times > self._looked_at.get(uid, 0)][:MOST_LOOKED_AT]

    def looked(self, uid: str, ended: set[tuple[str, str]]) -> None:
        """Say which containers of a pod were last ended for want of memory, and when, as Kubernetes writes times.

        One stays among them until it ends anew, whatever restarts beside it: it is counted once.
        """
        self._looked_at[uid] = (self._of or {})[uid]
        new = {end for end in ended - self._ended.get(uid, set()) if end[1] >= self._began}
        self._ended[uid] = ended
        self.out_of_memory += len(new)


@dataclass(slots=True)
class Inventory:
    """What one count found; the numbers of `Restarts` belong to all counts."""

    restarts: Restarts
    nodes: Counter[str] = field(default_factory=Counter)
    pods: Counter[str] = field(default_factory=Counter)
    objects: dict[str, int] = field(default_factory=dict)
    skew: int | None = None
    budgets_at_limit: int = 0
    own: Counter[tuple[str, str]] = field(default_factory=Counter)
    taken_at: float = 0.0

    def put(self, sheet: Sheet, cluster: str) -> None:
        """Put it onto a sheet."""
        own = {"cluster": cluster}
        sheet.put(more.CLUSTER_INVENTORY_TIME, self.taken_at, **own)
        for state in ("ready", "not_ready", "closed"):
            sheet.put(more.CLUSTER_NODES, self.nodes[state], **own, state=state)
        for state in ("running", "starting", "completed", "failing", "ending", "other"):
            sheet.put(more.CLUSTER_PODS, self.pods[state], **own, state=state)
        for resource, number in self.objects.items():
            sheet.put(more.CLUSTER_OBJECTS, number, **own, resource=resource)
        if self.skew is not None:
            sheet.put(more.CLUSTER_VERSION_SKEW, self.skew, **own)
        sheet.put(more.CLUSTER_RESTARTS, self.restarts.total, **own)
        sheet.put(more.CLUSTER_OOM_KILLS, self.restarts.out_of_memory, **own)
        sheet.put(more.CLUSTER_BUDGETS_AT_LIMIT, self.budgets_at_limit, **own)
        for (service, node), replicas in self.own.items():
            sheet.put(more.CLUSTER_OWN_REPLICAS, replicas, **own, service=service, node=node)


async def taken(client: ClusterClient, version: str, restarts: Restarts) -> Inventory:
    """Count now.

    Args:
        client: the cluster's.
        version: of its API server.
        restarts: what was seen before.

    Raises:
        KubeChatError: a list cannot be had.
    """
    found = Inventory(restarts)
    await _count_nodes(client, version, found)
    await _count_pods(client, found)
    await _count_own(client, found)
    async for row in _rows(client, "/apis/policy/v1/poddisruptionbudgets"):
        found.budgets_at_limit += str(row.get("Allowed Disruptions")) == "0"
    for resource, path in _COUNTED.items():
        if (number := await _number(client, path)) is not None:
            found.objects[resource] = number
    found.objects["nodes"] = found.nodes["ready"] + found.nodes["not_ready"]
    found.objects["pods"] = found.pods.total()
    found.taken_at = time.time()
    return found


async def _count_nodes(client: ClusterClient, version: str, found: Inventory) -> None:
    minors: list[int] = []
    async for row in _rows(client, "/api/v1/nodes"):
        states = str(row.get("Status", "")).split(",")
        found.nodes["ready" if "Ready" in states else "not_ready"] += 1
        found.nodes["closed"] += "SchedulingDisabled" in states
        if (minor := _MINOR.match(str(row.get("Version", "")))) is not None:
            minors.append(int(minor[1]))
    server = _MINOR.match(version)
    if minors and server is not None:
        found.skew = int(server[1]) - min(minors)


async def _count_pods(client: ClusterClient, found: Inventory) -> None:
    restarted: dict[str, int] = {}
    places: dict[str, tuple[str, str]] = {}
    async for row in _rows(client, "/api/v1/pods", objects="Metadata"):
        found.pods[state_of(str(row.get("Status", "")))] += 1
        times = int(str(row.get("Restarts", "0")).split(" ", 1)[0] or 0)
        if times:
            metadata = row["object"]["metadata"]
            restarted[metadata["uid"]] = times
            places[metadata["uid"]] = metadata["namespace"], metadata["name"]
    for uid in found.restarts.saw(restarted):
        namespace, name = places[uid]
        found.restarts.looked(uid, await _ended_for_memory(client, namespace, name))


async def _count_own(client: ClusterClient, found: Inventory) -> None:
    """Our own services' pods by node, as the labels of the project's manifests tell them."""
    async for row in _rows(client, "/api/v1/pods", objects="Metadata", selector=OWN_PODS):
        service = str((row["object"]["metadata"].get("labels") or {}).get(COMPONENT))
        if service in _OWN and state_of(str(row.get("Status", ""))) == "running":
            found.own[service, str(row.get("Node"))] += 1


def state_of(status: str) -> str:
    """One word of a few for what kubectl shows as a pod's status, which has no bound."""
    if status == "Running":
        return "running"
    if status in {"Completed", "Succeeded"}:
        return "completed"
    if status == "Terminating":
        return "ending"
    if _FAILING.search(status):
        return "failing"
    return "starting" if status in _STARTING or status.startswith("Init:") else "other"


async def _ended_for_memory(client: ClusterClient, namespace: str, name: str) -> set[tuple[str, str]]:
    path = path_of("api", "v1", "namespaces", namespace, "pods", name)
    try:
        pod = (await client.request("GET", path, identity=AS_ITSELF)).json()
    except KubernetesNotFoundError:
        return set()  # it is gone meanwhile
    ends = (
        (str(status.get("name")), (status.get(state) or {}).get("terminated") or {})
        for status in (pod.get("status") or {}).get("containerStatuses") or ()
        for state in ("lastState", "state")
    )
    return {(container, str(end.get("finishedAt"))) for container, end in ends if end.get("reason") == OUT_OF_MEMORY}


async def _rows(
    client: ClusterClient, path: str, *, objects: str = "None", selector: str = ""
) -> AsyncIterator[dict[str, Any]]:
    """The rows of a list, cells by the name of their column, and the object where it is asked for."""
    resume = ""
    for _ in range(MOST_PAGES):
        query = [("limit", str(PAGE)), ("includeObject", objects)]
        query += [(name, value) for name, value in (("labelSelector", selector), ("continue", resume)) if value]
        page = (await client.request("GET", path, identity=AS_ITSELF, query=query, accept=TABLE)).json()
        columns = [str(column["name"]) for column in page["columnDefinitions"]]
        for row in page.get("rows") or ():
            yield {**dict(zip(columns, row["cells"], strict=False)), "object": row.get("object")}
        resume = str((page.get("metadata") or {}).get("continue") or "")
        if not resume:
            return


async def _number(client: ClusterClient, path: str) -> int | None:
    """How many objects there are; None where this account may not list them."""
    try:
        answer = await client.request("GET", path, identity=AS_ITSELF, query=(("limit", "1"),), accept=METADATA)
    except KubernetesStatusError as error:
        if error.http_status in {403, 404}:
            return None
        raise
    page = answer.json()
    return len(page.get("items") or ()) + int((page.get("metadata") or {}).get("remainingItemCount") or 0)
