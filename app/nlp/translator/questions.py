"""What is asked of alerts, budgets, measurements and the audit log: for the gateway, which knows where they are.

Nothing is looked up here, and no answer is made.
"""

from __future__ import annotations

from app.nlp.translator.frame import Frame
from app.nlp.translator.lexicon.parts import CHANGES, Action, Part, Verb
from app.nlp.translator.lexicon.verbs import VERBS
from app.nlp.translator.names import Known, NameMatch
from app.nlp.translator.plan import Question

_VERBS = {
    Action.SCALE: "scale",
    Action.RESTART: "rollout restart",
    Action.UNDO: "rollout undo",
    Action.DELETE: "delete",
    Action.IMAGE: "set image",
    Action.CORDON: "cordon",
    Action.UNCORDON: "uncordon",
    Action.DRAIN: "drain",
}
_DAY_S = 86_400
_BUDGETS = ("error budget", "burn rate", "slo", "slos")


def about_alerts(frame: Frame) -> Question:
    """Alerts that fire, or what is left of error budgets."""
    topic = "budgets" if frame.says(*_BUDGETS) else "alerts"
    return Question(topic, objects_of(frame), since_s=_since(frame))


def about_metrics(frame: Frame) -> Question:
    """Latencies, traffic and failures."""
    return Question("metrics", objects_of(frame), since_s=_since(frame))


def about_audit(frame: Frame) -> Question:
    """Who did what."""
    spoken = [verb for _, verb in frame.verbs()]
    for asked in frame.of(Part.QUESTION):  # "who scaled" is one phrase
        sense = VERBS.get((asked.low.rpartition(" ")[2],))
        if sense is not None and isinstance(sense.value, Verb):
            spoken.append(sense.value)
    action = next((_VERBS[verb.action] for verb in spoken if verb.action in CHANGES and verb.action in _VERBS), "")
    return Question("audit", objects_of(frame), action, _since(frame))


def objects_of(frame: Frame) -> tuple[str, ...]:
    """The names of the objects that are spoken of, each once."""
    found: list[str] = []
    for tag in frame.names:
        if isinstance(tag.value, NameMatch):
            found.append(tag.value.names[0])
        elif isinstance(tag.value, Known):
            found.append(tag.value.entry.name)
    return tuple(dict.fromkeys(found))


def _since(frame: Frame) -> int:
    time = frame.first(Part.DURATION) or frame.first(Part.TIME)
    if time is not None:
        return int(str(time.value))
    return _DAY_S if frame.says("today") else 0
