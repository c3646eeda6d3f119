"""Questions that are told by their whole wording."""

from __future__ import annotations

from dataclasses import replace

from app.nlp.translator import quantities
from app.nlp.translator.frame import Frame, certainty
from app.nlp.translator.inspection import diagnose_named, diagnose_place
from app.nlp.translator.kubectl import Scope, line
from app.nlp.translator.lexicon.kinds import KIND_WORDS, KINDS, WITH_LOGS, WORKLOADS, kind_of
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.plan import Behaviour, Plan, View, answer
from app.nlp.translator.questions import about_alerts, about_audit
from app.nlp.translator.tagger import Tag
from app.nlp.translator.targets import find_targets
from app.nlp.translator.templates.wording import Fit

_CONDITION = {"deployments": "available", "pods": "ready", "jobs": "complete"}  # what `kubectl wait` can wait for
_OUTERMOST = frozenset({"metadata", "spec", "status", "apiVersion", "kind", "data", "rules"})


def matching_logs(frame: Frame, found: Fit) -> Plan | None:
    """The lines of a log that hold a word."""
    targets = find_targets(found.frame, WITH_LOGS)
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["logs", t.entry.name if t.entry.kind == "pods" else t.path], t.scope) for t in targets)
    return _read(frame, found, commands, View(match=found.words["match"]))


def pods_on(frame: Frame, found: Fit) -> Plan | None:
    """The pods of a node."""
    targets = find_targets(found.frame, ("nodes",))
    if isinstance(targets, Plan):
        return None
    commands = tuple(
        line(["get", "pods", f"--field-selector=spec.nodeName={t.entry.name}"], Scope(None, t.cluster)) for t in targets
    )
    return _read(frame, found, commands, View())


def described(frame: Frame, found: Fit) -> Plan | None:
    """What is set on a workload or pod, in whole."""
    targets = find_targets(found.frame, (*WORKLOADS, "pods", "nodes"))
    if isinstance(targets, Plan):
        return targets
    return _read(frame, found, tuple(line(["describe", t.path], t.scope) for t in targets), View())


