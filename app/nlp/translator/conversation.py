"""Reads what only makes sense after an earlier turn: replies, corrections, requests that name only what differs."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

from app.nlp.translator.changes import PROTECTED, recent_replicas
from app.nlp.translator.frame import Frame, certainty
from app.nlp.translator.inspection import log_flags
from app.nlp.translator.kubectl import Scope, Spoken, line, read_line, words_of
from app.nlp.translator.lexicon.kinds import BY_IMPORTANCE, KINDS, SCALABLE, WITH_LOGS, WORKLOADS, Kind
from app.nlp.translator.lexicon.parts import Action, Form, Part
from app.nlp.translator.listing import BY_AGE, BY_RESTARTS
from app.nlp.translator.plan import Behaviour, Plan, Turn, answer, ask
from app.nlp.translator.references import last_spoken, referents
from app.nlp.translator.scaling import MAX_REPLICAS, amount_of
from app.nlp.translator.targets import Target, find_targets
from app.nlp.translator.vocabulary import is_valid_name

_READS = frozenset(
    {
        "get",
        "describe",
        "diagnose",
        "logs",
        "top",
        "events",
        "rollout status",
        "rollout history",
        "version",
        "auth whoami",
        "auth can-i",
        "api-resources",
        "config get-contexts",
    }
)
_IMAGE = re.compile(r"[\w./-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?")
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:m|[KMG]i?)?")
_LIMIT = re.compile(r"--(?:limits|requests)=(?:cpu|memory)=[\w.]+")
_SUSPENDS = re.compile(r'"suspend":\s*(?:true|false)')
_PAIRS = {
    "cordon": "uncordon",
    "uncordon": "cordon",
    "drain": "uncordon",
    "rollout pause": "rollout resume",
    "rollout resume": "rollout pause",
}
_MADE = frozenset({"configmap", "namespace", "job", "deployment", "cronjob", "serviceaccount"})
_PLAIN_VALUE = re.compile(r"[\w.:/@-]+")
_STRONG = frozenset({"delete", "drain"})
_SAME_FOR_ALL = frozenset({"label", "annotate", "set env"})  # what they set does not hold their object's name
_ELLIPTICAL = frozenset(
    {
        Part.LINK,
        Part.NAMESPACE,
        Part.CLUSTER,
        Part.EVERYWHERE,
        Part.EVERY_CLUSTER,
        Part.NAME,
        Part.KIND,
        Part.NUMBER,
        Part.DURATION,
        Part.TIME,
        Part.FLAG,
        Part.STATUS,
        Part.SELECTOR,
        Part.COPIES,
        Part.ORDER,
        Part.METRIC,
        Part.AMOUNT,
        Part.CONTAINER,
        Part.REPLY,
        Part.COURTESY,
        Part.FILLER,
        Part.PREPOSITION,
        Part.MARK,
        Part.AUXILIARY,
        Part.REFERENCE,
        Part.IMAGE,
    }
)


def behaviour_of(spoken: Spoken) -> Behaviour:
    """What is to be done with a command: what is not known to read is taken for a change."""
    if spoken.verb in _READS or spoken.verb.startswith("auth can-i "):
        return Behaviour.RUN
    if spoken.verb in _STRONG or spoken.scope.namespace in PROTECTED:
        return Behaviour.STRONG
    return Behaviour.CONFIRM


def reply(frame: Frame) -> Plan | None:
    """An answer to what was asked or shown before: yes, no, show the diff, again, undo."""
    content = [
        t
        for t in frame.tags
        if t.part not in {Part.COURTESY, Part.MARK, Part.FILLER, Part.LINK, Part.REFERENCE, Part.PREPOSITION}
    ]
    said = [str(t.value) for t in content if t.part is Part.REPLY]
    bare = len(said) == len(content)
    if not content:
        said = ["yes"] if frame.says("ok", "okay", "alright", "right") else []
        bare = bool(said)
    last = frame.context.turns[-1] if frame.context.turns else None
    pending = last if last is not None and last.state == "pending" else None
    stops = pending is not None or not content or content[0].low not in {"pause", "hold", "halt", "freeze"}
    if not bare and len(content) == 1 and frame.has_action(Action.UNDO, Action.STOP) and stops:
        said, bare = ["undo" if frame.has_action(Action.UNDO) else "no"], True
    if not bare or not said:
        return None
    if pending is None and not frame.context.turns and not content:
        return None
    if "undo" in said and pending is None:
        said = ["undo"]  # "no, put that back the way it was"
    return _answer_reply(frame, said[0] if "no" not in said else "no", pending)


def _answer_reply(frame: Frame, said: str, pending: Turn | None) -> Plan | None:
    reading = frame.reading()
    if said in {"yes", "no", "diff"} and pending is None:
        return ask("Nothing is waiting for an answer. What would you like to do?", confidence=0.5, reading=reading)
    match said:
        case "yes":
            return Plan(Behaviour.SESSION, confidence=0.97, reading=reading, action="execute pending")
        case "no":
            return Plan(Behaviour.SESSION, confidence=0.97, reading=reading, action="cancel pending")
        case "diff":
            return Plan(Behaviour.SESSION, confidence=0.95, reading=reading, action="show diff of pending")
        case "again":
            last = last_spoken(frame.context)
            if last is None:
                return ask("There is nothing to repeat yet.", reading=reading)
            return Plan(behaviour_of(last[1]), (last[1].write(),), confidence=0.93, reading=reading)
        case "undo":
            return _undo(frame)
        case "outcome":
            return _outcome(frame)
        case _:
            return None


def _outcome(frame: Frame) -> Plan | None:
    """How the last thing that was done went: a rollout's progress, else the object itself, else the same read again."""
    last = last_spoken(frame.context)
    if last is None:
        return None
    spoken = last[1]
    if behaviour_of(spoken) is not Behaviour.RUN and spoken.kind is not None and spoken.names:
        rolls_out = (
            spoken.verb in {"rollout restart", "rollout undo", "set image", "scale"} and spoken.kind.plural in WORKLOADS
        )
        spoken = Spoken("rollout status" if rolls_out else "get", spoken.kind, spoken.names, spoken.scope)
    return Plan(Behaviour.RUN, (spoken.write(),), confidence=0.88, reading=frame.reading())


