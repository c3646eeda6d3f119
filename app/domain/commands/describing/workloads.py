"""Workloads as kubectl describe prints them: deployments, replica sets, stateful and daemon sets, jobs, cron jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.domain.commands.access import POD, REPLICA_SET, Access, selector_of
from app.domain.commands.describing.containers import template
from app.domain.commands.describing.lines import NONE, UNSET, Item, Lines, boolean, pairs_text, selector_text, time_of
from app.domain.commands.reading.ages import human, moment
from app.domain.commands.reading.rollouts import REVISION


async def deployment(access: Access, item: Item, out: Lines) -> None:
    """Replicas, strategy, template, conditions, replica sets."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    out.head(item, labels=False)
    out.write(0, f"CreationTimestamp:\t{time_of(metadata.get('creationTimestamp'))}")
    out.mapping("Labels", metadata.get("labels"))
    out.annotations(metadata.get("annotations"))
    out.write(0, f"Selector:\t{selector_text(spec.get('selector'))}")
    counts = [
        status.get(key) or 0 for key in ("updatedReplicas", "replicas", "availableReplicas", "unavailableReplicas")
    ]
    wanted = spec.get("replicas", 1)
    out.write(
        0,
        f"Replicas:\t{wanted} desired | {counts[0]} updated | {counts[1]} total | {counts[2]} available |"
        f" {counts[3]} unavailable",
    )
    strategy = spec.get("strategy") or {}
    out.write(0, f"StrategyType:\t{strategy.get('type') or ''}")
    out.write(0, f"MinReadySeconds:\t{spec.get('minReadySeconds') or 0}")
    rolling = strategy.get("rollingUpdate")
    if rolling:
        unavailable, surge = rolling.get("maxUnavailable"), rolling.get("maxSurge")
        out.write(0, f"RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge")
    template(spec.get("template") or {}, out)
    out.conditions(status.get("conditions"))
    query = [("labelSelector", selector_of(spec.get("selector")))]
    found = await access.seen(access.objects(REPLICA_SET, str(metadata["namespace"]), query))
    owned = [one for one in found if _owner(one) == metadata.get("uid")]
    present = (metadata.get("annotations") or {}).get(REVISION)
    new = [one for one in owned if (one["metadata"].get("annotations") or {}).get(REVISION) == present]
    old = [one for one in owned if one not in new and (one.get("spec") or {}).get("replicas", 1)]
    out.write(0, f"OldReplicaSets:\t{_sets(old)}")
    out.write(0, f"NewReplicaSet:\t{_sets(new[:1])}")


def _owner(item: Item) -> str:
    owners = item["metadata"].get("ownerReferences") or ()
    return next((str(owner.get("uid")) for owner in owners if owner.get("controller")), "")


def _sets(found: Sequence[Item]) -> str:
    texts = [
        f"{one['metadata']['name']} ({(one.get('status') or {}).get('replicas') or 0}"
        f"/{(one.get('spec') or {}).get('replicas', 1)} replicas created)"
        for one in found
    ]
    return ", ".join(texts) or NONE


async def replica_set(access: Access, item: Item, out: Lines) -> None:
    """Replicas, pods, template."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    out.head(item, labels=False)
    out.write(0, f"Selector:\t{selector_text(spec.get('selector'))}")
    out.mapping("Labels", metadata.get("labels"))
    out.annotations(metadata.get("annotations"))
    out.controlled(item)
    out.write(0, f"Replicas:\t{status.get('replicas') or 0} current / {spec.get('replicas', 1)} desired")
    await _pods(access, item, out)
    template(spec.get("template") or {}, out)
    out.conditions(status.get("conditions"))


async def stateful_set(access: Access, item: Item, out: Lines) -> None:
    """Replicas, update strategy, pods, template, claims."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    out.head(item, labels=False)
    out.write(0, f"CreationTimestamp:\t{time_of(metadata.get('creationTimestamp'))}")
    out.write(0, f"Selector:\t{selector_text(spec.get('selector'))}")
    out.mapping("Labels", metadata.get("labels"))
    out.annotations(metadata.get("annotations"))
    out.write(0, f"Replicas:\t{spec.get('replicas', 1)} desired | {status.get('replicas') or 0} total")
    strategy = spec.get("updateStrategy") or {}
    out.write(0, f"Update Strategy:\t{strategy.get('type') or ''}")
    rolling = strategy.get("rollingUpdate") or {}
    if rolling.get("partition") is not None:
        out.write(1, f"Partition:\t{rolling['partition']}")
    if rolling.get("maxUnavailable") is not None:
        out.write(1, f"MaxUnavailable:\t{rolling['maxUnavailable']}")
    await _pods(access, item, out)
    template(spec.get("template") or {}, out)
    claims = spec.get("volumeClaimTemplates") or ()
    out.write(0, "Volume Claims:" if claims else f"Volume Claims:\t{NONE}")
    for claim in claims:
        _claim(claim, out)


def _claim(claim: Item, out: Lines) -> None:
    wanted = claim.get("spec") or {}
    out.write(1, f"Name:\t{claim['metadata']['name']}")
    out.write(1, f"StorageClass:\t{wanted.get('storageClassName') or ''}")
    out.mapping("Labels", claim["metadata"].get("labels"), "  ")
    out.mapping("Annotations", claim["metadata"].get("annotations"), "  ")
    storage = ((wanted.get("resources") or {}).get("requests") or {}).get("storage")
    out.write(1, f"Capacity:\t{storage or '<default>'}")
    out.write(1, f"Access Modes:\t[{' '.join(wanted.get('accessModes') or ())}]")