def revision(frame: Frame, found: Fit) -> Plan | None:
    """What a revision of a workload was made of."""
    targets = find_targets(found.frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    words = f"--revision={found.words['revision']}"
    commands = tuple(line(["rollout", "history", t.path, words], t.scope) for t in targets)
    return _read(frame, found, commands, View())


def cause(frame: Frame, found: Fit) -> Plan | None:
    """Why something ended."""
    return replace(diagnose_named(found.frame), reading=frame.reading())


def wait(frame: Frame, found: Fit) -> Plan | None:
    """Wait until an object is what was said, for as long as was said."""
    targets = find_targets(found.frame, (*WORKLOADS, "jobs", "pods"))
    if isinstance(targets, Plan):
        return targets
    limit = frame.first(Part.DURATION)
    within = [] if limit is None else [f"--timeout={quantities.spell_duration(int(str(limit.value)))}"]
    gone = found.words["state"].lower() in {"deleted", "gone"}
    commands = []
    for target in targets:
        condition = _CONDITION.get(target.entry.kind)
        if gone or condition:
            awaited = "delete" if gone else f"condition={condition}"
            words = ["wait", f"--for={awaited}", target.path]
        else:
            words = ["rollout", "status", target.path]
        commands.append(line([*words, *within], target.scope))
    return _read(frame, found, tuple(commands), View())


def explain(frame: Frame, found: Fit) -> Plan | None:
    """What a field of a kind is for."""
    path = found.words.get("path", "")
    kind = kind_of(path.partition(".")[0] or found.words.get("kind", ""))
    if kind.plural not in KINDS:
        return None
    field = path.partition(".")[2] or found.words.get("field", "")
    if field and field.partition(".")[0] not in _OUTERMOST:
        field = f"spec.{field}"
    words = f"{kind.singular}.{field}" if field else kind.singular
    return _read(frame, found, (line(["explain", words], Scope("", frame.clusters[0])),), View())


def beside(frame: Frame, found: Fit) -> Plan | None:
    """Objects of a kind that go with a workload: the one of its name, else all that are beside it."""
    kind = KIND_WORDS.get(tuple(found.words["kind"].lower().split()))
    targets = find_targets(found.frame, (*WORKLOADS, "services"))
    if kind is None or isinstance(targets, Plan):
        return None
    (target, *_) = targets
    named = frame.vocabulary.find(kind.plural, target.entry.namespace, target.entry.name)
    what = kind.plural if named is None else f"{kind.singular}/{named.name}"
    return _read(frame, found, (line(["get", what], target.scope),), View())


def ports(frame: Frame, found: Fit) -> Plan | None:
    """Where a service listens."""
    targets = find_targets(found.frame, ("services",))
    if isinstance(targets, Plan):
        return targets
    return _read(frame, found, tuple(line(["get", t.path], t.scope) for t in targets), View())


def alerts(frame: Frame, found: Fit) -> Plan | None:
    """Alerts that fire, or did."""
    say = "Alerts and error budgets are in the alert list of this chat."
    return answer(say, reading=frame.reading(), confidence=0.9, question=about_alerts(frame))


def node_usage(frame: Frame, found: Fit) -> Plan | None:
    """How much of a node is used; None for anything else."""
    targets = find_targets(found.frame, ("nodes",))
    if isinstance(targets, Plan):
        return None
    return _read(frame, found, tuple(line(["top", "node", t.entry.name], t.scope) for t in targets), View())


def all_containers(frame: Frame, found: Fit) -> Plan | None:
    """Logs of every container of a pod or workload."""
    targets = find_targets(found.frame, WITH_LOGS)
    if isinstance(targets, Plan):
        return targets
    commands = tuple(
        line(["logs", t.entry.name if t.entry.kind == "pods" else t.path, "--all-containers"], t.scope) for t in targets
    )
    return _read(frame, found, commands, View())


def labels(frame: Frame, found: Fit) -> Plan | None:
    """The labels of an object; those of its pods are shown with them."""
    if KINDS["pods"] in frame.kinds:
        return None
    targets = find_targets(found.frame, (*WORKLOADS, "pods", "nodes", "services"))
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["get", t.path, "--show-labels"], t.scope) for t in targets)
    return _read(frame, found, commands, View())


def set_on_node(frame: Frame, found: Fit) -> Plan | None:
    """Taints, conditions and capacity: they stand in a node's description."""
    targets = find_targets(found.frame, ("nodes",))
    if isinstance(targets, Plan):
        return None
    return _read(frame, found, tuple(line(["describe", t.path], t.scope) for t in targets), View())


def changed(frame: Frame, found: Fit) -> Plan | None:
    """What was changed through this chat, and by whom."""
    say = "Who changed what through this chat is in the audit log."
    return answer(say, reading=frame.reading(), confidence=0.93, question=about_audit(frame))


def autoscaler(frame: Frame, found: Fit) -> Plan | None:
    """The autoscaler of a workload, else those beside it."""
    targets = find_targets(found.frame, ("horizontalpodautoscalers",))
    if isinstance(targets, Plan):
        commands = tuple(line(["get", "horizontalpodautoscalers"], scope) for scope in found.frame.scopes())
    else:
        commands = tuple(line(["get", t.path], t.scope) for t in targets)
    return _read(frame, found, commands, View())


def claims(frame: Frame, found: Fit) -> Plan | None:
    """The claims of volumes of a workload, by its name in theirs; all beside it where none has it."""
    targets = find_targets(found.frame, (*WORKLOADS, "pods", "persistentvolumeclaims"))
    if isinstance(targets, Plan):
        return targets
    (target, *_) = targets
    named = [
        name
        for name, entries in found.frame.vocabulary.names.items()
        if target.entry.name in name
        and any(e.kind == "persistentvolumeclaims" and e.namespace == target.entry.namespace for e in entries)
    ]
    what = f"persistentvolumeclaim/{named[0]}" if len(named) == 1 else "persistentvolumeclaims"
    return _read(frame, found, (line(["get", what], target.scope),), View())


