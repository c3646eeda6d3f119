"""How much harm a command can do: one table, by verb, subverb and flag.

Nothing else decides it: not who asks, not a language model, not the cluster. A verb that is missing here is no
command.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from enum import StrEnum


class Risk(StrEnum):
    """What has to happen before a command runs."""

    READ = "read"  # nothing
    CHANGE = "change"  # a preview and a confirmation
    DESTRUCTIVE = "destructive"  # a preview with the blast radius, and the name typed


RISKS: dict[tuple[str, str], Risk] = {
    ("get", ""): Risk.READ,
    ("describe", ""): Risk.READ,
    ("logs", ""): Risk.READ,
    ("events", ""): Risk.READ,
    ("top", "pods"): Risk.READ,
    ("top", "nodes"): Risk.READ,
    ("api-resources", ""): Risk.READ,
    ("api-versions", ""): Risk.READ,
    ("explain", ""): Risk.READ,
    ("wait", ""): Risk.READ,
    ("diff", ""): Risk.READ,
    ("config", "get-contexts"): Risk.READ,
    ("config", "current-context"): Risk.READ,
    ("config", "view"): Risk.READ,
    ("config", "use-context"): Risk.READ,
    ("config", "set-context"): Risk.READ,
    ("version", ""): Risk.READ,
    ("cluster-info", ""): Risk.READ,
    ("auth", "whoami"): Risk.READ,
    ("auth", "can-i"): Risk.READ,
    ("rollout", "status"): Risk.READ,
    ("rollout", "history"): Risk.READ,
    ("rollout", "restart"): Risk.CHANGE,
    ("rollout", "undo"): Risk.CHANGE,
    ("rollout", "pause"): Risk.CHANGE,
    ("rollout", "resume"): Risk.CHANGE,
    ("scale", ""): Risk.CHANGE,
    ("delete", ""): Risk.DESTRUCTIVE,
    ("drain", ""): Risk.DESTRUCTIVE,
}

# Flags that make a change worse than its verb alone.
ESCALATING_FLAGS: dict[tuple[str, str], dict[str, Risk]] = {
    ("delete", ""): {"force": Risk.DESTRUCTIVE, "all": Risk.DESTRUCTIVE},
}

# What a cluster itself lives on: every change there wants the name typed.
SYSTEM_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease"})
_ORDER = (Risk.READ, Risk.CHANGE, Risk.DESTRUCTIVE)


def risk_of(verb: str, subverb: str = "", *, namespace: str = "", flags: AbstractSet[str] = frozenset()) -> Risk:
    """The risk of a command.

    Args:
        verb: kubectl's verb.
        subverb: its second word, for verbs that have one.
        namespace: where it acts.
        flags: long names of the flags that were given.

    Raises:
        KeyError: the table does not know the verb.
    """
    risk = RISKS[verb, subverb]
    if risk is Risk.READ:
        return risk
    escalations = ESCALATING_FLAGS.get((verb, subverb), {})
    found = [risk, *(escalations[flag] for flag in flags if flag in escalations)]
    if namespace in SYSTEM_NAMESPACES:
        found.append(Risk.DESTRUCTIVE)
    return max(found, key=_ORDER.index)
