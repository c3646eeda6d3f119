"""Answers clauses that speak of a change without asking for one.

Past, conditional, negated, reported, quoted, scheduled, or simply not clear enough: each gets a sentence, and
where it helps a read that answers it. Nothing in this module writes a change.
"""

from __future__ import annotations

import re

from app.nlp.translator.frame import Frame, certainty, sentence
from app.nlp.translator.imperative import is_about_change
from app.nlp.translator.kubectl import line
from app.nlp.translator.lexicon.kinds import WORKLOADS
from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part, Verb
from app.nlp.translator.plan import Behaviour, Plan, answer, ask
from app.nlp.translator.questions import about_audit, about_metrics
from app.nlp.translator.targets import find_targets, name_unknown

CONFIRMED = "Nothing is changed without its confirmation. Say what you want done, and I show what would change."
NOT_ASKED_FOR = "I take that for no request. Say what you want done, and I show what would change."
NOTHING_DONE = "Understood: nothing is changed."
TOLD = "I take that for something told and no request: nothing is changed. Say what you want to see or done."
ONE_BY_ONE = "Volumes are deleted by themselves, and what they hold is gone with them. Say which to delete, one by one."
NO_WAITING = "I can't wait for a condition or a time."
WANTED = "Do you want me to do that?"  # begins the question after what may be a request
_WITH_ITS_DATA = re.compile(
    r"\b(?:need|want)\b.*\b(?:and|with|including|plus) (?:all )?(?:its|their)\b(?: \w+)?"
    r" (?:volumes?|claims?|pvcs?|data)\b.*\bgone\b"
    r"|\band (?:the|its|their)(?: \w+)? (?:volumes?|claims?|pvcs?)\b.*\bshould\b.*\b(?:deleted|removed|gone)\b"
    r"|\b(?:delete|remove|drop|destroy|kill|scrap|bin|nuke|wipe|throw away|get rid of|tear down)\b"
    r".*\b(?:and|with|including|plus) (?:all )?(?:its|their)\b"
    r"(?: \w+)? (?:volumes?|claims?|pvcs?|data|storage|disks?)\b",
    re.IGNORECASE,
)
_TURNED_AWAY = re.compile(
    r"(?:please |pls )?(?:(?:do not|don['’]?t)(?! let| (?:schedule|place|put|run|start) any)|never"
    r"|(?:there is |there's )?no need to|should (?:we|i)|what (?:would|will) happen|did (?:any|some)(?:body|one)"
    r"|tomorrow|next (?:week|month|sprint)|later today)\b",
    re.IGNORECASE,
)
_UNASKED = re.compile(
    r"\b(?:skip|bypass|without|forget|drop|no need for|don['’]?t need)(?: (?:the|any|a|my|your|all))? confirmations?\b",
    re.IGNORECASE,
)
_NOT_LET = re.compile(r"(?:please |pls )?(?:do not|don['’]?t) let\b", re.IGNORECASE)
_PUT_OFF = re.compile(r"(?:please |pls )?(?:tomorrow|next (?:week|month|sprint)|later today)\b", re.IGNORECASE)
_APART = re.compile(r"[,.;:!]\s+\w|\b(?:but|instead)\b", re.IGNORECASE)
_BESIDE = re.compile(r"[,.;:!]\s+\w|\b(?:but|instead|only|just|rather)\b", re.IGNORECASE)
_EVERYTHING_OFF = re.compile(
    r"^(?:all|every)\b[^,.;]* (?:to|at|down to) (?:0|zero|nothing)\b|\boff on (?:all|every|each)\b"
    r"|^(?:none of|no)(?: the| our| these| those)? .*\b(?:should|must|ought to|may|shall)"
    r" (?:exist|remain|be left|survive|be there)\b",
    re.IGNORECASE,
)
_BASES = {
    Action.SCALE: "scale",
    Action.RESTART: "restart",
    Action.UNDO: "roll back",
    Action.DELETE: "delete",
    Action.IMAGE: "set the image of",
    Action.CORDON: "cordon",
    Action.UNCORDON: "uncordon",
    Action.DRAIN: "drain",
    Action.STOP: "stop",
    Action.OTHER: "change",
}
_LINES = {
    Action.SCALE: "kubectl scale deployment/NAME --replicas=N",
    Action.RESTART: "kubectl rollout restart deployment/NAME",
    Action.UNDO: "kubectl rollout undo deployment/NAME",
    Action.DELETE: "kubectl delete KIND/NAME",
    Action.IMAGE: "kubectl set image deployment/NAME CONTAINER=IMAGE",
    Action.CORDON: "kubectl cordon NODE",
    Action.UNCORDON: "kubectl uncordon NODE",
    Action.DRAIN: "kubectl drain NODE --ignore-daemonsets",
    Action.STOP: "kubectl scale deployment/NAME --replicas=0",
}
_EFFECTS = {
    Action.SCALE: "Scaling changes how many pods run; to zero it stops serving.",
    Action.RESTART: "A restart replaces the pods one after another; with a single replica there may be a short gap.",
    Action.UNDO: "Rolling back brings an earlier revision's pods back, one after another.",
    Action.DELETE: "What is deleted is gone: a pod comes back by its owner, a workload does not.",
    Action.IMAGE: "A new image starts a rollout; if it can't be pulled, the old pods stay.",
    Action.CORDON: "A cordoned node takes no new pods; those on it stay.",
    Action.UNCORDON: "An uncordoned node takes new pods again.",
    Action.DRAIN: "Draining moves every pod off a node, as far as disruption budgets allow.",
}
_EARLIER = frozenset({"before", "after", "while", "during"})  # they may speak of a time, and suppose nothing
_PAST = frozenset({"was", "were", "has", "had", "did", "been", "got", "have"})
_ROLLED_OUT = frozenset({Action.RESTART, Action.UNDO, Action.IMAGE, Action.SCALE, Action.OTHER})


