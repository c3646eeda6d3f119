"""Services that send to nobody: their selector matches no pod, or the pods behind them are not ready."""

from __future__ import annotations

from collections.abc import Iterator

from rapidfuzz import fuzz

from app.domain.commands.nearest import ENOUGH, nearest
from app.domain.diagnosis.findings import DEGRADED, DOWN, FAILING, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, patched, patched_at
from app.domain.diagnosis.shapes import Obj, condition, containers, items, labels, mapping, name_of, namespace_of, text
from app.domain.diagnosis.snapshot import Snapshot

_OF_REPLICAS = frozenset({"pod-template-hash", "controller-revision-hash", "pod-template-generation"})
ENOUGH_ALIKE = 0.5  # share of a selector's labels that a pod has to have, or to have nearly, to be meant
MOST_LABELS = 6


def look(snapshot: Snapshot, service: Obj) -> Iterator[Finding]:
    """Whether a service has anybody to send to."""
    selector = labels(service, "spec", "selector")
    if not selector or text(service, "spec", "type") == "ExternalName" or not snapshot.knows("pods"):
        return
    about = Ref("Service", name_of(service), namespace_of(service))
    pods = [pod for pod in snapshot.pods(about.namespace, selector) if not _is_over(pod)]
    if not pods:
        yield from _unmatched(snapshot, about, selector)
        return
    ready = [pod for pod in pods if condition(pod, "Ready").get("status") == "True"]
    if not ready and service.get("spec", {}).get("publishNotReadyAddresses") is not True:
        roots = tuple(dict.fromkeys(snapshot.root(pod, "Pod") for pod in pods))
        yield Finding(
            "no_ready_endpoints",
            about,
            about,
            f"{about.path} has nobody to send to: none of the {len(pods)} pods behind it is ready.",
            FAILING,
            (Evidence(f"It selects {_written(selector)}.", f"spec of {about.path}"),),
            look=(described(about),),
            symptom=True,
            through=roots,
            fresh=snapshot.is_new(*(text(pod, "metadata", "creationTimestamp") for pod in pods)),
        )
    yield from _ports(snapshot, service, about, pods)


def _is_over(pod: Obj) -> bool:
    return text(pod, "status", "phase") in {"Succeeded", "Failed"}


def _written(selector: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(selector.items())[:MOST_LABELS])


def _unmatched(snapshot: Snapshot, about: Ref, selector: dict[str, str]) -> Iterator[Finding]:
    workloads = snapshot.once(("workloads", about.namespace), lambda: _workloads(snapshot, about.namespace))
    for root, meant, asleep, new in workloads:
        if selector.items() <= meant.items():
            # It matches a workload that has no pods now: that is told by whoever says why it has none.
            why = "which is scaled to 0" if asleep else "which has no pods"
            yield Finding(
                "no_endpoints",
                about,
                root,
                f"{about.path} has nobody to send to: it selects {root.path}, {why}.",
                DEGRADED,
                (Evidence(f"It selects {_written(selector)}.", f"spec of {about.path}"),),
                (line("scale", root.path, "--replicas=1", namespace=root.namespace),) if asleep else (),
                look=(described(root),),
                symptom=not asleep,
                fresh=new,
                through=(root,),
            )
            return
    near = _nearest(snapshot, about, selector)
    evidence = [Evidence(f"It selects {_written(selector)}; no pod has these labels.", f"spec of {about.path}")]
    fixes: tuple[str, ...] = ()
    advice = "Start what should be behind it, or correct its selector."
    if near is not None:
        root, meant = near
        wrong = sorted(key for key, value in selector.items() if meant.get(key) != value)
        evidence.append(
            Evidence(
                f"The nearest are the pods of {root.path}: {_written(meant)}.",
                "labels of pods",
            )
        )
        right: dict[str, str | None] = {key: meant.get(key) for key in wrong}
        if not (selector.keys() - set(wrong)) and all(value is None for value in right.values()):
            right |= dict(sorted(meant.items())[:1])
        fixes = (patched(about, {"spec": {"selector": right}}),)
        advice = f"Correct {', '.join(wrong)} in its selector, if it is {root.path} that it is for."
    yield Finding(
        "selector_mismatch",
        about,
        about,
        f"{about.path} has nobody to send to: its selector matches no pod.",
        DOWN,
        tuple(evidence),
        fixes,
        advice,
        (described(about), line("get", "pods", "--show-labels", namespace=about.namespace)),
    )


