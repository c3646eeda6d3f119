"""Pods that no node takes: held against what the nodes have left, their taints and labels, and the pod's volumes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.domain.commands.nearest import nearest
from app.domain.diagnosis.capacity import Room, asked, rooms, takes_pods, untolerated, wanted_labels, written
from app.domain.diagnosis.findings import DOWN, FAILING, Evidence, Finding, Ref
from app.domain.diagnosis.lines import described, line, patched
from app.domain.diagnosis.shapes import (
    Obj,
    condition,
    containers,
    items,
    labels,
    mapping,
    name_of,
    namespace_of,
    selects,
    text,
    texts,
)
from app.domain.diagnosis.snapshot import Snapshot

_SETTABLE = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})
_STEP = 0.1  # cores; a request is not offered in finer steps
_NODE_AFFINITY = (
    "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms",
)  # fmt: skip
# What only the scheduler can tell, by its own words.
_SAID = (
    ("anti-affinity", "each node has a pod already that it, or that pod, does not want beside itself"),
    ("pod affinity", "no node has the pods beside which it wants to be"),
    ("topology spread", "on each node that has room it would spread less evenly than it asks for"),
    ("volume node affinity conflict", "its volume lies where no node is that could take it"),
    ("free ports", "the port of the host that it wants is taken on each node"),
    ("exceed max volume count", "each node has as many volumes as it may"),
)
MOST_NODES = 8  # nodes that are told one by one


def look(snapshot: Snapshot, pod: Obj) -> Iterator[Finding]:
    """Why a pod is not placed."""
    placed = condition(pod, "PodScheduled")
    if text(pod, "status", "phase") != "Pending" or placed.get("status") != "False" or text(pod, "spec", "nodeName"):
        return
    about, root = Ref("Pod", name_of(pod), namespace_of(pod)), snapshot.root(pod, "Pod")
    said = Evidence(text(placed, "message") or "The scheduler gives no reason.", f"condition of {about.path}")
    if text(placed, "reason") == "SchedulingGated":
        yield Finding(
            "gated",
            about,
            root,
            f"{root.path} waits: its pod is held back by a scheduling gate.",
            FAILING,
            (said,),
            advice="Whoever set the gate in the pod's spec.schedulingGates has to take it away.",
            look=(described(about),),
        )
        return
    # The pods of one owner are all alike, and so is what keeps them away.
    owner = snapshot.owner(pod)
    key = ("unplaced", owner or about, said.text)
    found = snapshot.once(key, lambda: _unplaced(snapshot, pod, about, root, said))
    yield replace(found, about=about)


def _unplaced(snapshot: Snapshot, pod: Obj, about: Ref, root: Ref, said: Evidence) -> Finding:
    look_at = (described(about), line("get", "nodes"))
    claim = _unbound_claim(snapshot, pod)
    if claim is not None:
        # What is wrong with the claim is told where the claim is.
        return Finding(
            "waits_for_claim",
            about,
            root,
            f"{root.path} waits for its volume: the claim {claim.name} is not bound.",
            FAILING,
            (said,),
            look=(described(claim), described(about)),
            symptom=True,
            through=(claim,),
        )
    if not snapshot.of("nodes"):
        return Finding(
            "unschedulable", about, root, f"No node takes a pod of {root.path}.", DOWN, (said,), look=look_at
        )
    able = snapshot.once("open nodes", lambda: [node for node in snapshot.of("nodes") if takes_pods(node)])
    if not able:
        return Finding(
            "no_node_ready",
            about,
            root,
            f"No node takes a pod of {root.path}: none is ready and open for pods.",
            DOWN,
            (said, *_closed(snapshot)),
            _uncordoned(snapshot),
            "",
            look_at,
            symptom=True,
            through=tuple(Ref("Node", name_of(node)) for node in snapshot.of("nodes")),
        )
    for decide in (_by_labels, _by_affinity, _by_taints, _by_room):
        found = decide(snapshot, pod, about, root, able, said)
        if found is not None:
            return found
    cordoned = _uncordoned(snapshot)
    why = next((each for words, each in _SAID if words in said.text), "")
    return Finding(
        "unschedulable",
        about,
        root,
        f"No node takes a pod of {root.path}{f': {why}' if why else ''}.",
        DOWN,
        (said, *_closed(snapshot)),
        cordoned,
        "The condition of the pod says what each node lacks.",
        look_at,
    )


def _by_labels(snapshot: Snapshot, pod: Obj, about: Ref, root: Ref, able: list[Obj], said: Evidence) -> Finding | None:
    wanted = wanted_labels(pod)
    missing = next(
        (key for key, value in sorted(wanted.items()) if all(_label(node, key) != value for node in able)), None
    )
    if missing is None:
        return None
    there = sorted({value for node in able if (value := _label(node, missing))})
    keys = sorted({key for node in able for key in labels(node, "metadata", "labels")})
    near = nearest(wanted[missing], there, 1)
    alike = f"; the nearest is {keys_alike[0]}" if (keys_alike := nearest(missing, keys, 1)) else ""
    advice = "" if there else f"No node has the label {missing}{alike}."
    return Finding(
        "node_selector",
        about,
        root,
        f"No node takes a pod of {root.path}: it asks for nodes with the label {missing}={wanted[missing]}, and no open"
        " node has it.",
        DOWN,
        (said, Evidence(f"The nodes have {missing}={', '.join(there) or '(nothing)'}.", "labels of the nodes")),
        (_templated(root, {"nodeSelector": {missing: near[0]}}),) if near and root.kind in _SETTABLE else (),
        advice,
        (described(about), line("get", "nodes", "--show-labels")),
    )


def _by_affinity(
    snapshot: Snapshot, pod: Obj, about: Ref, root: Ref, able: list[Obj], said: Evidence
) -> Finding | None:
    """A rule about nodes' labels that no open node meets. Of its terms one has to hold, with all of its expressions."""
    terms = items(pod, *_NODE_AFFINITY)
    if not terms or any(_holds(term, node) for term in terms for node in able):
        return None
    expressions = [each for term in terms for each in items(term, "matchExpressions")]
    told = [
        f"{text(each, 'key')} {text(each, 'operator')} {', '.join(texts(each, 'values'))}".strip()
        for each in expressions
    ]
    keys = sorted({text(each, "key") for each in expressions})
    there = [f"{name_of(node)} has {', '.join(_written_label(node, key) for key in keys)}." for node in able]
    return Finding(
        "node_affinity",
        about,
        root,
        f"No node takes a pod of {root.path}: no open node meets its node affinity ({'; '.join(told)}).",
        DOWN,
        (said, *(Evidence(each, "labels of the nodes") for each in there[:MOST_NODES])),
        advice="Label a node so, or correct the affinity in the pod's template.",
        look=(described(about), line("get", "nodes", "--show-labels")),
    )


