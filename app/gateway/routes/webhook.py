"""Alertmanager's webhook, on the private port, for the holder of the webhook token alone."""

from __future__ import annotations

import hmac

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import KubeChatError, MalformedPayloadError, NotSignedInError, TooLargeError
from app.gateway.service.alerts import AlertFeed
from app.telemetry.http import error_body, new_request_id
from app.telemetry.tracing import Tracing

LARGEST_BYTES = 4 * 2**20  # some thousand alerts


def webhook_route(feed: AlertFeed, token: str, tracing: Tracing) -> Route:
    """The route `POST /hooks/alertmanager`.

    Args:
        feed: takes the alerts.
        token: the secret that Alertmanager shows.
        tracing: alerts are always traced.
    """
    expected = f"Bearer {token}".encode()

    async def alertmanager(request: Request) -> Response:
        try:
            if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
                raise NotSignedInError("The webhook token is missing or wrong.")
            with tracing.root("POST /hooks/alertmanager", always=True):
                await feed.take(_payload(await _body(request)))
        except KubeChatError as error:
            return Response(
                error_body(error, new_request_id()), status_code=error.status, media_type="application/json"
            )
        return Response(b'{"status":"ok"}', media_type="application/json")

    return Route("/hooks/alertmanager", alertmanager, methods=["POST"])


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BYTES:
            raise TooLargeError("The webhook payload is too large.")
    return bytes(body)


def _payload(body: bytes) -> dict[str, object]:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise MalformedPayloadError("The webhook payload is not JSON.") from exc
    if not isinstance(payload, dict):
        raise MalformedPayloadError("The webhook payload is not an object.")
    return payload
