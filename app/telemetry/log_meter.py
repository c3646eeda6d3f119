"""Where log lines go, measured: how much is written, how long the writing holds the process, what was lost.

A log's disk that is slow or full must be seen, and must fail no request: a line that cannot be written is counted and
let go.
"""

from __future__ import annotations

import time
from typing import TextIO

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments


class LogMeter:
    """A stream for text that counts what passes; as much of one as loggers use.

    Args:
        stream: where the lines go.
        instruments: where the metrics live.
    """

    def __init__(self, stream: TextIO, instruments: Instruments) -> None:
        self._stream = stream
        self._bytes = instruments.tally(catalogue.LOG_BYTES)
        self._duration = instruments.histogram(catalogue.LOG_WRITE_DURATION)
        self._dropped = instruments.counter(catalogue.LOG_DROPPED)
        self._lost = False

    def write(self, text: str) -> int:
        """Write, or count what could not be written."""
        started = time.perf_counter()
        try:
            self._stream.write(text)
        except OSError:
            self._dropped.inc()
            self._lost = True
        else:
            self._lost = False
            self._bytes.count += len(text.encode(errors="replace"))
        self._duration.observe(time.perf_counter() - started)
        return len(text)

    def flush(self) -> None:
        """Hand on what is held back."""
        try:
            self._stream.flush()
        except OSError:
            if not self._lost:  # the line was counted already when it was written
                self._dropped.inc()