def _undo(frame: Frame) -> Plan:
    """The command that takes the last change back."""
    for turn in reversed(frame.context.turns):
        last = last_spoken(replace(frame.context, turns=(turn,)))
        if last is None or behaviour_of(last[1]) is Behaviour.RUN or turn.state not in {"done", "pending"}:
            continue
        if turn.state == "pending":
            return Plan(Behaviour.SESSION, confidence=0.9, reading=frame.reading(), action="cancel pending")
        back = opposite(turn)
        read = None if back is None else read_line(back)
        if back is None or read is None:
            return answer(f"“{turn.command}” can't be taken back by a command.", reading=frame.reading())
        return Plan(
            behaviour_of(read),
            (back,),
            say=f"This takes back “{turn.command}”.",
            confidence=0.93,
            reading=frame.reading(),
        )
    last = last_spoken(frame.context)
    rolls = any("roll" in tag.low for tag in frame.tags)
    if last is not None and last[1].verb in {"rollout history", "rollout status"} and last[1].names and rolls:
        undone = Spoken("rollout undo", last[1].kind, last[1].names, last[1].scope)
        return Plan(behaviour_of(undone), (undone.write(),), confidence=0.88, reading=frame.reading())
    return ask("I see no change here that could be taken back.", reading=frame.reading())


def opposite(turn: Turn) -> str | None:
    """The line that takes a change back; None where there is none, or nobody knows what was there before."""
    spoken = read_line(turn.command)
    if spoken is None:
        return None
    back = _opposite(spoken, turn)
    return _unmade(spoken, turn) if back is None else back.write()