def everything_off(text: str, frame: Frame) -> Plan | None:
    """A question back to what would stop everything at once, said without a verb ("all deployments to 0")."""
    if _EVERYTHING_OFF.search(text) is None or frame.is_question:
        return None
    return ask("That would hit everything at once. Name the objects, one by one.", reading=frame.reading())


def takes_its_data_along(text: str) -> bool:
    """Whether a text would delete a workload and, in passing, what it keeps."""
    return _WITH_ITS_DATA.search(text) is not None


def is_turned_away(text: str) -> bool:
    """Whether the whole of a text denies, doubts or only asks about what it names, and says nothing beside that."""
    put_off = _PUT_OFF.match(text) is not None and _APART.search(text) is None
    return put_off or (_TURNED_AWAY.match(text) is not None and _BESIDE.search(text) is None)


def lets_nothing(text: str) -> bool:
    """Whether the whole of a text says what is not to be let happen ("don't let web restart and scale")."""
    return _NOT_LET.match(text) is not None and _BESIDE.search(text) is None


def skips_confirmation(text: str) -> bool:
    """Whether a text wants a change to be made unasked."""
    return _UNASKED.search(text) is not None


def begins_turned_away(text: str) -> bool:
    """Whether a text begins so, whatever is said beside it: its likes ask for nothing either."""
    return _TURNED_AWAY.match(text) is not None or _NOT_LET.match(text) is not None


