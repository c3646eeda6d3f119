"""Who may come in, as whom, and what they may do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.demo.access.identity import Tokens
from app.errors import InternalError
from tests.support.demo_api import ADMIN, GATEWAY, MERGE, OPERATOR, VIEWER, DemoApi

PODS = "/api/v1/namespaces/shop/pods"
SECRETS = "/api/v1/namespaces/shop/secrets"
SCALE = "/apis/apps/v1/namespaces/shop/deployments/web/scale"


def acting(user: str, *groups: str) -> list[tuple[str, str]]:
    return [("impersonate-user", user), *(("impersonate-group", group) for group in groups)]


@pytest.mark.parametrize("path", ["/version", "/readyz", "/healthz", "/livez"])
async def test_anyone_may_ask_whether_the_server_is_there(api: DemoApi, path: str) -> None:
    assert (await api.ask("GET", path, token="")).status == 200


@pytest.mark.parametrize("path", [PODS, "/api", "/apis", "/openapi/v3", "/api/v1", "/metrics"])
async def test_without_a_token_nothing_else_is_shown(api: DemoApi, path: str) -> None:
    reply = await api.ask("GET", path, token="")
    assert reply.status == 403
    assert "system:anonymous" in reply.message


@pytest.mark.parametrize("authorization", ["Bearer wrong", "Bearer ", "Basic YTpi", f"Token {ADMIN}"])
async def test_an_unknown_credential_is_refused_and_not_taken_for_nobody(api: DemoApi, authorization: str) -> None:
    reply = await api.ask("GET", PODS, token="", headers=[("authorization", authorization)])
    assert reply.status == 401
    assert reply.json["reason"] == "Unauthorized"


@pytest.mark.parametrize(
    ("token", "method", "path", "body", "status"),
    [
        (VIEWER, "GET", PODS, None, 200),
        (VIEWER, "GET", "/api/v1/nodes", None, 200),
        (VIEWER, "GET", f"{PODS}/web-5f7c9d6b8-2xkqp/log?tailLines=1", None, 200),
        (VIEWER, "GET", SECRETS, None, 403),
        (VIEWER, "GET", f"{SECRETS}/payments-api-secrets", None, 403),
        (VIEWER, "PATCH", SCALE, {"spec": {"replicas": 4}}, 403),
        (VIEWER, "DELETE", f"{PODS}/orders-db-0", None, 403),
        (VIEWER, "POST", f"{PODS}/orders-db-0/eviction", {}, 403),
        (OPERATOR, "PATCH", SCALE, {"spec": {"replicas": 4}}, 200),
        (OPERATOR, "GET", SECRETS, None, 200),
        (OPERATOR, "DELETE", f"{PODS}/orders-db-0", None, 200),
        (OPERATOR, "PATCH", "/api/v1/nodes/node-a", {"spec": {"unschedulable": True}}, 403),
        (OPERATOR, "POST", "/api/v1/namespaces", {"metadata": {"name": "new"}}, 403),
        (OPERATOR, "DELETE", "/api/v1/namespaces/qa", None, 403),
        (GATEWAY, "GET", PODS, None, 200),
        (GATEWAY, "GET", f"{PODS}/orders-db-0", None, 403),
        (GATEWAY, "GET", SECRETS, None, 403),
        (GATEWAY, "DELETE", f"{PODS}/orders-db-0", None, 403),
        (ADMIN, "PATCH", "/api/v1/nodes/node-a", {"spec": {"unschedulable": True}}, 200),
    ],
)
async def test_each_role_may_do_what_it_is_for(
    api: DemoApi, token: str, method: str, path: str, body: Any, status: int
) -> None:
    content_type = MERGE if method == "PATCH" else "application/json"
    assert (await api.ask(method, path, body, token=token, content_type=content_type)).status == status


async def test_a_refused_change_leaves_everything_as_it_was(api: DemoApi) -> None:
    version = api.cluster.store.version
    await api.ask("PATCH", SCALE, {"spec": {"replicas": 9}}, token=VIEWER, content_type=MERGE)
    assert api.cluster.store.version == version
    assert api.ledger.entries() == []


async def test_the_gateway_acts_with_the_rights_of_the_person_and_no_others(api: DemoApi) -> None:
    viewer = acting("jane", "kubechat:viewers")
    assert (await api.ask("GET", PODS, token=GATEWAY, headers=viewer)).status == 200
    assert (await api.ask("GET", SECRETS, token=GATEWAY, headers=viewer)).status == 403
    body = {"spec": {"replicas": 4}}
    refused = await api.ask("PATCH", SCALE, body, token=GATEWAY, headers=viewer, content_type=MERGE)
    assert refused.status == 403
    assert 'User "jane" cannot patch resource "deployments/scale"' in refused.message
    both = acting("olga", "kubechat:viewers", "kubechat:operators")
    assert (await api.ask("PATCH", SCALE, body, token=GATEWAY, headers=both, content_type=MERGE)).status == 200
    (entry,) = api.ledger.entries()
    assert (entry["user"], entry["groups"]) == (
        "olga",
        ["kubechat:viewers", "kubechat:operators", "system:authenticated"],
    )


@pytest.mark.parametrize(
    ("token", "headers"),
    [
        (GATEWAY, acting("jane", "system:masters")),
        (GATEWAY, acting("jane", "kubechat:viewers", "system:masters")),
        (GATEWAY, [*acting("jane"), ("impersonate-uid", "7")]),
        (VIEWER, acting("jane")),
        (OPERATOR, acting("jane", "kubechat:admins")),
    ],
)
async def test_nobody_becomes_more_than_they_may(api: DemoApi, token: str, headers: list[tuple[str, str]]) -> None:
    reply = await api.ask("GET", PODS, token=token, headers=headers)
    assert reply.status == 403
    assert "cannot impersonate" in reply.message


async def test_groups_without_a_user_are_refused(api: DemoApi) -> None:
    reply = await api.ask("GET", PODS, token=GATEWAY, headers=[("impersonate-group", "kubechat:admins")])
    assert reply.status == 401


async def test_reviews_answer_for_who_asks(api: DemoApi) -> None:
    def access(verb: str, resource: str, group: str = "") -> dict[str, Any]:
        attributes = {"verb": verb, "resource": resource, "group": group, "namespace": "shop"}
        return {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }

    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    headers = acting("jane", "kubechat:viewers")
    read = (await api.ask("POST", path, access("list", "pods"), token=GATEWAY, headers=headers)).json["status"]
    assert read["allowed"]
    assert (
        read["reason"]
        == 'RBAC: allowed by ClusterRoleBinding "kubechat-viewers" of ClusterRole "view" to Group "kubechat:viewers"'
    )
    change = (await api.ask("POST", path, access("patch", "deployments", "apps"), token=GATEWAY, headers=headers)).json
    assert change["status"] == {"allowed": False}
    who = await api.ask("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", {}, token=GATEWAY, headers=headers)
    assert who.json["status"]["userInfo"] == {
        "username": "jane",
        "groups": ["kubechat:viewers", "system:authenticated"],
    }
    rules = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "shop"}}
    found = await api.ask(
        "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", rules, token=GATEWAY, headers=headers
    )
    listed = {resource for rule in found.json["status"]["resourceRules"] for resource in rule["resources"]}
    assert "pods" in listed
    assert "secrets" not in listed


async def test_a_role_binding_gives_rights_in_its_namespace_only(api: DemoApi) -> None:
    api_group = "rbac.authorization.k8s.io"
    binding = {
        "metadata": {"name": "mia"},
        "roleRef": {"apiGroup": api_group, "kind": "ClusterRole", "name": "edit"},
        "subjects": [{"kind": "User", "name": "mia"}],
    }
    await api.ask("POST", f"/apis/{api_group}/v1/namespaces/shop/rolebindings", binding)
    headers = acting("mia")
    assert (await api.ask("GET", PODS, token=GATEWAY, headers=headers)).status == 200
    assert (await api.ask("GET", "/api/v1/namespaces/qa/pods", token=GATEWAY, headers=headers)).status == 403
    assert (await api.ask("GET", "/api/v1/pods", token=GATEWAY, headers=headers)).status == 403


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"short": {"user": "a"}}', '{"long-enough": {"groups": []}}'])
def test_a_token_file_that_says_nobody_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(content)
    with pytest.raises(InternalError):
        Tokens.read(path)


def test_a_token_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps({"long-enough": {"user": "a", "groups": ["g"]}}))
    user = Tokens.read(path).user("Bearer long-enough")
    assert (user.name, user.groups) == ("a", ("g", "system:authenticated"))
