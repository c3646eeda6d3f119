"""When a cron schedule is due next: the five fields, lists, ranges, steps, names and the @ shorthands, in UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

_FIELDS: Final = (("minute", 0, 59), ("hour", 0, 23), ("day of month", 1, 31), ("month", 1, 12), ("day of week", 0, 7))
_SHORT: Final = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Schedule:
    """A parsed schedule.

    Args:
        text: such as `0 3 * * *`.

    Raises:
        ValueError: it cannot be read; the text says why.
    """

    def __init__(self, text: str) -> None:
        words = _SHORT.get(text.strip(), text).split()
        if len(words) != len(_FIELDS):
            raise ValueError(f"expected exactly 5 fields, found {len(words)}: [{' '.join(words)}]")
        parts = [_values(word, *field) for word, field in zip(words, _FIELDS, strict=True)]
        self._minutes, self._hours, self._days, self._months, weekdays = parts
        self._weekdays = {day % 7 for day in weekdays}
        self._any_day, self._any_weekday = words[2] == "*", words[4] == "*"

    def after(self, moment: datetime) -> datetime:
        """The first time after a moment that the schedule names, within the next five years."""
        at = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        end = at + timedelta(days=5 * 366)
        while at < end:
            if at.month not in self._months or not self._is_day(at):
                at = at.replace(hour=0, minute=0) + timedelta(days=1)
            elif at.hour not in self._hours:
                at = at.replace(minute=0) + timedelta(hours=1)
            elif at.minute not in self._minutes:
                at += timedelta(minutes=1)
            else:
                return at
        return end

    def _is_day(self, at: datetime) -> bool:
        day, weekday = at.day in self._days, (at.weekday() + 1) % 7 in self._weekdays
        # Two restrictions are alternatives, as in cron itself.
        if self._any_day or self._any_weekday:
            return day and weekday
        return day or weekday


def _values(word: str, name: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in word.split(","):
        body, slash, step_text = part.partition("/")
        step = _number(step_text, name, 1, high) if slash else 1
        if body == "*":
            first, last = low, high
        elif "-" in body:
            left, _, right = body.partition("-")
            first, last = _number(left, name, low, high), _number(right, name, low, high)
        else:
            first = _number(body, name, low, high)
            last = high if slash else first
        if first > last:
            raise ValueError(f"beginning of range ({first}) beyond end of range ({last}): {part}")
        found.update(range(first, last + 1, step))
    return found


def _number(text: str, name: str, low: int, high: int) -> int:
    lowered = text.lower()
    if name == "month" and lowered in _MONTHS:
        return _MONTHS.index(lowered) + 1
    if name == "day of week" and lowered in _DAYS:
        return _DAYS.index(lowered)
    if not text.isdigit():
        raise ValueError(f"failed to parse int from {text}: strconv.Atoi: parsing {text!r}: invalid syntax")
    number = int(text)
    if not low <= number <= high:
        side = ("below minimum", low) if number < low else ("above maximum", high)
        raise ValueError(f"{name} ({number}) {side[0]} ({side[1]}): {text}")
    return number
