"""The names that a person may see on a cluster: what the language service is told, and nothing more.

Only metadata is asked for. A kind that this person may not list is left out, and so are the contents of everything.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterable
from typing import Any

import orjson

from app.domain.clusters.reviews import allowed
from app.errors import ForbiddenError
from app.infra.kubernetes.client import ClusterClient, path_of
from app.infra.kubernetes.errors import KubernetesForbiddenError, KubernetesNotFoundError
from app.infra.kubernetes.impersonation import Impersonation

METADATA_ONLY = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
MOST_OBJECTS = 2_000  # of one kind; more names make sentences ambiguous and the request large
MOST_NAMESPACES = 50  # asked one by one where a kind may not be listed everywhere
MOST_AT_ONCE = 6
MOST_COMPLETED = 3  # kinds and namespaces whose rights are asked for before one sentence is read

# The kinds that people name in sentences, with the API group of each.
_NAMESPACED = (
    ("pods", ""),
    ("deployments", "apps"),
    ("statefulsets", "apps"),
    ("daemonsets", "apps"),
    ("services", ""),
    ("configmaps", ""),
    ("secrets", ""),
    ("serviceaccounts", ""),
    ("horizontalpodautoscalers", "autoscaling"),
    ("cronjobs", "batch"),
    ("jobs", "batch"),
    ("persistentvolumeclaims", ""),
    ("ingresses", "networking.k8s.io"),
)
_VERSIONS = {"autoscaling": "v2"}
_Names = dict[str, list[str]]
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
Added = tuple[tuple[str, str], str, str]
"""API group and plural, namespace, name."""


async def vocabulary(client: ClusterClient, identity: Impersonation) -> dict[str, Any]:
    """Names by kind and namespace, in the shape of the language service's `vocabulary`, without `clusters`.

    Returns:
        `version` (a hash of the rest), `namespaces`, and `objects`: kind -> namespace -> names, sorted; nodes are under
        the empty namespace.

    Raises:
        KubeChatError: the cluster does not answer.
    """
    gate = asyncio.Semaphore(MOST_AT_ONCE)
    namespaces = sorted((await _names(client, identity, gate, path_of("api", "v1", "namespaces"))).get("", ()))
    if not namespaces and identity.limits is not None:
        namespaces = list(identity.limits.open_namespaces)
    nodes, *found = await asyncio.gather(
        _names(client, identity, gate, path_of("api", "v1", "nodes")),
        *(_everywhere(client, identity, gate, plural, group, namespaces) for plural, group in _NAMESPACED),
    )
    objects = {plural: names for (plural, _), names in zip(_NAMESPACED, found, strict=True) if names}
    if nodes:
        objects["nodes"] = nodes
    return _versioned(namespaces, objects)


def _versioned(namespaces: list[str], objects: dict[str, _Names]) -> dict[str, Any]:
    words: dict[str, Any] = {"namespaces": namespaces, "objects": objects}
    canonical = orjson.dumps(words, option=orjson.OPT_SORT_KEYS)
    return {"version": hashlib.sha256(canonical).hexdigest()[:16], **words}


async def completed(
    client: ClusterClient, identity: Impersonation, words: dict[str, Any], text: str, added: Iterable[Added]
) -> dict[str, Any]:
    """A vocabulary with the names that came since and that a text names, of the kinds that this person may list.

    Args:
        client: the cluster.
        identity: the person.
        words: their vocabulary.
        text: what they said.
        added: types, namespaces and names of what came lately.

    Raises:
        KubeChatError: the cluster does not answer.
    """
    said = set(_NAME.findall(text.lower()))
    known: dict[str, _Names] = words["objects"]
    found: dict[tuple[str, str, str], list[str]] = {}
    for (group, plural), namespace, name in added:
        if name in said and (plural, group) in _NAMESPACED and name not in known.get(plural, {}).get(namespace, ()):
            found.setdefault((group, plural, namespace), []).append(name)
    objects = dict(known)
    for (group, plural, namespace), names in list(found.items())[:MOST_COMPLETED]:
        if await _may_list(client, identity, group, plural, namespace):
            spaces = objects.get(plural, {})
            objects[plural] = {**spaces, namespace: sorted({*spaces.get(namespace, ()), *names})}
    return words if objects == known else _versioned(words["namespaces"], objects)


async def _may_list(client: ClusterClient, identity: Impersonation, group: str, plural: str, namespace: str) -> bool:
    version = _VERSIONS.get(group, "v1")
    root = ("apis", group, version) if group else ("api", version)
    try:
        client.check(identity, "GET", path_of(*root, "namespaces", namespace, plural))  # this installation's policy
    except ForbiddenError:
        return False
    attributes = {"verb": "list", "group": group, "version": version, "resource": plural, "namespace": namespace}
    return await allowed(client, identity, attributes)


async def _everywhere(
    client: ClusterClient,
    identity: Impersonation,
    gate: asyncio.Semaphore,
    plural: str,
    group: str,
    namespaces: list[str],
) -> _Names:
    """A kind's names in all namespaces; namespace by namespace where listing them at once is forbidden."""
    root = ("apis", group, _VERSIONS.get(group, "v1")) if group else ("api", "v1")
    try:
        return await _list(client, identity, gate, path_of(*root, plural))
    except KubernetesNotFoundError:
        return {}
    except (KubernetesForbiddenError, ForbiddenError):
        spaces = (namespaces or [client.config.namespace])[:MOST_NAMESPACES]
    found = await asyncio.gather(
        *(_names(client, identity, gate, path_of(*root, "namespaces", space, plural)) for space in spaces)
    )
    return {space: sorted(names) for part in found for space, names in part.items()}


async def _names(client: ClusterClient, identity: Impersonation, gate: asyncio.Semaphore, path: str) -> _Names:
    try:
        return await _list(client, identity, gate, path)
    except (KubernetesForbiddenError, KubernetesNotFoundError, ForbiddenError):
        return {}


async def _list(client: ClusterClient, identity: Impersonation, gate: asyncio.Semaphore, path: str) -> _Names:
    async with gate:
        answer = await client.request(
            "GET", path, identity=identity, query=(("limit", str(MOST_OBJECTS)),), accept=METADATA_ONLY
        )
    names: _Names = {}
    for item in answer.json().get("items") or ():
        metadata = item["metadata"]
        names.setdefault(str(metadata.get("namespace") or ""), []).append(str(metadata["name"]))
    return {namespace: sorted(found) for namespace, found in sorted(names.items())}
