"""Runs jobs to their end, and makes them from cron jobs when they are due."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

from app.demo import kinds
from app.demo.clock import moment_of, stamp
from app.demo.cluster import PODS, Cluster, Key
from app.demo.controllers.cron import Schedule
from app.demo.controllers.quotas import refusal, told, waiting_for_quotas
from app.demo.controllers.recorder import Recorder
from app.demo.controllers.replicasets import new_pod, owner_key
from app.demo.objects import (
    Obj,
    condition,
    controller_of,
    is_ready,
    is_terminating,
    name_of,
    namespace_of,
    owner_reference,
)
from app.demo.store import Change
from app.demo.writing.defaults import apply_defaults
from app.demo.writing.deletion import delete_pod

JOBS: Final = kinds.named("jobs.batch")
CRON_JOBS: Final = kinds.named("cronjobs.batch")
_COMPONENT: Final = "job-controller"
_RETRY_S: Final = 10  # after a failed pod, doubled with every further one


def complete_job(job: Obj) -> None:
    """Give a new job, which has its uid, the labels and the selector that tie its pods to it."""
    uid = job["metadata"]["uid"]
    template = job["spec"].setdefault("template", {})
    labels = template.setdefault("metadata", {}).setdefault("labels", {})
    if not job["spec"].get("manualSelector"):
        own = {
            "batch.kubernetes.io/controller-uid": uid,
            "batch.kubernetes.io/job-name": name_of(job),
            "controller-uid": uid,
            "job-name": name_of(job),
        }
        labels.update(own)
        job["spec"]["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    job["metadata"].setdefault("labels", {}).update(labels)


class Jobs:
    """The Job controller.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "jobs"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed jobs and those whose pods changed."""
        if change.key == "jobs.batch":
            yield namespace_of(change.obj), name_of(change.obj)
        elif change.key == "pods":
            yield from owner_key(change, "Job")
        yield from waiting_for_quotas(self._cluster, change, "jobs.batch")

    def reconcile(self, namespace: str, name: str) -> None:
        """Start pods until enough have succeeded or too many failed."""
        found = self._cluster.get("jobs.batch", namespace, name)
        if found is None or is_terminating(found):
            return
        if condition(found, "Complete") or condition(found, "Failed"):
            self._expire(found)
            return
        pods = self._cluster.owned_by("pods", found)
        phase = [pod.get("status", {}).get("phase") for pod in pods]
        succeeded, failed = phase.count("Succeeded"), phase.count("Failed")
        active = [
            pod
            for pod in pods
            if pod.get("status", {}).get("phase") in {"Pending", "Running"} and not is_terminating(pod)
        ]
        restarts = sum(
            entry.get("restartCount", 0)
            for pod in active
            for entry in pod.get("status", {}).get("containerStatuses") or ()
        )
        job = copy.deepcopy(found)
        status = job.setdefault("status", {})
        status.setdefault("startTime", stamp(self._cluster.now))
        wanted = found["spec"].get("completions") or 1
        if succeeded >= wanted:
            self._finish(job, "Complete", "CompletionsReached", "Reached expected number of succeeded pods")
            self._recorder.record(found, "Completed", "Job completed", _COMPONENT)
        elif failed + restarts > found["spec"].get("backoffLimit", 6):
            for pod in active:
                delete_pod(self._cluster, pod)
            message = "Job has reached the specified backoff limit"
            self._finish(job, "Failed", "BackoffLimitExceeded", message)
            self._recorder.record(found, "BackoffLimitExceeded", message, _COMPONENT, warning=True)
            active = []
        elif found["spec"].get("suspend"):
            for pod in active:
                delete_pod(self._cluster, pod)
            active = []
        else:
            active = self._start(found, pods, active, succeeded, failed)
        for field, count in (("active", len(active)), ("succeeded", succeeded), ("failed", failed)):
            if count:
                status[field] = count
            else:
                status.pop(field, None)
        status["terminating"] = sum(is_terminating(pod) for pod in pods)
        status["uncountedTerminatedPods"] = {}
        status["ready"] = sum(is_ready(pod) for pod in active)
        self._cluster.save(JOBS, job, subresource="status")

    def _start(self, found: Obj, pods: list[Obj], active: list[Obj], succeeded: int, failed: int) -> list[Obj]:
        wanted = found["spec"].get("completions") or 1
        room = min(found["spec"].get("parallelism", 1), wanted - succeeded) - len(active)
        if failed and room > 0:
            ends = [_end_of(pod) for pod in pods if pod.get("status", {}).get("phase") == "Failed"]
            left = _RETRY_S * 2 ** min(failed - 1, 5) - (self._cluster.now - moment_of(max(ends))).total_seconds()
            if left > 0:
                self._cluster.soon(self, namespace_of(found), name_of(found), left)
                return active
        for _ in range(room):
            pod = new_pod(self._cluster, found, found["spec"]["template"])
            if message := refusal(self._cluster, pod):
                told(self._recorder, found, message, _COMPONENT)
                break
            made = self._cluster.save(PODS, pod)
            active = [*active, made]
            self._recorder.record(found, "SuccessfulCreate", f"Created pod: {name_of(made)}", _COMPONENT)
        return active

    def _finish(self, job: Obj, kind: str, reason: str, message: str) -> None:
        now = stamp(self._cluster.now)
        first = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
        job["status"]["conditions"] = [
            {
                "type": entry,
                "status": "True",
                "lastProbeTime": now,
                "lastTransitionTime": now,
                "reason": reason,
                "message": message,
            }
            for entry in (first, kind)
        ]
        if kind == "Complete":
            job["status"]["completionTime"] = now

    def _expire(self, job: Obj) -> None:
        seconds = job["spec"].get("ttlSecondsAfterFinished")
        if seconds is None:
            return
        ended = (condition(job, "Complete") or condition(job, "Failed") or {})["lastTransitionTime"]
        left = seconds - (self._cluster.now - moment_of(ended)).total_seconds()
        if left > 0:
            self._cluster.soon(self, namespace_of(job), name_of(job), left)
        else:
            self._cluster.store.remove("jobs.batch", namespace_of(job), name_of(job))


def _end_of(pod: Obj) -> str:
    for entry in pod["status"].get("containerStatuses") or ():
        ended = (entry.get("state") or {}).get("terminated")
        if ended:
            return str(ended["finishedAt"])
    return str(pod["metadata"]["creationTimestamp"])


class CronJobs:
    """The CronJob controller.

    Args:
        cluster: where it works.
        recorder: takes its events.
    """

    name = "cronjobs"

    def __init__(self, cluster: Cluster, recorder: Recorder) -> None:
        self._cluster = cluster
        self._recorder = recorder

    def affected(self, change: Change) -> Iterable[Key]:
        """Changed cron jobs and those whose jobs changed."""
        if change.key == "cronjobs.batch":
            yield namespace_of(change.obj), name_of(change.obj)
        elif change.key == "jobs.batch":
            yield from owner_key(change, "CronJob")

    def reconcile(self, namespace: str, name: str) -> None:
        """Make the job that is due, drop old ones, and wait for the next time."""
        found = self._cluster.get("cronjobs.batch", namespace, name)
        if found is None or is_terminating(found):
            return
        jobs = [job for job in self._cluster.store.all("jobs.batch", namespace) if _made_by(job, found)]
        running = [job for job in jobs if not condition(job, "Complete") and not condition(job, "Failed")]
        cron_job = copy.deepcopy(found)
        status = cron_job.setdefault("status", {})
        now = self._cluster.now
        if not found["spec"].get("suspend"):
            last = status.get("lastScheduleTime") or found["metadata"]["creationTimestamp"]
            schedule = Schedule(found["spec"]["schedule"])
            due = schedule.after(moment_of(last))
            if due <= now and not (running and found["spec"].get("concurrencyPolicy") == "Forbid"):
                while (following := schedule.after(due)) <= now:
                    due = following
                running.append(self._make(found, int(due.timestamp()) // 60))
                status["lastScheduleTime"] = stamp(due)
            self._cluster.soon(self, namespace, name, max(1.0, (schedule.after(now) - now).total_seconds()))
        status["active"] = [
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "name": name_of(job),
                "namespace": namespace,
                "uid": job["metadata"]["uid"],
            }
            for job in running
        ]
        if not running:
            status.pop("active")
        ended = [job["status"]["completionTime"] for job in jobs if condition(job, "Complete")]
        if ended:
            status["lastSuccessfulTime"] = max(ended)
        self._cluster.save(CRON_JOBS, cron_job, subresource="status")
        self._drop_old(found, jobs)

    def _make(self, found: Obj, minute: int) -> Obj:
        template = copy.deepcopy(found["spec"]["jobTemplate"])
        metadata = {
            "name": f"{name_of(found)}-{minute}",
            "namespace": namespace_of(found),
            "labels": template.get("metadata", {}).get("labels") or {},
            "annotations": template.get("metadata", {}).get("annotations") or {},
            "ownerReferences": [owner_reference(found)],
        }
        job: Obj = {"kind": "Job", "apiVersion": "batch/v1", "metadata": metadata, "spec": template["spec"]}
        apply_defaults("Job", job)
        self._cluster.complete(JOBS, job)
        complete_job(job)
        made = self._cluster.save(JOBS, job)
        self._recorder.record(found, "SuccessfulCreate", f"Created job {name_of(made)}", "cronjob-controller")
        return made

    def _drop_old(self, found: Obj, jobs: list[Obj]) -> None:
        for kind, field, limit in (
            ("Complete", "successfulJobsHistoryLimit", 3),
            ("Failed", "failedJobsHistoryLimit", 1),
        ):
            done = sorted(
                (job for job in jobs if condition(job, kind)), key=lambda job: job["metadata"]["creationTimestamp"]
            )
            for job in done[: max(0, len(done) - found["spec"].get(field, limit))]:
                self._cluster.store.remove("jobs.batch", namespace_of(job), name_of(job))


def _made_by(job: Obj, cron_job: Obj) -> bool:
    owner = controller_of(job)
    return owner is not None and owner["uid"] == cron_job["metadata"]["uid"]
