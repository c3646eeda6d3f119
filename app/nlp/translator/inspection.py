"""Reads requests to look into one thing: logs, events, usage, descriptions, rollouts, causes."""

from __future__ import annotations

from app.nlp.translator import quantities
from app.nlp.translator.candidate import Candidate
from app.nlp.translator.frame import Frame, certainty
from app.nlp.translator.kubectl import Scope, line
from app.nlp.translator.lexicon.kinds import BY_IMPORTANCE, KINDS, WITH_LOGS, WORKLOADS
from app.nlp.translator.lexicon.parts import Action, Form, Part, Verb
from app.nlp.translator.plan import Behaviour, Plan, View, ask
from app.nlp.translator.tagger import Tag
from app.nlp.translator.targets import Target, find_targets

_STRONG_USAGE = frozenset(
    [
        "top",
        "usage",
        "consumption",
        "utilization",
        "utilisation",
        "load",
        "hogs",
        "hog",
        "busy",
        "hungry",
        "hungriest",
        "loaded",
        "heaviest",
        "greediest",
        "hogging",
    ]
) | {
    "resource usage",
    "resource consumption",
    "under load",
}
_AT_AN_END = ("at", "last", "first", "by age", "newest first", "oldest first", "sorted by age", "sort by age")
_HOLDING = frozenset(
    ["containing", "contain", "contains", "mentioning", "mention", "mentions", "saying", "status", "with"]
)
_PATTERNS = {"errors": "error"}


_HOW_MUCH = "How much, of which workload? Say it as “set the memory limit of checkout to 512Mi”."


def logs(frame: Frame) -> Candidate | None:
    """The logs of a pod or of a workload's pods."""
    spoken = frame.has_topic("logs")
    printed = frame.has_topic("print") and bool(frame.names)
    lines = frame.says("lines", "line") and bool(frame.names)
    faults = frame.has_topic("errors") and bool(frame.names)
    crashed = frame.has(Part.FLAG, "previous", "follow") and bool(frame.names)
    if not (spoken or printed or lines or faults or crashed):
        return None
    return Candidate(0.92 if spoken or printed else 0.8, lambda: _logs(frame))


def _logs(frame: Frame) -> Plan:
    selector = frame.first(Part.SELECTOR)
    flags = log_flags(frame)
    view = View(match=next((pattern for topic, pattern in _PATTERNS.items() if frame.has_topic(topic)), ""))
    if selector is not None and not frame.names:
        commands = tuple(line(["logs", "-l", str(selector.value), *flags], scope) for scope in frame.scopes())
        return Plan(Behaviour.RUN, commands, confidence=0.93, reading=frame.reading(), view=view)
    targets = find_targets(frame, WITH_LOGS)
    if isinstance(targets, Plan):
        return targets
    every_pod = frame.has(Part.QUANTITY, "all") and KINDS["pods"] in frame.kinds
    commands = tuple(
        line(["logs", *_log_target(frame, target, every_pod=every_pod), *flags], target.scope) for target in targets
    )
    score = certainty(frame.tags) * 0.85 ** len(frame.unread)
    return Plan(Behaviour.RUN, commands, confidence=round(0.97 * score, 2), reading=frame.reading(), view=view)


def _log_target(frame: Frame, target: Target, *, every_pod: bool) -> list[str]:
    if target.entry.kind == "pods":
        return [target.entry.name]
    if every_pod:
        return ["-l", frame.vocabulary.selector_of(target.entry)]
    return [target.path]


def _is_a_count(frame: Frame, number: Tag) -> bool:
    """Whether a number says how many lines: not "the logs of the canary one", nor a status that the lines hold."""
    before = frame.before(number)
    return number.low != "one" and (before is None or before.low not in _HOLDING)


def log_flags(frame: Frame) -> list[str]:
    """The flags of `logs` that a clause asks for."""
    flags: list[str] = []
    number = next((tag for tag in frame.numbers if _is_a_count(frame, tag)), None)
    if number is not None:
        flags.append(f"--tail={number.value}")
    since = frame.first(Part.DURATION) or frame.first(Part.TIME)
    if since is not None:
        flags.append(f"--since={quantities.spell_duration(int(str(since.value)))}")
    if frame.has(Part.FLAG, "previous"):
        flags.append("--previous")
    if frame.has(Part.FLAG, "follow"):
        flags.append("-f")
    flags += [f"--{flag}" for flag in ("timestamps", "prefix") if frame.has(Part.FLAG, flag)]
    container = frame.first(Part.CONTAINER)
    if container is not None:
        flags += ["-c", str(container.value)]
    elif frame.has(Part.FLAG, "all-containers"):
        flags.append("--all-containers")
    return flags


def events(frame: Frame) -> Candidate | None:
    """Events, all or those of one object."""
    if not frame.has_topic("events"):
        return None
    return Candidate(0.9, lambda: _events(frame))


