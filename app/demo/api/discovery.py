"""Tells clients what is served: discovery in both forms, the version, and the OpenAPI documents."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import Any, Final

import orjson

from app.demo.api.address import group_version_of
from app.demo.api.exchange import Answer, Request, status_answer
from app.demo.cluster import KUBERNETES_VERSION
from app.demo.kinds import GroupVersion, Kind, group_versions
from app.demo.objects import Obj
from app.demo.openapi import documents
from app.demo.status import NO_SNIFFING, no_such_resource, not_implemented

_AGGREGATED: Final = "as=APIGroupDiscoveryList"
_PROBES: Final = frozenset({"healthz", "livez", "readyz"})
# Kinds that etcd holds in another version than they are served in.
_STORED_AS: Final = {
    ("apiextensions.k8s.io", "CustomResourceDefinition"): ("apiextensions.k8s.io", "v1beta1"),
    ("autoscaling", "HorizontalPodAutoscaler"): ("autoscaling", "v2"),
    ("events.k8s.io", "Event"): ("", "v1"),
}
_CHECKS: Final = ("ping", "log", "informer-sync", "poststarthook/rbac/bootstrap-roles", "shutdown")


def answer(request: Request, custom: tuple[Kind, ...] = ()) -> Answer | None:
    """The answer to a discovery request; None for any other path.

    Args:
        request: what was asked.
        custom: what the cluster serves besides the kinds of every cluster.
    """
    parts = request.path.strip("/").split("/")
    match parts:
        case [probe] if probe in _PROBES:
            return _probe(request, probe)
        case ["version"]:
            return Answer(200, _version())
        case ["api"] | ["apis"] if _AGGREGATED in request.headers.get("accept", ""):
            return _aggregated(request, parts[0], custom)
        case ["api"]:
            address = [{"clientCIDR": "0.0.0.0/0", "serverAddress": request.headers.get("host", "")}]
            return Answer(200, {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": address})
        case ["apis"]:
            groups = [_group(name, custom) for name in _group_names(custom)]
            return Answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups})
        case ["apis", name] if name in _group_names(custom):
            return Answer(200, {"kind": "APIGroup", "apiVersion": "v1", **_group(name, custom)})
        case ["api", _] | ["apis", _, _]:
            found = group_version_of(parts, custom)
            return Answer(200, _resources(found)) if found is not None else None
        case ["openapi", "v2"]:
            return status_answer(not_implemented("OpenAPI version 2; version 3 is at /openapi/v3"))
        case ["openapi", "v3"]:
            # The API server leaves it to Go to guess this document's type, which guesses so.
            return Answer(200, documents.index(request.prefix, custom), "text/plain; charset=utf-8")
        case ["openapi", "v3", *rest]:
            content = documents.document("/".join(rest)) or documents.custom_document("/".join(rest), custom)
            return Answer(200, content) if content is not None else status_answer(no_such_resource())
        case [""]:
            return Answer(200, {"paths": ["/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]})
    return None


def _probe(request: Request, name: str) -> Answer:
    if "verbose" not in request.query:
        return Answer(200, b"ok", "text/plain; charset=utf-8", dict(NO_SNIFFING))
    lines = "".join(f"[+]{check} ok\n" for check in _CHECKS)
    return Answer(200, f"{lines}{name} check passed\n".encode(), "text/plain; charset=utf-8", dict(NO_SNIFFING))


def _version() -> Obj:
    return {
        "major": "1",
        "minor": "32",
        "gitVersion": KUBERNETES_VERSION,
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "2025-04-22T16:00:00Z",
        "goVersion": "go1.23.6",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


def _group_names(custom: tuple[Kind, ...]) -> list[str]:
    return list(dict.fromkeys(entry.group for entry in group_versions(custom) if entry.group))


def _group(name: str, custom: tuple[Kind, ...]) -> Obj:
    versions = [
        {"groupVersion": entry.name, "version": entry.version}
        for entry in group_versions(custom)
        if entry.group == name
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _resources(found: GroupVersion) -> Obj:
    listed: list[Obj] = []
    for kind in found.kinds:
        listed.append(_resource(kind))
        for sub in kind.subs:
            entry: Obj = {"name": f"{kind.plural}/{sub.name}", "singularName": "", "namespaced": kind.namespaced}
            if sub.group:
                entry.update({"group": sub.group, "version": sub.version})
            listed.append({**entry, "kind": sub.kind or kind.kind, "verbs": list(sub.verbs)})
    made: Obj = {"kind": "APIResourceList"}
    if found.group:
        made["apiVersion"] = "v1"
    return {**made, "groupVersion": found.name, "resources": listed}


def _resource(kind: Kind) -> Obj:
    entry: Obj = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    if kind.short:
        entry["shortNames"] = list(kind.short)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if "list" in kind.verbs and kind.kind != "ComponentStatus" and kind.group != "metrics.k8s.io":
        entry["storageVersionHash"] = _storage_hash(kind)
    return entry


def _storage_hash(kind: Kind) -> str:
    """What the API server says of the version that etcd holds (apiserver's `discovery.StorageVersionHash`)."""
    group, version = _STORED_AS.get((kind.group, kind.kind), (kind.group, kind.version))
    digest = hashlib.sha256(f"{group}/{version}/{kind.kind}".encode()).digest()
    return base64.b64encode(digest[:8]).decode()


def _aggregated(request: Request, root: str, custom: tuple[Kind, ...]) -> Answer:
    v2 = "v=v2;" in request.headers.get("accept", "").replace("v=v2beta1;", "")
    version = "v2" if v2 else "v2beta1"
    body, digest = _aggregated_body(root, version, custom)
    # Clients that cache take the type from a 304 too.
    content_type = f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
    headers = {"Cache-Control": "public", "Etag": f'"{digest}"', "Vary": "Accept"}
    if request.headers.get("if-none-match") == headers["Etag"]:
        return Answer(304, b"", content_type, headers)
    return Answer(200, body, content_type, headers)


@cache
def _aggregated_body(root: str, version: str, custom: tuple[Kind, ...]) -> tuple[bytes, str]:
    items: list[Obj] = []
    for name in [""] if root == "api" else _group_names(custom):
        versions = [
            {
                "version": entry.version,
                "resources": [_discovered(kind) for kind in entry.kinds],
                "freshness": "Current",
            }
            for entry in group_versions(custom)
            if entry.group == name
        ]
        items.append({"metadata": {"name": name} if name else {}, "versions": versions})
    content: Any = {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": items,
    }
    body = orjson.dumps(content)
    return body, hashlib.sha512(body).hexdigest().upper()


def _discovered(kind: Kind) -> Obj:
    def response(name: str, group: str = "", version: str = "") -> Obj:
        # Empty names are those of the group version around them.
        return {"group": group, "version": version, "kind": name}

    entry: Obj = {
        "resource": kind.plural,
        "responseKind": response(kind.kind),
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
    }
    if kind.short:
        entry["shortNames"] = list(kind.short)
    if kind.categories:
        entry["categories"] = list(kind.categories)
    if kind.subs:
        entry["subresources"] = [
            {
                "subresource": sub.name,
                "responseKind": response(sub.kind or kind.kind, sub.group, sub.version),
                "verbs": list(sub.verbs),
            }
            for sub in kind.subs
        ]
    return entry
