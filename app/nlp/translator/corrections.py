"""What is said of the last change or table to have it otherwise: another amount, another place, both, back again.

Like the forms in `afterwards`, each has to fit the whole of what is said.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import replace

from app.nlp.translator.changes import PROTECTED
from app.nlp.translator.conversation import behaviour_of, follow_up, places
from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import Scope, Spoken, line
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

_IT = r"(?:it|that|this|them|that one|this one|that node|the node)"
_RESOURCE = re.compile(r"(?P<flag>--(?:limits|requests))=(?P<of>cpu|memory)=\S+")
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


def corrected(frame: Frame) -> Plan | None:
    """The plan for what is said in one of these forms, else None."""
    last = last_spoken(frame.context)
    if last is None:
        return None
    text = " ".join(tag.low for tag in frame.tags if tag.words not in {",", ".", "!", "?", ";"}).strip()
    for form, make in _FORMS:
        found = form.fullmatch(text)
        plan = None if found is None else make(frame, *last, found)
        if plan is not None:
            return plan
    return None


def _schedulable_again(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The node that was taken out of service last takes pods again."""
    for earlier in reversed(frame.context.turns):
        said = last_spoken(replace(frame.context, turns=(earlier,)))
        if said is not None and said[1].verb in {"cordon", "drain"} and earlier.state == "done":
            back = replace(said[1], verb="uncordon", flags=(), rest=())
            return Plan(Behaviour.CONFIRM, (back.write(),), confidence=0.9, reading=frame.reading())
        if said is not None and behaviour_of(said[1]) is not Behaviour.RUN:
            return None  # something else was changed since: "it" may be that
    return None


