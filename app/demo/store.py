"""Holds a cluster's objects, counts resource versions, and remembers recent changes for watches.

Like etcd with the API server's watch cache in front. It checks nothing but names and versions; what may be written is
decided before. Objects it hands out are never changed in place.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from app.demo.objects import Obj

HISTORY: Final = 1000  # changes kept per kind; a watch from before them gets 410
ChangeType = Literal["ADDED", "MODIFIED", "DELETED"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one object.

    Attributes:
        version: resource version of the change.
        type: what happened.
        key: the kind's store key.
        obj: the object after the change; for a deletion its last state with the version of the deletion.
        before: the object before, None for a creation.
    """

    version: int
    type: ChangeType
    key: str
    obj: Obj
    before: Obj | None


class TooOldError(Exception):
    """The history no longer reaches back to the version that was asked for."""


class _Shelf:
    """The objects of one kind, with their recent changes."""

    __slots__ = ("changes", "forgotten", "objects", "signal")

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Obj] = {}
        self.changes: deque[Change] = deque()
        self.forgotten = 0  # version of the newest change that is no longer kept
        self.signal: asyncio.Event | None = None

    def remember(self, change: Change) -> None:
        self.changes.append(change)
        if len(self.changes) > HISTORY:
            self.forgotten = self.changes.popleft().version
        if self.signal is not None:
            self.signal.set()
            self.signal = None


class Store:
    """All objects of a cluster.

    Args:
        version: the first resource version; later processes start higher, so that versions never repeat.
    """

    def __init__(self, version: int) -> None:
        self._version = version
        self._start = version
        self._shelves: dict[str, _Shelf] = {}
        self._listeners: list[Callable[[Change], None]] = []

    @property
    def version(self) -> int:
        """The resource version of the latest change."""
        return self._version

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call a function after every change; it must not write."""
        self._listeners.append(listener)

    def kinds(self) -> list[str]:
        """The kinds that were ever stored or asked for."""
        return sorted(self._shelves)

    def get(self, key: str, namespace: str, name: str) -> Obj | None:
        """An object, or None."""
        return self._shelf(key).objects.get((namespace, name))

    def all(self, key: str, namespace: str = "") -> list[Obj]:
        """The objects of a kind by namespace and name; an empty namespace means all of them."""
        shelf = self._shelves.get(key)
        objects = shelf.objects if shelf is not None else {}
        return [objects[place] for place in sorted(objects) if not namespace or place[0] == namespace]

    def all_at(self, key: str, version: int, namespace: str = "") -> list[Obj]:
        """The objects as they were at a version.

        Raises:
            TooOldError: the history does not reach back that far.
        """
        shelf = self._shelf(key)
        if version < shelf.forgotten or version < self._start:
            raise TooOldError
        objects = dict(shelf.objects)
        for change in reversed(shelf.changes):
            if change.version <= version:
                break
            place = _place(change.obj)
            if change.before is None:
                objects.pop(place, None)
            else:
                objects[place] = change.before
        return [objects[place] for place in sorted(objects) if not namespace or place[0] == namespace]

    def put(self, key: str, obj: Obj) -> Obj:
        """Store an object in the place that its metadata names, with the next resource version.

        Args:
            key: the kind's store key.
            obj: the object; it belongs to the store from now on.
        """
        shelf = self._shelf(key)
        place = _place(obj)
        before = shelf.objects.get(place)
        self._version += 1
        obj["metadata"]["resourceVersion"] = str(self._version)
        shelf.objects[place] = obj
        self._tell(shelf, Change(self._version, "MODIFIED" if before else "ADDED", key, obj, before))
        return obj

    def remove(self, key: str, namespace: str, name: str, last: Obj | None = None) -> Obj | None:
        """Remove an object.

        Args:
            key: the kind's store key.
            namespace: its namespace, empty for cluster-scoped kinds.
            name: its name.
            last: the state to report as its last; what is stored when None.

        Returns:
            its last state with the version of the removal, None if there was none.
        """
        shelf = self._shelf(key)
        before = shelf.objects.pop((namespace, name), None)
        if before is None:
            return None
        self._version += 1
        last = last or before
        gone = {**last, "metadata": {**last["metadata"], "resourceVersion": str(self._version)}}
        self._tell(shelf, Change(self._version, "DELETED", key, gone, before))
        return gone

    def since(self, key: str, version: int) -> list[Change]:
        """The changes of a kind after a version, oldest first.

        Raises:
            TooOldError: some of them are no longer kept.
        """
        shelf = self._shelf(key)
        if version < shelf.forgotten or version < self._start:
            raise TooOldError
        found: list[Change] = []
        for change in reversed(shelf.changes):
            if change.version <= version:
                break
            found.append(change)
        found.reverse()
        return found

    def forget(self, key: str) -> None:
        """Drop the history of a kind, as a compaction does."""
        shelf = self._shelf(key)
        shelf.changes.clear()
        shelf.forgotten = self._version

    def forget_all(self) -> None:
        """Drop the history of every kind."""
        for key in self._shelves:
            self.forget(key)

    def signal(self, key: str) -> asyncio.Event:
        """An event that is set at the next change of a kind; take it before reading, then wait."""
        shelf = self._shelf(key)
        if shelf.signal is None:
            shelf.signal = asyncio.Event()
        return shelf.signal

    def _shelf(self, key: str) -> _Shelf:
        shelf = self._shelves.get(key)
        if shelf is None:
            shelf = self._shelves[key] = _Shelf()
        return shelf

    def _tell(self, shelf: _Shelf, change: Change) -> None:
        shelf.remember(change)
        for listener in self._listeners:
            listener(change)


def _place(obj: Obj) -> tuple[str, str]:
    metadata = obj["metadata"]
    return metadata.get("namespace", ""), metadata["name"]
