"""kubectl diff: what a pasted manifest would change, tried by the server's dry run; nothing is changed by it."""

from __future__ import annotations

import difflib
from typing import Any

import orjson

from app.domain.commands import checks
from app.domain.commands.access import Access, gather
from app.domain.commands.manifest import read_documents
from app.domain.commands.model.cluster import Diff
from app.domain.commands.reading.rendering import as_yaml, aside, bounded
from app.domain.commands.results import OutputResult, Result
from app.errors import InvalidInputError

CONTENT_TYPE = "application/apply-patch+yaml"
MANAGER = "kubectl"  # what kubectl calls itself where it applies on the server; nothing is written under it
_DIFFERS = 1


async def diff(access: Access, command: Diff) -> list[Result]:
    """One unified diff for each object of the manifest that would change.

    Raises:
        InvalidInputError: the manifest is none.
        KubernetesStatusError: the cluster would refuse it.
    """
    documents = [item for document in read_documents(command.manifest) for item in _items(document)]
    if not documents:
        raise InvalidInputError("error: no objects passed to diff", code="invalid_manifest")
    texts = await gather(_one(access, command, document) for document in documents)
    text, cut = bounded("".join(texts))
    return [OutputResult(command.line(), access.cluster, text, truncated=cut, status=_DIFFERS if text else 0)]


def _items(document: Any) -> list[dict[str, Any]]:
    if not isinstance(document, dict) or not isinstance(document.get("kind"), str):
        raise InvalidInputError(
            "error: every object of a manifest needs apiVersion, kind and metadata.name", code="invalid_manifest"
        )
    if document["kind"] == "List":
        return [item for part in document.get("items") or () for item in _items(part)]
    return [document]


async def _one(access: Access, command: Diff, document: dict[str, Any]) -> str:
    metadata = document.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or not isinstance(metadata, dict):
        raise InvalidInputError("error: every object of a manifest needs metadata.name", code="invalid_manifest")
    group, _, version = str(document.get("apiVersion") or "").rpartition("/")
    kind = str(document["kind"])
    resource = await access.type_of(f"{checks.resource(kind).lower()}.{group}" if group else checks.resource(kind))
    namespace = command.namespace
    if resource.namespaced and metadata.get("namespace"):
        namespace = checks.namespace(str(metadata["namespace"]))
    path = resource.path(namespace, checks.name(name))
    live = await access.find_out(resource, namespace, name)
    query = [("dryRun", "All"), ("fieldManager", MANAGER), ("force", str(command.force_conflicts).lower())]
    answer = await access.client.request(
        "PATCH",
        path,
        identity=access.identity,
        query=query,
        body=orjson.dumps(document),
        content_type=CONTENT_TYPE,
        mutates=False,
    )
    file = f"{f'{group}.' if group else ''}{version}.{kind}.{namespace}.{name}"
    after = answer.json()

    def write() -> str:
        there = as_yaml(live).splitlines(keepends=True) if live is not None else []
        wanted = as_yaml(after).splitlines(keepends=True)
        return "".join(difflib.unified_diff(there, wanted, f"LIVE/{file}", f"MERGED/{file}"))

    return await aside((live, after), write)
