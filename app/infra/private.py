"""The private port's application: metrics, liveness and readiness, the same in every process."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from app.infra.lifecycle import Runtime
from app.infra.scrape import page
from slo.targets.load_balancing import INGRESS_HEALTH_CHECKS


def private_app(runtime: Runtime, extra: Sequence[BaseRoute] = ()) -> Starlette:
    """Build the application for a process' private listener.

    Args:
        runtime: the process' runtime.
        extra: further private routes, such as Alertmanager's webhook.
    """

    async def metrics(_: Request) -> Response:
        return await page(runtime.instruments.parts())

    async def healthz(_: Request) -> Response:
        return Response(b"ok\n", media_type="text/plain")

    async def readyz(_: Request) -> Response:
        readiness = await runtime.health.readiness()
        body = orjson.dumps({"ready": readiness.ready, "checks": readiness.checks})
        return Response(body, status_code=200 if readiness.ready else 503, media_type="application/json")

    live, ready = (INGRESS_HEALTH_CHECKS.named(name).word for name in ("liveness", "readiness"))
    return Starlette(routes=[Route("/metrics", metrics), Route(live, healthz), Route(ready, readyz), *extra])
