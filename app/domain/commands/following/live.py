"""A table that stays true: what a list shows, and then only the rows that change.

It is one watch as the person whose table it is, in the API server's own table form. A few times a second at most it
says what has changed since; once a minute the list is read anew, so that a watch that keeps something to itself, and
texts that grow old by themselves, are put right.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import TABLE, Access, Keep
from app.domain.commands.following.watching import ExpiredError, watch
from app.domain.commands.model.reads import Get
from app.domain.commands.reading.ages import age
from app.domain.commands.reading.get import table_result
from app.domain.commands.reading.listing import MOST_PAGES, Rows, resolve, selection
from app.domain.commands.reading.pages import MOST_ROWS
from app.domain.commands.results import Column, TableResult
from app.errors import InvalidInputError

EVERY_S = 0.5  # between two updates of one table: nobody reads quicker
AGES_S = 5.0  # ages are written anew so often
RELIST_S = 60.0
_AGE = "AGE"


@dataclass(frozen=True, slots=True)
class Update:
    """What has changed in a table.

    Attributes:
        table: the whole of it, with the keys of its rows beside it; None where only rows are told.
        keys: of the table's rows, in their order.
        changed: rows that are new or different, by their keys.
        removed: keys of rows that are gone.
        total: how many there are in the cluster, as far as it says.
    """

    table: TableResult | None = None
    keys: tuple[str, ...] = ()
    changed: dict[str, list[str]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    total: int = 0

    def to_event(self) -> dict[str, Any]:
        """The body of a `live` event."""
        found: dict[str, Any] = {"total": self.total}
        if self.table is not None:
            columns = self.table.to_event()["columns"]
            return found | {"columns": columns, "rows": list(zip(self.keys, self.table.rows, strict=True))}
        return found | {"changed": list(self.changed.items()), "removed": list(self.removed)}


def can_live(command: object) -> bool:
    """Whether a command's table can stay true: one type's, in the order in which the cluster lists it."""
    return (
        isinstance(command, Get)
        and command.form in {"", "wide"}
        and not (command.watch or command.watch_only or command.sort_by)
        and len(command.targets) == 1
    )


async def live(access: Access, command: Get, keep: Keep | None) -> AsyncGenerator[Update]:
    """The table, then what changes in it; goes on until it is closed.

    Args:
        access: the cluster and the person.
        command: what is shown.
        keep: which of its rows; None for all.

    Raises:
        InvalidInputError: it is no table that can stay true.
        KubernetesStatusError: the cluster refuses.
        UnavailableError: it does not answer, several times in a row.
    """
    wanted = await resolve(access, command.targets)
    if not can_live(command) or len(wanted) != 1:
        raise InvalidInputError("Only a table of one type can stay current.", code="not_live")
    (resource, names) = wanted[0]
    table = _Live(access, command, resource, names[0] if names else "", keep)
    first = True
    while True:
        version = await table.list()
        if first:
            yield table.whole()
        elif update := table.take():
            yield update
        first = False
        try:
            async with aclosing(table.changes(version)) as updates:
                async for update in updates:
                    yield update
        except ExpiredError:
            continue


@dataclass(slots=True)
class _Row:
    cells: list[str]
    created: str


class _Live:
    """A table's rows as they are told and as they are now."""

    def __init__(self, access: Access, command: Get, resource: ResourceType, name: str, keep: Keep | None) -> None:
        self._access, self._command, self._resource, self._keep = access, command, resource, keep
        self._path = resource.path(command.namespace)
        self._query = [*selection(command), ("includeObject", "Metadata")]
        if name:
            self._query.append(("fieldSelector", f"metadata.name={name}"))
        self._columns: tuple[Column, ...] = ()
        self._shape: TableResult | None = None
        self._rows: dict[str, _Row] = {}
        self._dirty: dict[str, list[str] | None] = {}
        self._wake = asyncio.Event()
        self._total = 0
        self._last = ""  # beyond it nothing is shown, where a list is longer than a table

    async def list(self) -> str:
        """Read the list; what is different from before is told with the next update. Its version."""
        found: dict[str, _Row] = {}
        self._columns, self._total, self._last = (), 0, ""
        version = following = ""
        for _ in range(1 if self._keep is None else MOST_PAGES):
            page = [("continue", following)] if following else []
            listed = await self._access.json(self._path, [*self._query, ("limit", str(MOST_ROWS)), *page], TABLE)
            metadata = listed.get("metadata") or {}
            found |= self._rendered(listed)
            self._total += len(listed.get("rows") or ())
            version = version or str(metadata.get("resourceVersion") or "")
            following = str(metadata.get("continue") or "")
            if not following:
                break
        if following and self._keep is None:
            self._total += int(metadata.get("remainingItemCount") or 0)
            self._last = max(found, default="")
        found = dict(islice(found.items(), MOST_ROWS))
        gone = self._rows.keys() - found.keys()
        for key in gone:
            self._set(key, None)
        for key, row in found.items():
            self._set(key, row)
        return version

    def whole(self) -> Update:
        """The table as it is now."""
        self._dirty.clear()
        assert self._shape is not None
        rows = [row.cells for row in self._rows.values()]
        table = replace(self._shape, rows=rows, shown=len(rows))
        return Update(table, tuple(self._rows), total=self._shown_total())

    def take(self) -> Update | None:
        """What has changed since it was told last; None where nothing has."""
        if not self._dirty:
            return None
        dirty, self._dirty = self._dirty, {}
        changed = {key: cells for key, cells in dirty.items() if cells is not None}
        return Update(None, (), changed, tuple(dirty.keys() - changed.keys()), self._shown_total())

    async def changes(self, version: str) -> AsyncGenerator[Update]:
        """Updates from a version on, until the list has to be read anew."""
        loop = asyncio.get_running_loop()
        relist_at, ages_at = loop.time() + RELIST_S, loop.time() + AGES_S
        reader = asyncio.create_task(self._read(version), name="live table")
        try:
            while loop.time() < relist_at:
                self._wake.clear()
                if not (self._dirty or reader.done()):  # what came while the last update was told is not waited for
                    with suppress(TimeoutError):
                        async with asyncio.timeout_at(min(ages_at, relist_at)):
                            await self._wake.wait()
                if reader.done():
                    reader.result()
                    return
                if loop.time() >= ages_at:
                    self._grow_older()
                    ages_at = loop.time() + AGES_S
                if update := self.take():
                    yield update
                    await asyncio.sleep(EVERY_S)
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    async def _read(self, version: str) -> None:
        try:
            async with aclosing(watch(self._access, self._path, self._query, TABLE, version)) as events:
                async for event in events:
                    self._happened(event.type, event.object)
        finally:
            self._wake.set()

    def _happened(self, what: str, table: dict[str, Any]) -> None:
        rows = table.get("rows") or ()
        if what == "DELETED":
            for row in rows:
                self._total -= 1
                self._set(_key(row.get("object") or {}), None)
        else:
            found = self._rendered(table)
            for row in rows:
                key = _key(row.get("object") or {})
                self._total += what == "ADDED" and key not in self._rows
                if not (self._last and key > self._last) and (key in self._rows or len(self._rows) < MOST_ROWS):
                    self._set(key, found.get(key))
        if self._dirty:
            self._wake.set()

    def _set(self, key: str, row: _Row | None) -> None:
        before = self._rows.get(key)
        if row is None:
            if self._rows.pop(key, None) is not None:
                self._dirty[key] = None
        elif before is None or before.cells != row.cells:
            self._rows[key] = row
            self._dirty[key] = row.cells

    def _rendered(self, answer: dict[str, Any]) -> dict[str, _Row]:
        """Rows as they are shown, by their keys, without those that are not."""
        rows = Rows(self._resource, self._columns)
        rows.add(answer)
        self._columns = rows.columns
        rendered: dict[str, _Row] = {}
        for cells, item in rows.rows:
            one = Rows(self._resource, rows.columns, [(cells, item)], 1)
            result = table_result(self._command, one, with_kind=self._command.show_kind)
            self._shape = self._shape or replace(result, rows=[])
            for shown in (result if self._keep is None else self._keep(result)).rows:
                created = str((item.get("metadata") or {}).get("creationTimestamp") or "")
                rendered[_key(item)] = _Row(shown, created)
        if self._shape is None:
            empty = Rows(self._resource, rows.columns)
            self._shape = table_result(self._command, empty, with_kind=self._command.show_kind)
        return rendered

    def _grow_older(self) -> None:
        names = [column.name for column in self._shape.columns] if self._shape else []
        if _AGE not in names:
            return
        at = names.index(_AGE)
        for key, row in self._rows.items():
            if row.created and row.cells[at] != (now := age(row.created)):
                row.cells = [*row.cells[:at], now, *row.cells[at + 1 :]]
                self._dirty[key] = row.cells

    def _shown_total(self) -> int:
        """How many there are; of those that were chosen where some are, since the cluster counts all."""
        return len(self._rows) if self._keep is not None else max(self._total, len(self._rows))


def _key(item: dict[str, Any]) -> str:
    """Where a row stands: clusters list by namespace and name."""
    metadata = item.get("metadata") or {}
    return f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}"