def _holds(term: Obj, node: Obj) -> bool:
    expressions = items(term, "matchExpressions")
    return bool(expressions or items(term, "matchFields")) and selects(
        {"matchExpressions": expressions}, labels(node, "metadata", "labels")
    )


def _written_label(node: Obj, key: str) -> str:
    return f"{key}={_label(node, key) or '(nothing)'}"


def _label(node: Obj, key: str) -> str:
    return labels(node, "metadata", "labels").get(key, "")


def _templated(root: Ref, spec: Obj) -> str:
    return patched(root, {"spec": {"template": {"spec": spec}}})


def _by_taints(snapshot: Snapshot, pod: Obj, about: Ref, root: Ref, able: list[Obj], said: Evidence) -> Finding | None:
    if any(not untolerated(node, pod) for node in able):
        return None
    kept = [(name_of(node), untolerated(node, pod)) for node in able[:MOST_NODES]]
    told = tuple(Evidence(f"{node} has {', '.join(taints)}.", "taints of the nodes") for node, taints in kept)
    return Finding(
        "taints",
        about,
        root,
        f"No node takes a pod of {root.path}: every open node has a taint that it does not tolerate.",
        DOWN,
        (said, *told),
        (),
        "Add a toleration to the pod's template where it belongs on such a node; else another node is needed.",
        (described(about), line("describe", "nodes")),
    )


