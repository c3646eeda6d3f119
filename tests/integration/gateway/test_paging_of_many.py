"""Lists of several types and of several clusters, page by page: every row once, none of them from memory of the pager."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.domain.commands.access import Keep
from app.domain.commands.across import MOST_ROWS
from app.domain.commands.parser import parse_each
from app.domain.commands.reading.pages import MOST_ROWS as MOST_OF_ONE
from app.domain.commands.reading.pages import Page, PageOfMany
from app.domain.commands.results import OutputResult, TableResult
from app.domain.identities import Person, Role
from app.errors import InvalidInputError
from app.gateway.service.fan_out import FanOut
from app.gateway.service.reads import Reads
from app.gateway.service.view import Condition, View
from app.telemetry.instruments import Instruments
from tests.support.fleet import Fleet, engine_of, running
from tests.support.kube_api import Received, answer, status

ANN = Person(uuid4(), "ann", "Ann", Role.OPERATOR)
TYPES = {"pods": "Pod", "services": "Service"}


class Large:
    """A cluster of so many objects of each type, every tenth of them failing, listed as an API server pages them."""

    def __init__(self, name: str, pods: int, services: int = 0) -> None:
        self.name, self.numbers = name, {"pods": pods, "services": services}
        self.history = "1"
        self.away = False
        self.lists = 0

    async def __call__(self, received: Received, writer: asyncio.StreamWriter) -> bool:
        path = received.path.removeprefix(f"/{self.name}")
        if path in {"/api", "/apis"}:
            kinds = [
                {"resource": plural, "scope": "Namespaced", "verbs": ["list"], "responseKind": {"kind": kind}}
                for plural, kind in TYPES.items()
            ]
            core = {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": kinds}]}
            items = [core] if path == "/api" else []
            return await answer(writer, 200, {"kind": "APIGroupDiscoveryList", "items": items})
        if self.away:
            return await answer(writer, 503, status(503, "ServiceUnavailable", "overloaded"))
        query = dict(received.query)
        made_in, _, token = query.get("continue", "").rpartition(".")
        if token and made_in != self.history:
            return await answer(writer, 410, status(410, "Expired", "too old"))
        self.lists += 1
        plural = path.rpartition("/")[2]
        number, first = self.numbers[plural], int(token or 0)
        last = min(number, first + int(query["limit"]))
        rows = [
            {"cells": [f"{plural[:-1]}-{n:05d}", "Failed" if n % 10 == 0 else "Running"]} for n in range(first, last)
        ]
        left = {"continue": f"{self.history}.{last}", "remainingItemCount": number - last} if last < number else {}
        columns = [{"name": name, "type": "string"} for name in ("Name", "Status")]
        metadata = {"resourceVersion": "1", **left}
        return await answer(
            writer, 200, {"kind": "Table", "metadata": metadata, "columnDefinitions": columns, "rows": rows}
        )


class Pager:
    """Goes through the pages of a line's tables."""

    def __init__(self, fan_out: FanOut, clusters: tuple[str, ...]) -> None:
        self._fan_out, self._clusters = fan_out, clusters
        self.notes = ""

    async def page(self, line: str, page: str = "", keep: Keep | None = None) -> list[TableResult]:
        found: list[Any] = []

        async def show(result: Any) -> None:
            found.append(result)

        commands = parse_each(line, cluster=self._clusters[0], namespace="shop", clusters=self._clusters)
        await self._fan_out.run(ANN, commands, show, [], keep=keep, page=page)
        self.notes = "".join(each.notes for each in found if isinstance(each, OutputResult))
        return [each for each in found if isinstance(each, TableResult)]

    async def all(self, line: str, first: TableResult, keep: Keep | None = None) -> list[TableResult]:
        """A table, and all that is behind it."""
        found = [first]
        while found[-1].next:
            found += await self.page(line, found[-1].next, keep)
        return found


