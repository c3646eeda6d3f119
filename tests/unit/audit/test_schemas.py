"""Whatever text an event holds, it can be stored, and nothing of it is lost or confused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.cursor import Cursors
from app.audit.entries import Position, Search
from app.audit.schemas import EventsPayload, SearchQuery, read_payload, read_query
from app.errors import InvalidInputError

ID = "018f0000-0000-7000-8000-000000000001"
# Everything that JSON can carry: no lone surrogates, but NUL and backslashes often.
TEXT = st.text(st.one_of(st.sampled_from('\0\\u0"'), st.characters(exclude_categories=["Cs"])), max_size=50)


def body(**changes: Any) -> bytes:
    event = {
        "event_id": ID,
        "timestamp": "2026-05-04T12:00:00.000001+00:00",
        "kind": "read",
        "user_id": ID,
        "user_name": "admin",
        "request_id": "",
        "trace_id": "",
        **changes,
    }
    return orjson.dumps({"events": [event]})


@given(command=TEXT, key=TEXT, value=TEXT)
def test_a_nul_is_shown_and_every_other_character_is_kept(command: str, key: str, value: str) -> None:
    (event,) = read_payload(EventsPayload, body(command=command, detail={key: [value]})).entries()
    assert event.command == command.replace("\0", "␀")
    assert orjson.loads(event.detail) == {key.replace("\0", "␀"): [value.replace("\0", "␀")]}
    assert "\0" not in event.command + event.detail


def test_a_search_for_an_id_is_a_search_by_id() -> None:
    assert read_query(SearchQuery, {"user": ID}).search() == Search(user_id=UUID(ID))
    assert read_query(SearchQuery, {"user": "admin"}).search() == Search(user_name="admin")


TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))


@given(at=TIMES, event_id=st.uuids())
def test_a_cursor_leads_back_to_its_position(at: datetime, event_id: UUID) -> None:
    position, search = Position(at, event_id), Search(kind="read")
    assert Cursors("token").read(Cursors("token").write(position, search), search) == position


@given(text=st.text(max_size=80))
def test_no_other_word_is_a_cursor(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Cursors("token").read(text, Search())


@pytest.mark.parametrize("other", [Search(kind="read"), Search(since=datetime(2026, 1, 1, tzinfo=UTC))])
def test_a_cursor_belongs_to_one_search_and_one_token(other: Search) -> None:
    position = Position(datetime.now(UTC) + timedelta(days=1), UUID(ID))
    cursor = Cursors("token").write(position, Search())
    with pytest.raises(InvalidInputError):
        Cursors("token").read(cursor, other)
    with pytest.raises(InvalidInputError):
        Cursors("another").read(cursor, Search())
