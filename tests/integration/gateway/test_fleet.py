"""A question to many clusters: everybody who answers is shown, everybody who does not is named with the reason."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest

from app.domain.commands.parser import parse_each
from app.domain.commands.results import OutputResult, TableResult
from app.domain.identities import Person, Role
from app.errors import KubeChatError
from app.gateway.service.fan_out import FanOut
from app.gateway.service.reads import Reads
from app.infra.kubernetes.breaker import OPENS_AFTER
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.support.fleet import COLUMNS, Fleet, engine_of, hangs, names, running, table
from tests.support.kube_api import Received, answer, status

ANN = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
HUNDRED = names(100)
WITHIN_S = 3.0  # far more than a hundred answers take once connections are open
LONG_S = 60.0


class Asked:
    """What became of one question."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.events: list[dict[str, Any]] = []
        self.instruments = Instruments()

    @property
    def table(self) -> TableResult:
        (found,) = [result for result in self.results if isinstance(result, TableResult)]
        return found

    @property
    def notes(self) -> str:
        return "".join(result.notes for result in self.results if isinstance(result, OutputResult))

    @property
    def status(self) -> int:
        return max([0, *(result.status for result in self.results if isinstance(result, OutputResult))])


async def ask(kubeconfig: Path, line: str, *, within_s: float = LONG_S, first: str = "") -> Asked:
    """Ask one question; `first` is asked before it, so that nothing has to be opened any more."""
    asked = Asked()

    async def show(result: Any) -> None:
        asked.results.append(result)

    async with engine_of(kubeconfig, asked.instruments) as engine:
        reads = Reads(engine, asked.instruments)

        async def run(said: str, within: float, events: list[dict[str, Any]], to: Any) -> None:
            fan_out = FanOut(reads, lambda: engine.cluster_names, asked.instruments, within_s=within)
            commands = parse_each(said, cluster=engine.current_cluster, namespace="shop", clusters=engine.cluster_names)
            await fan_out.run(ANN, commands, to, events)

        if first:
            await run(first, LONG_S, [], AsyncMock())
        await run(line, within_s, asked.events, show)
    return asked


async def test_of_a_hundred_clusters_98_answer_and_two_say_why_not(tmp_path: Path) -> None:
    fleet = Fleet(HUNDRED, {"c-007": hangs}, refusing=frozenset({"c-042"}))
    async with running(fleet, tmp_path) as (_, kubeconfig):
        well = ",".join(name for name in HUNDRED if name not in {"c-007", "c-042"})
        asked = await ask(kubeconfig, "get pods --all-clusters", within_s=WITHIN_S, first=f"get pods --context {well}")
    shown = asked.table
    assert [column.name for column in shown.columns] == ["CLUSTER", *(name.upper() for name in COLUMNS)]
    assert {row[0] for row in shown.rows} == set(HUNDRED) - {"c-007", "c-042"}
    assert len(shown.rows) == shown.total == 98 * fleet.pods_of_each
    assert shown.command == "kubectl get pods -n shop --all-clusters"
    assert asked.notes == ("98 of 100 clusters answered; c-007: did not answer within 3 s; c-042: connection refused\n")
    assert asked.status == 1
    counted = {
        of: asked.instruments.value(catalogue.FAN_OUT_CLUSTERS, outcome=of) for of in ("answered", "late", "failed")
    }
    assert counted == {"answered": 98 + 98, "late": 1, "failed": 1}
    by_cluster = {event["cluster"]: event["outcome"] for event in asked.events}
    assert {name for name, outcome in by_cluster.items() if outcome == "failed"} == {"c-007", "c-042"}
    assert len(asked.events) == len(by_cluster) == 100


@pytest.mark.full
async def test_clusters_that_hang_keep_no_other_from_being_asked(tmp_path: Path) -> None:
    """More of them than are worked on at once, and in front of all others."""
    fleet = Fleet(HUNDRED, dict.fromkeys(HUNDRED[:40], hangs))
    async with running(fleet, tmp_path) as (_, kubeconfig):
        asked = await ask(kubeconfig, "get pods --all-clusters", within_s=9)
    assert {row[0] for row in asked.table.rows} == set(HUNDRED[40:])
    assert asked.notes.startswith("60 of 100 clusters answered; c-000: did not answer within 9 s; ")


