"""What the audit service does not take: each gets one clear sentence with a request id, the right status, and is counted."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.support.audit_process import AuditProcess


def refused(reply: httpx2.Response) -> tuple[int, str]:
    error = reply.json()["error"]
    assert set(error) == {"code", "message", "request_id", "retryable"}
    assert error["request_id"] == reply.headers["x-request-id"]
    assert error["message"].endswith(".")
    return reply.status_code, error["code"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_id": "7"}, "event_id"),
        ({"timestamp": "yesterday"}, "timestamp"),
        ({"timestamp": "2026-05-04T12:00:00"}, "timestamp"),
        ({"timestamp": "0001-01-01T00:00:00+14:00"}, "timestamp"),
        ({"kind": "gossip"}, "kind"),
        ({"outcome": "splendid"}, "outcome"),
        ({"kind": "outcome", "outcome": None}, "events.1"),
        ({"user_name": 5}, "user_name"),
        ({"namespace": "x" * 1025}, "namespace"),
        ({"command": "x" * (2**17 + 1)}, "command"),
        ({"detail": []}, "detail"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_field_that_is_not_what_the_border_says_is_named(
    audit: AuditProcess, change: dict[str, Any], field: str
) -> None:
    reply = audit.record(audit.event(), audit.event(**change))
    assert refused(reply) == (422, "malformed_payload")
    assert field in reply.json()["error"]["message"]
    assert audit.rows() == 0


def test_a_missing_field_is_named(audit: AuditProcess) -> None:
    mine = audit.event()
    del mine["user_id"]
    assert "events.0.user_id" in audit.record(mine).json()["error"]["message"]


@pytest.mark.parametrize("count", [0, 1001])
def test_no_event_and_too_many_are_refused(audit: AuditProcess, count: int) -> None:
    assert refused(audit.record(*(audit.event() for _ in range(count)))) == (422, "malformed_payload")


def test_a_detail_that_is_too_large_is_refused(audit: AuditProcess) -> None:
    assert refused(audit.record(audit.event(detail={"x": "y" * 2**18}))) == (422, "malformed_payload")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"events": [1'])
def test_what_is_no_json_is_refused(audit: AuditProcess, body: bytes) -> None:
    assert refused(audit.http.post("/v1/events", content=body)) == (400, "not_json")


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'{"events": {}}'])
def test_json_of_another_shape_is_refused(audit: AuditProcess, body: bytes) -> None:
    assert refused(audit.http.post("/v1/events", content=body)) == (422, "malformed_payload")


def test_a_payload_over_the_limit_is_refused(audit: AuditProcess) -> None:
    assert refused(audit.http.post("/v1/events", content=b" " * (2**20 + 1))) == (413, "too_large")


@pytest.mark.parametrize(
    "headers", [{"authorization": ""}, {"authorization": "Bearer wrong"}, {"authorization": "Basic YTpi"}]
)
@pytest.mark.parametrize("path", ["/v1/events", "/v1/intents", "/nowhere"])
def test_without_the_service_token_nothing_is_answered(audit: AuditProcess, headers: dict[str, str], path: str) -> None:
    assert refused(audit.http.get(path, headers=headers)) == (401, "service_token")
    assert refused(audit.http.post(path, headers=headers, content=b"{}")) == (401, "service_token")


def test_an_intent_whose_event_speaks_of_another_is_refused(audit: AuditProcess) -> None:
    mine = audit.intent()
    for event in (audit.event(kind="intent", outcome=None), {**mine["event"], "kind": "read"}):
        assert refused(audit.http.post("/v1/intents", json={**mine, "event": event})) == (422, "malformed_payload")


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=many",
        "since=then",
        "kind=gossip",
        "colour=red",
        "text=",
        f"text={'x' * 201}",
        "user=%00",
    ],
)
def test_a_search_that_makes_no_sense_is_refused(audit: AuditProcess, query: str) -> None:
    assert refused(audit.http.get(f"/v1/events?{query}")) == (400, "invalid_input")


def test_other_addresses_and_methods_are_refused(audit: AuditProcess) -> None:
    assert refused(audit.http.get("/v1/nothing")) == (404, "not_found")
    assert refused(audit.http.delete("/v1/events")) == (405, "method_not_allowed")
    assert refused(audit.http.get("/metrics")) == (404, "not_found")


def test_a_deadline_that_is_no_number_is_refused(audit: AuditProcess) -> None:
    assert refused(audit.record(audit.event(), **{"x-deadline-ms": "soon"})) == (400, "invalid_input")


def test_refusals_are_counted_by_their_code(audit: AuditProcess) -> None:
    series = 'kubechat_errors_total{code="malformed_payload"}'
    before = audit.metric(series)
    audit.http.post("/v1/events", content=b"[]")
    assert audit.metric(series) == before + 1