@asynccontextmanager
async def paging(folder: Path, *clusters: Large) -> AsyncIterator[Pager]:
    names = tuple(each.name for each in clusters)
    fleet = Fleet(names, {each.name: each for each in clusters})
    async with running(fleet, folder) as (_, kubeconfig), engine_of(kubeconfig) as engine:
        instruments = Instruments()
        yield Pager(FanOut(Reads(engine, instruments), lambda: names, instruments), names)


def rows_of(pages: list[TableResult]) -> list[tuple[str, ...]]:
    return [tuple(row) for page in pages for row in page.rows]


def named(cluster: str, number: int, prefix: str = "pod", *, step: int = 1) -> list[tuple[str, str]]:
    """The first two cells of a cluster's rows in a table of several."""
    return [(cluster, f"{prefix}-{n:05d}") for n in range(0, number, step)]


async def test_each_of_several_types_has_pages_of_its_own(tmp_path: Path) -> None:
    async with paging(tmp_path, Large("east", 1_212, 730)) as pager:
        pods, services = await pager.page("get pods,services")
        assert [(each.shown, each.total, bool(each.next)) for each in (pods, services)] == [
            (MOST_OF_ONE, 1_212, True),
            (MOST_OF_ONE, 730, True),
        ]
        of_pods, of_services = (
            await pager.all("get pods,services", pods),
            await pager.all("get pods,services", services),
        )
        assert [row[0] for row in rows_of(of_pods)] == [f"pod/pod-{n:05d}" for n in range(1_212)]
        assert [row[0] for row in rows_of(of_services)] == [f"service/service-{n:05d}" for n in range(730)]
        assert [each.first for each in of_pods] == [0, 500, 1_000]
        assert {each.total for each in of_pods} == {1_212}


async def test_of_several_types_rows_are_chosen_before_they_are_cut(tmp_path: Path) -> None:
    failing = View((Condition("STATUS", "=", "Failed"),)).choose
    async with paging(tmp_path, Large("east", 6_000, 30)) as pager:
        pods, services = await pager.page("get pods,services", keep=failing)
        assert (services.shown, services.total, services.next) == (3, 3, "")
        found = await pager.all("get pods,services", pods, failing)
        assert [row[0] for row in rows_of(found)] == [f"pod/pod-{n:05d}" for n in range(0, 6_000, 10)]
        assert [each.total for each in found] == [600, 600]


async def test_of_several_clusters_every_row_comes_once_and_who_has_none_left_is_not_asked(tmp_path: Path) -> None:
    east, north, west = Large("east", 3_210), Large("north", 40), Large("west", 1_717)
    more = [Large(f"c-{n}", 300) for n in range(6)]
    total = 3_210 + 40 + 1_717 + 6 * 300
    async with paging(tmp_path, east, north, west, *more) as pager:
        (first,) = await pager.page("get pods --all-clusters")
        assert (first.shown, first.total, first.first) == (MOST_ROWS, total, 0)
        assert {row[0] for row in first.rows} == {"east", "north", "west", *(each.name for each in more)}
        found = await pager.all("get pods --all-clusters", first)
    assert all(each.total == total for each in found)
    firsts = [each.first for each in found]
    assert firsts == [sum(each.shown for each in found[:n]) for n in range(len(found))]
    rows = [row[:2] for row in rows_of(found)]
    assert Counter(rows) == Counter(
        [
            *named("east", 3_210),
            *named("north", 40),
            *named("west", 1_717),
            *(row for each in more for row in named(each.name, 300)),
        ]
    )
    # In the order of each cluster's own list.
    for name in ("east", "west"):
        assert [row for row in rows if row[0] == name] == named(name, 3_210 if name == "east" else 1_717)
    assert north.lists == 1
    assert east.lists <= len(found)


