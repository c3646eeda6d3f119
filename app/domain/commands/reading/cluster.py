"""What a cluster says of itself: version, cluster-info, api-resources, api-versions."""

from __future__ import annotations

import json
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import SERVICE, Access
from app.domain.commands.model.cluster import ApiResources, ApiVersions, ClusterInfo, Version
from app.domain.commands.reading.rendering import yaml_text
from app.domain.commands.results import Column, OutputResult, Result, TableResult

_CLUSTER_SERVICE = "kubernetes.io/cluster-service=true"
# kubectl writes these in the order of its own type, and not by name.
_VERSION_FIELDS = (
    "major", "minor", "gitVersion", "gitCommit", "gitTreeState", "buildDate", "goVersion", "compiler", "platform",
)  # fmt: skip


async def version(access: Access, command: Version) -> list[Result]:
    """The API server's version."""
    found = await access.json("/version")
    if not command.output:
        return [OutputResult(command.line(), access.cluster, f"Server Version: {found.get('gitVersion')}\n")]
    told: dict[str, Any] = {"serverVersion": {key: found[key] for key in _VERSION_FIELDS if key in found}}
    if command.output == "json":
        return [OutputResult(command.line(), access.cluster, json.dumps(told, indent=2) + "\n", "json")]
    return [OutputResult(command.line(), access.cluster, yaml_text(told) + "\n", "yaml")]


async def cluster_info(access: Access, command: ClusterInfo) -> list[Result]:
    """Where the API server is, and what the cluster itself offers."""
    server = access.client.config.server
    lines = [f"Kubernetes control plane is running at {server}"]
    query = [("labelSelector", _CLUSTER_SERVICE)]
    for service in await access.seen(access.objects(SERVICE, "kube-system", query)):
        name = service["metadata"]["name"]
        shown = (service["metadata"].get("labels") or {}).get("kubernetes.io/name", name)
        lines.append(f"{shown} is running at {server}{SERVICE.path('kube-system', str(name), 'proxy')}")
    return [OutputResult(command.line(), access.cluster, "\n".join(lines) + "\n")]


async def api_resources(access: Access, command: ApiResources) -> list[Result]:
    """Every resource type, in the order of groups and names."""
    catalogue = await access.discovery.catalogue(access.identity)
    found = sorted((t for t in catalogue.types if _is_asked_for(t, command)), key=lambda t: (t.group, t.plural))
    if command.sort_by:
        found.sort(key=lambda t: t.kind if command.sort_by == "kind" else t.plural)
    if command.output == "name":
        text = "".join(f"{resource.qualified}\n" for resource in found)
        return [OutputResult(command.line(), access.cluster, text)]
    names = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
    rows = [[r.plural, ",".join(r.short_names), r.api_version, str(r.namespaced).lower(), r.kind] for r in found]
    if command.output == "wide":
        names += ["VERBS", "CATEGORIES"]
        rows = [[*row, ",".join(sorted(r.verbs)), ",".join(r.categories)] for row, r in zip(rows, found, strict=True)]
    return [
        TableResult(
            command.line(),
            access.cluster,
            "",
            tuple(Column(name) for name in names),
            rows,
            total=len(rows),
            shown=len(rows),
            headings=not command.no_headers,
        )
    ]


def _is_asked_for(resource: ResourceType, command: ApiResources) -> bool:
    return (
        (command.namespaced is None or resource.namespaced == command.namespaced)
        and (command.api_group is None or resource.group == command.api_group)
        and resource.verbs.issuperset(command.verbs)
        and set(resource.categories).issuperset(command.categories)
    )


async def api_versions(access: Access, command: ApiVersions) -> list[Result]:
    """Every version of every group."""
    core, groups = await access.json("/api"), await access.json("/apis")
    found = [str(version) for version in core.get("versions") or ()]
    found += [str(v["groupVersion"]) for group in groups.get("groups") or () for v in group.get("versions") or ()]
    return [OutputResult(command.line(), access.cluster, "".join(f"{name}\n" for name in sorted(found)))]
