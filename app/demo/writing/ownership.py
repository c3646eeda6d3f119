"""Who owns which field: `metadata.managedFields` and server-side apply.

A field set is a set of paths; a path's elements are written as in FieldsV1 (`f:name`, `k:{…}`, `v:…`). This follows
structured-merge-diff for the list types in `structure`; it keeps one version per kind and converts nothing.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from app.demo.clock import stamp
from app.demo.kinds import Kind
from app.demo.objects import Obj
from app.demo.status import StatusError
from app.demo.writing.structure import Path, apply_keys, is_atomic, is_embedded, is_set

FieldPath = tuple[str, ...]
Fields = frozenset[FieldPath]

# The server's own fields belong to nobody.
_OWNERLESS: Final = frozenset(
    ("f:metadata", f"f:{name}")
    for name in (
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "managedFields", "selfLink",
    )
) | {("f:apiVersion",), ("f:kind",)}  # fmt: skip


# What the server fills in after it has counted owners.
_ALLOCATED: Final[dict[str, frozenset[FieldPath]]] = {
    "Service": frozenset(
        ("f:spec", f"f:{name}") for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy")
    ),
    "Namespace": frozenset({("f:spec", "f:finalizers")}),
}


@dataclass(frozen=True, slots=True)
class Manager:
    """Who writes.

    Attributes:
        name: the field manager.
        operation: Update or Apply.
        subresource: what was written, empty for the object itself.
    """

    name: str
    operation: str = "Update"
    subresource: str = ""


def _item(keys: tuple[str, ...], item: Obj) -> str:
    values = {key: item.get(key, "TCP" if key == "protocol" else None) for key in keys}
    return "k:" + json.dumps(
        {key: value for key, value in sorted(values.items()) if value is not None}, separators=(",", ":")
    )


def field_set(kind: Kind, obj: Obj) -> Fields:
    """The fields of a configuration, as server-side apply counts them."""
    found: set[FieldPath] = set()
    _collect(kind, obj, (), (), found)
    return frozenset(path for path in found if path[:2] not in _OWNERLESS and path[:1] not in _OWNERLESS)


def _collect(kind: Kind, value: Any, path: Path, fields: FieldPath, found: set[FieldPath]) -> None:
    if isinstance(value, dict) and value and not (path and is_atomic(kind, path)):
        for key, below in value.items():
            _collect(kind, below, (*path, key), (*fields, f"f:{key}"), found)
    elif isinstance(value, list) and value and path and (keys := apply_keys(kind, path)):
        for item in value:
            place = (*fields, _item(keys, item))
            found.add(place)
            for key, below in item.items():
                _collect(kind, below, (*path, key), (*place, f"f:{key}"), found)
    elif isinstance(value, list) and value and is_set(path):
        found.update((*fields, f"v:{json.dumps(entry)}") for entry in value)
    elif fields:
        found.add(fields)


def _changed(kind: Kind, new: Any, old: Any, path: Path, fields: FieldPath, found: set[FieldPath]) -> None:
    if new == old and type(new) is type(old):
        return
    if isinstance(new, dict) and not (path and is_atomic(kind, path)):
        before = old if isinstance(old, dict) else {}
        if not isinstance(old, dict) and fields and not is_embedded(kind, path):
            found.add(fields)
        for key, value in new.items():
            _changed(kind, value, before.get(key), (*path, key), (*fields, f"f:{key}"), found)
    elif isinstance(new, list) and path and (keys := apply_keys(kind, path)):
        if not isinstance(old, list) and not is_embedded(kind, path):
            found.add(fields)
        earlier = {_item(keys, item): item for item in old or () if isinstance(item, dict)}
        for item in new:
            label = _item(keys, item)
            known = earlier.get(label)
            place = (*fields, label)
            if known is None:
                found.add(place)
            for key, value in item.items():
                _changed(kind, value, (known or {}).get(key), (*path, key), (*place, f"f:{key}"), found)
    elif isinstance(new, list) and is_set(path):
        if not isinstance(old, list):
            found.add(fields)
        found.update((*fields, f"v:{json.dumps(entry)}") for entry in new if entry not in (old or ()))
    elif new is not None or old is not None:
        found.add(fields)


def _present(kind: Kind, obj: Obj) -> set[FieldPath]:
    """Every path that exists in an object, containers included."""
    leaves: set[FieldPath] = set()
    _collect(kind, obj, (), (), leaves)
    return {path[:length] for path in leaves for length in range(1, len(path) + 1)}


def to_v1(fields: Fields) -> Obj:
    """A field set as FieldsV1."""
    root: Obj = {}
    for path in sorted(fields):
        node = root
        for step in path:
            node = node.setdefault(step, {})
        node.setdefault(".", {})
    return _without_leaf_dots(root)


def _without_leaf_dots(node: Obj) -> Obj:
    # A lone "." means nothing but the field itself, which FieldsV1 writes as {}.
    return {step: {} if set(below) <= {"."} else _without_leaf_dots(below) for step, below in sorted(node.items())}


def from_v1(node: Any, prefix: FieldPath = ()) -> Fields:
    """Read FieldsV1."""
    found: set[FieldPath] = set()
    if isinstance(node, dict):
        for step, below in node.items():
            if step == ".":
                found.add(prefix)
            elif not below:
                found.add((*prefix, step))
            else:
                found |= from_v1(below, (*prefix, step))
    return frozenset(found)


class FieldBook:
    """The owners of one object's fields, read from and written to its `managedFields`."""

    def __init__(self, kind: Kind, obj: Obj | None) -> None:
        self._kind = kind
        self.entries: dict[Manager, tuple[Fields, str]] = {}
        for entry in ((obj or {}).get("metadata", {}).get("managedFields")) or ():
            manager = Manager(entry.get("manager", ""), entry.get("operation", "Update"), entry.get("subresource", ""))
            self.entries[manager] = (from_v1(entry.get("fieldsV1")), entry.get("time", ""))

    def owners(self, path: FieldPath, besides: Manager) -> list[Manager]:
        """The other managers of a field."""
        return [manager for manager, (fields, _) in self.entries.items() if manager != besides and path in fields]

    def grant(self, manager: Manager, fields: Fields, now: datetime, *, replace: bool = False) -> None:
        """Give fields to a manager; with `replace` it keeps no others."""
        held, time = self.entries.get(manager, (frozenset(), ""))
        wanted = fields if replace else held | fields
        if wanted != held or not time:
            time = "" if manager.subresource == "scale" else stamp(now)  # the API server notes none for a Scale
        if wanted:
            self.entries[manager] = (wanted, time)
        else:
            self.entries.pop(manager, None)

    def revoke(self, fields: Fields, besides: Manager) -> None:
        """Take fields from all other managers."""
        for manager, (held, time) in list(self.entries.items()):
            if manager != besides and held & fields:
                self._keep(manager, held - fields, time)

    def prune(self, obj: Obj) -> None:
        """Forget fields that the object no longer has."""
        present = _present(self._kind, obj)
        for manager, (held, time) in list(self.entries.items()):
            if not held <= present:
                self._keep(manager, held & present, time)

    def _keep(self, manager: Manager, fields: Fields, time: str) -> None:
        if fields:
            self.entries[manager] = (fields, time)
        else:
            del self.entries[manager]

    def written(self) -> list[Obj]:
        """The entries for `managedFields`."""
        entries = []
        for manager, (fields, time) in sorted(
            self.entries.items(), key=lambda item: (item[0].operation, item[1][1], item[0].name, item[0].subresource)
        ):
            entry: Obj = {
                "manager": manager.name,
                "operation": manager.operation,
                "apiVersion": self._kind.api_version,
                **({"time": time} if time else {}),
                "fieldsType": "FieldsV1",
                "fieldsV1": to_v1(fields),
            }
            if manager.subresource:
                entry["subresource"] = manager.subresource
            entries.append(entry)
        return entries


