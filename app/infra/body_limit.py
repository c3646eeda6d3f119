"""Refuses request bodies over a limit, by their declared length or as they arrive."""

from __future__ import annotations

from app.errors import InvalidInputError, TooLargeError
from app.telemetry.http import App, Message, Receive, Scope, Send


class BodyLimitMiddleware:
    """Wraps an ASGI application.

    Args:
        app: the application.
        limit_bytes: the largest body that is read.
    """

    def __init__(self, app: App, *, limit_bytes: int) -> None:
        self._app = app
        self._limit_bytes = limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request.

        Raises:
            TooLargeError: the body is over the limit.
            InvalidInputError: the declared length is no number.
        """
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        for key, value in scope["headers"]:
            if key == b"content-length":
                if not value.isdigit():
                    raise InvalidInputError("The Content-Length header is not a number.")
                if int(value) > self._limit_bytes:
                    raise self._too_large()
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._limit_bytes:
                raise self._too_large()
            return message

        await self._app(scope, limited, send)

    def _too_large(self) -> TooLargeError:
        return TooLargeError(f"The request is larger than {self._limit_bytes // 1024} KiB, the most that is read here.")
