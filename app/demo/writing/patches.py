"""The three patches of plain JSON: JSON patch, merge patch, strategic merge patch.

They compute a new object and never touch the one they are given. Server-side apply is in `ownership`.
"""

from __future__ import annotations

import copy
from typing import Any, Final

import orjson

from app.demo.kinds import Kind
from app.demo.objects import Obj
from app.demo.status import StatusError, bad_request
from app.demo.writing.structure import Path, is_set, patch_key

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_PATCH: Final = "application/strategic-merge-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"
_MAX_OPERATIONS: Final = 10_000  # the API server's own bound


def json_patch(document: Any, operations: Any) -> Any:
    """RFC 6902.

    Raises:
        StatusError: 400 for what is no list of operations, 422 for one that cannot be done.
    """
    if not isinstance(operations, list):
        raise bad_request("cannot unmarshal the patch into a list of JSON patch operations")
    if len(operations) > _MAX_OPERATIONS:
        message = f"The allowed maximum operations in a JSON patch is {_MAX_OPERATIONS}, got {len(operations)}"
        raise StatusError(413, message, "RequestEntityTooLarge", {})
    # Through JSON, and not a copy of it: parts that one object shares with itself are changed one by one.
    result = orjson.loads(orjson.dumps(document))
    for operation in operations:
        if not isinstance(operation, dict):
            raise bad_request("cannot unmarshal the patch into a list of JSON patch operations")
        result = _operate(result, operation)
    return result


def _operate(document: Any, operation: Obj) -> Any:
    verb = operation.get("op")
    path = _pointer(operation.get("path"))
    if verb in {"add", "replace", "test"}:
        value = copy.deepcopy(operation.get("value"))
        if verb == "test":
            # A member that is not there counts as null; one of something that is not there is an error.
            parent = _find(document, path[:-1]) if path else None
            found = parent.get(path[-1]) if isinstance(parent, dict) else _find(document, path)
            if found != value:
                raise _rejected()
            return document
        if not path:
            return value
        return _set(document, path, value, replace=verb == "replace")
    if verb == "remove":
        return _remove(document, path)
    if verb in {"move", "copy"}:
        source = _pointer(operation.get("from"))
        value = copy.deepcopy(_find(document, source))
        if verb == "move":
            document = _remove(document, source)
        return _set(document, path, value, replace=False) if path else value
    raise _rejected()


def _pointer(text: Any) -> list[str]:
    if not isinstance(text, str) or (text and not text.startswith("/")):
        raise _rejected()
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _find(document: Any, path: list[str]) -> Any:
    for step in path:
        if isinstance(document, dict):
            if step not in document:
                raise _rejected()
            document = document[step]
        elif isinstance(document, list):
            document = document[_index(step, len(document) - 1)]
        else:
            raise _rejected()
    return document


def _index(step: str, most: int) -> int:
    if not step.isdigit() or int(step) > most:
        raise _rejected()
    return int(step)


def _set(document: Any, path: list[str], value: Any, *, replace: bool) -> Any:
    parent, last = _find(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        if replace and last not in parent:
            raise _rejected()
        parent[last] = value
    elif isinstance(parent, list):
        if last == "-" and not replace:
            parent.append(value)
        elif replace:
            parent[_index(last, len(parent) - 1)] = value
        else:
            parent.insert(_index(last, len(parent)), value)
    else:
        raise _rejected()
    return document


def _remove(document: Any, path: list[str]) -> Any:
    if not path:
        raise _rejected()
    parent, last = _find(document, path[:-1]), path[-1]
    if isinstance(parent, dict):
        if last not in parent:
            raise _rejected()
        del parent[last]
    elif isinstance(parent, list):
        del parent[_index(last, len(parent) - 1)]
    else:
        raise _rejected()
    return document


def _rejected() -> StatusError:
    return StatusError(422, "the server rejected our request due to an error in our request", "Invalid", {})


def merge_patch(document: Any, patch: Any) -> Any:
    """RFC 7386: null removes, maps merge, anything else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def strategic_patch(kind: Kind, document: Obj, patch: Any) -> Obj:
    """Kubernetes' strategic merge patch, with its directives.

    Args:
        kind: of the object; it says how lists merge.
        document: the object as it is.
        patch: the patch.

    Raises:
        StatusError: 400 for what is no map, 422 for a list item without its merge key.
    """
    if not isinstance(patch, dict):
        raise bad_request("the patch must be a JSON object")
    return _merge_map(kind, document, patch, ())


def _merge_map(kind: Kind, document: Obj, patch: Obj, path: Path) -> Obj:
    directive = patch.get("$patch")
    if directive == "replace":
        return {key: copy.deepcopy(value) for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    result = dict(document)
    retained = patch.get("$retainKeys")
    if isinstance(retained, list):
        result = {key: value for key, value in result.items() if key in retained}
    for key, value in patch.items():
        if key.startswith("$setElementOrder/") or key in {"$patch", "$retainKeys"}:
            continue
        if key.startswith("$deleteFromPrimitiveList/"):
            field = key.partition("/")[2]
            result[field] = [item for item in result.get(field) or () if item not in (value or ())]
            continue
        below = (*path, key)
        current = result.get(key)
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = _merge_map(kind, current if isinstance(current, dict) else {}, value, below)
        elif isinstance(value, list):
            result[key] = _merge_list(kind, current if isinstance(current, list) else [], value, below)
        else:
            result[key] = value
    for key, order in patch.items():
        if key.startswith("$setElementOrder/") and isinstance(order, list):
            field = key.partition("/")[2]
            if isinstance(result.get(field), list):
                result[field] = _ordered(kind, result[field], order, (*path, field))
    return result


def _merge_list(kind: Kind, current: list[Any], patch: list[Any], path: Path) -> list[Any]:
    if is_set(path):
        return [*current, *(item for item in patch if item not in current)]
    key = patch_key(kind, path)
    if key is None or any(isinstance(item, dict) and item.get("$patch") == "replace" for item in patch):
        kept = [item for item in patch if not (isinstance(item, dict) and item.get("$patch") == "replace")]
        return copy.deepcopy(kept)
    result = list(current)
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            message = f"map: {item} does not contain declared merge key: {key}"
            raise StatusError(422, f'{kind.kind}.{kind.group} "" is invalid: patch: {message}', "Invalid", {})
        place = next((at for at, other in enumerate(result) if other.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            result = [other for other in result if other.get(key) != item[key]]
        elif place is None:
            result.append(_merge_map(kind, {}, item, path))
        else:
            result[place] = _merge_map(kind, result[place], item, path)
    return result


def _ordered(kind: Kind, items: list[Any], order: list[Any], path: Path) -> list[Any]:
    key = patch_key(kind, path)
    wanted = [entry.get(key) if isinstance(entry, dict) and key else entry for entry in order]

    def rank(item: Any) -> int:
        value = item.get(key) if isinstance(item, dict) and key else item
        return wanted.index(value) if value in wanted else len(wanted)

    return sorted(items, key=rank)  # stable: what the order does not name keeps its place at the end
