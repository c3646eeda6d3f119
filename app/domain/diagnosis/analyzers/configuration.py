"""Containers that cannot be made: a ConfigMap, a Secret or a key of one is missing, or the runtime refuses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.commands.nearest import nearest
from app.domain.diagnosis.findings import DOWN, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line
from app.domain.diagnosis.shapes import Obj, container_statuses, mapping, name_of, namespace_of, text
from app.domain.diagnosis.snapshot import Snapshot

REASONS = frozenset(
    {
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "PreCreateHookError",
        "PreStartHookError",
        "PostStartHookError",
        "StartError",
        "ContainerCannotRun",
    }
)
_MISSING = re.compile(r'(configmap|secret)s? "([^"]{1,253})" not found', re.IGNORECASE)
_MISSING_KEY = re.compile(r"couldn't find key (\S{1,253}) in (ConfigMap|Secret) (?:[^\s/]{1,63}/)?(\S{1,253})")
_PLURALS = {"ConfigMap": "configmaps", "Secret": "secrets"}
_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}


def look(snapshot: Snapshot, pod: Obj) -> Iterator[Finding]:
    """Why a pod's containers are not made, and what of its volumes does not exist."""
    about, root = Ref("Pod", name_of(pod), namespace_of(pod)), snapshot.root(pod, "Pod")
    told: set[tuple[str, str]] = set()
    for status, _ in container_statuses(pod):
        waiting = mapping(status, "state", "waiting") or mapping(status, "state", "terminated")
        if text(waiting, "reason") not in REASONS:
            continue
        said = Evidence(f"{text(waiting, 'reason')}: {text(waiting, 'message')}", f"status of {about.path}")
        for finding in _missing(snapshot, about, root, said):
            told.add((finding.code, finding.cause))
            yield finding
        if not told:
            yield Finding(
                "not_made",
                about,
                root,
                f"The container {text(status, 'name')} of {root.path} cannot be started: {text(waiting, 'reason')}.",
                DOWN,
                (said,),
                advice="The message says what the container runtime does not accept.",
                look=(described(about),),
            )
    if text(pod, "status", "phase") == "Pending":
        for event in snapshot.events(about):
            if text(event, "reason") == "FailedMount":
                said = Evidence(f"FailedMount: {text(event, 'message')}", f"event of {about.path}")
                for finding in _missing(snapshot, about, root, said):
                    if (finding.code, finding.cause) not in told:
                        told.add((finding.code, finding.cause))
                        yield finding


def _missing(snapshot: Snapshot, about: Ref, root: Ref, said: Evidence) -> Iterator[Finding]:
    """What a message says is missing."""
    key = _MISSING_KEY.search(said.text)
    if key is not None:
        kind, name = key[2], key[3]
        what = Ref(kind, name, about.namespace)
        yield Finding(
            "missing_key",
            about,
            root,
            f"{root.path} needs the key {key[1]}, which the {_called(kind)} {name} lacks.",
            DOWN,
            (said,),
            advice=f"Add {key[1]} to the {_called(kind)} {name}, or correct the key's name in the pod's template.",
            look=(described(what), described(about)),
        )
        return
    found = _MISSING.search(said.text)
    if found is None:
        return
    kind, name = _KINDS[found[1].lower()], found[2]
    near = nearest(name, snapshot.names(_PLURALS[kind], about.namespace), 1)
    evidence = [said]
    if near:
        evidence.append(
            Evidence(f"There is {near[0]}, which is called nearly so.", f"{_PLURALS[kind]} of {about.namespace}")
        )
    yield Finding(
        "missing_configuration",
        about,
        root,
        f"{root.path} needs the {_called(kind)} {name}, which does not exist.",
        DOWN,
        tuple(evidence),
        advice=f"Create the {_called(kind)} {name}, or correct the name in the pod's template"
        + (f" if {near[0]} is meant." if near else "."),
        look=(line("get", _PLURALS[kind], namespace=about.namespace), described(about)),
    )


def _called(kind: str) -> str:
    return "ConfigMap" if kind == "ConfigMap" else "secret"
