"""From a change that is meant to a step that the API server has tried."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.changing.precondition import Operation, difference, guarded, operations_of
from app.domain.commands.model.command import Command
from app.domain.commands.preview import JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Step
from app.domain.commands.reading.rendering import yaml_text
from app.domain.commands.redaction import redact_object, redact_text
from app.infra.kubernetes.errors import KubernetesCredentialsError, KubernetesStatusError

DRY_RUN_MANAGER = "kubechat-preview"
LARGEST_DIFF_LINES = 400
_VOLATILE = ("resourceVersion", "generation", "uid", "creationTimestamp", "selfLink")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One mutating request before its dry run.

    Attributes are those of `Step`, but for these.

    Attributes:
        resource_type: the object's type.
        item: the object as it is.
        subresource: of the object, where the request goes to one.
        line: the kubectl line of this request alone.
        payload: what is sent; a merge or a strategic patch is sent as the JSON patch that it comes to.
    """

    resource_type: ResourceType
    item: Mapping[str, Any]
    line: str
    summary: str
    done: str
    before: str
    after: str
    payload: Any
    method: str = "PATCH"
    content_type: str = MERGE_PATCH
    subresource: str = ""


async def tried(access: Access, command: Command, draft: Draft) -> Step:
    """The step of a draft, with what the API server's dry run says of it."""
    metadata = draft.item["metadata"]
    resource, namespace = draft.resource_type, str(metadata.get("namespace") or "")
    name = str(metadata["name"])
    content_type, payload = draft.content_type, draft.payload
    if content_type == STRATEGIC_PATCH:
        content_type, payload = JSON_PATCH, await _asked_what_it_comes_to(access, draft)
    if content_type == MERGE_PATCH:
        content_type, payload = JSON_PATCH, operations_of(_as_patched(draft), payload)
    if content_type == JSON_PATCH:
        payload = guarded(_as_patched(draft), payload)
    step = Step(
        command=draft.line,
        cluster=access.cluster,
        namespace=namespace,
        verb=command.verb,
        kind=resource.kind,
        resource=resource.plural,
        object=resource.object_name(name),
        name=name,
        uid=str(metadata["uid"]),
        generation=int(metadata.get("generation") or 0),
        resource_version=str(metadata["resourceVersion"]),
        object_path=resource.path(namespace, name),
        method=draft.method,
        path=resource.path(namespace, name, draft.subresource),
        query=(),
        content_type=content_type,
        body=orjson.dumps(payload, option=orjson.OPT_SORT_KEYS),
        summary=draft.summary,
        done=draft.done,
        before=draft.before,
        after=draft.after,
        diff="",
        dry_run="",
    )
    return await _dry_run(access, step, draft)


def _as_patched(draft: Draft) -> Mapping[str, Any]:
    """What the request's path leads to: the object, or its Scale."""
    if draft.subresource != "scale":
        return draft.item
    # A Scale leaves a number of 0 out, and has no generation.
    replicas = int((draft.item.get("spec") or {}).get("replicas", 1))
    return {"metadata": {"uid": draft.item["metadata"]["uid"]}, "spec": {"replicas": replicas} if replicas else {}}


async def _asked_what_it_comes_to(access: Access, draft: Draft) -> list[Operation]:
    """The change that the API server makes of a strategic patch, whose rules only it knows for every kind."""
    metadata = draft.item["metadata"]
    answer = await access.client.request(
        "PATCH",
        draft.resource_type.path(str(metadata.get("namespace") or ""), str(metadata["name"]), draft.subresource),
        identity=access.identity,
        query=[("dryRun", "All"), ("fieldManager", DRY_RUN_MANAGER)],
        body=orjson.dumps(draft.payload),
        content_type=STRATEGIC_PATCH,
        mutates=False,
    )
    kept = () if draft.subresource == "status" else ("status",)
    return difference(_settable(draft.item, kept), _settable(answer.json(), kept))


def _settable(item: Mapping[str, Any], without: tuple[str, ...]) -> dict[str, Any]:
    """An object without what the API server sets by itself at every write."""
    found = {key: value for key, value in item.items() if key not in without}
    found["metadata"] = {
        key: value for key, value in item["metadata"].items() if key not in {*_VOLATILE, "managedFields"}
    }
    return found


async def _dry_run(access: Access, step: Step, draft: Draft) -> Step:
    query = [*step.query, ("dryRun", "All")]
    if step.method != "DELETE":
        query.append(("fieldManager", DRY_RUN_MANAGER))
    try:
        answer = await access.client.request(
            step.method,
            step.path,
            identity=access.identity,
            query=query,
            body=step.body_to_try(),
            content_type=step.content_type,
            mutates=False,
        )
    except KubernetesCredentialsError:
        raise
    except KubernetesStatusError as error:
        return replace(step, diff="", dry_run=redact_text(error.message))
    diff = "" if step.method == "DELETE" else _diff(draft, answer.json())
    return replace(step, diff=diff, dry_run="ok")


def _diff(draft: Draft, answer: dict[str, Any]) -> str:
    before = dict(draft.item)
    after = answer
    if draft.subresource == "scale":
        # The answer is a Scale; what changes in the object is its number of replicas.
        after = copy.deepcopy(before)
        after.setdefault("spec", {})["replicas"] = (answer.get("spec") or {}).get("replicas", 0)
    return unified_diff(before, after, str(before["metadata"]["name"]))


def unified_diff(before: dict[str, Any], after: dict[str, Any], name: str) -> str:
    """The difference of two objects' YAML, redacted, without what changes by itself."""
    lines = list(
        difflib.unified_diff(_lines(before), _lines(after), f"{name} (now)", f"{name} (after)", lineterm="", n=3)
    )
    if len(lines) > LARGEST_DIFF_LINES:
        lines = [*lines[:LARGEST_DIFF_LINES], f"… and {len(lines) - LARGEST_DIFF_LINES} more lines"]
    return "\n".join(lines)


def _lines(item: dict[str, Any]) -> list[str]:
    shown = redact_object({key: value for key, value in item.items() if key != "status"})
    shown.pop("apiVersion", None)
    shown.pop("kind", None)
    for field in _VOLATILE:
        shown["metadata"].pop(field, None)
    return yaml_text(shown).splitlines()
