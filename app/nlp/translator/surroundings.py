"""Reads requests about what surrounds the objects: who one is, what one may do, which clusters there are.

Also answers what needs no cluster: greetings, help, and what this chat does not do.
"""

from __future__ import annotations

import re

from app.nlp.translator.candidate import Candidate
from app.nlp.translator.frame import Frame, certainty
from app.nlp.translator.kubectl import line
from app.nlp.translator.lexicon.kinds import BY_IMPORTANCE, WORKLOADS
from app.nlp.translator.lexicon.parts import CHANGES, Action, Form, Part
from app.nlp.translator.plan import Behaviour, Plan, answer, ask, refuse
from app.nlp.translator.questions import about_alerts, about_audit, about_metrics
from app.nlp.translator.targets import find_targets

_NAMES_ALONE = re.compile(
    r"\bnames?\b.*\b(?:not|without|no|need)\b"
    r"|\b(?:without|not|no need for|do not need|do not want|do not show)\b.*\b(?:contents?|values?|inside|data)\b"
)
HELP = (
    "I show and change what runs on your clusters. Ask for lists, descriptions, logs, events, usage or the "
    "state of a rollout; "
    "ask to scale, restart, roll back, label, configure, create or delete, and I show what would change before "
    "anything happens."
)
NOT_FOR_THAT = "That is outside of what I do: I look after Kubernetes clusters."
EXAMPLES = ("show the pods", "logs of checkout", "which pod uses the most memory", "scale web to 5")
_RIGHTS = {
    Action.DELETE: ("delete", ""),
    Action.SHOW: ("get", ""),
    Action.DESCRIBE: ("get", ""),
    Action.SCALE: ("update", "scale"),
    Action.RESTART: ("patch", ""),
    Action.UNDO: ("patch", ""),
    Action.IMAGE: ("patch", ""),
    Action.CORDON: ("patch", ""),
    Action.UNCORDON: ("patch", ""),
    Action.DRAIN: ("create", "eviction"),
    Action.OTHER: ("create", ""),
}
_OTHER_RIGHTS = {
    "create": "create",
    "apply": "create",
    "deploy": "create",
    "exec": "create",
    "make": "create",
    "start": "create",
    "patch": "patch",
    "edit": "update",
    "label": "patch",
    "annotate": "patch",
    "move": "patch",
    "change": "update",
    "modify": "update",
    "list": "list",
    "watch": "watch",
}


def rights(frame: Frame) -> Candidate | None:
    """Whether the person may do something: asked of the cluster, never done."""
    if not frame.has_topic("can-i"):
        return None
    return Candidate(0.97, lambda: _rights(frame))


def _rights(frame: Frame) -> Plan:
    verbs = frame.verbs()
    if not verbs:
        scopes = frame.scopes()
        return Plan(
            Behaviour.RUN,
            tuple(line(["auth", "can-i", "--list"], s) for s in scopes),
            confidence=0.7,
            reading=frame.reading(),
        )
    tag, verb = verbs[0]
    right, subresource = _RIGHTS.get(verb.action, ("get", ""))
    right = _OTHER_RIGHTS.get(tag.low, right)
    if tag.low.startswith("exec"):
        right, subresource = "create", "exec"
    extra = [f"--subresource={subresource}"] if subresource else []
    if frame.has_topic("logs"):
        extra, right = ["--subresource=log"], "get"
    if frame.names:
        targets = find_targets(frame, WORKLOADS if verb.action in {Action.SCALE, Action.RESTART} else BY_IMPORTANCE)
        if isinstance(targets, Plan):
            return targets
        commands = tuple(line(["auth", "can-i", right, t.path, *extra], t.scope) for t in targets)
    else:
        space = frame.namespace_object
        default = (
            "namespaces"
            if space
            else "nodes"
            if verb.action in {Action.CORDON, Action.UNCORDON, Action.DRAIN}
            else "pods"
            if frame.has_topic("logs")
            else "deployments"
        )
        plural = frame.kind.plural if frame.kind else default
        namespaced = frame.kind.namespaced if frame.kind else default not in {"namespaces", "nodes"}
        commands = tuple(
            line(["auth", "can-i", right, plural, *extra], scope) for scope in frame.scopes(namespaced=namespaced)
        )
    return Plan(Behaviour.RUN, commands, confidence=round(0.93 * certainty(frame.tags), 2), reading=frame.reading())


def identity(frame: Frame) -> Candidate | None:
    """Who one is, which version runs, which clusters there are."""
    if frame.has_topic("whoami"):
        return Candidate(0.95, lambda: _plain(frame, ["auth", "whoami"]))
    if frame.has_topic("version") and not frame.names and not frame.kinds:
        return Candidate(0.9, lambda: _plain(frame, ["version"]))
    if frame.has_topic("api-resources"):
        return Candidate(0.9, lambda: _plain(frame, ["api-resources"]))
    asks = frame.has(Part.QUESTION) or frame.has_action(Action.SHOW) or frame.says("clusters", "contexts")
    if (
        (frame.has_topic("context") or frame.has(Part.EVERY_CLUSTER))
        and asks
        and not (frame.kinds or frame.names or frame.has(Part.STATUS) or frame.unread)
    ):
        others = [t for t in frame.of(Part.TOPIC) if t.value != "context"]
        if not others and not frame.has(Part.METRIC) and not frame.namespaces:
            return Candidate(0.72, lambda: _clusters(frame))
    return None


