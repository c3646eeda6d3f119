"""kubectl get -w and events -w: what is there, and then each change as it happens."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import EVENT, TABLE, Access
from app.domain.commands.following.watching import Event, ExpiredError, watch
from app.domain.commands.model.reads import Events, Get
from app.domain.commands.printing import GAP, NARROWEST, shown_lines
from app.domain.commands.reading.events import columns_of, last_seen, row_of, selected
from app.domain.commands.reading.get import table_result
from app.domain.commands.reading.listing import JSON, PAGE, Rows, resolve, selection
from app.domain.commands.reading.written import check_template, one_text
from app.domain.commands.results import Chunk
from app.domain.commands.tabs import GrowingTable
from app.errors import InvalidInputError

_Write = Callable[[list[dict[str, Any]], str], str]  # lists, tables or objects, and what happened to them


async def follow_get(access: Access, command: Get) -> AsyncGenerator[Chunk]:
    """Objects as they are, and each of them again when it changes.

    Raises:
        InvalidInputError: several types, or a form that cannot be watched.
        KubernetesStatusError: the cluster refuses.
    """
    wanted = await resolve(access, command.targets)
    if len(wanted) != 1 or len(wanted[0][1]) > 1:
        raise InvalidInputError("error: you may only specify a single resource type", code="invalid_flag")
    (resource, names) = wanted[0]
    as_table = command.form in {"", "wide"}
    if command.form == "custom-columns":
        raise InvalidInputError(
            "error: custom-columns cannot be watched; use -o wide or -o jsonpath.", code="invalid_flag"
        )
    check_template(command)
    if command.sort_by:
        yield Chunk(notes="warning: --watch requested, --sort-by will be ignored\n")
    path = resource.path(command.namespace)
    query = selection(command)
    if names:
        query.append(("fieldSelector", f"metadata.name={names[0]}"))
        await access.get(resource, command.namespace, names[0])  # says so when there is no such object
    writer: _Write = (
        _TableWriter(replace(command, sort_by=""), resource).write
        if as_table
        else _ObjectWriter(command, resource).write
    )
    accept = TABLE if as_table else JSON
    include = [("includeObject", "Metadata")] if as_table else []
    async for chunk in _followed(access, path, [*query, *include], accept, writer, first=not command.watch_only):
        yield chunk


async def follow_events(access: Access, command: Events) -> AsyncGenerator[Chunk]:
    """The events of a namespace, and each one that comes."""
    query = await selected(access, command)
    path = EVENT.path(command.namespace)
    async for chunk in _followed(access, path, query, JSON, _EventWriter(command).write, first=True):
        yield chunk


async def _followed(
    access: Access, path: str, query: list[tuple[str, str]], accept: str, write: _Write, *, first: bool
) -> AsyncGenerator[Chunk]:
    seen: dict[str, str] = {}  # versions by uid, for what changed while the cluster could not tell
    while True:
        listed = await access.json(path, [*query, ("limit", str(PAGE))], accept)
        known = {key: _Seen.version(item) for item in _Seen.items(listed) if (key := _Seen.uid(item))}
        if first:
            text = write([_changed(listed, seen)], "ADDED")
            if text:
                yield Chunk(text)
        seen, first = known, True
        try:
            version = str((listed.get("metadata") or {}).get("resourceVersion") or "")
            async for event in watch(access, path, query, accept, version):
                _remember(seen, event)
                text = write([event.object], event.type)
                if text:
                    yield Chunk(text)
        except ExpiredError:
            continue


class _Seen:
    """What a list says of its items, be it a table or a list of objects."""

    @staticmethod
    def items(listed: dict[str, Any]) -> list[dict[str, Any]]:
        return list(listed.get("rows") or listed.get("items") or ())

    @staticmethod
    def metadata(item: dict[str, Any]) -> dict[str, Any]:
        return dict((item.get("object") or item).get("metadata") or {})

    @staticmethod
    def uid(item: dict[str, Any]) -> str:
        return str(_Seen.metadata(item).get("uid") or "")

    @staticmethod
    def version(item: dict[str, Any]) -> str:
        return str(_Seen.metadata(item).get("resourceVersion") or "")


def _changed(listed: dict[str, Any], seen: dict[str, str]) -> dict[str, Any]:
    """A list without what was shown in this version already."""
    key = "rows" if "rows" in listed else "items"
    kept = [item for item in _Seen.items(listed) if seen.get(_Seen.uid(item), "") != _Seen.version(item)]
    return {**listed, key: kept}


def _remember(seen: dict[str, str], event: Event) -> None:
    for item in event.object.get("rows") or [event.object]:
        if event.type == "DELETED":
            seen.pop(_Seen.uid(item), None)
        else:
            seen[_Seen.uid(item)] = _Seen.version(item)


class _TableWriter:
    """Rows under one set of columns."""

    def __init__(self, command: Get, resource: ResourceType) -> None:
        self._command = command
        self._rows = Rows(resource)
        self._table = GrowingTable(least=NARROWEST, padding=GAP)
        self._headed = command.no_headers

    def write(self, answers: list[dict[str, Any]], happened: str) -> str:
        self._rows.rows = []
        for answer in answers:
            self._rows.add(answer)
        if not self._rows.rows:
            return ""
        result = table_result(self._command, self._rows, with_kind=self._command.show_kind)
        headings, *lines = shown_lines(replace(result, headings=True))
        if self._command.output_watch_events:
            headings, lines = ["EVENT", *headings], [[happened, *line] for line in lines]
        if not self._headed:
            lines.insert(0, headings)
            self._headed = True
        return self._table.text(lines)


class _EventWriter:
    """Rows of kubectl events."""

    def __init__(self, command: Events) -> None:
        self._command = command
        self._table = GrowingTable(least=NARROWEST, padding=GAP)
        self._headed = command.no_headers

    def write(self, answers: list[dict[str, Any]], happened: str) -> str:
        if happened == "DELETED":
            return ""
        found = [item for answer in answers for item in answer.get("items", [answer])]
        types = self._command.types
        kept = sorted((e for e in found if not types or e.get("type") in types), key=last_seen)
        lines = [row_of(event, self._command) for event in kept]
        if not lines:
            return ""
        if not self._headed:
            lines.insert(0, columns_of(self._command))
            self._headed = True
        return self._table.text(lines)


class _ObjectWriter:
    """Whole objects, one after another."""

    def __init__(self, command: Get, resource: ResourceType) -> None:
        self._command = command
        self._resource = resource
        self._begun = False

    def write(self, answers: list[dict[str, Any]], happened: str) -> str:
        kind = {"apiVersion": self._resource.api_version, "kind": self._resource.kind}
        texts = []
        for answer in answers:
            for item in answer.get("items", [answer]):
                text = one_text(self._command, self._resource, {**kind, **item})
                texts.append(f"---\n{text}" if self._begun and self._command.form == "yaml" else text)
                self._begun = True
        return "".join(texts)
