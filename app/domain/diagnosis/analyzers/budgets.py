"""Disruption budgets that let nobody go, or that guard nothing."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.diagnosis.findings import DEGRADED, NOTE, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, patched
from app.domain.diagnosis.shapes import Obj, condition, labels, mapping, name_of, namespace_of, number, selects, text
from app.domain.diagnosis.snapshot import Snapshot


def look(snapshot: Snapshot, budget: Obj) -> Iterator[Finding]:
    """What is wrong with a budget."""
    about = Ref("PodDisruptionBudget", name_of(budget), namespace_of(budget))
    selector = mapping(budget, "spec", "selector")
    if selector and snapshot.knows("pods") and not snapshot.pods(about.namespace, selector):
        meant = [
            each
            for plural in ("deployments", "statefulsets")
            for each in snapshot.of(plural)
            if namespace_of(each) == about.namespace
            and selects(selector, labels(each, "spec", "template", "metadata", "labels"))
        ]
        if not meant:
            yield Finding(
                "guards_nothing",
                about,
                about,
                f"{about.path} guards nothing: its selector matches no pod.",
                NOTE,
                (Evidence("No pod and no workload has the labels of its selector.", f"spec of {about.path}"),),
                advice="Correct its selector, or delete it.",
                look=(described(about), line("get", "pods", "--show-labels", namespace=about.namespace)),
            )
        return
    allowed, expected = (
        number(budget, "status", "disruptionsAllowed", default=1),
        number(budget, "status", "expectedPods"),
    )
    if allowed > 0 or not expected:
        return
    healthy, desired = number(budget, "status", "currentHealthy"), number(budget, "status", "desiredHealthy")
    roots = tuple(dict.fromkeys(snapshot.root(pod, "Pod") for pod in snapshot.pods(about.namespace, selector)))
    facts = [Evidence(f"{healthy} of {expected} pods are healthy, {desired} have to be.", f"status of {about.path}")]
    reason = condition(budget, "DisruptionAllowed")
    if text(reason, "message"):
        facts.append(Evidence(text(reason, "message"), f"condition of {about.path}"))
    if desired >= expected:
        # Nobody may ever go, however well all are: a node with such a pod cannot be drained.
        yield Finding(
            "never_allows",
            about,
            about,
            f"{about.path} never lets a pod go: all {expected} have to be there; their nodes cannot be drained.",
            DEGRADED if healthy >= desired else NOTE,
            tuple(facts),
            _loosened(budget, about),
            "" if expected > 1 else "With a single replica every budget is all or nothing: add a replica.",
            (described(about),),
        )
        return
    yield Finding(
        "blocks_now",
        about,
        about,
        f"{about.path} lets no pod go at the moment: too few of its pods are healthy.",
        NOTE,
        tuple(facts),
        look=(described(about),),
        symptom=True,
        through=roots,
    )


def _loosened(budget: Obj, about: Ref) -> tuple[str, ...]:
    """One pod may go; a budget has either of the two fields."""
    if number(budget, "status", "expectedPods") <= 1:
        return ()
    return (patched(about, {"spec": {"minAvailable": None, "maxUnavailable": 1}}),)
