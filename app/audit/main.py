"""The audit service's composition root: builds every part once, closes them in reverse, and holds no logic of its own.

It listens before its database answers: probes then see a process that lives and is not ready, and callers are told to
come back.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.resources import files

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from app.audit.batches import Batches
from app.audit.cursor import Cursors
from app.audit.routes import audit_routes
from app.audit.schemas import LARGEST_PAYLOAD_BYTES
from app.audit.service import AuditService
from app.audit.settings import AuditSettings
from app.audit.store import AuditStore
from app.errors import MethodNotAllowedError, NotFoundError
from app.infra.body_limit import BodyLimitMiddleware
from app.infra.database_start import until_open
from app.infra.index_rebuilds import IndexRebuilds, start_rebuilds
from app.infra.lifecycle import Process, Runtime, serve
from app.infra.migrations import migrate
from app.infra.postgres.database import Database
from app.infra.private import private_app
from app.infra.service_token import ServiceTokenMiddleware
from app.infra.settings import read_secret
from app.infra.tasks import background_tasks
from app.telemetry.http import TelemetryMiddleware

DRAIN_S = 8.0  # for what was taken and is not yet committed, within the 10 s that a process has to end


def create_process(settings: AuditSettings) -> Process:
    """Build the audit service; nothing is opened before its lifespan starts.

    Raises:
        InternalError: the service token's file is missing or empty.
    """
    runtime = Runtime("audit", settings)
    instruments, tracing = runtime.instruments, runtime.tracing
    token = read_secret(settings.service_token_file, "service token")
    database = Database(
        settings.postgres_url,
        name="kubechat_audit",
        size=settings.pool_size,
        application_name=settings.instance or "audit",
        instruments=instruments,
        tracing=tracing,
    )
    store = AuditStore(database)
    batches = Batches(
        store, instruments, limit_events=settings.queue_limit_events, limit_bytes=settings.queue_limit_bytes
    )
    service = AuditService(batches, store, Cursors(token), instruments)
    public = Starlette(
        routes=audit_routes(service),
        middleware=[
            Middleware(
                TelemetryMiddleware,
                instruments=instruments,
                tracing=tracing,
                trust_caller=True,
                overloaded=lambda: runtime.memory.shedding,
            ),
            Middleware(ServiceTokenMiddleware, token=token),
            Middleware(BodyLimitMiddleware, limit_bytes=LARGEST_PAYLOAD_BYTES),
        ],
        exception_handlers={HTTPException: _refuse_route},
    )
    runtime.health.register("postgres", database.ping)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            start = await stack.enter_async_context(background_tasks())
            rebuilds = IndexRebuilds(
                settings.postgres_direct_url or settings.postgres_url,
                database="kubechat_audit",
                started_by=settings.instance or "audit",
                instruments=instruments,
            )
            opened = partial(start_rebuilds, start, rebuilds, instruments)
            start("database", _open_database(settings, database, service, opened))
            start("writers", batches.run())
            stack.push_async_callback(batches.close, DRAIN_S)
            yield

    return Process(runtime, public, private_app(runtime), lifespan)


async def _open_database(
    settings: AuditSettings, database: Database, service: AuditService, opened: Callable[[], None]
) -> None:
    """Migrate and open the pool, waiting for a database that is not there yet; then watch what is in it."""

    async def open_once() -> None:
        await migrate(
            settings.postgres_direct_url or settings.postgres_url,
            files("app.audit") / "migrations",
            runner=settings.instance or "audit",
        )
        await database.open()

    await until_open(open_once)
    opened()
    await service.watch_open_intents()


async def _refuse_route(_: Request, error: Exception) -> Response:
    # Answered in one place, the telemetry middleware: this turns the framework's errors into ours.
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        raise MethodNotAllowedError("This address does not take that method.") from error
    raise NotFoundError("There is nothing at this address.") from error


def main() -> None:
    """Run the audit service until it is told to stop."""
    serve(create_process(AuditSettings()))


if __name__ == "__main__":
    main()
