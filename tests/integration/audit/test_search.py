"""A search finds exactly what matches, newest first, page by page, and says clearly what it cannot read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.audit_process import NOON, AuditProcess, event


@pytest.fixture
def stored(audit: AuditProcess) -> list[dict[str, Any]]:
    """1,000 events of one person, two to each second, newest first; and others that must not be found."""
    mine = [
        audit.event(
            timestamp=(NOON + timedelta(seconds=number // 2)).isoformat(timespec="microseconds"),
            user_name=f"name-{audit.person}",
            kind="outcome" if number % 10 == 0 else "read",
            outcome="applied",
            verb="scale" if number % 10 == 0 else "get",
            cluster="prod-us" if number % 4 == 0 else "prod-eu",
            namespace="shop" if number % 3 == 0 else "platform",
            command=f"kubectl get pods 100%_{number} \\ Ünïcode",
        )
        for number in range(1000)
    ]
    assert audit.record(*mine).json() == {"accepted": 1000, "duplicates": 0}
    assert audit.record(*(event(timestamp=NOON.isoformat()) for _ in range(20))).status_code == 200
    return sorted(mine, key=lambda one: (one["timestamp"], one["event_id"]), reverse=True)


def pages(audit: AuditProcess, **filters: Any) -> list[list[dict[str, Any]]]:
    found: list[list[dict[str, Any]]] = []
    cursor: str | None = None
    while True:
        page = audit.search(**filters, **({} if cursor is None else {"cursor": cursor}))
        found.append(page["events"])
        cursor = page["next"]
        if cursor is None:
            return found


def test_pages_hold_every_event_once_newest_first(audit: AuditProcess, stored: list[dict[str, Any]]) -> None:
    found = pages(audit, limit=300)
    assert [len(page) for page in found] == [300, 300, 300, 100]
    assert [one for page in found for one in page] == stored


def test_a_page_that_ends_with_the_last_event_has_no_next(audit: AuditProcess, stored: list[dict[str, Any]]) -> None:
    assert [len(page) for page in pages(audit, limit=500)] == [500, 500]


def test_events_that_arrive_between_pages_move_nothing(audit: AuditProcess, stored: list[dict[str, Any]]) -> None:
    first = audit.search(limit=400)
    audit.record(audit.event(timestamp=(NOON + timedelta(days=1)).isoformat()))
    second = audit.search(limit=400, cursor=first["next"])
    assert first["events"] + second["events"] == stored[:800]


def test_a_person_and_a_span_of_time_give_exactly_their_events(
    audit: AuditProcess, stored: list[dict[str, Any]]
) -> None:
    since, until = NOON + timedelta(seconds=100), NOON + timedelta(seconds=103)
    found = audit.search(since=since.isoformat(), until=until.isoformat())["events"]
    assert found == [one for one in stored if since.isoformat() <= one["timestamp"] < until.isoformat()]
    assert len(found) == 6


@pytest.mark.parametrize(
    ("filters", "matches"),
    [
        ({"kind": "outcome"}, lambda one: one["kind"] == "outcome"),
        ({"verb": "scale"}, lambda one: one["verb"] == "scale"),
        ({"cluster": "prod-us"}, lambda one: one["cluster"] == "prod-us"),
        (
            {"cluster": "prod-us", "namespace": "shop"},
            lambda one: (one["cluster"], one["namespace"]) == ("prod-us", "shop"),
        ),
        ({"text": "100%_77"}, lambda one: "100%_77" in one["command"]),
        ({"text": "KUBECTL GET PODS 100%_5 "}, lambda one: "100%_5 " in one["command"]),
        ({"text": "\\ Ünï", "kind": "outcome"}, lambda one: one["kind"] == "outcome"),
        ({"text": "100x_77"}, lambda one: False),
        ({"text": "'; DROP TABLE audit_events; --"}, lambda one: False),
    ],
)
def test_filters_give_exactly_what_matches(
    audit: AuditProcess, stored: list[dict[str, Any]], filters: dict[str, str], matches: Any
) -> None:
    assert audit.search(**filters, limit=500)["events"] == [one for one in stored if matches(one)]


def test_a_person_is_found_by_name_as_well(audit: AuditProcess, stored: list[dict[str, Any]]) -> None:
    assert audit.search(user=f"name-{audit.person}", limit=10)["events"] == stored[:10]


def test_a_cursor_of_another_search_or_an_altered_one_is_refused(
    audit: AuditProcess, stored: list[dict[str, Any]]
) -> None:
    cursor = audit.search(limit=10)["next"]
    altered = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for query in (
        {"user": audit.person, "kind": "read", "cursor": cursor},
        {"user": audit.person, "cursor": altered},
        {"user": audit.person, "cursor": "ü"},
        {"user": audit.person, "cursor": "x"},
    ):
        reply = audit.http.get("/v1/events", params=query)
        assert (reply.status_code, reply.json()["error"]["code"]) == (400, "cursor")


def test_a_page_is_read_off_an_index(audit: AuditProcess) -> None:
    # Enough rows of others that reading them all would be dearer.
    audit.record(*(event() for _ in range(1000)))
    audit.sql("ANALYZE audit_events")
    for condition, index in (
        (f"user_id = '{audit.person}'", "audit_events_user_timestamp"),
        ("user_name = 'nobody'", "audit_events_user_name_timestamp"),
        ("timestamp < '2026-05-04 12:00:01Z'", "audit_events_timestamp"),
        ("cluster = 'staging' AND namespace = 'shop'", "audit_events_place_timestamp"),
    ):
        plan = audit.sql(
            "SET enable_seqscan = off; SET enable_sort = off; EXPLAIN SELECT * FROM audit_events"
            f" WHERE {condition} ORDER BY timestamp DESC, event_id DESC LIMIT 100"
        )
        assert f"Index Scan Backward using {index}" in plan
        assert "Sort" not in plan
