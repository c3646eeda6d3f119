"""Reads custom resource definitions: the kinds they stand for, and what the server adds to a new one.

A kind is served from the moment its definition is stored. One version is stored and nothing is converted.
"""

from __future__ import annotations

from typing import Any, Final

from app.demo.kinds import STATUS_VERBS, Kind, Sub
from app.demo.objects import Obj, dig
from app.demo.status import Cause, invalid_value, required_value
from app.demo.store import Store

DEFINITIONS: Final = "customresourcedefinitions.apiextensions.k8s.io"
# In the order in which the API server lists them for custom resources.
_VERBS: Final = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")


def kinds_of(store: Store) -> tuple[Kind, ...]:
    """The kinds that a cluster's definitions serve."""
    return tuple(
        _kind(definition, version)
        for definition in store.all(DEFINITIONS)
        for version in definition["spec"]["versions"]
        if version.get("served")
    )


def kind_of(store: Store, obj: Obj) -> Kind | str:
    """The custom kind of an object, or the name of another kind."""
    found = (kind for kind in kinds_of(store) if (kind.api_version, kind.kind) == (obj["apiVersion"], obj["kind"]))
    return next(found, str(obj["kind"]))


def _kind(definition: Obj, version: Obj) -> Kind:
    spec, names = definition["spec"], definition["spec"]["names"]
    subresources = version.get("subresources") or {}
    subs = [Sub("status", verbs=STATUS_VERBS)] if "status" in subresources else []
    if "scale" in subresources:
        subs.append(Sub("scale", "Scale", "autoscaling", "v1"))
    return Kind(
        spec["group"],
        version["name"],
        names["kind"],
        names["plural"],
        names["singular"],
        spec["scope"] == "Namespaced",
        tuple(names.get("shortNames") or ()),
        tuple(names.get("categories") or ()),
        _VERBS,
        tuple(subs),
        generation=True,
        definition=version,
    )


def complete(definition: Obj) -> None:
    """Fill in what a new definition leaves out, in place; one that is not of that form is left to `check`."""
    spec = definition.get("spec")
    if check(definition) or not isinstance(spec, dict):
        return
    names = spec["names"]
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", f"{names['kind']}List")
    spec.setdefault("conversion", {"strategy": "None"})
    stored = [version["name"] for version in spec["versions"] if version.get("storage")]
    names_now = {"plural": "", "kind": ""}
    definition.setdefault("status", {"conditions": None, "acceptedNames": names_now, "storedVersions": stored})


def check(definition: Obj) -> list[Cause]:
    """What is wrong with a definition."""
    spec = definition.get("spec") or {}
    needed = (("group",), ("scope",), ("names", "plural"), ("names", "kind"), ("versions",))
    causes = [required_value("spec." + ".".join(path)) for path in needed if not dig(spec, *path)]
    if causes:
        return causes
    wanted = f"{spec['names']['plural']}.{spec['group']}"
    if definition["metadata"].get("name") != wanted:
        why = 'must be spec.names.plural+"."+spec.group'
        causes.append(invalid_value("metadata.name", definition["metadata"].get("name", ""), why))
    for at, version in enumerate(spec["versions"]):
        if not dig(version, "schema", "openAPIV3Schema"):
            why = "schemas are required"
            causes.append(required_value(f"spec.versions[{at}].schema.openAPIV3Schema", why))
    if sum(bool(version.get("storage")) for version in spec["versions"]) != 1:
        why = "must have exactly one version marked as storage version"
        causes.append(invalid_value("spec.versions", spec["versions"], why))
    return causes


def scale_paths(kind: Kind) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Where a kind keeps the replicas that are wanted, those that are, and the selector; empty without one."""
    scale = dig(kind.definition, "subresources", "scale", default={})

    def path(name: str) -> tuple[str, ...]:
        return tuple(part for part in str(scale.get(name, "")).split(".") if part)

    return path("specReplicasPath"), path("statusReplicasPath"), path("labelSelectorPath")


def put_at(obj: Obj, path: tuple[str, ...], value: Any) -> None:
    """Write a value at a path, making the maps on the way."""
    for step in path[:-1]:
        obj = obj.setdefault(step, {})
    obj[path[-1]] = value
