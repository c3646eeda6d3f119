"""Reads requests for tables: lists, counts, filters, orders, states.

What kubectl can filter becomes a flag; what it can't (a pod in a crash loop has the phase Running) becomes a
condition on the table, so that the rows are what was asked for and not what the API happens to select.
"""

from __future__ import annotations

from app.nlp.translator.candidate import Candidate
from app.nlp.translator.frame import Frame, certainty
from app.nlp.translator.kubectl import Scope, line
from app.nlp.translator.lexicon.kinds import BY_IMPORTANCE, KINDS, WORKLOADS, Kind
from app.nlp.translator.lexicon.parts import Action, Form, Part
from app.nlp.translator.names import Known, NameMatch
from app.nlp.translator.plan import Behaviour, Condition, Plan, View, ask, refuse
from app.nlp.translator.tagger import Tag
from app.nlp.translator.targets import Target, find_targets

BY_RESTARTS = "--sort-by=.status.containerStatuses[0].restartCount"
BY_AGE = "--sort-by=.metadata.creationTimestamp"
_OWNERS = frozenset((*WORKLOADS, "jobs", "cronjobs"))
_PHASES = {"pending": "Pending", "succeeded": "Succeeded", "failed": "Failed"}
_BAD = Condition("STATUS", "not in", "Running,Completed,Succeeded")
_CONDITIONS = {
    "running": Condition("STATUS", "=", "Running"),
    "not running": _BAD,
    "failing": _BAD,
    "image": Condition("STATUS", "in", "ImagePullBackOff,ErrImagePull,ErrImageNeverPull,InvalidImageName"),
    "evicted": Condition("STATUS", "=", "Evicted"),
    "oom": Condition("STATUS", "=", "OOMKilled"),
    "terminating": Condition("STATUS", "=", "Terminating"),
}
_NODE_CONDITIONS = {"not ready": Condition("STATUS", "!=", "Ready"), "ready": Condition("STATUS", "=", "Ready")}


def listing(frame: Frame) -> Candidate | None:
    """A table of objects of one or several kinds."""
    kinds = frame.kinds
    status = frame.first(Part.STATUS)
    counted = frame.has(Part.QUESTION, "how many") or frame.has_action(Action.COUNT)
    if not kinds and status is not None and not frame.names:
        kinds = [KINDS["nodes"]] if frame.says("nodes") else [KINDS["pods"]]
    restarted = frame.says("restarts") or (
        frame.has_action(Action.RESTART) and frame.has(Part.QUESTION, "what") and not frame.names
    )
    if not kinds and (restarted or _speaks_of_running(frame)):
        kinds = [KINDS["pods"]]
    if not kinds:
        return None
    return Candidate(0.8, lambda: _list(frame, kinds, counted=counted))


def _speaks_of_running(frame: Frame) -> bool:
    return (
        frame.says("running", "runs")
        and not frame.names
        and frame.has(Part.QUESTION, "what")
        and not frame.has_topic("version", "image")
    )


def _list(frame: Frame, kinds: list[Kind], *, counted: bool) -> Plan:
    if frame.has(Part.QUANTITY, "all") and frame.says("away", "gone", "to zero", "zero"):
        return ask("I take nothing away all at once. Name the objects, one by one.", reading=frame.reading())
    if not frame.names and frame.has(Part.COPIES) and frame.numbers and frame.says("to") and not frame.is_question:
        return ask("I scale nothing all at once. Name the workloads, one by one.", reading=frame.reading())
    flags, conditions = _filters(frame, kinds[0])
    if kinds == [KINDS["nodes"]] and any(not _is_node(frame, t) for t in frame.names):
        flags = ["-o", "wide"]
    view = View(where=conditions, count=counted, limit=_limit(frame))
    words = _named(frame, kinds)
    if isinstance(words, Plan):
        return words
    if words:
        commands = [line(["get", *_narrowed(selected, flags)], scope) for selected, scope in words]
    else:
        scopes = [(kind, scope) for kind in kinds for scope in _scopes(frame, kind, flags)]
        commands = [line(["get", kind.plural, *flags], scope) for kind, scope in scopes]
    score = certainty(frame.tags) * 0.85 ** len(frame.unread) * 0.97 ** len(frame.unknown)
    return Plan(
        Behaviour.RUN,
        tuple(dict.fromkeys(commands)),
        confidence=round(0.97 * score, 2),
        reading=frame.reading(),
        view=view,
    )


