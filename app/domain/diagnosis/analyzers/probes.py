"""Containers that run and are not taken for ready, or killed for it: what their probes say, and where they knock."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.commands.nearest import nearest
from app.domain.diagnosis.findings import DEGRADED, DOWN, FAILING, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, logged, patched
from app.domain.diagnosis.shapes import (
    Obj,
    condition,
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

KINDS = ("startupProbe", "livenessProbe", "readinessProbe")
LATELY_S = 900.0
_SETTABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
_FAILED = re.compile(r"(startup|liveness|readiness) probe (?:failed|errored)", re.IGNORECASE)
_REFUSED = re.compile(r"connection refused", re.IGNORECASE)
_STATUS = re.compile(r"statuscode: ([0-9]{3})")


def look(snapshot: Snapshot, pod: Obj) -> Iterator[Finding]:
    """Which probes of a pod fail, and why."""
    if text(pod, "status", "phase") not in {"Running", "Pending"}:
        return
    about, root = Ref("Pod", name_of(pod), namespace_of(pod)), snapshot.root(pod, "Pod")
    unhealthy = [
        event
        for event in snapshot.events(about)
        if text(event, "reason") == "Unhealthy" and _age_s(snapshot, event) <= LATELY_S
    ]
    for status, first in container_statuses(pod):
        if first or (status.get("ready") is True and not unhealthy) or not mapping(status, "state", "running"):
            continue
        container = container_of(pod, text(status, "name"))
        misplaced = list(_misplaced(about, root, container, unhealthy))
        yield from misplaced
        if not misplaced:
            yield from _failing(snapshot, pod, about, root, status, container, unhealthy)


def _age_s(snapshot: Snapshot, event: Obj) -> float:
    since_s = snapshot.age_s(event.get("lastTimestamp") or event.get("eventTime"))
    return 0.0 if since_s is None else since_s


def port_of(probe: Obj) -> object:
    """The port that a probe knocks at, by its number or name; None where it needs none."""
    for how in ("httpGet", "tcpSocket", "grpc"):
        port: object = mapping(probe, how).get("port")
        if port is not None:
            return port
    return None


def _misplaced(about: Ref, root: Ref, container: Obj, unhealthy: list[Obj]) -> Iterator[Finding]:
    """Probes at a port that the container does not have. A port need not be declared: they have to fail as well."""
    ports = items(container, "ports")
    names = {text(each, "name") for each in ports if text(each, "name")}
    numbers = {number(each, "containerPort") for each in ports}
    for kind in KINDS:
        probe = mapping(container, kind)
        port = port_of(probe)
        if port is None or port in numbers or port in names:
            continue
        if not isinstance(port, str) and (not numbers or not unhealthy):
            continue
        known = sorted(names) if isinstance(port, str) else []
        meant: object = next(iter(nearest(str(port), known, 1)), None)
        meant = meant or (next(iter(numbers)) if len(numbers) == 1 else None)
        declared = ", ".join(f"{number(each, 'containerPort')} {text(each, 'name')}".strip() for each in ports)
        evidence = [
            Evidence(f"The {kind} asks port {port}; the container has {declared or 'no ports'}.", "pod's template")
        ]
        evidence += [Evidence(text(each, "message"), f"event of {about.path}") for each in unhealthy[:1]]
        fixes = (_corrected(root, container, kind, probe, meant),) if meant and root.kind in _SETTABLE else ()
        yield Finding(
            "probe_port",
            about,
            root,
            f"The {kind} of {root.path} asks port {port}, which its container does not have.",
            DOWN,
            tuple(evidence),
            fixes,
            "" if fixes else "Correct the probe's port, or declare it.",
            (described(about),),
        )


def _corrected(root: Ref, container: Obj, kind: str, probe: Obj, port: object) -> str:
    how = next(each for each in ("httpGet", "tcpSocket", "grpc") if mapping(probe, each))
    changed = {"name": text(container, "name"), kind: {how: {"port": port}}}
    return patched(root, {"spec": {"template": {"spec": {"containers": [changed]}}}})


def _failing(
    snapshot: Snapshot, pod: Obj, about: Ref, root: Ref, status: Obj, container: Obj, unhealthy: list[Obj]
) -> Iterator[Finding]:
    name = text(container, "name")
    told = [event for event in unhealthy if _FAILED.search(text(event, "message"))]
    look_at = (logged(about, name), described(about))
    if not told:
        since_s = snapshot.age_s(mapping(condition(pod, "Ready")).get("lastTransitionTime"))
        if status.get("ready") is not True and (since_s is None or since_s > LATELY_S):
            yield Finding(
                "not_ready",
                about,
                root,
                f"The container {name} of {root.path} runs and does not become ready.",
                FAILING,
                (
                    Evidence(
                        f"It has been so for {snapshot.age(condition(pod, 'Ready').get('lastTransitionTime'))}.",
                        f"condition of {about.path}",
                    ),
                ),
                look=look_at,
                symptom=True,
            )
        return
    message = text(told[0], "message")
    found = _FAILED.search(message)
    which = found[1].lower() if found else "readiness"
    answered = _STATUS.search(message)
    why = f"answers {answered[1]}" if answered else "fails"
    if _REFUSED.search(message):
        why = "finds nobody listening"
    probe = mapping(container, f"{which}Probe")
    where = text(probe, "httpGet", "path")
    port = port_of(probe)
    asked = f" at {where or 'port'} {'on port ' if where else ''}{port}" if port is not None else ""
    weight = DEGRADED if status.get("ready") is True else FAILING
    advice = {
        "liveness": "The container is started again when it fails too often: see what it waits for, or give it time.",
        "startup": "The container is started again when it takes too long: see what it waits for, or give it time.",
    }.get(which, "Nobody is sent to it until it answers: see what it waits for, or correct the probe.")
    yield Finding(
        f"{which}_probe",
        about,
        root,
        f"The {which} probe of {root.path}{asked} {why}.",
        weight,
        tuple(Evidence(text(each, "message"), f"event of {about.path}") for each in told[:2]),
        (),
        advice,
        look_at,
    )
