"""What get asks a cluster for: tables and objects, page by page, where one missing object hides no other."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import METADATA_ONLY, TABLE, Access, gather
from app.domain.commands.model.command import Target
from app.domain.commands.model.reads import Get
from app.domain.commands.reading.ages import age
from app.domain.commands.reading.pages import Page
from app.domain.commands.results import Column
from app.errors import ForbiddenError
from app.infra.kubernetes.errors import KubernetesNotFoundError, KubernetesStatusError
from app.telemetry import catalogue

T = TypeVar("T")
PAGE = 500  # rows that one request brings, as kubectl asks
LISTED_FROM = 5  # names: one list of at most a page costs a cluster less than so many reads, and is one round trip
MOST_PAGES = 20  # of a table, where the cluster does not say how many rows there are
MOST_OBJECT_PAGES = 4  # of whole objects, which are some 5 kB each
KEPT_COLUMNS = 512  # every table of a type has the same
JSON = "application/json"
Wanted = list[tuple[ResourceType, list[str]]]


@dataclass(slots=True)
class Rows:
    """A table under way: columns, rows (cells, object), how many there are, and the token behind the first of them."""

    resource: ResourceType
    columns: tuple[Column, ...] = ()
    rows: list[tuple[list[Any], dict[str, Any]]] = field(default_factory=list)
    total: int = 0
    following: str = ""

    def add(self, answer: dict[str, Any]) -> None:
        """Take the rows of one answer."""
        if answer.get("kind") == "Table":
            if not self.columns:
                self.columns = tuple(
                    _column(str(column["name"]), str(column["type"]), int(column.get("priority") or 0))
                    for column in answer.get("columnDefinitions") or ()
                )
            self.rows += [(row["cells"], row.get("object") or {}) for row in answer.get("rows") or ()]
            return
        # An API that makes no tables (aggregated ones may not): name and age, as kubectl does.
        self.columns = (Column("NAME"), Column("AGE"))
        items = answer["items"] or [] if "items" in answer else [answer]
        self.rows += [([i["metadata"]["name"], age(i["metadata"].get("creationTimestamp"))], i) for i in items]


@lru_cache(maxsize=KEPT_COLUMNS)
def _column(name: str, kind: str, priority: int) -> Column:
    return Column(name.upper(), kind, priority)


@dataclass(slots=True)
class Objects:
    """Objects under way, and whether there are more than were asked for."""

    items: list[dict[str, Any]] = field(default_factory=list)
    cut: bool = False


async def resolve(access: Access, targets: Iterable[Target]) -> Wanted:
    """Types with their names, in the order of the command; no names means all."""
    wanted: dict[ResourceType, list[str]] = {}
    for target in targets:
        for resource in await access.find(target.resource):
            names = wanted.setdefault(resource, [])
            if target.name:
                names.append(target.name)
    return list(wanted.items())


def selection(command: Get) -> list[tuple[str, str]]:
    """The query that selects what the command asks for."""
    query = []
    if command.selector:
        query.append(("labelSelector", command.selector))
    if command.field_selector:
        query.append(("fieldSelector", command.field_selector))
    return query


async def all_of(work: Sequence[Awaitable[T]]) -> tuple[list[T], list[KubernetesStatusError]]:
    """What succeeded, in order, and what the cluster refused; one alone is raised as it is."""
    if len(work) == 1:
        return [await work[0]], []
    found: list[T] = []
    errors: list[KubernetesStatusError] = []
    for result in await gather(_caught(item) for item in work):
        if isinstance(result, KubernetesStatusError):
            errors.append(result)
        else:
            found.append(result)
    return found, errors


async def _caught(work: Awaitable[T]) -> T | KubernetesStatusError:
    try:
        return await work
    except KubernetesStatusError as error:
        return error


async def named(
    access: Access, command: Get, resource: ResourceType, names: Sequence[str], accept: str, query: Any = ()
) -> tuple[list[dict[str, Any]], list[KubernetesStatusError]]:
    """Objects by their names, or their tables."""

    async def one(name: str) -> list[dict[str, Any]]:
        try:
            return [await access.get(resource, command.namespace, name, accept, query)]
        except KubernetesNotFoundError:
            if command.ignore_not_found:
                return []
            raise

    listed = await _listed(access, command, resource, accept, query) if len(set(names)) >= LISTED_FROM else {}
    if listed:
        access.client.instruments.histogram(catalogue.KUBERNETES_BATCH_ITEMS).labels("names").observe(len(names))

    async def known(name: str) -> list[dict[str, Any]]:
        return [listed[name]] if name in listed else await one(name)

    found, errors = await all_of([known(name) for name in names])
    return [item for items in found for item in items], errors


async def _listed(
    access: Access, command: Get, resource: ResourceType, accept: str, query: Any
) -> dict[str, dict[str, Any]]:
    """Tables of one row by the names of their objects, from one list; nothing where they are better read one by one.

    Who may read objects by their names need not be allowed to list them, and who may not is told of each.
    """
    if accept != TABLE or (resource.verbs and "list" not in resource.verbs):
        return {}
    wanted = [
        ("includeObject", "Metadata") if key == "includeObject" and value == "None" else (key, value)
        for key, value in query
    ]
    try:
        answer = await access.json(resource.path(command.namespace), [*wanted, ("limit", str(PAGE))], accept)
    except (KubernetesStatusError, ForbiddenError):
        return {}
    rows = answer.get("rows") or () if answer.get("kind") == "Table" else ()
    named_rows = ((str(((row.get("object") or {}).get("metadata") or {}).get("name") or ""), row) for row in rows)
    return {name: {**answer, "rows": [row]} for name, row in named_rows if name}


def included(command: Get) -> str:
    """How much of each object its table's row has to hold."""
    with_labels = command.all_namespaces or command.show_labels or command.label_columns
    return "Object" if command.sort_by else "Metadata" if with_labels else "None"