def endpoints(frame: Frame, found: Fit) -> Plan | None:
    """Where a service leads to."""
    targets = find_targets(found.frame, ("services", *WORKLOADS))
    if isinstance(targets, Plan):
        return targets
    return _read(frame, found, tuple(line(["get", "endpoints", t.entry.name], t.scope) for t in targets), View())


def contents(frame: Frame, found: Fit) -> Plan | None:
    """What a configmap holds; None for other objects, whose descriptions are read elsewhere."""
    targets = find_targets(found.frame, ("configmaps",))
    if isinstance(targets, Plan):
        return None
    return _read(frame, found, tuple(line(["get", t.path, "-o", "yaml"], t.scope) for t in targets), View())


def schedule(frame: Frame, found: Fit) -> Plan | None:
    """When a cronjob ran last, and how often it does."""
    targets = find_targets(found.frame, ("cronjobs",))
    if isinstance(targets, Plan):
        return None
    return _read(frame, found, tuple(line(["get", t.path], t.scope) for t in targets), View())


def health(frame: Frame, found: Fit) -> Plan | None:
    """Whether all is well where one is, or in the place that is said."""
    return diagnose_place(frame)


def cluster_health(frame: Frame, found: Fit) -> Plan | None:
    """Whether all is well in the whole cluster."""
    tags = [*frame.tags, Tag(Part.EVERYWHERE, "all namespaces", "all namespaces", len(frame.tags), len(frame.tags))]
    return replace(diagnose_place(Frame(tags, frame.vocabulary, frame.context)), reading=frame.reading())


def revisions(frame: Frame, found: Fit) -> Plan | None:
    """To which revisions a workload can go back."""
    targets = find_targets(found.frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    return _read(frame, found, tuple(line(["rollout", "history", t.path], t.scope) for t in targets), View())


def ended(frame: Frame, found: Fit) -> Plan | None:
    """Whether a job is done, or a rollout."""
    targets = find_targets(found.frame, ("jobs", *WORKLOADS))
    if isinstance(targets, Plan):
        return None
    commands = tuple(
        line(["get", t.path] if t.entry.kind == "jobs" else ["rollout", "status", t.path], t.scope) for t in targets
    )
    return _read(frame, found, commands, View())


def where_am_i(frame: Frame, found: Fit) -> Plan | None:
    """Where one is."""
    say = f"You are in cluster {frame.context.cluster}, namespace {frame.context.namespace}."
    return answer(say, reading=frame.reading(), confidence=0.95)


def meaning(frame: Frame, found: Fit) -> Plan | None:
    """What a kind is: with an article before it, as without one its objects are asked for ("what is a pdb")."""
    kind = KIND_WORDS.get(tuple(found.words["kind"].lower().split()))
    if kind is None or frame.names or not frame.says("a", "an"):
        return None
    say = f"What {kind.plural} are and which fields they have is told by kubectl explain {kind.singular}."
    return answer(say, [f"kubectl explain {kind.singular}"], reading=frame.reading(), confidence=0.93)


def concept(frame: Frame, found: Fit) -> Plan | None:
    """What two kinds are for is told by their documentation, not by a cluster's objects."""
    kinds = [kind_of(found.words[name]) for name in ("kind", "kind2")]
    if any(kind.plural not in KINDS for kind in kinds):
        return None
    say = "That is about Kubernetes itself; its documentation of each kind is a request away."
    return answer(say, [f"kubectl explain {kind.singular}" for kind in kinds], reading=frame.reading())


def _read(frame: Frame, found: Fit, commands: tuple[str, ...], view: View) -> Plan:
    score = round(0.92 * certainty(found.frame.tags), 2)
    return Plan(Behaviour.RUN, commands, confidence=score, reading=frame.reading(), view=view)
