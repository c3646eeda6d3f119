"""What one scrape found: samples of metrics that the catalogue declares, and their text.

A sheet refuses what is not declared, so that no series is exported under a name, or with labels, that nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.telemetry.exposition import END, heading, labelled, number
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

    def parts(self) -> Iterator[str]:
        """The samples as OpenMetrics text, metric by metric."""
        for name, (metric, samples) in self._samples.items():
            counter = metric.kind is MetricKind.COUNTER
            yield heading(name.removesuffix("_total") if counter else name, metric.help, metric.kind.value)
            yield from (
                f"{name}{{{labelled(metric.labels, each)}}} {number(value)}\n" for each, value in samples.items()
            )
        yield END
