"""Changes on the demo clusters: previewed without a trace, rechecked, sent once under their intent, and resolved."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Risk
from app.domain.commands.preview import Preview, Step, digest
from app.domain.commands.results import TableResult
from app.errors import ForbiddenError, KubeChatError, NotFoundError
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess

CLUSTER = "staging"  # reads are tried on another


async def preview(engine: Engine, line: str, who: Impersonation) -> Preview:
    return await engine.preview(command(line, CLUSTER), who)


async def confirmed(engine: Engine, step: Step, who: Impersonation, intent: UUID | None = None) -> Any:
    """Send a step as a confirmation does: once."""
    current = await engine.recheck(Step.from_dict(step.to_dict()), who)
    assert current is not None
    return await engine.send(current, who, intent_id=intent or uuid4(), deadline_s=10)


async def cell(engine: Engine, line: str, who: Impersonation, index: int) -> str:
    (result,) = await engine.read(command(line, CLUSTER), who)
    assert isinstance(result, TableResult)
    return result.rows[0][index]


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + 30
    while not await look():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


@pytest.fixture
def ledger(demo: DemoProcess) -> Callable[[], list[dict[str, Any]]]:
    start = len(demo.ledger(CLUSTER))
    return lambda: demo.ledger(CLUSTER)[start:]


async def test_a_scale_is_shown_confirmed_and_seen(
    engine: Engine, admin: Impersonation, ledger: Callable[[], list[dict[str, Any]]]
) -> None:
    shown = await preview(engine, "scale deployment web --replicas=5", admin)
    (step,) = shown.steps
    assert (shown.risk, shown.typed_name, step.dry_run) == (Risk.CHANGE, None, "ok")
    assert (step.summary, step.before, step.after) == ("web: 3 → 5 replicas", "3", "5")
    assert "-  replicas: 3\n+  replicas: 5" in step.diff
    assert "2 pods of web will start." in shown.consequences
    assert step.to_view()["object"] == "deployment.apps/web"
    assert ledger() == []

    intent = uuid4()
    outcome = await confirmed(engine, step, admin, intent)
    assert (outcome.state, outcome.http_status) == ("applied", 200)
    assert outcome.text == "deployment.apps/web scaled (web: 3 → 5 replicas)."
    (entry,) = ledger()
    assert entry["user"] == "kubechat:ada"
    assert entry["field_manager"] == f"kubechat-{intent}"
    assert entry["audit_id"] == str(intent)
    assert await engine.resolve(step, admin, intent_id=intent) == "applied"
    assert await engine.resolve(step, admin, intent_id=uuid4()) != "applied"

    async def ready() -> bool:
        return await cell(engine, "get deployment web", admin, 1) == "5/5"

    await until(ready)
    back = await preview(engine, "scale deployment web --replicas=3", admin)
    assert (await confirmed(engine, back.steps[0], admin)).state == "applied"


async def test_scaling_to_what_is_there_already_needs_no_step(engine: Engine, admin: Impersonation) -> None:
    assert (await preview(engine, "scale deployment checkout --replicas=2", admin)).steps == ()


async def test_a_preview_survives_being_stored_and_keeps_its_digest(engine: Engine, admin: Impersonation) -> None:
    (step,) = (await preview(engine, "scale deployment cart-canary --replicas=2", admin)).steps
    again = Step.from_dict(step.to_dict())
    assert again == step
    assert digest([again]) == digest([step])
    assert digest([replace(step, resource_version="1")]) == digest([step])
    for changed in (
        replace(step, uid="other"),
        replace(step, generation=99),
        replace(step, cluster="prod-eu"),
        replace(step, path=step.path + "x"),
        replace(step, body=b'{"spec":{"replicas":9}}'),
    ):
        assert digest([changed]) != digest([step])
    assert digest([step, step]) != digest([step])


async def test_an_object_that_changed_since_the_preview_needs_a_new_one(engine: Engine, admin: Impersonation) -> None:
    first = (await preview(engine, "scale deployment cart --replicas=3", admin)).steps[0]
    second = (await preview(engine, "scale deployment cart --replicas=4", admin)).steps[0]
    assert (await confirmed(engine, second, admin)).state == "applied"
    assert await engine.recheck(first, admin) is None
    stale = await engine.send(first, admin, intent_id=uuid4(), deadline_s=10)
    assert (stale.state, stale.http_status, stale.stale) == ("failed", 422, True)
    assert "changed at the same moment" in stale.text
    back = (await preview(engine, "scale deployment cart --replicas=2", admin)).steps[0]
    assert (await confirmed(engine, back, admin)).state == "applied"


async def write(engine: Engine, who: Impersonation, path: str, patch: dict[str, Any]) -> None:
    client = engine._clients[CLUSTER]
    kind = "application/merge-patch+json"
    await client.request("PATCH", path, identity=who, body=json.dumps(patch).encode(), content_type=kind)


async def test_a_status_that_moves_on_refuses_nothing(engine: Engine, admin: Impersonation) -> None:
    path = "/apis/apps/v1/namespaces/shop/deployments/checkout"
    (step,) = (await preview(engine, "rollout pause deployment/checkout", admin)).steps
    current = await engine.recheck(step, admin)
    assert current is not None
    await write(engine, admin, f"{path}/status", {"status": {"observedGeneration": 77}})
    assert (await engine.send(current, admin, intent_id=uuid4(), deadline_s=10)).state == "applied"
    (back,) = (await preview(engine, "rollout resume deployment/checkout", admin)).steps
    await write(engine, admin, path, {"spec": {"minReadySeconds": 1}})
    stale = await engine.send(back, admin, intent_id=uuid4(), deadline_s=10)
    assert (stale.state, stale.stale) == ("failed", True)
    await write(engine, admin, path, {"spec": {"minReadySeconds": None}})
    (back,) = (await preview(engine, "rollout resume deployment/checkout", admin)).steps
    assert (await confirmed(engine, back, admin)).state == "applied"


async def test_nothing_is_sent_after_the_deadline(
    engine: Engine, admin: Impersonation, ledger: Callable[[], list[dict[str, Any]]]
) -> None:
    (step,) = (await preview(engine, "scale deployment batch-heavy --replicas=2", admin)).steps
    late = await engine.send(step, admin, intent_id=uuid4(), deadline_s=0)
    assert late.state == "not_sent"
    assert ledger() == []


async def test_a_deletion_is_destructive_names_what_goes_and_its_dry_run_deletes_nothing(
    engine: Engine, admin: Impersonation, ledger: Callable[[], list[dict[str, Any]]]
) -> None:
    shown = await preview(engine, "delete configmap checkout-env", admin)
    (step,) = shown.steps
    assert (shown.risk, shown.typed_name, step.dry_run) == (Risk.DESTRUCTIVE, "checkout-env", "ok")
    assert ledger() == []
    intent = uuid4()
    assert await engine.resolve(step, admin, intent_id=intent) == "absent"
    assert (await confirmed(engine, step, admin, intent)).state == "applied"
    assert [entry["method"] for entry in ledger()] == ["DELETE"]
    assert await engine.recheck(step, admin) is None
    assert await engine.resolve(step, admin, intent_id=intent) == "applied"
    with pytest.raises(NotFoundError):
        await preview(engine, "delete configmap checkout-env", admin)
    again = await engine.send(step, admin, intent_id=uuid4(), deadline_s=10)
    assert (again.state, "gone already" in again.text) == ("failed", True)


async def test_a_deletion_by_selector_is_one_step_for_each_object(engine: Engine, admin: Impersonation) -> None:
    shown = await preview(engine, "delete pods -l app=checkout", admin)
    assert shown.typed_name == "2 pods"
    assert [step.command for step in shown.steps] == [f"kubectl delete pod/{s.name} -n shop" for s in shown.steps]
    assert all(step.method == "DELETE" and step.dry_run == "ok" for step in shown.steps)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("delete deployment web", "Service web loses these endpoints."),
        ("delete deployment web --cascade=orphan", "go on running"),
        ("delete pod orders-db-0", "StatefulSet orders-db will start another pod"),
        ("delete namespace shop", "statefulset"),
        ("delete pod orders-db-0", "Service orders-db has no endpoints meanwhile."),
        ("delete pod orders-db-0", "PersistentVolumeClaim data-orders-db-0 stays."),
        ("label pod orders-db-0 app=other --overwrite", "Service orders-db no longer sends anything"),
        ("label pod orders-db-0 app=other --overwrite", "StatefulSet orders-db selects by it"),
        ("set image deployment/web '*=nginx:9'", "3 pods of web will be replaced"),
        ("set image cronjob/nightly-report '*=x:9'", "starts from now on"),
        ("cordon node-b", "takes no new pods; its"),
        ("taint nodes node-b a=b:NoExecute", "will be stopped at once"),
        ("taint nodes node-b a=b:NoSchedule", "do not tolerate it"),
        ("expose deployment web --type=LoadBalancer --name=out", "from outside of the cluster"),
        (
            "create clusterrolebinding x --clusterrole=cluster-admin --user=eve",
            "User eve gets the rights of cluster-admin",
        ),
        ("autoscale deployment web --max=9", "sets the replicas of web"),
        ('patch deployment web -p \'{"spec":{"replicas":0}}\'', "Service web will have no endpoints"),
        ("create pdb x --selector=app=web --min-available=1", "drained only as far"),
        ("delete pvc data-orders-db-0", "orders-db-0"),
        ("delete secret payments-api-secrets", "cannot start again without it"),
        ("delete service web", "its pods go on running"),
        ("delete node node-b", "on it will be gone"),
        ("delete pod orders-db-0 --force", "Without waiting for its node"),
        ("scale deployment grafana --replicas=0 -n monitoring", "will be stopped"),
        ("rollout restart statefulset orders-db", "gap in service"),
    ],
)
async def test_consequences_say_what_else_happens(engine: Engine, admin: Impersonation, line: str, part: str) -> None:
    shown = await preview(engine, line, admin)
    assert any(part in sentence for sentence in shown.consequences), shown.consequences


async def test_a_budget_at_its_limit_is_named(engine: Engine, admin: Impersonation) -> None:
    (made,) = (await preview(engine, "create pdb keep --selector=app=orders-db --min-available=1", admin)).steps
    assert (await confirmed(engine, made, admin)).state == "applied"
    for line in ("delete pod orders-db-0", "delete sts orders-db", "scale sts orders-db --replicas=0"):
        shown = await preview(engine, line, admin)
        assert "PodDisruptionBudget keep allows no disruption now, and is not asked by this." in shown.consequences
    shown = await preview(engine, "delete pods -l app=web", admin)
    assert not any("PodDisruptionBudget" in sentence for sentence in shown.consequences)


async def test_a_restart_and_going_back(engine: Engine, admin: Impersonation) -> None:
    restart = (await preview(engine, "rollout restart deployment/cert-manager -n platform", admin)).steps[0]
    assert "kubectl.kubernetes.io/restartedAt" in restart.diff
    assert (await confirmed(engine, restart, admin)).text.startswith("deployment.apps/cert-manager restarted")

    async def rolled_out() -> bool:
        (result,) = await engine.read(command("rollout status deployment/cert-manager -n platform", CLUSTER), admin)
        return "successfully rolled out" in str(result.to_event()["text"])

    await until(rolled_out)
    undo = (await preview(engine, "rollout undo deployment/cert-manager -n platform", admin)).steps[0]
    assert undo.dry_run == "ok"
    assert "restartedAt" in undo.diff
    assert (await confirmed(engine, undo, admin)).state == "applied"


async def test_a_paused_rollout_cannot_be_restarted(engine: Engine, admin: Impersonation) -> None:
    pause = (await preview(engine, "rollout pause deployment/ingress-nginx -n platform", admin)).steps[0]
    assert (await confirmed(engine, pause, admin)).state == "applied"
    with pytest.raises(KubeChatError, match="paused"):
        await preview(engine, "rollout restart deployment/ingress-nginx -n platform", admin)
    resume = (await preview(engine, "rollout resume deployment/ingress-nginx -n platform", admin)).steps[0]
    assert (await confirmed(engine, resume, admin)).state == "applied"


async def test_who_may_not_is_told_before_anything_is_shown(
    engine: Engine, viewer: Impersonation, ledger: Callable[[], list[dict[str, Any]]]
) -> None:
    for line, missing in (
        ("scale deployment web --replicas=9", "patch deployments/scale"),
        ("delete pod orders-db-0", "delete pods"),
        ("delete pods --all", "delete pods"),
        ("rollout restart deployment/web", "patch deployments"),
        ("delete node node-a", "delete nodes"),
    ):
        with pytest.raises(ForbiddenError) as caught:
            await preview(engine, line, viewer)
        assert missing in caught.value.message
        assert "kubechat:viewers" in caught.value.message
        assert "Binding" in caught.value.message
    assert ledger() == []


@pytest.mark.parametrize(
    ("line", "code", "hint"),
    [
        ("scale deployment wab --replicas=2", "not_found", "web"),
        ("scale pod orders-db-0 --replicas=2", "no_scale", "scale"),
        ("scale deployment web --replicas=2 --current-replicas=77", "conflict", "77"),
        ("rollout restart configmap/web-config", "no_rollout", "Deployments"),
        ("rollout undo deployment/grafana -n monitoring --to-revision=9", "unknown_revision", "no revision 9"),
        ("rollout pause statefulset/orders-db", "no_rollout", "deployments"),
        ("delete pods -l app=nobody", "not_found", "nothing to delete"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(
    engine: Engine, admin: Impersonation, line: str, code: str, hint: str
) -> None:
    with pytest.raises(KubeChatError) as caught:
        await preview(engine, line, admin)
    assert caught.value.code == code, caught.value.message
    assert hint in caught.value.message


async def test_what_the_dry_run_refuses_is_shown_and_not_sent(engine: Engine, admin: Impersonation) -> None:
    (step,) = (await preview(engine, "delete namespace kube-system", admin)).steps
    assert step.dry_run != "ok"


async def test_an_answer_lost_after_the_change_is_unknown_and_then_found_applied(
    engine: Engine, admin: Impersonation, demo: DemoProcess, ledger: Callable[[], list[dict[str, Any]]]
) -> None:
    (step,) = (await preview(engine, "scale deployment payments-api --replicas=2", admin)).steps
    intent = uuid4()
    demo.fault("drop", CLUSTER, methods=["PATCH"], times=1)
    try:
        outcome = await confirmed(engine, step, admin, intent)
    finally:
        demo.fault("none", CLUSTER)
    assert outcome.state == "unknown"
    assert await engine.resolve(step, admin, intent_id=intent) == "applied"
    assert len(ledger()) == 1


@pytest.mark.parametrize("fault", ["hang", "refuse", "error"])
async def test_an_answer_lost_before_the_change_is_unknown_and_then_found_absent(
    engine: Engine, admin: Impersonation, demo: DemoProcess, ledger: Callable[[], list[dict[str, Any]]], fault: str
) -> None:
    (step,) = (await preview(engine, "scale deployment metrics-server --replicas=2 -n kube-system", admin)).steps
    current = await engine.recheck(step, admin)
    assert current is not None
    demo.fault(fault, CLUSTER, methods=["PATCH"], times=1)
    try:
        outcome = await engine.send(current, admin, intent_id=uuid4(), deadline_s=0.5)
    finally:
        demo.fault("none", CLUSTER)
    assert outcome.state == "unknown"
    assert await engine.resolve(current, admin, intent_id=uuid4()) == "absent"
    assert ledger() == []


async def test_a_cluster_that_refuses_connections_was_sent_nothing(admin: Impersonation, engine: Engine) -> None:
    (step,) = (await preview(engine, "scale deployment prometheus --replicas=2 -n monitoring", admin)).steps
    client = engine._clients[CLUSTER]
    await client.close()
    client._base = client._base.with_port(1)
    outcome = await engine.send(step, admin, intent_id=uuid4(), deadline_s=5)
    assert outcome.state == "not_sent"


async def test_changes_in_kube_system_want_the_name_typed(engine: Engine, admin: Impersonation) -> None:
    shown = await preview(engine, "scale deployment coredns --replicas=2 -n kube-system", admin)
    assert (shown.risk, shown.typed_name) == (Risk.DESTRUCTIVE, "coredns")
