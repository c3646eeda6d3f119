"""A confirmed step: read again, sent once, and resolved from evidence when its answer was lost.

Nothing here sends a step twice. A request carries the intent's id as its field manager and as its audit id, so that the
object, or the cluster's own audit log, can say later whether it arrived.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

import orjson

from app.domain.commands.access import Access
from app.domain.commands.changing.draining import is_eviction
from app.domain.commands.changing.precondition import done, holds, only_removes
from app.domain.commands.changing.refusals import refusal_text
from app.domain.commands.preview import APPLY_PATCH, JSON_PATCH, Step, StepOutcome
from app.errors import DeadlineExceededError, UnavailableError
from app.infra.kubernetes.errors import (
    KubernetesConflictError,
    KubernetesInvalidError,
    KubernetesNotFoundError,
    KubernetesStatusError,
    OutcomeUnknownError,
)
from slo.targets.network import REQUEST_TIMEOUT

Evidence = Literal["applied", "absent", "unknown"]


def field_manager(intent_id: UUID) -> str:
    """The field manager of an intent's request."""
    return f"kubechat-{intent_id}"


async def recheck(access: Access, step: Step) -> Step | None:
    """Read the object again.

    Returns:
        The step with the object's present version; None when the object is gone, is another one of the same name, has
        changed since the preview, or is there although it was to be made.
    """
    item = await _read(access, step)
    if item is None:
        return step if step.is_new else None
    metadata = item["metadata"]
    if is_eviction(step):
        return step if str(metadata.get("uid")) == step.uid else None
    same = str(metadata.get("uid")) == step.uid and int(metadata.get("generation") or 0) == step.generation
    if not same or (metadata.get("deletionTimestamp") and step.method != "DELETE"):
        return None
    if not holds(_as_tested(item, step), step.operations()):
        return None
    return replace(step, resource_version=str(metadata["resourceVersion"]))


def _as_tested(item: dict[str, Any], step: Step) -> dict[str, Any]:
    """The object as the step's tests see it: a Scale leaves a number of 0 out."""
    if not step.path.endswith("/scale"):
        return item
    spec = item.get("spec") or {}
    return {**item, "spec": {**spec, "replicas": spec.get("replicas") or None}}


async def _read(access: Access, step: Step) -> dict[str, Any] | None:
    try:
        return dict(await access.json(step.object_path))
    except KubernetesNotFoundError:
        return None


async def is_gone(access: Access, step: Step) -> bool:
    """Whether a step's object is there no more, or another one of the same name is in its place."""
    item = await _read(access, step)
    return item is None or str(item["metadata"].get("uid")) != step.uid


async def send(access: Access, step: Step, *, intent_id: UUID, deadline_s: float) -> StepOutcome:
    """Send a step's request, once.

    Args:
        access: the cluster, as the person who confirmed.
        step: as `recheck` gave it.
        intent_id: the intent that is recorded for it.
        deadline_s: seconds that are left; with none left nothing is sent.
    """
    if deadline_s <= 0:
        return StepOutcome("not_sent", f"{step.summary}: not sent, its time was over before its turn came.")
    query = list(step.query)
    if step.method != "DELETE" and not is_eviction(step):
        query.append(("fieldManager", step.manager or field_manager(intent_id)))
    try:
        answer = await access.client.request(
            step.method,
            step.path,
            identity=access.identity,
            query=query,
            body=step.body_to_send(),
            content_type=step.content_type,
            timeout_s=min(deadline_s, REQUEST_TIMEOUT.figure.number),
            headers=(("Audit-ID", str(intent_id)),),
            mutates=True,
        )
    except KubernetesStatusError as error:
        return _refused(step, error)
    except (OutcomeUnknownError, DeadlineExceededError):
        return StepOutcome("unknown", f"{step.summary}: the answer of {step.cluster} was lost.")
    except UnavailableError as error:
        return StepOutcome("not_sent", f"{step.summary}: not sent. {error.message}")
    return StepOutcome("applied", f"{step.done} ({step.summary}).", answer.status, _version(answer.body))


