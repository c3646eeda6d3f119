"""Where the demo clusters get their time from, and how Kubernetes writes it.

Nothing else in this package may ask the operating system for the time: a test steps a `SteppedClock` and sees hours of
crash loops in a moment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """The time in UTC."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The operating system's time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)


class SteppedClock:
    """A clock that stands still until it is moved.

    Args:
        start: its first reading, aware.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The present reading."""
        return self._now

    def step(self, seconds: float) -> None:
        """Move on by that many seconds."""
        self._now += timedelta(seconds=seconds)

    def move_to(self, moment: datetime) -> None:
        """Move to a later moment; an earlier one changes nothing."""
        self._now = max(self._now, moment)


def stamp(moment: datetime) -> str:
    """A `metav1.Time`: RFC 3339 in UTC, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def micro_stamp(moment: datetime) -> str:
    """A `metav1.MicroTime`: RFC 3339 in UTC with microseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nano_stamp(moment: datetime) -> str:
    """The time in front of a log line: RFC 3339 in UTC with nanoseconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def moment_of(text: str) -> datetime:
    """Read an RFC 3339 time.

    Raises:
        ValueError: the text is not such a time, or names no zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return moment.astimezone(UTC)