def _rolls_on(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The rollout that was paused last goes on."""
    if spoken.verb != "rollout pause" or turn.state != "done":
        return None
    on = replace(spoken, verb="rollout resume")
    return Plan(Behaviour.CONFIRM, (on.write(),), confidence=0.9, reading=frame.reading())


def _holds(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The rollout that was looked at is paused."""
    if spoken.kind is None or spoken.kind.plural not in WORKLOADS or len(spoken.names) != 1 or turn.state == "pending":
        return None
    held = Spoken("rollout pause", spoken.kind, spoken.names, spoken.scope)
    return Plan(Behaviour.CONFIRM, (held.write(),), confidence=0.9, reading=frame.reading())


def _other_amount(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The requests or limits that were set last, with another amount."""
    value = next((t.words for t in frame.tags if t.low == found["value"]), found["value"])
    if spoken.verb != "set resources" or not _AMOUNT.fullmatch(value) or len(_RESOURCE.findall(turn.command)) != 1:
        return None
    if "," in turn.command:
        return None
    command = _RESOURCE.sub(lambda old: f"{old['flag']}={old['of']}={value}", turn.command)
    return Plan(Behaviour.CONFIRM, (command,), confidence=0.9, reading=frame.reading())


def _other_place(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The last command in another namespace."""
    space = found["space"]
    words = shlex.split(turn.command)
    if space not in frame.vocabulary.namespaces or "-n" not in words[:-1]:
        return None
    words[words.index("-n") + 1] = space
    return Plan(behaviour_of(spoken), (shlex.join(words),), confidence=0.9, reading=frame.reading())


def _both(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
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


def _elsewhere(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same read in other places."""
    if behaviour_of(spoken) is not Behaviour.RUN or not (frame.clusters != [None] or frame.namespaces):
        return None
    commands = tuple(replace(spoken, scope=scope).write() for scope in places(frame, spoken))
    return Plan(Behaviour.RUN, commands, confidence=0.9, reading=frame.reading())


def _revision(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Back to one of the revisions that were shown."""
    if spoken.verb != "rollout history" or len(spoken.names) != 1 or not turn.rows:
        return None
    index = _PLACES[found["which"]]
    if not -len(turn.rows) <= index < len(turn.rows) or not turn.rows[index].isdigit():
        return None
    back = Spoken("rollout undo", spoken.kind, spoken.names, spoken.scope, (("--to-revision", turn.rows[index]),))
    return Plan(Behaviour.CONFIRM, (back.write(),), confidence=0.9, reading=frame.reading())


def _to_revision(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Back to a revision by its number."""
    if len(spoken.names) != 1 or spoken.kind is None or spoken.kind.plural not in WORKLOADS:
        return None
    back = Spoken("rollout undo", spoken.kind, spoken.names, spoken.scope, (("--to-revision", found["revision"]),))
    return Plan(Behaviour.CONFIRM, (back.write(),), confidence=0.9, reading=frame.reading())


def _by_restarts(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same pods, ordered by how often they were restarted."""
    if spoken.verb != "get" or spoken.kind is not KINDS["pods"]:
        return None
    sorted_ = spoken.with_flag(*BY_RESTARTS.split("=", 1))
    return Plan(Behaviour.RUN, (sorted_.write(),), confidence=0.9, reading=frame.reading())


def _other_object(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same with the object that was meant."""
    if not frame.names:
        return None
    end = frame.tags[-1].end
    meant = [t for t in frame.tags if t.part in {Part.NAME, Part.KIND, Part.NAMESPACE, Part.CLUSTER}]
    link = Tag(Part.LINK, "same", "same for", end, end)
    return follow_up(Frame([link, *meant], frame.vocabulary, frame.context))


def _meant_object(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same with the first of the two that are named ("cart, not web")."""
    if len(frame.names) != 2:
        return None
    end = frame.tags[-1].end
    link = Tag(Part.LINK, "same", "same for", end, end)
    meant = frame.names[1 if found.groupdict().get("last") else 0]
    return follow_up(Frame([link, meant], frame.vocabulary, frame.context))


def _usage_by(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The usage of the pods or nodes that were shown, the largest first."""
    if spoken.verb not in {"get", "top"} or spoken.kind not in {KINDS["pods"], KINDS["nodes"]} or spoken.names:
        return None
    metric = "cpu" if found["metric"] == "cpu" else "memory"
    flags = (*(flag for flag in spoken.flags if flag[0] == "-l"), ("--sort-by", metric))
    top = Spoken("top", spoken.kind, (), spoken.scope, flags)
    return Plan(Behaviour.RUN, (top.write(),), confidence=0.9, reading=frame.reading())


def _log_lines(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same logs, so many lines of them or as they come."""
    if spoken.verb != "logs":
        return None
    count = found.groupdict().get("count")
    changed = spoken.with_flag("--tail", count) if count else spoken.with_flag("-f")
    return Plan(Behaviour.RUN, (changed.write(),), confidence=0.9, reading=frame.reading())


def _other_of_two(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
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


def _whole(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
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


def _mark_off(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Take away the label, annotation or variable that was set last."""
    wanted = {"label": "label", "annotation": "annotate", "variable": "set env", "env": "set env"}[found["what"]]
    if spoken.verb != wanted or len(spoken.rest) != 1 or "=" not in spoken.rest[0]:
        return None
    off = replace(spoken.without_flags("--overwrite"), rest=(f"{spoken.rest[0].partition('=')[0]}-",))
    return Plan(Behaviour.CONFIRM, (off.write(),), confidence=0.9, reading=frame.reading())


def _matching_lines(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same logs, the lines of it that hold a word."""
    if spoken.verb != "logs":
        return None
    view = View(match=found["match"].removesuffix("s") if found["match"] == "errors" else found["match"])
    return Plan(Behaviour.RUN, (spoken.write(),), confidence=0.9, reading=frame.reading(), view=view)


def _wide(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same table with nodes and addresses."""
    if spoken.verb != "get":
        return None
    return Plan(Behaviour.RUN, (spoken.with_flag("-o", "wide").write(),), confidence=0.9, reading=frame.reading())


def _since(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same logs, of a shorter time."""
    time = frame.first(Part.DURATION) or frame.first(Part.TIME)
    if spoken.verb != "logs" or time is None:
        return None
    since = spoken.with_flag("--since", spell_duration(int(str(time.value))))
    return Plan(Behaviour.RUN, (since.write(),), confidence=0.9, reading=frame.reading())


def _nth(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
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


def _its_kind(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """What has the same name and is of another kind."""
    known = referents(frame.vocabulary, frame.context)
    kind = kind_of(found["kind"])
    if len(known) != 1 or kind.plural not in KINDS:
        return None
    entry = frame.vocabulary.find(kind.plural, known[0].entry.namespace, known[0].entry.name)
    what = kind.plural if entry is None else f"{kind.singular}/{entry.name}"
    words = line(["get", what], Scope(known[0].entry.namespace, known[0].cluster))
    return Plan(Behaviour.RUN, (words,), confidence=0.88, reading=frame.reading())


def _there_too(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same read in another namespace or cluster."""
    if frame.names or frame.kinds or not frame.of(Part.NAMESPACE, Part.CLUSTER):
        return None
    return _elsewhere(frame, turn, spoken, found)


def _decided(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """What is to be done with what waits for an answer."""
    if frame.context.turns[-1].state != "pending":
        return None
    action = "show diff of pending" if found.groupdict().get("diff") else "cancel pending"
    return Plan(Behaviour.SESSION, confidence=0.95, reading=frame.reading(), action=action)


def _agreed(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
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


def _called_off(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """No to what is waiting, with whatever reason; what names another object or number is a correction."""
    if frame.context.turns[-1].state != "pending":
        return None
    if any(tag.part in {Part.NAME, Part.NUMBER, Part.NAMESPACE, Part.CLUSTER, Part.IMAGE} for tag in frame.tags):
        return None
    return Plan(Behaviour.SESSION, confidence=0.9, reading=frame.reading(), action="cancel pending")


def _approved(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """Yes to what is waiting, said as what it is: applied."""
    if frame.context.turns[-1].state != "pending":
        return None
    return Plan(Behaviour.SESSION, confidence=0.9, reading=frame.reading(), action="execute pending")


def _drained(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The node that was spoken of is cleared."""
    known = referents(frame.vocabulary, frame.context)
    if len(known) != 1 or known[0].entry.kind != "nodes":
        return None
    words = line(["drain", known[0].entry.name, "--ignore-daemonsets"], Scope("", known[0].cluster))
    return Plan(Behaviour.STRONG, (words,), confidence=0.88, reading=frame.reading())


def _more(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
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


def _previous(frame: Frame, turn: Turn, spoken: Spoken, found: re.Match[str]) -> Plan | None:
    """The same logs, of the container that ended before."""
    if spoken.verb != "logs":
        return None
    return Plan(Behaviour.RUN, (spoken.with_flag("--previous").write(),), confidence=0.9, reading=frame.reading())


_Make = Callable[[Frame, Turn, Spoken, re.Match[str]], Plan | None]
_FORMS: tuple[tuple[re.Pattern[str], _Make], ...] = tuple(
    (re.compile(form, re.IGNORECASE), make)
    for form, make in (
        (
            rf"(?:(?:we are |i am |all )?(?:done|finished|ready|over)(?: with (?:the )?\w+)? |(?:the )?(?:maintenance|patching|upgrade|work|repair|update) (?:is|was) (?:over|done|finished) )?(?:so |please )*"
            rf"(?:open|bring|put|let|take|get) {_IT}(?: back)?(?: up| in| into rotation| into service| online| pods)?(?: again| back| now)*",
            _schedulable_again,
        ),
        (
            rf"(?:.*(?:maintenance|patching|upgrade|work|repair|disk|done|over|finished|fixed|replaced|ready) )?(?:so |please |now |ok )*"
            rf"(?:reopen|re-open|uncordon|unlock|enable|release|free) {_IT}(?: up)?(?: again| now| please)*",
            _schedulable_again,
        ),
        (
            rf"(?:.* )?(?:please |now |ok |so |and |then )*(?:resume|continue|unpause|un-pause|unfreeze|carry on|go on|proceed|keep going|let {_IT} (?:go on|continue|run|roll|proceed|carry on|finish))"
            rf"(?: with)?(?: {_IT}| the rollout| rollout| rolling out| rolling)?(?: again| now| please| then)*",
            _rolls_on,
        ),
        (
            rf"(?:no |nah |actually |wait |hmm |better |rather )*(?:make|set|put|change|raise|lower|bump) {_IT}(?: up| down)?(?: to)? (?P<value>[\w.]+)(?: instead| rather| please| then)*",
            _other_amount,
        ),
        (
            rf"(?:please |now |ok |then )*(?:pause|hold|freeze|halt) (?:{_IT}|the rollout|that rollout)(?: there| now| for now| please)*",
            _holds,
        ),
        (
            r"(?:no |nah |actually |rather |better )*(?:it|that|this) (?:should|must|ought to)(?: rather| better)? be (?P<value>\d[\w.]*)(?: instead| rather)*",
            _other_amount,
        ),
        (
            r"(?:no |nah |actually |rather |better )*(?P<value>\d[\w.]*)(?: instead| rather| please| then)*",
            _other_amount,
        ),
        (
            r"(?:no |oh |sorry |wait |actually )*(?:i (?:meant|mean) |do (?:it|that) )?(?:in |on |for )?(?:the )?(?P<space>[\w-]+)(?: namespace)?(?: and)? not (?:in |the )*[\w-]+(?: namespace)?",
            _other_place,
        ),
        (
            r"(?:no |oh |sorry |wait |actually )*i (?:meant|mean) (?:in |on |for )?(?:the )?(?P<space>[\w-]+)(?: namespace)?",
            _other_place,
        ),
        (
            r"(?:please |can you |now )*(?P<verb>delete|kill|remove|describe|restart|bounce) both(?: of (?:them|those|these)| pods| deployments)?(?: please)?",
            _both,
        ),
        (
            rf"(?:and |so |ok )*how (?:does|do|is|are) (?:{_IT}|they|those|these|things)(?: look| looking| doing)? (?:in|on|for) .+",
            _elsewhere,
        ),
        (
            r"(?:ok |please |then )*(?:go|roll|take it|put it|roll it|revert|bring it)(?: back)? to (?:the )?(?P<which>first|1st|oldest|second|2nd|third|3rd|last|latest|newest)(?: one| of (?:these|those|them)| revision)*",
            _revision,
        ),
        (
            r"(?:and |now |ok |please )*(?:with |sort(?:ed)?(?: them| that| it)? |order(?:ed)?(?: them| that| it)? |put )*(?:by )?(?:the )?(?:most )?(?:number of )?restarts?(?: count)?(?: at the (?:end|bottom|top)| first| last)?",
            _by_restarts,
        ),
        (
            r"(?:no |sorry |and |ok )*(?:i (?:meant|mean) )?(?:the |that )*(?:logs? (?:of|from) )?(?:the )?(?:previous|crashed|last|earlier|old|dead) (?:container|instance|run|one)(?: before that| before| before it crashed)?",
            _previous,
        ),
        (
            r"(?:no |oh |sorry |wait |hang on |hold on |actually |hm |hmm )*i (?:meant|mean) (?:the )?[\w-]+(?: one)?(?: and)? not (?:the )?[\w-]+(?: one)?",
            _meant_object,
        ),
        (
            r"(?:no |actually |rather )*(?:use |take |do )?(?:the )?[\w-]+(?: one)? (?:rather than|instead of) (?:the )?[\w-]+",
            _meant_object,
        ),
        (
            r"(?:no |oh |oops |sorry |wait |hang on |hold on |actually |hm |hmm )*(?:i )?(?:meant|mean) .+",
            _other_object,
        ),
        (r"(?:no |oh |sorry |wait |actually )*[\w-]+ (?:is what )?i (?:meant|mean)(?: and)? not [\w-]+", _meant_object),
        (r"(?:no |oh |sorry |wait |actually |rather |better )*[\w-]+(?: and)? not [\w-]+", _meant_object),
        (r"(?:no |oh |sorry |wait |actually )*not [\w-]+(?: but)?(?: the)? (?P<last>[\w-]+)", _meant_object),
        (
            r"(?:and |now |please |can you |could you |also )*(?:add|show|include|with)(?: me)? (?:the )?(?:nodes?|ips?|node names?)(?: (?:they|it|those|these))?(?: runs?| are| is| run)?(?: on)?(?: too| as well)?",
            _wide,
        ),
        (
            r"(?:and |now |please |can you |could you |only |just )*(?:limit|restrict|narrow|cut|reduce)(?: that| it| this| them)?(?: down)? to (?:the )?.+",
            _since,
        ),
        (
            r"(?:and |now |then |ok |please |also )*(?:the )?(?P<which>first|second|third|last|next)(?: one)?(?: too| as well| please)*",
            _nth,
        ),
        (
            r"(?:and |now |please |can you |could you |could i |can i |also |show |see |get |me |what about )*its (?P<kind>service|svc|hpa|autoscaler|ingress|endpoints|pdb|configmap|secret)(?: too| as well| please)*",
            _its_kind,
        ),
        (
            r"(?:and |now |please |can you |could you |also )*(?:show|give)(?: me)? (?:that|this|it|them|the same) (?:for|in|on|from|across) .+",
            _elsewhere,
        ),
        (
            r"(?:and |now |please |just |only )*(?:filter|grep|search)(?: (?:them|it|that|those|this))?(?: for| by| on)? '?(?P<match>[\w.-]+)'?",
            _matching_lines,
        ),
        (
            r"(?:please |ok |then )*(?:go|roll|take|put|revert|switch|bring)(?: it| that)?(?: back)? to (?:revision|rev|version) (?P<revision>\d+)",
            _to_revision,
        ),
        (
            r"(?:.*(?:maintenance|patching|upgrade|work|repair|done|over|finished).* )?(?:it|that node|the node|node) (?:can|may|should) (?:take|get|accept|run|have|receive)(?: new)? pods(?: again| now)*",
            _schedulable_again,
        ),
        (
            r"(?:now |then |ok |please )*(?:clear|move|get|push|take) (?:everything|all(?: the)?(?: pods)?) off (?:of )?(?:it|that|there)(?: please| now)*",
            _drained,
        ),
        (
            r"(?:and |now |ok |please )*(?P<n>one|two|three|\d+) more(?: on top(?: of (?:that|it))?| please| of (?:them|those|that))*",
            _more,
        ),
        (
            r"(?:please |now |ok )*(?:take|get|pull|remove) (?:that|the|this) (?P<what>label|annotation|variable|env) (?:back )?off(?: again| please)*",
            _mark_off,
        ),
        (r"(?:go|look) back (?:a bit |a little )?further(?: say)? .+", _since),
        (
            r"(?:just |only |show |me )*(?:the )?(?P<match>errors?|warnings?|exceptions?)(?: out of| in| from| of)?(?: that| it| them| those)?",
            _matching_lines,
        ),
        (
            r"(?:and |now |give me |show me |show |that |again |this |the same )+(?:with )(?:the )?nodes?(?: names?)?(?: showing| shown| as well| too)?",
            _wide,
        ),
        (
            r"(?:so )?(?:what is|whats|what will|what would|what does) (?:that|this|it)(?: actually| really| exactly)?(?: going to)? (?P<diff>change|do)(?: exactly| then)?",
            _decided,
        ),
        (
            r"(?:let me |can i |could i |i want to |i would like to )(?:see|check|have) (?:the )?(?P<diff>diff|difference|changes)(?: first| please)*",
            _decided,
        ),
        (
            r"(?:and |now |please |can you |could you |also )*(?:show|give|list)(?: me)? .+ (?:too|as well|also)",
            _there_too,
        ),
        (
            r"(?:stop|wait|halt|no|hold on)(?: please)? do not (?:do|run|execute|apply|touch) (?:it|that|this)(?: please)?",
            _decided,
        ),
        (
            r"(?:before i (?:agree|confirm|say yes|decide) |first |wait )*(?:please )?(?:can you |could you )?(?:show|give)(?: me)? (?:the )?(?P<diff>diff|difference|changes)(?: first| please| again)*",
            _decided,
        ),
        (
            r"(?:(?:it |that |this )?(?:looks?|sounds?) (?:good|fine|right|ok|okay|great)(?: to me)? |ok |okay |good |fine |great |perfect |nice |yes |please |then |so )*"
            r"(?:apply|execute|confirm|proceed|go ahead|go|send it|apply this|ship it|do it)(?: (?:it|that|this|the change))?(?: please| now| then)*",
            _approved,
        ),
        (r"(?:wait |no |oh |oops |hm |hmm )*(?:stop|halt|abort|cancel|call it off|back off)\b.*", _called_off),
        (r"(?:yes|yep|yeah|ok|go ahead|do it|confirm|proceed|approved|sure) .+", _agreed),
        (
            r"(?:please |can you |ok |now )*(?:take|remove|drop|get) (?:that|the|this) (?P<what>label|annotation|variable|env)(?: var)?(?: off| away)?(?: again| please)*",
            _mark_off,
        ),
        (
            r"(?:and |now |just |only |show |me |please )*(?:the )?lines (?:mentioning|with|containing|that (?:mention|contain|have|say)|about|that has) (?:the word |an? )?(?P<match>[\w.-]+)(?: in (?:them|it))?",
            _matching_lines,
        ),
        (
            r"(?:and |so )*(?:which|what|who)(?: one)?(?: of (?:them|these|those))? (?:uses?|is using|are using|needs?|takes?|eats?|consumes?) (?:the )?most (?P<metric>cpu|memory|mem|ram)",
            _usage_by,
        ),
        (
            r"(?:and |now |ok |please )*(?:sort(?:ed)?|order(?:ed)?|rank(?:ed)?)(?: them| that| it)?(?: by)? (?P<metric>cpu|memory|mem|ram|by cpu|by memory)(?: usage)?",
            _usage_by,
        ),
        (
            r"(?:and |now |ok |just |only )*(?:the )?last (?P<count>\d+)(?: lines?)?(?: are| is)?(?: enough| only| will do| please)*",
            _log_lines,
        ),
        (r"(?:and |ok |please |now )*(?:keep )?(?:following|follow|tailing|tail)(?: it| them| on| along)?", _log_lines),
        (r"(?:and |now |also |ok )*(?:the )?other(?: one)?(?: too| as well| please)*", _other_of_two),
        (
            r"(?:and |then |so |ok |please |now )*(?:delete|remove|drop|kill) (?:the |that |this )?(?:whole |entire |complete )(?P<kind>deployment|statefulset|daemonset|job|cronjob|service)",
            _whole,
        ),
    )
)
