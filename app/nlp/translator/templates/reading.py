"""Questions that are told by their whole wording."""

from __future__ import annotations

from app.nlp.translator.frame import Frame, certainty
from app.nlp.translator.kubectl import Scope, line
from app.nlp.translator.lexicon.kinds import WITH_LOGS, WORKLOADS
from app.nlp.translator.plan import Behaviour, Plan, View
from app.nlp.translator.targets import find_targets
from app.nlp.translator.templates.wording import Fit


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


def _read(frame: Frame, found: Fit, commands: tuple[str, ...], view: View) -> Plan:
    score = round(0.92 * certainty(found.frame.tags), 2)
    return Plan(Behaviour.RUN, commands, confidence=score, reading=frame.reading(), view=view)
