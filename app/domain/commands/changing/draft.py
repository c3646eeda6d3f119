"""From a change that is meant to a step that the API server has tried."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.changing.differences import VOLATILE, unified_diff
from app.domain.commands.changing.precondition import Operation, difference, guarded, operations_of, reverse
from app.domain.commands.changing.refusals import refusal
from app.domain.commands.model.command import Command
from app.domain.commands.preview import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Step
from app.domain.commands.reading.rendering import aside
from app.domain.commands.redaction import redact_line
from app.infra.kubernetes.errors import KubernetesBusyError, KubernetesCredentialsError, KubernetesStatusError

DRY_RUN_MANAGER = "kubechat-preview"
_NOT_IMPLEMENTED = 501  # says that it cannot be done there, and not that something failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One mutating request before its dry run.

    Attributes are those of `Step`, but for these.

    Attributes:
        resource_type: the object's type.
        item: the object as it is; None for one that is not there yet.
        subresource: of the object, where the request goes to one.
        line: the kubectl line of this request alone.
        payload: what is sent; a merge or a strategic patch is sent as the JSON patch that it comes to.
        undoable: whether the value that was there can be given back later.
        unchanged: what to say when the object is so already and there is nothing to send.
        untried: it cannot be tried before what it lies in is there.
    """

    resource_type: ResourceType
    item: Mapping[str, Any] | None
    line: str
    summary: str
    done: str
    before: str
    after: str
    payload: Any
    method: str = "PATCH"
    content_type: str = MERGE_PATCH
    subresource: str = ""
    query: tuple[tuple[str, str], ...] = ()
    undoable: bool = False
    unchanged: str = ""
    untried: bool = False

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Name and namespace, and of an object that is there its uid and versions."""
        found: Mapping[str, Any] = (self.payload if self.item is None else self.item)["metadata"]
        return found

    @property
    def there(self) -> Mapping[str, Any]:
        """The object as it is; nothing where it is not there yet."""
        return {"metadata": {}} if self.item is None else self.item


async def tried(access: Access, command: Command, draft: Draft) -> Step | None:
    """The step of a draft, with what the API server's dry run says of it; None when nothing would change."""
    resource, namespace = draft.resource_type, str(draft.metadata.get("namespace") or "")
    name = str(draft.metadata["name"])
    content_type, payload, undo = draft.content_type, draft.payload, b""
    try:
        if content_type == STRATEGIC_PATCH:
            content_type, payload = JSON_PATCH, await _asked_what_it_comes_to(access, draft)
        refused = ""
    except KubernetesStatusError as error:
        raise_if_not_about_the_change(error)
        content_type, payload, refused = JSON_PATCH, [], refusal(error)
    if content_type == MERGE_PATCH:
        content_type, payload = JSON_PATCH, operations_of(as_patched(draft), payload)
    if content_type == JSON_PATCH:
        if not payload and not refused:
            return None
        if draft.undoable:
            undo = orjson.dumps(reverse(as_patched(draft), payload), option=orjson.OPT_SORT_KEYS)
        payload = guarded(as_patched(draft), payload)
    is_new = draft.item is None
    step = Step(
        command=redact_line(draft.line),
        cluster=access.cluster,
        namespace=namespace,
        verb=command.verb,
        kind=resource.kind,
        resource=resource.plural,
        object=resource.object_name(name),
        name=name,
        uid="" if is_new else str(draft.metadata["uid"]),
        generation=0 if is_new else int(draft.metadata.get("generation") or 0),
        resource_version="" if is_new else str(draft.metadata["resourceVersion"]),
        object_path=resource.path(namespace, name),
        method=draft.method,
        path=resource.path(namespace, "" if draft.method == "POST" else name, draft.subresource),
        query=draft.query,
        content_type=content_type,
        body=orjson.dumps(payload, option=orjson.OPT_SORT_KEYS),
        summary=draft.summary,
        done=draft.done,
        before=draft.before,
        after=draft.after,
        diff="",
        dry_run=refused,
        undo=undo,
    )
    if refused:
        return step
    if draft.untried:
        shown = await aside(draft.there, partial(unified_diff, draft.there, draft.payload, name))
        return replace(step, diff=shown, dry_run="ok")
    return await _dry_run(access, step, draft)


def raise_if_not_about_the_change(error: KubernetesStatusError) -> None:
    """Raise what says nothing against a change: a cluster that is busy, fails, or does not accept this installation."""
    busy = isinstance(error, (KubernetesCredentialsError, KubernetesBusyError))
    if busy or (error.http_status >= 500 and error.http_status != _NOT_IMPLEMENTED):
        raise error


def as_patched(draft: Draft) -> Mapping[str, Any]:
    """What the request's path leads to: the object, or its Scale."""
    if draft.subresource != "scale":
        return draft.there
    # A Scale leaves a number of 0 out, and has no generation.
    replicas = int((draft.there.get("spec") or {}).get("replicas", 1))
    return {"metadata": {"uid": draft.metadata["uid"]}, "spec": {"replicas": replicas} if replicas else {}}


async def _asked_what_it_comes_to(access: Access, draft: Draft) -> list[Operation]:
    """The change that the API server makes of a strategic patch, whose rules only it knows for every kind."""
    metadata = draft.metadata
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
    return difference(_settable(draft.there, kept), _settable(answer.json(), kept))


def _settable(item: Mapping[str, Any], without: tuple[str, ...]) -> dict[str, Any]:
    """An object without what the API server sets by itself at every write."""
    found = {key: value for key, value in item.items() if key not in without}
    found["metadata"] = {
        key: value for key, value in item["metadata"].items() if key not in {*VOLATILE, "managedFields"}
    }
    return found


async def _dry_run(access: Access, step: Step, draft: Draft) -> Step | None:
    query = [*step.query, ("dryRun", "All")]
    if step.method != "DELETE":
        query.append(("fieldManager", step.manager or DRY_RUN_MANAGER))
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
    except KubernetesStatusError as error:
        raise_if_not_about_the_change(error)
        return replace(step, diff="", dry_run=refusal(error, applied=step.content_type == APPLY_PATCH))
    if step.method == "DELETE":
        return replace(step, dry_run="ok")
    result = answer.json()
    whole = step.content_type == APPLY_PATCH or step.method == "PUT"
    if whole and draft.item is not None and _settable(draft.item, ("status",)) == _settable(result, ("status",)):
        return None
    return replace(step, diff=await aside((draft.there, result), partial(_diff, draft, result)), dry_run="ok")


def _diff(draft: Draft, answer: dict[str, Any]) -> str:
    before = dict(draft.there)
    after = answer
    if draft.subresource == "scale":
        # The answer is a Scale; what changes in the object is its number of replicas.
        after = copy.deepcopy(before)
        after.setdefault("spec", {})["replicas"] = (answer.get("spec") or {}).get("replicas", 0)
    return unified_diff(before, after, str(draft.metadata["name"]))
