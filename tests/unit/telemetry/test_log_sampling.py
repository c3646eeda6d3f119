"""A flood of lines that say the same is thinned out and said to be; whatever else is said is written."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.log_sampling import FIRST, MOST_KINDS, THEN_EACH, Sampler
from app.telemetry.logs import configure_logs, get_logger

FLOOD = FIRST + 3 * THEN_EACH + 7


class House:
    def __init__(self) -> None:
        self.now = 100.0
        self.instruments = Instruments()
        self.stream = io.StringIO()
        self.sampler = Sampler(self.instruments.counter(catalogue.LOG_SAMPLED_OUT).inc, lambda: self.now)
        configure_logs("gateway", "gateway-1", stream=self.stream, sampler=self.sampler)

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def left_out(self) -> float:
        return self.instruments.value(catalogue.LOG_SAMPLED_OUT)


@pytest.fixture
def house() -> Iterator[House]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield House()
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_of_a_flood_the_first_and_every_hundredth_line_are_written_and_the_rest_is_counted(house: House) -> None:
    logger = get_logger("x")
    for number in range(FLOOD):
        logger.warning("cannot", number=number)
    written = [line["number"] for line in house.lines()]
    assert written == [*range(FIRST), *(FIRST + THEN_EACH * turn - 1 for turn in (1, 2, 3))]
    assert house.left_out() == FLOOD - len(written)
    assert [line.get("left_out", 0) for line in house.lines()][-3:] == [THEN_EACH - 1] * 3


def test_the_next_second_begins_anew_and_says_what_was_left_out(house: House) -> None:
    logger = get_logger("x")
    for _ in range(FLOOD):
        logger.warning("cannot")
    house.now += 1
    logger.warning("cannot")
    logger.warning("cannot")
    assert [line.get("left_out", 0) for line in house.lines()][-2:] == [7, 0]


def test_what_says_something_else_is_written_in_the_middle_of_a_flood(house: House) -> None:
    for _ in range(FLOOD):
        get_logger("x").warning("cannot")
    get_logger("x").warning("another")
    get_logger("y").error("cannot")
    assert [(line["module"], line["event"]) for line in house.lines()][-2:] == [("x", "another"), ("y", "cannot")]


def test_libraries_are_thinned_out_by_what_they_say_without_its_values(house: House) -> None:
    logger = logging.getLogger("a.library")
    for number in range(FLOOD):
        logger.warning("odd request %s", number)
    assert len(house.lines()) == FIRST + 3
    assert house.left_out() == FLOOD - FIRST - 3


def test_made_up_lines_without_end_take_no_more_memory(house: House) -> None:
    for number in range(5 * MOST_KINDS):
        house.sampler.admits("x", f"made up {number}")
    assert house.left_out() > 3 * MOST_KINDS
    assert len(house.sampler._seen) <= MOST_KINDS + 1
