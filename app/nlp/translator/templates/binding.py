"""Service accounts and what they may do: which one a workload runs under, which role is bound to it."""

from __future__ import annotations

import re

from app.nlp.translator.changes import finish
from app.nlp.translator.frame import Frame
from app.nlp.translator.kubectl import line
from app.nlp.translator.lexicon.kinds import KIND_WORDS, WORKLOADS
from app.nlp.translator.plan import Behaviour, Plan, ask, refuse
from app.nlp.translator.targets import find_targets
from app.nlp.translator.templates.wording import Fit

_ALL_POWERFUL = re.compile(r"cluster.admin")
_DEFAULT_ROLES = frozenset({"view", "edit", "admin"})  # the cluster roles that every cluster has for its people
_RIGHTS = {
    "read": "get",
    "see": "get",
    "view": "get",
    "make": "create",
    "remove": "delete",
    "edit": "update",
    "change": "update",
    "modify": "update",
}
_NAME = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")


def account(frame: Frame, found: Fit) -> Plan | None:
    """Let a workload run under another service account."""
    name = _account_of(frame, found.words["account"])
    if isinstance(name, Plan):
        return name
    targets = find_targets(found.frame, WORKLOADS)
    if isinstance(targets, Plan):
        return targets
    commands = tuple(line(["set", "serviceaccount", t.path, name], t.scope) for t in targets)
    return finish(frame, targets, commands)


def bind(frame: Frame, found: Fit) -> Plan | None:
    """Bind a role to a service account; the one that may do everything is not handed out by a sentence."""
    role = found.words["role"].lower()
    if _ALL_POWERFUL.fullmatch(role):
        return refuse(
            "I hand out no rights to everything: cluster-admin is not given by a sentence. Apply a reviewed manifest.",
            reading=frame.reading(),
        )
    name = _account_of(frame, found.words.get("account", ""))
    if isinstance(name, Plan):
        return None
    spaces = frame.namespaces or [frame.context.namespace]
    everywhere = found.has("cluster") or found.has("cluster2") or role in _DEFAULT_ROLES
    called = found.words.get("name", f"{name}-{role}").lower()
    if len(spaces) != 1 or not (_NAME.fullmatch(role) and _NAME.fullmatch(called)):
        return None
    words = ["create", "rolebinding", called, f"--{'clusterrole' if everywhere else 'role'}={role}"]
    words.append(f"--serviceaccount={spaces[0]}:{name}")
    commands = tuple(line(words, scope) for scope in frame.scopes(namespace=spaces[0]))
    say = f"Everything that runs as {name} gets the rights of {role}."
    return Plan(Behaviour.STRONG, commands, say=say, confidence=0.88, reading=frame.reading())


def rights_of(frame: Frame, found: Fit) -> Plan | None:
    """What a service account may do: its bindings, as a cluster lists rights only to whom they belong."""
    targets = find_targets(found.frame, ("serviceaccounts",))
    if isinstance(targets, Plan):
        return None
    commands = tuple(line(["get", "rolebindings", "-o", "wide"], t.scope) for t in targets)
    say = "A cluster lists rights only to whom they belong; these bindings say what service accounts may do."
    return Plan(Behaviour.RUN, tuple(dict.fromkeys(commands)), say=say, confidence=0.85, reading=frame.reading())


def right_of(frame: Frame, found: Fit) -> Plan | None:
    """Whether a service account may do one thing: asked of the cluster, by who has the right to ask."""
    kind = KIND_WORDS.get((found.words["kind"].lower(),))
    if kind is None:
        return None
    targets = find_targets(found.frame, ("serviceaccounts",))
    if isinstance(targets, Plan):
        return None
    words = ["auth", "can-i", _RIGHTS.get(found.words["right"], found.words["right"]), kind.plural]
    # "can cart-sa list pods in payments": the account lives where it is found, the pods where it is said.
    commands = [
        line([*words, f"--as=system:serviceaccount:{t.entry.namespace}:{t.entry.name}"], scope)
        for t in targets
        for scope in frame.scopes(namespaced=kind.namespaced, namespace=None if frame.namespaces else t.entry.namespace)
    ]
    return Plan(Behaviour.RUN, tuple(dict.fromkeys(commands)), confidence=0.88, reading=frame.reading())


def _account_of(frame: Frame, name: str) -> str | Plan:
    """A service account that is there."""
    low = name.lower()
    if any(entry.kind == "serviceaccounts" for entry in frame.vocabulary.names.get(low, ())):
        return low
    return ask(f"I find no service account “{name}”.", reading=frame.reading())
