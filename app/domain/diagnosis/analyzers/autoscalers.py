"""Autoscalers that do not scale: their target is missing, nothing is measured, or they are at their end."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.commands.nearest import nearest
from app.domain.diagnosis.findings import DEGRADED, FAILING, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, patched
from app.domain.diagnosis.shapes import Obj, condition, containers, items, mapping, name_of, namespace_of, number, text
from app.domain.diagnosis.snapshot import Snapshot, plural_of

MORE = 1.5  # a bound that is offered in the place of one that was reached


def look(snapshot: Snapshot, scaler: Obj) -> Iterator[Finding]:
    """What is wrong with an autoscaler."""
    about = Ref("HorizontalPodAutoscaler", name_of(scaler), namespace_of(scaler))
    scaled = mapping(scaler, "spec", "scaleTargetRef")
    target = Ref(text(scaled, "kind"), text(scaled, "name"), about.namespace)
    plural = plural_of(target.kind)
    if plural and snapshot.knows(plural) and snapshot.workload(target) is None:
        yield _missing(snapshot, about, target, plural)
        return
    if plural in {"daemonsets", "jobs", "cronjobs"}:
        yield Finding(
            "not_scalable",
            about,
            about,
            f"{about.path} scales {target.path}, and a {target.kind} cannot be scaled.",
            FAILING,
            (Evidence(f"Its target is {target.path}.", f"spec of {about.path}"),),
            look=(described(about),),
        )
        return
    unable, blind = condition(scaler, "AbleToScale"), condition(scaler, "ScalingActive")
    for bad, code in ((unable, "unable_to_scale"), (blind, "no_metrics")):
        if bad.get("status") == "False" and text(bad, "reason") != "ScalingDisabled":
            yield _unable(snapshot, scaler, about, target, bad, code)
            return
    yield from _at_its_end(scaler, about, target)


def _missing(snapshot: Snapshot, about: Ref, target: Ref, plural: str) -> Finding:
    near = nearest(target.name, snapshot.names(plural, about.namespace), 1)
    fix = (patched(about, {"spec": {"scaleTargetRef": {"name": near[0]}}}),) if near else ()
    return Finding(
        "target_missing",
        about,
        about,
        f"{about.path} scales {target.path}, which does not exist.",
        FAILING,
        (Evidence(f"Its target is {target.path}.", f"spec of {about.path}"),),
        fix,
        "" if near else "Correct its target, or delete the autoscaler.",
        (described(about),),
    )


def _unable(snapshot: Snapshot, scaler: Obj, about: Ref, target: Ref, bad: Obj, code: str) -> Finding:
    evidence = [Evidence(f"{text(bad, 'reason')}: {text(bad, 'message')}", f"condition of {about.path}")]
    workload = snapshot.workload(target) or {}
    wanted = {
        text(each, "resource", "name")
        for each in items(scaler, "spec", "metrics")
        if text(each, "resource", "target", "type") == "Utilization"
    }
    lacking = sorted(
        f"{text(container, 'name')} ({resource})"
        for resource in wanted
        for container, first in containers(workload, "spec", "template")
        if not first and resource not in mapping(container, "resources", "requests")
    )
    if code == "no_metrics" and lacking:
        evidence.append(Evidence(f"No request is set for {', '.join(lacking)}.", f"template of {target.path}"))
        cause = f"{about.path} cannot scale {target.path}: a share of a request is wanted, and no request is set."
        advice = "Set the request of each container, of which the share is meant."
        return Finding("no_requests", about, about, cause, FAILING, tuple(evidence), (), advice, (described(about),))
    what = "nothing is measured" if code == "no_metrics" else "the cluster does not let it"
    return Finding(
        code,
        about,
        about,
        f"{about.path} cannot scale {target.path}: {what}.",
        DEGRADED,
        tuple(evidence),
        (),
        "See whether the metrics server answers, and whether the pods run.",
        (described(about), line("top", "pods", namespace=about.namespace)),
        symptom=True,
        through=(target,),
    )


def _at_its_end(scaler: Obj, about: Ref, target: Ref) -> Iterator[Finding]:
    most, now = number(scaler, "spec", "maxReplicas"), number(scaler, "status", "currentReplicas")
    limited = condition(scaler, "ScalingLimited")
    if not most or now < most or limited.get("status") != "True" or text(limited, "reason") != "TooManyReplicas":
        return
    more = max(most + 1, round(most * MORE))
    yield Finding(
        "at_maximum",
        about,
        target,
        f"{target.path} is at the {most} replicas that {about.path} allows, and wants more.",
        DEGRADED,
        (Evidence(text(limited, "message") or "ScalingLimited", f"condition of {about.path}"),),
        (patched(about, {"spec": {"maxReplicas": more}}),),
        "Allow more, or see what makes each replica so busy.",
        (described(about),),
    )