def _opposite(spoken: Spoken, turn: Turn) -> Spoken | None:
    if spoken.verb == "scale" and turn.before is not None and turn.before.isdigit():
        return spoken.with_flag("--replicas", turn.before)
    if spoken.verb == "set image" and turn.before and len(spoken.rest) == 1 and _IMAGE.fullmatch(turn.before):
        return replace(spoken, rest=(f"{spoken.rest[0].partition('=')[0]}={turn.before}",))
    if spoken.verb in {"set image", "rollout undo"}:
        return Spoken("rollout undo", spoken.kind, spoken.names, spoken.scope)
    if spoken.verb in {"set env", "label", "annotate"} and len(spoken.rest) == 1:
        return _set_back(spoken, turn)
    if spoken.verb in _PAIRS:
        return replace(spoken, verb=_PAIRS[spoken.verb], flags=() if spoken.verb == "drain" else spoken.flags)
    return None


def _unmade(spoken: Spoken, turn: Turn) -> str | None:
    """The line that takes back what is no matter of one word: a taint, a suspension, a limit, what was made."""
    words = words_of(turn.command)
    if spoken.verb == "taint" and len(words) > 4 and not words[-1].endswith("-"):
        return shlex.join([f"{word}-" if ":" in word else word for word in words])
    if spoken.verb == "patch" and _SUSPENDS.search(turn.command):
        off = "false" if '"suspend":true' in turn.command.replace(" ", "") else "true"
        return shlex.join([_SUSPENDS.sub(f'"suspend":{off}', word) for word in words])
    if spoken.verb == "set resources" and turn.before and _AMOUNT.fullmatch(turn.before):
        flags = [at for at, word in enumerate(words) if _LIMIT.fullmatch(word)]
        if len(flags) == 1:
            words[flags[0]] = f"{words[flags[0]].rpartition('=')[0]}={turn.before}"
            return shlex.join(words)
    kinds = {"autoscale": "horizontalpodautoscaler", "expose": "service"}
    if spoken.verb in kinds and len(spoken.names) == 1:
        name = spoken.flag("--name") or spoken.names[0]
        return line(["delete", f"{kinds[spoken.verb]}/{name}"], spoken.scope)
    if spoken.verb == "create" and len(words) > 3 and words[2] in _MADE and is_valid_name(words[3]):
        scope = Scope("", spoken.scope.cluster) if words[2] == "namespace" else spoken.scope
        return line(["delete", f"{words[2]}/{words[3]}"], scope)
    return None


def _set_back(spoken: Spoken, turn: Turn) -> Spoken | None:
    """The value that was there before, or none where nothing was; None when nobody knows."""
    key, equals, _ = spoken.rest[0].partition("=")
    # As a preview has it: `info`, `LOG_LEVEL=info`, or with its container `main: LOG_LEVEL=info`; `none` for nothing.
    before = (turn.before or "").rpartition(": ")[2].removeprefix(f"{key}=")
    before = "" if before == "none" else before
    if not equals or (before and not _PLAIN_VALUE.fullmatch(before)):
        return None
    if before:
        again = () if spoken.verb == "set env" else (("--overwrite", ""),)
        return replace(spoken, rest=(f"{key}={before}",), flags=(*spoken.without_flags("--overwrite").flags, *again))
    if turn.before is None and spoken.verb == "set env":
        return None
    return replace(spoken, rest=(f"{key}-",), flags=spoken.without_flags("--overwrite").flags)