async def daemon_set(access: Access, item: Item, out: Lines) -> None:
    """Nodes, pods, template."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    out.write(0, f"Name:\t{metadata['name']}")  # kubectl names no namespace here
    out.write(0, f"Selector:\t{selector_text(spec.get('selector'))}")
    node_selector = ((spec.get("template") or {}).get("spec") or {}).get("nodeSelector")
    out.write(0, f"Node-Selector:\t{pairs_text(node_selector)}")
    out.mapping("Labels", metadata.get("labels"))
    out.annotations(metadata.get("annotations"))
    for title, key in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        out.write(0, f"{title}: {status.get(key) or 0}")
    await _pods(access, item, out)
    template(spec.get("template") or {}, out)


async def _pods(access: Access, item: Item, out: Lines) -> None:
    metadata = item["metadata"]
    query = [("labelSelector", selector_of((item.get("spec") or {}).get("selector")))]
    found = await access.seen(access.objects(POD, str(metadata["namespace"]), query))
    counts = dict.fromkeys(("Running", "Pending", "Succeeded", "Failed"), 0)
    for one in found:
        phase = (one.get("status") or {}).get("phase")
        if _owner(one) == metadata.get("uid") and phase in counts:
            counts[phase] += 1
    running, waiting, succeeded, failed = counts.values()
    out.write(0, f"Pods Status:\t{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed")


async def job(_access: Access, item: Item, out: Lines) -> None:
    """How often it runs, when it ran, template."""
    metadata, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    out.head(item, labels=False)
    if spec.get("selector"):
        out.write(0, f"Selector:\t{selector_text(spec['selector'])}")
    out.mapping("Labels", metadata.get("labels"))
    out.annotations(metadata.get("annotations"))
    out.controlled(item)
    _if_given(spec, out, ("Parallelism", "parallelism"))
    out.write(0, f"Completions:\t{spec['completions'] if spec.get('completions') is not None else UNSET}")
    _if_given(spec, out, ("Completion Mode", "completionMode"))
    if spec.get("suspend") is not None:
        out.write(0, f"Suspend:\t{str(spec['suspend']).lower()}")
    _if_given(spec, out, ("Backoff Limit", "backoffLimit"), ("TTL Seconds After Finished", "ttlSecondsAfterFinished"))
    begun, ended = status.get("startTime"), status.get("completionTime")
    if begun:
        out.write(0, f"Start Time:\t{time_of(begun)}")
    if ended:
        out.write(0, f"Completed At:\t{time_of(ended)}")
    first, last = moment(begun), moment(ended)
    if first is not None and last is not None:
        out.write(0, f"Duration:\t{human(last - first)}")
    if spec.get("activeDeadlineSeconds") is not None:
        out.write(0, f"Active Deadline Seconds:\t{spec['activeDeadlineSeconds']}s")
    counts = [status.get(key) or 0 for key in ("active", "ready", "succeeded", "failed")]
    ready = "" if status.get("ready") is None else f" ({counts[1]} Ready)"
    out.write(0, f"Pods Statuses:\t{counts[0]} Active{ready} / {counts[2]} Succeeded / {counts[3]} Failed")
    template(spec.get("template") or {}, out)


def _if_given(spec: Item, out: Lines, *fields: tuple[str, str]) -> None:
    for title, key in fields:
        if spec.get(key) is not None:
            out.write(0, f"{title}:\t{spec[key]}")


async def cron_job(_access: Access, item: Item, out: Lines) -> None:
    """Schedule, what it runs, when it ran last."""
    spec, status = item.get("spec") or {}, item.get("status") or {}
    out.head(item)
    out.write(0, f"Schedule:\t{spec.get('schedule')}")
    if spec.get("timeZone"):
        out.write(0, f"Time Zone:\t{spec['timeZone']}")
    out.write(0, f"Concurrency Policy:\t{spec.get('concurrencyPolicy')}")
    out.write(0, f"Suspend:\t{boolean(spec.get('suspend'))}")
    for title, key in (
        ("Successful Job History Limit", "successfulJobsHistoryLimit"),
        ("Failed Job History Limit", "failedJobsHistoryLimit"),
    ):
        out.write(0, f"{title}:\t{spec[key] if spec.get(key) is not None else UNSET}")
    deadline = spec.get("startingDeadlineSeconds")
    out.write(0, f"Starting Deadline Seconds:\t{UNSET if deadline is None else f'{deadline}s'}")
    made: dict[str, Any] = (spec.get("jobTemplate") or {}).get("spec") or {}
    out.write(0, f"Selector:\t{selector_text(made['selector']) if made.get('selector') else UNSET}")
    for title, key in (("Parallelism", "parallelism"), ("Completions", "completions")):
        out.write(0, f"{title}:\t{made[key] if made.get(key) is not None else UNSET}")
    if made.get("activeDeadlineSeconds") is not None:
        out.write(0, f"Active Deadline Seconds:\t{made['activeDeadlineSeconds']}s")
    template(made.get("template") or {}, out)
    last = status.get("lastScheduleTime")
    out.write(0, f"Last Schedule Time:\t{time_of(last) if last else UNSET}")
    names = ", ".join(str(one.get("name")) for one in status.get("active") or ())
    out.write(0, f"Active Jobs:\t{names or NONE}")
