"""What a cluster says of itself, and of the person who asks: version, cluster-info, api-resources, auth."""

from __future__ import annotations

import orjson

from app.domain.commands.access import SERVICE, Access
from app.domain.commands.model.reads import ApiResources, CanI, ClusterInfo, Version, WhoAmI
from app.domain.commands.results import Column, OutputResult, Result, TableResult

_REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_CLUSTER_SERVICE = "kubernetes.io/cluster-service=true"


async def version(access: Access, command: Version) -> list[Result]:
    """The API server's version."""
    found = await access.json("/version")
    return [OutputResult(command.line(), access.cluster, f"Server Version: {found.get('gitVersion')}\n")]


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
    found = [
        resource
        for resource in sorted(catalogue.types, key=lambda t: (t.group, t.plural))
        if (command.namespaced is None or resource.namespaced == command.namespaced)
        and (command.api_group is None or resource.group == command.api_group)
    ]
    columns = tuple(Column(name) for name in ("NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"))
    rows = [[r.plural, ",".join(r.short_names), r.api_version, str(r.namespaced).lower(), r.kind] for r in found]
    return [TableResult(command.line(), access.cluster, "", columns, rows, total=len(rows), shown=len(rows))]


async def whoami(access: Access, command: WhoAmI) -> list[Result]:
    """As whom the cluster knows this person."""
    body = orjson.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
    answer = await access.client.request("POST", _REVIEW, identity=access.identity, body=body, mutates=False)
    user = ((answer.json().get("status") or {}).get("userInfo")) or {}
    rows = [["Username", str(user.get("username", ""))], ["Groups", f"[{' '.join(user.get('groups') or ())}]"]]
    columns = (Column("ATTRIBUTE"), Column("VALUE"))
    return [TableResult(command.line(), access.cluster, "", columns, rows, total=len(rows), shown=len(rows))]


async def can_i(access: Access, command: CanI) -> list[Result]:
    """Whether the cluster's RBAC would allow it: yes or no."""
    resource = await access.type_of(command.target.resource)
    allowed = await access.allowed(
        command.action, resource, command.namespace, command.target.name, command.subresource
    )
    return [OutputResult(command.line(), access.cluster, "yes\n" if allowed else "no\n")]
