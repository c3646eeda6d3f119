"""A page says what prometheus_client would say of the same instruments, whatever has come and gone since the last one."""

from __future__ import annotations

import math
from typing import Any

import pytest
from prometheus_client import ProcessCollector
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.metric import MetricKind

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], Any]


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


def read(text: str) -> tuple[dict[str, tuple[str, str]], Samples]:
    """Kind and help of each family, and all samples with their exemplars, as Prometheus reads them."""
    families = list(text_string_to_metric_families(text))
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): (sample.value, sample.exemplar)
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_created")
    }
    return {family.name: (family.type, family.documentation) for family in families}, samples


def assert_as_the_client_says(instruments: Instruments) -> Samples:
    families, samples = read("".join(instruments.parts()))
    theirs, their_samples = read(generate_latest(instruments.registry).decode())
    assert families == theirs
    assert samples == their_samples
    return samples


def test_every_kind_with_and_without_labels(instruments: Instruments) -> None:
    instruments.counter(catalogue.CACHE_LOOKUPS).labels("names", "hit").inc(7)
    instruments.gauge(catalogue.REDIS_NODES_AVOIDED).set(2)
    instruments.histogram(catalogue.REDIS_PIPELINE_COMMANDS).observe(3)
    duration = instruments.histogram(catalogue.POSTGRES_QUERY_DURATION)
    for seconds in (0.0, 0.001, 0.3, 1e9):
        duration.labels("a").observe(seconds)
    samples = assert_as_the_client_says(instruments)
    assert samples["kubechat_cache_lookups_total", (("cache", "names"), ("result", "hit"))][0] == 7
    assert samples[f"{catalogue.POSTGRES_QUERY_DURATION.name}_count", (("query", "a"),)][0] == 4


def test_every_declared_histogram_has_its_bounds(instruments: Instruments) -> None:
    declared = [metric for metric in catalogue.metrics().values() if metric.kind is MetricKind.HISTOGRAM]
    for metric in declared:
        made = instruments.histogram(metric)
        (made.labels(*("x" for _ in metric.labels)) if metric.labels else made).observe(0.1)
    assert len(assert_as_the_client_says(instruments)) > 10 * len(declared)


def test_what_came_and_went_since_the_last_page(instruments: Instruments) -> None:
    lookups = instruments.counter(catalogue.CACHE_LOOKUPS)
    for number in range(5):
        lookups.labels(str(number), "hit").inc(number)
    assert_as_the_client_says(instruments)
    lookups.remove("3", "hit")
    lookups.remove("4", "hit")
    lookups.labels("new", "hit").inc()
    assert_as_the_client_says(instruments)
    lookups.remove("0", "hit")
    lookups.labels("0", "hit").inc(50)  # another one under a known name
    samples = assert_as_the_client_says(instruments)
    assert samples["kubechat_cache_lookups_total", (("cache", "0"), ("result", "hit"))][0] == 50
    lookups.clear()
    assert_as_the_client_says(instruments)


def test_a_gauge_that_asks_is_asked_for_each_page(instruments: Instruments) -> None:
    asked = iter((1.0, 1.0, 5.0, 5.0))
    instruments.gauge(catalogue.REDIS_NODES_AVOIDED).set_function(lambda: next(asked))
    assert assert_as_the_client_says(instruments)[catalogue.REDIS_NODES_AVOIDED.name, ()][0] == 1
    assert assert_as_the_client_says(instruments)[catalogue.REDIS_NODES_AVOIDED.name, ()][0] == 5


@pytest.mark.parametrize("label", ['a"b', "back\\slash", "two\nlines", "ünï €", "", "}{,=# "])
def test_any_text_may_be_a_label(instruments: Instruments, label: str) -> None:
    instruments.counter(catalogue.CACHE_LOOKUPS).labels(label, "hit").inc()
    instruments.histogram(catalogue.POSTGRES_QUERY_DURATION).labels(label).observe(1)
    assert_as_the_client_says(instruments)


@pytest.mark.parametrize("value", [0.0, -0.5, 1e-9, 123456789.125, 2.0**60, 1e300, math.inf, -math.inf])
def test_any_number_may_be_a_value(instruments: Instruments, value: float) -> None:
    instruments.gauge(catalogue.REDIS_NODES_AVOIDED).set(value)
    assert_as_the_client_says(instruments)


def test_no_number_is_written_as_such(instruments: Instruments) -> None:
    instruments.gauge(catalogue.REDIS_NODES_AVOIDED).set(math.nan)
    assert f"\n{catalogue.REDIS_NODES_AVOIDED.name} NaN\n" in "".join(instruments.parts())


def test_exemplars_lead_from_a_bucket_to_its_trace(instruments: Instruments) -> None:
    duration = instruments.histogram(catalogue.POSTGRES_QUERY_DURATION).labels("a")
    duration.observe(0.004, {"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"})
    duration.observe(40, {"trace_id": "00f067aa0ba902b74bf92f3577b34da6"})
    instruments.counter(catalogue.CACHE_LOOKUPS).labels("names", "hit").inc(1, {"trace_id": "ab"})
    samples = assert_as_the_client_says(instruments)
    assert sum(exemplar is not None for _, exemplar in samples.values()) == 3


def test_what_is_collected_at_the_scrape_stands_there_too(instruments: Instruments) -> None:
    instruments.register(ProcessCollector(registry=None))
    text = "".join(instruments.parts())
    theirs = generate_latest(instruments.registry).decode()
    assert read(text)[0] == read(theirs)[0]
    assert read(text)[1].keys() == read(theirs)[1].keys()
    assert text.endswith("# EOF\n")


def test_a_name_is_written_once_and_kept(instruments: Instruments, monkeypatch: pytest.MonkeyPatch) -> None:
    instruments.histogram(catalogue.POSTGRES_QUERY_DURATION).labels("a").observe(1)
    first = "".join(instruments.parts())

    def refuse(*_: object) -> str:
        raise AssertionError("written anew")

    monkeypatch.setattr("app.telemetry.exposition.labelled", refuse)
    assert "".join(instruments.parts()) == first


def test_a_gauge_whose_function_fails_is_left_out_and_fails_no_other() -> None:
    instruments = Instruments()
    instruments.gauge(catalogue.POOL_IN_USE).labels("bad").set_function(lambda: 1 / 0)
    instruments.gauge(catalogue.POOL_IN_USE).labels("good").set_function(lambda: 3)
    page = "".join(instruments.parts())
    assert f'{catalogue.POOL_IN_USE.name}{{pool="good"}} 3.0' in page
    assert "bad" not in page
    assert page.endswith("# EOF\n")
