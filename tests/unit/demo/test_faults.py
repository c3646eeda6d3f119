"""Clusters that misbehave on purpose, and who may tell them to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.demo_api import ADMIN, GATEWAY, MERGE, VIEWER, DemoApi

PODS = "/api/v1/namespaces/shop/pods"
SCALE = "/apis/apps/v1/namespaces/shop/deployments/web/scale"


async def switch(api: DemoApi, kind: str, **more: Any) -> None:
    body = {"cluster": "prod-eu", "fault": kind, **more}
    assert (await api.ask("POST", "/_demo/faults", body, prefix=False)).status == 200


def replicas(api: DemoApi) -> int:
    found = api.cluster.get("deployments.apps", "shop", "web")
    assert found is not None
    return int(found["spec"]["replicas"])


async def test_an_error_is_a_status_until_it_is_cleared(api: DemoApi) -> None:
    await switch(api, "error", status=503)
    reply = await api.ask("GET", PODS)
    assert (reply.status, reply.json["kind"]) == (503, "Status")
    await switch(api, "none")
    assert (await api.ask("GET", PODS)).status == 200


async def test_a_refusal_closes_the_connection_and_applies_nothing(api: DemoApi) -> None:
    await switch(api, "refuse")
    assert (await api.ask("PATCH", SCALE, {"spec": {"replicas": 5}}, content_type=MERGE)).status == 0
    assert api.aborted == 1
    assert replicas(api) == 3


async def test_a_drop_applies_the_change_and_never_answers(api: DemoApi) -> None:
    await switch(api, "drop", methods=["PATCH"])
    assert (await api.ask("GET", PODS)).status == 200
    assert (await api.ask("PATCH", SCALE, {"spec": {"replicas": 5}}, content_type=MERGE)).status == 0
    assert api.aborted == 1
    assert replicas(api) == 5
    assert [entry["name"] for entry in api.ledger.entries()] == ["web"]


async def test_a_hang_ends_when_it_is_cleared(api: DemoApi) -> None:
    await switch(api, "hang")
    asking = asyncio.create_task(api.ask("GET", PODS))
    done, _ = await asyncio.wait({asking}, timeout=0.3)
    assert not done
    await api.ask("DELETE", "/_demo/faults", prefix=False)
    async with asyncio.timeout(5):
        assert (await asking).status == 0


async def test_a_fault_can_happen_a_number_of_times(api: DemoApi) -> None:
    await switch(api, "error", times=2)
    assert [(await api.ask("GET", PODS)).status for _ in range(3)] == [500, 500, 200]


async def test_a_fault_can_be_for_some_paths(api: DemoApi) -> None:
    await switch(api, "error", contains="/deployments/")
    assert (await api.ask("GET", PODS)).status == 200
    assert (await api.ask("GET", SCALE)).status == 500


async def test_a_slow_answer_is_still_right(api: DemoApi) -> None:
    await switch(api, "slow", delay_s=0.05)
    assert (await api.ask("GET", PODS)).status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"cluster": "nowhere", "fault": "hang"},
        {"cluster": "prod-eu", "fault": "explode"},
        {"cluster": "prod-eu", "fault": "slow", "delay_s": -1},
        {"cluster": "prod-eu", "fault": "error", "status": 200},
        {"cluster": "prod-eu", "fault": "error", "times": 0},
        [],
    ],
)
async def test_a_wish_that_makes_no_sense_changes_nothing(api: DemoApi, body: Any) -> None:
    assert (await api.ask("POST", "/_demo/faults", body, prefix=False)).status == 400
    assert api.server.faults.active() == []


@pytest.mark.parametrize(("token", "status"), [("", 401), (VIEWER, 403), (GATEWAY, 403), (ADMIN, 200)])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/_demo/ledger"), ("GET", "/_demo/faults"), ("DELETE", "/_demo/faults")]
)
async def test_only_admins_control_the_demo(api: DemoApi, method: str, path: str, token: str, status: int) -> None:
    assert (await api.ask(method, path, token=token, prefix=False)).status == status


async def test_the_ledger_is_readable(api: DemoApi) -> None:
    await api.ask("PATCH", SCALE, {"spec": {"replicas": 4}}, content_type=MERGE)
    entries = (await api.ask("GET", "/_demo/ledger?cluster=prod-eu", prefix=False)).json["entries"]
    assert [entry["method"] for entry in entries] == ["PATCH"]
    assert (await api.ask("GET", "/_demo/ledger?cluster=staging", prefix=False)).json["entries"] == []


async def test_a_body_that_is_too_large_is_refused(api: DemoApi) -> None:
    reply = await api.ask("POST", "/api/v1/namespaces/shop/configmaps", b"x" * (3 * 2**20 + 1))
    assert reply.status == 413
