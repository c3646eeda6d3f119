"""kubectl top: what pods and nodes use, from the metrics API."""

from __future__ import annotations

from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import NODE, POD, Access
from app.domain.commands.model.reads import TopNodes, TopPods
from app.domain.commands.quantities import mebibytes, millicores, percent, quantity
from app.domain.commands.results import Column, Result, TableResult
from app.errors import UnavailableError
from app.infra.kubernetes.client import Query
from app.infra.kubernetes.errors import KubernetesNotFoundError, KubernetesStatusError

POD_METRICS = ResourceType("metrics.k8s.io", "v1beta1", "pods", "pod", "PodMetrics", namespaced=True)
NODE_METRICS = ResourceType("metrics.k8s.io", "v1beta1", "nodes", "node", "NodeMetrics", namespaced=False)
_RULE = "_" * 8  # above the sum, as kubectl draws it
_Usage = tuple[list[str], float, float]  # leading cells, cores, bytes


async def top_pods(access: Access, command: TopPods) -> list[Result]:
    """CPU and memory of pods, or of their containers."""
    query = [("labelSelector", command.selector)] if command.selector else []
    query += [("fieldSelector", command.field_selector)] if command.field_selector else []
    items = await _metrics(access, POD_METRICS, command.namespace, command.name, query)
    if not items:
        where = f" in {command.namespace} namespace." if command.namespace else ""
        return [await access.nothing_found(command, f"No resources found{where}")]
    headings = ["NAMESPACE"] if command.all_namespaces else []
    headings += ["POD", "NAME"] if command.containers else ["NAME"]
    rows: list[_Usage] = []
    for item in items:
        leading = [str(item["metadata"]["namespace"])] if command.all_namespaces else []
        leading.append(str(item["metadata"]["name"]))
        used = [(str(c["name"]), *_usage(c.get("usage"))) for c in item.get("containers") or ()]
        if command.containers:
            rows += [([*leading, name], cpu, memory) for name, cpu, memory in used]
        else:
            rows.append((leading, sum(cpu for _, cpu, _ in used), sum(memory for _, _, memory in used)))
    _sort(rows, command.sort_by)
    columns = tuple(Column(name) for name in (*headings, "CPU(cores)", "MEMORY(bytes)"))
    cells = [[*leading, millicores(cpu), mebibytes(memory)] for leading, cpu, memory in rows]
    if command.sum:
        total = [millicores(sum(cpu for _, cpu, _ in rows)), mebibytes(sum(memory for _, _, memory in rows))]
        empty = [""] * len(headings)
        cells += [[*empty, _RULE, _RULE], [*empty, *total]]
    return [_table(access, command, columns, cells)]


async def top_nodes(access: Access, command: TopNodes) -> list[Result]:
    """CPU and memory of nodes, also as a share of what pods may use there."""
    query = [("labelSelector", command.selector)] if command.selector else []
    items = await _metrics(access, NODE_METRICS, "", command.name, query)
    nodes = {node["metadata"]["name"]: node for node in await access.seen(access.objects(NODE))}
    rows: list[_Usage] = [([str(item["metadata"]["name"])], *_usage(item.get("usage"))) for item in items]
    _sort(rows, command.sort_by)
    columns = tuple(Column(name) for name in ("NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"))
    cells = []
    for (name,), cpu, memory in rows:
        allocatable = ((nodes.get(name) or {}).get("status") or {}).get("allocatable") or {}
        cells.append(
            [
                name,
                millicores(cpu),
                percent(cpu, quantity(allocatable.get("cpu", "0"))),
                mebibytes(memory),
                percent(memory, quantity(allocatable.get("memory", "0"))),
            ]
        )
    return [_table(access, command, columns, cells)]


def _table(access: Access, command: TopPods | TopNodes, columns: tuple[Column, ...], cells: list[list[str]]) -> Result:
    return TableResult(
        command.line(),
        access.cluster,
        command.namespace,
        columns,
        cells,
        total=len(cells),
        shown=len(cells),
        headings=not command.no_headers,
        closed=True,
    )


async def _metrics(
    access: Access, resource: ResourceType, namespace: str, name: str, query: Query
) -> list[dict[str, Any]]:
    try:
        if name:
            return [dict(await access.json(resource.path(namespace, name)))]
        return await access.objects(resource, namespace, query)
    except KubernetesNotFoundError as error:
        if name:
            await access.get(POD if resource is POD_METRICS else NODE, namespace, name)  # says so when it is not there
        raise _no_metrics(access) from error
    except KubernetesStatusError as error:
        if error.http_status == 503:
            raise _no_metrics(access) from error
        raise


def _no_metrics(access: Access) -> UnavailableError:
    return UnavailableError(
        f"The cluster {access.cluster} has no metrics for this at the moment; they come from metrics-server.",
        code="metrics_unavailable",
    )


def _usage(usage: Any) -> tuple[float, float]:
    return quantity((usage or {}).get("cpu", "0")), quantity((usage or {}).get("memory", "0"))


def _sort(rows: list[_Usage], by: str) -> None:
    if by == "cpu":
        rows.sort(key=lambda row: -row[1])
    elif by == "memory":
        rows.sort(key=lambda row: -row[2])
    else:
        rows.sort(key=lambda row: row[0])
