"""How long the gateway was down, against figures computed by hand; and what Prometheus' own evaluation of the questions gives."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.errors import UnavailableError
from app.gateway.service import availability
from app.gateway.service.availability import (
    DAY_S,
    KEPT_DAYS,
    OBJECTIVE,
    STEP_S,
    Availability,
    downtime_of_year,
    downtime_s,
    due,
    events_query,
    first_answer_query,
    unanswered_query,
    watched_query,
)
from app.gateway.store.availability import Day
from app.infra.prometheus import Sample
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.case import Case, ValueCheck, case_file
from slo.series import COUNTING, LEDGER_BAD_EVENTS, LEDGER_EVENTS
from slo.writer import yaml_file

TODAY = date(2026, 8, 4)
NOON = datetime(2026, 8, 4, 12, tzinfo=UTC)


def day_of(day: date, events: float, bad: float, unanswered_s: float, recorded_at: datetime | None = None) -> Day:
    whole = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=2)
    return Day(day, events, bad, unanswered_s, recorded_at or whole)


@pytest.mark.parametrize(
    ("day", "seconds"),
    [
        pytest.param(day_of(TODAY, 1000, 0, 0), 0, id="a good day"),
        # 1 % of 86,400 s.
        pytest.param(day_of(TODAY, 1000, 10, 0), 864, id="one request in a hundred failed"),
        # An hour, and 1 % of the other 82,800 s.
        pytest.param(day_of(TODAY, 1000, 10, 3600), 3600 + 828, id="an hour without an answer, and failures beside"),
        pytest.param(day_of(TODAY, 0, 0, 0), 0, id="nobody came"),
        pytest.param(day_of(TODAY, 0, 0, 86_400), 86_400, id="nothing answered all day"),
        pytest.param(day_of(TODAY, 0, 0, 90_000), 86_400, id="a day has no more seconds than it has"),
        # By noon 43,200 s have passed: 200 s, and half of the other 43,000 s.
        pytest.param(day_of(TODAY, 10, 5, 200, NOON), 200 + 21_500, id="the day so far"),
        # More failures than events: two counters that were read apart.
        pytest.param(day_of(TODAY, 10, 12, 0), 86_400, id="all failed, and no more than all"),
    ],
)
def test_a_day_is_down_for_what_was_not_answered_and_the_share_that_failed(day: Day, seconds: float) -> None:
    assert downtime_s(day) == pytest.approx(seconds)


def test_a_year_is_the_sum_of_its_own_days() -> None:
    days = [day_of(date(2025, 12, 31), 1, 1, 0), day_of(date(2026, 1, 1), 1000, 10, 0), day_of(TODAY, 0, 0, 60)]
    year = downtime_of_year(days, 2026)
    assert year is not None
    assert (year.year, year.seconds, year.days) == (2026, pytest.approx(864 + 60), 2)
    assert downtime_of_year(days, 2027) is None


def test_today_and_what_is_not_final_are_asked_about_again() -> None:
    soon_after = datetime(2026, 8, 3, 0, 9, tzinfo=UTC)  # rules of the 2nd's last moments may still be late
    known = {
        date(2026, 8, 1): day_of(date(2026, 8, 1), 1, 0, 0),
        date(2026, 8, 2): day_of(date(2026, 8, 2), 1, 0, 0, soon_after),
        TODAY: day_of(TODAY, 1, 0, 0, NOON),
    }
    assert due(NOON, known) == [date(2026, 8, 2), date(2026, 8, 3), TODAY]
    assert due(NOON, {}) == [date(2026, 8, 1), date(2026, 8, 2), date(2026, 8, 3), TODAY]


class FakeRows:
    """Rows of days in memory."""

    def __init__(self, *days: Day) -> None:
        self.days = {day.day: day for day in days}
        self.pruned: date | None = None

    async def upsert(self, slo: str, day: Day) -> None:
        assert slo == OBJECTIVE
        self.days[day.day] = day

    async def since(self, slo: str, first: date) -> list[Day]:
        return [day for key, day in sorted(self.days.items()) if key >= first]

    async def first(self, slo: str) -> date | None:
        return min(self.days, default=None)

    async def prune(self, before: date) -> int:
        self.pruned = before
        return 0


class FakePrometheus:
    """Answers the questions about a moment from what is known of it."""

    def __init__(self, **known: dict[str, float]) -> None:
        self.known = known  # by the date asked about: name of the question -> value
        self.asked: list[tuple[str, datetime]] = []
        self.away = False

    async def query(self, text: str, *, at: datetime | None = None, timeout_s: float = 10) -> list[Sample]:
        assert at is not None
        if self.away:
            raise UnavailableError("away", code="prometheus_unavailable")
        self.asked.append((text, at))
        kind = (
            "first"
            if text.startswith("min_over_time")
            else "events"
            if LEDGER_EVENTS in text
            else "bad"
            if LEDGER_BAD_EVENTS in text
            else "unanswered"
            if "unless" in text
            else "watched"
        )
        value = self.known.get((at - timedelta(seconds=1)).strftime("d%m%d"), {}).get(kind)
        return [] if value is None else [Sample({}, value)]


def recorder(rows: FakeRows, prometheus: FakePrometheus | None) -> tuple[Availability, Instruments]:
    instruments = Instruments()
    return Availability(rows, prometheus, instruments, lambda: NOON), instruments  # type: ignore[arg-type]


async def test_days_are_recorded_at_their_end_and_today_at_this_moment() -> None:
    rows = FakeRows(day_of(date(2026, 7, 31), 1, 0, 0), day_of(date(2026, 8, 1), 1, 0, 0))
    prometheus = FakePrometheus(
        d0802={"watched": 17_279, "unanswered": 12, "events": 1000, "bad": 10},
        d0804={"watched": 8_639, "events": 50, "bad": 0},
    )
    kept, instruments = recorder(rows, prometheus)
    await kept.record()
    assert rows.days[date(2026, 8, 2)] == Day(date(2026, 8, 2), 1000, 10, 60, NOON)
    assert date(2026, 8, 3) not in rows.days, "a day that Prometheus did not watch is unknown, not down"
    assert rows.days[TODAY] == Day(TODAY, 50, 0, 0, NOON)
    assert {at for _, at in prometheus.asked} == {
        datetime(2026, 8, 3, tzinfo=UTC),
        datetime(2026, 8, 4, tzinfo=UTC),
        NOON,
    }
    # Up to Prometheus 2 a range of a whole day would hold the midnight before it as well.
    assert all("[86399s" in text or "[43199s" in text for text, _ in prometheus.asked)
    # The 2nd: a minute, and 1 % of the other 86,340 s; the other days have nothing against them.
    assert instruments.value(catalogue.DOWNTIME) == pytest.approx(60 + 863.4)
    assert instruments.value(catalogue.DOWNTIME_DAYS) == 4
    assert rows.pruned == TODAY - timedelta(days=KEPT_DAYS)


async def test_the_first_day_begins_with_the_first_answer() -> None:
    prometheus = FakePrometheus(
        d0803={"watched": 17_279, "unanswered": 17_279},  # Prometheus ran, and there was no gateway yet
        d0804={"first": NOON.timestamp() - 3600, "watched": 719, "unanswered": 2, "events": 1, "bad": 0},
    )
    rows = FakeRows()
    kept, _ = recorder(rows, prometheus)
    await kept.record()
    assert list(rows.days) == [TODAY]
    assert rows.days[TODAY].unanswered_s == 2 * STEP_S
    assert [text for text, _ in prometheus.asked if text.endswith("[1h:5s])") and "unless" in text]


async def test_without_an_answer_nothing_is_written_and_what_was_known_is_shown() -> None:
    rows = FakeRows(day_of(date(2026, 8, 1), 1000, 10, 0))
    prometheus = FakePrometheus()
    prometheus.away = True
    kept, instruments = recorder(rows, prometheus)
    with pytest.raises(UnavailableError):
        await kept.record()
    assert list(rows.days) == [date(2026, 8, 1)]
    assert instruments.value(catalogue.DOWNTIME) == pytest.approx(864)


async def test_a_day_that_nobody_watches_is_asked_about_again_soon() -> None:
    kept, _ = recorder(FakeRows(), FakePrometheus())
    with pytest.raises(UnavailableError) as told:
        await kept.record()  # the job tries again in seconds, and not in ten minutes
    assert told.value.code == "gateway_not_watched"


async def test_before_anything_is_known_the_downtime_is_no_zero() -> None:
    kept, instruments = recorder(FakeRows(), None)
    await kept.record()
    assert kept.downtime is None
    assert instruments.registry.get_sample_value(catalogue.DOWNTIME.name) is None


def replayed(tmp_path: Path, interval_s: float, series: dict[str, str], values: dict[str, Any], at_s: float) -> None:
    """Prometheus' own evaluation of the questions; each value is by the labels of its one series."""
    checks = tuple(ValueCheck(at_s, query, expected) for query, expected in values.items())
    case = Case("replayed", interval_s, series, (), checks)
    path = tmp_path / "availability.test.yaml"
    path.write_text(yaml_file(path.name, case_file((), (case,), 60)).text)
    promtool = shutil.which("promtool")
    assert promtool, "promtool is missing: install Debian's package prometheus"
    judged = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