def record_update(kind: Kind, old: Obj | None, new: Obj, manager: Manager, now: datetime) -> None:
    """Write into `new` that a manager made the difference to `old`.

    Args:
        kind: of the object.
        old: the object before, None for a creation.
        new: the object after; its `managedFields` are replaced.
        manager: who wrote.
        now: the time to note.
    """
    book = FieldBook(kind, new if "managedFields" in new["metadata"] else old)
    found: set[FieldPath] = set()
    _changed(kind, _body(new), _body(old or {}), (), (), found)
    fields = frozenset(path for path in found if path[:2] not in _OWNERLESS and not _is_servers(kind, path, manager))
    if fields:
        book.revoke(fields, manager)
        book.grant(manager, fields, now)
    book.prune(new)
    _write(new, book)


def _is_servers(kind: Kind, path: FieldPath, manager: Manager) -> bool:
    """Whether the server decides a field and not who wrote the object."""
    if path[0] == "f:status":
        return manager.subresource != "status" and kind.sub("status") is not None
    return path[:2] in _ALLOCATED.get(kind.kind, ())


def _body(obj: Obj) -> Obj:
    return {key: value for key, value in obj.items() if key not in {"apiVersion", "kind"}}


def _write(obj: Obj, book: FieldBook) -> None:
    entries = book.written()
    if entries:
        obj["metadata"]["managedFields"] = entries
    else:
        obj["metadata"].pop("managedFields", None)


