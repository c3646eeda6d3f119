"""Taking changes back: each value as it was, and nothing where it has changed again since."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Risk
from app.domain.commands.model.undo import Undo, plan_undone_by
from app.domain.commands.preview import Step
from app.errors import ConflictError, ForbiddenError
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.integration.commands.test_parity_of_changes import same_parts

CLUSTER = "prod-us"
PLAN = uuid4()


async def sent(engine: Engine, step: Step, who: Impersonation) -> None:
    current = await engine.recheck(step, who)
    assert current is not None
    outcome = await engine.send(current, who, intent_id=uuid4(), deadline_s=10)
    assert outcome.state == "applied", outcome.text


async def changed(engine: Engine, line: str, who: Impersonation) -> tuple[Step, ...]:
    shown = await engine.preview(command(line, CLUSTER), who)
    for step in shown.steps:
        assert step.dry_run == "ok", step.dry_run
        await sent(engine, step, who)
    return tuple(Step.from_dict(step.to_dict()) for step in shown.steps)


def undo(*steps: Step) -> Undo:
    return Undo(cluster=CLUSTER, namespace="shop", plan=PLAN, steps=steps)


async def objects(engine: Engine, who: Impersonation, steps: tuple[Step, ...]) -> list[Any]:
    client = engine._clients[CLUSTER]
    return [same_parts((await client.request("GET", step.object_path, identity=who)).json()) for step in steps]


@pytest.mark.parametrize(
    "line",
    [
        "scale deployment web cart --replicas=1",
        "label deployment web team=shop app.kubernetes.io/part-of=x",
        "label deployment web app- tier=back --overwrite",
        "label pod orders-db-0 a=b",
        "annotate deployment web cart note='by hand'",
        "annotate svc web note=x",
        "set image deployment/web '*=nginx:1.99'",
        "set env deployment/web A=1 B=2",
        "set env deployment/checkout NEW=1",
        "set resources deployment/web --limits=cpu=900m --requests=memory=32Mi",
        "cordon node-a",
    ],
)
async def test_a_change_is_taken_back(engine: Engine, admin: Impersonation, line: str) -> None:
    shown = await engine.preview(command(line, CLUSTER), admin)
    before = await objects(engine, admin, shown.steps)
    steps = await changed(engine, line, admin)
    assert await objects(engine, admin, steps) != before
    back = await engine.preview(undo(*steps), admin)
    assert [(s.before, s.after) for s in reversed(back.steps)] == [(s.after, s.before) for s in steps]
    assert all(step.dry_run == "ok" and step.diff for step in back.steps)
    assert {plan_undone_by(step.command) for step in back.steps} == {PLAN}
    for step in back.steps:
        await sent(engine, step, admin)
    assert await objects(engine, admin, steps) == before


async def test_what_has_changed_again_is_not_taken_back(engine: Engine, admin: Impersonation) -> None:
    (first,) = await changed(engine, "scale deployment grafana --replicas=2 -n monitoring", admin)
    (second,) = await changed(engine, "scale deployment grafana --replicas=3 -n monitoring", admin)
    with pytest.raises(ConflictError, match="has changed again since") as caught:
        await engine.preview(undo(first), admin)
    assert caught.value.code == "changed_since"
    (back,) = (await engine.preview(undo(second), admin)).steps
    await sent(engine, back, admin)
    # An undo is a change like any other, and can be taken back itself.
    (again,) = (await engine.preview(undo(back), admin)).steps
    assert (again.before, again.after) == ("2", "3")
    with pytest.raises(ConflictError, match="another one now"):
        await engine.preview(undo(replace(back, uid="gone")), admin)


async def test_who_may_not_change_it_may_not_take_it_back(
    engine: Engine, admin: Impersonation, viewer: Impersonation
) -> None:
    (step,) = await changed(engine, "label deployment cart seen=1", admin)
    with pytest.raises(ForbiddenError, match="cannot patch deployments"):
        await engine.preview(undo(step), viewer)


async def test_what_a_secret_holds_is_not_kept_for_an_undo(engine: Engine, admin: Impersonation) -> None:
    (step,) = (await engine.preview(command("annotate secret payments-api-secrets note=x", CLUSTER), admin)).steps
    assert step.undo == b""
    assert b"resourceVersion" in step.body
    assert "x" not in (step.after, step.before)


async def test_taking_back_is_as_risky_as_what_it_comes_to(engine: Engine, admin: Impersonation) -> None:
    async def risk(*steps: Step) -> Risk:
        return (await engine.preview(undo(*steps), admin)).risk

    await changed(engine, "scale deployment checkout --replicas=0", admin)
    from_none = await changed(engine, "scale deployment checkout --replicas=2", admin)
    assert await risk(*from_none) is Risk.DESTRUCTIVE
    inside = await changed(engine, "annotate deployment checkout a=b", admin)
    system = await changed(engine, "annotate deployment coredns a=b -n kube-system", admin)
    assert await risk(*inside) is Risk.CHANGE
    assert await risk(*inside, *system) is Risk.DESTRUCTIVE
    closed = await changed(engine, "cordon node-b", admin)
    assert await risk(*closed) is Risk.CHANGE
    named = await changed(engine, "label node node-b a=b", admin)
    assert await risk(*named) is Risk.DESTRUCTIVE
