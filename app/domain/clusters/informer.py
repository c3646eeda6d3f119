"""One watch of a type's metadata on one cluster, which says when objects of it change and keeps none of them.

It goes under KubeChat's own account and asks for metadata alone. What it hears makes kept answers wrong, and the names
of what came last complete what somebody has said, where they may list it themselves: nobody is shown anything else of
it. A watch that dies goes on from where it was; one that has expired, is
silent, or has run for long enough begins anew, and everything that is kept of its type is dropped then, because nobody
knows what lies between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from app.domain.clusters.places import Place
from app.errors import KubeChatError
from app.infra.kubernetes.client import LONGEST_EVENT_BYTES, ClusterClient, path_of
from app.infra.kubernetes.errors import KubernetesGoneError, KubernetesStatusError, status_error
from app.infra.kubernetes.impersonation import AS_ITSELF
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger

LIST_OF_METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
METADATA_KIND = "PartialObjectMetadata"
SILENT_S = 150.0  # API servers send a bookmark about once a minute: two may be lost
RELIST_S = 1_800.0  # whatever a watch may have kept to itself is asked for by then; API servers end watches as often
BATCH_S = 0.1  # what happens within it makes answers wrong at once: a rollout is no event per pod
MOST_ADDED = 200  # names that are remembered of what came last, which vocabularies have not yet
PAUSE_S = 1.0  # before the next attempt, doubled with each failure
LONGEST_PAUSE_S = 60.0
FORBIDDEN_PAUSE_S = 600.0  # rights are rarely given within a minute of being missed
_NOT_FOR_US = frozenset({403, 404, 405, 406})  # forbidden, no such type, a type that cannot be watched or told so
_GONE = 410
_log = get_logger(__name__)

Changed = Mapping[str, set[str]] | None
"""Names by namespace; None for anything of the type."""


class State(StrEnum):
    """How a watch stands."""

    WAITING = "waiting"  # for its cluster
    WATCHING = "watching"
    FORBIDDEN = "forbidden"  # KubeChat's own account may not: answers end with their time alone


class _ExpiredError(Exception):
    """The cluster no longer knows what happened since."""


class _SilentError(Exception):
    """Nothing was heard for longer than a cluster keeps silent."""


@dataclass(slots=True)
class _Cursor:
    """How far a watch has come."""

    version: str = ""
    listed_at: float = 0.0


class Informer:
    """Watches one type on one cluster.

    Args:
        client: the cluster.
        place: the type; namespace and name are empty.
        changed: told what has changed.
        instruments: where watches are measured.

    Attributes:
        state: how it stands.
        added: the objects that came last, each with the loop's time, its namespace and its name.
    """

    def __init__(
        self, client: ClusterClient, place: Place, changed: Callable[[Changed], None], instruments: Instruments
    ) -> None:
        self.client, self.place = client, place
        self.state = State.WAITING
        self.added: deque[tuple[float, str, str]] = deque(maxlen=MOST_ADDED)
        self._changed = changed
        root = ("apis", place.group, place.version) if place.group else ("api", place.version)
        self._path = path_of(*root, place.plural)
        self._waiting: dict[str, set[str]] = {}
        self._events = instruments.counter(catalogue.KUBERNETES_WATCH_EVENTS)
        self._begun = instruments.counter(catalogue.KUBERNETES_WATCH_STARTS)
        self._batches = instruments.histogram(catalogue.KUBERNETES_BATCH_ITEMS).labels("watch events")

    async def run(self) -> None:
        """Watch until cancelled; whatever a cluster answers, it is tried again."""
        cursor, failures, reason = _Cursor(), 0, "new"
        try:
            while True:
                self._begun.labels(self.client.name, reason).inc()
                pause_s = 0.0
                try:
                    await self._watch(cursor)
                    failures, reason = 0, "ended"
                    pause_s = PAUSE_S  # one that ends at once is not asked for without rest
                except (_ExpiredError, KubernetesGoneError):
                    cursor, reason = _Cursor(), "expired"
                    pause_s = PAUSE_S
                except _SilentError:
                    cursor, reason = _Cursor(), "silent"
                except KubeChatError as error:
                    _log.info("watch over", cluster=self.client.name, type=self.place.plural, code=error.code)
                    if isinstance(error, KubernetesStatusError) and error.http_status in _NOT_FOR_US:
                        cursor, reason, pause_s = _Cursor(), "forbidden", FORBIDDEN_PAUSE_S
                        self._leave(State.FORBIDDEN)
                    else:
                        failures, reason = failures + 1, "failed"
                        pause_s = min(LONGEST_PAUSE_S, PAUSE_S * 2 ** (failures - 1))
                if self.state is State.WATCHING:
                    self._leave(State.WAITING)
                await asyncio.sleep(pause_s)
        finally:
            self._leave(State.WAITING)

    def _leave(self, state: State) -> None:
        self._apply()
        self.state = state

    async def _watch(self, cursor: _Cursor) -> None:
        """List where that is due, then listen until the cluster ends it."""
        loop = asyncio.get_running_loop()
        if not cursor.version or loop.time() - cursor.listed_at > RELIST_S:
            cursor.version = await self._list()
            cursor.listed_at = loop.time()
            begun_anew = True
        else:
            begun_anew = False
        left_s = max(1.0, cursor.listed_at + RELIST_S - loop.time())
        query = (
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", cursor.version),
            ("timeoutSeconds", str(int(left_s))),
        )
        async with self.client.stream(
            self._path, identity=AS_ITSELF, query=query, accept=METADATA, longest_line_bytes=LONGEST_EVENT_BYTES
        ) as lines:
            if begun_anew:
                self._changed(None)  # what is kept may be older than where the watch begins
            self.state = State.WATCHING
            following = aiter(lines)
            while True:
                try:
                    async with asyncio.timeout(SILENT_S):
                        line = await anext(following, None)
                except TimeoutError as error:
                    raise _SilentError from error
                if line is None:
                    return
                if line.strip():
                    self._take(line, cursor)

    async def _list(self) -> str:
        """The version at which a watch may begin; one object is asked for, and none is kept."""
        answer = await self.client.request(
            "GET", self._path, identity=AS_ITSELF, query=(("limit", "1"),), accept=LIST_OF_METADATA
        )
        found = answer.json()
        version = str((found.get("metadata") or {}).get("resourceVersion") or "")
        if not version.isdigit():
            raise status_error(self.client.name, 500, {"message": "a list without a version"}, None)
        return version

    def _take(self, line: bytes, cursor: _Cursor) -> None:
        try:
            found = orjson.loads(line)
            happened, item = str(found["type"]), found["object"]
            metadata = item.get("metadata") or {}
            name, namespace = str(metadata.get("name") or ""), str(metadata.get("namespace") or "")
            version = str(metadata.get("resourceVersion") or "")
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            self._count("unreadable")
            self._changed(None)  # one of its objects is too large for a line, or it is rubbish: nobody knows which
            return
        if happened == "ERROR":
            self._raise(item)
        outcome = self._judged(happened, str(item.get("kind") or ""), name, version, cursor)
        self._count(outcome)
        if outcome in {"applied", "bookmark"}:
            cursor.version = version
        if outcome == "applied":
            self._wait(namespace, name)
            if happened == "ADDED":
                self.added.append((asyncio.get_running_loop().time(), namespace, name))

    def _judged(self, happened: str, kind: str, name: str, version: str, cursor: _Cursor) -> str:
        """What an event is worth: a watch may lie, and what does not fit changes nothing."""
        if not version.isdigit() or int(version) < int(cursor.version):
            return "stale"
        if happened == "BOOKMARK":
            return "bookmark"
        if happened not in {"ADDED", "MODIFIED", "DELETED"} or kind != METADATA_KIND or not name:
            return "unexpected"
        return "stale" if int(version) == int(cursor.version) else "applied"

    def _raise(self, item: Any) -> None:
        code = int(item.get("code") or 0) if str(item.get("code") or "").isdigit() else 0
        if code == _GONE:
            raise _ExpiredError
        raise status_error(self.client.name, code or 500, item, None)

    def _count(self, outcome: str) -> None:
        self._events.labels(self.client.name, outcome).inc()

    def _wait(self, namespace: str, name: str) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_later(BATCH_S, self._apply)
        self._waiting.setdefault(namespace, set()).add(name)

    def _apply(self) -> None:
        if self._waiting:
            changed, self._waiting = self._waiting, {}
            self._batches.observe(sum(len(names) for names in changed.values()))
            self._changed(changed)
