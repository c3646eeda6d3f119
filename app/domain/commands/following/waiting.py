"""kubectl rollout status and wait: until something is so, or the time is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access
from app.domain.commands.following.watching import ExpiredError, watch
from app.domain.commands.jsonpath import values
from app.domain.commands.jsonpath.evaluation import find
from app.domain.commands.jsonpath.nodes import JsonPathError
from app.domain.commands.jsonpath.reading import read, relaxed
from app.domain.commands.model.reads import RolloutStatus, Wait
from app.domain.commands.reading.listing import JSON
from app.domain.commands.reading.rollouts import is_rolled_out, require_viewer, status_line
from app.domain.commands.redaction import redact_object
from app.domain.commands.results import Chunk

_Met = Callable[[dict[str, Any] | None], bool]  # None for an object that is not there
_FAILED = "error: "


async def follow_rollout(access: Access, command: RolloutStatus) -> AsyncGenerator[Chunk]:
    """How far each rollout is, until it is done, has failed, or the time is over."""
    try:
        async with asyncio.timeout(command.timeout_s or None):
            for target in command.targets:
                resource = await access.type_of(target.resource)
                require_viewer(resource, "status")
                async for item in _states(access, resource, command.namespace, target.name):
                    if item is None:
                        yield Chunk(notes="error: object has been deleted\n", status=1)
                        return
                    line = status_line(resource, item)
                    if line.startswith(_FAILED):
                        yield Chunk(notes=f"{line}\n", status=1)
                        return
                    yield Chunk(f"{line}\n")
                    if is_rolled_out(line):
                        break
    except TimeoutError:
        yield Chunk(notes="error: timed out waiting for the condition\n", status=1)


async def follow_wait(access: Access, command: Wait) -> AsyncGenerator[Chunk]:
    """Each object as it meets the condition; the time is that of all of them together."""
    met = condition_of(command.until)
    objects: list[tuple[ResourceType, str]] = []
    for target in command.targets:
        for resource in await access.find(target.resource):
            query = [("labelSelector", command.selector)] if command.selector else []
            names = [target.name] if target.name else await access.names(resource, command.namespace, query)
            objects += [(resource, name) for name in names]
    if not objects:
        yield Chunk(notes="error: no matching resources found\n", status=1)
        return
    end = asyncio.get_running_loop().time() + command.timeout_s
    for resource, name in objects:
        try:
            async with asyncio.timeout_at(end if command.timeout_s else None):
                done = await _waited(access, command, resource, name, met)
        except TimeoutError:
            done = False
        if done is None:
            continue
        if done:
            yield Chunk(f"{resource.object_name(name)} condition met\n")
        else:
            text = f"error: timed out waiting for the condition on {resource.plural}/{name}\n"
            yield Chunk(notes=text, status=1)


async def _waited(access: Access, command: Wait, resource: ResourceType, name: str, met: _Met) -> bool | None:
    """True when it was met, False when it was not and is not waited for, None when there is nothing to wait for."""
    first = True
    async for item in _states(access, resource, command.namespace, name, missing=command.until in {"delete", "create"}):
        if item is None and first and command.until == "delete":
            return None  # what is not there was deleted before
        if met(item):
            return True
        if not command.timeout_s:
            return False
        first = False
    return False


async def _states(
    access: Access, resource: ResourceType, namespace: str, name: str, *, missing: bool = False
) -> AsyncGenerator[dict[str, Any] | None]:
    """An object as it is, and after each change; None when it is gone."""
    path = resource.path(namespace)
    query = [("fieldSelector", f"metadata.name={name}")]
    while True:
        listed = await access.json(path, query, JSON)
        items = listed.get("items") or [None]
        if items[0] is None and not missing:
            await access.get(resource, namespace, name)  # says so, with the nearest name
        yield items[0]
        try:
            version = str((listed.get("metadata") or {}).get("resourceVersion") or "")
            async for event in watch(access, path, query, JSON, version):
                yield None if event.type == "DELETED" else event.object
        except ExpiredError:
            continue


def condition_of(until: str) -> _Met:
    """What `--for` asks of an object."""
    kind, _, rest = until.partition("=")
    if kind == "delete":
        return lambda item: item is None
    if kind == "create":
        return lambda item: item is not None
    if kind == "condition":
        name, _, value = rest.partition("=")
        return lambda item: item is not None and _has_condition(item, name, value or "true")
    head, brace, tail = rest.rpartition("}")
    path, wanted = (f"{head}{brace}", tail) if brace else (rest.partition("=")[0], "=" + rest.partition("=")[2])
    template = read(relaxed(path))
    equals = wanted.startswith("=") and len(wanted) > 1

    def matches(item: dict[str, Any] | None) -> bool:
        if item is None:
            return False
        try:
            found = [value for part in find(template, redact_object(item)) for value in part]
        except JsonPathError:
            return False
        return bool(found) and (not equals or all(values.printed(value) == wanted[1:] for value in found))

    return matches


def _has_condition(item: dict[str, Any], name: str, wanted: str) -> bool:
    for condition in (item.get("status") or {}).get("conditions") or ():
        if str(condition.get("type", "")).lower() != name.lower():
            continue
        seen, generation = condition.get("observedGeneration"), item["metadata"].get("generation")
        if seen is not None and generation is not None and int(seen) < int(generation):
            return False
        return str(condition.get("status", "")).lower() == wanted.lower()
    return False
