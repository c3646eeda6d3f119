"""The shape of a metric's declaration; the declarations themselves are in `app.telemetry.catalogue`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MetricKind(StrEnum):
    """Prometheus' metric types, as far as they are used here."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: declared here once, constructed from this by `Instruments`, named through this by rules and panels.

    Attributes:
        name: the full name as Prometheus stores it, counters with their `_total`.
        kind: counter, gauge or histogram.
        help: one sentence.
        labels: label names; every one of bounded cardinality.
        buckets: upper bounds of a histogram in base units, without +Inf.
        jobs: the scrape jobs that export it ("gateway", "nlp", "audit", "exporters").
    """

    name: str
    kind: MetricKind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    jobs: tuple[str, ...] = ()

    @property
    def bucket(self) -> str:
        """Name of the histogram's bucket series."""
        return f"{self.name}_bucket"

    @property
    def count(self) -> str:
        """Name of the histogram's count series."""
        return f"{self.name}_count"

    @property
    def sum(self) -> str:
        """Name of the histogram's sum series."""
        return f"{self.name}_sum"


def counter(name: str, help_: str, labels: tuple[str, ...], jobs: tuple[str, ...]) -> Metric:
    """A counter on an exporter's page."""
    return Metric(name, MetricKind.COUNTER, help_, labels, (), jobs)


def gauge(name: str, help_: str, labels: tuple[str, ...], jobs: tuple[str, ...]) -> Metric:
    """A gauge on an exporter's page."""
    return Metric(name, MetricKind.GAUGE, help_, labels, (), jobs)
