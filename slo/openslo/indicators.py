"""Indicators that OpenSLO knows and our own catalogue does without: samples that are compared, and slices of time.

Both make events out of the evaluations of a rule: each entry in the book of events is one event, or one for each group,
and bad or not. They say nothing of how often that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slo import promql
from slo.indicator import NO_LABELS
from slo.promql import Query, Selector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slo.indicator import Indicator

OPPOSITES: Final = {"lt": ">=", "lte": ">", "gt": "<=", "gte": "<"}
"""By the operator that a good value satisfies, the one that a bad value does."""


@dataclass(frozen=True, slots=True)
class SampledIndicator:
    """At each evaluation every series of a query is an event, and bad when its value is on the wrong side of a bound.

    A value that is no number, a quantile of nothing for instance, is no event: nothing was measured.

    Attributes:
        query: the values.
        good: how a good value compares with the bound: `lt`, `lte`, `gt` or `gte`.
        bound: the bound.
        presence: see `slo.indicator.Indicator`.
    """

    query: Query
    good: str
    bound: float
    presence: Selector

    def events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """The samples at this evaluation; the window has no bearing on them."""
        return _number_of(_compared(self.query, ">=", "-Inf"), by)

    def bad_events(self, window_s: float, by: tuple[str, ...], events: Query | None = None) -> Query:
        """Those of them that are on the wrong side, whatever the number of all."""
        return _number_of(_compared(self.query, OPPOSITES[self.good], repr(self.bound)), by)

    def examples(self, good: float, bad: float, labels: Mapping[str, str] = NO_LABELS) -> dict[str, float]:
        """None: a value that is compared does not rise with events."""
        return {}

    def faults(self) -> tuple[str, ...]:
        """None: whoever makes it has read the query."""
        return ()


@dataclass(frozen=True, slots=True)
class SlicedIndicator:
    """At each evaluation the last slice of time is an event, and bad when too small a share of its events went well.

    Attributes:
        counted: how the slice's own events are counted.
        slice_s: its length.
        good_share: the share of good events that makes a good slice.
    """

    counted: Indicator
    slice_s: float
    good_share: float

    @property
    def presence(self) -> Selector:
        """See `slo.indicator.Indicator`."""
        return self.counted.presence

    def events(self, window_s: float, by: tuple[str, ...]) -> Query:
        """The slice that ends at this evaluation; the window has no bearing on it."""
        return _number_of(self.counted.events(self.slice_s, by), by)

    def bad_events(self, window_s: float, by: tuple[str, ...], events: Query | None = None) -> Query:
        """The slice, if too many of its events failed; in one without events, none of no events is no number.

        `events` says how many slices there were, which has no bearing on this.
        """
        failed = promql.divided(
            self.counted.bad_events(self.slice_s, by),
            self.counted.events(self.slice_s, by),
        )
        return _number_of(promql.above(failed, round(1 - self.good_share, 12)), by)

    def examples(self, good: float, bad: float, labels: Mapping[str, str] = NO_LABELS) -> dict[str, float]:
        """None: a slice does not rise with events."""
        return {}

    def faults(self) -> tuple[str, ...]:
        """Those of the way in which its events are counted."""
        return self.counted.faults()


def _number_of(query: Query, by: tuple[str, ...]) -> Query:
    grouping = f" by ({', '.join(by)}) " if by else ""
    return Query(f"count{grouping}({query.text})")


def _compared(query: Query, operator: str, bound: str) -> Query:
    return Query(f"{query.operand} {operator} {bound}", compound=True)
