"""A tally costs an addition, and is in its counter whenever somebody reads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments


def test_what_is_tallied_is_read_at_once_also_where_the_counter_was_there_before() -> None:
    instruments = Instruments()
    instruments.counter(catalogue.CACHE_LOOKUPS).labels("sessions", "hit").inc()
    tally = instruments.tally(catalogue.CACHE_LOOKUPS, "names", "hit")
    for total in (3, 6):
        tally.count += 3
        assert instruments.value(catalogue.CACHE_LOOKUPS, cache="names", result="hit") == total
        assert instruments.value(catalogue.CACHE_LOOKUPS, cache="sessions", result="hit") == 1
    assert f'kubechat_cache_lookups_total{{cache="names",result="hit"}} {total}.0' in exposed(instruments)


def test_readers_at_the_same_time_count_nothing_twice() -> None:
    instruments = Instruments()
    tallies = [instruments.tally(catalogue.CACHE_LOOKUPS, str(number), "hit") for number in range(200)]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(20):
            for tally in tallies:
                tally.count += 1
            list(pool.map(exposed, [instruments] * 4))
    found = {instruments.value(catalogue.CACHE_LOOKUPS, cache=str(number), result="hit") for number in range(200)}
    assert found == {20}


def test_only_a_counter_can_be_tallied() -> None:
    with pytest.raises(TypeError, match="kubechat_cache_entries"):
        Instruments().tally(catalogue.CACHE_ENTRIES, "names")


def exposed(instruments: Instruments) -> str:
    """As Prometheus is answered."""
    return "".join(instruments.parts())
