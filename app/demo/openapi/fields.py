"""Checks an object's fields against the schemas: names that no kind has, and values of the wrong type.

Kubernetes calls this field validation (`fieldValidation=Strict|Warn|Ignore`) and decoding. The table is built when the
first write needs it.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from app.demo.kinds import Kind
from app.demo.objects import Obj
from app.demo.openapi.documents import load
from app.demo.status import bad_request

# (what, type of fields or items): scalars have no second part.
_Shape = tuple[str, Any]
# Kubernetes reads these maps as quantities, which may be written as numbers.
_QUANTITIES: Final = frozenset({"limits", "requests", "capacity", "allocatable", "hard", "used", "overhead"})


@cache
def _tables() -> tuple[dict[str, str], dict[str, dict[str, _Shape]], dict[str, str]]:
    loaded = load()
    fields = {
        name: {field: _shape(entry) for field, entry in definition["properties"].items()}
        for name, definition in loaded["definitions"].items()
    }
    shorts = {name: name.rpartition(".")[2] for name in fields}
    return loaded["kinds"], fields, shorts


def _shape(entry: Obj) -> _Shape:
    if "allOf" in entry:
        return "struct", entry["allOf"][0]["$ref"].rpartition("/")[2]
    if entry["type"] == "array":
        return "array", _shape(entry["items"])
    if "additionalProperties" in entry:
        return "map", _shape(entry["additionalProperties"])
    if entry.get("format") == "int-or-string":
        return "int-or-string", None
    return entry["type"], entry.get("format")


def drop_unknown(kind: Kind, obj: Obj) -> list[str]:
    """Remove the fields that the kind does not have, as decoding into a typed object does.

    Args:
        kind: of the object.
        obj: the client's object; changed in place.

    Returns:
        the paths of what was removed.

    Raises:
        StatusError: 400 for a value whose type cannot be decoded.
    """
    kinds, fields, shorts = _tables()
    name = kinds.get(f"{kind.api_version}/{kind.kind}")
    if name is None:
        return []
    unknown: list[str] = []

    def walk(value: Any, shape: _Shape, path: str, struct: str) -> None:
        what, inner = shape
        if value is None:
            return
        if what == "struct":
            if not isinstance(value, dict):
                # metadata times, raw JSON and similar are structs to nobody but the generator
                if inner in shorts and fields[inner]:
                    raise _mistyped(kind, value, path, struct, shorts[inner])
                return
            known = fields.get(inner, {})
            for key, below in list(value.items()):
                place = f"{path}.{key}" if path else key
                if key in known:
                    walk(below, known[key], place, shorts[inner])
                elif known:
                    unknown.append(place)
                    del value[key]
        elif what == "array":
            if not isinstance(value, list):
                raise _mistyped(kind, value, path, struct, f"[]{_go(inner)}")
            for index, below in enumerate(value):
                walk(below, inner, f"{path}[{index}]", struct)
        elif what == "map":
            if not isinstance(value, dict):
                raise _mistyped(kind, value, path, struct, f"map[string]{_go(inner)}")
            if path.rpartition(".")[2] not in _QUANTITIES:
                for key, below in value.items():
                    walk(below, inner, f"{path}.{key}", struct)
        elif not _fits(value, what):
            raise _mistyped(kind, value, path, struct, _go(shape))

    walk(obj, ("struct", name), "", kind.kind)
    return unknown


def _fits(value: Any, what: str) -> bool:
    match what:
        case "string":
            return isinstance(value, str)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "int-or-string":
            return isinstance(value, int | str) and not isinstance(value, bool)
        case _:
            return True


def _go(shape: _Shape) -> str:
    what, inner = shape
    names = {"integer": "int32", "boolean": "bool", "number": "float64", "int-or-string": "intstr.IntOrString"}
    if what == "struct":
        return f"v1.{str(inner).rpartition('.')[2]}"
    return names.get(what, what)


def _mistyped(kind: Kind, value: Any, path: str, struct: str, wanted: str) -> Exception:
    got = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}.get(
        type(value), "value"
    )
    plain = "".join(part.partition("[")[0] + "." for part in path.split(".")).rstrip(".")
    return bad_request(
        f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: json: cannot unmarshal {got} '
        f"into Go struct field {struct}.{plain} of type {wanted}"
    )