def _events(frame: Frame) -> Plan:
    warnings = frame.says("warnings", "warning", "warning events")
    if frame.names:
        targets = find_targets(frame, BY_IMPORTANCE)
        if isinstance(targets, Plan):
            return targets
        flags = ["--types=Warning"] if warnings else []
        commands = tuple(line(["events", "--for", target.path, *flags], target.scope) for target in targets)
    else:
        flags = ["--field-selector=type=Warning"] if warnings else []
        if frame.has(Part.ORDER, "newest", "oldest") and frame.says(*_AT_AN_END):
            flags.append("--sort-by=.lastTimestamp")
        commands = tuple(line(["get", "events", *flags], scope) for scope in frame.scopes())
    return Plan(Behaviour.RUN, commands, confidence=round(0.95 * certainty(frame.tags), 2), reading=frame.reading())


def usage(frame: Frame) -> Candidate | None:
    """CPU and memory in use."""
    if _asks_for_more(frame):
        return Candidate(0.95, lambda: ask(_HOW_MUCH, reading=frame.reading()))
    strong = any(t.part is Part.TOPIC and t.value == "top" and t.low in _STRONG_USAGE for t in frame.tags)
    if not strong and not frame.has(Part.METRIC):
        return None
    return Candidate(0.9, lambda: _usage(frame))


def _asks_for_more(frame: Frame) -> bool:
    """Whether resources are asked to be changed, without an amount ("give the app more memory")."""
    first = next(iter(frame.content), None)
    leads = first is not None and isinstance(first.value, Verb) and first.value.form is Form.BASE
    if first is None or not leads or not frame.has(Part.METRIC) or frame.is_question:
        return False
    raises = first.low in {"give", "grant", "allow"} or (
        isinstance(first.value, Verb) and first.value.action in {Action.SCALE, Action.LIGHT}
    )
    return raises and (
        frame.has(Part.AMOUNT, "more", "fewer", "double", "half", "many") or first.low not in {"give", "grant"}
    )


def _usage(frame: Frame) -> Plan:
    metric = frame.first(Part.METRIC)
    ranked = (
        frame.has(Part.ORDER, "most", "least")
        or bool(frame.numbers)
        or frame.says(
            "consumers",
            "consumer",
            "hogs",
            "hog",
            "hungry",
            "hungriest",
            "heaviest",
            "greediest",
            "hogging",
            "by cpu",
            "by memory",
            "by mem",
            "which",
            "eating",
            "burning",
            "taking up",
        )
        or (frame.has(Part.QUESTION, "who", "what") or frame.says("who"))
    )
    flags = [f"--sort-by={metric.value}"] if metric is not None and ranked else []
    if frame.says("per container", "by container", "each container", "every container", "container level"):
        flags.append("--containers")
    number = next(iter(frame.numbers), None)
    view = View(
        limit=number.value
        if number is not None and isinstance(number.value, int) and 0 < number.value <= 1000
        else None
    )
    if frame.names:
        return _usage_of(frame, flags, view)
    if (
        KINDS["nodes"] in frame.kinds
        or frame.says("per node", "which node each")
        or frame.says("cluster", "the cluster")
    ):
        commands = tuple(line(["top", "nodes", *flags], scope) for scope in frame.scopes(namespaced=False))
    else:
        commands = tuple(line(["top", "pods", *flags], scope) for scope in frame.scopes())
    return Plan(
        Behaviour.RUN, commands, confidence=round(0.94 * certainty(frame.tags), 2), reading=frame.reading(), view=view
    )


def _usage_of(frame: Frame, flags: list[str], view: View) -> Plan:
    targets = find_targets(frame, (*WORKLOADS, "jobs", "pods", "nodes"))
    if isinstance(targets, Plan):
        return targets
    commands = []
    for target in targets:
        if target.entry.kind in {"pods", "nodes"}:
            words = ["top", target.entry.kind.removesuffix("s"), target.entry.name]
        else:
            words = ["top", "pods", "-l", frame.vocabulary.selector_of(target.entry), *flags]
        commands.append(line(words, target.scope))
    return Plan(
        Behaviour.RUN,
        tuple(commands),
        confidence=round(0.93 * certainty(frame.tags), 2),
        reading=frame.reading(),
        view=view,
    )


def description(frame: Frame) -> Candidate | None:
    """Everything that is known about one object."""
    if not (
        frame.has_action(Action.DESCRIBE) or (frame.has_topic("details") and (frame.names or frame.namespace_object))
    ):
        return None
    return Candidate(0.85, lambda: _describe(frame))


def _describe(frame: Frame) -> Plan:
    space = frame.namespace_object
    if space is not None and not frame.names:
        commands = tuple(
            line(["describe", f"namespace/{space.value}"], scope) for scope in frame.scopes(namespaced=False)
        )
        return Plan(Behaviour.RUN, commands, confidence=0.95, reading=frame.reading())
    if frame.has(Part.QUOTATION) and not frame.names:
        quoted = next(iter(frame.of(Part.QUOTATION)))
        return ask(f"I find no object “{quoted.value}”.", reading=frame.reading())
    if not frame.names and frame.kind is not None and not frame.unread and not frame.unknown:
        kind = frame.kind
        commands = tuple(line(["describe", kind.plural], scope) for scope in frame.scopes(namespaced=kind.namespaced))
        return Plan(Behaviour.RUN, commands, confidence=0.85, reading=frame.reading())
    targets = find_targets(frame, BY_IMPORTANCE)
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["describe", *_described(frame, target)], target.scope) for target in targets)
    score = certainty(frame.tags) * 0.85 ** len(frame.unread)
    return Plan(Behaviour.RUN, commands, confidence=round(0.96 * score, 2), reading=frame.reading())