def _narrowed(selected: list[str], flags: list[str]) -> list[str]:
    """Arguments with flags: one object is not chosen among others, and two selectors are one."""
    if len(selected) == 1:
        return [*selected, *(["-o", "wide"] if "-o" in flags else [])]
    if "-l" in selected and "-l" in flags:
        at = flags.index("-l")
        return [*selected[:-1], f"{selected[-1]},{flags[at + 1]}", *flags[:at], *flags[at + 2 :]]
    return [*selected, *flags]


def _scopes(frame: Frame, kind: Kind, flags: list[str]) -> list[Scope]:
    if kind.namespaced and any("spec.nodeName" in flag for flag in flags) and not frame.namespaces:
        return [Scope(None, cluster) for cluster in frame.clusters]
    return frame.scopes(namespaced=kind.namespaced)


def _named(frame: Frame, kinds: list[Kind]) -> list[tuple[list[str], Scope]] | Plan:
    """Arguments for objects that are named: pods by their workload's label, others by their own name."""
    names = [t for t in frame.names if not _is_node(frame, t) or kinds[0].plural == "nodes"]
    if not names:
        return []
    narrowed = Frame([t for t in frame.tags if t.part is not Part.NAME or t in names], frame.vocabulary, frame.context)
    if kinds == [KINDS["nodes"]]:
        kinds = [KINDS["pods"]]  # "which node does cart run on" is answered by its pods
    wanted = [kind.plural for kind in kinds]
    acceptable = [*wanted, *(k for k in (*WORKLOADS, "jobs", "cronjobs") if k not in wanted and "pods" in wanted)]
    if wanted == ["replicasets"]:
        acceptable = list(WORKLOADS)
    elif "pods" not in wanted:
        acceptable += [k for k in BY_IMPORTANCE if k not in acceptable]
    targets = find_targets(narrowed, _workload_first(frame, names, acceptable))
    if isinstance(targets, Plan):
        return targets
    return [(_arguments(frame, target, wanted), target.scope) for target in targets]


def _workload_first(frame: Frame, names: list[Tag], kinds: list[str]) -> list[str]:
    """Read "cart pods" as the pods of cart: no pod is called so."""
    exact = any(
        e.kind == "pods"
        for t in names
        if isinstance(t.value, NameMatch)
        for name in t.value.names
        for e in frame.vocabulary.names[name]
    ) or any(isinstance(t.value, Known) and t.value.entry.kind == "pods" for t in names)
    return kinds if exact else [k for k in kinds if k != "pods"]


def _arguments(frame: Frame, target: Target, wanted: list[str]) -> list[str]:
    owned = next((kind for kind in ("pods", "replicasets") if kind in wanted), None)
    if owned is not None and target.entry.kind in _OWNERS:
        return [owned, "-l", frame.vocabulary.selector_of(target.entry)]
    return [target.path]


def _is_node(frame: Frame, tag: Tag) -> bool:
    if isinstance(tag.value, Known):
        return tag.value.entry.kind == "nodes"
    return isinstance(tag.value, NameMatch) and all(
        e.kind == "nodes" for name in tag.value.names for e in frame.vocabulary.names[name]
    )


