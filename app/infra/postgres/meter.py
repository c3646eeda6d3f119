"""Measures statements by name: their time, the slow ones, the failed ones, and a span where the request is sampled."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from opentelemetry.trace import SpanKind
from prometheus_client import Counter, Histogram

from app.infra.postgres.faults import FAULTS, LOST_STATEMENT, explain
from app.infra.postgres.query import Query
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from slo.targets.requirements import SIMPLE_QUERIES

T = TypeVar("T")


def slow_from_s() -> float:
    """From here on a statement is slow: half of what a person may wait for the simplest answer, in seconds."""
    return SIMPLE_QUERIES.named("duration").number / 2


@dataclass(frozen=True, slots=True)
class _Series:
    duration: Histogram
    slow: Counter


class Meter:
    """Runs statements and notes how they went.

    Args:
        instruments: where the metrics live.
        tracing: spans for statements of sampled requests.
        lost_statement: called when the pooler turns out not to carry prepared statements.
    """

    def __init__(self, instruments: Instruments, tracing: Tracing, lost_statement: Callable[[], None]) -> None:
        self._lost_statement = lost_statement
        self._tracing = tracing
        self._duration = instruments.histogram(catalogue.POSTGRES_QUERY_DURATION)
        self._slow = instruments.counter(catalogue.POSTGRES_SLOW_QUERIES)
        self._errors = instruments.counter(catalogue.POSTGRES_QUERY_ERRORS)
        self._slow_from_s = slow_from_s()
        self._series: dict[str, _Series] = {}

    async def run(self, query: Query, work: Awaitable[T]) -> T:
        """What a statement answers.

        Raises:
            KubeChatError: whatever it raised, as `faults.explain` says.
        """
        series = self._series.get(query.name) or self._made(query.name)
        started = time.perf_counter()
        try:
            if not self._tracing.recording():
                return await work
            with self._tracing.span(
                f"postgres {query.name}",
                kind=SpanKind.CLIENT,
                attributes={"db.system.name": "postgresql", "db.query.summary": query.name},
            ):
                return await work
        except FAULTS as exc:
            fault, error = explain(exc, query)
            self._errors.labels(query.name, fault).inc()
            if fault == LOST_STATEMENT:
                self._lost_statement()
            raise error from exc
        finally:
            took_s = time.perf_counter() - started
            series.duration.observe(took_s)
            if took_s >= self._slow_from_s:
                series.slow.inc()

    def _made(self, name: str) -> _Series:
        made = _Series(self._duration.labels(name), self._slow.labels(name))
        self._series[name] = made
        return made
