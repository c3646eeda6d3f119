"""One step: what it sends, what each answer means, and what the cluster shows when there was none."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.domain.commands.changing.draining import is_eviction
from app.domain.commands.engine import Engine
from app.domain.commands.preview import APPLY_PATCH, JSON, JSON_PATCH, Step
from app.errors import DeadlineExceededError, UnavailableError
from app.infra.kubernetes.errors import OutcomeUnknownError
from tests.support.known_types import known_types
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster, refused

INTENT = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
PATH = "/apis/apps/v1/namespaces/shop/deployments/web"


TESTED = [
    {"op": "test", "path": "/metadata/uid", "value": "u1"},
    {"op": "test", "path": "/spec/replicas", "value": 3},
    {"op": "add", "path": "/spec/replicas", "value": 5},
]


def step(method: str = "PATCH", content_type: str = JSON_PATCH, body: Any = None) -> Step:
    return Step(
        command="kubectl scale deployment/web --replicas=5 -n shop",
        cluster="prod-eu",
        namespace="shop",
        verb="scale",
        kind="Deployment",
        resource="deployments",
        object="deployment.apps/web",
        name="web",
        uid="u1",
        generation=4,
        resource_version="100",
        object_path=PATH,
        method=method,
        path=PATH if method == "DELETE" else f"{PATH}/scale",
        query=(),
        content_type=content_type,
        body=json.dumps(TESTED if body is None else body).encode(),
        summary="web: 3 → 5 replicas",
        done="deployment.apps/web scaled",
        before="3",
        after="5",
        diff="",
        dry_run="ok",
    )


def item(replicas: int = 3, **metadata: Any) -> dict[str, Any]:
    there = {"name": "web", "uid": "u1", "generation": 4, "resourceVersion": "100"}
    return {"metadata": {**there, **metadata}, "spec": {"replicas": replicas}}


def engine(answering: Any) -> tuple[Engine, ScriptedCluster]:
    cluster = ScriptedCluster(answering if callable(answering) else lambda asked: answering)
    return Engine({"prod-eu": cluster}, current="prod-eu", known_types=known_types()), cluster


@pytest.mark.parametrize(
    ("tried", "precondition"),
    [
        (step(), TESTED),
        (
            step("PUT", JSON, {"metadata": {"name": "web"}}),
            {"metadata": {"name": "web", "uid": "u1", "resourceVersion": "100"}},
        ),
        (step("DELETE", JSON, {"kind": "DeleteOptions"}), {"kind": "DeleteOptions", "preconditions": {"uid": "u1"}}),
        (replace(step("POST", JSON, {"kind": "Deployment"}), uid=""), {"kind": "Deployment"}),
    ],
)
async def test_a_request_carries_its_precondition(tried: Step, precondition: Any) -> None:
    running, cluster = engine({"metadata": {"resourceVersion": "101"}})
    outcome = await running.send(tried, ADA, intent_id=INTENT, deadline_s=5)
    (asked,) = cluster.asked
    assert (outcome.state, outcome.resource_version) == ("applied", "101")
    assert asked.body == precondition
    assert asked.mutates is True
    assert ("dryRun", "All") not in asked.query
    assert (("fieldManager", f"kubechat-{INTENT}") in asked.query) == (tried.method != "DELETE")


def test_nothing_but_the_eviction_of_a_pod_may_be_followed_by_another_request() -> None:
    pod = replace(step("POST"), resource="pods", path="/api/v1/namespaces/shop/pods/web/eviction")
    assert is_eviction(pod)
    assert not is_eviction(replace(pod, method="PATCH"))
    custom = "/apis/example.org/v1/namespaces/shop/eviction"  # of a type that somebody called so
    assert not is_eviction(replace(pod, resource="eviction", path=custom))


def test_a_dry_run_of_a_deletion_says_so_in_its_body_where_a_server_reads_it() -> None:
    body = json.loads(step("DELETE", JSON, {"kind": "DeleteOptions"}).body_to_try())
    assert body["dryRun"] == ["All"]
    assert body["preconditions"] == {"uid": "u1"}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (refused(400), "failed"),
        (refused(401), "failed"),
        (refused(403), "failed"),
        (refused(404), "failed"),
        (refused(409), "failed"),
        (refused(422), "failed"),
        (refused(429), "failed"),
        (refused(302), "failed"),
        (refused(500), "unknown"),
        (refused(503), "unknown"),
        (refused(504), "unknown"),
        (OutcomeUnknownError("lost"), "unknown"),
        (DeadlineExceededError("late"), "unknown"),
        (UnavailableError("away"), "not_sent"),
        (b"no json at all", "applied"),
    ],
)
async def test_what_an_answer_means_for_a_change(answer: Any, state: str) -> None:
    running, cluster = engine(answer)
    assert (await running.send(step(), ADA, intent_id=INTENT, deadline_s=5)).state == state
    assert len(cluster.asked) == 1


@pytest.mark.parametrize("deadline_s", [0.0, -1.0])
async def test_a_step_whose_time_is_over_is_not_sent(deadline_s: float) -> None:
    running, cluster = engine({})
    assert (await running.send(step(), ADA, intent_id=INTENT, deadline_s=deadline_s)).state == "not_sent"
    assert cluster.asked == []


@pytest.mark.parametrize(
    ("found", "needs_preview"),
    [
        (item(), False),
        (item(resourceVersion="170"), False),
        (item(generation=5), True),
        (item(uid="u2"), True),
        (item(deletionTimestamp="2026-01-01T00:00:00Z"), True),
        (item(replicas=4), True),
        (None, True),
    ],
)
async def test_a_step_is_rechecked_against_uid_generation_and_what_it_changes(found: Any, needs_preview: bool) -> None:
    running, _ = engine(found)
    current = await running.recheck(step(), ADA)
    assert (current is None) == needs_preview
    if current is not None:
        assert current.resource_version == found["metadata"]["resourceVersion"]
        assert current.generation == 4


OURS = {"manager": f"kubechat-{INTENT}", "operation": "Update", "subresource": "scale"}
OTHERS = {"manager": "kubechat-somebody-else", "operation": "Update"}


@pytest.mark.parametrize(
    ("found", "evidence"),
    [
        (item(5, resourceVersion="101", generation=5, managedFields=[OTHERS, OURS]), "applied"),
        (item(managedFields=[OTHERS]), "absent"),
        (item(resourceVersion="101", managedFields=[OTHERS]), "absent"),
        (item(5, resourceVersion="101", generation=5, managedFields=[OTHERS]), "unknown"),
        (item(uid="u2"), "unknown"),
        (None, "unknown"),
    ],
)
async def test_evidence_of_a_patch(found: Any, evidence: str) -> None:
    running, _ = engine(found)
    assert await running.resolve(step(), ADA, intent_id=INTENT) == evidence


@pytest.mark.parametrize(
    ("found", "evidence"),
    [
        (None, "applied"),
        (item(uid="u2"), "applied"),
        (item(deletionTimestamp="2026-01-01T00:00:00Z"), "applied"),
        (item(), "absent"),
    ],
)
async def test_evidence_of_a_deletion(found: Any, evidence: str) -> None:
    running, _ = engine(found)
    deletion = step("DELETE", JSON, {"kind": "DeleteOptions"})
    assert await running.resolve(deletion, ADA, intent_id=INTENT) == evidence


async def test_evidence_that_cannot_be_read_is_no_evidence() -> None:
    running, _ = engine(lambda asked: UnavailableError("away"))
    with pytest.raises(UnavailableError):
        await running.resolve(step(), ADA, intent_id=INTENT)


async def test_only_reads_are_asked_while_evidence_is_sought() -> None:
    seen: list[Asked] = []

    def answering(asked: Asked) -> Any:
        seen.append(asked)
        return item()

    running, _ = engine(answering)
    await running.recheck(step(), ADA)
    await running.resolve(step(), ADA, intent_id=INTENT)
    assert {asked.method for asked in seen} == {"GET"}


REMOVAL = [
    {"op": "test", "path": "/metadata/uid", "value": "u1"},
    {"op": "test", "path": "/metadata/labels/tier", "value": "web"},
    {"op": "remove", "path": "/metadata/labels/tier"},
]


@pytest.mark.parametrize(
    ("labels", "evidence"),
    [({"app": "web"}, "applied"), ({"app": "web", "tier": "web"}, "absent"), ({"tier": "db"}, "absent")],
)
async def test_evidence_of_a_removal_is_that_it_is_gone(labels: dict[str, str], evidence: str) -> None:
    running, _ = engine(item(resourceVersion="101", labels=labels, managedFields=[OTHERS]))
    assert await running.resolve(step(body=REMOVAL), ADA, intent_id=INTENT) == evidence


NEW = replace(step("POST", JSON, {"kind": "Deployment"}), uid="", generation=0, resource_version="")


@pytest.mark.parametrize(
    ("found", "evidence"),
    [(None, "absent"), (item(managedFields=[OURS]), "applied"), (item(managedFields=[OTHERS]), "unknown")],
)
async def test_evidence_of_a_creation(found: Any, evidence: str) -> None:
    running, _ = engine(found)
    assert await running.resolve(NEW, ADA, intent_id=INTENT) == evidence


@pytest.mark.parametrize(("found", "needs_preview"), [(None, False), (item(), True)])
async def test_what_is_new_may_not_be_there_yet(found: Any, needs_preview: bool) -> None:
    running, _ = engine(found)
    assert (await running.recheck(NEW, ADA) is None) == needs_preview


@pytest.mark.parametrize(
    ("tried", "answer", "stale"),
    [
        (step(), refused(422), True),
        (step(), refused(422, causes=[{"field": "spec.replicas", "message": "no"}]), False),
        (step(), refused(403), False),
        (NEW, refused(409), True),
        (NEW, refused(422), False),
        (step("DELETE", JSON, {"kind": "DeleteOptions"}), refused(409), True),
        (step(content_type=APPLY_PATCH, body={}), refused(409), True),
        (step(content_type=APPLY_PATCH, body={}), refused(409, causes=[{"field": ".spec", "message": ""}]), False),
    ],
)
async def test_an_object_that_is_no_longer_as_shown_is_told_from_a_change_that_is_refused(
    tried: Step, answer: Any, stale: bool
) -> None:
    running, _ = engine(answer)
    assert (await running.send(tried, ADA, intent_id=INTENT, deadline_s=5)).stale == stale


async def test_a_refusal_names_each_field_each_owner_and_how_long_to_wait() -> None:
    async def said(answer: Any, content_type: str = JSON_PATCH) -> str:
        running, _ = engine(answer)
        tried = step(content_type=content_type, body={} if content_type == APPLY_PATCH else None)
        return (await running.send(tried, ADA, intent_id=INTENT, deadline_s=5)).text

    fields = [{"field": "spec.replicas", "message": "must be 0 or more"}, {"field": "spec.x", "message": "required"}]
    text = await said(refused(422, causes=fields))
    assert "spec.replicas (must be 0 or more); spec.x (required)" in text
    owners = [{"field": ".spec.replicas", "message": 'conflict with "hpa" using apps/v1', "reason": "Conflict"}]
    text = await said(refused(409, causes=owners), APPLY_PATCH)
    assert 'spec.replicas belongs to "hpa"' in text
    assert "--force-conflicts" in text
    assert "come back in 7 s" in await said(refused(429, retry_after="7"))
