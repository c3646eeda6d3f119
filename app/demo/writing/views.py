"""The other versions of stored objects: events.k8s.io events and autoscaling/v1 autoscalers."""

from __future__ import annotations

import copy

from app.demo.kinds import Kind
from app.demo.objects import Obj, dig

_EVENT_NAMES = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}


def as_served(kind: Kind, obj: Obj) -> Obj:
    """A stored object as a version of its group shows it; the stored one itself where there is only one version."""
    if not kind.stored:
        return obj
    if kind.kind == "Event":
        return _renamed(obj, _EVENT_NAMES, kind.api_version)
    return _autoscaler_v1(obj)


def as_stored(kind: Kind, obj: Obj) -> Obj:
    """An object that came in another version, as it is stored."""
    if not kind.stored:
        return obj
    if kind.kind == "Event":
        return _renamed(obj, {view: name for name, view in _EVENT_NAMES.items()}, "v1")
    return _autoscaler_v2(obj)


def _renamed(obj: Obj, names: dict[str, str], api_version: str) -> Obj:
    made = {names.get(field, field): value for field, value in obj.items()}
    made["apiVersion"] = api_version
    return made


def _autoscaler_v1(obj: Obj) -> Obj:
    made = copy.deepcopy(obj)
    made["apiVersion"] = "autoscaling/v1"
    spec, status = made.get("spec") or {}, made.get("status") or {}
    for metric in spec.pop("metrics", None) or ():
        if dig(metric, "resource", "name") == "cpu":
            spec["targetCPUUtilizationPercentage"] = dig(metric, "resource", "target", "averageUtilization")
    for metric in status.pop("currentMetrics", None) or ():
        status["currentCPUUtilizationPercentage"] = dig(metric, "resource", "current", "averageUtilization")
    status.pop("conditions", None)
    return made


def _autoscaler_v2(obj: Obj) -> Obj:
    made = copy.deepcopy(obj)
    made["apiVersion"] = "autoscaling/v2"
    percent = (made.get("spec") or {}).pop("targetCPUUtilizationPercentage", None)
    if percent is not None:
        target = {"type": "Utilization", "averageUtilization": percent}
        made["spec"]["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    made.pop("status", None)
    return made
