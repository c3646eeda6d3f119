"""A diagnosis of the demo clusters' broken workloads: one ranked answer, of what a person may read and no more."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from app.domain.commands.engine import Engine
from app.domain.commands.model.command import Risk
from app.domain.commands.parser import parse
from app.domain.commands.results import DiagnosisResult, OutputResult
from app.errors import ForbiddenError
from app.infra.kubernetes.impersonation import Impersonation
from tests.integration.commands.conftest import command
from tests.support.demo import DemoProcess

BROKEN = {
    "deployment/payments-api": "crash_loop",
    "deployment/cart-canary": "image_tag",
    "deployment/batch-heavy": "no_room",
}
CANARY = "Canary7f3aXq9"


async def diagnosed(engine: Engine, line: str, who: Impersonation) -> DiagnosisResult:
    (result,) = await engine.read(command(line), who)
    assert isinstance(result, DiagnosisResult)
    return result


def causes(result: DiagnosisResult) -> dict[str, str]:
    return {cause["object"]: cause["code"] for cause in result.causes}


async def test_a_namespace_shows_each_broken_workload_once_with_its_cause(
    engine: Engine, viewer: Impersonation
) -> None:
    result = await diagnosed(engine, "diagnose", viewer)
    assert causes(result) == BROKEN
    by_object = {cause["object"]: cause for cause in result.causes}
    assert "asks 64 CPU" in by_object["deployment/batch-heavy"]["cause"]
    assert any("DATABASE_PASSWORD" in fact["text"] for fact in by_object["deployment/payments-api"]["evidence"])
    assert any("service/payments-api" in each for each in by_object["deployment/payments-api"]["explains"])
    assert by_object["deployment/cart-canary"]["fixes"] == [
        "kubectl set image deployment/cart-canary cart-canary=registry.local/shop/cart:2.3.1 -n shop"
    ]


async def test_a_cluster_shows_them_as_well_and_where_they_are(engine: Engine, viewer: Impersonation) -> None:
    result = await diagnosed(engine, "diagnose -A", viewer)
    assert BROKEN.items() <= causes(result).items()
    assert {cause["namespace"] for cause in result.causes if cause["object"] in BROKEN} == {"shop"}


async def test_a_workload_shows_its_own_cause_alone(engine: Engine, viewer: Impersonation) -> None:
    assert causes(await diagnosed(engine, "diagnose deployment/cart-canary", viewer)) == {
        "deployment/cart-canary": "image_tag"
    }
    pod = await diagnosed(engine, "diagnose pod payments-api-849c6f7d5b-qz4kn", viewer)
    assert causes(pod) == {"deployment/payments-api": "crash_loop"}
    through_service = await diagnosed(engine, "diagnose service/payments-api", viewer)
    assert causes(through_service) == {"deployment/payments-api": "crash_loop"}


async def test_what_is_well_is_called_well(engine: Engine, viewer: Impersonation) -> None:
    result = await diagnosed(engine, "diagnose deployment/web", viewer)
    assert result.causes == []
    assert result.summary.startswith("Nothing is wrong that shows: deployment/web")


async def test_each_fix_is_a_change_that_the_cluster_would_take(engine: Engine, admin: Impersonation) -> None:
    result = await diagnosed(engine, "diagnose", admin)
    fixes = [fix for cause in result.causes for fix in cause["fixes"]]
    assert len(fixes) >= 2
    for fix in fixes:
        planned = parse(fix, cluster="prod-eu", namespace="default", clusters=engine.cluster_names)
        assert planned.risk is Risk.CHANGE
        shown = await engine.preview(planned, admin)
        assert [step.dry_run for step in shown.steps] == ["ok"]


async def test_what_a_person_may_not_list_is_named_and_no_error(
    engine: Engine, viewer: Impersonation, admin: Impersonation
) -> None:
    assert "secrets: you may not list them" in (await diagnosed(engine, "diagnose", viewer)).not_looked_at
    assert (await diagnosed(engine, "diagnose", admin)).not_looked_at == []


async def test_who_may_list_nothing_is_told_so(engine: Engine) -> None:
    nobody = Impersonation("kubechat:nobody", ())
    for line, words in (("diagnose", "you may list nothing in shop"), ("diagnose -A", "name one with -n")):
        with pytest.raises(ForbiddenError, match=words):
            await diagnosed(engine, line, nobody)


async def test_json_and_text_say_the_same(engine: Engine, viewer: Impersonation) -> None:
    (whole,) = await engine.read(command("diagnose -o json"), viewer)
    assert isinstance(whole, OutputResult)
    said = json.loads(whole.text)
    text = (await diagnosed(engine, "diagnose", viewer)).text
    assert {cause["object"]: cause["code"] for cause in said["causes"]} == BROKEN
    assert [cause["cause"] for cause in said["causes"] if cause["cause"] not in text] == []


async def test_a_secret_planted_in_what_is_read_is_in_no_answer(
    engine: Engine, admin: Impersonation, demo: DemoProcess
) -> None:
    core = "/clusters/prod-eu/api/v1/namespaces/shop"
    secret = {"metadata": {"name": "planted"}, "data": {"password": base64.b64encode(CANARY.encode()).decode()}}
    environment = [{"name": "DB_PASSWORD", "value": CANARY}]
    container = {"name": "main", "image": "nginx:1.27", "env": environment, "args": [f"--api-token={CANARY}"]}
    pod: dict[str, Any] = {
        "metadata": {"name": "planted", "annotations": {"note": f"password={CANARY}"}},
        "spec": {"containers": [container], "nodeSelector": {"disk": "nowhere"}},
    }
    paths = [demo.ask("POST", f"{core}/{kind}", obj) and f"{core}/{kind}/planted" for kind, obj in
             (("secrets", secret), ("pods", pod))]  # fmt: skip
    try:
        for line in ("diagnose", "diagnose -o json", "diagnose -A -o yaml", "diagnose pod/planted"):
            (result,) = await engine.read(command(line), admin)
            assert CANARY not in str(result), line
            assert base64.b64encode(CANARY.encode()).decode() not in str(result), line
    finally:
        for path in paths:
            demo.ask("DELETE", path)
