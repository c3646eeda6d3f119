"""What an API server says against a change, in one clause: each field, each owner, and how long to wait."""

from __future__ import annotations

from app.domain.commands.preview import APPLY_PATCH, Step
from app.domain.commands.redaction import redact_text
from app.infra.kubernetes.errors import (
    KubernetesBusyError,
    KubernetesConflictError,
    KubernetesInvalidError,
    KubernetesStatusError,
)

MOST_FIELDS = 10  # a person mends a few at a time


def refusal_text(step: Step, error: KubernetesStatusError) -> str:
    """A clause that follows the step's summary and ends without a full stop."""
    if isinstance(error, KubernetesBusyError):
        return f"the cluster asks to come back {_wait(error.retry_after_s)}, so nothing was done"
    return f"the cluster refused it: {refusal(error, applied=step.content_type == APPLY_PATCH).rstrip('.')}"


def refusal(error: KubernetesStatusError, *, applied: bool = False) -> str:
    """What the API server says against a request, in one sentence: each field, and each owner of one."""
    if isinstance(error, KubernetesConflictError) and applied and error.causes:
        return f"{_owners(error)}. Leave these fields out, or take them with --force-conflicts."
    if isinstance(error, KubernetesInvalidError) and error.causes:
        return f"{_fields(error)}."
    if isinstance(error, KubernetesBusyError):
        return f"it asks to come back {_wait(error.retry_after_s)}."
    return redact_text(error.message)


def _wait(seconds: float | None) -> str:
    return "later" if seconds is None else f"in {seconds:.0f} s"


def _fields(error: KubernetesStatusError) -> str:
    """`spec.replicas (Invalid value: -1: must be …)`, one after another."""
    named = [redact_text(f"{cause.field or 'the object'} ({cause.message})") for cause in error.causes[:MOST_FIELDS]]
    more = len(error.causes) - len(named)
    return "; ".join(named) + (f"; and {more} more" if more else "")


def _owners(error: KubernetesStatusError) -> str:
    """`spec.replicas belongs to "kubectl-scale"`, one after another, as the Status names them."""
    named = [
        f"{cause.field.removeprefix('.')} belongs to {_manager(cause.message)}" for cause in error.causes[:MOST_FIELDS]
    ]
    return redact_text("; ".join(named) or error.message.rstrip("."))


def _manager(message: str) -> str:
    """`conflict with "kubectl-scale" using apps/v1` names its manager between the first two quotes."""
    parts = message.split('"')
    return f'"{parts[1]}"' if len(parts) > 2 else message
