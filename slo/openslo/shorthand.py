"""OpenSLO's lengths of time: a whole number and one letter, of which the shortest stands for a minute."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from slo.openslo.faults import quoted

_MINUTE_S: Final = 60
_DAY_S: Final = 86_400
MONTH: Final = "M"

# A month, a quarter and a year have no fixed length; these are the ones that burn rates are reckoned with.
_UNITS: Final = {
    "m": _MINUTE_S,
    "h": 3_600,
    "d": _DAY_S,
    "w": 7 * _DAY_S,
    MONTH: 30 * _DAY_S,
    "Q": 90 * _DAY_S,
    "Y": 365 * _DAY_S,
}
_SPAN = re.compile(r"(0|[1-9][0-9]{0,6})([mhdwMQY])")
_WRITTEN: Final = ("d", "h", "m")


class ShorthandError(ValueError):
    """Text that is no length of time; the message says what would be."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time.

    Attributes:
        text: as it was written.
        unit: its letter.
        seconds: how long that is.
    """

    text: str
    unit: str
    seconds: float


def span(text: str) -> Span:
    """Read a length of time; ShorthandError when it is none."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ShorthandError(
            f"{quoted(text)} is no length of time: write a whole number and one of m, h, d, w, M, Q, Y, like 5m or 30d"
        )
    return Span(text, found[2], float(int(found[1]) * _UNITS[found[2]]))


def shorthand(seconds: float) -> str:
    """Seconds in the largest unit that holds them whole ("90m", "30d"); what is no whole minute is rounded up."""
    whole = math.ceil(seconds / _MINUTE_S) * _MINUTE_S
    unit = next(unit for unit in _WRITTEN if whole % _UNITS[unit] == 0)
    return f"{whole // _UNITS[unit]}{unit}"
