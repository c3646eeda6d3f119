"""A mapping of a document, read field by field: each answer has the type that was asked for, or is a fault and None.

What nobody asked for is noticed as well: a misspelt field is told, and never passed over in silence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from slo.openslo.faults import quoted
from slo.openslo.loading import BROKEN, Perhaps
from slo.openslo.shorthand import ShorthandError, Span, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from slo.openslo.faults import Findings, Place

_LARGEST: Final = 1e15  # beyond it a float no longer holds every whole number


class Fields:
    """Some fields of a document.

    Args:
        content: names and values.
        place: the document.
        path: where in the document these fields are.
        findings: takes faults and losses.
    """

    __slots__ = ("_asked", "_content", "_findings", "_inner", "path", "place")

    def __init__(self, content: Mapping[str, Any], place: Place, path: str, findings: Findings) -> None:
        self.place = place
        self.path = path
        self._content = content
        self._findings = findings
        self._asked: set[str] = set()
        self._inner: list[Fields] = []

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all fields that hold something."""
        return tuple(name for name, value in self._content.items() if value is not None)

    def has(self, name: str) -> bool:
        """Whether the field is there and holds something."""
        self._asked.add(name)
        return self._content.get(name) is not None

    def text(self, name: str, *, required: bool = False, one_of: Iterable[str] = ()) -> str | None:
        """The field's text."""
        value = self._value(name, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(name, f"it has to be text, not {described(value)}")
            return None
        if required and not value.strip():
            self.fault(name, "it is empty")
            return None
        choices = tuple(one_of)
        if choices and value not in choices:
            self.fault(name, f"it has to be one of {', '.join(choices)}, not {quoted(value)}")
            return None
        return value

    def number(self, name: str, *, required: bool = False) -> float | None:
        """The field's finite number."""
        value = self._value(name, required=required)
        if value is None:
            return None
        if isinstance(value, Perhaps):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.fault(name, f"it has to be a number, not {described(value)}")
            return None
        if not math.isfinite(value) or abs(value) > _LARGEST:
            self.fault(name, f"{value} is no number to reckon with")
            return None
        return float(value)

    def flag(self, name: str) -> bool | None:
        """Whether the field says true or false."""
        value = self._value(name)
        if value is None or isinstance(value, bool):
            return value
        self.fault(name, f"it has to be true or false, not {described(value)}")
        return None

    def span(self, name: str, *, required: bool = False, minutes: bool = False) -> Span | None:
        """The field's length of time.

        Args:
            name: the field.
            required: whether it has to be there.
            minutes: whether a bare number is taken as well, in minutes.
        """
        value = self._value(name, required=required)
        if value is None:
            return None
        if minutes and isinstance(value, int) and not isinstance(value, bool):
            value = f"{value}m"
        if not isinstance(value, str):
            self.fault(name, f"it has to be a length of time like 5m or 30d, not {described(value)}")
            return None
        try:
            return span(value)
        except ShorthandError as exc:
            self.fault(name, str(exc))
            return None

    def fields(self, name: str, *, required: bool = False) -> Fields | None:
        """The fields of a mapping."""
        value = self._value(name, required=required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fault(name, f"it has to be a mapping, not {described(value)}")
            return None
        return self._inside(value, name)

    def items(self, name: str, *, required: bool = False) -> tuple[Fields, ...]:
        """The fields of each mapping in a list."""
        value = self._value(name, required=required)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.fault(name, f"it has to be a list, not {described(value)}")
            return ()
        if required and not value:
            self.fault(name, "it is empty")
        found: list[Fields] = []
        for number, item in enumerate(value):
            if isinstance(item, dict):
                found.append(self._inside(item, f"{name}[{number}]"))
            elif item is not BROKEN:
                self.fault(f"{name}[{number}]", f"it has to be a mapping, not {described(item)}")
        return tuple(found)

    def anything(self, name: str) -> Any:
        """The field's value, whatever it is."""
        return self._value(name)

    def fault(self, name: str, sentence: str) -> None:
        """Tell a fault of this field; of the mapping itself when the name is empty."""
        self._findings.fault(self.place, self.path_of(name), sentence)

    def loss(self, name: str, sentence: str) -> None:
        """Tell that this field is not carried over, or not exactly."""
        self._findings.loss(self.place, self.path_of(name), sentence)

    def leave(self, sentence: str, *names: str) -> None:
        """Tell the loss of each of these fields that is there."""
        for name in names:
            if self.has(name):
                self.loss(name, sentence)

    def path_of(self, name: str) -> str:
        """The whole path of a field."""
        return ".".join(part for part in (self.path, name) if part)

    def close(self) -> None:
        """Tell the loss of every field that nobody asked for, here and further in."""
        for name in self.names:
            if name not in self._asked:
                self.loss(name, "OpenSLO v1 has no such field here; it is left out")
        for inner in self._inner:
            inner.close()

    def _value(self, name: str, *, required: bool = False) -> Any:
        self._asked.add(name)
        value = self._content.get(name)
        if value is None and required:
            self.fault(name, "it is required, and missing")
        return None if value is BROKEN else value

    def _inside(self, content: dict[str, Any], name: str) -> Fields:
        inner = Fields(content, self.place, self.path_of(name), self._findings)
        self._inner.append(inner)
        return inner


def described(value: Any) -> str:
    """What somebody wrote, in a few words."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "nothing"
