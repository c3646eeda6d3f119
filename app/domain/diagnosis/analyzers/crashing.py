"""Containers that end again and again: with which exit code, out of memory or not, since when, and their last words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.commands.quantities import mebibytes
from app.domain.diagnosis.changes import earlier_revision, last_change
from app.domain.diagnosis.findings import DEGRADED, DOWN, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, logged
from app.domain.diagnosis.shapes import (
    Obj,
    amount,
    container_of,
    container_statuses,
    items,
    mapping,
    name_of,
    namespace_of,
    number,
    text,
)
from app.domain.diagnosis.snapshot import Snapshot

OFTEN = 3  # restarts of a container that runs now, from which on they are told
LATELY_S = 3600.0  # a restart longer ago than this is no trouble of now
LOG_LINES = 5
_SETTABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_MEANINGS = {
    125: "the container could not be started",
    126: "its command cannot be executed",
    127: "its command was not found",
    134: "it aborted",
    137: "it was killed",
    139: "it crashed on a wrong memory access",
    143: "it was told to end",
}
_SIGNALLED = 128
LONGEST_COMPLAINT = 160  # characters of a log's line in a sentence; all of it stands among the facts
_COMPLAINT = re.compile(r"\b(?:error|fatal|panic|critical|exception|traceback|failed|cannot|no such)\b", re.IGNORECASE)
_BEFORE = re.compile(r"^\S{0,40}[0-9]{2}:[0-9]{2}\S{0,20}\s+")  # a time


def look(snapshot: Snapshot, pod: Obj) -> Iterator[Finding]:
    """What is wrong with a pod's containers that ended."""
    if text(pod, "status", "phase") in {"Succeeded", "Failed"} and snapshot.owner(pod) is not None:
        return  # it is over, and whoever made it has made another or says itself that it failed
    for status, first in container_statuses(pod):
        ended = _ended(status)
        waiting = text(status, "state", "waiting", "reason")
        if not ended or (status.get("ready") is True and number(status, "restartCount") < OFTEN):
            continue
        if waiting == "CrashLoopBackOff" or (status.get("ready") is not True and number(ended, "exitCode")):
            yield _crash(snapshot, pod, status, ended, first=first)
        elif number(status, "restartCount") >= OFTEN and _lately(snapshot, ended):
            yield _restarting(snapshot, pod, status, ended)


def _ended(status: Obj) -> Obj:
    return mapping(status, "state", "terminated") or mapping(status, "lastState", "terminated")


def _lately(snapshot: Snapshot, ended: Obj) -> bool:
    since_s = snapshot.age_s(ended.get("finishedAt"))
    return since_s is not None and since_s <= LATELY_S


def _crash(snapshot: Snapshot, pod: Obj, status: Obj, ended: Obj, *, first: bool) -> Finding:
    about = Ref("Pod", name_of(pod), namespace_of(pod))
    root = snapshot.root(pod, "Pod")
    name = text(status, "name")
    evidence = (*_facts(snapshot, about, root, status, ended), *_words(snapshot, about, name))
    look_at = (logged(about, name, previous=True), described(about))
    whose = "init container" if first else "container"
    if text(ended, "reason") == "OOMKilled":
        evidence = (*_usage(snapshot, about, name), *evidence)
        limit = text(container_of(pod, name), "resources", "limits", "memory")
        bound = f"its memory limit of {limit}" if limit else "the memory of its node; it has no limit of its own"
        return Finding(
            "out_of_memory",
            about,
            root,
            f"The {whose} {name} of {root.path} was killed because it used more than {bound}.",
            DOWN,
            evidence,
            _larger(root, name, limit),
            "" if limit else "Give the container a memory limit.",
            look_at,
        )
    code, last = number(ended, "exitCode"), _complaint(snapshot, about, name)
    said = f'; it says: "{last}"' if last else ""
    once = text(pod, "spec", "restartPolicy") == "Never"
    ends, again = ("ended", "") if once else ("ends", " each time it is started")
    return Finding(
        "crash_loop",
        about,
        root,
        f"The {whose} {name} of {root.path} {ends} with exit code {code}{_meaning(code)}{again}{said}.",
        DOWN,
        evidence,
        _back(snapshot, root),
        "Read its last lines: a program says there why it ends.",
        look_at,
    )


