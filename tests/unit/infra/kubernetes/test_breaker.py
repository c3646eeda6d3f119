"""A cluster that has not answered several times is left alone for a while, and tried again by one request at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.infra.kubernetes.breaker import FIRST_WAIT_S, LONGEST_WAIT_S, OPENS_AFTER, Breaker
from app.infra.kubernetes.errors import ClusterAwayError
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

NOON = datetime(2026, 11, 26, 12, 3, tzinfo=UTC)


class Time:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.s)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def instruments() -> Instruments:
    return Instruments()


@pytest.fixture
def breaker(time: Time, instruments: Instruments) -> Breaker:
    return Breaker("prod-eu", instruments, time, time.now)


def fail(breaker: Breaker, times: int = OPENS_AFTER) -> None:
    for _ in range(times):
        breaker.admit()
        breaker.failed("connection refused", "cluster_unavailable")


def test_failures_in_a_row_open_it_and_people_are_told_since_when_and_until_when(
    breaker: Breaker, instruments: Instruments, time: Time
) -> None:
    breaker.answered(0.02)
    fail(breaker, OPENS_AFTER - 1)
    breaker.admit()
    assert not breaker.health.is_open
    time.s = 90
    fail(breaker, 1)
    with pytest.raises(ClusterAwayError) as found:
        breaker.admit()
    assert found.value.message == (
        "The cluster prod-eu has not answered since 12:03 UTC (connection refused); next try in 2 s."
    )
    assert (found.value.code, found.value.retry_after_s) == ("cluster_unavailable", FIRST_WAIT_S)
    assert instruments.value(catalogue.CLUSTER_BREAKER_OPEN, cluster="prod-eu") == 1
    assert instruments.value(catalogue.CLUSTER_BREAKER_REFUSALS, cluster="prod-eu") == 1


def test_an_answer_in_between_begins_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, OPENS_AFTER - 1)
    breaker.answered(0.1)
    fail(breaker, OPENS_AFTER - 1)
    breaker.admit()


def test_one_request_goes_through_after_each_wait_which_grows_to_its_longest(breaker: Breaker, time: Time) -> None:
    fail(breaker)
    waits = []
    for _ in range(6):
        waits.append(breaker.health.next_try_s)
        time.s += breaker.health.next_try_s
        breaker.admit()
        with pytest.raises(ClusterAwayError):
            breaker.admit()
        breaker.failed("connection refused", "cluster_unavailable")
    assert waits == [FIRST_WAIT_S, 4, 8, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S]


def test_an_answer_closes_it_at_once(breaker: Breaker, instruments: Instruments, time: Time) -> None:
    fail(breaker)
    time.s += FIRST_WAIT_S
    breaker.admit()
    breaker.answered(0.3)
    breaker.admit()
    assert (breaker.health.is_open, breaker.health.latency_s, breaker.health.reason) == (False, 0.3, "")
    assert instruments.value(catalogue.CLUSTER_BREAKER_OPEN, cluster="prod-eu") == 0


def test_a_trial_that_nobody_waited_for_leaves_it_open_until_the_next_wait_is_over(
    breaker: Breaker, time: Time
) -> None:
    fail(breaker)
    time.s += FIRST_WAIT_S
    breaker.admit()
    time.s += FIRST_WAIT_S
    breaker.admit()
