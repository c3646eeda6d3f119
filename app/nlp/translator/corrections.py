"""What is said of the last change or table to have it otherwise: another amount, another place, both, back again.

Like the forms in `afterwards`, each has to fit the whole of what is said.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace

from app.nlp.translator.changes import PROTECTED
from app.nlp.translator.conversation import behaviour_of, follow_up, places
from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import Scope, Spoken, line, words_of
from app.nlp.translator.lexicon.kinds import KINDS, WORKLOADS, kind_of
from app.nlp.translator.lexicon.parts import Part
from app.nlp.translator.listing import BY_RESTARTS
from app.nlp.translator.plan import Behaviour, Plan, Turn, View
from app.nlp.translator.quantities import number_of, spell_duration
from app.nlp.translator.references import last_spoken, referents
from app.nlp.translator.remarks import turns_around
from app.nlp.translator.scaling import MAX_REPLICAS
from app.nlp.translator.tagger import Tag
from app.nlp.translator.vocabulary import is_valid_name

_RESOURCE = re.compile(r"(?P<flag>--(?:limits|requests))=(?P<of>cpu|memory)=\S+")
_UNIT = re.compile(r"(?<=\d)(?:m|[KMG]i)\b")
_AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:m|[KMG]i?)?")
_PLACES = {
    "first": 0,
    "1st": 0,
    "oldest": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "last": -1,
    "newest": -1,
    "latest": -1,
}


def schedulable_again(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The node that was taken out of service last takes pods again."""
    for earlier in reversed(frame.context.turns):
        said = last_spoken(replace(frame.context, turns=(earlier,)))
        if said is not None and said[1].verb in {"cordon", "drain"} and earlier.state == "done":
            back = replace(said[1], verb="uncordon", flags=(), rest=())
            return Plan(Behaviour.CONFIRM, (back.write(),), confidence=0.9, reading=frame.reading())
        if said is not None and behaviour_of(said[1]) is not Behaviour.RUN:
            return None  # something else was changed since: "it" may be that
    return None


