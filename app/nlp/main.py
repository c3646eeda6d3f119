"""The language service's composition root: builds every part once and holds no logic of its own.

It has no credentials for any cluster or store: all that it knows of names comes with each request.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.errors import MethodNotAllowedError, NotFoundError
from app.infra.body_limit import BodyLimitMiddleware
from app.infra.lifecycle import Process, Runtime, serve
from app.infra.private import private_app
from app.infra.service_token import ServiceTokenMiddleware
from app.infra.settings import read_secret
from app.nlp.queue import TranslationQueue
from app.nlp.routes import PlanRoute
from app.nlp.service import PlanService
from app.nlp.settings import NlpSettings
from app.nlp.translator.plan import Context
from app.nlp.translator.translate import translate
from app.nlp.translator.vocabulary import compile_vocabulary
from app.nlp.vocabularies import Vocabularies
from app.telemetry.http import TelemetryMiddleware

LARGEST_BODY_BYTES = 2**20


def create_process(settings: NlpSettings) -> Process:
    """Build the language service.

    Raises:
        InternalError: the service token's file is missing or empty.
    """
    runtime = Runtime("nlp", settings)
    instruments, tracing = runtime.instruments, runtime.tracing
    token = read_secret(settings.service_token_file, "service token")
    queue = TranslationQueue(settings.queue_limit, instruments)
    vocabularies = Vocabularies(settings.max_vocabularies, runtime.workers, instruments, runtime.caches)
    service = PlanService(queue, vocabularies, instruments, tracing)
    public = Starlette(
        routes=[Route("/v1/plan", PlanRoute(service).__call__, methods=["POST"])],
        middleware=[
            Middleware(
                TelemetryMiddleware,
                instruments=instruments,
                tracing=tracing,
                trust_caller=True,
                overloaded=lambda: runtime.memory.shedding,
            ),
            Middleware(ServiceTokenMiddleware, token=token),
            Middleware(BodyLimitMiddleware, limit_bytes=LARGEST_BODY_BYTES),
        ],
        exception_handlers={HTTPException: _refuse_route},
    )

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        _warm_up()
        yield

    return Process(runtime, public, private_app(runtime), lifespan)


def _warm_up() -> None:
    """Fill the lexicon's caches before the first person waits for them."""
    translate("show the pods in prod", Context("", "default"), compile_vocabulary([], ["default"], {}))


async def _refuse_route(_: Request, error: Exception) -> Response:
    # Answered in one place, the telemetry middleware: this turns the framework's errors into ours.
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        raise MethodNotAllowedError("This address does not take that method.") from error
    raise NotFoundError("There is nothing at this address.") from error


def main() -> None:
    """Run the language service until it is told to stop."""
    serve(create_process(NlpSettings()))


if __name__ == "__main__":
    main()
