"""From what an SLI measures to the events of one objective: occurrences, slices of time, or samples against a bound.

The engine knows one kind of budget, a share of events. What OpenSLO reckons otherwise is made into events where that
says the same, and told where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from slo.openslo.indicators import OPPOSITES, SampledIndicator, SlicedIndicator
from slo.openslo.sli import SUCCESS, Comparing, Counting
from slo.openslo.sources import Left
from slo.promql import duration

if TYPE_CHECKING:
    from slo.indicator import Indicator
    from slo.openslo.fields import Fields
    from slo.openslo.sli import Sli
    from slo.prometheus import Pace

OCCURRENCES: Final = "Occurrences"
TIMESLICES: Final = "Timeslices"
RATIO_TIMESLICES: Final = "RatioTimeslices"
METHODS: Final = (OCCURRENCES, TIMESLICES, RATIO_TIMESLICES)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an objective says of its own about the events.

    Attributes:
        fields: of the objective.
        method: the budgeting method.
        operator: how a good value compares with `value`.
        value: the bound for a value.
        slice_s: the length of a slice of time.
        slice_target: the share of good events, or samples, that makes a good slice.
    """

    fields: Fields
    method: str
    operator: str | None
    value: float | None
    slice_s: float | None
    slice_target: float | None


def read_bounds(objective: Fields, method: str) -> Bounds | None:
    """What an objective says about the events; None when it has faults, which have been told."""
    sliced, sliced_by_target = method != OCCURRENCES, method == TIMESLICES
    operator = objective.text("op", one_of=OPPOSITES)
    value = objective.number("value")
    window = objective.span("timeSliceWindow", required=sliced, minutes=True)
    target = objective.number("timeSliceTarget", required=sliced_by_target)
    if target is not None and not 0 < target <= 1:
        objective.fault("timeSliceTarget", f"{target:g} is no share above 0 and up to 1")
        return None
    if window is not None and not window.seconds:
        objective.fault("timeSliceWindow", "a slice of no length holds nothing")
        return None
    if not sliced:
        objective.leave(f"it has no meaning with {OCCURRENCES}", "timeSliceWindow")
    if not sliced_by_target:
        objective.leave(f"it has no meaning with {method}", "timeSliceTarget")
    if (sliced and window is None) or (sliced_by_target and target is None):
        return None
    return Bounds(objective, method, operator, value, None if window is None else window.seconds, target)


def indicator_of(sli: Sli, bounds: Bounds, pace: Pace) -> Indicator | Left | None:
    """How the objective's events are counted; None when it has faults, which have been told."""
    if isinstance(sli, Left):
        return sli
    if isinstance(sli, Comparing):
        return _of_shares(sli, bounds, pace) if sli.share else _of_values(sli, bounds, pace)
    return _of_events(sli, bounds, pace)


def _of_events(sli: Counting, bounds: Bounds, pace: Pace) -> Indicator:
    bounds.fields.leave("only a thresholdMetric is compared with a value", "op", "value")
    if bounds.method == TIMESLICES and bounds.slice_s is not None and bounds.slice_target is not None:
        _tell_overlap(bounds, pace)
        return SlicedIndicator(sli.indicator, bounds.slice_s, bounds.slice_target)
    if bounds.method == RATIO_TIMESLICES:
        bounds.fields.loss(
            "timeSliceWindow", "the mean of the shares of the slices is not carried over: every event weighs the same"
        )
    return sli.indicator


def _of_shares(sli: Comparing, bounds: Bounds, pace: Pace) -> Indicator | Left:
    bounds.fields.leave("only a thresholdMetric is compared with a value", "op", "value")
    if bounds.method != TIMESLICES or bounds.slice_target is None:
        return Left(f"a ratio that was computed elsewhere holds no counts, and {bounds.method} needs them")
    _tell_overlap(bounds, pace)
    if sli.share == SUCCESS:
        return SampledIndicator(sli.values.query, "gte", bounds.slice_target, sli.values.presence)
    return SampledIndicator(sli.values.query, "lte", round(1 - bounds.slice_target, 12), sli.values.presence)


def _of_values(sli: Comparing, bounds: Bounds, pace: Pace) -> Indicator | None:
    for name, given in (("op", bounds.operator), ("value", bounds.value)):
        if given is None and not bounds.fields.has(name):
            bounds.fields.fault(name, "it is required with a thresholdMetric, and missing")
    if bounds.operator is None or bounds.value is None:
        return None
    every = duration(pace.counting_interval_s)
    if bounds.slice_s is None:
        bounds.fields.loss("value", f"one value is compared every {every}: each is one event")
    elif bounds.slice_s != pace.counting_interval_s:
        bounds.fields.loss("timeSliceWindow", f"one value is compared every {every}: each stands for a slice")
    return SampledIndicator(sli.values.query, bounds.operator, bounds.value, sli.values.presence)


def _tell_overlap(bounds: Bounds, pace: Pace) -> None:
    if bounds.slice_s is not None and bounds.slice_s != pace.counting_interval_s:
        every, length = duration(pace.counting_interval_s), duration(bounds.slice_s)
        bounds.fields.loss("timeSliceWindow", f"every {every} the last {length} are judged: such slices overlap")
