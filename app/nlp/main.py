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
from app.nlp.models.backend import Limits, ModelBackend
from app.nlp.models.client_cache import Models
from app.nlp.models.model import Model
from app.nlp.models.prompt_cache import Prompts
from app.nlp.queue import TranslationQueue
from app.nlp.routes import AnswerRoute, PlanRoute, WarmRoute
from app.nlp.service import PlanService
from app.nlp.settings import NlpSettings
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
    prompts = Prompts(settings.max_vocabularies, instruments, runtime.caches)
    vocabularies = Vocabularies(
        settings.max_vocabularies, runtime.workers, instruments, runtime.caches, outdated=prompts.forget
    )
    models = _models(settings, runtime) if settings.model_url else None
    model = None if models is None else ModelBackend(models, prompts, _limits(settings), instruments, tracing)
    service = PlanService(queue, vocabularies, instruments, tracing, runtime.workers, model)
    public = Starlette(
        routes=[
            Route("/v1/plan", PlanRoute(service).__call__, methods=["POST"]),
            Route("/v1/answer", AnswerRoute(service).__call__, methods=["POST"]),
            Route("/v1/warm", WarmRoute(service).__call__, methods=["GET", "POST"]),
        ],
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
        await service.warm_up()
        yield
        if models is not None:
            await models.close()

    return Process(runtime, public, private_app(runtime), lifespan)


def _models(settings: NlpSettings, runtime: Runtime) -> Models:
    """The clients of the model that is set; the library is loaded here and nowhere else."""
    from app.nlp.models.client import OpenAIModel

    def make() -> Model:
        key = read_secret(settings.model_key_file, "language model's key") if settings.model_key_file else ""
        return OpenAIModel(settings.model_url, settings.model_name, key, settings.model_at_once)

    return Models(settings.model_name, make, runtime.workers, runtime.instruments, runtime.caches)


def _limits(settings: NlpSettings) -> Limits:
    return Limits(
        timeout_s=settings.model_timeout_s,
        max_tokens=settings.model_max_tokens,
        max_prompt_tokens=settings.model_max_prompt_tokens,
        at_once=settings.model_at_once,
        steps=settings.model_steps,
    )


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
