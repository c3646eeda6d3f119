"""What was acknowledged is there, once, whatever died in between; what could not be stored is refused and said so."""

from __future__ import annotations

import json
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import httpx2
import pytest

from tests.support.audit_process import TOKEN, AuditProcess
from tests.support.postgres_server import RefusedError
from tests.support.waiting import wait_for


def test_what_was_acknowledged_is_found_after_the_service_was_killed(audit: AuditProcess) -> None:
    sent = [audit.event(detail={"number": number}) for number in range(50)]
    reply = audit.record(*sent)
    audit.kill()
    assert (reply.status_code, reply.json()) == (200, {"accepted": 50, "duplicates": 0})
    audit.start()
    found = audit.search(limit=500)["events"]
    assert sorted(found, key=lambda one: one["event_id"]) == sent


def test_nothing_acknowledged_is_lost_when_the_service_is_killed_under_load(audit: AuditProcess) -> None:
    acknowledged: list[str] = []

    def send(_: int) -> None:
        mine = audit.event()
        try:
            if audit.record(mine).status_code == 200:
                acknowledged.append(mine["event_id"])
        except httpx2.HTTPError:
            return
        if len(acknowledged) == 100:
            audit.kill()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(send, range(400)))
    audit.start()
    stored = set(audit.sql(f"SELECT event_id FROM audit_events WHERE user_id = '{audit.person}'").split())
    assert len(acknowledged) >= 100
    assert set(acknowledged) <= stored


def test_an_event_sent_twice_is_stored_once(audit: AuditProcess) -> None:
    first, second = audit.event(), audit.event()
    stored, again = 'kubechat_audit_events_total{kind="read"}', "kubechat_audit_duplicates_total"
    before = audit.metric(stored), audit.metric(again)
    assert audit.record(first, first).json() == {"accepted": 1, "duplicates": 1}
    assert audit.record(first, second).json() == {"accepted": 1, "duplicates": 1}
    assert audit.rows() == 2
    assert (audit.metric(stored), audit.metric(again)) == (before[0] + 2, before[1] + 2)


def test_the_same_events_from_many_callers_at_once_are_stored_once(audit: AuditProcess) -> None:
    same = [audit.event() for _ in range(20)]
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: audit.record(*same).json(), range(8)))
    assert sum(reply["accepted"] for reply in replies) == 20
    assert audit.rows() == 20


def test_concurrent_requests_share_commits(audit: AuditProcess) -> None:
    batches, events = "kubechat_audit_batch_events_count", "kubechat_audit_batch_events_sum"
    before = audit.metric(batches), audit.metric(events)
    with ThreadPoolExecutor(32) as pool:
        replies = list(pool.map(lambda _: audit.record(audit.event()).status_code, range(300)))
    assert replies == [200] * 300
    assert audit.metric(events) - before[1] == 300
    assert audit.metric(batches) - before[0] < 300


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_events SET user_name = 'x'", "DELETE FROM audit_events", "TRUNCATE audit_events"],
)
@pytest.mark.parametrize("role", ["kubechat_test", "postgres"])
def test_the_database_refuses_to_change_or_remove_an_event(audit: AuditProcess, statement: str, role: str) -> None:
    audit.record(audit.event())
    with pytest.raises(RefusedError, match=r"permission denied|never changed or removed"):
        audit.sql(statement, user=role)
    assert audit.rows() == 1


def test_with_the_database_away_it_refuses_and_recovers_by_itself(audit: AuditProcess) -> None:
    mine = audit.event()
    audit.postgres.stop()
    try:
        reply = audit.record(mine, **{"x-deadline-ms": "1000"})
        assert reply.status_code == 503
        assert reply.json()["error"]["retryable"] is True
        assert audit.readiness() == 503
        assert audit.http.get("/v1/events").status_code == 503
    finally:
        audit.postgres.start()
    wait_for("the service to be ready again", lambda: audit.readiness() == 200)
    reply = wait_for("a record to be taken", lambda: (found := audit.record(mine)).status_code == 200 and found)
    assert sum(reply.json().values()) == 1
    assert audit.rows() == 1


