"""A read is counted by what became of it, and belongs to its class before it runs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.parser import parse
from app.domain.diagnosis.findings import Cause, Diagnosis, Fault, Ref, Severity
from app.domain.identities import Person, Role
from app.errors import ForbiddenError, KubeChatError, NotFoundError, UnavailableError
from app.gateway.service.reads import Reads, operation_class_of
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.operation_class import OperationClass

ANN = Person(uuid4(), "ann", "Ann", Role.OPERATOR)


def command(line: str) -> Any:
    return parse(line, cluster="prod-eu", namespace="shop", clusters=("prod-eu", "prod-us"))


class Engine:
    def __init__(self, error: KubeChatError | None = None) -> None:
        self._error = error

    async def read(self, *_: Any) -> list[Any]:
        if self._error is not None:
            raise self._error
        return ["one", "two"]


@pytest.mark.parametrize(
    ("error", "outcome", "recorded"),
    [
        (None, "ok", "ok"),
        (NotFoundError("There is none."), "refused", "failed"),
        (ForbiddenError("Not allowed."), "refused", "failed"),
        (UnavailableError("Away."), "failed", "failed"),
    ],
)
async def test_an_answer_of_the_cluster_is_no_failure_of_ours(
    error: KubeChatError | None, outcome: str, recorded: str
) -> None:
    instruments, events, shown = Instruments(), [], []

    async def show(result: Any) -> None:
        shown.append(result)

    reads = Reads(Engine(error), instruments)  # type: ignore[arg-type]
    run = reads.run(ANN, command("get pods"), show, events)
    if error is None:
        await run
        assert shown == ["one", "two"]
    else:
        with pytest.raises(type(error)):
            await run
    assert instruments.value(catalogue.COMMANDS, verb="get", risk="read", outcome=outcome) == 1
    assert instruments.value(catalogue.COMMAND_DURATION, "_count", verb="get") == 1
    assert [event["outcome"] for event in events] == [recorded]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["get pods"], OperationClass.SIMPLE),
        (["logs web-1"], OperationClass.SIMPLE),
        (["diagnose deployment/web"], OperationClass.COMPLEX),
        (["get pods", "get services"], OperationClass.COMPLEX),
        (["get pods", "get pods --context prod-us"], OperationClass.COMPLEX),
        (["scale deployment/web --replicas=3"], OperationClass.COMPLEX),
        (["get pods", "delete pod web-1"], OperationClass.COMPLEX),
    ],
)
def test_a_class_follows_from_the_commands_alone(lines: list[str], expected: OperationClass) -> None:
    assert operation_class_of([command(line) for line in lines]) is expected


async def test_a_diagnosis_is_counted_by_what_it_found_and_knows_what_this_person_may_know() -> None:
    asked: list[Any] = []

    class Diagnosing(Engine):
        async def diagnose(self, command: Any, identity: Any, recent_changes: Any) -> Diagnosis:
            asked.append(recent_changes)
            web = Ref("Deployment", "web", "shop")
            cause = Cause("x", "images", Severity.INFO, web, "c", (), (), (), (), "", (), frozenset({web}))
            return Diagnosis(
                "prod-eu", "shop", None, (cause,), {}, (), (Fault("crashing", "pod/odd"),), datetime.now(UTC)
            )

    class Changed:
        def known_to(self, person: Person) -> str:
            return f"what {person.name} may know"

    shown: list[Any] = []

    async def show(result: Any) -> None:
        shown.append(result)

    instruments = Instruments()
    reads = Reads(Diagnosing(), instruments, changed=Changed())  # type: ignore[arg-type]
    await reads.run(ANN, command("diagnose"), show, [])
    assert asked == ["what ann may know"]
    assert [cause["cause"] for cause in shown[0].causes] == ["c"]
    assert shown[0].not_looked_at == ["pod/odd: it could not be read (crashing)"]
    assert instruments.value(catalogue.DIAGNOSIS_CAUSES, analyzer="images") == 1
    assert instruments.value(catalogue.DIAGNOSIS_FAULTS, analyzer="crashing") == 1
    assert instruments.value(catalogue.COMMANDS, verb="diagnose", risk="read", outcome="ok") == 1
