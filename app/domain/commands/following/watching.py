"""One watch that goes on: taken up again where the cluster ended it, told when what lies between is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.domain.commands.access import Access
from app.errors import UnavailableError
from app.infra.kubernetes.client import LONGEST_EVENT_BYTES
from app.infra.kubernetes.errors import KubernetesGoneError, status_error

MOST_FAILURES = 3  # in a row; after that the cluster is away, and the person is told
PAUSE_S = 1.0  # between two attempts, and doubled with each failure
_GONE = 410


class ExpiredError(Exception):
    """The cluster no longer knows what happened since: list again."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one object: ADDED, MODIFIED or DELETED, and the object, or a Table with its row."""

    type: str
    object: dict[str, Any]


async def watch(
    access: Access, path: str, query: Sequence[tuple[str, str]], accept: str, version: str
) -> AsyncGenerator[Event]:
    """Everything that happens in a collection from a version on; ends only when it is closed.

    Args:
        access: the cluster and the person.
        path: of the collection.
        query: what is selected.
        accept: the form of the objects.
        version: the list's resourceVersion.

    Raises:
        ExpiredError: the version is too old.
        KubernetesStatusError: the cluster refuses.
        UnavailableError: it does not answer, several times in a row.
    """
    failures = 0
    while True:
        asked = [*query, ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version)]
        try:
            async with access.client.stream(
                path, identity=access.identity, query=asked, accept=accept, longest_line_bytes=LONGEST_EVENT_BYTES
            ) as lines:
                async for line in lines:
                    if not line.strip():
                        continue
                    event = _read(access, line)
                    failures = 0
                    version = _version(event.object) or version
                    if event.type != "BOOKMARK":
                        yield event
        except KubernetesGoneError as error:
            raise ExpiredError from error
        except UnavailableError:
            failures += 1
            if failures >= MOST_FAILURES:
                raise
        await asyncio.sleep(PAUSE_S * 2**failures)  # a watch that ends at once is not asked for without rest


def _read(access: Access, line: bytes) -> Event:
    try:
        found = orjson.loads(line)
        event = Event(str(found["type"]), found["object"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise UnavailableError("The cluster gave an answer that cannot be read.", code="cluster_unavailable") from error
    if event.type != "ERROR":
        return event
    code = int(event.object.get("code") or 0)
    if code == _GONE:
        raise ExpiredError
    raise status_error(access.cluster, code or 500, event.object, None)


def _version(item: dict[str, Any]) -> str:
    """The version that an event stands at: its object's, or that of a Table's row."""
    for row in item.get("rows") or ():
        found = ((row.get("object") or {}).get("metadata") or {}).get("resourceVersion")
        if found:
            return str(found)
    return str((item.get("metadata") or {}).get("resourceVersion") or "")
