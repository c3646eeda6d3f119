"""Page loads as browsers measured them: plausible ones only, one per session and second, in bounded memory."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from app.errors import TooManyRequestsError
from app.gateway.schemas import WebLoad
from app.gateway.service.web_loads import APART_S, MOST_AT_ONCE, WebLoads
from app.telemetry.catalogue import WEB_LOAD_DURATION
from app.telemetry.instruments import Instruments


@pytest.mark.parametrize(
    "seconds", [0, -1, 600.1, float("nan"), float("inf"), float("-inf"), "0.1", True, None, [1], 10**400]
)
def test_what_is_no_page_load_is_refused(seconds: Any) -> None:
    with pytest.raises(ValidationError):
        WebLoad.model_validate({"seconds": seconds, "cache": "cold"})


@pytest.mark.parametrize("cache", ["hot", "", None, "Cold"])
def test_a_cache_is_cold_or_warm(cache: Any) -> None:
    with pytest.raises(ValidationError):
        WebLoad.model_validate({"seconds": 0.1, "cache": cache})


@pytest.mark.parametrize("seconds", [0.001, 1, 600])
def test_a_plausible_page_load_is_read(seconds: float) -> None:
    assert WebLoad.model_validate({"seconds": seconds, "cache": "warm"}).seconds == seconds


class Loads:
    """Reports, with a clock that the test turns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.instruments = Instruments()
        self.loads = WebLoads(self.instruments, lambda: self.now)

    def count(self, cache: str) -> float:
        return self.instruments.value(WEB_LOAD_DURATION, "_count", cache=cache)


def test_each_session_reports_once_a_second() -> None:
    house = Loads()
    house.loads.report(b"a", 0.08, "cold")
    house.loads.report(b"b", 0.02, "warm")
    house.now += APART_S - 0.01
    with pytest.raises(TooManyRequestsError):
        house.loads.report(b"a", 0.08, "cold")
    house.now += 0.01
    house.loads.report(b"a", 0.3, "cold")
    assert (house.count("cold"), house.count("warm")) == (2, 1)
    assert house.instruments.value(WEB_LOAD_DURATION, "_bucket", cache="cold", le="0.1") == 1


def test_what_is_remembered_is_bounded_and_forgotten() -> None:
    house = Loads()
    for number in range(MOST_AT_ONCE):
        house.loads.report(number.to_bytes(4, "big"), 0.1, "warm")
    with pytest.raises(TooManyRequestsError):
        house.loads.report(b"one more", 0.1, "warm")
    assert len(house.loads._last) == MOST_AT_ONCE
    house.now += APART_S
    house.loads.report(b"one more", 0.1, "warm")
    assert len(house.loads._last) == 1
