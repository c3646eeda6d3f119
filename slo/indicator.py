"""Service level indicators: which events count, and which of them are bad.

An indicator says how to count; it has no opinion on how many bad events are too many. Both counts are counts of events,
so that a budget weighs each event the same, whenever it happened.

Counting is `slo.promql.counted`: the first event of a kind counts, although its counter only appears with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from slo import promql
from slo.promql import Matcher, Query, Selector

if TYPE_CHECKING:
    from collections.abc import Mapping


class Indicator(Protocol):
    """How the events of an objective are counted."""

    @property
    def presence(self) -> Selector:
        """Series that are there as long as the events are measured, whether or not there are any."""
        ...

    def events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """The number of events in the window, per combination of these labels."""
        ...

    def bad_events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """The number of those that failed; it may find nothing where nothing has failed yet."""
        ...

    def examples(self, good: float, bad: float) -> dict[str, float]:
        """Series, and how much each rises, when so many events go well and so many fail; for test cases."""
        ...

    def faults(self) -> tuple[str, ...]:
        """One sentence for each thing that keeps the indicator from being counted."""
        ...


@dataclass(frozen=True, slots=True)
class RatioIndicator:
    """Events are counted by one counter, the bad ones are those of its series with certain labels.

    Attributes:
        total: the counter of all events.
        bad: conditions that the bad events' series satisfy.
        good_example: labels of a series of good events, beside those that `total` asks for.
        presence: see `Indicator`.
    """

    total: Selector
    bad: Mapping[str, Matcher]
    good_example: Mapping[str, str]
    presence: Selector

    def events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """See `Indicator`."""
        return promql.total(promql.counted(self.total, window_s), by)

    def bad_events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """See `Indicator`."""
        return promql.total(promql.counted(self._bad, window_s), by)

    def examples(self, good: float, bad: float) -> dict[str, float]:
        """See `Indicator`."""
        return {
            _series(self.total.name, {**self.total.example, **self.good_example}): good,
            _series(self.total.name, self._bad.example): bad,
        }

    def faults(self) -> tuple[str, ...]:
        """See `Indicator`."""
        return () if self.bad else (f"no event of {self.total.name} is ever bad: the conditions are empty",)

    @property
    def _bad(self) -> Selector:
        return self.total.narrowed(**self.bad)


@dataclass(frozen=True, slots=True)
class LatencyIndicator:
    """Events are the observations of a histogram; those above a threshold are bad.

    The threshold has to be a bucket's bound: between two bounds a share can only be guessed at.

    Attributes:
        histogram: name and conditions of the histogram, without `_bucket`.
        threshold_s: the longest good duration.
        buckets: the histogram's bounds.
        presence: see `Indicator`.
    """

    histogram: Selector
    threshold_s: float
    buckets: tuple[float, ...]
    presence: Selector

    def events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """See `Indicator`."""
        return promql.total(promql.counted(self._count, window_s), by)

    def bad_events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """See `Indicator`."""
        good = promql.total(promql.counted(self._within, window_s), by)
        return promql.at_least(promql.minus(self.events(window_s, by), good), 0)

    def examples(self, good: float, bad: float) -> dict[str, float]:
        """See `Indicator`."""
        return {
            _series(self._count.name, self._count.example): good + bad,
            _series(self._within.name, self._within.example): good,
        }

    def faults(self) -> tuple[str, ...]:
        """See `Indicator`."""
        if self.threshold_s in self.buckets:
            return ()
        bounds = ", ".join(promql.number(bound) for bound in self.buckets)
        threshold = promql.number(self.threshold_s)
        return (f"{self.histogram.name} has no bucket at {threshold} s, only at {bounds}: the share would be a guess",)

    @property
    def _count(self) -> Selector:
        return Selector(f"{self.histogram.name}_count", self.histogram.where)

    @property
    def _within(self) -> Selector:
        return Selector(f"{self.histogram.name}_bucket", self.histogram.where).narrowed(le=_bound(self.threshold_s))


def _bound(seconds: float) -> Matcher:
    """A bucket's `le` in both spellings: clients write 1.0 or 1, and Prometheus 3 makes all of them 1.0."""
    plain = promql.number(seconds)
    spelled = float(plain).__repr__()
    values = (spelled,) if spelled == plain else (spelled, plain)
    return Matcher("=~", "|".join(value.replace(".", r"\.") for value in values), spelled)


def _series(name: str, labels: Mapping[str, str]) -> str:
    return promql.select(name, **labels).text
