"""Tens of thousands of objects: paged, chosen from before they are cut, and never held all at once."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.clusters.answers import Answers
from app.domain.commands.engine import Engine
from app.domain.commands.reading.pages import BEGUN_AGAIN, Page
from app.domain.commands.results import TableResult
from app.errors import InvalidInputError, NotFoundError
from app.gateway.service.view import Condition, View
from app.infra.cache.caches import Caches
from app.infra.kubernetes.errors import status_error
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from tests.integration.commands.conftest import command
from tests.support.known_types import known_types
from tests.support.kube_api import status
from tests.support.scripted_cluster import ADA, Asked, ScriptedCluster

MANY = 50_000


EXPIRED = status(410, "Expired", "The provided continue parameter is too old")


def cluster_of(
    number: int,
    failing: tuple[int, ...] = (),
    *,
    counts: bool = True,
    expire_at: tuple[int, ...] = (),
    history: list[str] | None = None,
) -> ScriptedCluster:
    """So many pods, listed as an API server pages them.

    Args:
        number: of pods.
        failing: those that do not run.
        counts: whether it says how many rows are left, which it does not where a selector chooses them.
        expire_at: rows whose tokens it does not know any more when they are shown for the first time.
        history: its name; tokens that were made under another are not known any more.
    """
    expired: set[int] = set(expire_at)
    history = history or ["now"]

    def answering(asked: Asked) -> Any:
        kind = {"kind": "APIGroupDiscoveryList"}
        if asked.path == "/api":
            pod = {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced", "verbs": ["get", "list"]}
            return {**kind, "items": [{"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [pod]}]}]}
        if asked.path == "/apis":
            return {**kind, "items": []}
        query = dict(asked.query)
        made_in, _, token = query.get("continue", "").rpartition(".")
        first = int(token or 0)
        if first in expired or (token and made_in != history[0]):
            expired.discard(first)
            return status_error("prod-eu", 410, EXPIRED, None)
        last = min(number, first + int(query["limit"]))
        rows = [
            {
                "cells": [f"web-{n:06d}", "Failed" if n in failing else "Running"],
                "object": {"metadata": {"name": f"web-{n:06d}"}, "spec": {"order": number - n}},
            }
            for n in range(first, last)
        ]
        left = {"continue": f"{history[0]}.{last}"} | ({"remainingItemCount": number - last} if counts else {})
        left = left if last < number else {}
        columns = [{"name": name, "type": "string"} for name in ("Name", "Status")]
        return {
            "kind": "Table",
            "metadata": {"resourceVersion": "1", **left},
            "columnDefinitions": columns,
            "rows": rows,
        }

    return ScriptedCluster(answering)


async def table(
    cluster: ScriptedCluster, view: View, instruments: Instruments, page: str = "", line: str = "get pods"
) -> TableResult:
    engine = Engine(
        {"prod-eu": cluster}, current="prod-eu", known_types=known_types(), answers=Answers(instruments, Caches())
    )
    (found,) = await engine.read(command(line), ADA, view.choose if view.where else None, page)
    shown = view.apply(found)
    assert isinstance(shown, TableResult)
    return shown


async def pages(cluster: ScriptedCluster, view: View, line: str = "get pods") -> list[TableResult]:
    """All pages, as a person goes through them."""
    found = [await table(cluster, view, Instruments(), line=line)]
    while found[-1].next:
        found.append(await table(cluster, view, Instruments(), found[-1].next, line))
    return found


def names_of(found: list[TableResult]) -> list[str]:
    return [row[0] for each in found for row in each.rows]


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


@pytest.mark.parametrize("counts", [True, False])
async def test_page_after_page_shows_every_row_once_with_its_place(*, counts: bool) -> None:
    cluster = cluster_of(1_212, counts=counts)
    found = await pages(cluster, View())
    assert [(each.first, each.shown, each.total) for each in found] == [
        (0, 500, 1212),
        (500, 500, 1212),
        (1000, 212, 1212),
    ]
    assert names_of(found) == [f"web-{number:06d}" for number in range(1_212)]
    assert lists(cluster) == (3 if counts else 5), "a later page is one request"


async def test_pages_are_of_what_was_chosen_and_not_cut_before(instruments: Instruments) -> None:
    failing = tuple(range(0, 4_212, 3))  # 1,404 of 4,212: a page ends within what the cluster sent
    cluster = cluster_of(4_212, failing)
    found = await pages(cluster, View((Condition("STATUS", "=", "Failed"),)))
    assert [(each.first, each.shown, each.total) for each in found] == [
        (0, 500, 1404),
        (500, 500, 1404),
        (1000, 404, 1404),
    ]
    assert lists(cluster) < 2 * 4_212 / 500, "all is looked through once, and a later page ends where it is full"
    assert names_of(found) == [f"web-{number:06d}" for number in failing]


@pytest.mark.parametrize("where", [(), (Condition("STATUS", "=", "Failed"),)])
async def test_pages_of_a_sorted_list_are_in_its_order(where: tuple[Condition, ...]) -> None:
    failing = tuple(range(0, 1_212, 2))
    found = await pages(cluster_of(1_212, failing), View(where), "get pods --sort-by=.spec.order")
    wanted = failing if where else range(1_212)
    assert names_of(found) == [f"web-{number:06d}" for number in reversed(wanted)]
    assert {each.total for each in found} == {len(wanted)}


async def test_a_page_that_the_cluster_no_longer_has_begins_again_and_says_so() -> None:
    cluster = cluster_of(1_212, expire_at=(500,))
    first = await table(cluster, View(), Instruments())
    again = await table(cluster, View(), Instruments(), first.next)
    assert (again.first, again.rows, again.after) == (0, first.rows, BEGUN_AGAIN)
    assert again.next
    assert (await table(cluster, View(), Instruments(), again.next)).first == 500


async def test_a_list_that_expires_while_it_is_looked_through_is_looked_through_again(instruments: Instruments) -> None:
    cluster = cluster_of(4_212, (7, 4_211), expire_at=(2_000,))
    found = await table(cluster, View((Condition("STATUS", "!=", "Running"),)), instruments)
    assert (names_of([found]), found.total, found.after) == (["web-000007", "web-004211"], 2, "")


async def test_a_kept_first_page_whose_rest_has_expired_is_not_kept_to() -> None:
    history = ["before"]
    cluster, instruments = cluster_of(1_212, (7,), history=history), Instruments()
    engine = Engine(
        {"prod-eu": cluster}, current="prod-eu", known_types=known_types(), answers=Answers(instruments, Caches())
    )
    await engine.read(command("get pods"), ADA)
    view = View((Condition("STATUS", "!=", "Running"),))
    history[0] = "after"
    (found,) = await engine.read(command("get pods"), ADA, view.choose)
    assert isinstance(found, TableResult)
    assert (names_of([found]), found.age_s) == (["web-000007"], 0.0)


@pytest.mark.parametrize(
    "page", ["nonsense", "W10", Page(-1).text(), Page(1, 2, "x" * 4_000).text() + "A" * 100, Page(True).text()]
)
async def test_a_page_that_was_made_up_is_refused_in_a_sentence(page: str) -> None:
    with pytest.raises(InvalidInputError, match="There is no such page"):
        await table(cluster_of(10), View(), Instruments(), page)


@pytest.mark.parametrize("line", ["get pods -o yaml", "get pods web-000001", "describe pods", "get nodes,pods"])
async def test_what_has_no_pages_says_so(line: str) -> None:
    with pytest.raises((InvalidInputError, NotFoundError)):
        await table(cluster_of(10), View(), Instruments(), Page(500, 1_000, "now.500").text(), line)
