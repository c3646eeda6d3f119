"""JSONPath templates applied to objects, as kubectl applies them, and never without bound.

Whoever calls this gives a redacted object: filters, orders and results then tell nothing that must not be told.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.commands.jsonpath import values
from app.domain.commands.jsonpath.nodes import (
    Field,
    Filter,
    Identifier,
    Index,
    JsonPathError,
    Literal,
    Node,
    Recursive,
    Steps,
    Text,
    Union,
    Wildcard,
)

MOST_VALUES = 200_000  # looked at by one template: a fifth of a second of work; `..*..*` would have no end
MOST_RANGES = 32  # inside each other; each costs a level of our own stack
MOST_CHARACTERS = 2**20  # printed: as much as any text that is shown
_TOO_MUCH = "the template looks at too many values; ask for fewer objects or name the fields"
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_GO_TYPES: dict[type, str] = {
    str: "string",
    int: "int64",
    float: "float64",
    bool: "bool",
    dict: "map[string]interface {}",
}


@dataclass(slots=True)
class _Byte:
    """One byte of a text: what a wildcard finds in one."""

    value: int


def find(template: Sequence[Text | Steps], value: Any) -> list[list[Any]]:
    """What each part of a template finds, in order.

    Raises:
        JsonPathError: the template does not fit the value, or looks at too much of it.
    """
    found, _ = _Evaluation().block(template, 0, [value], ranges=0)
    return found


def text(template: Sequence[Text | Steps], value: Any) -> str:
    """What `-o jsonpath` prints.

    Raises:
        JsonPathError: as `find`.
    """
    return "".join(_bounded(_spaced(found) for found in find(template, value)))


def json_text(template: Sequence[Text | Steps], value: Any) -> str:
    """What `-o jsonpath-as-json` prints.

    Raises:
        JsonPathError: as `find`.
    """
    parts = (f"{values.indented_json([_bare(part) for part in found])}\n" for found in find(template, value))
    return "".join(_bounded([part] for part in parts))


def _spaced(found: Sequence[Any]) -> Iterable[str]:
    for index, value in enumerate(found):
        yield f" {_printed(value)}" if index else _printed(value)


def _bounded(parts: Iterable[Iterable[str]]) -> Iterable[str]:
    """The texts until there are too many of them: one template can print an object a thousand times."""
    left = MOST_CHARACTERS
    for part in parts:
        for text_part in part:
            yield text_part
            left -= len(text_part)
            if left < 0:
                return


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, _Byte) else value


def _printed(value: Any) -> str:
    value = _bare(value)
    if isinstance(value, (dict, list)):
        return values.compact_json(value)
    return "null" if value is None else values.printed(value)


class _Evaluation:
    """One template on one value, and how much of it has been looked at."""

    def __init__(self) -> None:
        self._looked_at = 0

    def block(
        self, parts: Sequence[Text | Steps], at: int, current: list[Any], *, ranges: int
    ) -> tuple[list[list[Any]], int]:
        """Results of the parts from `at` on, up to the `end` of this block; and where it ended."""
        found: list[list[Any]] = []
        while at < len(parts):
            part = parts[at]
            word = _block_word(part)
            if word == "end":
                if not ranges:
                    raise JsonPathError("not in range, nothing to end")
                return found, at
            results = self._walk(part, current)
            if word == "range":
                end = at
                if ranges >= MOST_RANGES:
                    raise JsonPathError(f"at most {MOST_RANGES} ranges can stand inside each other")
                for value in results or [None]:
                    inner, end = self.block(parts, at + 1, [value], ranges=ranges + 1)
                    found += inner if results else []
                at = end + 1
                continue
            found.append(results)
            at += 1
        return found, at

    def _walk(self, node: Node, current: list[Any]) -> list[Any]:
        self._look(1)
        found = self._step(node, current)
        self._look(len(found))
        return found

    def _look(self, count: int) -> None:
        self._looked_at += count
        if self._looked_at > MOST_VALUES:
            raise JsonPathError(_TOO_MUCH)

    def _step(self, node: Node, current: list[Any]) -> list[Any]:
        match node:
            case Steps(nodes):
                for inner in nodes:
                    current = self._walk(inner, current)
                return current
            case Text(literal):
                return [literal]
            case Literal(value):
                return [value for _ in current]
            case Field(name):
                return [value[name] for value in current if isinstance(value, dict) and name in value]
            case Wildcard():
                return [inner for value in current for inner in _below(value)]
            case Recursive():
                return self._everything(current)
            case Index():
                return [inner for value in current if value is not None for inner in _slice(node, value)]
            case Union(parts):
                return [value for part in parts for value in self._walk(part, current)]
            case Filter():
                return [inner for value in current for inner in self._filtered(node, value)]
            case Identifier(name):
                if name not in {"range", "end"}:
                    raise JsonPathError(f"unrecognized identifier {name}")
                return current

    def _everything(self, current: Iterable[Any]) -> list[Any]:
        """All that lies below, a value before what it holds; by a stack and not by recursion."""
        found: list[Any] = []
        waiting = list(reversed(list(current)))
        while waiting:
            value = waiting.pop()
            below = list(_below(value)) if isinstance(value, (dict, list)) else []
            if below or (isinstance(value, str) and value):
                found.append(value)
            self._look(1)
            waiting.extend(reversed(below))
        return found

    def _filtered(self, node: Filter, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise JsonPathError(f"{values.printed(value)} is not array or slice and cannot be filtered")
        found = []
        for item in value:
            try:
                lefts = self._walk(node.left, [item])
            except JsonPathError:
                if node.operator != "exists":
                    raise
                lefts = [item]  # kubectl takes what it had before the error for found
            if node.operator == "exists":
                found += [item] if lefts else []
                continue
            rights = self._walk(node.right, [item]) if lefts else []
            if not lefts or not rights:
                continue
            if len(lefts) > 1 or len(rights) > 1:
                raise JsonPathError("can only compare one element at a time")
            if _compared(node.operator, lefts[0], rights[0]):
                found.append(item)
        return found


def _block_word(part: Text | Steps) -> str:
    """`range` or `end` where an action begins or ends a block."""
    if isinstance(part, Steps):
        for node in part.nodes:
            if isinstance(node, Identifier) and node.name in {"range", "end"}:
                return node.name
    return ""


def _below(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list):
        return value
    return [_Byte(byte) for byte in value.encode()] if isinstance(value, str) else ()


def _slice(node: Index, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise JsonPathError(f"{_GO_TYPES.get(type(value), 'uint8')} is not array or slice")
    length = len(value)
    start = node.start or 0
    end = node.end if not node.single else start + 1
    if start < 0:
        start += length
    if end is None:
        end = length
    elif end < 0 or (end == 0 and node.single):
        end += length
    if start == end:
        return []
    if not 0 <= start < length:
        raise JsonPathError(f"array index out of bounds: index {start}, length {length}")
    if not 0 <= end <= length:
        raise JsonPathError(f"array index out of bounds: index {end - 1}, length {length}")
    if start > end:
        raise JsonPathError(f"starting index {start} is greater than ending index {end}")
    if node.step is not None and node.step <= 0:
        raise JsonPathError("step must be > 0")
    return value[start : end : node.step or 1]


def _compared(sign: str, left: Any, right: Any) -> bool:
    compare = _COMPARISONS.get(sign)
    if compare is None:
        raise JsonPathError(f"unrecognized filter operator {sign}")
    left, right = _bare(left), _bare(right)
    if not isinstance(left, (str, int, float)) or not isinstance(right, (str, int, float)):
        raise JsonPathError("invalid type for comparison")
    if type(left) is not type(right):
        raise JsonPathError("incompatible types for comparison")
    if isinstance(left, bool) and sign not in {"==", "!="}:
        raise JsonPathError("invalid type for comparison")
    return compare(left, right)
