"""Metric sources: whom a query asks, and what the query is. Only Prometheus is asked here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slo.openslo.faults import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slo.openslo.fields import Fields

PROMETHEUS: Final = "Prometheus"
_QUERY: Final = "query"
_PROMQL: Final = "promql"


@dataclass(frozen=True, slots=True)
class Source:
    """A query to Prometheus.

    Attributes:
        fields: where it stands.
        name: in which of the fields.
        query: its text.
    """

    fields: Fields
    name: str
    query: str

    def fault(self, sentence: str) -> None:
        """Tell a fault of the query."""
        self.fields.fault(self.name, sentence)

    def loss(self, sentence: str) -> None:
        """Tell that the query is not carried over, or not exactly."""
        self.fields.loss(self.name, sentence)


@dataclass(frozen=True, slots=True)
class Left:
    """Nothing that events can be made of.

    Attributes:
        reason: why not.
    """

    reason: str


def read_source(metric: Fields | None, types: Mapping[str, str]) -> Source | Left | None:
    """The query of a metric; None when it has faults, which have been told.

    Args:
        metric: what holds the metric source.
        types: the types of the file's data sources, by name.
    """
    source = None if metric is None else metric.fields("metricSource", required=True)
    if source is None:
        return None
    kind, spec = _type(source, types), source.fields("spec", required=True)
    if kind is None or spec is None:
        return None
    if kind.lower() != PROMETHEUS.lower():
        for name in spec.names:
            spec.has(name)
        left = Left(f"it asks {quoted(kind)}, and only queries to Prometheus are read")
        source.loss("type", left.reason)
        return left
    if spec.has(_QUERY) and spec.has(_PROMQL):
        spec.fault(_PROMQL, "query and promql are both there, and one is possible")
        return None
    name = _PROMQL if spec.has(_PROMQL) else _QUERY
    text = spec.text(name, required=True)
    return None if text is None else Source(spec, name, text)


def _type(source: Fields, types: Mapping[str, str]) -> str | None:
    written, reference = source.text("type"), source.text("metricSourceRef")
    if reference is None:
        if not source.has("type") and not source.has("metricSourceRef"):
            source.fault("", "either type or metricSourceRef is required, to know whom the query asks")
        return written
    known = types.get(reference)
    if known is None:
        missing = f"there is no DataSource {quoted(reference)} in this file"
        if written is None:
            source.fault("metricSourceRef", f"{missing}, and no type beside it")
        else:
            source.loss("metricSourceRef", f"{missing}; the type beside it is taken")
        return written
    if written is not None and written.lower() != known.lower():
        source.fault("type", f"it is {quoted(written)}, and that of its DataSource is {quoted(known)}")
        return None
    return known
