"""The list of alerts: the hottest read, answered from memory by a plain route."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from app.gateway.dependencies import get_parts, get_session


async def list_alerts(request: Request) -> Response:
    """Firing alerts first, then those of the last week."""
    await get_session(request)
    return Response(
        get_parts(request).alerts.listing, media_type="application/json", headers={"cache-control": "no-cache"}
    )
