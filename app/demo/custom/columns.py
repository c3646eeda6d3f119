"""The table columns of custom objects, from their definition's printer columns."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from app.demo.kinds import Kind
from app.demo.objects import Obj, dig, name_of
from app.demo.tables.durations import age

_AGE: Final[Obj] = {
    "name": "Age",
    "type": "date",
    "description": "CreationTimestamp is a timestamp representing the server time when this object was created.",
    "jsonPath": ".metadata.creationTimestamp",
}
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\['([^']+)'\]")


def _printer(kind: Kind) -> list[Obj]:
    return dig(kind.definition, "additionalPrinterColumns", default=None) or [_AGE]


def definitions(kind: Kind, name_description: str) -> list[Obj]:
    """The column definitions of a kind.

    Args:
        kind: a custom one.
        name_description: what the column of names says, as for every kind.
    """
    first: Obj = {"name": "Name", "type": "string", "format": "name", "description": name_description, "priority": 0}
    others: list[Obj] = [
        {
            "name": column["name"],
            "type": column["type"],
            "format": column.get("format", ""),
            "description": column.get("description")
            or f"Custom resource definition column (in JSONPath format): {column['jsonPath']}",
            "priority": column.get("priority", 0),
        }
        for column in _printer(kind)
    ]
    return [first, *others]


def cells(kind: Kind, obj: Obj, now: datetime) -> list[Any]:
    """The row of an object."""
    return [name_of(obj), *(_cell(column, obj, now) for column in _printer(kind))]


def _cell(column: Obj, obj: Obj, now: datetime) -> Any:
    steps = [int(at) if at else name or quoted for name, at, quoted in _STEP.findall(column["jsonPath"])]
    value = dig(obj, *steps)
    if value is None or column["type"] != "date":
        return value
    return age(str(value), now)
