"""Watches: every change of a collection as it happens, as objects or as table rows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import orjson

from app.demo.api.accept import Form
from app.demo.api.address import Address
from app.demo.api.exchange import Request, Stream
from app.demo.api.reads import include_of, selection, unreadable_version
from app.demo.cluster import Cluster
from app.demo.objects import Obj, namespace_of
from app.demo.selectors import Test
from app.demo.status import bad_request, expired
from app.demo.store import Change, TooOldError
from app.demo.tables.render import partial_metadata, table
from app.demo.writing.views import as_served

_BOOKMARK_S: Final = 60
_LONGEST_S: Final = 1800  # kube-apiserver's --min-request-timeout, without its random part


class _Watch:
    """One watch: what it selects and how it writes."""

    def __init__(self, cluster: Cluster, request: Request, address: Address, form: Form) -> None:
        self.cluster = cluster
        self.address = address
        self.form = form
        self.include = include_of(request)
        self.test: Test | None = selection(request, address)
        self.bookmarks = request.flag("allowWatchBookmarks")
        self._has_columns = False

    def selects(self, obj: Obj) -> bool:
        """Whether an object is in view."""
        if self.address.namespace and namespace_of(obj) != self.address.namespace:
            return False
        return self.test is None or self.test(obj)

    def line(self, kind: str, obj: Obj) -> bytes:
        """One event."""
        served = as_served(self.address.kind, obj)
        body: Any = served
        if self.form.shape == "Table":
            metadata = {"resourceVersion": obj["metadata"]["resourceVersion"]}
            body = table(self.address.kind, [served], metadata, self.cluster.now, self.include)
            if self._has_columns:
                body["columnDefinitions"] = None
            self._has_columns = True
        elif self.form.shape:
            body = partial_metadata(served)
        return orjson.dumps({"type": kind, "object": body}) + b"\n"

    def bookmark(self, version: int, *, initial: bool = False) -> bytes:
        """A bookmark, which only says how far the watch has come."""
        metadata: Obj = {"resourceVersion": str(version)}
        if initial:
            metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
        kind = self.address.kind
        body: Obj = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": metadata}
        if self.form.shape == "Table":
            body = table(kind, [], metadata, self.cluster.now, self.include)
        elif self.form.shape:
            body = partial_metadata(body)
        return orjson.dumps({"type": "BOOKMARK", "object": body}) + b"\n"

    def lines(self, changes: list[Change]) -> Iterator[bytes]:
        """The events of changes, as far as they are in view before or after."""
        for change in changes:
            after = change.type != "DELETED" and self.selects(change.obj)
            before = change.before is not None and self.selects(change.before)
            if after:
                yield self.line("MODIFIED" if before else "ADDED", change.obj)
            elif before and change.before is not None:
                # What left the view is reported in its last visible state, with the version of the change.
                version = change.obj["metadata"]["resourceVersion"]
                last = change.obj if change.type == "DELETED" else change.before
                gone = {**last, "metadata": {**last["metadata"], "resourceVersion": version}}
                yield self.line("DELETED", gone)


def open_watch(cluster: Cluster, request: Request, address: Address, form: Form) -> Stream:
    """Begin a watch.

    Raises:
        StatusError: 400 for parameters that do not fit, 500 for a resourceVersion that is no number.
    """
    text = request.param("resourceVersion")
    if text and not text.isdigit():
        raise unreadable_version(text)
    initial = request.flag("sendInitialEvents") if "sendInitialEvents" in request.query else None
    if initial is not None and request.param("resourceVersionMatch") != "NotOlderThan":
        raise bad_request("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
    seconds = min(request.number("timeoutSeconds") or _LONGEST_S, _LONGEST_S)
    watch = _Watch(cluster, request, address, form)
    return Stream(_events(watch, int(text or "0"), initial, seconds))


async def _events(watch: _Watch, version: int, initial: bool | None, seconds: int) -> AsyncIterator[bytes]:
    store, key = watch.cluster.store, watch.address.kind.key
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    yield b""  # the headers go out before the first event
    if initial or (initial is None and version == 0):
        version = store.version
        for obj in store.all(key, watch.address.namespace):
            if watch.selects(obj):
                yield watch.line("ADDED", obj)
        if initial and watch.bookmarks:
            yield watch.bookmark(version, initial=True)
    elif version == 0:
        version = store.version
    next_bookmark = loop.time() + _BOOKMARK_S
    while (now := loop.time()) < end:
        signal = store.signal(key)
        try:
            changes = store.since(key, version)
        except TooOldError:
            error = expired(f"too old resource version: {version} ({store.version})")
            yield orjson.dumps({"type": "ERROR", "object": error.body}) + b"\n"
            return
        if changes:
            version = changes[-1].version
            text = b"".join(watch.lines(changes))
            if text:
                yield text
            continue
        if watch.bookmarks and now >= next_bookmark:
            version = store.version
            yield watch.bookmark(version)
            next_bookmark = now + _BOOKMARK_S
            continue
        until = min(end, next_bookmark) if watch.bookmarks else end
        try:
            async with asyncio.timeout_at(until):
                await signal.wait()
        except TimeoutError:
            continue
