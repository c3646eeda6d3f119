"""Makes a plan for one request: waits for its turn, reads the words, says how they were read, ends with the plan.

It knows no HTTP. A model is a second backend behind the same stream of events, asked where the caller comes back for
it: the embedded plan is there first, and stays whatever becomes of the model.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from app.errors import BusyError, UnavailableError
from app.infra.workers import Workers
from app.nlp.models.backend import Asked, ModelBackend
from app.nlp.models.model import Call
from app.nlp.models.prompt import Step
from app.nlp.models.when import Scope, scope_of
from app.nlp.queue import Priority, TranslationQueue
from app.nlp.schemas import AnswerBody, PlanBody, WarmBody, plan_event, reading_event
from app.nlp.translator.likeness.sentences import examples
from app.nlp.translator.plan import Context, Plan
from app.nlp.translator.translate import translate
from app.nlp.translator.vocabulary import Vocabulary, compile_vocabulary
from app.nlp.vocabularies import Vocabularies
from app.telemetry import catalogue
from app.telemetry.http import current_request_id
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import Tracing, current_trace_id

EMBEDDED: Final = "embedded"
# Words are compared with names: 400 characters with 1,000 names take some 6 ms. What takes longer is read on a thread.
INLINE_WORK: Final = 400 * 1_000
_log = get_logger(__name__)


class PlanService:
    """Turns requests into events.

    Args:
        queue: lets one request through at a time.
        vocabularies: the compiled names.
        instruments: where plans are counted and timed.
        tracing: the span of the translation.
        workers: threads that read long texts.
        model: asked where the embedded translator is unsure; None where there is none.
    """

    def __init__(
        self,
        queue: TranslationQueue,
        vocabularies: Vocabularies,
        instruments: Instruments,
        tracing: Tracing,
        workers: Workers,
        model: ModelBackend | None = None,
    ) -> None:
        self._workers, self._model = workers, model
        self.warmed = False
        self._queue = queue
        self._vocabularies = vocabularies
        self._tracing = tracing
        self._plans = instruments.counter(catalogue.NLP_PLANS)
        self._processing = instruments.histogram(catalogue.NLP_PROCESSING).labels(EMBEDDED)

    def check_room(self, priority: Priority) -> None:
        """Refuse before a request is read; as `TranslationQueue.check_room`."""
        self._queue.check_room(priority)

    async def events(self, body: PlanBody, priority: Priority, deadline_s: float) -> AsyncGenerator[dict[str, Any]]:
        """The events of one request; the last is the plan.

        Args:
            body: the request.
            priority: who asks.
            deadline_s: the event loop's time after which the answer is of no use.

        Raises:
            BusyError: the queue is full; raised before the first event.
            DeadlineExceededError: the deadline passed before the request's turn came; before the first event.
            MalformedPayloadError: the vocabulary has the wrong shape; before the first event.
        """
        vocabulary = await self._vocabularies.get(body.vocabulary, body.context.caches_cleared_at)
        async with self._queue.turn(priority, deadline_s):
            started = time.perf_counter()
            with self._tracing.span("translate") as span:
                plan = await self._translated(body, vocabulary)
                if span.is_recording():
                    span.set_attributes(
                        {"kubechat.behaviour": plan.behaviour.value, "kubechat.confidence": plan.confidence}
                    )
            elapsed = time.perf_counter() - started
        trace_id = current_trace_id()
        self._processing.observe(elapsed, {"trace_id": trace_id} if trace_id else None)
        self._plans.labels(plan.behaviour.value, EMBEDDED).inc()
        # The words themselves are not logged: people paste secrets.
        _log.info(
            "planned",
            behaviour=plan.behaviour.value,
            confidence=plan.confidence,
            commands=len(plan.commands),
            characters=len(body.text),
            request=current_request_id(),
        )
        yield reading_event(plan)
        yield plan_event(plan, EMBEDDED, Scope.NONE if self._model is None else scope_of(plan))

    async def _translated(self, body: PlanBody, vocabulary: Vocabulary) -> Plan:
        """The plan; what takes long is read beside the loop, on which answers of a model are streamed."""
        context = body.context.made()
        if len(body.text) * max(1_000, len(vocabulary.names)) <= INLINE_WORK:
            return translate(body.text, context, vocabulary)
        return await self._workers.run(translate, body.text, context, vocabulary)

    async def answer(self, body: AnswerBody, deadline_s: float) -> AsyncGenerator[dict[str, Any]]:
        """The events of a model's answer; the last is `calls` or `plan`.

        Args:
            body: the request, with what was read so far.
            deadline_s: the event loop's time after which the answer is of no use.

        Raises:
            UnavailableError: there is no model here.
            BusyError: too many ask it at the moment.
            ModelError: it failed, or is left alone at the moment.
        """
        if self._model is None:
            raise UnavailableError("No language model is set up here.", code="no_model")
        key, vocabulary = await self._vocabularies.keyed(body.vocabulary, body.context.caches_cleared_at)
        steps = tuple(
            Step(
                step.said,
                tuple(Call(call.id, call.name, call.arguments) for call in step.calls),
                tuple(call.result for call in step.calls),
            )
            for step in body.steps
        )
        asked = Asked(
            body.text,
            body.context.made(),
            vocabulary,
            key,
            body.scope,
            steps,
            corrected=body.corrected,
            may_read=body.reads,
        )
        async with aclosing(self._model.events(asked, deadline_s)) as events:
            async for event in events:
                yield event

    async def warm_up(self) -> None:
        """Fill the lexicon's caches, and have a model's client ready, before the first person waits for them."""
        await self._workers.run(examples)
        translate("show the pods in prod", Context("", "default"), compile_vocabulary([], ["default"], {}))
        if self._model is not None:
            await self._model.warm_client()

    async def warm(self, body: WarmBody) -> int:
        """Compile names, and begin prompts with them, before anybody asks; returns how many were new.

        Raises:
            MalformedPayloadError: a vocabulary has the wrong shape.
        """
        made = 0
        for names in body.names:
            try:
                key, vocabulary = await self._vocabularies.warm(names.vocabulary)
            except BusyError:
                return made  # people go first; what is missing is compiled when it is asked for
            if vocabulary is not None:
                made += 1
                if self._model is not None:
                    await self._model.warm_prompt(Context(names.cluster, names.namespace), vocabulary, key)
        self.warmed = True
        return made
