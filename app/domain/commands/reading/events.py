"""kubectl events: what happened lately, oldest first, as kubectl prints it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.domain.commands.access import EVENT, Access
from app.domain.commands.model.reads import Events
from app.domain.commands.reading.ages import age, moment
from app.domain.commands.redaction import redact_text
from app.domain.commands.results import Column, Result, TableResult

MOST_EVENTS = 500
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def events(access: Access, command: Events) -> list[Result]:
    """The events of a namespace, of all, or about one object."""
    query = await selected(access, command)
    found = sorted(await access.objects(EVENT, command.namespace, query), key=last_seen)
    if command.types:
        found = [event for event in found if event.get("type") in command.types]
    if not found:
        resource = None if command.about is None else await access.type_of(command.about.resource)
        if command.about is not None and resource is not None and (command.namespace or not resource.namespaced):
            await access.get(resource, command.namespace, command.about.name)  # says so when there is no such object
        where = f" in {command.namespace} namespace." if command.namespace else ""
        return [await access.nothing_found(command, f"No events found{where}")]
    rows = [row_of(event, command) for event in found]
    shown = rows[-MOST_EVENTS:]
    columns = tuple(Column(name) for name in columns_of(command))
    return [
        TableResult(
            command.line(),
            access.cluster,
            command.namespace,
            columns,
            shown,
            total=len(rows),
            shown=len(shown),
            headings=not command.no_headers,
        )
    ]


async def selected(access: Access, command: Events) -> list[tuple[str, str]]:
    """The query that selects what the command asks for."""
    if command.about is None:
        return []
    resource = await access.type_of(command.about.resource)
    fields = f"involvedObject.kind={resource.kind},involvedObject.name={command.about.name}"
    return [("fieldSelector", fields)]


def columns_of(command: Events) -> list[str]:
    """The headings of the command's rows."""
    return [
        *(["NAMESPACE"] if command.all_namespaces else []),
        *("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"),
    ]


def row_of(event: dict[str, Any], command: Events) -> list[str]:
    """One event's cells."""
    about = event.get("involvedObject") or {}
    return [
        *([str(event["metadata"].get("namespace"))] if command.all_namespaces else []),
        seen(event),
        str(event.get("type") or ""),
        str(event.get("reason") or ""),
        f"{about.get('kind')}/{about.get('name')}",
        redact_text(str(event.get("message") or "").strip()),
    ]


def seen(event: dict[str, Any]) -> str:
    """When an event was seen last, and how often since when: "2m (x5 over 10m)"."""
    series = event.get("series") or {}
    last = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    times = int(series.get("count") or event.get("count") or 1)
    first = event.get("firstTimestamp") or event.get("eventTime")
    return f"{age(last)} (x{times} over {age(first)})" if times > 1 else age(last or first)


def last_seen(event: dict[str, Any]) -> datetime:
    """The moment at which an event was seen last, for sorting."""
    series = event.get("series") or {}
    last = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime")
    return moment(last) or moment(event.get("metadata", {}).get("creationTimestamp")) or _LONG_AGO


async def events_about(access: Access, item: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """Events about one object, oldest first; none where this person may not see them."""
    metadata = item["metadata"]
    fields = f"involvedObject.name={metadata['name']},involvedObject.uid={metadata.get('uid', '')}"
    namespace = str(metadata.get("namespace") or "")
    if not namespace:  # of a node, say: these events carry the node's name as their uid
        fields = f"involvedObject.kind={item.get('kind')},involvedObject.name={metadata['name']}"
    found = await access.seen(access.objects(EVENT, namespace, [("fieldSelector", fields)]))
    return sorted(found, key=last_seen)
