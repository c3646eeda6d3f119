"""The metric catalogue keeps Prometheus' conventions, and instruments are what it declares."""

from __future__ import annotations

import re

import pytest

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.metric import Metric, MetricKind

METRICS = sorted(catalogue.metrics().values(), key=lambda metric: metric.name)
UNBOUNDED = {"path", "url", "user_id", "session", "request_id", "trace_id", "command", "message"}


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_named_by_prometheus_conventions(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]+", metric.name)
    assert (metric.kind is MetricKind.COUNTER) == metric.name.endswith("_total")
    assert not re.search(r"_(ms|milliseconds|minutes|kb|mb|percent)(_|$)", metric.name)
    assert metric.help.endswith(".")
    assert metric.jobs
    assert not UNBOUNDED & set(metric.labels)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_only_histograms_have_buckets_and_theirs_rise(metric: Metric) -> None:
    assert bool(metric.buckets) == (metric.kind is MetricKind.HISTOGRAM)
    assert list(metric.buckets) == sorted(set(metric.buckets))


def test_every_declaration_can_be_made_on_one_registry() -> None:
    instruments = Instruments()
    for metric in METRICS:
        made = getattr(instruments, metric.kind.value)(metric)
        assert getattr(instruments, metric.kind.value)(metric) is made


def test_an_instrument_of_another_kind_is_refused() -> None:
    instruments = Instruments()
    with pytest.raises(TypeError):
        instruments.counter(catalogue.POOL_SIZE)
    with pytest.raises(TypeError):
        instruments.gauge(catalogue.ERRORS)
    with pytest.raises(TypeError):
        instruments.histogram(catalogue.ERRORS)


def test_values_are_read_back_and_absent_ones_are_zero() -> None:
    instruments = Instruments()
    assert instruments.value(catalogue.ERRORS, code="busy") == 0
    instruments.counter(catalogue.ERRORS).labels("busy").inc(2)
    instruments.histogram(catalogue.POOL_WAIT).labels("p").observe(0.2)
    assert instruments.value(catalogue.ERRORS, code="busy") == 2
    assert instruments.value(catalogue.POOL_WAIT, "_count", pool="p") == 1
    assert instruments.value(catalogue.POOL_WAIT, "_bucket", pool="p", le="0.25") == 1
    assert instruments.value(catalogue.POOL_WAIT, "_bucket", pool="p", le="0.1") == 0


def test_a_name_declared_twice_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "AGAIN", catalogue.ERRORS, raising=False)
    with pytest.raises(ValueError, match="kubechat_errors_total"):
        catalogue.metrics()
