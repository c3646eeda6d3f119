"""What one scrape found: samples of metrics that the catalogue declares, and their text.

A sheet refuses what is not declared, so that no series is exported under a name, or with labels, that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.registry import Collector

from app.telemetry.metric import Metric, MetricKind


class Sheet:
    """Samples by metric."""

    def __init__(self) -> None:
        self._samples: dict[str, tuple[Metric, dict[tuple[str, ...], float]]] = {}

    def put(self, metric: Metric, value: float, **labels: str) -> None:
        """Add one sample; a second one of the same labels takes its place.

        Raises:
            ValueError: the labels are not those of the declaration, or the metric is a histogram.
        """
        if metric.kind is MetricKind.HISTOGRAM or labels.keys() != set(metric.labels):
            raise ValueError(f"{metric.name} has the labels {metric.labels}, not {tuple(labels)}")
        _, samples = self._samples.setdefault(metric.name, (metric, {}))
        samples[tuple(labels[name] for name in metric.labels)] = value

    def merge(self, other: Sheet) -> None:
        """Take over all samples of another sheet."""
        for name, (metric, samples) in other._samples.items():
            self._samples.setdefault(name, (metric, {}))[1].update(samples)

    def value(self, metric: Metric, **labels: str) -> float | None:
        """One sample, or None; meant for tests."""
        _, samples = self._samples.get(metric.name, (metric, {}))
        return samples.get(tuple(labels[name] for name in metric.labels))

    def render(self) -> bytes:
        """The samples as OpenMetrics text."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Once(self._families()))
        return bytes(generate_latest(registry))  # type: ignore[no-untyped-call]  # theirs has no annotations

    def _families(self) -> Iterator[Family]:
        for name, (metric, samples) in self._samples.items():
            family: CounterMetricFamily | GaugeMetricFamily
            if metric.kind is MetricKind.COUNTER:
                family = CounterMetricFamily(name.removesuffix("_total"), metric.help, labels=metric.labels)
            else:
                family = GaugeMetricFamily(name, metric.help, labels=metric.labels)
            for values, value in samples.items():
                family.add_metric(list(values), value)
            yield family


class _Once(Collector):
    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def collect(self) -> Iterable[Family]:
        return self._families
