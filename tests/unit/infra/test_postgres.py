"""What the database adapter sends, and what it makes of refusals."""

from __future__ import annotations

import asyncpg
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInputError
from app.infra.postgres.codecs import to_json
from app.infra.postgres.meter import Meter
from app.infra.postgres.query import Query
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing


@given(st.text(st.sampled_from('\0\\u0"a')))
def test_a_log_with_nul_characters_is_stored_with_their_picture_and_otherwise_as_it_is(text: str) -> None:
    assert orjson.loads(to_json({"text": text})) == {"text": text.replace("\0", "␀")}


async def test_an_argument_that_cannot_be_stored_is_the_callers_fault_and_no_outage() -> None:
    tracing = Tracing("gateway", "test")
    instruments = Instruments()
    meter = Meter(instruments, tracing, lambda: None)

    async def refuse() -> None:
        raise asyncpg.DataError("value out of int64 range")

    with pytest.raises(InvalidInputError):
        await meter.run(Query("test", "SELECT $1"), refuse())
    assert instruments.value(catalogue.POSTGRES_QUERY_ERRORS, query="test", fault="unstorable") == 1
    tracing.close()


async def test_a_statement_is_slow_from_half_of_what_the_simplest_question_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tracing, instruments = Tracing("gateway", "test"), Instruments()
    meter = Meter(instruments, tracing, lambda: None)
    clock = 0.0
    monkeypatch.setattr("app.infra.postgres.meter.time.perf_counter", lambda: clock)

    async def take(seconds: float) -> None:
        nonlocal clock
        clock += seconds

    for seconds in (0.0999, 0.1, 3.0):
        await meter.run(Query("test.read", "SELECT 1"), take(seconds))
    assert instruments.value(catalogue.POSTGRES_SLOW_QUERIES, query="test.read") == 2
    assert instruments.value(catalogue.POSTGRES_QUERY_DURATION, "_count", query="test.read") == 3
    tracing.close()
