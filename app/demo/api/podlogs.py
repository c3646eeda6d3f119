"""`pods/log`: the last lines, lines since a time, and lines as they come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Final

from app.demo.api.exchange import Answer, Request, Stream
from app.demo.clock import moment_of, nano_stamp
from app.demo.cluster import PODS, Cluster
from app.demo.logs.reader import Line, NoLogError, Run, find_run, lines
from app.demo.objects import Obj, name_of
from app.demo.status import bad_request, not_found

_POLL_S: Final = 0.5
_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TEXT: Final = "text/plain"


def read(cluster: Cluster, request: Request, namespace: str, name: str) -> Answer | Stream:
    """The log of a container.

    Raises:
        StatusError: 404, or 400 for a container that has no log.
    """
    pod = cluster.get("pods", namespace, name)
    if pod is None:
        raise not_found(PODS, name)
    container = _container(pod, request.param("container"))
    if not pod["spec"].get("nodeName"):
        raise bad_request(f"pod {name} does not have a host assigned")
    previous = request.flag("previous")
    try:
        run = find_run(pod, container, previous=previous)
    except NoLogError as exc:
        raise bad_request(str(exc)) from exc
    since = _since(cluster, request)
    tail = request.number("tailLines")
    if tail is not None and tail < 0:
        raise bad_request("tailLines must be greater than or equal to 0")
    now = cluster.now
    found = list(lines(run, since, now)) if tail is None else list(deque(lines(run, since, now), maxlen=tail))
    stamps = request.flag("timestamps")
    text = b"".join(_written(line, stamps=stamps) for line in found)
    limit = request.number("limitBytes")
    if limit is not None:
        text = text[:limit]
    if not request.flag("follow") or previous:
        return Answer(200, text, _TEXT)
    return Stream(_follow(cluster, run, (namespace, name), text, now, stamps=stamps), _TEXT)


def _container(pod: Obj, wanted: str) -> Obj:
    containers = [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or ())]
    if wanted:
        for entry in containers:
            if entry["name"] == wanted:
                return entry  # type: ignore[no-any-return]
        raise bad_request(f"container {wanted} is not valid for pod {name_of(pod)}")
    if len(pod["spec"]["containers"]) > 1:
        names = " ".join(entry["name"] for entry in containers)
        raise bad_request(f"a container name must be specified for pod {name_of(pod)}, choose one of: [{names}]")
    return pod["spec"]["containers"][0]  # type: ignore[no-any-return]


def _since(cluster: Cluster, request: Request) -> datetime:
    seconds = request.number("sinceSeconds")
    if seconds is not None:
        if seconds < 1:
            raise bad_request("sinceSeconds must be greater than 0")
        return cluster.now - timedelta(seconds=seconds)
    if request.param("sinceTime"):
        try:
            return moment_of(request.param("sinceTime"))
        except ValueError as exc:
            raise bad_request("sinceTime is no RFC 3339 time") from exc
    return _BEGINNING


def _written(line: Line, *, stamps: bool) -> bytes:
    prefix = f"{nano_stamp(line.at)} " if stamps else ""
    return f"{prefix}{line.text}\n".encode()


async def _follow(
    cluster: Cluster, run: Run, place: tuple[str, str], text: bytes, seen: datetime, *, stamps: bool
) -> AsyncIterator[bytes]:
    yield text
    while run.ended is None:
        await asyncio.sleep(_POLL_S)
        pod = cluster.get("pods", *place)
        now = cluster.now
        if pod is None or pod["metadata"]["uid"] != run.pod:
            return
        current = _same_run(pod, run)
        fresh = b"".join(_written(line, stamps=stamps) for line in lines(current, seen, now))
        seen = now
        if fresh:
            yield fresh
        run = current


def _same_run(pod: Obj, run: Run) -> Run:
    """The run as it is now: it may have ended."""
    for previous in (False, True):
        try:
            found = find_run(pod, run.container, previous=previous)
        except NoLogError:
            continue
        if found.started == run.started.replace(microsecond=0) or found.started == run.started:
            return found
    return Run(run.pod, run.container, run.started, run.started)