def _restarting(snapshot: Snapshot, pod: Obj, status: Obj, ended: Obj) -> Finding:
    about = Ref("Pod", name_of(pod), namespace_of(pod))
    root, name = snapshot.root(pod, "Pod"), text(status, "name")
    killed = text(ended, "reason") == "OOMKilled"
    limit = text(container_of(pod, name), "resources", "limits", "memory")
    why = "out of memory" if killed else f"exit code {number(ended, 'exitCode')}"
    return Finding(
        "restarting",
        about,
        root,
        f"The container {name} of {root.path} runs, and was started again {number(status, 'restartCount')} times"
        f" ({why} the last time).",
        DEGRADED,
        tuple(_facts(snapshot, about, root, status, ended)),
        _larger(root, name, limit) if killed else (),
        "",
        (logged(about, name, previous=True), described(about)),
    )


def _meaning(code: int) -> str:
    if code in _MEANINGS:
        return f" ({_MEANINGS[code]})"
    return f" (ended by signal {code - _SIGNALLED})" if code > _SIGNALLED else ""


def _facts(snapshot: Snapshot, about: Ref, root: Ref, status: Obj, ended: Obj) -> list[Evidence]:
    source = f"status of {about.path}"
    restarts = number(status, "restartCount")
    since = last_change(snapshot, root)
    trend = f"{restarts} restarts" if restarts != 1 else "1 restart"
    if since:
        trend += f" in the {snapshot.age(since)} since the last change of {root.path}"
    reason, message = text(ended, "reason") or "no reason", text(ended, "message")
    found = [
        Evidence(f"{trend}.", source),
        Evidence(
            f"It ended {snapshot.age(ended.get('finishedAt'))} ago: {reason}, exit code {number(ended, 'exitCode')}.",
            source,
        ),
    ]
    if message:
        found.append(Evidence(message, f"last words in the {source}"))
    return found


def _usage(snapshot: Snapshot, about: Ref, name: str) -> list[Evidence]:
    """What a container uses now; nothing where that is not measured."""
    measured = snapshot.find("usage", about.namespace, about.name) or {}
    used = next((each for each in items(measured, "containers") if each.get("name") == name), {})
    memory = amount(mapping(used, "usage").get("memory"))
    return [Evidence(f"It uses {mebibytes(memory)} of memory at the moment.", "metrics server")] if memory else []


def _words(snapshot: Snapshot, about: Ref, name: str) -> list[Evidence]:
    log = snapshot.logs.get((about.namespace, about.name, name), "")
    lines = [each.strip() for each in log.splitlines() if each.strip()]
    return [Evidence(each, f"log of {about.name} before it ended") for each in lines[-LOG_LINES:]]


def _complaint(snapshot: Snapshot, about: Ref, name: str) -> str:
    """The line of the last words that most likely says why; empty where none looks like it."""
    lines = snapshot.logs.get((about.namespace, about.name, name), "").splitlines()
    found = [_BEFORE.sub("", each).strip() for each in lines if _COMPLAINT.search(each)]
    # What is told first is mostly the reason, and what comes after it follows from it.
    return found[0][:LONGEST_COMPLAINT] if found else ""


def _back(snapshot: Snapshot, root: Ref) -> tuple[str, ...]:
    """Back to the revision before, where there is one: what ran before is the best guess at what runs."""
    if earlier_revision(snapshot, root) is None:
        return ()
    return (line("rollout", "undo", root.path, namespace=root.namespace),)


def _larger(root: Ref, container: str, limit: str) -> tuple[str, ...]:
    """Twice the memory."""
    if root.kind not in _SETTABLE or not amount(limit):
        return ()
    doubled = mebibytes(2 * amount(limit))
    return (
        line("set", "resources", root.path, "-c", container, f"--limits=memory={doubled}", namespace=root.namespace),
    )
