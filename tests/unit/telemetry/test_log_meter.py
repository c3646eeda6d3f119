"""What logs cost is counted, and a log that cannot be written fails nobody."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.log_meter import LogMeter
from app.telemetry.logs import configure_logs, get_logger


class Full(io.StringIO):
    def write(self, _: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")  # a stream tries again what it still has


@pytest.fixture(autouse=True)
def as_before():
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


def test_lines_of_ours_and_of_libraries_are_counted_by_their_bytes():
    instruments, written = Instruments(), io.StringIO()
    configure_logs("gateway", "gateway-1", stream=LogMeter(written, instruments))
    get_logger("x").info("ours", word="grün")
    logging.getLogger("library").warning("theirs")
    lines = written.getvalue().splitlines()
    assert [("ours" in line, "theirs" in line) for line in lines] == [(True, False), (False, True)]
    assert instruments.value(catalogue.LOG_BYTES) == len(written.getvalue().encode())
    assert instruments.value(catalogue.LOG_WRITE_DURATION, "_count") >= 2


def test_a_line_that_cannot_be_written_is_counted_and_fails_nobody():
    instruments = Instruments()
    configure_logs("gateway", "gateway-1", stream=LogMeter(Full(), instruments))
    get_logger("x").info("lost")
    assert instruments.value(catalogue.LOG_DROPPED) == 1
    assert instruments.value(catalogue.LOG_BYTES) == 0


def test_what_json_in_utf_8_does_not_know_is_written_all_the_same():
    written = io.StringIO()
    configure_logs("gateway", "gateway-1", stream=written)
    get_logger("x").info("odd", path="a\udcff", number=2**70)
    line = json.loads(written.getvalue())
    assert (line["path"], line["number"]) == ("a\udcff", 2**70)


def test_a_line_that_is_lost_where_it_is_handed_on_is_counted_as_well():
    class Behind(io.StringIO):
        def flush(self) -> None:
            raise OSError(5, "Input/output error")

    instruments = Instruments()
    configure_logs("gateway", "gateway-1", stream=LogMeter(Behind(), instruments))
    get_logger("x").info("lost")
    assert instruments.value(catalogue.LOG_DROPPED) == 1