def test_a_crash_of_the_database_loses_nothing_acknowledged(audit: AuditProcess) -> None:
    mine = audit.event()
    assert audit.record(mine).status_code == 200
    audit.postgres.stop(signal.SIGQUIT)
    audit.postgres.start()
    assert audit.rows() == 1


def test_it_starts_without_a_database_and_is_ready_once_there_is_one(audit: AuditProcess) -> None:
    audit.kill()
    audit.postgres.stop()
    try:
        audit.start(ready=False)
        assert audit.readiness() == 503
        assert audit.record(audit.event()).status_code == 503
    finally:
        audit.postgres.start()
    wait_for("the service to be ready", lambda: audit.readiness() == 200)
    assert audit.record(audit.event()).status_code == 200


def test_a_database_that_hangs_is_answered_within_the_callers_deadline_and_the_record_may_be_sent_again(
    audit: AuditProcess,
) -> None:
    mine = audit.event()
    audit.postgres.freeze()
    try:
        reply = audit.record(mine, **{"x-deadline-ms": "500"})
    finally:
        audit.postgres.thaw()
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "commit_unknown"
    assert reply.json()["error"]["retryable"] is True
    again = wait_for("the record to be taken", lambda: (found := audit.record(mine)).status_code == 200 and found)
    assert sum(again.json().values()) == 1
    assert audit.rows() == 1


@contextmanager
def locked(audit: AuditProcess, for_s: float) -> Iterator[Callable[[], None]]:
    """Inserts wait while the table is locked; yields a function that returns once one does."""

    def look(what: str, condition: str) -> None:
        query = f"SELECT true FROM pg_locks WHERE {condition} LIMIT 1"
        wait_for(what, lambda: audit.sql(query), every_s=0.05)

    lock = f"BEGIN; LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep({for_s}); COMMIT"
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(audit.sql, lock)
        look(
            "the table to be locked", "mode = 'AccessExclusiveLock' AND granted AND relation = 'audit_events'::regclass"
        )
        yield lambda: look("an insert to wait", "mode = 'RowExclusiveLock' AND NOT granted")
        held.result()


def test_a_caller_that_leaves_does_not_take_its_events_with_it(audit: AuditProcess) -> None:
    body = json.dumps({"events": [audit.event()]}).encode()
    with (
        locked(audit, 0.7) as wait_for_insert,
        socket.create_connection(("127.0.0.1", audit.port)) as caller,
    ):
        caller.sendall(
            b"POST /v1/events HTTP/1.1\r\nhost: audit\r\nauthorization: Bearer %s\r\n"
            b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (TOKEN.encode(), len(body), body)
        )
        wait_for_insert()
    wait_for("the event to be stored", lambda: audit.rows() == 1)


def test_what_was_taken_is_stored_even_when_the_process_is_told_to_end(audit: AuditProcess) -> None:
    with locked(audit, 1.5) as wait_for_insert:
        assert audit.record(audit.event(), **{"x-deadline-ms": "100"}).status_code == 503
        wait_for_insert()
        assert audit.process is not None
        audit.process.send_signal(signal.SIGTERM)
    assert audit.process.wait(20) == 0
    assert audit.rows() == 1