def rolls_on(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The rollout that was paused last goes on."""
    if spoken.verb != "rollout pause" or turn.state != "done":
        return None
    on = replace(spoken, verb="rollout resume")
    return Plan(Behaviour.CONFIRM, (on.write(),), confidence=0.9, reading=frame.reading())


def holds(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The rollout that was looked at is paused."""
    if spoken.kind is None or spoken.kind.plural not in WORKLOADS or len(spoken.names) != 1 or turn.state == "pending":
        return None
    held = Spoken("rollout pause", spoken.kind, spoken.names, spoken.scope)
    return Plan(Behaviour.CONFIRM, (held.write(),), confidence=0.9, reading=frame.reading())


def other_amount(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The requests or limits that were set last, with another amount."""
    value = next((t.words for t in frame.tags if t.low == found["value"]), found["value"])
    if spoken.verb != "set resources" or not _AMOUNT.fullmatch(value) or len(_RESOURCE.findall(turn.command)) != 1:
        return None
    if "," in turn.command:
        return None
    unit = _UNIT.search(turn.command)
    if value.isdigit() and unit is not None:
        value += unit.group()  # "make that 512" is said of the same unit
    command = _RESOURCE.sub(lambda old: f"{old['flag']}={old['of']}={value}", turn.command)
    return Plan(Behaviour.CONFIRM, (command,), confidence=0.9, reading=frame.reading())


def other_place(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The last command in another namespace."""
    space = found["space"]
    words = words_of(turn.command)
    if space not in frame.vocabulary.namespaces or "-n" not in words[:-1]:
        return None
    words[words.index("-n") + 1] = space
    return Plan(behaviour_of(spoken), (shlex.join(words),), confidence=0.9, reading=frame.reading())


def both(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same with the two objects that were shown."""
    names = spoken.names if len(spoken.names) == 2 else turn.rows if not spoken.names else ()
    if len(names) != 2 or spoken.kind is None or spoken.scope.namespace is None or not all(map(is_valid_name, names)):
        return None
    paths = [f"{spoken.kind.singular}/{name}" for name in names]
    verb = found["verb"]
    if verb in {"delete", "kill", "remove"}:
        return Plan(
            Behaviour.STRONG, (line(["delete", *paths], spoken.scope),), confidence=0.88, reading=frame.reading()
        )
    if verb == "describe":
        commands = tuple(line(["describe", path], spoken.scope) for path in paths)
        return Plan(Behaviour.RUN, commands, confidence=0.9, reading=frame.reading())
    if verb in {"restart", "bounce"} and spoken.kind.plural in WORKLOADS:
        commands = tuple(line(["rollout", "restart", path], spoken.scope) for path in paths)
        return Plan(Behaviour.CONFIRM, commands, confidence=0.9, reading=frame.reading())
    return None


def elsewhere(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same read in other places."""
    if behaviour_of(spoken) is not Behaviour.RUN or not (frame.clusters != [None] or frame.namespaces):
        return None
    commands = tuple(replace(spoken, scope=scope).write() for scope in places(frame, spoken))
    return Plan(Behaviour.RUN, commands, confidence=0.9, reading=frame.reading())


def revision(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Back to one of the revisions that were shown."""
    if spoken.verb != "rollout history" or len(spoken.names) != 1 or not turn.rows:
        return None
    index = _PLACES[found["which"]]
    if not -len(turn.rows) <= index < len(turn.rows) or not turn.rows[index].isdigit():
        return None
    back = Spoken("rollout undo", spoken.kind, spoken.names, spoken.scope, (("--to-revision", turn.rows[index]),))
    return Plan(Behaviour.CONFIRM, (back.write(),), confidence=0.9, reading=frame.reading())


def to_revision(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Back to a revision by its number."""
    if len(spoken.names) != 1 or spoken.kind is None or spoken.kind.plural not in WORKLOADS:
        return None
    back = Spoken("rollout undo", spoken.kind, spoken.names, spoken.scope, (("--to-revision", found["revision"]),))
    return Plan(Behaviour.CONFIRM, (back.write(),), confidence=0.9, reading=frame.reading())


def by_restarts(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same pods, ordered by how often they were restarted."""
    if spoken.verb != "get" or spoken.kind is not KINDS["pods"]:
        return None
    sorted_ = spoken.with_flag(*BY_RESTARTS.split("=", 1))
    return Plan(Behaviour.RUN, (sorted_.write(),), confidence=0.9, reading=frame.reading())


def other_object(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same with the object that was meant."""
    if not frame.names:
        return None
    end = frame.tags[-1].end
    meant = [t for t in frame.tags if t.part in {Part.NAME, Part.KIND, Part.NAMESPACE, Part.CLUSTER}]
    link = Tag(Part.LINK, "same", "same for", end, end)
    return follow_up(Frame([link, *meant], frame.vocabulary, frame.context))


def meant_object(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same with the first of the two that are named ("cart, not web")."""
    if len(frame.names) != 2:
        return None
    end = frame.tags[-1].end
    link = Tag(Part.LINK, "same", "same for", end, end)
    meant = frame.names[1 if found.groupdict().get("last") else 0]
    return follow_up(Frame([link, meant], frame.vocabulary, frame.context))


def usage_by(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The usage of the pods or nodes that were shown, the largest first."""
    if spoken.verb not in {"get", "top"} or spoken.kind not in {KINDS["pods"], KINDS["nodes"]} or spoken.names:
        return None
    metric = "cpu" if found["metric"] == "cpu" else "memory"
    flags = (*(flag for flag in spoken.flags if flag[0] == "-l"), ("--sort-by", metric))
    top = Spoken("top", spoken.kind, (), spoken.scope, flags)
    return Plan(Behaviour.RUN, (top.write(),), confidence=0.9, reading=frame.reading())


def log_lines(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same logs, so many lines of them or as they come."""
    if spoken.verb != "logs":
        return None
    count = found.groupdict().get("count")
    changed = spoken.with_flag("--tail", count) if count else spoken.with_flag("-f")
    return Plan(Behaviour.RUN, (changed.write(),), confidence=0.9, reading=frame.reading())


def other_of_two(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same with the other of the two that were shown."""
    if len(spoken.names) != 1 or spoken.rest:
        return None
    for earlier in reversed(frame.context.turns):
        if len(earlier.rows) == 2 and spoken.names[0] in earlier.rows:
            (other,) = [row for row in earlier.rows if row != spoken.names[0]]
            if not is_valid_name(other):
                return None
            changed = replace(spoken, names=(other,))
            return Plan(behaviour_of(changed), (changed.write(),), confidence=0.88, reading=frame.reading())
    return None


def whole(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Delete the one workload that was spoken of."""
    known = referents(frame.vocabulary, frame.context)
    kind = kind_of(found["kind"])
    if len(known) != 1:
        return None
    entry = known[0].entry
    owner = entry if entry.kind == kind.plural else frame.vocabulary.owner_of.get((entry.namespace, entry.name))
    if owner is None or owner.kind != kind.plural or owner.namespace in PROTECTED:
        return None
    words = line(["delete", f"{kind.singular}/{owner.name}"], Scope(owner.namespace, known[0].cluster))
    return Plan(Behaviour.STRONG, (words,), confidence=0.88, reading=frame.reading())


def mark_off(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Take away the label, annotation or variable that was set last."""
    wanted = {"label": "label", "annotation": "annotate", "variable": "set env", "env": "set env"}[found["what"]]
    if spoken.verb != wanted or len(spoken.rest) != 1 or "=" not in spoken.rest[0]:
        return None
    off = replace(spoken.without_flags("--overwrite"), rest=(f"{spoken.rest[0].partition('=')[0]}-",))
    return Plan(Behaviour.CONFIRM, (off.write(),), confidence=0.9, reading=frame.reading())


def matching_lines(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same logs, the lines of it that hold a word."""
    if spoken.verb != "logs":
        return None
    view = View(match=found["match"].removesuffix("s") if found["match"] == "errors" else found["match"])
    return Plan(Behaviour.RUN, (spoken.write(),), confidence=0.9, reading=frame.reading(), view=view)


def wide(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same table with nodes and addresses."""
    if spoken.verb != "get":
        return None
    return Plan(Behaviour.RUN, (spoken.with_flag("-o", "wide").write(),), confidence=0.9, reading=frame.reading())


def since(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same logs, of a shorter time."""
    time = frame.first(Part.DURATION) or frame.first(Part.TIME)
    if spoken.verb != "logs" or time is None:
        return None
    since = spoken.with_flag("--since", spell_duration(int(str(time.value))))
    return Plan(Behaviour.RUN, (since.write(),), confidence=0.9, reading=frame.reading())


def nth(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same with another of the rows that were shown."""
    if len(spoken.names) != 1 or spoken.rest or behaviour_of(spoken) is not Behaviour.RUN:
        return None
    rows = next((earlier.rows for earlier in reversed(frame.context.turns) if spoken.names[0] in earlier.rows), ())
    index = rows.index(spoken.names[0]) + 1 if found["which"] == "next" else _PLACES[found["which"]]
    if not -len(rows) <= index < len(rows) or not is_valid_name(rows[index]):
        return None
    return Plan(
        Behaviour.RUN, (replace(spoken, names=(rows[index],)).write(),), confidence=0.9, reading=frame.reading()
    )


def its_kind(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """What has the same name and is of another kind."""
    known = referents(frame.vocabulary, frame.context)
    kind = kind_of(found["kind"])
    if len(known) != 1 or kind.plural not in KINDS:
        return None
    entry = frame.vocabulary.find(kind.plural, known[0].entry.namespace, known[0].entry.name)
    what = kind.plural if entry is None else f"{kind.singular}/{entry.name}"
    words = line(["get", what], Scope(known[0].entry.namespace, known[0].cluster))
    return Plan(Behaviour.RUN, (words,), confidence=0.88, reading=frame.reading())


def there_too(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same read in another namespace or cluster."""
    if frame.names or frame.kinds or not frame.of(Part.NAMESPACE, Part.CLUSTER):
        return None
    return elsewhere(frame, turn, spoken, found)


def decided(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """What is to be done with what waits for an answer."""
    if frame.context.turns[-1].state != "pending":
        return None
    action = "show diff of pending" if found.groupdict().get("diff") else "cancel pending"
    return Plan(Behaviour.SESSION, confidence=0.95, reading=frame.reading(), action=action)


def agreed(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Yes, with a reason; nothing in it may ask, forbid, put off or name anything else."""
    if frame.context.turns[-1].state != "pending":
        return None
    first = next((t for t in frame.tags if t.part is Part.REPLY), None)
    if first is None or first.value != "yes":
        return None
    rest = frame.tags[frame.tags.index(first) + 1 :]
    if turns_around(rest) or any(t.part in {Part.NAME, Part.NUMBER, Part.NAMESPACE, Part.CLUSTER} for t in rest):
        return None
    return Plan(Behaviour.SESSION, confidence=0.9, reading=frame.reading(), action="execute pending")


def called_off(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """No to what is waiting, with whatever reason; what names another object or number is a correction."""
    if frame.context.turns[-1].state != "pending":
        return None
    if any(tag.part in {Part.NAME, Part.NUMBER, Part.NAMESPACE, Part.CLUSTER, Part.IMAGE} for tag in frame.tags):
        return None
    return Plan(Behaviour.SESSION, confidence=0.9, reading=frame.reading(), action="cancel pending")


def approved(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Yes to what is waiting, said as what it is: applied."""
    if frame.context.turns[-1].state != "pending":
        return None
    return Plan(Behaviour.SESSION, confidence=0.9, reading=frame.reading(), action="execute pending")


def drained(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The node that was spoken of is cleared."""
    known = referents(frame.vocabulary, frame.context)
    if len(known) != 1 or known[0].entry.kind != "nodes":
        return None
    words = line(["drain", known[0].entry.name, "--ignore-daemonsets"], Scope("", known[0].cluster))
    return Plan(Behaviour.STRONG, (words,), confidence=0.88, reading=frame.reading())


def more(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """So many replicas more than were set last."""
    number = number_of(found["n"])
    now = spoken.flag("--replicas")
    if spoken.verb != "scale" or number is None or now is None or not now.isdigit():
        return None
    wanted = int(now) + number
    if wanted > MAX_REPLICAS:
        return None
    more = spoken.with_flag("--replicas", str(wanted))
    return Plan(Behaviour.CONFIRM, (more.write(),), confidence=0.9, reading=frame.reading())


def previous(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same logs, of the container that ended before."""
    if spoken.verb != "logs":
        return None
    return Plan(Behaviour.RUN, (spoken.with_flag("--previous").write(),), confidence=0.9, reading=frame.reading())
