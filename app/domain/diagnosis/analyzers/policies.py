"""Network policies that guard nothing, because their selector matches no pod."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.commands.nearest import nearest
from app.domain.diagnosis.findings import NOTE, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, patched
from app.domain.diagnosis.shapes import Obj, labels, mapping, name_of, namespace_of, selects
from app.domain.diagnosis.snapshot import Snapshot

_WORKLOADS = ("deployments", "statefulsets", "daemonsets", "cronjobs")


def look(snapshot: Snapshot, policy: Obj) -> Iterator[Finding]:
    """Whether a policy is about anything."""
    about = Ref("NetworkPolicy", name_of(policy), namespace_of(policy))
    selector = mapping(policy, "spec", "podSelector")
    if not selector or not snapshot.knows("pods") or snapshot.pods(about.namespace, selector):
        return
    if any(selects(selector, _of_pods(each)) for each in _workloads(snapshot, about.namespace)):
        return  # it will be, when these have pods again
    wanted = labels(selector, "matchLabels")
    evidence = [
        Evidence(f"It selects {', '.join(f'{k}={v}' for k, v in sorted(wanted.items()))}.", f"spec of {about.path}")
    ]
    fixes: tuple[str, ...] = ()
    for key, value in sorted(wanted.items()):
        there = {
            found for pod in snapshot.pods_in(about.namespace) if (found := labels(pod, "metadata", "labels").get(key))
        }
        near = nearest(value, sorted(there), 1)
        if near and value not in there:
            evidence.append(Evidence(f"There are pods with {key}={near[0]}.", "labels of pods"))
            fixes = (patched(about, {"spec": {"podSelector": {"matchLabels": {key: near[0]}}}}),)
            break
    yield Finding(
        "policy_selects_nothing",
        about,
        about,
        f"{about.path} guards nothing: its selector matches no pod.",
        NOTE,
        tuple(evidence),
        fixes,
        "" if fixes else "Correct its selector, or delete it.",
        (described(about), line("get", "pods", "--show-labels", namespace=about.namespace)),
    )


def _workloads(snapshot: Snapshot, namespace: str) -> list[Obj]:
    return [each for plural in _WORKLOADS for each in snapshot.of(plural) if namespace_of(each) == namespace]


def _of_pods(workload: Obj) -> dict[str, str]:
    jobs = labels(workload, "spec", "jobTemplate", "spec", "template", "metadata", "labels")
    return labels(workload, "spec", "template", "metadata", "labels") or jobs
