"""Which pods a workload, a service or a selector stands for."""

from __future__ import annotations

from typing import Any

from app.domain.clusters.discovery import ResourceType
from app.domain.commands.access import POD, Access, selector_of
from app.domain.commands.reading.ages import moment
from app.errors import InvalidInputError

_PHASES = {"Running": 0, "Unknown": 1, "Pending": 2}


def selector_for(resource: ResourceType, item: dict[str, Any]) -> str:
    """The label selector of the pods that belong to an object.

    Raises:
        InvalidInputError: objects of this type have no pods.
    """
    spec = item.get("spec") or {}
    selector = selector_of(spec.get("selector")) if isinstance(spec.get("selector"), dict) else ""
    if not selector:
        raise InvalidInputError(
            f"{resource.kind} {item['metadata']['name']} selects no pods; name a pod or a workload.",
            code="no_pods",
        )
    return selector


async def pods_of(access: Access, resource: ResourceType, namespace: str, item: dict[str, Any]) -> list[dict[str, Any]]:
    """The pods that an object's selector finds, those first that a log is most worth reading of."""
    query = [("labelSelector", selector_for(resource, item))]
    return sorted(await access.objects(POD, namespace, query), key=_logging_order)


def _logging_order(pod: dict[str, Any]) -> tuple[bool, int, bool, float, int, float]:
    """The order of kubectl: assigned, running, ready, ready for longest, most restarts, oldest."""
    status = pod.get("status") or {}
    ready: dict[str, Any] = next((c for c in status.get("conditions") or () if c.get("type") == "Ready"), {})
    is_ready = ready.get("status") == "True"
    since = moment(ready.get("lastTransitionTime"))
    created = moment(pod["metadata"].get("creationTimestamp"))
    restarts = max((int(c.get("restartCount") or 0) for c in status.get("containerStatuses") or ()), default=0)
    return (
        not (pod.get("spec") or {}).get("nodeName"),
        _PHASES.get(str(status.get("phase")), 3),
        not is_ready,
        since.timestamp() if is_ready and since else float("inf"),
        -restarts,
        created.timestamp() if created else float("inf"),
    )
