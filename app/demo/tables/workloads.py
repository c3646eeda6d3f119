"""The rows of workloads and of what they are made from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.demo.clock import moment_of
from app.demo.objects import Obj, condition, controller_of, dig, is_terminating, name_of
from app.demo.selectors import selector_text
from app.demo.tables.durations import age, human_duration
from app.demo.tables.pods import NONE


def _age(obj: Obj, now: datetime) -> str:
    return age(obj["metadata"].get("creationTimestamp"), now)


def _containers(obj: Obj, *path: str) -> list[str]:
    found = dig(obj, *path, "spec", "containers", default=[])
    return [",".join(entry["name"] for entry in found), ",".join(entry.get("image", "") for entry in found)]


def deployment_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a Deployment."""
    status = obj.get("status") or {}
    return [
        name_of(obj),
        f"{status.get('readyReplicas', 0)}/{obj['spec'].get('replicas', 1)}",
        status.get("updatedReplicas", 0),
        status.get("availableReplicas", 0),
        _age(obj, now),
        *_containers(obj, "spec", "template"),
        selector_text(obj["spec"].get("selector")),
    ]


def replica_set_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a ReplicaSet."""
    status = obj.get("status") or {}
    return [
        name_of(obj),
        obj["spec"].get("replicas", 1),
        status.get("replicas", 0),
        status.get("readyReplicas", 0),
        _age(obj, now),
        *_containers(obj, "spec", "template"),
        selector_text(obj["spec"].get("selector")),
    ]


def stateful_set_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a StatefulSet."""
    ready = dig(obj, "status", "readyReplicas", default=0)
    return [
        name_of(obj),
        f"{ready}/{obj['spec'].get('replicas', 1)}",
        _age(obj, now),
        *_containers(obj, "spec", "template"),
    ]


def daemon_set_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a DaemonSet."""
    status = obj.get("status") or {}
    wanted = dig(obj, "spec", "template", "spec", "nodeSelector", default={})
    return [
        name_of(obj),
        status.get("desiredNumberScheduled", 0),
        status.get("currentNumberScheduled", 0),
        status.get("numberReady", 0),
        status.get("updatedNumberScheduled", 0),
        status.get("numberAvailable", 0),
        ",".join(f"{key}={value}" for key, value in sorted(wanted.items())) or NONE,
        _age(obj, now),
        *_containers(obj, "spec", "template"),
        selector_text(obj["spec"].get("selector")),
    ]


def job_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a Job."""
    spec, status = obj["spec"], obj.get("status") or {}
    done = status.get("succeeded", 0)
    if spec.get("completions") is not None:
        completions = f"{done}/{spec['completions']}"
    else:
        parallel = spec.get("parallelism", 1)
        completions = f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"
    duration = ""
    if status.get("startTime"):
        end = moment_of(status["completionTime"]) if status.get("completionTime") else now
        duration = human_duration((end - moment_of(status["startTime"])).total_seconds())
    return [
        name_of(obj),
        _job_status(obj),
        completions,
        duration,
        _age(obj, now),
        *_containers(obj, "spec", "template"),
        selector_text(spec.get("selector")),
    ]


def _job_status(obj: Obj) -> str:
    for kind in ("Complete", "Failed"):
        entry = condition(obj, kind)
        if entry is not None and entry["status"] == "True":
            return kind
    if is_terminating(obj):
        return "Terminating"
    if obj["spec"].get("suspend"):
        return "Suspended"
    return "Running"


def cron_job_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a CronJob."""
    spec, status = obj["spec"], obj.get("status") or {}
    last = status.get("lastScheduleTime")
    return [
        name_of(obj),
        spec.get("schedule", ""),
        spec.get("timeZone") or NONE,
        "True" if spec.get("suspend") else "False",
        len(status.get("active") or ()),
        age(last, now) if last else NONE,
        _age(obj, now),
        *_containers(obj, "spec", "jobTemplate", "spec", "template"),
        NONE,
    ]


def revision_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a ControllerRevision."""
    owner = controller_of(obj)
    shown = NONE
    if owner is not None:
        group = owner["apiVersion"].partition("/")[0]
        shown = f"{owner['kind'].lower()}.{group}/{owner['name']}"
    return [name_of(obj), shown, obj.get("revision", 0), _age(obj, now)]


def autoscaler_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a HorizontalPodAutoscaler."""
    spec, status = obj["spec"], obj.get("status") or {}
    reference = spec.get("scaleTargetRef") or {}
    return [
        name_of(obj),
        f"{reference.get('kind')}/{reference.get('name')}",
        _targets(spec, status),
        str(spec.get("minReplicas", NONE)),
        spec.get("maxReplicas", 0),
        status.get("currentReplicas", 0),
        _age(obj, now),
    ]


def _targets(spec: Obj, status: Obj) -> str:
    if "targetCPUUtilizationPercentage" in spec:
        current = status.get("currentCPUUtilizationPercentage")
        return f"cpu: {'<unknown>' if current is None else f'{current}%'}/{spec['targetCPUUtilizationPercentage']}%"
    shown = []
    for index, metric in enumerate(spec.get("metrics") or ()):
        resource = metric.get("resource") or {}
        current = dig(status, "currentMetrics", index, "resource", "current", default={})
        target = resource.get("target") or {}
        if target.get("averageUtilization") is not None:
            now = current.get("averageUtilization")
            shown.append(
                f"{resource.get('name')}: {'<unknown>' if now is None else f'{now}%'}/{target['averageUtilization']}%"
            )
        else:
            now = current.get("averageValue", "<unknown>")
            shown.append(f"{resource.get('name')}: {now}/{target.get('averageValue', '<auto>')}")
    return ", ".join(shown) or NONE


def budget_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a PodDisruptionBudget."""
    spec = obj["spec"]
    return [
        name_of(obj),
        str(spec["minAvailable"]) if spec.get("minAvailable") is not None else "N/A",
        str(spec["maxUnavailable"]) if spec.get("maxUnavailable") is not None else "N/A",
        dig(obj, "status", "disruptionsAllowed", default=0),
        _age(obj, now),
    ]


def scale_row(obj: Obj, now: datetime) -> list[Any]:
    """The cells of a Scale."""
    return [
        name_of(obj),
        dig(obj, "spec", "replicas", default=0),
        dig(obj, "status", "replicas", default=0),
        _age(obj, now),
    ]
