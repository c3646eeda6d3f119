"""Closes a listener to everyone but our own services: every request shows the service token, or is refused."""

from __future__ import annotations

import hmac

from app.errors import NotSignedInError
from app.telemetry.http import App, Receive, Scope, Send


class ServiceTokenMiddleware:
    """Wraps an ASGI application.

    Args:
        app: the application.
        token: what the services show each other.
    """

    def __init__(self, app: App, *, token: str) -> None:
        self._app = app
        self._wanted = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; NotSignedInError without the token, or with another."""
        shown = b""
        for key, value in scope["headers"]:
            if key == b"authorization":
                shown = value
        if not hmac.compare_digest(shown, self._wanted):
            raise NotSignedInError("This service answers other services only.", code="service_token")
        await self._app(scope, receive, send)