def _by_room(snapshot: Snapshot, pod: Obj, about: Ref, root: Ref, able: list[Obj], said: Evidence) -> Finding | None:
    names = {name_of(node) for node in able if not untolerated(node, pod)}
    found = [room for room in rooms(snapshot) if room.node in names]
    needs = {**asked(pod), "pods": 1.0}
    seen = snapshot.knows("placed")
    short = [each for each in needs if found and all(room.free.get(each, 0.0) < needs[each] for room in found)]
    if not short:
        # Each thing fits somewhere, and all of them together nowhere.
        together = [room for room in found if all(room.free.get(each, 0.0) >= needs[each] for each in needs)]
        short = [] if together or not found else [each for each in needs if each != "pods"]
    if not short:
        return None
    first = max(short, key=lambda each: needs[each] / max(_best(found, each).free.get(each, 0.0), 1e-9))
    best = _best(found, first)
    never = needs[first] > max(room.total.get(first, 0.0) for room in found)
    left = best.free.get(first, 0.0)
    told = [
        Evidence(
            f"{room.node}: {written(first, room.free.get(first, 0.0))} {'free' if seen else 'in all'}"
            f" of {written(first, room.total.get(first, 0.0))}.",
            "nodes",
        )
        for room in found[:MOST_NODES]
    ]
    others = [each for each in short if each != first]
    told += [
        Evidence(f"It asks {written(each, needs[each])} as well; the most that is free is"
                 f" {written(each, _best(found, each).free.get(each, 0.0))}.", "nodes")
        for each in others
    ]  # fmt: skip
    what = f"it asks {written(first, needs[first])}; the node with most of it has {written(first, left)}"
    what += " free" if seen else " in all"
    advice = (
        "It is more than any node has in all: ask for less, or add a larger node."
        if never
        else "Ask for less, free a node, or add one."
    )
    return Finding(
        "no_room",
        about,
        root,
        f"No node takes a pod of {root.path}: {what}.",
        DOWN,
        (said, *told),
        (*_smaller(pod, root, first, best, seen=seen), *_uncordoned(snapshot)),
        advice,
        (described(about), line("top", "nodes")),
    )


def _best(found: list[Room], resource: str) -> Room:
    return max(found, key=lambda room: room.free.get(resource, 0.0))


def _smaller(pod: Obj, root: Ref, resource: str, best: Room, *, seen: bool) -> tuple[str, ...]:
    """A request that would fit, where one container alone asks too much of the CPU and the room is known."""
    main = [each for each, first in containers(pod) if not first]
    left = int(best.free.get(resource, 0.0) / _STEP) * _STEP
    if root.kind not in _SETTABLE or resource != "cpu" or not seen or len(main) != 1 or left < _STEP:
        return ()
    limit = mapping(main[0], "resources", "limits").get("cpu")
    words = [f"--requests=cpu={round(left * 1000)}m"]
    if limit is not None and not mapping(main[0], "resources", "requests").get("cpu"):
        words.append(f"--limits=cpu={round(left * 1000)}m")
    return (line("set", "resources", root.path, "-c", text(main[0], "name"), *words, namespace=root.namespace),)


def _closed(snapshot: Snapshot) -> list[Evidence]:
    return [
        Evidence(f"{name_of(node)} is {'cordoned' if _is_cordoned(node) else 'not ready'}.", "nodes")
        for node in snapshot.of("nodes")
        if not takes_pods(node)
    ][:MOST_NODES]


def _is_cordoned(node: Obj) -> bool:
    return node.get("spec", {}).get("unschedulable") is True


def _uncordoned(snapshot: Snapshot) -> tuple[str, ...]:
    closed = [
        node for node in snapshot.of("nodes") if _is_cordoned(node) and condition(node, "Ready").get("status") == "True"
    ]
    return tuple(line("uncordon", name_of(node)) for node in closed[:1])


def _unbound_claim(snapshot: Snapshot, pod: Obj) -> Ref | None:
    for volume in mapping(pod, "spec").get("volumes") or ():
        name = text(volume, "persistentVolumeClaim", "claimName")
        if not name:
            continue
        claim = snapshot.find("persistentvolumeclaims", namespace_of(pod), name)
        missing = claim is None and snapshot.knows("persistentvolumeclaims")
        if missing or (claim is not None and text(claim, "status", "phase") != "Bound"):
            return Ref("PersistentVolumeClaim", name, namespace_of(pod))
    return None
