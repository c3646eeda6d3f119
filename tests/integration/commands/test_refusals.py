"""What a cluster says against a change reaches the person as one clear answer, and nothing is half done."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Risk
from app.domain.commands.preview import Step
from app.errors import DeadlineExceededError, ForbiddenError, InvalidInputError, KubeChatError
from app.infra.kubernetes.errors import KubernetesBusyError
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess

CLUSTER = "staging"
CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: owned}\ndata: {a: '1'}\n"


async def steps(engine: Engine, line: str, who: Impersonation) -> tuple[Step, ...]:
    return (await engine.preview(command(line, CLUSTER), who)).steps


async def said_against(engine: Engine, line: str, who: Impersonation) -> str:
    (step,) = await steps(engine, line, who)
    return step.dry_run


@pytest.fixture
def ledger(demo: DemoProcess) -> Callable[[], list[dict[str, Any]]]:
    start = len(demo.ledger(CLUSTER))
    return lambda: demo.ledger(CLUSTER)[start:]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("label deployment web 'tier=not allowed'", ["metadata.labels", "not allowed"]),
        ('patch deployment web -p \'{"spec":{"replicas":-1}}\'', ["spec.replicas", "greater than or equal to 0"]),
        (
            'patch deployment web --type=merge -p \'{"spec":{"replicas":-1,"selector":{"matchLabels":{"a":"b"}}}}\'',
            ["spec.replicas", "spec.selector"],
        ),
        ("create deployment web --image=nginx", ["already exists"]),
        ("create namespace shop", ["already exists"]),
        ("create deployment UPPER --image=nginx", ["metadata.name", "lowercase"]),
        (
            "apply -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nnonsense: 1\n",
            ["unknown field", "nonsense"],
        ),
        ("create quota q --hard=pods=1 --scopes=Terminating", ["does not support"]),
    ],
)
async def test_each_thing_that_is_wrong_is_named(
    engine: Engine, admin: Impersonation, ledger: Callable[[], list[dict[str, Any]]], line: str, parts: list[str]
) -> None:
    text = await said_against(engine, line, admin)
    assert all(part in text for part in parts), text
    assert ledger() == []


@pytest.mark.parametrize(
    "line",
    [
        "patch secret payments-api-secrets --type=json -p '{}'".format(
            '[{"op":"copy","from":"/data/provider-key","path":"/type"}]'
        ),
        "patch secret payments-api-secrets --type=json -p '{}'".format(
            '[{"op":"move","from":"/data","path":"/metadata/labels"}]'
        ),
        "patch deployment payments-api --type=json -p '{}'".format(
            '[{"op":"copy","from":"/spec/template/spec/containers/0/env/0/value","path":"/metadata/annotations/a"}]'
        ),
    ],
)
async def test_what_is_hidden_is_copied_to_no_place_where_it_would_be_shown(
    engine: Engine, admin: Impersonation, line: str
) -> None:
    """The API server quotes what it refuses, so that a dry run would have told it."""
    with pytest.raises(InvalidInputError, match="copied to no other place"):
        await engine.preview(command(line, CLUSTER), admin)


@pytest.mark.parametrize(
    ("line", "code", "part"),
    [
        ("label deployment web app=other", "needs_overwrite", "'app' already has a value (web)"),
        ("set image deployment/web nope=nginx", "unknown_container", 'unable to find container named "nope"'),
        ("set env deployment/web -c nope A=1", "unknown_container", "No container matches"),
        ("set image configmap/web-config a=b", "no_pods", "describe no pods"),
        ("taint nodes node-b nothing:NoSchedule-", "unknown_taint", "not found"),
        ("expose configmap web-config --port=80", "no_expose", "cannot expose"),
        ("expose statefulset orders-db --port=80", "no_expose", "cannot expose"),
        ("create job x --from=cronjob/nope", "not_found", "nope"),
        ("create role r --verb=get --resource=nopes", "unknown_resource", "nopes"),
        ("apply -f -\napiVersion: v9\nkind: Pod\nmetadata: {name: a}\n", "unknown_resource", "Pod in v1"),
        ("apply -f -\napiVersion: example.com/v1\nkind: Nope\nmetadata: {name: a}\n", "unknown_resource", "nope"),
        ("replace -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: nope-there}\n", "not_found", "nope-there"),
        ("delete -f -\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: nope-there}\n", "not_found", "nope-there"),
        ('patch deployment web -p \'{"metadata":{"uid":"x"}}\'', "invalid_patch", "the cluster alone sets it"),
        ("label deployments -l app=nobody a=b", "not_found", "nothing to label"),
        ("label deployment wab a=b", "not_found", "web"),
    ],
)
async def test_what_cannot_be_done_is_said_before_anything_is_tried(
    engine: Engine, admin: Impersonation, line: str, code: str, part: str
) -> None:
    with pytest.raises(KubeChatError) as caught:
        await steps(engine, line, admin)
    assert caught.value.code == code, caught.value.message
    assert part in caught.value.message


async def test_who_may_not_is_told_which_right_is_missing(engine: Engine, viewer: Impersonation) -> None:
    for line, missing in (
        ("label deployment web a=b", "patch deployments"),
        ("set image deployment/web '*=x'", "patch deployments"),
        ("cordon node-b", "patch nodes"),
        ("create configmap x", "create configmaps"),
        ("run x --image=nginx", "create pods"),
        (f"apply -f -\n{CONFIG_MAP}", "patch configmaps"),
        (f"replace -f -\n{CONFIG_MAP}", "update configmaps"),
        (f"delete -f -\n{CONFIG_MAP}", "delete configmaps"),
        ("autoscale deployment web --max=3", "create horizontalpodautoscalers"),
    ):
        with pytest.raises(ForbiddenError) as caught:
            await steps(engine, line, viewer)
        assert missing in caught.value.message


async def test_fields_of_others_are_named_with_their_owner_and_taken_only_when_asked(
    engine: Engine, admin: Impersonation, ledger: Callable[[], list[dict[str, Any]]]
) -> None:
    (made,) = await steps(engine, f"apply -f -\n{CONFIG_MAP}", admin)
    assert (await engine.send(made, admin, intent_id=uuid4(), deadline_s=10)).state == "applied"
    client = engine._clients[CLUSTER]
    await client.request(
        "PATCH", made.object_path, identity=admin, query=[("fieldManager", "somebody")],
        body=b'{"data":{"a":"2"}}', content_type="application/merge-patch+json",
    )  # fmt: skip
    wanted = CONFIG_MAP.replace("'1'", "'3'")
    text = await said_against(engine, f"apply -f -\n{wanted}", admin)
    assert text.startswith('data.a belongs to "somebody"'), text
    assert "--force-conflicts" in text
    shown = await engine.preview(command(f"apply -f - --force-conflicts\n{wanted}", CLUSTER), admin)
    assert (shown.risk, shown.typed_name) == (Risk.DESTRUCTIVE, "owned")
    assert (await engine.send(shown.steps[0], admin, intent_id=uuid4(), deadline_s=10)).state == "applied"


async def test_an_apply_whose_answer_was_lost_is_found_by_what_it_left(
    engine: Engine, admin: Impersonation, demo: DemoProcess
) -> None:
    text = CONFIG_MAP.replace("owned", "lost")
    for wanted in (text, text.replace("'1'", "'2'")):
        (step,) = await steps(engine, f"apply -f -\n{wanted}", admin)
        assert await engine.resolve(step, admin, intent_id=uuid4()) == "absent"
        demo.fault("drop", CLUSTER, methods=["PATCH"], times=1)
        try:
            assert (await engine.send(step, admin, intent_id=uuid4(), deadline_s=5)).state == "unknown"
        finally:
            demo.fault("none", CLUSTER)
        assert await engine.resolve(step, admin, intent_id=uuid4()) == "applied"


async def test_a_creation_whose_answer_was_lost_is_found_by_its_intent(
    engine: Engine, admin: Impersonation, demo: DemoProcess
) -> None:
    (step,) = await steps(engine, "create configmap once --from-literal=a=b", admin)
    intent = uuid4()
    assert await engine.resolve(step, admin, intent_id=intent) == "absent"
    demo.fault("drop", CLUSTER, methods=["POST"], contains="configmaps", times=1)
    try:
        assert (await engine.send(step, admin, intent_id=intent, deadline_s=5)).state == "unknown"
    finally:
        demo.fault("none", CLUSTER)
    assert await engine.resolve(step, admin, intent_id=intent) == "applied"
    assert await engine.resolve(step, admin, intent_id=uuid4()) == "unknown"
    assert await engine.recheck(step, admin) is None
    again = await engine.send(step, admin, intent_id=uuid4(), deadline_s=5)
    assert (again.state, again.http_status, again.stale) == ("failed", 409, True)


async def test_a_busy_cluster_is_told_as_busy_and_not_as_a_refusal(
    engine: Engine, admin: Impersonation, demo: DemoProcess, ledger: Callable[[], list[dict[str, Any]]]
) -> None:
    (step,) = await steps(engine, "label deployment web busy=1", admin)
    demo.fault("error", CLUSTER, status=429, methods=["PATCH"])
    try:
        with pytest.raises(KubernetesBusyError):
            await steps(engine, "label deployment web busy=2", admin)
        sent = await engine.send(step, admin, intent_id=uuid4(), deadline_s=5)
    finally:
        demo.fault("none", CLUSTER)
    assert (sent.state, sent.stale) == ("failed", False)
    assert "come back" in sent.text
    assert ledger() == []


@pytest.mark.parametrize(
    "line",
    [
        "label deployment web slow=1",
        "set image deployment/web '*=nginx:7'",
        'patch deployment web -p \'{"spec":{"paused":true}}\'',
        "create configmap slow",
        f"apply -f -\n{CONFIG_MAP}",
        "delete pod orders-db-0",
    ],
)
async def test_a_cluster_that_accepts_and_never_answers_ends_a_preview_in_time(
    engine: Engine,
    admin: Impersonation,
    demo: DemoProcess,
    monkeypatch: pytest.MonkeyPatch,
    ledger: Callable[[], list[dict[str, Any]]],
    line: str,
) -> None:
    await steps(engine, "label deployment web known=1", admin)  # the types are known
    # The promised 30 s with less waiting.
    monkeypatch.setattr(
        "app.domain.commands.engine.REQUEST_TIMEOUT", SimpleNamespace(figure=SimpleNamespace(number=0.5))
    )
    demo.fault("hang", CLUSTER)
    try:
        with pytest.raises(DeadlineExceededError, match="took too long to answer"):
            await steps(engine, line, admin)
    finally:
        demo.fault("none", CLUSTER)
    assert ledger() == []


async def test_a_namespace_and_what_lies_in_it_come_from_one_manifest(engine: Engine, admin: Impersonation) -> None:
    text = (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: fresh}\n---\n"
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: inside, namespace: fresh}\ndata: {a: '1'}\n"
    )
    shown = await engine.preview(command(f"apply -f -\n{text}", CLUSTER), admin)
    assert [step.dry_run for step in shown.steps] == ["ok", "ok"]
    assert any("could not be tried" in sentence for sentence in shown.consequences)
    assert shown.risk is Risk.DESTRUCTIVE
    for step in shown.steps:
        current = await engine.recheck(step, admin)
        assert current is not None
        sent = await engine.send(current, admin, intent_id=uuid4(), deadline_s=10)
        assert sent.state == "applied", sent.text


@pytest.mark.parametrize(
    "line",
    [
        "create secret generic canary --from-literal=key=canary-value-1",
        "apply -f -\napiVersion: v1\nkind: Secret\nmetadata: {name: c}\nstringData: {key: canary-value-1}\n",
        'patch secret payments-api-secrets -p \'{"stringData":{"key":"canary-value-1"}}\'',
        "set env deployment/web PASSWORD=canary-value-1",
        "annotate secret payments-api-secrets note=canary-value-1",
    ],
)
async def test_no_secret_is_shown_in_a_preview(engine: Engine, admin: Impersonation, line: str) -> None:
    shown = await engine.preview(command(line, CLUSTER), admin)
    assert shown.steps
    seen = str([step.to_view() for step in shown.steps]) + str(shown.consequences)
    assert "canary-value-1" not in seen, seen