async def test_of_several_clusters_rows_are_chosen_before_they_are_cut(tmp_path: Path) -> None:
    failing = View((Condition("STATUS", "=", "Failed"),)).choose
    clusters = [Large(f"c-{n}", 6_000) for n in range(5)]
    async with paging(tmp_path, *clusters) as pager:
        (first,) = await pager.page("get pods --all-clusters", keep=failing)
        found = await pager.all("get pods --all-clusters", first, failing)
    wanted = [row for each in clusters for row in named(each.name, 6_000, step=10)]
    assert Counter(row[:2] for row in rows_of(found)) == Counter(wanted)
    assert {each.total for each in found} == {3_000}


async def test_of_several_types_on_several_clusters_each_type_has_its_pages(tmp_path: Path) -> None:
    async with paging(tmp_path, Large("east", 1_300, 2_100), Large("west", 20, 1_900)) as pager:
        line = "get pods,services --context east,west"
        pods, services = await pager.page(line)
        of_services = rows_of(await pager.all(line, services))
        of_pods = rows_of(await pager.all(line, pods))
    assert Counter(row[:2] for row in of_services) == Counter(
        [*named("east", 2_100, "service/service"), *named("west", 1_900, "service/service")]
    )
    assert Counter(row[:2] for row in of_pods) == Counter(
        [*named("east", 1_300, "pod/pod"), *named("west", 20, "pod/pod")]
    )


async def test_a_cluster_that_is_away_at_a_page_is_named_and_its_rows_come_when_it_is_back(tmp_path: Path) -> None:
    east, west = Large("east", 1_600), Large("west", 1_400)
    async with paging(tmp_path, east, west) as pager:
        line = "get pods --all-clusters"
        found = await pager.page(line)
        west.away = True
        found += await pager.page(line, found[-1].next)
        assert "west: " in pager.notes
        assert {row[0] for row in found[-1].rows} == {"east"}
        assert found[-1].total == 3_000
        west.away = False
        found = await pager.all(line, found[-1])  # from where it stands
        rest = [row[:2] for row in rows_of(found)]
    assert [row for row in rest if row[0] == "west"] == named("west", 1_400)[500:]


async def test_a_cluster_whose_list_is_gone_begins_again_and_says_so_and_the_others_go_on(tmp_path: Path) -> None:
    east, west = Large("east", 1_600), Large("west", 1_400)
    async with paging(tmp_path, east, west) as pager:
        line = "get pods --all-clusters"
        (first,) = await pager.page(line)
        west.history = "2"
        (second,) = await pager.page(line, first.next)
        assert second.after == "west: The cluster no longer has the list as it was; it begins again.\n"
        rows = [tuple(row[:2]) for row in second.rows]
        assert [row for row in rows if row[0] == "west"] == named("west", 500)
        assert [row for row in rows if row[0] == "east"] == named("east", 1_000)[500:]
        rest = rows_of(await pager.all(line, second))
    assert [row[:2] for row in rest if row[0] == "west"] == named("west", 1_400)


@pytest.mark.parametrize(
    ("line", "page"),
    [
        ("get pods --all-clusters", "nonsense"),
        ("get pods --all-clusters", Page(500, 1_000, "1.500").text()),
        ("get pods --all-clusters", PageOfMany(500, 0, {"nosuch": Page(5).text()}).text()),
        ("get pods --all-clusters", PageOfMany(500, 0, {}).text()),
        ("get pods", PageOfMany(500, 0, {"east": Page(5).text()}).text()),
        ("get pods,services", Page(500, 1_000, "1.500").text()),
        ("get pods,services", Page(500, 1_000, "1.500", 0, "secrets").text()),
        ("get pods", Page(500, 1_000, "1.500", 0, "services").text()),
    ],
)
async def test_a_page_of_another_list_is_refused(tmp_path: Path, line: str, page: str) -> None:
    async with paging(tmp_path, Large("east", 1_300, 700), Large("west", 1_300, 700)) as pager:
        with pytest.raises(InvalidInputError, match="There is no such page"):
            await pager.page(line, page)