async def table(
    access: Access, command: Get, resource: ResourceType, names: Sequence[str]
) -> tuple[Rows, list[KubernetesStatusError]]:
    """One type's table."""
    include = included(command)
    found = Rows(resource)
    if names:
        answers, errors = await named(access, command, resource, names, TABLE, [("includeObject", include)])
        for answer in answers:
            found.add(answer)
        found.total = len(found.rows)
        return found, errors
    query = [*selection(command), ("limit", str(PAGE)), ("includeObject", include)]
    begun = access.page or Page()
    following = begun.following
    for number in range(MOST_PAGES):
        page = [*query, ("continue", following)] if following else query
        answer = await access.json(resource.path(command.namespace), page, TABLE)
        found.add(answer)
        metadata = answer.get("metadata") or {}
        following = str(metadata.get("continue") or "")
        found.following = following if number == 0 else found.following
        before = begun.first - begun.skipped if begun.following else 0
        found.total = before + len(found.rows) + int(metadata.get("remainingItemCount") or 0)
        # Counted with the first page, where the cluster does not count them.
        counted = metadata.get("remainingItemCount") or begun.following or begun.total
        if not following or (counted and not command.sort_by):
            break
    found.total = max(found.total, begun.total)
    return found, []


async def objects(
    access: Access, command: Get, resource: ResourceType, names: Sequence[str], *, whole: bool
) -> tuple[Objects, list[KubernetesStatusError]]:
    """One type's objects, or no more of them than their metadata."""
    if names:
        items, errors = await named(access, command, resource, names, JSON)
        return Objects(items), errors
    found = Objects()
    following = ""
    for _ in range(MOST_OBJECT_PAGES):
        query = [*selection(command), ("limit", str(PAGE)), *([("continue", following)] if following else [])]
        answer = await access.json(resource.path(command.namespace), query, JSON if whole else METADATA_ONLY)
        of = {"apiVersion": resource.api_version, "kind": resource.kind}
        found.items += [{**of, **item} if whole else item for item in answer.get("items") or ()]
        following = str((answer.get("metadata") or {}).get("continue") or "")
        if not following:
            break
    found.cut = bool(following)
    return found, []