def _clusters(frame: Frame) -> Plan:
    current = frame.context.cluster
    names = [f"{name} (current)" if name == current else name for name in sorted(frame.vocabulary.clusters)]
    return answer(f"Clusters: {', '.join(names) or current}.", confidence=0.9, reading=frame.reading())


def _plain(frame: Frame, words: list[str]) -> Plan:
    commands = tuple(line(words, scope) for scope in frame.scopes(namespaced=False))
    return Plan(Behaviour.RUN, commands, confidence=0.93, reading=frame.reading())


def switch(frame: Frame) -> Plan | None:
    """A change of the current namespace or cluster: state of the conversation, not of a cluster."""
    verbs = frame.verbs(Form.BASE)
    first = next((t for t in frame.content if t.part is not Part.LINK), None)
    if len(verbs) != 1 or verbs[0][0] is not first or frame.names:
        return None
    # "switch to X", or "set the namespace to X" with the place's kind said
    places = frame.has_topic("context") or [k.plural for k in frame.kinds] == ["namespaces"]
    action = verbs[0][1].action
    if not ((action is Action.SWITCH and not frame.kinds) or (action in {Action.SWITCH, Action.LIGHT} and places)):
        return None
    clusters, spaces = frame.of(Part.CLUSTER), frame.of(Part.NAMESPACE)
    blocked = frame.has(Part.NEGATION) or frame.has(Part.HEDGE) or frame.has(Part.REPORT) or frame.has(Part.QUOTATION)
    if blocked or len(clusters) + len(spaces) == 0:
        return None
    if frame.unread or len(clusters) > 1 or len(spaces) > 1:
        return ask(
            "Which one shall I switch to?", [f"use {t.value}" for t in (*clusters, *spaces)], reading=frame.reading()
        )
    parts = [f"set context {clusters[0].value}"] if clusters else []
    parts += [f"set namespace {spaces[0].value}"] if spaces else []
    return Plan(
        Behaviour.SESSION,
        confidence=round(0.96 * certainty(frame.tags), 2),
        reading=frame.reading(),
        action=" and ".join(parts),
    )


def secret_values(frame: Frame) -> Plan | None:
    """A request for what a secret holds is refused, whatever else it says."""
    values = frame.has_topic("secret-value")
    secret = any(k.plural == "secrets" for k in frame.kinds) or any(
        e.kind == "secrets"
        for t in frame.names
        for name in getattr(t.value, "names", ())
        for e in frame.vocabulary.names[name]
    )
    asks_value = values or frame.says("value", "values", "content", "contents", "inside", "what is inside", "data")
    if (secret and asks_value) or (
        values and (frame.has_action(Action.SHOW) or frame.has(Part.QUESTION) or secret or frame.names)
    ):
        if frame.has_topic("logs", "events") or frame.has(Part.QUESTION, "why"):
            return None
        if not values and _NAMES_ALONE.search(" ".join(tag.low for tag in frame.tags)):
            return None
        return refuse(
            "Secrets' values never leave the cluster through this chat. I can show a secret's name, type and keys.",
            reading=frame.reading(),
        )
    return None


def talk(frame: Frame) -> Candidate | None:
    """Greetings, thanks and questions about this chat."""
    rest = [t for t in frame.content if t.part not in {Part.REPLY, Part.LINK}]
    if rest:
        return None
    if frame.has(Part.REPLY, "help"):
        return Candidate(0.9, lambda: answer(HELP, EXAMPLES))
    if frame.has(Part.REPLY, "hello") or frame.says("hi", "hey", "yo"):
        return Candidate(0.85, lambda: answer("Hello. What would you like to see or do?", EXAMPLES))
    if frame.has(Part.REPLY, "thanks"):
        return Candidate(0.85, lambda: answer("You're welcome."))
    return None


def operations(frame: Frame) -> Candidate | None:
    """Alerts, measurements and audit: kept by this chat itself, not by a cluster."""
    if frame.has_topic("metrics"):
        return Candidate(
            0.94,
            lambda: answer(
                "Latencies, traffic and error rates are on the dashboards.",
                reading=frame.reading(),
                question=about_metrics(frame),
            ),
        )
    changed = any(v.action in CHANGES or t.low in {"changed", "change"} for t, v in frame.verbs())
    if (
        changed
        and frame.has(Part.PERSON, "")
        and frame.has(Part.QUESTION, "what")
        and frame.says("did", "has", "have", "was")
    ):
        return Candidate(
            0.94,
            lambda: answer(
                "Who changed what through this chat is in the audit log.",
                reading=frame.reading(),
                question=about_audit(frame),
            ),
        )
    if frame.has_topic("alerts"):
        return Candidate(
            0.86,
            lambda: answer(
                "Alerts and error budgets are in the alert list of this chat.",
                reading=frame.reading(),
                question=about_alerts(frame),
            ),
        )
    if frame.has_topic("audit") or frame.has(Part.QUESTION, "who"):
        return Candidate(
            0.9 if frame.has(Part.QUESTION, "who") else 0.7,
            lambda: answer(
                "Who did what through this chat is in the audit log.",
                reading=frame.reading(),
                question=about_audit(frame),
            ),
        )
    return None


def outside(frame: Frame) -> Candidate | None:
    """What this chat is not for."""
    if not frame.has(Part.OUTSIDE) or frame.names or frame.kinds:
        return None
    return Candidate(0.58, lambda: refuse(NOT_FOR_THAT, reading=frame.reading()))
