"""Jobs and cron jobs that failed, are suspended, or did not run when they should have."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.diagnosis.findings import DEGRADED, FAILING, NOTE, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, patched
from app.domain.diagnosis.shapes import Obj, condition, items, name_of, namespace_of, number, text
from app.domain.diagnosis.snapshot import Snapshot

_MISSED = (
    "TooManyMissedTimes",
    "MissSchedule",
    "FailedNeedsStart",
    "FailedCreate",
    "UnparseableSchedule",
    "InvalidSchedule",
)
_FIELDS_OF_A_SCHEDULE = 5


def job(snapshot: Snapshot, found: Obj) -> Iterator[Finding]:
    """A job that failed, or waits to be let go."""
    about = Ref("Job", name_of(found), namespace_of(found))
    root = snapshot.root(found, "Job")
    failed = condition(found, "Failed")
    if failed.get("status") == "True":
        if _is_past(snapshot, found, root):
            return
        pods = [pod for pod in snapshot.pods_in(about.namespace) if snapshot.owner(pod) == about]
        evidence = [Evidence(f"{text(failed, 'reason')}: {text(failed, 'message')}", f"condition of {about.path}")]
        evidence += [
            Evidence(log, f"log of {name_of(pod)}")
            for pod in pods
            for (space, name, _), words in snapshot.logs.items()
            if (space, name) == (about.namespace, name_of(pod))
            for log in words.splitlines()[-2:]
        ]
        why = {
            "BackoffLimitExceeded": f"its pods failed {number(found, 'status', 'failed')} times",
            "DeadlineExceeded": "it took longer than it may",
        }.get(text(failed, "reason"), text(failed, "reason") or "no reason is given")
        yield Finding(
            "job_failed",
            about,
            root,
            f"{about.path} has failed: {why}.",
            FAILING,
            tuple(evidence),
            advice="A job is not started again: correct it, delete it, and make it anew.",
            look=(described(about), line("logs", about.path, "--tail=50", namespace=about.namespace)),
        )
    elif found.get("spec", {}).get("suspend") is True and condition(found, "Complete").get("status") != "True":
        yield Finding(
            "job_suspended",
            about,
            root,
            f"{about.path} is suspended.",
            NOTE,
            (Evidence("spec.suspend is true.", f"spec of {about.path}"),),
            (patched(about, {"spec": {"suspend": False}}),),
            look=(described(about),),
        )


def _is_past(snapshot: Snapshot, found: Obj, root: Ref) -> bool:
    """Whether a later run of the same cron job went well."""
    if root.kind != "CronJob":
        return False
    began = text(found, "metadata", "creationTimestamp")
    return any(
        snapshot.owner(each) == root
        and text(each, "metadata", "creationTimestamp") > began
        and condition(each, "Complete").get("status") == "True"
        for each in snapshot.of("jobs")
    )


def cron_job(snapshot: Snapshot, found: Obj) -> Iterator[Finding]:
    """A cron job that is suspended, or whose time has passed."""
    about = Ref("CronJob", name_of(found), namespace_of(found))
    schedule = text(found, "spec", "schedule")
    if found.get("spec", {}).get("suspend") is True:
        yield Finding(
            "cron_suspended",
            about,
            about,
            f"{about.path} is suspended: it does not run.",
            NOTE,
            (Evidence(f"Its schedule is {schedule}.", f"spec of {about.path}"),),
            (patched(about, {"spec": {"suspend": False}}),),
            look=(described(about),),
        )
        return
    if not schedule.startswith("@") and len(schedule.split()) != _FIELDS_OF_A_SCHEDULE:
        yield Finding(
            "bad_schedule",
            about,
            about,
            f'{about.path} never runs: its schedule "{schedule}" cannot be read.',
            FAILING,
            (Evidence("A schedule has five fields, such as 30 3 * * *.", f"spec of {about.path}"),),
            advice="Correct its schedule.",
            look=(described(about),),
        )
        return
    events = [each for each in snapshot.events(about) if text(each, "reason") in _MISSED]
    if events:
        running = [text(each, "name") for each in items(found, "status", "active")]
        facts = [Evidence(f"{text(e, 'reason')}: {text(e, 'message')}", f"event of {about.path}") for e in events[:2]]
        if running and text(found, "spec", "concurrencyPolicy") == "Forbid":
            facts.append(
                Evidence(f"{', '.join(running)} still runs, and only one run is allowed.", f"status of {about.path}")
            )
        yield Finding(
            "cron_missed",
            about,
            about,
            f"{about.path} did not run when it should have.",
            DEGRADED,
            tuple(facts),
            (line("create", "job", f"{about.name[:40]}-now", f"--from={about.path}", namespace=about.namespace),),
            "",
            (described(about),),
        )