def explain(frame: Frame) -> Plan:
    """A sentence about the change that is spoken of, with the request that would ask for it."""
    verb = _spoken_of(frame)
    wish = _wish(frame, verb)
    choices = [wish] if wish else []
    reading = frame.reading()
    if frame.has(Part.QUESTION, "how to"):
        return answer(
            f"{_LINES.get(verb.action, 'That takes a kubectl command')}. If you want it done here, say it, and "
            f"I show what would change.",
            choices,
            reading=reading,
        )
    if frame.has_topic("metrics"):
        say = "Latencies, traffic and error rates are on the dashboards. Nothing is changed."
        return answer(say, reading=reading, question=about_metrics(frame))
    everything = frame.has(Part.QUANTITY, "all") or frame.has(Part.EVERYWHERE)
    if everything and _commands(frame) and (frame.has(Part.NEGATION) or not frame.names):
        return ask("That would hit everything at once. Name the objects, one by one.", reading=reading)
    if frame.has(Part.NEGATION):
        return answer(NOTHING_DONE, reading=reading)
    if frame.has(Part.HEDGE, "if", "schedule"):
        return ask(f"{NO_WAITING} I can do it now, if you want.", choices, reading=reading)
    if _commands(frame) and all(t.low in _EARLIER for t in frame.of(Part.HEDGE)) and frame.has(Part.HEDGE):
        return ask("What exactly do you mean? Please name it.", choices, reading=reading)
    if frame.has(Part.HEDGE) or frame.has(Part.QUESTION, "what", "how"):
        return answer(
            f"{_EFFECTS.get(verb.action, 'That would be a change.')} Nothing is changed; if you want it, say so.",
            choices,
            reading=reading,
        )
    if frame.has(Part.REPORT) or frame.has(Part.QUOTATION):
        return ask("I take what is reported or quoted as data. If you want it done, say it yourself.", reading=reading)
    if frame.has(Part.QUESTION, "who", "when", "why") or frame.has_topic("audit"):
        return _past(frame, verb) if frame.has(Part.QUESTION, "when") else _audit(frame)
    if any(t.low in _PAST for t in frame.of(Part.AUXILIARY)):
        return _past(frame, verb)
    if frame.is_question and frame.says("is", "are") and frame.names and not frame.verbs(Form.BASE):
        return _present(frame)
    if frame.names and (frame.unknown or frame.has(Part.MISSING)):
        words = ", ".join(f"“{t.words}”" for t in frame.of(Part.UNKNOWN, Part.MISSING)[:3])
        return ask(f"I don't understand {words} there, so I do nothing yet.", choices, reading=reading)
    if frame.unread and not frame.names:
        return name_unknown(frame, WORKLOADS)
    return ask(f"{WANTED} Then say it as a request, and I show what would change.", choices, reading=reading)


def _commands(frame: Frame) -> bool:
    """Whether it begins with the verb of a change, with nothing in front that forbids it."""
    first = next(iter(frame.content), None)
    return first is not None and isinstance(first.value, Verb) and first.value.action in CHANGES


def speaks_of_another(frame: Frame) -> bool:
    """Whether a clause makes everything behind it suspect: it reports, quotes, supposes or forbids."""
    return (
        frame.has(Part.REPORT)
        or frame.has(Part.QUOTATION)
        or frame.has(Part.HEDGE)
        or ((frame.has(Part.NEGATION) or frame.says("do not")) and is_about_change(frame))
    )


def _spoken_of(frame: Frame) -> Verb:
    return next((v for _, v in frame.verbs() if v.action in CHANGES), Verb(Action.OTHER, Form.OTHER))


def _wish(frame: Frame, verb: Verb) -> str:
    """The change as a request, where its object is known."""
    if verb.action not in _LINES or not frame.names or (verb.action is Action.SCALE and len(frame.numbers) != 1):
        return ""
    kind = f"{frame.kind.singular} " if frame.kind and verb.action is Action.DELETE else ""
    amount = f" to {frame.numbers[0].value}" if verb.action is Action.SCALE and len(frame.numbers) == 1 else ""
    place = "".join(f" in {t.value}" for t in frame.of(Part.NAMESPACE, Part.CLUSTER)[:2])
    return f"{_BASES[verb.action]} {kind}{sentence(frame.names[:1])}{amount}{place}"


def _past(frame: Frame, verb: Verb) -> Plan:
    """Something that may have been done: a rollout leaves revisions behind, the rest is in the audit log."""
    if verb.action not in _ROLLED_OUT or not frame.names or frame.has(Part.PERSON):
        return _audit(frame)
    targets = find_targets(frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["rollout", "history", t.path], t.scope) for t in targets)
    say = "Rollouts are in its history; who changed what through this chat is in the audit log."
    return Plan(
        Behaviour.RUN, commands, say=say, confidence=round(0.75 * certainty(frame.tags), 2), reading=frame.reading()
    )


def _present(frame: Frame) -> Plan:
    """Whether something is as it was made ("is cart still scaled to one?"): the object shows it."""
    targets = find_targets(frame, (*WORKLOADS, "nodes", "pods"))
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["get", t.path], t.scope) for t in targets)
    return Plan(Behaviour.RUN, commands, confidence=round(0.8 * certainty(frame.tags), 2), reading=frame.reading())


def _audit(frame: Frame) -> Plan:
    return answer(
        "What was changed through this chat, and by whom, is in the audit log. Nothing is changed now.",
        reading=frame.reading(),
        question=about_audit(frame),
    )
