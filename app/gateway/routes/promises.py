"""What was promised and whether it holds, and how long the web chat took to load."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Response

from app.gateway.dependencies import PartsOf, SessionOf
from app.gateway.schemas import WebLoad

router = APIRouter(prefix="/api/v1")


@router.get("/promises")
async def show_promises(_: SessionOf, parts: PartsOf) -> Response:
    """Every target and objective with its verdict, the year's downtime, the present or next maintenance."""
    body = orjson.dumps(await parts.promises.snapshot())
    return Response(body, media_type="application/json", headers={"cache-control": "no-cache"})


@router.post("/web-load", status_code=204)
async def report_web_load(payload: WebLoad, session: SessionOf, parts: PartsOf) -> None:
    """Take what a browser measured of its page load."""
    parts.web_loads.report(session.token_hash, payload.seconds, payload.cache)
