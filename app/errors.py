"""One tree of errors: what went wrong, said to a person, with a machine's code beside it.

Adapters raise these in place of a library's exceptions; one handler per process turns them into answers. A message
here is written for the person who reads it and never holds the text of another exception.
"""

from __future__ import annotations

from typing import ClassVar


class KubeChatError(Exception):
    """The base of all errors that a caller may see.

    Attributes:
        status: HTTP status of the answer.
        code: machine-readable word, stable across releases; a metric label.
        retryable: whether the same request may succeed later.
        message: one clear sentence for the person, with what to do.
        retry_after_s: seconds after which a retry makes sense, if known.
    """

    status: ClassVar[int] = 500
    code: str = "internal"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, code: str | None = None, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_s = retry_after_s
        if code is not None:
            self.code = code


class InvalidInputError(KubeChatError):
    """The request was read, and what it asks for makes no sense (400)."""

    status = 400
    code = "invalid_input"


class MalformedPayloadError(KubeChatError):
    """The payload is not what the route reads: no JSON, a field missing or of the wrong type (422)."""

    status = 422
    code = "malformed_payload"


class NotSignedInError(KubeChatError):
    """No session, an expired one, or wrong credentials (401)."""

    status = 401
    code = "not_signed_in"


class ForbiddenError(KubeChatError):
    """The person is known and may not do this (403)."""

    status = 403
    code = "forbidden"


class NotFoundError(KubeChatError):
    """What the request names does not exist, or is not the person's to see (404)."""

    status = 404
    code = "not_found"


class MethodNotAllowedError(KubeChatError):
    """The address exists and does not take this method (405)."""

    status = 405
    code = "method_not_allowed"


class ConflictError(KubeChatError):
    """The state has changed, or the thing exists already (409)."""

    status = 409
    code = "conflict"


class GoneError(KubeChatError):
    """It existed and its time is over: an expired confirmation, an old cursor (410)."""

    status = 410
    code = "gone"


class TooLargeError(KubeChatError):
    """The payload is over the limit of its route (413)."""

    status = 413
    code = "too_large"


class TooManyRequestsError(KubeChatError):
    """This person, or this address, asks too often (429)."""

    status = 429
    code = "too_many_requests"
    retryable = True


class InternalError(KubeChatError):
    """A fault of ours; the log has the cause under the request id (500)."""


class UnsupportedError(KubeChatError):
    """Understood, and not offered (501)."""

    status = 501
    code = "unsupported"


class BusyError(KubeChatError):
    """The process refuses work to stay healthy: a full queue or pool, memory near its limit (503)."""

    status = 503
    code = "busy"
    retryable = True


class UnavailableError(KubeChatError):
    """A dependency does not answer (503)."""

    status = 503
    code = "unavailable"
    retryable = True


class DeadlineExceededError(KubeChatError):
    """The deadline passed before the answer came (504)."""

    status = 504
    code = "deadline_exceeded"
    retryable = True