UP_1, UP_2 = 'up{job="gateway",instance="gateway-1"}', 'up{job="gateway",instance="gateway-2"}'


@pytest.mark.parametrize(
    ("series", "steps"),
    [
        pytest.param({COUNTING: "1x719", UP_1: "1x719"}, None, id="it answered all the time"),
        # From the 120th sample to the 179th nothing answered: 60 steps of 5 s.
        pytest.param({COUNTING: "1x719", UP_1: "1x119 0x59 1x539"}, 60, id="it answered no scrape for five minutes"),
        pytest.param({COUNTING: "1x719", UP_1: "1x119 0x59 1x539", UP_2: "1x719"}, None, id="another replica did"),
        pytest.param(
            {COUNTING: "1x719", UP_1: "1x119 stale _x59 1x539"}, 60, id="Prometheus' discovery no longer found it"
        ),
        pytest.param(
            {COUNTING: "1x119 0x59 1x539", UP_1: "1x119 0x59 1x539"}, None, id="it was away for planned maintenance"
        ),
        pytest.param({COUNTING: "1x119 _x360 1x239", UP_1: "1x119 _x360 1x239"}, None, id="Prometheus itself was away"),
        # Prometheus comes back at the 480th sample, and scrapes two steps later than it evaluates.
        pytest.param(
            {COUNTING: "1x119 _x360 1x239", UP_1: "1x119 _x362 1x237"},
            None,
            id="Prometheus came back before it scraped",
        ),
    ],
)
def test_unanswered_is_what_prometheus_saw_outside_of_maintenance(
    tmp_path: Path, series: dict[str, str], steps: float | None
) -> None:
    expected = {} if steps is None else {"{}": steps}
    replayed(tmp_path, STEP_S, series, {unanswered_query(3599): expected}, 3600)


