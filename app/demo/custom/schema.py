"""Holds custom objects against their definition's schema: unknown fields go, wrong values are named.

Knows the words of structural schemas that are commonly used; defaults and expressions of schemas are not applied.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from app.demo.kinds import Kind
from app.demo.objects import Obj, dig
from app.demo.status import Cause, invalid_value, required_value, shown, unsupported_value

_OWN = ("apiVersion", "kind", "metadata")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def prune(kind: Kind, obj: Obj) -> list[str]:
    """Drop the fields that the schema does not have, in place.

    Returns:
        their paths.
    """
    unknown: list[str] = []
    schema = dig(kind.definition, "schema", "openAPIV3Schema", default={})
    if _is_open(schema):
        return unknown
    known = schema.get("properties") or {}
    for name in [name for name in obj if name not in {*_OWN, *known}]:
        unknown.append(name)
        del obj[name]
    for name, below in known.items():
        if name in obj and name not in _OWN:
            _prune(below, obj[name], name, unknown)
    return unknown


def _is_open(schema: Obj) -> bool:
    return bool(schema.get("x-kubernetes-preserve-unknown-fields") or schema.get("x-kubernetes-embedded-resource"))


def _prune(schema: Obj, value: Any, path: str, unknown: list[str]) -> None:
    if isinstance(value, list):
        for at, item in enumerate(value):
            _prune(schema.get("items") or {}, item, f"{path}[{at}]", unknown)
    if not isinstance(value, dict) or _is_open(schema):
        return
    known, others = schema.get("properties") or {}, schema.get("additionalProperties")
    for name in list(value):
        place = f"{path}.{name}"
        if name in known:
            _prune(known[name], value[name], place, unknown)
        elif others:
            _prune(others if isinstance(others, dict) else {}, value[name], place, unknown)
        else:
            unknown.append(place)
            del value[name]


def check(kind: Kind, obj: Obj) -> list[Cause]:
    """Everything in an object that its schema does not allow."""
    causes: list[Cause] = []
    schema = dig(kind.definition, "schema", "openAPIV3Schema", default={})
    _check({**schema, "type": "object"}, {key: obj[key] for key in obj if key not in _OWN}, "", causes)
    return causes


def _check(schema: Obj, value: Any, path: str, causes: list[Cause]) -> None:
    wanted = schema.get("type")
    if wanted in _TYPES and (
        not isinstance(value, _TYPES[wanted]) or (wanted != "boolean" and isinstance(value, bool))
    ):
        causes.append(invalid_value(path, value, f"{path} in body must be of type {wanted}: {shown(value)}"))
        return
    if "enum" in schema and value not in schema["enum"]:
        causes.append(unsupported_value(path, value, tuple(map(str, schema["enum"]))))
    if isinstance(value, int | float):
        _check_number(schema, value, path, causes)
    elif isinstance(value, str):
        pattern = schema.get("pattern")
        if pattern and not re.search(pattern, value):
            causes.append(invalid_value(path, value, f"{path} in body should match '{pattern}'"))
    elif isinstance(value, dict):
        known, others = schema.get("properties") or {}, schema.get("additionalProperties")
        missing = [name for name in schema.get("required") or () if name not in value]
        causes.extend(required_value(f"{path}.{name}".lstrip(".")) for name in missing)
        for name, below in value.items():
            inner = known.get(name, others if isinstance(others, dict) else None)
            if inner is not None:
                _check(inner, below, f"{path}.{name}".lstrip("."), causes)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            _check(schema.get("items") or {}, item, f"{path}[{at}]", causes)


def _check_number(schema: Obj, value: float, path: str, causes: list[Cause]) -> None:
    limits: tuple[tuple[str, Callable[[float, float], bool], str], ...] = (
        ("maximum", operator.gt, "less"),
        ("minimum", operator.lt, "greater"),
    )
    for word, breaks, text in limits:
        if word in schema and breaks(value, schema[word]):
            limit = json.dumps(schema[word])
            causes.append(invalid_value(path, value, f"{path} in body should be {text} than or equal to {limit}"))
