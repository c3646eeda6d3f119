"""The annotations that hold what OpenSLO has no word for, and how they are read.

The names are spelled here alone. An annotation with our prefix that is not known is a fault, because a misspelt one
would change the rules in silence; those of other tools are told and left out.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from slo.openslo.faults import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slo.openslo.fields import Fields

PREFIX: Final = "kubechat.io/"

# Of an SLO.
ID: Final = f"{PREFIX}id"
TITLE: Final = f"{PREFIX}title"
SERVICE: Final = f"{PREFIX}service"
MINIMUM_BAD_EVENTS: Final = f"{PREFIX}minimum-bad-events"
MINIMUM_EVENTS: Final = f"{PREFIX}minimum-events"
PERIOD_SECONDS: Final = f"{PREFIX}period-seconds"
GROUPING: Final = f"{PREFIX}grouping"
PRESENCE_GROUPED: Final = f"{PREFIX}presence-grouped"
CALENDAR_MONTH: Final = f"{PREFIX}calendar-month"
EXCLUDES_MAINTENANCE: Final = f"{PREFIX}excludes-maintenance"
TIERS: Final = f"{PREFIX}tiers"

# Of an SLI.
INDICATOR: Final = f"{PREFIX}indicator"
PRESENCE: Final = f"{PREFIX}presence"
BAD_LABELS: Final = f"{PREFIX}bad-labels"
GOOD_EXAMPLE: Final = f"{PREFIX}good-example"
EXAMPLES: Final = f"{PREFIX}examples"
THRESHOLD_SECONDS: Final = f"{PREFIX}threshold-seconds"
BUCKETS: Final = f"{PREFIX}buckets"

# Of an AlertPolicy and of its AlertCondition.
TIER: Final = f"{PREFIX}tier"
WINDOW: Final = f"{PREFIX}window"
BUDGET_SHARE: Final = f"{PREFIX}budget-share"
WINDOW_SECONDS: Final = f"{PREFIX}window-seconds"

OF_SLO: Final = frozenset(
    {
        ID,
        TITLE,
        SERVICE,
        MINIMUM_BAD_EVENTS,
        MINIMUM_EVENTS,
        PERIOD_SECONDS,
        GROUPING,
        PRESENCE_GROUPED,
        CALENDAR_MONTH,
        EXCLUDES_MAINTENANCE,
        TIERS,
    }
)
OF_SLI: Final = frozenset({INDICATOR, PRESENCE, BAD_LABELS, GOOD_EXAMPLE, EXAMPLES, THRESHOLD_SECONDS, BUCKETS})
OF_POLICY: Final = frozenset({TIER, WINDOW, BUDGET_SHARE})
OF_CONDITION: Final = frozenset({WINDOW_SECONDS})

RATIO: Final = "ratio"
COUNTERS: Final = "counters"
LATENCY: Final = "latency"
LONG: Final = "long"
SHORT: Final = "short"
NO_TIERS: Final = "none"

_LARGEST: Final = 10**12
_LONGEST: Final = 100_000  # characters of JSON in one annotation


class Annotations:
    """The annotations of one object, each read as what it has to be.

    Args:
        fields: of the object's `metadata`.
        known: which of ours make sense on an object of this kind.
    """

    __slots__ = ("_fields", "_values")

    def __init__(self, fields: Fields | None, known: frozenset[str]) -> None:
        held = None if fields is None else fields.fields("annotations")
        self._fields = held
        self._values: dict[str, str] = {}
        if held is None:
            return
        for name in (name for name in held.names if name.startswith(PREFIX)):
            value = held.text(name)
            if name not in known:
                held.fault(name, "there is no such annotation on an object of this kind")
            elif value is not None:
                self._values[name] = value
        others = [name for name in held.names if not name.startswith(PREFIX)]
        for name in others:
            held.has(name)
        if others:
            held.loss("", f"not carried over, being another tool's: {', '.join(map(quoted, others))}")

    def has(self, name: str) -> bool:
        """Whether the annotation is there."""
        return name in self._values

    def fault(self, name: str, sentence: str) -> None:
        """Tell a fault of this annotation."""
        if self._fields is not None:
            self._fields.fault(name, sentence)

    def text(self, name: str, *one_of: str) -> str | None:
        """The annotation's text."""
        value = self._values.get(name)
        if value is not None and one_of and value not in one_of:
            self.fault(name, f"it has to be one of {', '.join(one_of)}, not {quoted(value)}")
            return None
        return value

    def count(self, name: str) -> int | None:
        """A whole number, 1 or more."""
        value = self._values.get(name)
        if value is None:
            return None
        if value.isascii() and value.isdigit() and len(value) <= len(str(_LARGEST)) and 0 < int(value) <= _LARGEST:
            return int(value)
        self.fault(name, f"it has to be a whole number, 1 or more, not {quoted(value)}")
        return None

    def number(self, name: str) -> float | None:
        """A number above zero."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if 0 < number < _LARGEST:
            return number
        self.fault(name, f"it has to be a number above zero, not {quoted(value)}")
        return None

    def flag(self, name: str) -> bool | None:
        """Whether the annotation says true or false."""
        value = self.text(name, "true", "false")
        return None if value is None else value == "true"

    def words(self, name: str) -> tuple[str, ...] | None:
        """Names with commas between them."""
        value = self._values.get(name)
        if value is None:
            return None
        return tuple(word.strip() for word in value.split(",")) if value.strip() else ()

    def numbers(self, name: str) -> tuple[float, ...] | None:
        """A JSON list of numbers."""
        found = self._json(name)
        if found is None:
            return None
        if isinstance(found, list) and all(map(_is_number, found)):
            return tuple(float(each) for each in found)
        self.fault(name, "it has to be a list of numbers in JSON")
        return None

    def labels(self, name: str) -> dict[str, str] | None:
        """A JSON object with texts."""
        found = self._json(name)
        if found is None:
            return None
        if _is_labels(found):
            return dict(found)
        self.fault(name, "it has to be an object in JSON whose values are texts")
        return None

    def examples(self, name: str) -> dict[str, list[dict[str, str]]]:
        """A JSON object with a list of labels for each role; empty when there is none."""
        found = self._json(name)
        if found is None:
            return {}
        if isinstance(found, dict) and all(map(_is_list_of_labels, found.values())):
            return dict(found)
        self.fault(name, "it has to be an object in JSON that lists labels by role")
        return {}

    def _json(self, name: str) -> Any:
        value = self._values.get(name)
        if value is None:
            return None
        try:
            found = json.loads(value) if len(value) <= _LONGEST else None
        except (ValueError, RecursionError):
            found = None
        if found is None:
            self.fault(name, "it is no JSON")
        return found


def as_json(value: Any) -> str:
    """A value as it stands in an annotation."""
    return json.dumps(value, ensure_ascii=False)


def flag(value: bool) -> str:
    """True or false as it stands in an annotation."""
    return str(value).lower()


def without_nothing(values: Mapping[str, str | None]) -> dict[str, str]:
    """The annotations that say something."""
    return {name: value for name, value in values.items() if value is not None}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < _LARGEST


def _is_labels(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _is_list_of_labels(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_labels, value))