def apply(kind: Kind, live: Obj, wanted: Obj, manager: Manager, now: datetime, *, force: bool) -> Obj:
    """Server-side apply.

    Args:
        kind: of the object.
        live: the object as it is; an empty one for a creation.
        wanted: what the manager wants, complete.
        manager: who applies, with operation Apply.
        now: the time to note.
        force: take fields that belong to others instead of refusing.

    Returns:
        the new object with its `managedFields`.

    Raises:
        StatusError: 409 with one cause per field that somebody else owns with another value.
    """
    fields = field_set(kind, wanted)
    book = FieldBook(kind, live)
    conflicts = [
        (owner, path)
        for path in sorted(fields)
        for owner in book.owners(path, manager)
        if value_at(kind, live, path) != value_at(kind, wanted, path)
    ]
    if conflicts and not force:
        raise _conflict(kind, conflicts)
    held = book.entries.get(manager, (frozenset(), ""))[0]
    dropped = {path for path in held - fields if not book.owners(path, manager)}
    result: Obj = _merged(kind, copy.deepcopy(live), wanted, ())
    for path in sorted(dropped, key=len, reverse=True):
        if not any(other[: len(path)] == path and other != path for other in fields):
            _drop(kind, result, path, ())
    if conflicts:
        book.revoke(frozenset(path for _, path in conflicts), manager)
    book.grant(manager, fields, now, replace=True)
    book.prune(result)
    _write(result, book)
    return result


def _conflict(kind: Kind, conflicts: list[tuple[Manager, FieldPath]]) -> StatusError:
    causes = []
    for owner, path in conflicts:
        subresource = f" with subresource {json.dumps(owner.subresource)}" if owner.subresource else ""
        using = f" using {kind.api_version}" if owner.operation == "Update" else ""
        message = f"conflict with {json.dumps(owner.name)}{subresource}{using}"
        causes.append({"reason": "FieldManagerConflict", "message": message, "field": shown_path(path)})
    many = "conflict" if len(causes) == 1 else "conflicts"
    if len(causes) == 1:
        text = f"Apply failed with 1 {many}: {causes[0]['message']}: {causes[0]['field']}"
    else:
        by_owner: dict[str, list[str]] = {}
        for cause in causes:
            by_owner.setdefault(cause["message"].replace("conflict with", "conflicts with"), []).append(cause["field"])
        parts = [f"{who}:\n" + "\n".join(f"- {field}" for field in listed) for who, listed in by_owner.items()]
        text = f"Apply failed with {len(causes)} {many}: " + "\n".join(parts)
    return StatusError(409, text, "Conflict", {"causes": causes})


def shown_path(path: FieldPath) -> str:
    """A field path as messages show it: `.spec.template.spec.containers[name="web"].image`."""
    text = ""
    for step in path:
        kind, _, rest = step.partition(":")
        if kind == "f":
            text += f".{rest}"
        elif kind == "k":
            text += "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items()) + "]"
        else:
            text += f"[={rest}]"
    return text


def value_at(kind: Kind, obj: Any, path: FieldPath) -> Any:
    """The value at a field path, None when there is none."""
    names: Path = ()
    for step in path:
        mark, _, rest = step.partition(":")
        if mark == "f":
            names = (*names, rest)
            obj = obj.get(rest) if isinstance(obj, dict) else None
        elif mark == "k" and isinstance(obj, list):
            keys = apply_keys(kind, names) or ()
            obj = next((item for item in obj if _item(keys, item) == step), None)
            if obj is not None and step == path[-1]:
                return True  # the item's existence; its fields are compared one by one
        elif mark == "v" and isinstance(obj, list):
            obj = json.loads(rest) if json.loads(rest) in obj else None
        if obj is None:
            return None
    return obj


def _merged(kind: Kind, live: Any, wanted: Any, path: Path) -> Any:
    if isinstance(wanted, dict) and isinstance(live, dict) and not (path and is_atomic(kind, path)):
        for key, value in wanted.items():
            live[key] = _merged(kind, live.get(key), value, (*path, key))
        return live
    if isinstance(wanted, list) and isinstance(live, list):
        if keys := apply_keys(kind, path):
            places = {_item(keys, item): at for at, item in enumerate(live)}
            for item in wanted:
                at = places.get(_item(keys, item))
                if at is None:
                    live.append(copy.deepcopy(item))
                else:
                    live[at] = _merged_item(kind, live[at], item, path)
            return live
        if is_set(path):
            return [*live, *(item for item in wanted if item not in live)]
    return copy.deepcopy(wanted)


def _merged_item(kind: Kind, live: Obj, wanted: Obj, path: Path) -> Obj:
    for key, value in wanted.items():
        live[key] = _merged(kind, live.get(key), value, (*path, key))
    return live


def _drop(kind: Kind, obj: Any, path: FieldPath, names: Path) -> None:
    mark, _, rest = path[0].partition(":")
    if mark == "f" and isinstance(obj, dict):
        below = (*names, rest)
        if len(path) == 1:
            obj.pop(rest, None)
        elif rest in obj:
            _drop(kind, obj[rest], path[1:], below)
            if obj[rest] in ({}, []) and not is_embedded(kind, below):
                del obj[rest]
    elif mark == "k" and isinstance(obj, list):
        keys = apply_keys(kind, names) or ()
        for at, item in enumerate(obj):
            if _item(keys, item) == path[0]:
                if len(path) == 1:
                    del obj[at]
                else:
                    _drop(kind, item, path[1:], names)
                return
    elif mark == "v" and isinstance(obj, list):
        value = json.loads(rest)
        if value in obj:
            obj.remove(value)
