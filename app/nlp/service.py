"""Makes a plan for one request: waits for its turn, reads the words, says how they were read, ends with the plan.

It knows no HTTP. Further backends take their place here, behind the same stream of events.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any, Final

from app.nlp.queue import Priority, TranslationQueue
from app.nlp.schemas import PlanBody, plan_event, reading_event
from app.nlp.translator.translate import translate
from app.nlp.vocabularies import Vocabularies
from app.telemetry import catalogue
from app.telemetry.http import current_request_id
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from app.telemetry.tracing import Tracing, current_trace_id

EMBEDDED: Final = "embedded"
_log = get_logger(__name__)


class PlanService:
    """Turns requests into events.

    Args:
        queue: lets one request through at a time.
        vocabularies: the compiled names.
        instruments: where plans are counted and timed.
        tracing: the span of the translation.
    """

    def __init__(
        self, queue: TranslationQueue, vocabularies: Vocabularies, instruments: Instruments, tracing: Tracing
    ) -> None:
        self._queue = queue
        self._vocabularies = vocabularies
        self._tracing = tracing
        self._plans = instruments.counter(catalogue.NLP_PLANS)
        self._processing = instruments.histogram(catalogue.NLP_PROCESSING).labels(EMBEDDED)

    async def events(self, body: PlanBody, priority: Priority, deadline_s: float) -> AsyncIterator[dict[str, Any]]:
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
                plan = translate(body.text, body.context.made(), vocabulary)
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
        yield plan_event(plan, EMBEDDED)
