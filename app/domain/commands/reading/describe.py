"""kubectl describe: an object as a person reads it, with the events about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access, gather
from app.domain.commands.describing import configuration, nodes, pods, services, workloads
from app.domain.commands.describing.lines import Item, Lines
from app.domain.commands.model.reads import Describe
from app.domain.commands.reading.events import events_about, seen
from app.domain.commands.reading.rendering import aside, bounded
from app.domain.commands.redaction import redact_object, redact_text
from app.domain.commands.results import OutputResult, Result
from app.errors import InvalidInputError

MOST_OBJECTS = 20  # of one command; more than that is what get is for
_SEPARATOR = "\n\n"

_Describer = Callable[[Access, Item, Lines], Awaitable[None]]
_DESCRIBERS: dict[str, _Describer] = {
    "Pod": pods.pod,
    "Deployment": workloads.deployment,
    "ReplicaSet": workloads.replica_set,
    "StatefulSet": workloads.stateful_set,
    "DaemonSet": workloads.daemon_set,
    "Job": workloads.job,
    "CronJob": workloads.cron_job,
    "Service": services.service,
    "Node": nodes.node,
    "ConfigMap": configuration.config_map,
    "Secret": configuration.secret,
    "ServiceAccount": configuration.service_account,
    "Namespace": configuration.namespace,
    "PersistentVolumeClaim": configuration.claim,
    "PersistentVolume": configuration.volume,
    "HorizontalPodAutoscaler": configuration.autoscaler,
}
_WITHOUT_EVENTS = frozenset({"Secret", "Namespace"})  # kubectl shows none of theirs


async def describe(access: Access, command: Describe) -> list[Result]:
    """The text of each object, one after another."""
    found: list[tuple[ResourceType, dict[str, Any]]] = []
    for target in command.targets:
        for resource in await access.find(target.resource):
            if target.name:
                found.append((resource, await access.get(resource, command.namespace, target.name)))
                continue
            query = [("labelSelector", command.selector)] if command.selector else []
            items = await access.objects(resource, command.namespace, [*query, ("limit", str(MOST_OBJECTS + 1))])
            found += [(resource, item) for item in items]
    if not found:
        where = f" in {command.namespace} namespace." if command.namespace else ""
        return [await access.nothing_found(command, f"No resources found{where}")]
    if len(found) > MOST_OBJECTS:
        raise InvalidInputError(
            f"More than {MOST_OBJECTS} objects would be described; name some, or use get.", code="too_many_objects"
        )
    texts = await gather(_text(access, resource, item) for resource, item in found)
    text, cut = bounded(_SEPARATOR.join(texts))
    return [OutputResult(command.line(), access.cluster, text, truncated=cut)]


async def _text(access: Access, resource: ResourceType, item: dict[str, Any]) -> str:
    item = {"apiVersion": resource.api_version, "kind": resource.kind, **item}
    item = await aside(item, partial(redact_object, item))
    out = Lines()
    await _DESCRIBERS.get(resource.kind, configuration.other)(access, item, out)
    if resource.kind not in _WITHOUT_EVENTS:
        await _events(access, item, out)
    return await aside(item, out.text)


async def _events(access: Access, item: dict[str, Any], out: Lines) -> None:
    found = await events_about(access, item)
    if not found:
        out.write(0, "Events:\t<none>")
        return
    out.flush()
    out.write(0, "Events:")
    out.write(1, "Type\tReason\tAge\tFrom\tMessage")
    out.write(1, "----\t------\t----\t----\t-------")
    for event in found:
        source = (event.get("source") or {}).get("component") or event.get("reportingComponent") or ""
        message = redact_text(str(event.get("message") or "").strip())
        cells = (event.get("type") or "", event.get("reason") or "", seen(event), source, message)
        out.write(1, "\t".join(str(cell) for cell in cells))