def _filters(frame: Frame, kind: Kind) -> tuple[list[str], tuple[Condition, ...]]:
    """Kubectl's flags, and the conditions that only the table can hold."""
    flags: list[str] = []
    conditions: list[Condition] = []
    selectors = [str(tag.value) for tag in frame.of(Part.SELECTOR)]
    if selectors:
        flags += ["-l", ",".join(dict.fromkeys(selectors))]
    node = next((t for t in frame.names if _is_node(frame, t)), None)
    if node is not None and kind.plural == "pods":
        name = node.value.names[0] if isinstance(node.value, NameMatch) else node.words
        name = node.value.entry.name if isinstance(node.value, Known) else name
        flags.append(f"--field-selector=spec.nodeName={name}")
    for status in frame.of(Part.STATUS):
        _add_status(str(status.value), kind, flags, conditions)
    if kind.plural == "pods" and _asks_for_restarts(frame):
        if not frame.numbers:  # "more than five" leaves the order to the person
            flags.append(BY_RESTARTS)
        conditions.append(Condition("RESTARTS", ">", str(_bound(frame))))
    elif frame.has(Part.ORDER, "newest", "oldest"):
        flags.append(BY_AGE)
    age = frame.first(Part.DURATION) or frame.first(Part.TIME)
    comparison = frame.first(Part.COMPARISON)
    if age is not None and comparison is not None:
        younger = comparison.value == "<"
        conditions.append(Condition("AGE", "<" if younger else ">", str(age.value)))
    if frame.has(Part.FLAG, "wide") or frame.has_topic("image", "where"):
        flags += ["-o", "wide"]
    if frame.has_topic("labels"):
        flags.append("--show-labels")
    if frame.has(Part.FLAG, "watch") or any(tag.low == "watch" for tag, _ in frame.verbs(Form.BASE)):
        flags.append("-w")
    return flags, tuple(conditions)


def _add_status(status: str, kind: Kind, flags: list[str], conditions: list[Condition]) -> None:
    if kind.plural == "pods" and status in _PHASES:
        flags.append(f"--field-selector=status.phase={_PHASES[status]}")
    elif kind.plural == "nodes" and status in {"not ready", "not running", "failing", "ready"}:
        conditions.append(_NODE_CONDITIONS["ready" if status == "ready" else "not ready"])
    elif status in {"ready", "not ready"} or (kind.plural in WORKLOADS and status in {"not running", "failing"}):
        conditions.append(Condition("READY", "=" if status == "ready" else "!=", "all"))
    elif status in _CONDITIONS:
        conditions.append(_CONDITIONS[status])


def _asks_for_restarts(frame: Frame) -> bool:
    return frame.has_topic("restarts") or frame.has(Part.ORDER, "restarts") or frame.has_action(Action.RESTART)


def _bound(frame: Frame) -> int:
    number = next(iter(frame.numbers), None)
    return number.value if number is not None and isinstance(number.value, int) and frame.has(Part.COMPARISON) else 0


def _limit(frame: Frame) -> int | None:
    """A number of rows ("the 5 newest pods"); a number that is compared with is none."""
    number = next(iter(frame.numbers), None)
    if number is None or frame.has(Part.COMPARISON) or not isinstance(number.value, int) or not frame.has(Part.ORDER):
        return None
    return number.value if 0 < number.value <= 1000 else None


_DISKS = ("disk", "disks", "volume", "volumes", "storage", "claim", "claims")


def claims(frame: Frame) -> Candidate | None:
    """The volume claim of a workload, by its name: "the disk of the orders database"."""
    speaks = KINDS["persistentvolumeclaims"] in frame.kinds or frame.says(*_DISKS)
    names = [name for tag in frame.names for name in getattr(tag.value, "names", ())]
    if not speaks or not names or frame.has_topic("logs", "events"):
        return None
    found = {
        entry.name: entry
        for entries in frame.vocabulary.names.values()
        for entry in entries
        if entry.kind == "persistentvolumeclaims"
        and any(entry.name.endswith(f"-{name}") or f"-{name}-" in entry.name for name in names)
    }
    if len(found) != 1 or any(
        frame.vocabulary.find("persistentvolumeclaims", e.namespace, n) for n in names for e in found.values()
    ):
        return None
    entry = next(iter(found.values()))
    verb = "describe" if frame.has_action(Action.DESCRIBE) else "get"
    commands = tuple(
        line([verb, f"persistentvolumeclaim/{entry.name}"], scope) for scope in frame.scopes(namespace=entry.namespace)
    )
    return Candidate(0.96, lambda: Plan(Behaviour.RUN, commands, confidence=0.9, reading=frame.reading()))