def test_what_prometheus_watched_and_when_it_was_answered_first(tmp_path: Path) -> None:
    # From the 120th sample on, 600 s, rules are evaluated; from the 240th, 1,200 s, a replica answers.
    series = {COUNTING: "_x120 1x599", UP_1: "_x180 0x59 1x479"}
    values = {
        watched_query(3599): {"{}": (3600 - 600 - availability.SETTLED_S) / STEP_S + 1},
        first_answer_query(3599): {"{}": 1200},
    }
    replayed(tmp_path, STEP_S, series, values, 3600)


def test_nothing_is_known_where_prometheus_watched_nothing(tmp_path: Path) -> None:
    values: dict[str, Any] = {watched_query(3599): {}, first_answer_query(3599): {}, unanswered_query(3599): {}}
    replayed(tmp_path, STEP_S, {'up{job="nlp"}': "1x719"}, values, 3600)


def test_each_entry_of_the_ledger_counts_for_one_day(tmp_path: Path) -> None:
    # One entry every ten minutes over two days, the one at midnight among them: 144 belong to each day.
    series = {f'{LEDGER_EVENTS}{{slo="{OBJECTIVE}"}}': "10x288", f'{LEDGER_EVENTS}{{slo="another"}}': "7x288"}
    window_s = int(DAY_S) - 1
    for at_s in (DAY_S, 2 * DAY_S):
        replayed(tmp_path, 600, series, {events_query(LEDGER_EVENTS, window_s): {"{}": 1440}}, at_s)
