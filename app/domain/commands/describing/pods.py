"""Pods as kubectl describe prints them."""

from __future__ import annotations

from app.domain.commands.access import Access
from app.domain.commands.describing.containers import containers, spread_constraints, volumes
from app.domain.commands.describing.lines import NONE, Item, Lines, time_of
from app.domain.commands.reading.ages import age


async def pod(_access: Access, item: Item, out: Lines) -> None:
    """Where it runs, how it is, its containers, conditions and volumes."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    out.head(item, labels=False)
    if spec.get("priority") is not None:
        out.write(0, f"Priority:\t{spec['priority']}")
    for title, key in (
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ):
        if spec.get(key):
            out.write(0, f"{title}:\t{spec[key]}")
    node = spec.get("nodeName")
    out.write(0, f"Node:\t{node}/{status.get('hostIP') or ''}" if node else f"Node:\t{NONE}")
    if status.get("startTime"):
        out.write(0, f"Start Time:\t{time_of(status['startTime'])}")
    out.mapping("Labels", metadata.get("labels"))
    out.annotations(metadata.get("annotations"))
    phase = status.get("phase") or ""
    if metadata.get("deletionTimestamp") and phase not in {"Failed", "Succeeded"}:
        out.write(0, f"Status:\tTerminating (lasts {age(metadata['deletionTimestamp'])})")
        out.write(0, f"Termination Grace Period:\t{metadata.get('deletionGracePeriodSeconds')}s")
    else:
        out.write(0, f"Status:\t{phase}")
    for title, key in (("Reason", "reason"), ("Message", "message")):
        if status.get(key):
            out.write(0, f"{title}:\t{status[key]}")
    profile = (spec.get("securityContext") or {}).get("seccompProfile")
    if profile:
        out.write(0, f"SeccompProfile:\t{profile.get('type')}")
    out.write(0, f"IP:\t{status.get('podIP') or ''}")
    addresses = status.get("podIPs") or ()
    out.write(0, "IPs:" if addresses else f"IPs:\t{NONE}")
    for address in addresses:
        out.write(1, f"IP:\t{address.get('ip')}")
    out.controlled(item)
    if spec.get("initContainers"):
        containers("Init Containers", spec["initContainers"], status.get("initContainerStatuses") or (), item, out)
    containers("Containers", spec.get("containers") or (), status.get("containerStatuses") or (), item, out)
    if status.get("conditions"):
        out.write(0, "Conditions:")
        out.write(1, "Type\tStatus")
        for condition in status["conditions"]:
            out.write(1, f"{condition.get('type')} \t{condition.get('status')} ")
    volumes(spec.get("volumes") or (), out)
    out.write(0, f"QoS Class:\t{status.get('qosClass') or ''}")
    out.mapping("Node-Selectors", spec.get("nodeSelector"))
    out.tolerations(spec.get("tolerations"), "Tolerations")
    spread_constraints(spec.get("topologySpreadConstraints") or (), out)