def _refused(step: Step, error: KubernetesStatusError) -> StepOutcome:
    status = error.http_status
    if status >= 500:
        # The API server says itself that it may have been done ("may still be processing the request").
        return StepOutcome("unknown", f"{step.summary}: {step.cluster} failed while it answered.", status)
    stale = is_stale(step, error)
    if stale and step.is_new:
        text = "it is there already, so nothing was done"
    elif stale:
        text = "it changed at the same moment, so nothing was done"
    elif isinstance(error, KubernetesNotFoundError) and not step.is_new:
        text = "it is gone already"
    else:
        text = refusal_text(step, error)
    return StepOutcome("failed", f"{step.summary}: {text}.", status, retry_after_s=error.retry_after_s, stale=stale)


def is_stale(step: Step, error: KubernetesStatusError) -> bool:
    """Whether the object is no longer as it was shown, and nothing else is wrong with the request.

    A failed test of a JSON patch is a 422 that names no field: the API server gives one and the same sentence for it
    and for an operation that cannot be done, and the dry run has shown that the operations can be.
    """
    if step.content_type == JSON_PATCH and isinstance(error, KubernetesInvalidError):
        return not error.causes
    # A conflict of an apply names the fields that belong to others; one of the object itself names none.
    return isinstance(error, KubernetesConflictError) and not (step.content_type == APPLY_PATCH and error.causes)


def _version(body: bytes) -> str:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    metadata = found.get("metadata") if isinstance(found, dict) else None
    return str((metadata or {}).get("resourceVersion") or "")


async def resolve(access: Access, step: Step, *, intent_id: UUID) -> Evidence:
    """What the cluster shows of a request whose answer was lost.

    "absent" is what is true now: a request that is still under way may yet arrive, so it counts only after the
    request's deadline.
    """
    item = await _read(access, step)
    if step.method == "DELETE" or is_eviction(step):
        if item is None or str(item["metadata"].get("uid")) != step.uid or item["metadata"].get("deletionTimestamp"):
            return "applied"
        return "absent"
    if item is None:
        return "absent" if step.is_new else "unknown"
    if step.content_type == APPLY_PATCH:
        return await _evidence_of_apply(access, step, item)
    metadata = item["metadata"]
    manager = field_manager(intent_id)
    if any(field.get("manager") == manager for field in metadata.get("managedFields") or ()):
        return "applied"
    if step.is_new or str(metadata.get("uid")) != step.uid:
        return "unknown"
    if str(metadata.get("resourceVersion")) == step.resource_version:
        return "absent"
    operations = step.operations()
    if not operations:
        return "unknown"
    # What was removed has no field manager: its absence is the evidence.
    if only_removes(operations):
        return "applied" if done(item, operations) else "absent"
    return "absent" if holds(_as_tested(item, step), operations) else "unknown"


async def _evidence_of_apply(access: Access, step: Step, item: dict[str, Any]) -> Evidence:
    """Whether the object is as an apply leaves it: then a dry run of the same changes nothing more."""
    metadata = item["metadata"]
    applied = any(
        entry.get("manager") == step.manager and entry.get("operation") == "Apply"
        for entry in metadata.get("managedFields") or ()
    )
    if step.uid and str(metadata.get("uid")) != step.uid:
        return "unknown"
    if not applied or str(metadata.get("resourceVersion")) == step.resource_version:
        return "absent" if step.uid else "unknown"
    try:
        answer = await access.client.request(
            step.method,
            step.path,
            identity=access.identity,
            query=[*step.query, ("dryRun", "All"), ("fieldManager", step.manager)],
            body=step.body_to_try(),
            content_type=step.content_type,
            mutates=False,
        )
    except KubernetesStatusError:
        return "unknown"
    again = answer.json()
    same = all(again.get(key) == value for key, value in item.items() if key not in {"metadata", "status"})
    fields = [(entry.get("manager"), entry.get("fieldsV1")) for entry in metadata["managedFields"]]
    tried = [(entry.get("manager"), entry.get("fieldsV1")) for entry in again["metadata"].get("managedFields") or ()]
    return "applied" if same and fields == tried else "absent"
