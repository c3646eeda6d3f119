"""kubectl describe: an object as a person reads it, with the events about it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import Access, gather
from app.domain.commands.model.reads import Describe
from app.domain.commands.reading import described_objects, described_pods
from app.domain.commands.reading.events import events_about, seen
from app.domain.commands.reading.layout import Layout
from app.domain.commands.reading.rendering import bounded
from app.domain.commands.redaction import redact_object, redact_text
from app.domain.commands.results import OutputResult, Result
from app.errors import InvalidInputError

MOST_OBJECTS = 20  # of one command; more than that is what get is for
_SEPARATOR = "\n\n"

_Describer = Callable[[Access, dict[str, Any], Layout], Awaitable[None]]
_DESCRIBERS: dict[str, _Describer] = {
    "Pod": described_pods.pod,
    "Deployment": described_objects.workload,
    "StatefulSet": described_objects.workload,
    "DaemonSet": described_objects.workload,
    "ReplicaSet": described_objects.workload,
    "Job": described_objects.workload,
    "CronJob": described_objects.cron_job,
    "Service": described_objects.service,
    "Node": described_objects.node,
    "ConfigMap": described_objects.config_map,
    "Secret": described_objects.secret,
}


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
        if command.namespace:
            await access.require_namespace(command.namespace)
        return [OutputResult(command.line(), access.cluster, f"No resources found{where}")]
    if len(found) > MOST_OBJECTS:
        raise InvalidInputError(
            f"More than {MOST_OBJECTS} objects would be described; name some, or use get.", code="too_many_objects"
        )
    texts = await gather(_text(access, resource, item) for resource, item in found)
    text, cut = bounded(_SEPARATOR.join(texts))
    return [OutputResult(command.line(), access.cluster, text, truncated=cut)]


async def _text(access: Access, resource: ResourceType, item: dict[str, Any]) -> str:
    item = redact_object({"kind": resource.kind, **item})
    layout = Layout()
    metadata = item["metadata"]
    layout.field("Name", metadata["name"])
    if metadata.get("namespace"):
        layout.field("Namespace", metadata["namespace"])
    await _DESCRIBERS.get(resource.kind, described_objects.other)(access, item, layout)
    await _events(access, item, layout)
    return layout.text()


async def _events(access: Access, item: dict[str, Any], layout: Layout) -> None:
    found = await events_about(access, item)
    if not found:
        layout.field("Events", "<none>")
        return
    rows = [
        [
            str(event.get("type") or ""),
            str(event.get("reason") or ""),
            seen(event),
            str((event.get("source") or {}).get("component") or event.get("reportingComponent") or ""),
            redact_text(str(event.get("message") or "").strip().replace("\n", " ")),
        ]
        for event in found
    ]
    with layout.section("Events"):
        layout.table(["Type", "Reason", "Age", "From", "Message"], rows)
