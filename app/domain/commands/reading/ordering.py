"""`--sort-by` as kubectl sorts: by a JSONPath, with quantities as quantities and texts in natural order.

What is sorted by has been redacted: an order tells nothing that is hidden. Equals keep the server's order, where
kubectl's own depends on its sorting algorithm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import Any, TypeVar

from app.domain.commands.jsonpath import values
from app.domain.commands.jsonpath.evaluation import find
from app.domain.commands.jsonpath.nodes import JsonPathError
from app.domain.commands.jsonpath.reading import read, relaxed
from app.domain.commands.quantities import quantity
from app.domain.commands.redaction import redact_object
from app.errors import InvalidInputError

T = TypeVar("T")
_CHUNK = re.compile(r"[0-9]+|[^0-9]+")
_MISSING = object()


def ordered(items: Sequence[T], path: str, of: Callable[[T], dict[str, Any]]) -> list[T]:
    """Items in the order of the value at a path; those without one come first.

    Args:
        items: what to sort.
        path: as `--sort-by` has it.
        of: the object of an item.

    Raises:
        InvalidInputError: no object has the field, or it holds what has no order.
    """
    try:
        template = read(relaxed(path))
        keyed = [(_value(find(template, redact_object(of(item)))), item) for item in items]
    except JsonPathError as error:
        raise InvalidInputError(f"error: {error}", code="invalid_flag") from error
    if items and all(value is _MISSING for value, _ in keyed):
        raise InvalidInputError(
            f'error: couldn\'t find any field with path "{relaxed(path)}" in the list of objects', code="invalid_flag"
        )
    for value, _ in keyed:
        if isinstance(value, dict):
            raise InvalidInputError(
                f"error: Field {relaxed(path)} is an unsortable type: map[string]interface {{}}", code="invalid_flag"
            )

    def between(one: tuple[Any, T], other: tuple[Any, T]) -> int:
        return _order(one[0], other[0])

    return [item for _, item in sorted(keyed, key=cmp_to_key(between))]


def _value(found: list[list[Any]]) -> Any:
    return found[0][0] if found and found[0] else _MISSING


def _order(left: Any, right: Any) -> int:
    if left is _MISSING or right is _MISSING:
        return (right is _MISSING) - (left is _MISSING) if (left is _MISSING) != (right is _MISSING) else 0
    if left is None or right is None:
        return (right is None) - (left is None)
    if isinstance(left, list) and isinstance(right, list):
        for one, other in zip(left, right, strict=False):
            found = _order(one, other)
            if found:
                return found
        return len(left) - len(right)
    if isinstance(left, str) and isinstance(right, str):
        return _texts(left, right)
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return (left > right) - (left < right)
    return _texts(values.printed(left), values.printed(right))


def _texts(left: str, right: str) -> int:
    try:
        one, other = quantity(left), quantity(right)
    except ValueError:
        return natural(left, right)
    return (one > other) - (one < other)


def natural(left: str, right: str) -> int:
    """Less than 0, 0 or more: texts with their numbers taken as numbers, "web-9" before "web-10"."""
    ones, others = _CHUNK.findall(left), _CHUNK.findall(right)
    for one, other in zip(ones, others, strict=False):
        if one == other:
            continue
        if one[0].isdigit() and other[0].isdigit():
            bare, bare_other = one.lstrip("0"), other.lstrip("0")
            if len(bare) != len(bare_other):
                return len(bare) - len(bare_other)
            if bare != bare_other:
                return 1 if bare > bare_other else -1
            return len(one) - len(other)
        return 1 if one > other else -1
    return (len(left) > len(right)) - (len(left) < len(right))
