"""Numbers, durations, labels and images as people write them. No word of Kubernetes is known here."""

from __future__ import annotations

import re

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
_NUMBER_WORDS: dict[str, int] = {word: value for value, word in enumerate(_UNITS)} | {
    "none": 0,
    "nil": 0,
    "single": 1,
    "couple": 2,
    "pair": 2,
    "dozen": 12,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
    "thousand": 1000,
}
_SECONDS_OF = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "m": 60,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hr": 3600,
    "hour": 3600,
    "d": 86400,
    "day": 86400,
    "w": 604800,
    "week": 604800,
}
_DIGITS = re.compile(r"\d{1,9}")
_COMPACT = re.compile(r"(?![45]\d\ds$)(\d{1,6})(s|secs?|m|mins?|h|hrs?|d|w)(?:(\d{1,4})(s|m))?")
_IMAGE = re.compile(
    r"[a-z0-9][a-z0-9._-]{0,100}(?::\d{1,5})?(?:/[a-z0-9._-]{1,100}){0,6}(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|@sha256:[0-9a-f]{64})"
)
_SELECTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,200}(?:==?|!=)[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def number_of(word: str) -> int | None:
    """The number that one word says ("5", "five"), or None; numbers of more than nine digits are none."""
    if _DIGITS.fullmatch(word):
        return int(word)
    return _NUMBER_WORDS.get(word)


def seconds_of_unit(word: str) -> int | None:
    """Seconds in a unit of time, singular or plural, or None."""
    return _SECONDS_OF.get(word) or _SECONDS_OF.get(word.removesuffix("s"))


def duration_of(word: str) -> int | None:
    """Seconds that a compact duration says ("10m", "1h30m", "2d"), or None."""
    found = _COMPACT.fullmatch(word)
    if found is None:
        return None
    amount, unit, more, more_unit = found.groups()
    seconds = int(amount) * (seconds_of_unit(unit) or 0)
    return seconds + (int(more) * _SECONDS_OF[more_unit] if more else 0)


def spell_duration(seconds: int) -> str:
    """A duration as kubectl reads it: the largest single unit of h, m and s that says it exactly."""
    for unit, size in (("h", 3600), ("m", 60)):
        if seconds % size == 0 and seconds:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


_CLOCK = re.compile(r"\d{1,2}:\d\d(?::\d\d)?")  # "10:05 restart web"


def is_image(word: str) -> bool:
    """Whether a word is an image with a tag or a digest."""
    return _IMAGE.fullmatch(word) is not None and duration_of(word) is None and _CLOCK.fullmatch(word) is None


def is_selector(word: str) -> bool:
    """Whether a word is a label requirement ("app=web")."""
    return _SELECTOR.fullmatch(word) is not None
