"""Instruments made from the metric catalogue, on a registry that the composition root owns.

Nothing here is global: a process builds one `Instruments`, injects it, and tests build a fresh one and read values
back. Hot loops keep the child that `labels()` returns, because looking it up costs more than counting. What happens a
million times a second is a `Tally`: counted as a plain number, and added to its counter when somebody reads.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.registry import Collector

from app.telemetry import exposition
from app.telemetry.metric import Metric, MetricKind


class Tally:
    """A count that costs as little as an addition; only one thread may add.

    Attributes:
        count: add to this.
    """

    __slots__ = ("_added", "_counter", "count")

    def __init__(self, counter: Counter) -> None:
        self.count = 0
        self._added = 0
        self._counter = counter

    def settle(self) -> None:
        """Add to the counter what was counted since the last time; by one thread at a time."""
        count = self.count
        self._counter.inc(count - self._added)
        self._added = count


class _Tallies(Collector):
    """Settles all tallies; stands first in the registry, so that whatever is read after it is right."""

    def __init__(self) -> None:
        self.all: list[Tally] = []
        self._lock = threading.Lock()

    def collect(self) -> Iterable[Any]:
        with self._lock:
            for tally in tuple(self.all):
                tally.settle()
        return ()


class Instruments:
    """Builds each declared metric once on its registry and hands out the instrument."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry if registry is not None else CollectorRegistry(auto_describe=True)
        self._made: dict[str, Counter | Gauge | Histogram] = {}
        self._pages: dict[str, exposition.Pages] = {}
        self._collectors: list[Collector] = []
        self._tallies = _Tallies()
        self.registry.register(self._tallies)

    def counter(self, metric: Metric) -> Counter:
        """The counter that this declaration names; TypeError for another kind."""
        made = self._made.get(metric.name)
        if made is None:
            _expect(metric, MetricKind.COUNTER)
            made = Counter(metric.name.removesuffix("_total"), metric.help, metric.labels, registry=self.registry)
            self._keep(metric, made)
        if not isinstance(made, Counter):
            raise TypeError(f"{metric.name} is not a counter")
        return made

    def tally(self, metric: Metric, *labels: str) -> Tally:
        """What is added to one series of this counter whenever it is read; TypeError for another kind."""
        counter = self.counter(metric)
        made = Tally(counter.labels(*labels) if labels else counter)
        self._tallies.all.append(made)
        return made

    def gauge(self, metric: Metric) -> Gauge:
        """The gauge that this declaration names; TypeError for another kind."""
        made = self._made.get(metric.name)
        if made is None:
            _expect(metric, MetricKind.GAUGE)
            made = Gauge(metric.name, metric.help, metric.labels, registry=self.registry)
            self._keep(metric, made)
        if not isinstance(made, Gauge):
            raise TypeError(f"{metric.name} is not a gauge")
        return made

    def histogram(self, metric: Metric) -> Histogram:
        """The histogram that this declaration names; TypeError for another kind."""
        made = self._made.get(metric.name)
        if made is None:
            _expect(metric, MetricKind.HISTOGRAM)
            made = Histogram(metric.name, metric.help, metric.labels, registry=self.registry, buckets=metric.buckets)
            self._keep(metric, made)
        if not isinstance(made, Histogram):
            raise TypeError(f"{metric.name} is not a histogram")
        return made

    def register(self, collector: Collector) -> None:
        """Add a collector that makes its series at scrape time."""
        self.registry.register(collector)
        self._collectors.append(collector)

    def parts(self) -> Iterator[str]:
        """The page that Prometheus reads, as OpenMetrics text, series by series."""
        self._tallies.collect()
        for pages in tuple(self._pages.values()):
            yield from pages.parts()
        for collector in self._collectors:
            yield from exposition.families(collector.collect())
        yield exposition.END

    def value(self, metric: Metric, suffix: str = "", **labels: str) -> float:
        """The present value of one series, 0.0 when it does not exist yet; meant for tests and health checks.

        Args:
            metric: its declaration.
            suffix: `_count`, `_sum` or `_bucket` for a histogram.
            labels: the series' labels.
        """
        found = self.registry.get_sample_value(metric.name + suffix, labels)
        return 0.0 if found is None else found

    def _keep(self, metric: Metric, made: exposition.Instrument) -> None:
        self._made[metric.name] = made
        self._pages[metric.name] = exposition.Pages(metric, made)


def _expect(metric: Metric, kind: MetricKind) -> None:
    if metric.kind is not kind:
        raise TypeError(f"{metric.name} is declared as a {metric.kind}, not as a {kind}")
