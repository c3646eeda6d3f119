"""How much harm a command can do: one table, by verb, subverb and flag.

Nothing else decides it: not who asks, not a language model, not the cluster. A verb that is missing here is no
command.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    ("diagnose", ""): Risk.READ,
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
    ("delete", "-f"): Risk.DESTRUCTIVE,
    ("label", ""): Risk.CHANGE,
    ("label", "--list"): Risk.READ,
    ("annotate", ""): Risk.CHANGE,
    ("annotate", "--list"): Risk.READ,
    ("set", "image"): Risk.CHANGE,
    ("set", "env"): Risk.CHANGE,
    ("set", "env --list"): Risk.READ,
    ("set", "resources"): Risk.CHANGE,
    ("set", "serviceaccount"): Risk.CHANGE,
    ("patch", ""): Risk.CHANGE,
    ("cordon", ""): Risk.CHANGE,
    ("uncordon", ""): Risk.CHANGE,
    ("taint", ""): Risk.CHANGE,
    ("autoscale", ""): Risk.CHANGE,
    ("expose", ""): Risk.CHANGE,
    ("run", ""): Risk.CHANGE,
    ("undo", ""): Risk.CHANGE,
    ("apply", "-f"): Risk.CHANGE,
    ("replace", "-f"): Risk.CHANGE,
    ("create", "-f"): Risk.CHANGE,
    ("create", "deployment"): Risk.CHANGE,
    ("create", "service clusterip"): Risk.CHANGE,
    ("create", "service nodeport"): Risk.CHANGE,
    ("create", "service loadbalancer"): Risk.CHANGE,
    ("create", "service externalname"): Risk.CHANGE,
    ("create", "configmap"): Risk.CHANGE,
    ("create", "secret generic"): Risk.CHANGE,
    ("create", "namespace"): Risk.CHANGE,
    ("create", "job"): Risk.CHANGE,
    ("create", "cronjob"): Risk.CHANGE,
    ("create", "serviceaccount"): Risk.CHANGE,
    ("create", "role"): Risk.CHANGE,
    ("create", "rolebinding"): Risk.CHANGE,
    ("create", "clusterrole"): Risk.DESTRUCTIVE,  # rights in every namespace
    ("create", "clusterrolebinding"): Risk.DESTRUCTIVE,
    ("create", "ingress"): Risk.CHANGE,
    ("create", "quota"): Risk.CHANGE,
    ("create", "poddisruptionbudget"): Risk.CHANGE,
    ("create", "priorityclass"): Risk.CHANGE,
    ("drain", ""): Risk.DESTRUCTIVE,
}

# Flags that make a change worse than its verb alone.
ESCALATING_FLAGS: dict[tuple[str, str], dict[str, Risk]] = {
    ("delete", ""): {"force": Risk.DESTRUCTIVE, "all": Risk.DESTRUCTIVE},
    ("taint", ""): {"no-execute": Risk.DESTRUCTIVE},  # stops what runs there
    ("apply", "-f"): {"force-conflicts": Risk.DESTRUCTIVE},  # takes fields from who looks after them
    ("create", "priorityclass"): {"global-default": Risk.DESTRUCTIVE},  # of every pod from now on
}
# The same for every change: all there is of a type, everywhere, of a kind that a cluster itself lives on, or to no
# replicas, which takes down what they serve.
ESCALATING_ANYWHERE = {"all", "all-namespaces", "far-reaching", "none"}

# Kinds that a cluster itself lives on: a change of one reaches far beyond the object.
FAR_REACHING = frozenset(
    {
        "Namespace", "Node", "CustomResourceDefinition", "ClusterRole", "ClusterRoleBinding", "APIService",
        "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
        "PriorityClass", "StorageClass", "PersistentVolume", "CSIDriver", "RuntimeClass", "FlowSchema",
        "PriorityLevelConfiguration", "CertificateSigningRequest",
    }
)  # fmt: skip
# Verbs that change nothing of such a kind but what they say: whether a node takes pods, and a note beside it.
HARMLESS_OF_FAR_REACHING = frozenset({"cordon", "uncordon", "taint", "annotate"})

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
    if namespace in SYSTEM_NAMESPACES or flags & ESCALATING_ANYWHERE:
        found.append(Risk.DESTRUCTIVE)
    return worst(found)


def worst(risks: Iterable[Risk]) -> Risk:
    """The highest of some risks; the highest there is where there is none."""
    return max(risks, key=_ORDER.index, default=Risk.DESTRUCTIVE)
