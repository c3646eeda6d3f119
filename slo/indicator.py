"""Service level indicators: which events count, and which of them are bad.

An indicator says how to count; it has no opinion on how many bad events are too many. Both counts are counts of events,
so that a budget weighs each event the same, whenever it happened.

Counting is `slo.promql.counted`: the first event of a kind counts, although its counter only appears with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from slo import promql
from slo.promql import Matcher, Query, Selector

NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})


class Indicator(Protocol):
    """How the events of an objective are counted."""

    @property
    def presence(self) -> Selector:
        """Series that are there as long as the events are measured, whether or not there are any."""
        ...

    def events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """The number of events in the window, per combination of these labels."""
        ...

    def bad_events(self, window_s: float, by: tuple[str, ...], events: Query | None = None) -> Query:
        """The number of those that failed; it may find nothing where nothing has failed yet.

        Args:
            window_s: the window, in seconds.
            by: labels that are kept.
            events: what gives the number of all events, where it is known already: counting them again takes long.
        """
        ...

    def examples(self, good: float, bad: float, labels: Mapping[str, str] = NO_LABELS) -> dict[str, float]:
        """Series with these labels, and how much each rises when so many events go well and so many fail."""
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

    def bad_events(self, window_s: float, by: tuple[str, ...], events: Query | None = None) -> Query:
        """See `Indicator`."""
        return promql.total(promql.counted(self._bad, window_s), by)

    def examples(self, good: float, bad: float, labels: Mapping[str, str] = NO_LABELS) -> dict[str, float]:
        """See `Indicator`."""
        return {
            _series(self.total.name, {**self.total.example, **self.good_example, **labels}): good,
            _series(self.total.name, {**self._bad.example, **labels}): bad,
        }

    def faults(self) -> tuple[str, ...]:
        """See `Indicator`."""
        return () if self.bad else (f"no event of {self.total.name} is ever bad: the conditions are empty",)

    @property
    def _bad(self) -> Selector:
        return self.total.narrowed(**self.bad)


@dataclass(frozen=True, slots=True)
class CountersIndicator:
    """Events are counted by several counters; the bad ones, or the good ones, by others or by some of them.

    Attributes:
        total: the counters of all events.
        presence: see `Indicator`.
        bad: the counters of bad events; empty when the good ones are counted instead.
        good: the counters of good events.
        good_example: labels of a series of events that neither `bad` nor `good` counts, beside `total`'s.
    """

    total: tuple[Selector, ...]
    presence: Selector
    bad: tuple[Selector, ...] = ()
    good: tuple[Selector, ...] = ()
    good_example: Mapping[str, str] = field(default_factory=dict)

    def events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """See `Indicator`."""
        return _sum_of(self.total, window_s, by)

    def bad_events(self, window_s: float, by: tuple[str, ...], events: Query | None = None) -> Query:
        """See `Indicator`."""
        if self.bad:
            return _sum_of(self.bad, window_s, by)
        events = events or self.events(window_s, by)
        # Where nothing has gone well yet there is no counter of good events, and all of them are bad.
        good = promql.either(_sum_of(self.good, window_s, by), promql.times(events, 0))
        return promql.at_least(promql.minus(events, good), 0)

    def examples(self, good: float, bad: float, labels: Mapping[str, str] = NO_LABELS) -> dict[str, float]:
        """See `Indicator`."""
        total, marked = self.total[0], (self.bad or self.good)[0]
        part = _series(marked.name, {**marked.example, **labels})
        if any(marked.name == counter.name for counter in self.total):
            # What is marked is among all events already: the others are the rest of them.
            rest = _series(total.name, {**total.example, **self.good_example, **labels})
            return {rest: good, part: bad} if self.bad else {rest: bad, part: good}
        return {_series(total.name, {**total.example, **labels}): good + bad, part: bad if self.bad else good}

    def faults(self) -> tuple[str, ...]:
        """See `Indicator`."""
        if not self.total:
            return ("no event is ever counted: there is no counter of all events",)
        if bool(self.bad) == bool(self.good):
            return (f"either the bad events of {self.total[0].name} are counted or the good ones, and not both",)
        return ()


@dataclass(frozen=True, slots=True)
class LatencyIndicator:
    """Events are the observations of histograms; those above a threshold are bad.

    The threshold has to be a bucket's bound: between two bounds a share can only be guessed at.

    Attributes:
        histogram: name and conditions of the histogram, without `_bucket`.
        threshold_s: the longest good duration.
        buckets: the histograms' bounds.
        presence: see `Indicator`.
        more: further histograms whose observations count as well.
    """

    histogram: Selector
    threshold_s: float
    buckets: tuple[float, ...]
    presence: Selector
    more: tuple[Selector, ...] = ()

    def events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """See `Indicator`."""
        return _sum_of(self._counts, window_s, by)

    def bad_events(self, window_s: float, by: tuple[str, ...], events: Query | None = None) -> Query:
        """See `Indicator`."""
        good = _sum_of(self._within, window_s, by)
        return promql.at_least(promql.minus(events or self.events(window_s, by), good), 0)

    def examples(self, good: float, bad: float, labels: Mapping[str, str] = NO_LABELS) -> dict[str, float]:
        """See `Indicator`."""
        count, within = self._counts[0], self._within[0]
        return {
            _series(count.name, {**count.example, **labels}): good + bad,
            _series(within.name, {**within.example, **labels}): good,
        }

    def faults(self) -> tuple[str, ...]:
        """See `Indicator`."""
        if self.threshold_s in self.buckets:
            return ()
        bounds = ", ".join(promql.number(bound) for bound in self.buckets)
        threshold = promql.number(self.threshold_s)
        return (f"{self.histogram.name} has no bucket at {threshold} s, only at {bounds}: the share would be a guess",)

    @property
    def _counts(self) -> tuple[Selector, ...]:
        return tuple(Selector(f"{each.name}_count", each.where) for each in (self.histogram, *self.more))

    @property
    def _within(self) -> tuple[Selector, ...]:
        bound = _bound(self.threshold_s)
        return tuple(
            Selector(f"{each.name}_bucket", each.where).narrowed(le=bound) for each in (self.histogram, *self.more)
        )


def _sum_of(counters: tuple[Selector, ...], window_s: float, by: tuple[str, ...]) -> Query:
    return promql.total(promql.joined(promql.counted(counter, window_s) for counter in counters), by)


def _bound(seconds: float) -> Matcher:
    """A bucket's `le` in both spellings: clients write 1.0 or 1, and Prometheus 3 makes all of them 1.0."""
    plain = promql.number(seconds)
    spelled = float(plain).__repr__()
    values = (spelled,) if spelled == plain else (spelled, plain)
    return Matcher("=~", "|".join(value.replace(".", r"\.") for value in values), spelled)


def _series(name: str, labels: Mapping[str, str]) -> str:
    return promql.select(name, **labels).text
