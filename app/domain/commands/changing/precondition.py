"""What has to be still true of an object for a confirmed change of it to be done, as tests inside the request itself.

A status that moves on refuses nothing: the tests are of the object's uid, of its generation, and of the very values
that change. See docs/adr/0020.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Operation = dict[str, Any]

# Nothing but a change of their content moves the version of these, and a test of the old content would carry it along.
_KNOWN_BY_VERSION = frozenset({"Secret", "ConfigMap"})


def operations_of(item: Mapping[str, Any], patch: Mapping[str, Any]) -> list[Operation]:
    """A merge patch of an object as the operations of a JSON patch: null removes, maps merge, all else replaces."""
    return list(_operations(item, patch, ()))


def _operations(current: Mapping[str, Any], patch: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[Operation]:
    for key, value in patch.items():
        path = (*at, key)
        there = current.get(key)
        if value is None:
            if key in current:
                yield {"op": "remove", "path": pointer(path)}
        elif isinstance(value, Mapping) and isinstance(there, Mapping):
            yield from _operations(there, value, path)
        elif there != value or key not in current:
            yield {"op": "add", "path": pointer(path), "value": _without_nulls(value)}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    return value


def difference(before: Any, after: Any, at: tuple[str, ...] = ()) -> list[Operation]:
    """The operations that make one JSON value of another; lists of one length are compared item by item."""
    if before == after:
        return []
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        found: list[Operation] = []
        for key in before.keys() | after.keys():
            path = (*at, str(key))
            if key not in after:
                found.append({"op": "remove", "path": pointer(path)})
            elif key not in before:
                found.append({"op": "add", "path": pointer(path), "value": after[key]})
            else:
                found += difference(before[key], after[key], path)
        return sorted(found, key=lambda operation: str(operation["path"]))
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            operation
            for index, (old, new) in enumerate(zip(before, after, strict=True))
            for operation in difference(old, new, (*at, str(index)))
        ]
    return [{"op": "replace", "path": pointer(at), "value": after}]


def guarded(item: Mapping[str, Any], operations: Sequence[Operation]) -> list[Operation]:
    """These operations behind the tests that make them hold for this object, in this state.

    Args:
        item: the object as it was shown; of a `scale` subresource the Scale.
        operations: of a JSON patch.
    """
    metadata = item["metadata"]
    tests = [_test(("metadata", "uid"), metadata["uid"])]
    generation = int(metadata.get("generation") or 0)
    if item.get("kind") in _KNOWN_BY_VERSION:
        return [*tests, _test(("metadata", "resourceVersion"), metadata["resourceVersion"]), *operations]
    if generation:
        tests.append(_test(("metadata", "generation"), generation))
    for operation in operations:
        path = tuple(_parts(str(operation["path"])))
        # The generation covers all but the metadata.
        if operation["op"] != "test" and (path[0] == "metadata" or not generation):
            test = _test(path, value_at(item, path))
            if test not in tests:
                tests.append(test)
    return [*tests, *operations]


def reverse(item: Mapping[str, Any], operations: Sequence[Operation]) -> list[Operation]:
    """The operations that give an object back the values that these take from it."""
    found: list[Operation] = []
    for operation in operations:
        path = _parts(str(operation["path"]))
        if operation["op"] in {"add", "replace", "remove"}:
            there = value_at(item, path)
            if there is None:
                found.append({"op": "remove", "path": operation["path"]})
            else:
                found.append({"op": "add", "path": operation["path"], "value": there})
    return found[::-1]


def _test(path: Sequence[str], value: Any) -> Operation:
    return {"op": "test", "path": pointer(path), "value": value}


def holds(item: Mapping[str, Any], operations: Sequence[Operation]) -> bool:
    """Whether every test among these operations is true of an object."""
    return all(
        value_at(item, _parts(str(operation["path"]))) == operation.get("value")
        for operation in operations
        if operation["op"] == "test"
    )


def done(item: Mapping[str, Any], operations: Sequence[Operation]) -> bool:
    """Whether an object is as these operations, but for their tests, leave it."""
    return all(
        value_at(item, _parts(str(operation["path"]))) == operation.get("value")
        for operation in operations
        if operation["op"] != "test"
    )


def only_removes(operations: Sequence[Operation]) -> bool:
    """Whether nothing is left of these operations that a field manager could own."""
    return all(operation["op"] in {"test", "remove"} for operation in operations)


def value_at(item: Any, path: Sequence[str]) -> Any:
    """The value at a path, None where there is none."""
    for part in path:
        if isinstance(item, Mapping):
            item = item.get(part)
        elif isinstance(item, list):
            item = item[int(part)] if part.isdigit() and int(part) < len(item) else None
        else:
            return None
    return item


def pointer(path: Sequence[str]) -> str:
    """RFC 6901: `("metadata", "labels", "a/b")` is `/metadata/labels/a~1b`."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)


def _parts(text: str) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]