def follow_up(frame: Frame) -> Plan | None:
    """The last command with what the person named put in its place, or None when the text stands on its own."""
    last = last_spoken(frame.context)
    if last is None or not _is_elliptical(frame, last[1]):
        return None
    turn, spoken = last
    changed = _with_subject(frame, spoken)
    if isinstance(changed, Plan):
        return changed
    changed = [_with_options(frame, one, turn) for one in changed]
    placed = [replace(one, scope=scope) for one in changed for scope in places(frame, one)]
    if all(one == spoken for one in placed):
        return None
    too_many = next(
        (one for one in placed if one.verb == "scale" and int(one.flag("--replicas") or 0) > MAX_REPLICAS), None
    )
    if too_many is not None:
        return ask("How many replicas do you mean?", reading=frame.reading())
    behaviours = [behaviour_of(one) for one in placed]
    return Plan(
        max(behaviours, key=list(Behaviour).index),
        tuple(dict.fromkeys(one.write() for one in placed)),
        confidence=round(0.9 * certainty(frame.tags), 2),
        reading=frame.reading(),
    )


def _is_elliptical(frame: Frame, spoken: Spoken) -> bool:
    """Whether the text names only what differs from the last command."""
    verbs = frame.verbs()
    light = [v for _, v in verbs if v.action is Action.LIGHT and v.form is Form.BASE]
    narrowing = frame.says("only", "just") and all(v.action is Action.SHOW for _, v in verbs)
    if len(light) != len(verbs) and not narrowing:
        return False
    if any(t.part not in _ELLIPTICAL and t.part is not Part.VERB for t in frame.tags) or frame.unread:
        return False
    if any(t.part is Part.REPLY and t.value not in {"no", "yes", "again"} for t in frame.tags):
        return False
    if any(t.part is Part.AUXILIARY for t in frame.tags) or (
        frame.is_question and not frame.has(Part.LINK) and not _only_place(frame)
    ):
        return False
    if light:
        return spoken.verb == "scale" and bool(frame.numbers or frame.has(Part.AMOUNT)) and not frame.names
    if behaviour_of(spoken) is not Behaviour.RUN and (frame.names or frame.kinds):
        return frame.has(Part.LINK)
    return frame.has(Part.LINK) or not (frame.names or frame.kinds or frame.has(Part.STATUS))


def _only_place(frame: Frame) -> bool:
    return not (frame.names or frame.kinds)


def _with_subject(frame: Frame, spoken: Spoken) -> list[Spoken] | Plan:
    """The command with the object or the kind that is named now."""
    kind = frame.kind
    if frame.names:
        return _with_names(frame, spoken)
    if kind is None or kind is spoken.kind or kind is KINDS["namespaces"]:
        return [spoken]
    if not spoken.names:
        scope = spoken.scope if kind.namespaced else Scope("", spoken.scope.cluster)
        return [Spoken(spoken.verb, kind, (), scope, spoken.without_flags("-l", "--field-selector", "--sort-by").flags)]
    alike = [name for name in spoken.names if any(e.kind == kind.plural for e in frame.vocabulary.names.get(name, ()))]
    if alike:
        return [replace(spoken, kind=kind, names=tuple(alike))]
    return [Spoken("get", kind, (), spoken.scope)] if behaviour_of(spoken) is Behaviour.RUN else [spoken]


def _with_names(frame: Frame, spoken: Spoken) -> list[Spoken] | Plan:
    if spoken.rest and spoken.verb not in _SAME_FOR_ALL:
        return ask("Please say that in full.", reading=frame.reading())
    lists_pods = not spoken.names and spoken.kind is KINDS["pods"] and spoken.verb in {"get", "top", "describe", "logs"}
    kinds = _kinds_for(spoken, lists_pods=lists_pods)
    place = replace(frame.context, namespace=spoken.scope.namespace or frame.context.namespace)
    targets = find_targets(Frame(frame.tags, frame.vocabulary, place), kinds)
    if isinstance(targets, Plan):
        return targets
    return [_named(frame, spoken, target, lists_pods=lists_pods) for target in targets]


