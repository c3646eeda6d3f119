"""Writes the plans for changes that were asked for, and asks where it is not clear what they are to hit.

What asks for a change is decided in `imperative`. Nothing is deleted, scaled or restarted here without a name that
the vocabulary holds: a change without a named object is a question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.nlp.translator.frame import Frame, certainty, sentence
from app.nlp.translator.imperative import asked_for
from app.nlp.translator.kubectl import line
from app.nlp.translator.lexicon.kinds import BY_IMPORTANCE, KINDS, SCALABLE, WORKLOADS, Kind
from app.nlp.translator.lexicon.parts import Action, Part, Verb
from app.nlp.translator.names import Known, NameMatch
from app.nlp.translator.plan import Behaviour, Plan, ask, refuse
from app.nlp.translator.scaling import MAX_REPLICAS, Amount, amount_of, speaks_of_copies
from app.nlp.translator.tagger import Tag
from app.nlp.translator.targets import Target, find_targets, name_unknown
from app.nlp.translator.vocabulary import Entry

PROTECTED = frozenset({"kube-system", "kube-public", "kube-node-lease"})
MAX_TARGETS = 5  # objects that one sentence may change; more is asked about


def change(frame: Frame) -> Plan | None:
    """The plan for a clause that asks for a change, the question that it leads to, or None when it asks for none."""
    verb = asked_for(frame)
    if verb is None:
        return None
    maker = _MAKERS.get(verb.action)
    return maker(frame, verb) if maker is not None else None


def _scale(frame: Frame, verb: Verb) -> Plan:
    if verb.action is Action.DELETE and not speaks_of_copies(frame):
        return _delete(frame, verb)
    mass = _mass(frame, "scale")
    if mass is not None:
        return mass
    if len(frame.names) > 1 and len(frame.numbers) > 1:
        return ask("Which of them to how many? Say one after the other.", reading=frame.reading())
    amount = amount_of(frame, verb)
    targets = find_targets(frame, SCALABLE)
    if isinstance(targets, Plan):
        return targets
    if amount is None:
        names = ", ".join(dict.fromkeys(t.entry.name for t in targets))
        current = frame.vocabulary.replicas_of(targets[0].entry)
        now = f" (now {current})" if current is not None else ""
        step = 1 if current is None else current
        return ask(
            f"To how many replicas shall I scale {names}{now}?",
            [f"scale {names} to {n}" for n in (step + 1, step + 2)],
            reading=frame.reading(),
        )
    steps: list[tuple[Target, int]] = []
    for target in targets:
        wanted = _wanted(frame, target, amount)
        if isinstance(wanted, Plan):
            return wanted
        steps.append((target, wanted))
    commands = tuple(line(["scale", target.path, f"--replicas={wanted}"], target.scope) for target, wanted in steps)
    return finish(frame, targets, commands, say=_remarks(frame, steps, amount))


def _wanted(frame: Frame, target: Target, amount: Amount) -> int | Plan:
    current = recent_replicas(frame, target)
    if amount.is_relative and current is None:
        return ask(
            f"I don't know how many replicas {target.entry.name} has. To how many shall I scale it?",
            reading=frame.reading(),
        )
    wanted = amount.of(current or 0)
    if wanted > MAX_REPLICAS:
        return ask(
            f"{wanted:,} replicas is more than I take from words ({MAX_REPLICAS:,}). How many do you mean?",
            reading=frame.reading(),
        )
    return wanted


def recent_replicas(frame: Frame, target: Target) -> int | None:
    """How many replicas a workload has: what this conversation last set, else what the vocabulary says."""
    prefix = f"kubectl scale {target.path} --replicas="
    for turn in reversed(frame.context.turns):
        command = turn.command.removeprefix(prefix)
        if command != turn.command and turn.state == "done":
            number = command.split(" ", 1)[0]
            if number.isdigit():
                return int(number)
    return frame.vocabulary.replicas_of(target.entry)


def _remarks(frame: Frame, steps: list[tuple[Target, int]], amount: Amount) -> str:
    remarks = []
    for target, wanted in steps:
        current = recent_replicas(frame, target)
        if amount.is_relative:
            remarks.append(f"{target.entry.name} has {current} now.")
        if any(
            e.kind == "horizontalpodautoscalers" and e.namespace == target.entry.namespace
            for e in frame.vocabulary.names.get(target.entry.name, ())
        ):
            remarks.append(f"{target.entry.name} has an autoscaler that may change the number again.")
        if wanted == 0:
            remarks.append(f"With no replicas {target.entry.name} stops serving.")
    return " ".join(remarks)


def _restart(frame: Frame, verb: Verb) -> Plan:
    mass = _mass(frame, "restart")
    if mass is not None:
        return mass
    pods = _single_pods(frame)
    if pods:
        owner = frame.vocabulary.owner_of.get((pods[0].namespace, pods[0].name))
        if owner is not None and len(pods) == 1 and len(frame.names) == 1:
            found = find_targets(frame, ("pods",))
            if isinstance(found, Plan):
                return found
            say = f"A single pod is not restarted but deleted; {owner.name} makes it anew."
            return finish(frame, found, tuple(line(["delete", t.path], t.scope) for t in found), say=say)
        choices = [f"restart {owner.name}"] if owner else []
        return ask(
            f"A single pod is not restarted but deleted, and made anew by its owner. Which do you want "
            f"for {pods[0].name}?",
            [*choices, f"delete pod {pods[0].name}"],
            reading=frame.reading(),
        )
    targets = find_targets(frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    return finish(frame, targets, tuple(line(["rollout", "restart", t.path], t.scope) for t in targets))


def _single_pods(frame: Frame) -> list[Entry]:
    """Pods that are named one by one, not through the workload that owns them."""
    found: list[Entry] = []
    for tag in frame.names:
        if isinstance(tag.value, NameMatch):
            entries = [e for name in tag.value.names for e in frame.vocabulary.names[name]]
            if entries and all(e.kind == "pods" for e in entries):
                found += entries
    return found


def _undo(frame: Frame, verb: Verb) -> Plan:
    mass = _mass(frame, "roll back")
    if mass is not None:
        return mass
    targets = find_targets(frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    number = next(iter(frame.numbers), None)
    flags = [f"--to-revision={number.value}"] if number is not None else []
    return finish(frame, targets, tuple(line(["rollout", "undo", t.path, *flags], t.scope) for t in targets))


def _delete(frame: Frame, verb: Verb) -> Plan:
    if frame.has(Part.COPIES) and frame.names:
        return _scale(frame, verb)
    space = frame.namespace_object
    if space is not None and not frame.names:
        return _delete_namespaces(frame, frame.namespaces)
    mass = _mass(frame, "delete")
    if mass is not None:
        return mass
    said = [kind for kind in frame.kinds if kind is not KINDS["namespaces"] and kind is not KINDS["pods"]]
    if said:
        named = _of_kind(frame, said)
        if isinstance(named, Plan):
            return named
    targets = find_targets(frame, _deletable(frame))
    if isinstance(targets, Plan):
        return targets
    protected = next((t for t in targets if t.entry.namespace in PROTECTED), None)
    if protected is not None:
        return refuse(
            f"I delete nothing in {protected.entry.namespace}: the cluster itself runs there.", reading=frame.reading()
        )
    chosen = _pods_meant(frame, targets)
    if isinstance(chosen, Plan):
        return chosen
    unsure = _several_kinds(frame, chosen)
    if unsure is not None:
        return unsure
    return finish(frame, chosen, tuple(line(["delete", t.path], t.scope) for t in chosen), strong=True)


def _delete_namespaces(frame: Frame, names: Sequence[str]) -> Plan:
    kept = next((name for name in names if name in PROTECTED or name == "default"), None)
    if kept is not None:
        return refuse(f"I don't delete {kept}: the cluster itself needs it.", reading=frame.reading())
    words = ["delete", *(f"namespace/{name}" for name in names)]
    commands = tuple(line(words, scope) for scope in frame.scopes(namespaced=False))
    several = len(names) > 1
    spaces = f"namespaces {' and '.join(names)}" if several else f"namespace {names[0]}"
    say = f"Deleting the {spaces} deletes everything in {'them' if several else 'it'}."
    return Plan(
        Behaviour.STRONG, commands, say=say, confidence=round(0.95 * certainty(frame.tags), 2), reading=frame.reading()
    )


def _of_kind(frame: Frame, kinds: list[Kind]) -> Plan | None:
    """What is said to be a volume claim is not the workload of that name: the question, or the one that holds it."""
    plurals = {kind.plural for kind in kinds}
    for tag in frame.names:
        names = getattr(tag.value, "names", None)
        if names is None or any(e.kind in plurals for name in names for e in frame.vocabulary.names[name]):
            continue
        near = [
            entry
            for name, entries in frame.vocabulary.names.items()
            for entry in entries
            if entry.kind in plurals and names[0] in name and entry.namespace in {"", frame.context.namespace}
        ]
        if len(near) != 1:
            choices = sorted(entry.name for entry in near)[:6]
            what = kinds[0].singular
            return ask(f"I find no {what} “{tag.words}”. Which one do you mean?", choices, reading=frame.reading())
        tag.value = NameMatch((near[0].name,), 0.8, near[0].kind)
        tag.score = 0.8
    return None


def _deletable(frame: Frame) -> tuple[str, ...]:
    said = [k.plural for k in frame.kinds]
    return tuple(dict.fromkeys((*said, *BY_IMPORTANCE, *sorted(frame.vocabulary.kinds))))


def _pods_meant(frame: Frame, targets: list[Target]) -> list[Target] | Plan:
    """Read "the batch-heavy pod" as the pod of that deployment, where it has exactly one."""
    if KINDS["pods"] not in frame.kinds:
        return targets
    chosen: list[Target] = []
    for target in targets:
        if target.entry.kind == "pods":
            chosen.append(target)
            continue
        pods = frame.vocabulary.pods_of.get((target.entry.namespace, target.entry.name), [])
        if len(pods) != 1:
            choices = [f"delete pod {pod}" for pod in pods[:5]]
            return ask(
                f"{target.entry.name} has {len(pods)} pods. Which one do you mean?",
                [*choices, f"restart {target.entry.name}"],
                reading=frame.reading(),
            )
        entry = frame.vocabulary.find("pods", target.entry.namespace, pods[0])
        if entry is not None:
            chosen.append(Target(entry, target.cluster, target.score))
    return chosen


def _several_kinds(frame: Frame, targets: list[Target]) -> Plan | None:
    """A bare name that several objects carry: to delete is not to guess."""
    if frame.kinds:
        return None
    for tag in frame.names:
        if isinstance(tag.value, Known) or (isinstance(tag.value, NameMatch) and tag.value.kind):
            continue
        target = next((t for t in targets if t.entry.name in getattr(tag.value, "names", ())), None)
        if target is None:
            continue
        alike = [
            e
            for e in frame.vocabulary.names[target.entry.name]
            if e.namespace == target.entry.namespace and e.kind != "pods"
        ]
        if len(alike) > 1:
            kinds = [KINDS[e.kind].singular if e.kind in KINDS else e.kind for e in alike]
            return ask(
                f"{target.entry.name} is the name of a {', a '.join(kinds)}. Which one shall be deleted?",
                [f"delete {kind} {target.entry.name}" for kind in kinds],
                reading=frame.reading(),
            )
    return None


def _image(frame: Frame, verb: Verb) -> Plan:
    images, container = frame.of(Part.IMAGE), frame.first(Part.CONTAINER)
    if not frame.names:
        return name_unknown(frame, WORKLOADS)
    targets = find_targets(frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    if not images:
        return ask(
            f"Which image shall {targets[0].entry.name} have? Give it in full, with its tag.", reading=frame.reading()
        )
    if len(images) == len(targets) and _take_turns(frame.names, images):
        wanted = images
    else:
        wanted = [images[-1] if len(images) == 2 and frame.says("from") else images[0]] * len(targets)
    commands = tuple(
        line(["set", "image", t.path, f"{container.value if container else t.entry.name}={image.value}"], t.scope)
        for t, image in zip(targets, wanted, strict=True)
    )
    return finish(frame, targets, commands)


def _take_turns(names: Sequence[Tag], images: Sequence[Tag]) -> bool:
    """Whether each name has an image of its own behind it: "web to nginx:1.26 and cart to nginx:1.27"."""
    places = [place for pair in zip(names, images, strict=False) for place in (pair[0].start, pair[1].start)]
    return len(names) == len(images) and places == sorted(places)


def _node(frame: Frame, verb: Verb) -> Plan:
    word = {Action.CORDON: "cordon", Action.UNCORDON: "uncordon", Action.DRAIN: "drain"}[verb.action]
    mass = _mass(frame, word)
    if mass is not None:
        return mass
    targets = find_targets(frame, ("nodes",))
    if isinstance(targets, Plan):
        return targets
    draining = verb.action is Action.DRAIN
    if draining and len(targets) > 1:
        return ask(
            "I drain one node at a time. Which one first?",
            [f"drain {t.entry.name}" for t in targets],
            reading=frame.reading(),
        )
    flags = ["--ignore-daemonsets"] if draining else []
    if draining and frame.says("emptydir", "emptydirs", "empty-dir", "--delete-emptydir-data"):
        flags.append("--delete-emptydir-data")
    return finish(frame, targets, tuple(line([word, t.entry.name, *flags], t.scope) for t in targets), strong=draining)


def _stop(frame: Frame, verb: Verb) -> Plan:
    targets = find_targets(frame, SCALABLE)
    if isinstance(targets, Plan):
        return targets
    name = targets[0].entry.name
    return ask(
        f"How shall {name} be stopped?", [f"scale {name} to 0", f"delete {targets[0].path}"], reading=frame.reading()
    )


def _other(frame: Frame, verb: Verb) -> Plan:
    word = next(tag.low for tag, v in frame.verbs() if v is verb)
    if frame.names and word in {"fix", "repair", "heal", "improve", "optimize", "optimise"}:
        name = sentence(frame.names)
        return ask(
            f"What shall be done to {name}?",
            [f"what is wrong with {name}", f"restart {name}", f"roll back {name}"],
            reading=frame.reading(),
        )
    return ask(
        f"I can't {word} that from these words. Say it in another way, or as a kubectl command.",
        reading=frame.reading(),
    )


def _mass(frame: Frame, word: str) -> Plan | None:
    """A change without a named object is never guessed at."""
    if frame.names:
        return None
    vague = frame.has(Part.QUANTITY) or frame.has(Part.EVERYWHERE) or frame.has(Part.STATUS) or frame.has(Part.SELECTOR)
    if (
        frame.has(Part.QUANTITY, "all")
        or frame.has(Part.EVERYWHERE)
        or (frame.kinds and not frame.unread and not frame.unknown)
    ):
        what = frame.kind.plural if frame.kind else "everything"
        if frame.has(Part.QUANTITY, "all") or frame.has(Part.EVERYWHERE):
            return ask(
                f"I don't {word} {what} at once: too much would be hit by one sentence. Name the objects.",
                reading=frame.reading(),
                confidence=0.4,
            )
    if vague or not (frame.unread or frame.unknown or frame.has(Part.MISSING)):
        kinds = [k.plural for k in frame.kinds] or list(WORKLOADS)
        some = sorted(
            {
                e.name
                for names in frame.vocabulary.names.values()
                for e in names
                if e.kind in kinds and e.namespace in {"", frame.context.namespace}
            }
        )[:5]
        return ask(f"What exactly shall I {word}?", [f"{word} {name}" for name in some], reading=frame.reading())
    return None


def finish(
    frame: Frame, targets: list[Target], commands: tuple[str, ...], *, strong: bool = False, say: str = ""
) -> Plan:
    """A change that is ready to be shown, with what a person should know of it.

    Args:
        frame: the clause.
        targets: what the commands act on.
        commands: complete lines.
        strong: whether a typed name is wanted.
        say: a remark.
    """
    if len(commands) > MAX_TARGETS:
        return ask(
            f"That would change {len(commands)} objects at once. Name at most {MAX_TARGETS}.", reading=frame.reading()
        )
    protected = [t for t in targets if t.entry.namespace in PROTECTED]
    remarks = [say] if say else []
    if protected:
        remarks.append(f"{protected[0].entry.name} belongs to the cluster itself ({protected[0].entry.namespace}).")
    if frame.has(Part.FLAG, "force"):
        remarks.append("I leave out force.")
    if frame.has(Part.FLAG, "unasked"):
        remarks.append("I always ask before a change.")
    unsure = [t for t in frame.names if t.score < 0.9]
    remarks += [f"I read “{t.words}” as {', '.join(getattr(t.value, 'names', ()))}." for t in unsure]
    behaviour = Behaviour.STRONG if strong or protected else Behaviour.CONFIRM
    return Plan(
        behaviour,
        commands,
        say=" ".join(remarks),
        confidence=round(0.97 * certainty(frame.tags), 2),
        reading=frame.reading(),
    )


_MAKERS: dict[Action, Callable[[Frame, Verb], Plan]] = {
    Action.SCALE: _scale,
    Action.LIGHT: _scale,
    Action.RESTART: _restart,
    Action.UNDO: _undo,
    Action.DELETE: _delete,
    Action.IMAGE: _image,
    Action.CORDON: _node,
    Action.UNCORDON: _node,
    Action.DRAIN: _node,
    Action.STOP: _stop,
    Action.OTHER: _other,
}
