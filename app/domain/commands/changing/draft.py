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
from app.domain.commands.changing.precondition import Operation, difference, guarded, holds, operations_of, reverse
from app.domain.commands.changing.refusals import refusal
from app.domain.commands.model.command import Command
from app.domain.commands.preview import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, Step
from app.domain.commands.reading.rendering import aside
from app.domain.commands.redaction import redact_line
from app.errors import ConflictError
from app.infra.kubernetes.errors import (
    KubernetesBusyError,
    KubernetesCredentialsError,
    KubernetesInvalidError,
    KubernetesStatusError,
)

DRY_RUN_MANAGER = "kubechat-preview"
_MOST_READINGS = 5
_CHANGED = "{} changed at the same moment; ask again to see what this makes of it now."
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
            draft, payload = await _asked_what_it_comes_to(access, draft)
            content_type = JSON_PATCH
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


async def _asked_what_it_comes_to(access: Access, draft: Draft) -> tuple[Draft, list[Operation]]:
    """The change that the API server makes of a strategic patch, whose rules only it knows for every kind.

    The answer is the object of that moment with the patch in it: what a controller wrote since the object was read
    would count as part of the change. So the two are of one version, and the object may be a newer one.
    """
    namespace, name = str(draft.metadata.get("namespace") or ""), str(draft.metadata["name"])
    kept = () if draft.subresource == "status" else ("status",)
    for _ in range(_MOST_READINGS):
        answer = await access.client.request(
            "PATCH",
            draft.resource_type.path(namespace, name, draft.subresource),
            identity=access.identity,
            query=[("dryRun", "All"), ("fieldManager", DRY_RUN_MANAGER)],
            body=orjson.dumps(draft.payload),
            content_type=STRATEGIC_PATCH,
            mutates=False,
        )
        patched = answer.json()
        if patched["metadata"]["resourceVersion"] == draft.metadata["resourceVersion"]:
            return draft, difference(_settable(draft.there, kept), _settable(patched, kept))
        draft = await _read_again(access, draft)
    raise ConflictError(f"{name} changes all the time, so that nobody can say what this makes of it. Try again.")


async def _read_again(access: Access, draft: Draft) -> Draft:
    """The draft of the object as it is now; NotFoundError when it is gone."""
    resource = draft.resource_type
    item = await access.get(resource, str(draft.metadata.get("namespace") or ""), str(draft.metadata["name"]))
    return replace(draft, item={**item, "kind": item.get("kind") or resource.kind})


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
        said = refusal(error, applied=step.content_type == APPLY_PATCH)
        return replace(
            step,
            diff="",
            dry_run=_CHANGED.format(step.name) if await _has_changed(access, step, draft, error) else said,
        )
    if step.method == "DELETE":
        return replace(step, dry_run="ok")
    result = answer.json()
    whole = step.content_type == APPLY_PATCH or step.method == "PUT"
    if whole and draft.item is not None and _settable(draft.item, ("status",)) == _settable(result, ("status",)):
        return None
    return replace(step, diff=await aside((draft.there, result), partial(_diff, draft, result)), dry_run="ok")


async def _has_changed(access: Access, step: Step, draft: Draft, error: KubernetesStatusError) -> bool:
    """Whether a request is refused for what became of its object since it was read, which the answer does not say."""
    tests = step.operations()
    if not isinstance(error, KubernetesInvalidError) or error.causes or not holds(as_patched(draft), tests):
        return False
    return not holds(as_patched(await _read_again(access, draft)), tests)


def _diff(draft: Draft, answer: dict[str, Any]) -> str:
    before = dict(draft.there)
    after = answer
    if draft.subresource == "scale":
        # The answer is a Scale; what changes in the object is its number of replicas.
        after = copy.deepcopy(before)
        after.setdefault("spec", {})["replicas"] = (answer.get("spec") or {}).get("replicas", 0)
    return unified_diff(before, after, str(draft.metadata["name"]))
