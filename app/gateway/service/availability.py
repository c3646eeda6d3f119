"""How long the gateway was down in this calendar year: asked of Prometheus by the day, kept longer than it remembers.

A day (UTC) is down for the seconds in which no replica answered Prometheus, planned maintenance left out, and for the
share of the rest that its failed events are of all events. What Prometheus did not watch is unknown, and not down:
before the first scrape of the gateway, and while Prometheus itself was away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from alerts.objectives import GATEWAY_AVAILABILITY
from app.errors import UnavailableError
from app.gateway.store.availability import AvailabilityDays, Day
from app.infra.prometheus import Sample, single
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo import promql
from slo.prometheus import GATEWAY, PACE, UP
from slo.promql import Query, duration, select
from slo.series import COUNTING, LEDGER_BAD_EVENTS, LEDGER_EVENTS, SLO

OBJECTIVE: Final = GATEWAY_AVAILABILITY.id
DAY_S: Final = 86_400.0
LOOK_BACK_DAYS: Final = 3  # a weekend in which no gateway ran is caught up with
KEPT_DAYS: Final = 400  # a year, and a month to look back at it
FINAL_AFTER: Final = timedelta(seconds=PACE.ledger_interval_s)  # rules and scrapes of a day's last moments may be late
STEP_S: Final = PACE.scrape_interval_s
ALIVE_S: Final = 60.0  # a Prometheus that has not evaluated its rules for so long is away
SETTLED_S: Final = 3 * PACE.scrape_interval_s  # one that comes back evaluates rules before it has scraped everything


class Asks(Protocol):
    """What answers PromQL; `Prometheus` does."""

    async def query(self, text: str, *, at: datetime | None = None) -> list[Sample]:
        """Ask for the value of an expression at a moment."""
        ...


@dataclass(frozen=True, slots=True)
class Downtime:
    """How long it was down in a year, as far as the days of it are known."""

    year: int
    seconds: float
    days: int


def start_of(day: date) -> datetime:
    """The moment at which a day begins (UTC)."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def elapsed_s(day: Day) -> float:
    """How much of a day had passed when it was recorded, in seconds."""
    return min(max((day.recorded_at - start_of(day.day)).total_seconds(), 0.0), DAY_S)


def downtime_s(day: Day) -> float:
    """For how long a day was down: what was not answered, and of the rest the share of events that failed."""
    elapsed = elapsed_s(day)
    unanswered = min(day.unanswered_s, elapsed)
    failed = min(day.bad_events / day.events, 1.0) if day.events > 0 else 0.0
    return unanswered + (elapsed - unanswered) * failed


def downtime_of_year(days: Iterable[Day], year: int) -> Downtime | None:
    """The sum over the known days of a year; None when none is known."""
    known = [day for day in days if day.day.year == year]
    return Downtime(year, sum(downtime_s(day) for day in known), len(known)) if known else None


def due(now: datetime, known: Mapping[date, Day]) -> list[date]:
    """The days to ask about: today and the last ones before it, where their row is missing or not final."""
    days = [now.date() - timedelta(days=back) for back in range(LOOK_BACK_DAYS, -1, -1)]
    return [day for day in days if day not in known or not _final(known[day])]


def _final(day: Day) -> bool:
    return day.recorded_at >= start_of(day.day) + timedelta(days=1) + FINAL_AFTER


def events_query(ledger: str, window_s: float) -> str:
    """How many events a ledger counted in the seconds before a moment."""
    return promql.checked(promql.total(promql.sum_over_time(select(ledger, **{SLO: OBJECTIVE}), window_s)))


def watched_query(window_s: float) -> str:
    """In how many steps of the seconds before a moment Prometheus was at work."""
    return _counted(_alive(), window_s)


def unanswered_query(window_s: float) -> str:
    """In how many of these steps no replica answered, although none was meant to be away.

    Prometheus' own word for a target that does not answer is `up` 0; of one that its discovery no longer finds there
    is no word at all. So it is asked when there was no `up` 1 while Prometheus was at work.
    """
    return _counted(promql.unless(promql.equal_to(_alive(), 1), _answered()), window_s)


