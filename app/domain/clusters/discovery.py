"""What a cluster's API offers: its resource types by every name that people use for them.

One answer per cluster serves everybody: discovery says what exists, never what an object holds or who may read it.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.commands.nearest import did_you_mean
from app.errors import NotFoundError
from app.infra.cache.memory import MemoryCache
from app.infra.kubernetes.client import ClusterClient, path_of
from app.infra.kubernetes.impersonation import Impersonation

KEPT_S = 600.0  # resource types come and go with operators' installations, rarely
ASK_AGAIN_AFTER_S = 10.0  # an unknown word may be a type that was installed just now
_AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
)


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One resource type, as discovery describes it.

    Attributes:
        group: API group, empty for the core.
        version: the version that is used.
        plural: its name in URLs.
        singular: its name for one object.
        kind: the kind of its objects.
        namespaced: whether its objects lie in namespaces.
        short_names: its abbreviations.
        verbs: what its API can do.
        categories: groups of types that it belongs to, such as "all".
        subresources: what can be asked of one object beside itself, such as "scale".
    """

    group: str
    version: str
    plural: str
    singular: str
    kind: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    verbs: frozenset[str] = frozenset()
    categories: tuple[str, ...] = ()
    subresources: frozenset[str] = frozenset()

    @property
    def api_version(self) -> str:
        """`apps/v1`, or `v1` for the core."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`deployments.apps`, or `pods` for the core."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def object_name(self, name: str) -> str:
        """An object as kubectl writes it: `deployment.apps/web`, `pod/web-1`."""
        kind = self.kind.lower()
        return f"{kind}.{self.group}/{name}" if self.group else f"{kind}/{name}"

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """URL path of the objects, of one, or of its subresource. The namespace is left out where there is none."""
        root = ("apis", self.group, self.version) if self.group else ("api", self.version)
        inside = ("namespaces", namespace) if self.namespaced and namespace else ()
        return path_of(*root, *inside, self.plural, *filter(None, (name, subresource)))

    def words(self) -> tuple[str, ...]:
        """The names by which people call it, without its group."""
        return (self.plural, self.singular, self.kind.lower(), *self.short_names)


def _hint(text: str) -> str:
    return f"\nHint:{text}" if text else ""


class Catalogue:
    """The resource types of one cluster."""

    def __init__(self, types: Iterable[ResourceType]) -> None:
        self.types = tuple(types)
        self._by_word: dict[str, ResourceType] = {}
        for found in self.types:
            for word in found.words():
                # The first one wins: the core comes first, then the groups in the server's order of preference.
                self._by_word.setdefault(word, found)
        for found in self.types:
            for word in found.words():
                self._by_word.setdefault(f"{word}.{found.group}", found)
                self._by_word.setdefault(f"{word}.{found.version}.{found.group}", found)

    def find(self, word: str) -> tuple[ResourceType, ...]:
        """The type, or the types of the category, that a word names; empty when there is none."""
        found = self._by_word.get(word.lower())
        if found is not None:
            return (found,)
        return tuple(t for t in self.types if word.lower() in t.categories and "list" in t.verbs)

    def names(self) -> list[str]:
        """Every plural, for messages that help."""
        return [found.plural for found in self.types if "list" in found.verbs]


class Discovery:
    """Asks one cluster for its resource types and remembers them.

    Args:
        client: the cluster.
        known: where they are remembered, by the cluster's name.
    """

    def __init__(self, client: ClusterClient, known: MemoryCache[str, Catalogue]) -> None:
        self._client = client
        self._known = known

    async def find(self, word: str, identity: Impersonation) -> tuple[ResourceType, ...]:
        """The type that a word names, or all types of the category.

        Raises:
            NotFoundError: there is none; the message names the nearest (code `unknown_resource`).
            KubeChatError: the cluster does not answer.
        """
        found = (await self.catalogue(identity)).find(word)
        if not found:
            found = (await self.catalogue(identity, at_most_s=ASK_AGAIN_AFTER_S)).find(word)
        if found:
            return found
        names = (await self.catalogue(identity)).names()
        raise NotFoundError(
            f'error: the server doesn\'t have a resource type "{word}"{_hint(did_you_mean(word, names))}',
            code="unknown_resource",
        )

    async def one(self, word: str, identity: Impersonation) -> ResourceType:
        """The one type that a word names; NotFoundError for a category."""
        found = await self.find(word, identity)
        if len(found) != 1:
            raise NotFoundError(f'"{word}" is a group of resource types; name one of them.', code="unknown_resource")
        return found[0]

    async def catalogue(self, identity: Impersonation, at_most_s: float = math.inf) -> Catalogue:
        """All types, not older than `at_most_s` seconds."""
        return await self._known.get(self._client.name, lambda: self._load(identity), at_most_s=at_most_s)

    async def warm(self, identity: Impersonation) -> None:
        """Load all types before anybody needs them; KubeChatError when the cluster does not answer."""
        await self._known.warm(self._client.name, lambda: self._load(identity))

    async def _load(self, identity: Impersonation) -> Catalogue:
        core, groups = await asyncio.gather(
            self._client.request("GET", "/api", identity=identity, accept=_AGGREGATED),
            self._client.request("GET", "/apis", identity=identity, accept=_AGGREGATED),
        )
        types: list[ResourceType] = []
        for body in (core.json(), groups.json()):
            if body.get("kind") == "APIGroupDiscoveryList":
                types += _aggregated(body)
            else:
                types += await self._one_by_one(body, identity)
        return Catalogue(types)

    async def _one_by_one(self, body: dict[str, Any], identity: Impersonation) -> list[ResourceType]:
        """Discovery as it was before Kubernetes 1.26: one request for each group."""
        if body.get("kind") == "APIVersions":
            versions = [("", version) for version in body.get("versions") or ()][:1]
        else:
            versions = [
                (str(group["name"]), str(group["preferredVersion"]["version"])) for group in body.get("groups") or ()
            ]
        answers = await asyncio.gather(
            *(
                self._client.request(
                    "GET", path_of("apis", group, version) if group else path_of("api", version), identity=identity
                )
                for group, version in versions
            )
        )
        return [
            found
            for (group, version), answer in zip(versions, answers, strict=True)
            for found in _listed(group, version, answer.json().get("resources") or ())
        ]


def _aggregated(body: dict[str, Any]) -> list[ResourceType]:
    types: list[ResourceType] = []
    for group in body.get("items") or ():
        name = str((group.get("metadata") or {}).get("name") or "")
        seen: set[str] = set()
        for version in group.get("versions") or ():
            for resource in version.get("resources") or ():
                plural = str(resource["resource"])
                if plural in seen:
                    continue
                seen.add(plural)
                kind = str((resource.get("responseKind") or {}).get("kind") or plural)
                types.append(
                    ResourceType(
                        group=name,
                        version=str(version["version"]),
                        plural=plural,
                        singular=str(resource.get("singularResource") or kind.lower()),
                        kind=kind,
                        namespaced=resource.get("scope") == "Namespaced",
                        short_names=tuple(resource.get("shortNames") or ()),
                        verbs=frozenset(resource.get("verbs") or ()),
                        categories=tuple(resource.get("categories") or ()),
                        subresources=frozenset(str(s["subresource"]) for s in resource.get("subresources") or ()),
                    )
                )
    return types


def _listed(group: str, version: str, resources: Sequence[dict[str, Any]]) -> list[ResourceType]:
    below: dict[str, set[str]] = {}
    for resource in resources:
        plural, slash, subresource = str(resource["name"]).partition("/")
        if slash:
            below.setdefault(plural, set()).add(subresource)
    return [
        ResourceType(
            group=group,
            version=version,
            plural=str(resource["name"]),
            singular=str(resource.get("singularName") or str(resource["kind"]).lower()),
            kind=str(resource["kind"]),
            namespaced=bool(resource.get("namespaced")),
            short_names=tuple(resource.get("shortNames") or ()),
            verbs=frozenset(resource.get("verbs") or ()),
            categories=tuple(resource.get("categories") or ()),
            subresources=frozenset(below.get(str(resource["name"]), ())),
        )
        for resource in resources
        if "/" not in str(resource["name"])
    ]
