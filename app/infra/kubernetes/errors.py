"""What a Kubernetes API can answer in place of a result, as errors with a status and a code of ours.

The message is the API server's own sentence as kubectl writes it: it is written for the person whose request it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from app.errors import KubeChatError, NotFoundError, UnavailableError

# Before 1.36 `cannot impersonate resource "users"`, from then on `cannot impersonate-on:user-info:list resource …`.
_IMPERSONATION = "cannot impersonate"
LONGEST_MESSAGE = 2_000  # a 422 names each field; more than this nobody reads


@dataclass(frozen=True, slots=True)
class Cause:
    """One field that the API server refused.

    Attributes:
        field: its path, e.g. "spec.replicas".
        message: what is wrong with it.
        reason: machine-readable word.
    """

    field: str
    message: str
    reason: str


class KubernetesStatusError(KubeChatError):
    """The API server answered with a Status (502 where none of the classes below fits).

    Attributes:
        http_status: HTTP status of the API server's answer.
        reason: its machine-readable word ("NotFound"), empty when it gave none.
        causes: the fields it refused.
    """

    status: ClassVar[int] = 502
    code = "cluster_error"

    def __init__(
        self,
        message: str,
        *,
        http_status: int,
        reason: str = "",
        causes: tuple[Cause, ...] = (),
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, retry_after_s=retry_after_s)
        self.http_status = http_status
        self.reason = reason
        self.causes = causes


class KubernetesBadRequestError(KubernetesStatusError):
    """The API server does not understand the request (400)."""

    status = 400
    code = "invalid_input"


class KubernetesForbiddenError(KubernetesStatusError):
    """The cluster's RBAC or an admission rule refuses it (403)."""

    status = 403
    code = "forbidden"


class KubernetesNotFoundError(KubernetesStatusError, NotFoundError):
    """There is no such object or resource (404)."""

    status = 404
    code = "not_found"


class KubernetesConflictError(KubernetesStatusError):
    """The object has changed, or exists already (409)."""

    status = 409
    code = "conflict"


class KubernetesGoneError(KubernetesStatusError):
    """A continue token or a resourceVersion is too old (410)."""

    status = 410
    code = "gone"


class KubernetesInvalidError(KubernetesStatusError):
    """The object breaks a rule of its kind (422); `causes` names each field."""

    status = 422
    code = "invalid_object"


class KubernetesBusyError(KubernetesStatusError):
    """The API server asks to come back later (429)."""

    status = 429
    code = "too_many_requests"
    retryable = True


class KubernetesCredentialsError(KubernetesStatusError):
    """The cluster does not accept this installation, or does not let it impersonate: its operator has to look (502)."""

    status = 502
    code = "cluster_credentials"


class ClusterAwayError(UnavailableError):
    """No connection could be had, or it broke before an answer came (503).

    Attributes:
        reason: why, in a few words that stand behind the cluster's name.
    """

    code = "cluster_unavailable"

    def __init__(
        self, message: str, *, reason: str, code: str | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, code=code, retry_after_s=retry_after_s)
        self.reason = reason


class OutcomeUnknownError(KubeChatError):
    """A request that changes something may have been received, and its answer was lost (504)."""

    status = 504
    code = "outcome_unknown"


_BY_STATUS: dict[int, type[KubernetesStatusError]] = {
    400: KubernetesBadRequestError,
    401: KubernetesCredentialsError,
    403: KubernetesForbiddenError,
    404: KubernetesNotFoundError,
    409: KubernetesConflictError,
    410: KubernetesGoneError,
    422: KubernetesInvalidError,
    429: KubernetesBusyError,
}


def status_error(cluster: str, http_status: int, body: Any, retry_after: str | None) -> KubernetesStatusError:
    """The error for an answer that is no success.

    Args:
        cluster: the cluster's name, for the person.
        http_status: status of the answer.
        body: its decoded JSON, or None when it was none.
        retry_after: its Retry-After header, in seconds.
    """
    status = body if isinstance(body, dict) and body.get("kind") == "Status" else {}
    found = status.get("details")
    details = found if isinstance(found, dict) else {}
    message = str(status.get("message") or f"The cluster {cluster} answered with HTTP status {http_status}")
    if http_status == 401:
        message = f"The cluster {cluster} does not accept the credentials that KubeChat has for it"
    reason = str(status.get("reason") or "")
    kind = _BY_STATUS.get(http_status, KubernetesStatusError)
    if http_status != 401 and status:
        message = _invalid(details) if reason == "Invalid" else _in_kubectls_words(message, reason)
    if http_status == 403 and _IMPERSONATION in message:
        # The rights of this installation, not the person's: they could do nothing about it.
        kind = KubernetesCredentialsError
        message = f"The cluster {cluster} does not let KubeChat act in the name of people; its operator has to allow it"
    return kind(
        message,
        http_status=http_status,
        reason=reason,
        causes=tuple(
            Cause(str(cause.get("field") or ""), str(cause.get("message") or ""), str(cause.get("reason") or ""))
            for cause in details.get("causes") or ()
            if isinstance(cause, dict)
        ),
        retry_after_s=_seconds(retry_after, details.get("retryAfterSeconds")),
    )


def reason_of(error: KubeChatError, cluster: str) -> str:
    """Why a cluster gave no result, in a few words that stand behind its name: "connection refused"."""
    if isinstance(error, ClusterAwayError):
        return error.reason
    text = error.message.strip().splitlines()[0]
    for begin in (f"The cluster {cluster} ", f"On cluster {cluster}, "):
        if text.startswith(begin):
            return text.removeprefix(begin).rstrip(".")
    return text


def _in_kubectls_words(message: str, reason: str) -> str:
    return f"Error from server{f' ({reason})' if reason else ''}: {message.strip()[:LONGEST_MESSAGE]}"


def _invalid(details: dict[str, Any]) -> str:
    """What a 422 says: the object, and each field that is wrong with it."""
    causes = [cause for cause in details.get("causes") or () if isinstance(cause, dict)]
    fields = list(dict.fromkeys(f"{cause.get('field')}: {cause.get('message')}" for cause in causes))
    named = details.get("kind") or details.get("name")
    text = f'The {details.get("kind")} "{details.get("name")}" is invalid' if named else "The request is invalid"
    if len(fields) == 1:
        text = f"{text}: {fields[0]}"
    elif fields:
        text = "\n".join([f"{text}: ", *(f"* {field}" for field in fields)])
    return text[:LONGEST_MESSAGE]


def _seconds(header: str | None, detail: Any) -> float | None:
    if header is not None and header.isdigit():
        return float(header)
    return float(detail) if isinstance(detail, (int, float)) and detail > 0 else None
