"""The row of a pod (k8s.io/kubernetes/pkg/printers/internalversion, printPod)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.demo.clock import moment_of
from app.demo.objects import Obj, condition, dig, is_terminating
from app.demo.tables.durations import age, human_duration

NONE = "<none>"


def pod_row(pod: Obj, now: datetime) -> list[Any]:
    """The cells of a pod."""
    status = pod.get("status") or {}
    statuses = status.get("containerStatuses") or []
    total = len(pod["spec"].get("containers") or ())
    ready = sum(bool(entry.get("ready")) for entry in statuses)
    reason, restarts, last = _reason(pod, status)
    shown: str = str(restarts)
    if restarts and last is not None:
        shown = f"{restarts} ({human_duration((now - last).total_seconds())} ago)"
    gates = pod["spec"].get("readinessGates") or ()
    met = sum((condition(pod, gate["conditionType"]) or {}).get("status") == "True" for gate in gates)
    return [
        pod["metadata"]["name"],
        f"{ready}/{total}",
        reason,
        shown,
        age(pod["metadata"].get("creationTimestamp"), now),
        status.get("podIP") or NONE,
        pod["spec"].get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        f"{met}/{len(gates)}" if gates else NONE,
    ]


def pod_conditions(pod: Obj) -> list[Obj] | None:
    """The row conditions of a pod that has ended."""
    match dig(pod, "status", "phase"):
        case "Succeeded":
            message = "The pod has completed successfully."
            return [{"type": "Completed", "status": "True", "reason": "Succeeded", "message": message}]
        case "Failed":
            return [{"type": "Completed", "status": "True", "reason": "Failed", "message": "The pod failed."}]
    return None


def _reason(pod: Obj, status: Obj) -> tuple[str, int, datetime | None]:
    reason = status.get("reason") or status.get("phase") or "Unknown"
    restarts, last = 0, None
    initializing = False
    inits = status.get("initContainerStatuses") or []
    for index, entry in enumerate(inits):
        restarts += entry.get("restartCount", 0)
        last = _later(last, entry)
        state = entry.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting")
        if ended and ended.get("exitCode") == 0:
            continue
        initializing = True
        if ended:
            reason = f"Init:{ended['reason']}" if ended.get("reason") else f"Init:ExitCode:{ended.get('exitCode')}"
        elif waiting and waiting.get("reason") not in {None, "", "PodInitializing", "ContainerCreating"}:
            reason = f"Init:{waiting['reason']}"
        else:
            reason = f"Init:{index}/{len(pod['spec'].get('initContainers') or ())}"
        break
    if not initializing:
        restarts, last = 0, None
        running = False
        for entry in reversed(status.get("containerStatuses") or []):
            restarts += entry.get("restartCount", 0)
            last = _later(last, entry)
            state = entry.get("state") or {}
            ended, waiting = state.get("terminated"), state.get("waiting")
            if waiting and waiting.get("reason"):
                reason = waiting["reason"]
            elif ended:
                reason = ended.get("reason") or f"ExitCode:{ended.get('exitCode')}"
            elif entry.get("ready") and "running" in state:
                running = True
        if reason == "Completed" and running:
            ready = condition(pod, "Ready")
            reason = "Running" if ready and ready["status"] == "True" else "NotReady"
    if is_terminating(pod):
        reason = "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return reason, restarts, last


def _later(last: datetime | None, entry: Obj) -> datetime | None:
    finished = dig(entry, "lastState", "terminated", "finishedAt")
    if finished is None:
        return last
    moment = moment_of(finished)
    return moment if last is None else max(last, moment)