def endpoints(frame: Frame) -> Candidate | None:
    """The endpoints behind a service that is named."""
    kinds = set(frame.kinds)
    if KINDS["endpoints"] not in kinds or kinds - {KINDS["endpoints"], KINDS["services"]} or not frame.names:
        return None
    targets = find_targets(frame, ("services",))
    if isinstance(targets, Plan):
        return None
    commands = tuple(line(["get", "endpoints", t.entry.name], t.scope) for t in targets)
    return Candidate(0.96, lambda: Plan(Behaviour.RUN, commands, confidence=0.9, reading=frame.reading()))


def status(frame: Frame) -> Candidate | None:
    """How one object is doing, or where it runs."""
    if not frame.names:
        return None
    pods = any(kind.plural == "pods" for kind in frame.kinds)
    if (frame.has_topic("where") or frame.has(Part.FLAG, "wide")) and not frame.kinds:
        return Candidate(0.82, lambda: _list(frame, [KINDS["pods"]], counted=False))
    if frame.has_topic("replicas") or (frame.has(Part.COPIES) and frame.is_question):
        return Candidate(0.9, lambda: _get(frame, []))
    if frame.has_topic("image") and not pods:
        return Candidate(0.83, lambda: _get(frame, ["-o", "wide"]))
    if pods:
        return None
    if (
        frame.has_topic("status")
        or frame.has(Part.STATUS)
        or frame.says("up", "running", "down")
        or (frame.is_question and frame.says("there", "exist", "exists", "around", "still"))
        or frame.has_action(Action.SHOW)
    ):
        return Candidate(0.75, lambda: _get(frame, []))
    if len(frame.content) == len(frame.names) + len(frame.kinds) + len(frame.of(Part.NAMESPACE, Part.CLUSTER)):
        return Candidate(0.5, lambda: _get(frame, [], certain=0.7))
    return None


def _get(frame: Frame, flags: list[str], certain: float = 0.93) -> Plan:
    targets = find_targets(frame, BY_IMPORTANCE)
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["get", target.path, *flags], target.scope) for target in targets)
    return Plan(Behaviour.RUN, commands, confidence=round(certain * certainty(frame.tags), 2), reading=frame.reading())


def document(frame: Frame) -> Candidate | None:
    """An object as YAML or JSON."""
    form = next((f for f in ("yaml", "json") if frame.has_topic(f)), None)
    if form is None or not (frame.names or frame.kinds):
        return None
    return Candidate(0.94, lambda: _document(frame, form))


def _document(frame: Frame, form: str) -> Plan:
    flags = ["-o", form]
    if not frame.names:
        kind = frame.kinds[0]
        if kind.plural == "secrets":
            return refuse("Secrets' values never leave the cluster through this chat.", reading=frame.reading())
        commands = tuple(
            line(["get", kind.plural, *flags], scope) for scope in frame.scopes(namespaced=kind.namespaced)
        )
        return Plan(Behaviour.RUN, commands, confidence=0.9, reading=frame.reading())
    targets = find_targets(frame, BY_IMPORTANCE)
    if isinstance(targets, Plan):
        return targets
    if any(t.entry.kind == "secrets" for t in targets):
        return refuse("Secrets' values never leave the cluster through this chat.", reading=frame.reading())
    commands = tuple(line(["get", t.path, *flags], t.scope) for t in targets)
    return Plan(Behaviour.RUN, commands, confidence=round(0.95 * certainty(frame.tags), 2), reading=frame.reading())


def everything(frame: Frame) -> Candidate | None:
    """What there is in a namespace."""
    if frame.kinds or frame.names or frame.unread:
        return None
    asks = frame.has(Part.QUESTION, "what") or frame.has_action(Action.SHOW)
    if not asks or not (frame.namespaces or frame.has(Part.EVERYWHERE) or frame.has(Part.QUANTITY, "all")):
        return None
    if frame.has(Part.TOPIC) or frame.unknown:
        return None
    return Candidate(
        0.6,
        lambda: Plan(
            Behaviour.RUN,
            tuple(line(["get", "all"], s) for s in frame.scopes()),
            confidence=0.85,
            reading=frame.reading(),
        ),
    )