def _kinds_for(spoken: Spoken, *, lists_pods: bool) -> tuple[str, ...]:
    if lists_pods:
        return (*WORKLOADS, "jobs", "pods")
    by_verb = {
        "scale": SCALABLE,
        "rollout restart": WORKLOADS,
        "rollout undo": WORKLOADS,
        "rollout status": WORKLOADS,
        "rollout history": WORKLOADS,
        "logs": WITH_LOGS,
        "set resources": WORKLOADS,
        "set env": WORKLOADS,
        "cordon": ("nodes",),
        "uncordon": ("nodes",),
        "drain": ("nodes",),
    }
    if spoken.verb in by_verb:
        return by_verb[spoken.verb]
    first = (spoken.kind.plural,) if spoken.kind else ()
    return tuple(dict.fromkeys((*first, *BY_IMPORTANCE)))


def _named(frame: Frame, spoken: Spoken, target: Target, *, lists_pods: bool) -> Spoken:
    scope = Scope(target.entry.namespace, spoken.scope.cluster)
    if lists_pods and target.entry.kind != "pods":
        selected = spoken.without_flags("-l").with_flag("-l", frame.vocabulary.selector_of(target.entry))
        return replace(selected, scope=scope)
    kind = KINDS.get(target.entry.kind) or Kind(target.entry.kind, target.entry.kind)
    return replace(spoken.without_flags("-l", "--for", "-c"), kind=kind, names=(target.entry.name,), scope=scope)


def _with_options(frame: Frame, spoken: Spoken, turn: Turn) -> Spoken:
    """The command with the numbers and options that are named now."""
    if spoken.verb == "scale":
        return _with_replicas(frame, spoken, turn)
    if spoken.verb == "logs":
        for flag in log_flags(frame):
            name, _, value = flag.partition("=")
            if name.startswith("-") and name != "-c":
                spoken = spoken.with_flag(name, value)
        container = frame.first(Part.CONTAINER)
        return spoken.with_flag("-c", str(container.value)) if container is not None else spoken
    if spoken.verb == "get":
        return _with_columns(frame, spoken)
    if spoken.verb == "top" and frame.has(Part.METRIC):
        metric = frame.first(Part.METRIC)
        return spoken.with_flag("--sort-by", str(metric.value) if metric else "cpu")
    return spoken


def _with_replicas(frame: Frame, spoken: Spoken, turn: Turn) -> Spoken:
    amount = amount_of(frame, None)
    if amount is None:
        return spoken
    current: int | None = int(spoken.flag("--replicas") or 0)
    if spoken.names != (_last_names(frame) or spoken.names):
        known = referents(frame.vocabulary, frame.context)
        current = recent_replicas(frame, Target(known[0].entry, None, 1.0)) if known else None
    return spoken.with_flag("--replicas", str(amount.of(current or 0)))


def _last_names(frame: Frame) -> tuple[str, ...]:
    last = last_spoken(frame.context)
    return last[1].names if last is not None else ()


def _with_columns(frame: Frame, spoken: Spoken) -> Spoken:
    if frame.has(Part.FLAG, "wide"):
        spoken = spoken.with_flag("-o", "wide")
    selector = frame.first(Part.SELECTOR)
    if selector is not None:
        spoken = spoken.with_flag("-l", str(selector.value))
    if frame.has(Part.ORDER, "newest", "oldest"):
        spoken = spoken.with_flag(*BY_AGE.split("=", 1))
    if frame.has(Part.ORDER, "restarts"):
        spoken = spoken.with_flag(*BY_RESTARTS.split("=", 1))
    return spoken


def places(frame: Frame, spoken: Spoken) -> list[Scope]:
    """Where it acts now: what is named, else where it acted before."""
    clusters = frame.clusters if frame.has(Part.CLUSTER) or frame.has(Part.EVERY_CLUSTER) else [spoken.scope.cluster]
    if spoken.kind is not None and not spoken.kind.namespaced:
        return [Scope("", cluster) for cluster in clusters]
    spaces: list[str | None] = [spoken.scope.namespace]
    if frame.has(Part.EVERYWHERE) and not spoken.names:
        spaces = [None]
    elif frame.namespaces:
        spaces = [*frame.namespaces]
    return [Scope(space, cluster) for cluster in clusters for space in spaces]
