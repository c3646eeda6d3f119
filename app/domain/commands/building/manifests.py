"""The commands whose objects stand below their line."""

from __future__ import annotations

from typing import Any

import orjson

from app.domain.commands import checks
from app.domain.commands.building.common import Build, Scope, none_left
from app.domain.commands.flags import COMMON, MANIFEST, Flag, Words
from app.domain.commands.kinds import is_cluster_scoped
from app.domain.commands.manifest import MOST_DOCUMENTS, read_documents
from app.domain.commands.model.command import Command
from app.domain.commands.model.manifests import Apply, CreateFrom, DeleteFrom, ReplaceFrom
from app.errors import InvalidInputError, TooLargeError, UnsupportedError

FLAGS: dict[str, tuple[Flag, ...]] = {
    "apply": (*COMMON, MANIFEST, Flag("server-side", switch=True), Flag("force-conflicts", switch=True)),
    "create": (*COMMON, MANIFEST),
    "replace": (*COMMON, MANIFEST, Flag("force", switch=True)),
}


def _apply(found: Words, scope: Scope) -> Command:
    if not found.on("server-side", default=True):
        raise UnsupportedError("Manifests are applied by the server alone; leave --server-side=false out.")
    objects = _objects(found, scope, "apply")
    return Apply(**_around(scope), objects=objects, force_conflicts=found.on("force-conflicts"))


def create(found: Words, scope: Scope) -> Command:
    """Kubectl create -f -."""
    return CreateFrom(**_around(scope), objects=_objects(found, scope, "create"))


def _replace(found: Words, scope: Scope) -> Command:
    if found.on("force"):
        raise UnsupportedError(
            "replace --force deletes the object and makes it again, with everything that depends on it gone meanwhile;"
            " use delete and then create, each with its own confirmation."
        )
    return ReplaceFrom(**_around(scope), objects=_objects(found, scope, "replace"))


def delete(found: Words, scope: Scope, how: dict[str, Any]) -> Command:
    """Kubectl delete -f -, with the flags of a deletion."""
    for flag in ("selector", "field-selector", "all"):
        if flag in found.flags:
            raise InvalidInputError(f"-f and --{flag} do not go together: leave one of them out.", code="invalid_flag")
    return DeleteFrom(**_around(scope), objects=_objects(found, scope, "delete"), **how)


def _around(scope: Scope) -> dict[str, Any]:
    return {"cluster": scope.cluster, "namespace": scope.namespace, "home": scope.home}


def _objects(found: Words, scope: Scope, verb: str) -> tuple[str, ...]:
    none_left(found.positional, f"{verb} -f -")
    if "filename" not in found.flags:
        raise InvalidInputError(
            f"kubectl {verb} needs a manifest: write kubectl {verb} -f - and paste it below.", code="missing_manifest"
        )
    items = [item for document in read_documents(found.document) for item in _listed(document)]
    if not items:
        raise InvalidInputError("The manifest holds no object.", code="missing_manifest")
    if len(items) > MOST_DOCUMENTS:
        raise TooLargeError(
            f"A manifest may hold at most {MOST_DOCUMENTS} objects; apply it in parts.", code="manifest_too_large"
        )
    explicit = found.value("namespace")
    checked = [_checked(item, scope.namespace, explicit) for item in items]
    places = [(i["apiVersion"], i["kind"], i["metadata"].get("namespace"), i["metadata"]["name"]) for i in checked]
    for place in places:
        if places.count(place) > 1:
            raise InvalidInputError(
                f"The manifest names {place[1]} {place[3]} twice; name it once.", code="given_twice"
            )
    return tuple(orjson.dumps(item).decode() for item in checked)


def _listed(document: Any) -> list[Any]:
    if isinstance(document, dict) and document.get("kind") == "List":
        items = document.get("items") or []
        return list(items) if isinstance(items, list) else [items]
    return [document]


def _checked(item: Any, namespace: str, explicit: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise _lacking("is no object")
    for field in ("apiVersion", "kind"):
        if not isinstance(item.get(field), str) or not item[field]:
            raise _lacking(f"has no {field}")
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        raise _lacking(f"of kind {item['kind'][:60]} has no metadata")
    if metadata.get("generateName") and not metadata.get("name"):
        raise UnsupportedError(
            "An object whose name the cluster makes up cannot be found again when an answer is lost; give it"
            " metadata.name in place of generateName."
        )
    if not isinstance(metadata.get("name"), str):
        raise _lacking(f"of kind {item['kind'][:60]} has no metadata.name")
    checks.name(metadata["name"])
    checks.resource(item["kind"])
    if is_cluster_scoped(item["kind"]):
        return {**item, "metadata": {key: value for key, value in metadata.items() if key != "namespace"}}
    own = metadata.get("namespace") or ""
    if own and explicit and own != explicit:
        raise InvalidInputError(
            f'The namespace of {item["kind"]} {metadata["name"]} is "{str(own)[:63]}" and not "{explicit}"; leave -n'
            " out, or change one of them.",
            code="namespace_mismatch",
        )
    return {**item, "metadata": {**metadata, "namespace": checks.namespace(str(own or namespace))}}


def _lacking(what: str) -> InvalidInputError:
    return InvalidInputError(
        f"An entry of the manifest {what}; each object has apiVersion, kind and metadata.name.", code="not_an_object"
    )


VERBS: dict[str, Build] = {"apply": _apply, "replace": _replace}
