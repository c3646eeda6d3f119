"""Reading an SLO's time window: how long its budget lasts, and whether it follows the calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from slo.objective import THIRTY_DAYS_S
from slo.openslo import annotations as names
from slo.openslo.faults import quoted
from slo.openslo.shorthand import MONTH, Span, shorthand
from slo.promql import duration

if TYPE_CHECKING:
    from slo.openslo.annotations import Annotations
    from slo.openslo.fields import Fields

_FIELD: Final = "timeWindow"
_START: Final = "%Y-%m-%d %H:%M:%S"
_UTC: Final = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z"})


@dataclass(frozen=True, slots=True)
class Period:
    """What a budget is for.

    Attributes:
        seconds: the rolling period.
        calendar_month: whether the calendar month's budget is recorded beside it.
    """

    seconds: float = THIRTY_DAYS_S
    calendar_month: bool = False


def read_period(spec: Fields, annotations: Annotations) -> Period | None:
    """The period of an SLO; None when it has faults, which have been told."""
    windows = spec.items(_FIELD)
    month = annotations.flag(names.CALENDAR_MONTH)
    if not spec.has(_FIELD):
        spec.loss(_FIELD, f"it is missing; {duration(THIRTY_DAYS_S)} are taken")
        return Period(calendar_month=bool(month))
    if len(windows) != 1:
        spec.fault(_FIELD, "exactly one time window is possible")
        return None
    found = _window(windows[0])
    if found is None:
        return None
    seconds = _exact(found.seconds, annotations)
    return Period(seconds, found.calendar_month if month is None else month)


def _window(window: Fields) -> Period | None:
    span = window.span("duration", required=True)
    rolling, calendar = window.flag("isRolling"), window.fields("calendar")
    follows = window.has("calendar")
    if rolling and follows:
        window.fault("calendar", "a rolling window follows no calendar")
        return None
    if not rolling and not follows:
        window.fault("", "either isRolling: true or a calendar is required")
        return None
    if span is not None and not span.seconds:
        window.fault("duration", "a period of no length has no budget")
        return None
    if span is None:
        return None
    return _by_calendar(window, span, calendar) if follows else _rolling(window, span)


def _rolling(window: Fields, span: Span) -> Period:
    if span.unit in {MONTH, "Q", "Y"}:
        window.loss("duration", f"{span.text} has no fixed length; {duration(span.seconds)} are taken")
    return Period(span.seconds)


def _by_calendar(window: Fields, span: Span, calendar: Fields | None) -> Period | None:
    if calendar is None:
        return None
    start, zone = calendar.text("startTime", required=True), calendar.text("timeZone", required=True)
    begins = None if start is None else _moment(start)
    if start is not None and begins is None:
        calendar.fault("startTime", f"{quoted(start)} is no time like 2026-01-31 12:30:00")
    if begins is None or zone is None:
        return None
    if span.text != f"1{MONTH}":
        window.loss("calendar", f"only a month follows the calendar here; {duration(span.seconds)} roll in its place")
        return Period(span.seconds)
    if zone not in _UTC:
        calendar.loss("timeZone", "months begin and end in UTC")
    if (begins.day, begins.hour, begins.minute, begins.second) != (1, 0, 0, 0):
        calendar.loss("startTime", "months begin on their first day at midnight")
    length = duration(span.seconds)
    window.loss("calendar", f"the month's budget is recorded; burn rates are reckoned with {length} that roll")
    return Period(span.seconds, calendar_month=True)


def _exact(seconds: float, annotations: Annotations) -> float:
    """The period to the second, where an exported file had to round it to a minute."""
    exact = annotations.count(names.PERIOD_SECONDS)
    if exact is None:
        return seconds
    if shorthand(exact) != shorthand(seconds):
        annotations.fault(names.PERIOD_SECONDS, f"it is not what {_FIELD} says: change both, or leave it out")
        return seconds
    return float(exact)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _START)  # noqa: DTZ007 - the zone stands beside it
    except ValueError:
        return None
