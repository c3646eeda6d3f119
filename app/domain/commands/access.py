"""One cluster as one person sees it: the few calls that commands are made of, with messages that help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.domain.clusters.answers import Reading
from app.domain.clusters.discovery import Discovery, ResourceType
from app.domain.clusters.reviews import allowed, allowed_to
from app.domain.commands.model.command import Command
from app.domain.commands.nearest import did_you_mean
from app.domain.commands.reading.pages import Page
from app.domain.commands.results import OutputResult, TableResult
from app.errors import ForbiddenError
from app.infra.kubernetes.client import ClusterClient, Query, path_of
from app.infra.kubernetes.errors import KubernetesForbiddenError, KubernetesNotFoundError, KubernetesStatusError
from app.infra.kubernetes.impersonation import Impersonation

T = TypeVar("T")
Keep = Callable[[TableResult], TableResult]
"""Which rows of a table are shown."""

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
METADATA_ONLY = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
HINT = "Hint: "  # begins a line that kubectl does not print
MOST_AT_ONCE = 8  # requests of one command in flight on one cluster
MOST_NAMES = 500  # looked through for the nearest name
NAMESPACE = ResourceType("", "v1", "namespaces", "namespace", "Namespace", namespaced=False)
POD = ResourceType("", "v1", "pods", "pod", "Pod", namespaced=True)
EVENT = ResourceType("", "v1", "events", "event", "Event", namespaced=True)
SERVICE = ResourceType("", "v1", "services", "service", "Service", namespaced=True)
NODE = ResourceType("", "v1", "nodes", "node", "Node", namespaced=False)
REPLICA_SET = ResourceType("apps", "v1", "replicasets", "replicaset", "ReplicaSet", namespaced=True)
CONTROLLER_REVISION = ResourceType(
    "apps", "v1", "controllerrevisions", "controllerrevision", "ControllerRevision", namespaced=True
)


@dataclass(frozen=True, slots=True)
class Access:
    """One cluster as one person sees it.

    Attributes:
        client: the cluster.
        discovery: its resource types.
        identity: the person.
        keep: which rows of a table are shown, where they are chosen from all that there are; None shows the first.
        page: where what is shown of a list begins; None for its beginning.
        reading: answers that were kept, where what is known for a while will do; None asks the cluster each time.
    """

    client: ClusterClient
    discovery: Discovery
    identity: Impersonation
    reading: Reading | None = None
    keep: Keep | None = None
    page: Page | None = None

    @property
    def cluster(self) -> str:
        """The cluster's name."""
        return self.client.name

    async def json(self, path: str, query: Query = (), accept: str = "application/json") -> Any:
        """A GET request's decoded answer."""
        if self.reading is not None:
            return await self.reading.json(path, query, accept)
        return (await self.client.request("GET", path, identity=self.identity, query=query, accept=accept)).json()

    async def find(self, word: str) -> tuple[ResourceType, ...]:
        """The types that a word names; NotFoundError names the nearest."""
        return await self.discovery.find(word, self.identity)

    async def type_of(self, word: str) -> ResourceType:
        """The one type that a word names; NotFoundError names the nearest."""
        return await self.discovery.one(word, self.identity)

    async def get(
        self, resource: ResourceType, namespace: str, name: str, accept: str = "application/json", query: Query = ()
    ) -> Any:
        """One object.

        Raises:
            NotFoundError: there is none of this name; the message names the nearest.
            KubernetesStatusError: the cluster refuses.
        """
        try:
            return await self.json(resource.path(namespace, name), query, accept)
        except KubernetesNotFoundError as error:
            raise await self._not_found(resource, namespace, name, error) from error

    async def find_out(self, resource: ResourceType, namespace: str, name: str) -> dict[str, Any] | None:
        """One object, or None when there is none of this name."""
        try:
            found = await self.json(resource.path(namespace, name))
        except KubernetesNotFoundError:
            return None
        return dict(found)

    async def objects(self, resource: ResourceType, namespace: str = "", query: Query = ()) -> list[dict[str, Any]]:
        """All objects of a type, in a namespace or everywhere."""
        body = await self.json(resource.path(namespace), query)
        kind = str(body.get("kind", "")).removesuffix("List")
        return [{"kind": kind, **item} for item in body.get("items") or ()]

    async def names(self, resource: ResourceType, namespace: str = "", query: Query = ()) -> list[str]:
        """Names of a type's objects, without their contents; at most the first few hundred."""
        body = await self.json(resource.path(namespace), (*query, ("limit", str(MOST_NAMES))), METADATA_ONLY)
        return [str(item["metadata"]["name"]) for item in body.get("items") or ()]

    async def seen(self, asked: Awaitable[list[T]]) -> list[T]:
        """What a list gives, or nothing where this person may not look or the type does not exist."""
        try:
            return await asked
        except (KubernetesForbiddenError, KubernetesNotFoundError, ForbiddenError):
            return []

    async def _not_found(
        self, resource: ResourceType, namespace: str, name: str, error: KubernetesNotFoundError
    ) -> KubernetesNotFoundError:
        """The API server's own sentence, with a line below it that helps."""
        hint = ""
        try:
            if namespace and resource.namespaced:
                hint = await self.namespace_hint(namespace)
            hint = hint or did_you_mean(name, await self.names(resource, namespace)).strip()
        except (KubernetesStatusError, ForbiddenError):
            hint = ""  # they may be read one by one and not listed: then there is no help
        message = f"{error.message}\n{HINT}{hint}" if hint else error.message
        return KubernetesNotFoundError(message, http_status=error.http_status, reason=error.reason)

    async def namespace_hint(self, namespace: str) -> str:
        """A sentence where a namespace does not exist, empty where it does or where that cannot be seen."""
        try:
            await self.json(NAMESPACE.path(name=namespace))
        except KubernetesNotFoundError:
            known = await self.seen(self.names(NAMESPACE))
            return f'There is no namespace "{namespace}" on cluster {self.cluster}.{did_you_mean(namespace, known)}'
        except (KubernetesForbiddenError, ForbiddenError):
            pass
        return ""

    async def nothing_found(self, command: Command, text: str) -> OutputResult:
        """An empty answer in kubectl's words; whoever mistyped a namespace is told so, where kubectl says nothing."""
        hint = await self.namespace_hint(command.namespace) if command.namespace else ""
        return OutputResult(command.line(), self.cluster, "", notes=f"{text}\n{HINT}{hint}\n" if hint else f"{text}\n")

    async def require(
        self, verb: str, resource: ResourceType, namespace: str, name: str = "", subresource: str = ""
    ) -> None:
        """Ask the cluster's RBAC beforehand.

        Raises:
            ForbiddenError: it would refuse; the message names what is missing and which binding gives it.
        """
        if not await self.allowed(verb, resource, namespace, name, subresource):
            whole = f"{resource.plural}/{subresource}" if subresource else resource.plural
            inside = f' in namespace "{namespace}"' if namespace and resource.namespaced else ""
            binding = "RoleBinding" if inside else "ClusterRoleBinding"
            groups = ", ".join(self.identity.groups) or "none"
            raise ForbiddenError(
                f'On cluster {self.cluster}, user "{self.identity.user}" cannot {verb} {whole}{inside}. Ask the'
                f" cluster's administrator for a {binding}{inside} that allows it to this user, or to one of the"
                f" groups {groups}."
            )

    async def allowed(
        self,
        verb: str,
        resource: ResourceType,
        namespace: str,
        name: str = "",
        subresource: str = "",
        *,
        user: str = "",
        groups: Sequence[str] = (),
    ) -> bool:
        """What the cluster's RBAC says of this person, or of the `user` that is named, as a member of `groups`."""
        attributes = {
            "verb": verb,
            "group": resource.group,
            "version": resource.version,
            "resource": resource.plural,
            "subresource": subresource,
            "namespace": namespace if resource.namespaced else "",
            "name": name,
        }
        if user:
            return await allowed_to(self.client, self.identity, user, groups, attributes)
        return await allowed(self.client, self.identity, attributes)

    async def log(self, namespace: str, pod: str, query: Query) -> bytes:
        """Bytes of a container's log, bounded by the query."""
        path = path_of("api", "v1", "namespaces", namespace, "pods", pod, "log")
        return (await self.client.request("GET", path, identity=self.identity, query=query, accept="*/*")).body


