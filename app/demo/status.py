"""Refusals in the API server's own words.

A handler raises `StatusError`; the routes turn it into a `Status` object. Wording follows apimachinery's
`api/errors` package and a recorded API server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from app.demo.kinds import Kind
from app.demo.objects import Obj

CauseReason = Literal[
    "FieldValueInvalid",
    "FieldValueRequired",
    "FieldValueForbidden",
    "FieldValueNotSupported",
    "FieldValueDuplicate",
    "FieldValueTypeInvalid",
]

# What the API server sends along with a refusal of its authorizer and with plain text.
NO_SNIFFING: Final = {"X-Content-Type-Options": "nosniff"}


class StatusError(Exception):
    """A failure that has a `Status`.

    Attributes:
        code: the HTTP status.
        body: the `Status` object.
        headers: extra response headers.
    """

    def __init__(
        self,
        code: int,
        message: str,
        reason: str = "",
        details: Obj | None = None,
        *,
        metadata: Obj | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.headers = headers or {}
        body: Obj = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": metadata or {},
            "status": "Failure",
            "message": message,
        }
        if reason:
            body["reason"] = reason
        if details is not None:
            body["details"] = details
        body["code"] = code
        self.body = body


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong with an object.

    Attributes:
        reason: such as FieldValueInvalid.
        message: the words without the field.
        field: the path, such as spec.replicas.
    """

    reason: CauseReason
    message: str
    field: str

    @property
    def sentence(self) -> str:
        """The field and what is wrong with it."""
        return f"{self.field}: {self.message}"


def shown(value: Any) -> str:
    """A value as Go's field errors print it."""
    if isinstance(value, str | dict | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


def invalid_value(field: str, value: Any, why: str) -> Cause:
    """A value that may not be."""
    return Cause("FieldValueInvalid", f"Invalid value: {shown(value)}: {why}", field)


def required_value(field: str, why: str = "") -> Cause:
    """A value that is missing."""
    return Cause("FieldValueRequired", f"Required value: {why}" if why else "Required value", field)


def forbidden_value(field: str, why: str) -> Cause:
    """A value that may not be set here."""
    return Cause("FieldValueForbidden", f"Forbidden: {why}", field)


def unsupported_value(field: str, value: Any, allowed: tuple[str, ...]) -> Cause:
    """A value that is none of the allowed ones."""
    listed = ", ".join(f'"{word}"' for word in allowed)
    return Cause("FieldValueNotSupported", f"Unsupported value: {shown(value)}: supported values: {listed}", field)


def duplicate_value(field: str, value: Any) -> Cause:
    """A value that may occur only once."""
    return Cause("FieldValueDuplicate", f"Duplicate value: {shown(value)}", field)


def _details(kind: Kind, name: str = "") -> Obj:
    details: Obj = {}
    if name:
        details["name"] = name
    if kind.group:
        details["group"] = kind.group
    details["kind"] = kind.plural
    return details


def bad_request(message: str) -> StatusError:
    """400 with these words."""
    return StatusError(400, message, "BadRequest")


def unauthorized() -> StatusError:
    """401, the same for every reason."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def not_found(kind: Kind, name: str) -> StatusError:
    """404 for an object."""
    return StatusError(404, f'{kind.resource} "{name}" not found', "NotFound", _details(kind, name))


def no_such_resource() -> StatusError:
    """404 for a path that names no resource."""
    return StatusError(404, "the server could not find the requested resource", "NotFound", {})


def forbidden(kind: Kind, name: str, why: str) -> StatusError:
    """403 for an object, such as a namespace that may not be deleted."""
    quoted = f' "{name}"' if name else ""
    return StatusError(403, f"{kind.resource}{quoted} is forbidden: {why}", "Forbidden", _details(kind, name))


def unauthorized_action(kind: Kind, name: str, why: str) -> StatusError:
    """403 of the authorizer."""
    error = forbidden(kind, name, why)
    error.headers.update(NO_SNIFFING)
    return error


def already_exists(kind: Kind, name: str) -> StatusError:
    """409 for a name that is taken."""
    return StatusError(409, f'{kind.resource} "{name}" already exists', "AlreadyExists", _details(kind, name))


def conflict(kind: Kind, name: str, why: str = "") -> StatusError:
    """409 for a stale resourceVersion, or another reason."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {kind.resource} "{name}": {why}'
    return StatusError(409, message, "Conflict", _details(kind, name))


def precondition_failed(kind: Kind, name: str, why: str) -> StatusError:
    """409 for a precondition of a deletion."""
    message = f'Operation cannot be fulfilled on {kind.kind} "{name}": {why}'
    details: Obj = {"name": name, "kind": kind.kind}
    if kind.group:
        details = {"name": name, "group": kind.group, "kind": kind.kind}
    return StatusError(409, message, "Conflict", details)


def invalid(kind: Kind, name: str, causes: list[Cause]) -> StatusError:
    """422 with its causes."""
    sentences = [cause.sentence for cause in causes]
    text = sentences[0] if len(sentences) == 1 else f"[{', '.join(sentences)}]"
    qualified = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    details: Obj = {"name": name} if name else {}
    if kind.group:
        details["group"] = kind.group
    details["kind"] = kind.kind
    details["causes"] = [{"reason": cause.reason, "message": cause.message, "field": cause.field} for cause in causes]
    return StatusError(422, f'{qualified} "{name}" is invalid: {text}', "Invalid", details)


def method_not_allowed() -> StatusError:
    """405."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, message, "MethodNotAllowed", {})


def unsupported_media_type(accepted: tuple[str, ...] = ()) -> StatusError:
    """415."""
    message = "415: Unsupported Media Type"
    if accepted:
        message = "the body of the request was in an unknown format - accepted media types include: " + ", ".join(
            accepted
        )
    return StatusError(415, message, "UnsupportedMediaType", {})


def not_acceptable() -> StatusError:
    """406."""
    offered = (
        "application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;stream=watch, "
        "application/vnd.kubernetes.protobuf;stream=watch"
    )
    message = f"406: Not Acceptable\n\nAvailable representations: {offered}"
    return StatusError(406, message, "NotAcceptable", {})


def not_implemented(what: str) -> StatusError:
    """501 for what a real cluster can and this one cannot."""
    return StatusError(501, f"the demo cluster does not support {what}", "NotImplemented", {})


def expired(message: str, *, continue_token: str = "") -> StatusError:
    """410 for a resource version that is no longer kept."""
    return StatusError(410, message, "Expired", metadata={"continue": continue_token} if continue_token else None)


def version_too_large(asked: int, current: int) -> StatusError:
    """504 for a resource version of the future."""
    details = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    message = f"Timeout: Too large resource version: {asked}, current: {current}"
    return StatusError(504, message, "Timeout", details, headers={"Retry-After": "1"})


def success(kind: Kind, obj: Obj) -> Obj:
    """The `Status` that answers a deletion that is done."""
    details = _details(kind, str(obj["metadata"]["name"]))
    details["uid"] = obj["metadata"]["uid"]
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
