"""A scrape always ends, whatever its targets do, and says of each whether it answered."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from app.errors import UnavailableError
from app.telemetry import server_catalogue
from app.telemetry.exporter_catalogue import NETWORK_PHASE
from app.telemetry.metric import Metric, MetricKind
from exporters.exporter import Exporter, Vitals
from exporters.sheet import Sheet

VITALS = Vitals(
    "node", server_catalogue.REDIS_UP, server_catalogue.REDIS_SCRAPE_DURATION, server_catalogue.REDIS_LAST_SUCCESS
)


class Node:
    def __init__(self, name: str, behave: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._behave = behave
        self.dropped = 0
        self.at_once = 0
        self.most_at_once = 0

    async def read(self, sheet: Sheet) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            sheet.put(server_catalogue.REDIS_MASTER, 1, node=self.name)
            await self._behave()
        finally:
            self.at_once -= 1

    async def drop(self) -> None:
        self.dropped += 1


async def fine() -> None:
    await asyncio.sleep(0)


async def away() -> None:
    raise UnavailableError("away")


async def nonsense() -> None:
    raise KeyError("used_memory")


async def hang() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("behave", [away, nonsense, hang])
async def test_a_target_that_fails_is_down_and_hides_no_other(behave: Callable[[], Awaitable[None]]) -> None:
    bad, good = Node("bad", behave), Node("good", fine)
    sheet = await Exporter("redis", [bad, good], VITALS, deadline_s=0.05).collect()
    assert sheet.value(server_catalogue.REDIS_UP, node="bad") == 0
    assert sheet.value(server_catalogue.REDIS_MASTER, node="bad") is None  # half of what it said is not shown
    assert sheet.value(server_catalogue.REDIS_LAST_SUCCESS, node="bad") is None
    assert sheet.value(server_catalogue.REDIS_UP, node="good") == 1
    assert sheet.value(server_catalogue.REDIS_MASTER, node="good") == 1
    assert (sheet.value(server_catalogue.REDIS_LAST_SUCCESS, node="good") or 0) > 1.7e9
    assert (bad.dropped, good.dropped) == (1, 0)


async def test_two_scrapes_at_once_ask_a_target_in_turn() -> None:
    node = Node("node", fine)
    exporter = Exporter("redis", [node], VITALS, deadline_s=1)
    await asyncio.gather(*(exporter.collect() for _ in range(5)))
    assert node.most_at_once == 1


async def test_closing_drops_every_connection() -> None:
    nodes = [Node("a", fine), Node("b", fine)]
    await Exporter("redis", nodes, VITALS, deadline_s=1).close()
    assert [node.dropped for node in nodes] == [1, 1]


def test_a_sheet_refuses_labels_that_are_not_declared() -> None:
    with pytest.raises(ValueError, match="kubechat_redis_up"):
        Sheet().put(server_catalogue.REDIS_UP, 1, host="x")
    with pytest.raises(ValueError, match="kubechat_redis_up"):
        Sheet().put(server_catalogue.REDIS_UP, 1)
    with pytest.raises(ValueError, match="kubechat_x_seconds"):
        Sheet().put(Metric("kubechat_x_seconds", MetricKind.HISTOGRAM, "x"), 1)


def test_a_page_is_openmetrics_that_a_parser_reads_back() -> None:
    sheet = Sheet()
    sheet.put(server_catalogue.REDIS_EVICTED_KEYS, 3, node='odd "name"\\')
    sheet.put(server_catalogue.REDIS_UP, 1, node="a")
    sheet.put(server_catalogue.REDIS_UP, 0, node="b")
    found = {
        (sample.name, sample.labels["node"]): sample.value
        for family in text_string_to_metric_families("".join(sheet.parts()))
        for sample in family.samples
    }
    assert found == {
        ("kubechat_redis_evicted_keys_total", 'odd "name"\\'): 3,
        ("kubechat_redis_up", "a"): 1,
        ("kubechat_redis_up", "b"): 0,
    }


@settings(max_examples=200)
@given(
    st.dictionaries(st.tuples(st.text(), st.text()), st.floats() | st.integers(-(2**70), 2**70), max_size=5),
)
def test_a_page_reads_as_the_one_that_the_client_library_would_write(samples: dict[tuple[str, str], float]) -> None:
    sheet = Sheet()
    family = GaugeMetricFamily(NETWORK_PHASE.name, NETWORK_PHASE.help, labels=NETWORK_PHASE.labels)
    for (peer, phase), value in samples.items():
        sheet.put(NETWORK_PHASE, value, peer=peer, phase=phase)
        family.add_metric([peer, phase], value)

    class Once(Collector):
        def collect(self) -> list[GaugeMetricFamily]:
            return [family] if samples else []

    registry = CollectorRegistry()
    registry.register(Once())
    assert list(text_string_to_metric_families("".join(sheet.parts()))) == list(
        text_string_to_metric_families(generate_latest(registry).decode())
    ) or any(math.isnan(value) for value in samples.values())  # nothing equals NaN
    assert "".join(sheet.parts()).count("\n") == generate_latest(registry).decode().count("\n")


def test_a_large_page_is_written_in_small_parts() -> None:
    sheet = Sheet()
    for number in range(1000):
        sheet.put(server_catalogue.REDIS_UP, 1, node=str(number))
    parts = list(sheet.parts())
    assert max(part.count("\n") for part in parts) <= 2
    assert len(next(iter(text_string_to_metric_families("".join(parts)))).samples) == 1000


def test_an_empty_page_is_one_all_the_same() -> None:
    assert "".join(Sheet().parts()) == "# EOF\n"