async def gather(work: Iterable[Awaitable[T]], at_once: int = MOST_AT_ONCE) -> list[T]:
    """Results in order, a bounded number at once; the first failure ends the rest."""
    waiting = list(work)
    if len(waiting) == 1:
        return [await waiting[0]]
    gate = asyncio.Semaphore(at_once)

    async def one(item: Awaitable[T]) -> T:
        async with gate:
            return await item

    tasks = [asyncio.ensure_future(one(item)) for item in waiting]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()


def selector_of(match: dict[str, Any] | None) -> str:
    """A LabelSelector, or a Service's plain map, as a query's labelSelector; empty when it selects nothing."""
    if not match:
        return ""
    if "matchLabels" not in match and "matchExpressions" not in match:
        return ",".join(f"{key}={value}" for key, value in sorted(match.items()))
    parts = [f"{key}={value}" for key, value in sorted((match.get("matchLabels") or {}).items())]
    parts += [
        _expression(str(item["key"]), str(item["operator"]), item.get("values") or ())
        for item in match.get("matchExpressions") or ()
    ]
    return ",".join(parts)


def _expression(key: str, operator: str, values: Sequence[str]) -> str:
    if operator in {"In", "NotIn"}:
        return f"{key} {operator.lower()} ({','.join(values)})"
    return key if operator == "Exists" else f"!{key}"


def is_selected(match: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a Service's plain selector map matches these labels; an empty one matches nothing."""
    return bool(match) and all(labels.get(key) == value for key, value in match.items())
