"""The main job through REST and WebSocket: ask, preview, confirm, see it done, find it in the audit log and in Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.support.chat import Person, change, only
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack


def audit_events(person: Person, **filters: str) -> list[dict[str, Any]]:
    reply = person.http.get("/api/v1/audit/events", params=filters)
    assert reply.status_code == 200, reply.text
    return list(reply.json()["events"])


def test_show_me_the_pods_lists_the_eleven_pods_of_shop(admin: Person) -> None:
    with admin.chat() as chat:
        table = only(chat.say("show me the pods"), "table")
    names = [row[0] for row in table["rows"]]
    assert table["command"] == "kubectl get pods -n shop"
    assert {"orders-db-0", "payments-api-849c6f7d5b-qz4kn"} <= set(names)
    assert [column["name"] for column in table["columns"]][:5] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]


def test_kubectl_syntax_works_without_the_language_service(admin: Person) -> None:
    with admin.chat() as chat:
        table = only(chat.say("kubectl get deployments -n shop"), "table")
    assert {"web", "cart", "checkout"} <= {row[0] for row in table["rows"]}


def test_a_change_is_previewed_confirmed_once_and_audited_before_it_is_sent(stack: LocalStack, admin: Person) -> None:
    with admin.chat() as chat:
        before = only(chat.say("kubectl get deployment web -n shop -o name"), "output")
        preview = only(chat.say("scale web to 5"), "preview")
        step = preview["steps"][0]
        assert preview["risk"] == "change"
        assert step["command"] == "kubectl scale deployment/web --replicas=5 -n shop"
        assert step["dry_run"] == "ok"
        outcome = only(chat.confirm(preview), "outcome")
        assert outcome["state"] == "applied", outcome
        again = only(chat.confirm(preview), "error")
        assert again["code"] == "plan_decided"

        def scaled() -> bool:
            rows = only(chat.say("kubectl get deployment web -n shop"), "table")["rows"]
            return rows[0][1] == "5/5"

        wait_for("five ready replicas", scaled)
        assert before["text"].strip() == "deployment.apps/web"
        assert change(chat, "scale web to 3")["state"] == "applied"

    events = audit_events(admin, verb="scale", limit="20")
    (done,) = [event for event in events if event["event_id"] in outcome["events"]]
    (intent,) = [event for event in events if event["kind"] == "intent" and event["intent_id"] == done["intent_id"]]
    assert intent["plan_digest"] == done["plan_digest"] == preview["digest"]
    assert intent["timestamp"] < done["timestamp"]
    assert (done["outcome"], done["user_name"], done["cluster"], done["name"]) == ("applied", "admin", "prod-eu", "web")


def test_a_cancelled_plan_cannot_be_confirmed(admin: Person) -> None:
    with admin.chat() as chat:
        preview = only(chat.say("scale cart to 4"), "preview")
        assert only(chat.cancel(preview), "outcome")["state"] == "cancelled"
        assert only(chat.confirm(preview), "error")["code"] == "plan_decided"
        rows = only(chat.say("kubectl get deployment cart -n shop"), "table")["rows"]
    assert rows[0][1] == "2/2"


def test_why_something_fails_is_answered_with_its_cause_and_a_fix_that_becomes_a_preview(admin: Person) -> None:
    with admin.chat() as chat:
        answer = only(chat.say("why is cart-canary failing?"), "diagnosis")
        (cause,) = answer["causes"]
        assert (answer["command"], cause["code"]) == ("diagnose deployment/cart-canary -n shop", "image_tag")
        preview = only(chat.say(cause["fixes"][0]), "preview")
        assert "registry.local/shop/cart:2.3.1" in preview["steps"][0]["diff"]
        assert only(chat.cancel(preview), "outcome")["state"] == "cancelled"


def test_a_destructive_plan_wants_the_name_typed(admin: Person) -> None:
    with admin.chat() as chat:
        preview = only(chat.say("kubectl delete configmap checkout-env -n shop"), "preview")
        assert preview["risk"] == "destructive"
        assert preview["typed_name"] == "checkout-env"
        assert only(chat.confirm(preview, "checkout"), "error")["code"] == "wrong_name"
        assert only(chat.cancel(preview), "outcome")["state"] == "cancelled"


def test_a_confirmation_with_another_digest_is_refused(admin: Person) -> None:
    with admin.chat() as chat:
        preview = only(chat.say("scale web to 4"), "preview")
        forged = {**preview, "digest": "0" * 64}
        assert only(chat.confirm(forged), "error")["code"] == "wrong_digest"
        assert only(chat.cancel(preview), "outcome")["state"] == "cancelled"


def test_an_object_that_changed_since_the_preview_gives_a_new_preview(admin: Person) -> None:
    with admin.chat() as chat:
        first = only(chat.say("scale checkout to 3"), "preview")
        assert change(chat, "scale checkout to 4")["state"] == "applied"
        events = chat.confirm(first)
        assert only(events, "outcome")["state"] == "refused"
        renewed = only(events, "preview")
        assert renewed["plan"] != first["plan"]
        assert "4" in renewed["steps"][0]["summary"]
        assert only(chat.cancel(renewed), "outcome")["state"] == "cancelled"
        assert change(chat, "scale checkout to 2")["state"] == "applied"


def test_a_message_sent_again_after_a_reconnect_acts_once(admin: Person) -> None:
    turn = str(uuid4())
    with admin.chat() as chat:
        first = only(chat.turn({"type": "say", "id": turn, "text": "scale cart to 3"}), "preview")
        session = chat.session
    with admin.chat(session) as chat:
        second = only(chat.turn({"type": "say", "id": turn, "text": "scale cart to 3"}), "preview")
        assert second["plan"] == first["plan"]
        assert only(chat.cancel(second), "outcome")["state"] == "cancelled"


def test_history_shows_the_same_cards_again(admin: Person) -> None:
    with admin.chat() as chat:
        chat.say("show me the pods")
        preview = only(chat.say("scale web to 4"), "preview")
        only(chat.cancel(preview), "outcome")
        session = chat.session
    messages = admin.http.get(f"/api/v1/chat-sessions/{session}/messages").json()["messages"]
    kinds = [(message["role"], message["event"]["type"]) for message in messages]
    assert kinds[0] == ("person", "say")
    assert ("kubechat", "table") in kinds
    assert kinds[-1] == ("kubechat", "outcome")
    assert [message["seq"] for message in messages] == list(range(1, len(messages) + 1))


def test_another_person_cannot_read_my_conversation_or_confirm_my_plan(
    admin: Person, someone: Callable[[str], Person]
) -> None:
    eve = someone("operator")
    with admin.chat() as chat:
        preview = only(chat.say("scale web to 4"), "preview")
        messages = f"/api/v1/chat-sessions/{chat.session}/messages"
        plan = f"/api/v1/plans/{preview['plan']}/confirm"
        assert admin.http.get(messages).status_code == 200
        assert eve.http.get(messages).status_code == 404
        assert eve.http.post(plan, json={"digest": preview["digest"]}).status_code == 404
        assert only(chat.cancel(preview), "outcome")["state"] == "cancelled"


def test_a_viewer_reads_and_changes_nothing(someone: Callable[[str], Person]) -> None:
    viewer = someone("viewer")
    with viewer.chat() as chat:
        assert only(chat.say("show me the pods"), "table")["total"] >= 11
        assert only(chat.say("scale web to 5"), "error")["code"] == "change_not_allowed"
        secret = only(chat.say("kubectl get secrets -n shop"), "error")
        chat.say("kubectl exec web-5f7c9d6b8-2xkqp -- sh")
    assert secret["code"] == "forbidden"
    assert "secrets" in secret["message"]
    reply = viewer.http.get("/api/v1/audit/events", params={"kind": "refusal"})
    assert [(event["command"], event["detail"]["code"]) for event in reply.json()["events"]] == [
        ("kubectl exec web-5f7c9d6b8-2xkqp -- sh", "unsupported"),
        ("kubectl get secrets -n shop", "forbidden"),
        ("scale web to 5", "change_not_allowed"),
    ]


def test_a_copied_line_names_its_cluster_where_it_is_not_the_kubeconfigs_current_one(admin: Person) -> None:
    with admin.chat() as chat:
        moved = admin.http.patch(f"/api/v1/chat-sessions/{chat.session}", json={"cluster": "prod-us"})
        assert moved.status_code == 204
        preview = only(chat.say("scale web to 4"), "preview")
        assert preview["steps"][0]["command"] == "kubectl scale deployment/web --replicas=4 -n shop --context prod-us"
        assert preview["steps"][0]["cluster"] == "prod-us"
        only(chat.cancel(preview), "outcome")


def test_the_latency_of_turns_is_in_prometheus(stack: LocalStack, admin: Person) -> None:
    with admin.chat() as chat:
        chat.say("kubectl get pods -n shop")

    def measured() -> bool:
        found = stack.prometheus('sum(kubechat_turn_duration_seconds_count{operation_class="simple"})')
        return bool(found) and float(found[0]["value"][1]) >= 1

    wait_for("the turn's histogram in Prometheus", measured)