def _workloads(snapshot: Snapshot, namespace: str) -> list[tuple[Ref, dict[str, str], bool, bool]]:
    """A namespace's workloads: the labels of their pods, whether they are scaled to nothing, whether they are new."""
    return [
        (
            Ref(text(each, "kind"), name_of(each), namespace),
            labels(each, "spec", "template", "metadata", "labels"),
            mapping(each, "spec").get("replicas") == 0,
            snapshot.is_new(text(each, "metadata", "creationTimestamp")),
        )
        for plural in ("deployments", "statefulsets", "daemonsets")
        for each in snapshot.of(plural)
        if namespace_of(each) == namespace
    ]


def _nearest(snapshot: Snapshot, about: Ref, selector: dict[str, str]) -> tuple[Ref, dict[str, str]] | None:
    """The pods whose labels are most like a selector, by their owner, and their labels."""
    best: tuple[float, Ref, dict[str, str]] | None = None
    for root, theirs in snapshot.once(("labels of pods", about.namespace), lambda: _kinds_of_pods(snapshot, about)):
        score = sum(_alike(key, value, theirs) for key, value in selector.items()) / len(selector)
        if root.name == about.name:
            score += ENOUGH_ALIKE  # a service is mostly called after what it is for
        if score >= ENOUGH_ALIKE and (best is None or score > best[0]):
            best = (score, root, theirs)
    return None if best is None else best[1:]


def _kinds_of_pods(snapshot: Snapshot, about: Ref) -> list[tuple[Ref, dict[str, str]]]:
    """The labels of a namespace's pods, once for all pods of one owner."""
    found: dict[Ref, dict[str, str]] = {}
    for pod in snapshot.pods_in(about.namespace):
        if not _is_over(pod):
            theirs = {k: v for k, v in labels(pod, "metadata", "labels").items() if k not in _OF_REPLICAS}
            found.setdefault(snapshot.root(pod, "Pod"), theirs)
    return list(found.items())


def _alike(key: str, value: str, theirs: dict[str, str]) -> float:
    there = theirs.get(key)
    if there == value:
        return 1.0
    if there is not None and fuzz.ratio(value, there, score_cutoff=ENOUGH):
        return ENOUGH_ALIKE
    return ENOUGH_ALIKE if value in theirs.values() else 0.0


def _ports(snapshot: Snapshot, service: Obj, about: Ref, pods: list[Obj]) -> Iterator[Finding]:
    """Target ports by a name that no container gives to one of its ports: these reach nobody."""
    for index, port in enumerate(items(service, "spec", "ports")):
        wanted = port.get("targetPort")
        if not isinstance(wanted, str) or wanted.isdecimal():
            continue
        known = sorted(
            {
                text(each, "name")
                for pod in pods
                for container, _ in containers(pod)
                for each in items(container, "ports")
                if text(each, "name")
            }
        )
        if wanted in known:
            continue
        near = nearest(wanted, known, 1) or (known if len(known) == 1 else [])
        yield Finding(
            "target_port",
            about,
            about,
            f"{about.path} sends to the port {wanted}, and no container behind it has a port of that name.",
            DOWN,
            (Evidence(f"The containers have {', '.join(known) or 'no named ports'}.", "ports of pods"),),
            (patched_at(about, f"/spec/ports/{index}/targetPort", near[0]),) if near else (),
            "" if near else "Name the port in the container, or send to its number.",
            (described(about),),
        )
