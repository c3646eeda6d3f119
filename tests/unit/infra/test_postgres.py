"""What the database adapter sends, and what it makes of refusals."""

from __future__ import annotations

import asyncpg
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInputError
from app.infra.postgres import Database, Query, to_json
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing


@given(st.text(st.sampled_from('\0\\u0"a')))
def test_a_log_with_nul_characters_is_stored_with_their_picture_and_otherwise_as_it_is(text: str) -> None:
    assert orjson.loads(to_json({"text": text})) == {"text": text.replace("\0", "␀")}


async def test_an_argument_that_cannot_be_stored_is_the_callers_fault_and_no_outage() -> None:
    tracing = Tracing("gateway", "test")
    database = Database("", name="test", size=1, application_name="test", instruments=Instruments(), tracing=tracing)
    with pytest.raises(InvalidInputError):
        async with database.measured(Query("test", "SELECT $1")):
            raise asyncpg.DataError("value out of int64 range")
    tracing.close()