def first_answer_query(window_s: float) -> str:
    """When, in the seconds before a moment, a replica answered for the first time."""
    moments = Query(f"timestamp({_answered().text})")
    return promql.checked(Query(f"min_over_time({_stepwise(moments, window_s)})"))


def _alive() -> Query:
    """1 while Prometheus evaluates its rules and events count, 0 in planned maintenance, nothing while it is away."""
    counting = promql.last_over_time(select(COUNTING), ALIVE_S)
    before = Query(f"{counting.text.removesuffix(')')} offset {duration(SETTLED_S)})")
    return promql.both(promql.maximum(counting), promql.maximum(before))


def _answered() -> Query:
    return promql.equal_to(promql.maximum(select(UP, job=GATEWAY).query), 1)


def _counted(query: Query, window_s: float) -> str:
    return promql.checked(Query(f"count_over_time({_stepwise(query, window_s)})"))


def _stepwise(query: Query, window_s: float) -> str:
    return f"({query.text})[{duration(window_s)}:{duration(STEP_S)}]"


class Availability:
    """Records each day, and tells the year's downtime.

    Args:
        store: the rows.
        prometheus: what is asked; None where none is set, then nothing new becomes known.
        instruments: where the year's downtime is shown.
        clock: the present moment.
    """

    def __init__(
        self,
        store: AvailabilityDays,
        prometheus: Asks | None,
        instruments: Instruments,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._store = store
        self._prometheus = prometheus
        self._instruments = instruments
        self._clock = clock
        self.downtime: Downtime | None = None

    async def record(self) -> None:
        """Ask about the days that are due, forget those that are too old, and show the sum.

        Raises:
            KubeChatError: Prometheus or the database does not answer, or knows nothing of today; what was known before
                is shown.
        """
        now = self._clock()
        await self._store.prune(now.date() - timedelta(days=KEPT_DAYS))
        known = await self._show(now)
        if self._prometheus is None:
            return
        for day in due(now, known):
            measured = await self._measure(self._prometheus, day, now)
            if measured is not None:
                await self._store.upsert(OBJECTIVE, measured)
        known = await self._show(now)
        if now.date() not in known:
            raise UnavailableError("Prometheus has not watched the gateway today.", code="gateway_not_watched")

    async def _show(self, now: datetime) -> dict[date, Day]:
        first = min(date(now.year, 1, 1), now.date() - timedelta(days=LOOK_BACK_DAYS))
        known = await self._store.since(OBJECTIVE, first)
        self.downtime = downtime_of_year(known, now.year)
        if self.downtime is not None:  # before anything is known the gauges are not there: 0 would be a good year
            self._instruments.gauge(catalogue.DOWNTIME).set(self.downtime.seconds)
            self._instruments.gauge(catalogue.DOWNTIME_DAYS).set(self.downtime.days)
        return {day.day: day for day in known}

    async def _measure(self, prometheus: Asks, day: date, now: datetime) -> Day | None:
        """What Prometheus knows of a day up to now; None when that is nothing."""
        at = min(now, start_of(day) + timedelta(days=1))
        # A second less than the time: up to Prometheus 2 a range holds the samples at both of its ends.
        window_s = int((at - start_of(day)).total_seconds()) - 1
        watched_s = window_s
        first = await self._store.first(OBJECTIVE)
        if window_s > 0 and (first is None or first >= day):
            # Nothing is known before this day: it begins with the first answer.
            begun = single(await prometheus.query(first_answer_query(window_s), at=at))
            watched_s = 0 if begun is None else min(window_s, int(at.timestamp() - begun))
        if watched_s <= 0 or not single(await prometheus.query(watched_query(watched_s), at=at)):
            return None
        unanswered = single(await prometheus.query(unanswered_query(watched_s), at=at)) or 0.0
        events = single(await prometheus.query(events_query(LEDGER_EVENTS, window_s), at=at)) or 0.0
        bad_events = single(await prometheus.query(events_query(LEDGER_BAD_EVENTS, window_s), at=at)) or 0.0
        return Day(day, events, bad_events, min(unanswered * STEP_S, float(watched_s)), now)