def test_a_commit_whose_standby_did_not_confirm_is_not_acknowledged(audit: AuditProcess) -> None:
    postgres = audit.postgres
    postgres.psql("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    postgres.psql("postgres", "SELECT pg_reload_conf()")
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    try:
        with ThreadPoolExecutor(1) as pool:
            pid = ""
            while not pid:  # the server takes its new setting when it comes to it, and acknowledges until then
                mine = audit.event()
                reply = pool.submit(audit.record, mine)
                held = wait_for(
                    "the commit to wait",
                    lambda reply=reply: postgres.psql("postgres", waiting) or reply.done(),
                    every_s=0.05,
                )
                pid = held if isinstance(held, str) else ""
            postgres.psql("postgres", f"SELECT pg_cancel_backend({pid})")
            assert reply.result().status_code == 503
            # Found stored already, and still not known to be safe: the second attempt has to wait as well.
            reply = pool.submit(audit.record, mine)
            wait_for("the commit to wait", lambda: postgres.psql("postgres", waiting), every_s=0.05)
            postgres.psql("postgres", "ALTER SYSTEM RESET synchronous_standby_names")
            postgres.psql("postgres", "SELECT pg_reload_conf()")
            assert (reply.result().status_code, reply.result().json()) == (200, {"accepted": 0, "duplicates": 1})
    finally:
        postgres.psql("postgres", "ALTER SYSTEM RESET synchronous_standby_names")
        postgres.psql("postgres", "SELECT pg_reload_conf()")


def test_what_was_taken_is_written_before_the_process_ends(audit: AuditProcess) -> None:
    with ThreadPoolExecutor(8) as pool:
        replies = [pool.submit(audit.record, audit.event()) for _ in range(40)]
        wait_for("the first record", lambda: audit.rows() > 0, every_s=0.01)
        assert audit.process is not None
        audit.process.send_signal(signal.SIGTERM)
        acknowledged = 0
        for reply in replies:
            try:
                acknowledged += reply.result().status_code == 200
            except httpx2.HTTPError:
                continue
    assert audit.process.wait(20) == 0
    assert audit.rows() >= acknowledged > 0


def test_a_record_that_the_database_refuses_takes_no_other_with_it(audit: AuditProcess) -> None:
    audit.sql("ALTER TABLE audit_events ADD CONSTRAINT no_poison CHECK (name <> 'poison')")
    with ThreadPoolExecutor(16) as pool:
        replies = list(
            pool.map(
                lambda n: audit.record(audit.event(name="poison" if n % 10 == 0 else "fine")).status_code, range(100)
            )
        )
    audit.sql("ALTER TABLE audit_events DROP CONSTRAINT no_poison")
    assert [status for n, status in enumerate(replies) if n % 10 == 0] == [500] * 10
    assert [status for n, status in enumerate(replies) if n % 10] == [200] * 90


def test_an_event_keeps_every_character_it_came_with_and_shows_the_one_that_cannot_be_stored(
    audit: AuditProcess,
) -> None:
    sent = audit.event(
        command="kubectl 'ü' \\u0000 \u202e\n\x1b[31m", name="a\0b", detail={"quote": "\\\0", "deep": [None, 1.5]}
    )
    assert audit.record(sent).status_code == 200
    found = audit.search()["events"]
    assert found == [{**sent, "name": "a␀b", "detail": {"quote": "\\␀", "deep": [None, 1.5]}}]


def test_a_request_id_and_trace_of_the_caller_are_kept(audit: AuditProcess) -> None:
    reply = audit.record(audit.event(user_id="x"), **{"x-request-id": "from-the-gateway"})
    assert reply.json()["error"]["request_id"] == reply.headers["x-request-id"] == "from-the-gateway"


def test_a_full_queue_refuses_at_once_and_is_counted(audit: AuditProcess) -> None:
    audit.kill()
    audit.start(KUBECHAT_QUEUE_LIMIT_EVENTS="1000")
    batch = [audit.event() for _ in range(600)]
    audit.postgres.freeze()
    try:
        with ThreadPoolExecutor(8) as pool:
            replies = list(
                pool.map(
                    lambda n: audit.record(
                        *({**one, "event_id": str(uuid4())} for one in batch), **{"x-deadline-ms": "2000"}
                    ),
                    range(8),
                )
            )
        refused = audit.metric('kubechat_audit_refused_total{reason="queue_full"}')
    finally:
        audit.postgres.thaw()
        audit.kill()
    codes = [reply.json()["error"]["code"] for reply in replies]
    assert {reply.status_code for reply in replies} == {503}
    assert codes.count("busy") == 5  # two in the writers' hands, one waits, the others find no room
    assert refused == 5
