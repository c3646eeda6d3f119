"""Bad input through the public way: one clear sentence, a request id, the right status, a counted metric; the process goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.support.chat import Chat, Person, handshake, only
from tests.support.stack import LocalStack
from tests.support.waiting import wait_for

pytestmark = pytest.mark.stack
SHOWN = frozenset({"table", "error"})


@pytest.fixture
def counted(stack: LocalStack) -> Callable[[str], float]:
    """The gateway's error counter for a code."""
    return lambda code: stack.gateway_counter(f'kubechat_errors_total{{code="{code}"}}')


def refused(reply: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert error["code"] == code
    assert error["request_id"] == reply.headers["x-request-id"]
    assert error["message"].endswith((".", "?"))
    return dict(error)


def drain(chat: Chat) -> None:
    """Read until the server closes."""
    while True:
        chat.receive(10)


def test_a_wrong_password_is_refused_without_saying_which_half_was_wrong(
    stack: LocalStack, counted: Callable[[str], float]
) -> None:
    before = counted("wrong_credentials")
    with httpx2.Client(base_url=stack.url, headers={"origin": stack.url}, trust_env=False) as http:
        wrong = refused(
            http.post("/api/v1/sign-in", json={"user": "admin", "password": "no"}), 401, "wrong_credentials"
        )
        unknown = refused(
            http.post("/api/v1/sign-in", json={"user": "mallory", "password": "no"}), 401, "wrong_credentials"
        )
    assert wrong["message"] == unknown["message"]
    assert counted("wrong_credentials") == before + 2


def test_a_wrong_password_for_an_account_is_in_the_audit_log(stack: LocalStack, admin: Person) -> None:
    with httpx2.Client(base_url=stack.url, headers={"origin": stack.url}, trust_env=False) as http:
        http.post("/api/v1/sign-in", json={"user": "admin", "password": "no"})
    reply = admin.http.get("/api/v1/audit/events", params={"kind": "sign_in", "user": "admin", "limit": "20"})
    refused_ones = [event for event in reply.json()["events"] if event["outcome"] == "refused"]
    assert refused_ones[0]["detail"]["code"] == "wrong_credentials"


def test_guessing_locks_the_name_for_a_while(stack: LocalStack) -> None:
    with httpx2.Client(base_url=stack.url, headers={"origin": stack.url}, trust_env=False) as http:
        for _ in range(5):
            http.post("/api/v1/sign-in", json={"user": "guessed", "password": "no"})
        reply = http.post("/api/v1/sign-in", json={"user": "guessed", "password": "no"})
    refused(reply, 429, "sign_in_locked")
    assert int(reply.headers["retry-after"]) > 0


def test_an_unknown_or_ended_session_is_refused(stack: LocalStack) -> None:
    with Person(stack.url, *stack.admin) as person:
        assert person.http.post("/api/v1/sign-out").status_code == 204
    with httpx2.Client(base_url=stack.url, headers={"cookie": person.cookie}, trust_env=False) as http:
        refused(http.get("/api/v1/me"), 401, "not_signed_in")
        refused(http.get("/api/v1/alerts"), 401, "not_signed_in")


def test_signing_out_closes_open_windows(stack: LocalStack) -> None:
    with Person(stack.url, *stack.admin) as person:
        chat = person.chat()
        assert person.http.post("/api/v1/sign-out").status_code == 204
    with pytest.raises(ConnectionClosed) as caught:
        drain(chat)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4401
    chat.close()


def test_a_payload_that_is_no_json_is_refused(admin: Person, counted: Callable[[str], float]) -> None:
    before = counted("malformed_payload")
    reply = admin.http.post("/api/v1/chat-sessions", content=b"{not json", headers={"content-type": "application/json"})
    refused(reply, 422, "malformed_payload")
    assert counted("malformed_payload") == before + 1


def test_a_field_too_many_is_refused(admin: Person) -> None:
    reply = admin.http.post("/api/v1/chat-sessions", json={"title": "x", "user_id": "someone else"})
    assert "user_id" in refused(reply, 422, "malformed_payload")["message"]


def test_a_body_over_the_limit_is_refused(admin: Person) -> None:
    reply = admin.http.post("/api/v1/commands", content=b"x" * (2**20 + 1))
    refused(reply, 413, "too_large")


def test_another_sites_page_cannot_act_with_our_cookie(admin: Person) -> None:
    reply = admin.http.post("/api/v1/chat-sessions", json={}, headers={"origin": "https://evil.example"})
    refused(reply, 403, "foreign_origin")


def test_unknown_addresses_and_methods_are_refused(admin: Person) -> None:
    refused(admin.http.get("/api/v1/nothing"), 404, "not_found")
    refused(admin.http.delete("/api/v1/me"), 405, "method_not_allowed")


def test_the_public_port_serves_no_metrics(admin: Person) -> None:
    for path in ("/metrics", "/healthz", "/readyz", "/docs", "/openapi.json", "/hooks/alertmanager"):
        assert admin.http.get(path).status_code == 404


def refusal(stack: LocalStack, **headers: str) -> tuple[int, dict[str, Any]]:
    """The status and the error of a handshake that is refused."""
    with pytest.raises(InvalidStatus) as caught, handshake(stack.url, **headers):
        pass
    response = caught.value.response
    return response.status_code, dict(json.loads(response.body or b"{}")["error"])


def test_a_websocket_without_a_session_is_refused(stack: LocalStack) -> None:
    status, error = refusal(stack, origin=stack.url)
    assert (status, error["code"]) == (401, "not_signed_in")
    assert error["request_id"]


def test_a_websocket_with_a_forged_session_is_refused(stack: LocalStack) -> None:
    status, error = refusal(stack, origin=stack.url, cookie="kubechat_session=forged")
    assert (status, error["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_websocket_from_another_origin_is_refused(stack: LocalStack, admin: Person, origin: str) -> None:
    status, error = refusal(stack, origin=origin, cookie=admin.cookie)
    assert (status, error["code"]) == (403, "foreign_origin")


@pytest.fixture
def chat(admin: Person) -> Any:
    with admin.chat() as opened:
        yield opened


@pytest.mark.parametrize(
    ("said", "code", "hint"),
    [
        ("kubectl get podz -n shop", "unknown_resource", "pods"),
        ("kubectl get deployment wab -n shop", "not_found", "web"),
        ("kubectl scale deployment/wab --replicas=2 -n shop", "not_found", "web"),
        ("kubectl scale deployment/web --replicas=many -n shop", None, "replicas"),
        ("kubectl get pods -n shop; rm -rf /", None, ""),
        ("kubectl get pods -n shop | grep web", None, ""),
        ("kubectl get pods --as=root", None, "--as"),
        ("kubectl port-forward pod/orders-db-0 5432", "unsupported", ""),
        ("kubectl get pods --context=mars", None, "prod-eu"),
        ("kubectl gte pods", None, "get"),
        ("", "empty_message", ""),
        ("x" * (64 * 1024 + 1), "message_too_large", "KiB"),
        ("y" * 2**20, "message_too_large", "KiB"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else None,
)
def test_what_cannot_be_done_is_said_in_one_sentence(chat: Chat, said: str, code: str | None, hint: str) -> None:
    error = only(chat.say(said), "error")
    if code is not None:
        assert error["code"] == code, error
    assert hint in error["message"]
    assert error["request_id"]
    table = only(chat.say("kubectl get deployments -n shop"), "table")
    assert table["rows"]


def test_frames_that_are_no_messages_are_told_and_the_socket_stays_open(chat: Chat) -> None:
    for frame in ("{", "[]", '{"type":"explode"}', '{"type":"say"}'):
        chat.socket.send(frame)
        error = chat.receive()
        assert (error["type"], error["code"]) == ("error", "malformed_payload")
        assert error["request_id"]
    chat.socket.send(b"\x00\x01")
    assert chat.receive()["code"] == "malformed_payload"
    assert only(chat.say("kubectl get deployments -n shop"), "table")["rows"]


def test_a_cluster_that_is_away_is_named(stack: LocalStack, chat: Chat) -> None:
    pid = stack.kill("demo")
    # What was read a moment ago may be answered all the same: this was not.
    error = only(chat.say("kubectl get pods -n shop -l asked=while-away"), "error")
    stack.wait_back("demo", pid)
    assert error["code"] == "cluster_unavailable"
    assert "prod-eu" in error["message"]

    def asked() -> bool:
        """It may be left alone for a few seconds more by any replica, which is said."""
        with Person(stack.url, *stack.admin) as person, person.chat() as another:
            *_, shown = [event for event in another.say("kubectl get deployments -n shop") if event["type"] in SHOWN]
        return shown["type"] == "table"

    wait_for("every replica to ask the cluster again", lambda: all(asked() for _ in range(6)))
    assert only(chat.say("kubectl get deployments -n shop"), "table")["rows"]
