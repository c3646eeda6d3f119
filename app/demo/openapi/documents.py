"""The OpenAPI v3 documents that kubectl asks for: `explain`, `apply` and the question whether dry runs are possible.

One document per group version, made from `schemas.json` when it is first asked for and kept as bytes.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

from app.demo.kinds import GroupVersion, Kind, group_versions
from app.demo.objects import Obj

SCHEMAS: Final = Path(__file__).with_name("schemas.json")
# Of kinds without a generated schema.
_FREE: Final[Obj] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_PREFIX: Final = "#/components/schemas/"


def load() -> Obj:
    """The generated schemas: `kinds` names the definition of each kind, `definitions` holds them."""
    return orjson.loads(SCHEMAS.read_bytes())  # type: ignore[no-any-return]


def _path(group_version: GroupVersion) -> str:
    return f"apis/{group_version.name}" if group_version.group else f"api/{group_version.version}"


@cache
def index(prefix: str, custom: tuple[Kind, ...] = ()) -> bytes:
    """`/openapi/v3`: where the documents are.

    Args:
        prefix: the cluster's path, in front of every address.
        custom: the cluster's custom kinds.
    """
    digest = hashlib.sha256(SCHEMAS.read_bytes()).hexdigest().upper()
    paths = {
        _path(entry): {"serverRelativeURL": f"{prefix}/openapi/v3/{_path(entry)}?hash={digest}"}
        for entry in group_versions(custom)
    }
    return orjson.dumps({"paths": paths})


@cache
def document(path: str) -> bytes | None:
    """The document of a group version.

    Args:
        path: as in the index, such as `apis/apps/v1`.

    Returns:
        JSON, or None when there is no such group version.
    """
    found = next((entry for entry in group_versions() if _path(entry) == path), None)
    if found is None:
        return None
    loaded = load()
    schemas: Obj = {}
    paths: Obj = {}
    for kind in found.kinds:
        name = loaded["kinds"].get(f"{kind.api_version}/{kind.kind}")
        if name is None:
            name = f"{kind.group}.{kind.version}.{kind.kind}".lstrip(".")
            schemas[name] = _FREE
        else:
            _gather(name, loaded["definitions"], schemas)
        marker = _marker(kind)
        schemas[name] = {**schemas[name], "x-kubernetes-group-version-kind": [marker]}
        paths.update(_paths(f"/{path}", kind, name, marker))
    return _written(paths, schemas)


def custom_document(path: str, custom: tuple[Kind, ...]) -> bytes | None:
    """The document of a group version of custom kinds, made anew each time: their definitions change.

    Args:
        path: as in the index.
        custom: every custom kind of the cluster.

    Returns:
        JSON, or None when there is no such group version.
    """
    schemas: Obj = {}
    paths: Obj = {}
    for kind in custom:
        if path == f"apis/{kind.api_version}" and kind.definition is not None:
            name = f"{kind.group}.{kind.version}.{kind.kind}"
            schema = kind.definition["schema"]["openAPIV3Schema"]
            own = {entry: {"type": "string"} for entry in ("apiVersion", "kind")} | {"metadata": {"type": "object"}}
            properties = {**own, **schema.get("properties", {})}
            schemas[name] = {**schema, "properties": properties, "x-kubernetes-group-version-kind": [_marker(kind)]}
            paths.update(_paths(f"/{path}", kind, name, _marker(kind)))
    return _written(paths, schemas) if schemas else None


def _marker(kind: Kind) -> Obj:
    return {"group": kind.group, "version": kind.version, "kind": kind.kind}


def _written(paths: Obj, schemas: Obj) -> bytes:
    body = {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.32.0"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    return orjson.dumps(body)


def _gather(name: str, definitions: Obj, found: Obj) -> None:
    if name in found:
        return
    found[name] = definitions[name]
    for reference in _references(definitions[name]):
        _gather(reference.removeprefix(_PREFIX), definitions, found)


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [reference for below in value.values() for reference in _references(below)]
    if isinstance(value, list):
        return [reference for below in value for reference in _references(below)]
    return []


def _paths(root: str, kind: Kind, schema: str, marker: Obj) -> Obj:
    place = f"{root}/namespaces/{{namespace}}/{kind.plural}" if kind.namespaced else f"{root}/{kind.plural}"
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": {"$ref": _PREFIX + schema}}}}}
    write = [
        {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
        for name in ("dryRun", "fieldManager", "fieldValidation")
    ]

    def operation(action: str, *, parameters: list[Obj] | None = None, content: tuple[str, ...] = ()) -> Obj:
        made: Obj = {"x-kubernetes-action": action, "x-kubernetes-group-version-kind": marker, "responses": answer}
        if parameters:
            made["parameters"] = parameters
        if content:
            made["requestBody"] = {
                "content": {entry: {"schema": {"$ref": _PREFIX + schema}} for entry in content},
                "required": True,
            }
        return made

    collection: Obj = {}
    single: Obj = {}
    if "list" in kind.verbs:
        collection["get"] = operation("list")
    if "create" in kind.verbs:
        collection["post"] = operation("post", parameters=write, content=("*/*",))
    if "get" in kind.verbs:
        single["get"] = operation("get")
    if "update" in kind.verbs:
        single["put"] = operation("put", parameters=write, content=("*/*",))
    if "patch" in kind.verbs:
        patches = (
            "application/apply-patch+yaml",
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json",
        )
        single["patch"] = operation("patch", parameters=write, content=patches)
    if "delete" in kind.verbs:
        single["delete"] = operation("delete", parameters=write[:1])
    made = {place: collection} if collection else {}
    if single:
        made[place + "/{name}"] = single
    return made
