"""An intent is stored once for each step of a plan, before anything is sent, and closed by its outcome."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2

from tests.support.audit_process import NOON, AuditProcess
from tests.support.waiting import wait_for


def open_intent(audit: AuditProcess, body: dict[str, Any]) -> httpx2.Response:
    return audit.http.post("/v1/intents", json=body)


def open_ids(audit: AuditProcess, **query: str) -> set[str]:
    reply = audit.http.get("/v1/intents", params={"state": "open", **query})
    assert reply.status_code == 200, reply.text
    return {one["intent_id"] for one in reply.json()["intents"]}


def test_an_intent_is_created_once_and_stored_with_its_event(audit: AuditProcess) -> None:
    mine = audit.intent()
    assert open_intent(audit, mine).status_code == 201
    assert open_intent(audit, mine).status_code == 200
    assert audit.search()["events"] == [mine["event"]]


def test_an_acknowledged_intent_is_there_after_the_service_was_killed(audit: AuditProcess) -> None:
    mine = audit.intent()
    assert open_intent(audit, mine).status_code == 201
    audit.kill()
    audit.start()
    assert mine["intent_id"] in open_ids(audit)


def test_another_intent_for_the_same_step_is_refused_and_leaves_no_event(audit: AuditProcess) -> None:
    first = audit.intent()
    other = audit.intent(plan_id=first["plan_id"])
    assert open_intent(audit, first).status_code == 201
    reply = open_intent(audit, other)
    assert (reply.status_code, reply.json()["error"]["code"]) == (409, "intent_exists")
    assert reply.json()["error"]["retryable"] is False
    assert audit.rows() == 1


def test_the_same_intent_with_another_digest_or_step_is_refused(audit: AuditProcess) -> None:
    first = audit.intent()
    assert open_intent(audit, first).status_code == 201
    assert open_intent(audit, {**first, "digest": "e" * 64}).status_code == 409
    assert open_intent(audit, {**first, "step": 1}).status_code == 409


def test_each_step_of_a_plan_has_an_intent_of_its_own(audit: AuditProcess) -> None:
    plan = str(uuid4())
    replies = [open_intent(audit, audit.intent(plan_id=plan, step=step)).status_code for step in range(3)]
    assert replies == [201, 201, 201]


def test_of_many_intents_for_one_step_at_once_exactly_one_is_taken(audit: AuditProcess) -> None:
    plan = str(uuid4())
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: open_intent(audit, audit.intent(plan_id=plan)).status_code, range(50)))
    assert sorted(replies) == [201] + [409] * 49
    assert audit.rows() == 1


def test_an_outcome_closes_its_intent_and_a_late_one_changes_nothing(audit: AuditProcess) -> None:
    mine = audit.intent()
    open_intent(audit, mine)
    assert mine["intent_id"] in open_ids(audit)
    for outcome in ("failed", "applied"):
        assert (
            audit.record(audit.event(kind="outcome", intent_id=mine["intent_id"], outcome=outcome)).status_code == 200
        )
    assert mine["intent_id"] not in open_ids(audit)
    assert audit.sql(f"SELECT outcome FROM intents WHERE intent_id = '{mine['intent_id']}'") == "failed"


def test_evidence_takes_the_place_of_an_unknown_outcome(audit: AuditProcess) -> None:
    mine = audit.intent()
    open_intent(audit, mine)
    for outcome in ("unknown", "applied", "unknown"):
        audit.record(audit.event(kind="outcome", intent_id=mine["intent_id"], outcome=outcome))
    assert audit.sql(f"SELECT outcome FROM intents WHERE intent_id = '{mine['intent_id']}'") == "applied"


def test_open_intents_are_listed_by_deadline(audit: AuditProcess) -> None:
    early, late = (
        audit.intent(deadline=NOON.isoformat()),
        audit.intent(deadline=(NOON + timedelta(hours=1)).isoformat()),
    )
    open_intent(audit, early)
    open_intent(audit, late)
    before = open_ids(audit, before=(NOON + timedelta(minutes=30)).isoformat())
    assert early["intent_id"] in before
    assert late["intent_id"] not in before


def test_overdue_intents_show_as_a_metric(audit: AuditProcess) -> None:
    open_intent(audit, audit.intent(deadline=NOON.isoformat()))
    audit.kill()
    audit.start()
    overdue = int(audit.sql("SELECT count(*) FROM intents WHERE outcome IS NULL AND deadline < now()"))
    assert overdue > 0
    wait_for("the gauge", lambda: audit.metric("kubechat_audit_open_intents") == overdue)
