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
from app.domain.commands.preview import Step, StepOutcome
from app.domain.commands.redaction import redact_text
from app.errors import DeadlineExceededError, UnavailableError
from app.infra.kubernetes.errors import (
    KubernetesBusyError,
    KubernetesConflictError,
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
        The step with the object's present version as its precondition; None when the object is gone, is another one of
        the same name, or has changed since the preview.
    """
    item = await _read(access, step)
    if item is None:
        return None
    metadata = item["metadata"]
    if is_eviction(step):
        return step if str(metadata.get("uid")) == step.uid else None
    same = str(metadata.get("uid")) == step.uid and int(metadata.get("generation") or 0) == step.generation
    if not same or (metadata.get("deletionTimestamp") and step.method != "DELETE"):
        return None
    return replace(step, resource_version=str(metadata["resourceVersion"]))


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
        query.append(("fieldManager", field_manager(intent_id)))
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
    if isinstance(error, KubernetesConflictError):
        text = "the object changed at the same moment, so nothing was done; ask again"
    elif isinstance(error, KubernetesNotFoundError):
        text = "it is gone already"
    elif isinstance(error, KubernetesBusyError):
        text = "the cluster asks to come back later, so nothing was done"
    else:
        text = f"the cluster refused it: {redact_text(error.message).rstrip('.')}"
    return StepOutcome("failed", f"{step.summary}: {text}.", status, retry_after_s=error.retry_after_s)


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
    if item is None or str(item["metadata"].get("uid")) != step.uid:
        return "unknown"
    metadata = item["metadata"]
    manager = field_manager(intent_id)
    if any(field.get("manager") == manager for field in metadata.get("managedFields") or ()):
        return "applied"
    if str(metadata.get("resourceVersion")) == step.resource_version:
        return "absent"
    # Every step but a deletion changes the spec, and with it the generation.
    return "absent" if int(metadata.get("generation") or 0) == step.generation else "unknown"