async def test_some_clusters_are_asked_by_name_in_the_order_that_was_typed(tmp_path: Path) -> None:
    async with running(Fleet(names(4)), tmp_path) as (api, kubeconfig):
        asked = await ask(kubeconfig, "get pods --context c-002,c-000")
        spoken_to = {received.path.split("/")[1] for received in api.received}
    assert [row[0] for row in asked.table.rows] == ["c-002"] * 5 + ["c-000"] * 5
    assert (asked.table.command, asked.notes) == ("kubectl get pods -n shop --context c-002,c-000", "")
    assert spoken_to == {"c-000", "c-002"}


async def test_columns_that_one_cluster_lacks_are_absent_in_its_rows(tmp_path: Path) -> None:
    async def other(received: Received, writer: asyncio.StreamWriter) -> bool:
        if received.path.endswith("/pods"):
            return await answer(writer, 200, table([("db-0", "here", "Running")], ("Name", "Zone", "Status")))
        return await fleet.answer("c-001", received.path.removeprefix("/c-001"), writer)

    fleet = Fleet(names(2), {"c-001": other}, pods_of_each=1)
    async with running(fleet, tmp_path) as (_, kubeconfig):
        asked = await ask(kubeconfig, "get pods --all-clusters")
    assert [column.name for column in asked.table.columns] == [
        "CLUSTER", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "ZONE",
    ]  # fmt: skip
    assert asked.table.rows == [
        ["c-000", "web-c-000-0", "1/1", "Running", "0", "5d", "<none>"],
        ["c-001", "db-0", "<none>", "Running", "<none>", "<none>", "here"],
    ]


async def test_a_refusal_is_an_answer_and_stands_under_its_clusters_name(tmp_path: Path) -> None:
    async def forbids(received: Received, writer: asyncio.StreamWriter) -> bool:
        if received.path.endswith("/pods"):
            return await answer(writer, 403, status(403, "Forbidden", "pods is forbidden"))
        return await fleet.answer("c-001", received.path.removeprefix("/c-001"), writer)

    fleet = Fleet(names(3), {"c-001": forbids})
    async with running(fleet, tmp_path) as (_, kubeconfig):
        asked = await ask(kubeconfig, "get pods --all-clusters")
    assert {row[0] for row in asked.table.rows} == {"c-000", "c-002"}
    assert (asked.notes, asked.status) == ("c-001: Error from server (Forbidden): pods is forbidden\n", 1)


@pytest.mark.parametrize(("refusing", "code"), [(True, "no_cluster_answered"), (False, "refused_everywhere")])
async def test_where_no_cluster_gave_anything_there_is_one_error_with_all_reasons(
    tmp_path: Path, code: str, *, refusing: bool
) -> None:
    async def nothing(_: Received, writer: asyncio.StreamWriter) -> bool:
        return await answer(writer, 404, status(404, "NotFound", "there is none"))

    fleet = Fleet(names(2), dict.fromkeys(names(2), nothing), frozenset(names(2)) if refusing else frozenset())
    async with running(fleet, tmp_path) as (_, kubeconfig):
        with pytest.raises(KubeChatError) as found:
            await ask(kubeconfig, "get pods --all-clusters")
    assert found.value.code == code
    assert "c-000" in found.value.message
    assert "c-001" in found.value.message


async def test_a_cluster_that_never_answers_is_left_alone_and_the_others_do_not_notice(tmp_path: Path) -> None:
    fleet = Fleet(names(3), refusing=frozenset({"c-001"}))
    instruments, shown = Instruments(), AsyncMock()
    async with running(fleet, tmp_path) as (_, kubeconfig), engine_of(kubeconfig, instruments) as engine:
        fan_out = FanOut(Reads(engine, instruments), lambda: engine.cluster_names, instruments, gave_up=engine.gave_up)
        commands = parse_each("get pods --all-clusters", cluster="c-000", namespace="shop", clusters=names(3))
        for _ in range(OPENS_AFTER + 1):
            await fan_out.run(ANN, commands, shown, [])
        *_, table_, notes = [call.args[0] for call in shown.await_args_list]
        listed = await engine.describe_clusters(lambda _: Impersonation("kubechat:ann", ()))
    assert {row[0] for row in table_.rows} == {"c-000", "c-002"}
    assert re.fullmatch(
        r"2 of 3 clusters answered; c-001: has not answered since \d\d:\d\d UTC \(connection refused\); next try in \d s\n",
        notes.notes,
    )
    assert [(each["state"], each["breaker"]) for each in listed] == [
        ("ready", "closed"),
        ("cluster_unavailable", "open"),
        ("ready", "closed"),
    ]
    assert instruments.value(catalogue.CLUSTER_BREAKER_OPEN, cluster="c-001") == 1
