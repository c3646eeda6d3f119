"""kubectl get: the API server's own tables, or objects as YAML, JSON and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import METADATA_ONLY, TABLE, Access, gather
from app.domain.commands.model.command import Target
from app.domain.commands.model.reads import Get
from app.domain.commands.reading.ages import age
from app.domain.commands.reading.rendering import as_json, as_yaml, bounded
from app.domain.commands.results import Column, Language, OutputResult, Result, TableResult

PAGE = 500  # rows that one request brings, as kubectl asks
MOST_ROWS = 500  # rows that one table shows
MOST_PAGES = 20  # counted when the cluster does not say how many there are
_PATH_PART = re.compile(r"\.([A-Za-z][-A-Za-z0-9]*)|\[(\d+)\]")


@dataclass(slots=True)
class _Rows:
    """A table under way: columns, rows (cells, object), and how many there are in the cluster."""

    columns: tuple[Column, ...] = ()
    rows: list[tuple[list[Any], dict[str, Any]]] | None = None
    total: int = 0


async def get(access: Access, command: Get) -> list[Result]:
    """The results of kubectl get: one table for each type that has objects, or one text."""
    wanted = await _resolve(access, command.targets)
    if command.output in {"yaml", "json"}:
        return [await _objects(access, command, wanted)]
    if command.output == "name":
        return [await _names(access, command, wanted)]
    tables = await gather(_table(access, command, resource, names) for resource, names in wanted)
    prefixed = len(wanted) > 1
    results: list[Result] = [
        _result(command, resource, rows, prefixed=prefixed)
        for (resource, _), rows in zip(wanted, tables, strict=True)
        if rows.rows
    ]
    return results or [await _nothing(access, command)]


async def _resolve(access: Access, targets: Iterable[Target]) -> list[tuple[ResourceType, list[str]]]:
    """Types with their names, in the order of the command; no names means all."""
    wanted: dict[ResourceType, list[str]] = {}
    for target in targets:
        for resource in await access.find(target.resource):
            names = wanted.setdefault(resource, [])
            if target.name:
                names.append(target.name)
    return list(wanted.items())


async def _nothing(access: Access, command: Get) -> OutputResult:
    text = "No resources found"
    if command.namespace:
        # Whoever mistypes a namespace is told so, where kubectl would only say that it is empty.
        await access.require_namespace(command.namespace)
        text = f"No resources found in {command.namespace} namespace."
    return OutputResult(command.line(), access.cluster, text)


def _selection(command: Get) -> list[tuple[str, str]]:
    query = []
    if command.selector:
        query.append(("labelSelector", command.selector))
    if command.field_selector:
        query.append(("fieldSelector", command.field_selector))
    return query


async def _table(access: Access, command: Get, resource: ResourceType, names: Sequence[str]) -> _Rows:
    labelled = command.all_namespaces or command.show_labels
    include = "Object" if command.sort_by else "Metadata" if labelled else "None"
    if names:
        answers = await gather(access.get(resource, command.namespace, name, TABLE) for name in names)
        found = _Rows(rows=[], total=len(names))
        for answer in answers:
            _add(found, answer)
        return found
    query = [*_selection(command), ("limit", str(PAGE)), ("includeObject", include)]
    found = _Rows(rows=[])
    following = ""
    for _ in range(MOST_PAGES):
        page = [*query, ("continue", following)] if following else query
        answer = await access.json(resource.path(command.namespace), page, TABLE)
        _add(found, answer)
        metadata = answer.get("metadata") or {}
        following = str(metadata.get("continue") or "")
        found.total = len(found.rows or ()) + int(metadata.get("remainingItemCount") or 0)
        if not following or (metadata.get("remainingItemCount") and not command.sort_by):
            break
    return found


def _add(found: _Rows, answer: dict[str, Any]) -> None:
    assert found.rows is not None
    if answer.get("kind") == "Table":
        if not found.columns:
            found.columns = tuple(
                Column(str(column["name"]).upper(), str(column["type"]), int(column.get("priority") or 0))
                for column in answer.get("columnDefinitions") or ()
            )
        found.rows += [(row["cells"], row.get("object") or {}) for row in answer.get("rows") or ()]
        return
    # An API that makes no tables (aggregated ones may not): name and age, as kubectl does.
    found.columns = (Column("NAME"), Column("AGE", "date"))
    items = answer["items"] or [] if "items" in answer else [answer]
    found.rows += [([i["metadata"]["name"], i["metadata"].get("creationTimestamp")], i) for i in items]


def _result(command: Get, resource: ResourceType, found: _Rows, *, prefixed: bool) -> TableResult:
    rows = found.rows or []
    if command.sort_by:
        rows = sorted(rows, key=lambda row: sort_key(row[1], command.sort_by))
    columns = list(found.columns)
    if command.output == "wide":
        columns = [replace(column, priority=0) for column in columns]
    cells = [[_cell(value, column) for value, column in zip(row, found.columns, strict=False)] for row, _ in rows]
    if prefixed:
        cells = [[resource.object_name(row[0]), *row[1:]] for row in cells]
    if command.all_namespaces and resource.namespaced:
        columns.insert(0, Column("NAMESPACE"))
        spaces = [str((item.get("metadata") or {}).get("namespace") or "") for _, item in rows]
        cells = [[space, *row] for space, row in zip(spaces, cells, strict=True)]
    if command.show_labels:
        columns.append(Column("LABELS"))
        cells = [[*row, _labels(item)] for row, (_, item) in zip(cells, rows, strict=True)]
    return TableResult(
        command=command.line(),
        cluster=command.cluster,
        namespace=command.namespace,
        columns=tuple(columns),
        rows=cells[:MOST_ROWS],
        total=found.total,
        shown=min(len(cells), MOST_ROWS),
    )


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return "<none>"
    if column.type == "date":
        return age(value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _labels(item: dict[str, Any]) -> str:
    labels = (item.get("metadata") or {}).get("labels") or {}
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or "<none>"


def sort_key(item: dict[str, Any], path: str) -> tuple[int, float, str]:
    """A key for sorting objects by the value at a path such as `.status.containerStatuses[0].restartCount`."""
    value: Any = item
    for field, index in _PATH_PART.findall(path):
        if field:
            value = value.get(field) if isinstance(value, dict) else None
        else:
            value = value[int(index)] if isinstance(value, list) and len(value) > int(index) else None
    if value is None:
        return (0, 0.0, "")
    if isinstance(value, (int, float)):
        return (1, float(value), "")
    return (2, 0.0, str(value))


async def _fetch(access: Access, command: Get, resource: ResourceType, names: Sequence[str]) -> list[dict[str, Any]]:
    if names:
        return list(await gather(access.get(resource, command.namespace, name) for name in names))
    query = [*_selection(command), ("limit", str(PAGE))]
    body = await access.json(resource.path(command.namespace), query)
    return [{"apiVersion": resource.api_version, "kind": resource.kind, **item} for item in body.get("items") or ()]


async def _objects(access: Access, command: Get, wanted: Sequence[tuple[ResourceType, list[str]]]) -> OutputResult:
    fetched = await gather(_fetch(access, command, resource, names) for resource, names in wanted)
    items = [item for items in fetched for item in items]
    if command.sort_by:
        items.sort(key=lambda item: sort_key(item, command.sort_by))
    single = len(items) == 1 and len(wanted) == 1 and len(wanted[0][1]) == 1
    if not items and command.namespace:
        await access.require_namespace(command.namespace)
    kubectl_list = {
        "apiVersion": "v1",
        "kind": "List",
        "items": items,
        "metadata": {"resourceVersion": ""},
    }
    whole = items[0] if single else kubectl_list
    text, cut = bounded(as_yaml(whole) if command.output == "yaml" else as_json(whole))
    language: Language = "yaml" if command.output == "yaml" else "json"
    return OutputResult(command.line(), access.cluster, text, language, cut or len(items) == PAGE)


async def _names(access: Access, command: Get, wanted: Sequence[tuple[ResourceType, list[str]]]) -> OutputResult:
    lines: list[str] = []
    cut = False
    for resource, names in wanted:
        if names:
            found = [await access.get(resource, command.namespace, name) for name in names]
        else:
            query = [*_selection(command), ("limit", str(PAGE))]
            body = await access.json(resource.path(command.namespace), query, METADATA_ONLY)
            found = body.get("items") or []
            cut = cut or bool((body.get("metadata") or {}).get("continue"))
        if command.sort_by:
            found = sorted(found, key=lambda item: sort_key(item, command.sort_by))
        lines += [resource.object_name(str(item["metadata"]["name"])) for item in found]
    if not lines:
        return await _nothing(access, command)
    return OutputResult(command.line(), access.cluster, "\n".join(lines) + "\n", truncated=cut)