def _described(frame: Frame, target: Target) -> list[str]:
    """Say what is described: "the cart pods" are its pods, not the deployment."""
    if frame.kind is KINDS["pods"] and target.entry.kind != "pods":
        pods = frame.vocabulary.pods_of.get((target.entry.namespace, target.entry.name), [])
        return [f"pod/{pods[0]}"] if len(pods) == 1 else ["pods", "-l", frame.vocabulary.selector_of(target.entry)]
    return [target.path]


def rollout(frame: Frame) -> Candidate | None:
    """How far a rollout is, or which revisions there were."""
    asks_for_end = (
        frame.has(Part.AUXILIARY)
        and frame.says("done", "finished", "complete", "ready yet")
        and bool(frame.names)
        and not frame.kinds
    )
    verb = "history" if frame.has_topic("history") else "status" if frame.has_topic("rollout") or asks_for_end else None
    if verb is None:
        return None
    return Candidate(0.93 if frame.names else 0.6, lambda: _rollout(frame, verb))


def _rollout(frame: Frame, verb: str) -> Plan:
    targets = find_targets(frame, (*WORKLOADS, "jobs") if verb == "status" else WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    commands = tuple(
        line(["get", t.path] if t.entry.kind == "jobs" else ["rollout", verb, t.path], t.scope) for t in targets
    )
    return Plan(Behaviour.RUN, commands, confidence=round(0.95 * certainty(frame.tags), 2), reading=frame.reading())


def diagnosis(frame: Frame) -> Candidate | None:
    """Why something does not work."""
    why = frame.has(Part.QUESTION, "why") or (
        frame.says("what is going on", "going on") and frame.has(Part.PREPOSITION, "with") and bool(frame.names)
    )
    if not why and not frame.has_topic("diagnose"):
        return None
    if not why and KINDS["pods"] in frame.kinds and not frame.names:
        return None
    return Candidate(0.95, lambda: diagnose_named(frame))


def diagnose_named(frame: Frame) -> Plan:
    """What keeps an object from working, or a place where no object is named."""
    if not frame.names:
        if frame.unread:
            targets = find_targets(frame, (*WORKLOADS, "pods"))
            if isinstance(targets, Plan):
                return targets
        if frame.has(Part.QUESTION, "why") and not (
            frame.kinds or frame.namespaces or frame.has(Part.STATUS) or frame.has_topic("diagnose")
        ):
            return ask("What is it about? Name a workload, a pod or a namespace.", reading=frame.reading())
        return diagnose_place(frame)
    targets = find_targets(
        frame,
        (
            *WORKLOADS,
            "cronjobs",
            "jobs",
            "pods",
            "nodes",
            "services",
            "ingresses",
            "persistentvolumeclaims",
            "horizontalpodautoscalers",
        ),
    )
    if isinstance(targets, Plan):
        return targets
    target = targets[0]
    return Plan(
        Behaviour.DIAGNOSE,
        tuple(line(words, target.scope) for words in _evidence(frame, target)),
        confidence=round(0.93 * certainty(frame.tags), 2),
        reading=frame.reading(),
        target=_spell_target(target.path, target.scope),
    )


def _evidence(frame: Frame, target: Target) -> list[list[str]]:
    """The reads that show a cause, for a receiver that has no diagnosis of its own."""
    if target.entry.kind in WORKLOADS:
        return [
            ["get", "pods", "-l", frame.vocabulary.selector_of(target.entry)],
            ["describe", target.path],
            ["logs", target.path, "--tail=50"],
        ]
    if target.entry.kind == "pods":
        return [["describe", target.path], ["logs", target.entry.name, "--tail=50"]]
    return [["describe", target.path]]


def diagnose_place(frame: Frame) -> Plan:
    """What is wrong in a namespace, or in the whole cluster."""
    cluster = frame.clusters[0]
    if frame.has(Part.EVERYWHERE) or (frame.has(Part.CLUSTER) and not frame.namespaces) or frame.says("cluster"):
        scope, target = Scope(None, cluster), "cluster"
    else:
        namespace = frame.namespaces[0] if frame.namespaces else frame.context.namespace
        scope, target = Scope(namespace, cluster), f"namespace/{namespace}"
    commands = (line(["get", "pods"], scope), line(["get", "events", "--field-selector=type=Warning"], scope))
    return Plan(
        Behaviour.DIAGNOSE,
        commands,
        confidence=0.85,
        reading=frame.reading(),
        target=_spell_target(target, Scope("", cluster)),
    )


def _spell_target(path: str, scope: Scope) -> str:
    words = [path]
    if scope.namespace:
        words += ["-n", scope.namespace]
    if scope.cluster is not None:
        words += ["--context", scope.cluster]
    return " ".join(words)
