"""Tens of thousands of objects: paged, chosen from before they are cut, and never held all at once."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.clusters.answers import Answers
from app.domain.commands.engine import Engine
from app.domain.commands.results import TableResult
from app.gateway.service.view import Condition, View
from app.infra.cache.caches import Caches
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.integration.commands.conftest import command
from tests.support.known_types import known_types
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster

MANY = 50_000


def cluster_of(number: int, failing: tuple[int, ...] = ()) -> ScriptedCluster:
    """So many pods, listed as an API server pages them."""

    def answering(asked: Asked) -> Any:
        kind = {"kind": "APIGroupDiscoveryList"}
        if asked.path == "/api":
            pod = {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced", "verbs": ["get", "list"]}
            return {**kind, "items": [{"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [pod]}]}]}
        if asked.path == "/apis":
            return {**kind, "items": []}
        query = dict(asked.query)
        first = int(query.get("continue", 0))
        last = min(number, first + int(query["limit"]))
        rows = [{"cells": [f"web-{n:06d}", "Failed" if n in failing else "Running"]} for n in range(first, last)]
        left = {"continue": str(last), "remainingItemCount": number - last} if last < number else {}
        columns = [{"name": name, "type": "string"} for name in ("Name", "Status")]
        return {
            "kind": "Table",
            "metadata": {"resourceVersion": "1", **left},
            "columnDefinitions": columns,
            "rows": rows,
        }

    return ScriptedCluster(answering)


async def table(cluster: ScriptedCluster, view: View, instruments: Instruments) -> TableResult:
    engine = Engine(
        {"prod-eu": cluster}, current="prod-eu", known_types=known_types(), answers=Answers(instruments, Caches())
    )
    (found,) = await engine.read(command("get pods"), ADA, view.choose if view.where else None)
    shown = view.apply(found)
    assert isinstance(shown, TableResult)
    return shown


def lists(cluster: ScriptedCluster) -> int:
    return sum("pods" in asked.path for asked in cluster.asked)


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


async def test_the_first_page_is_shown_of_all_that_there_are(instruments: Instruments) -> None:
    cluster = cluster_of(MANY)
    found = await table(cluster, View(), instruments)
    assert (found.shown, found.total, len(found.rows)) == (500, MANY, 500)
    assert lists(cluster) == 1
    assert instruments.value(catalogue.CACHE_OBJECTS, cache="kubernetes_answers") == 500


async def test_what_is_asked_for_is_found_behind_the_first_page(instruments: Instruments) -> None:
    failing = (7, 4_211, MANY - 1)
    cluster = cluster_of(MANY, failing)
    found = await table(cluster, View((Condition("STATUS", "!=", "Running"),)), instruments)
    assert [row[0] for row in found.rows] == [f"web-{number:06d}" for number in failing]
    assert (found.shown, found.total, found.after) == (3, 3, "")
    assert lists(cluster) == MANY / 500
    # A walk through everything pushes nothing out of the cache.
    assert instruments.value(catalogue.CACHE_OBJECTS, cache="kubernetes_answers") == 500


async def test_more_rows_than_a_table_shows_are_counted_and_cut(instruments: Instruments) -> None:
    found = await table(cluster_of(4_212), View((Condition("STATUS", "=", "Running"),)), instruments)
    assert (found.shown, found.total, len(found.rows)) == (500, 4_212, 500)


@pytest.mark.full
async def test_what_is_too_much_to_look_through_is_said(instruments: Instruments) -> None:
    found = await table(cluster_of(MANY + 1_000), View((Condition("STATUS", "!=", "Running"),)), instruments)
    assert found.after == "Only the first 50000 of 51000 were looked at.\n"
