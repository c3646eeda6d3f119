"""An application over TLS on loopback, in the test's own loop."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from app.demo.certificates import Certificates
from tests.support.waiting import until


@asynccontextmanager
async def serving(app: Any, made: Certificates, port: int = 0) -> AsyncIterator[int]:
    """Serve until left; gives the port.

    Args:
        app: an ASGI application.
        made: its certificate.
        port: where; 0 for any that is free.
    """
    config = uvicorn.Config(
        app,
        port=port,
        lifespan="off",
        log_config=None,
        ssl_certfile=made.certificate,
        ssl_keyfile=made.key,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())

    async def started() -> bool:
        return server.started

    await until("the server", started)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await task
