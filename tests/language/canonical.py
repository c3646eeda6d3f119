"""kubectl lines in a form in which equally right ones are equal."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

_KINDS = {
    "po": "pods", "pod": "pods", "deploy": "deployments", "deployment": "deployments", "svc": "services", "service": "services", "sts": "statefulsets",
    "statefulset": "statefulsets", "ds": "daemonsets", "daemonset": "daemonsets", "cm": "configmaps", "configmap": "configmaps", "secret": "secrets",
    "sa": "serviceaccounts", "serviceaccount": "serviceaccounts", "pvc": "persistentvolumeclaims", "persistentvolumeclaim": "persistentvolumeclaims",
    "hpa": "horizontalpodautoscalers", "horizontalpodautoscaler": "horizontalpodautoscalers", "cj": "cronjobs", "cronjob": "cronjobs", "job": "jobs",
    "ns": "namespaces", "namespace": "namespaces", "no": "nodes", "node": "nodes", "ing": "ingresses", "ingress": "ingresses", "rs": "replicasets",
    "replicaset": "replicasets", "ev": "events", "event": "events",
}  # fmt: skip
_FLAGS = {
    "-n": "--namespace",
    "-l": "--selector",
    "-o": "--output",
    "-c": "--container",
    "-A": "--all-namespaces",
    "-f": "--follow",
    "-p": "--previous",
    "-w": "--watch",
}
_SWITCHES = {
    "--all-namespaces",
    "--follow",
    "--previous",
    "--all-containers",
    "--all-pods",
    "--show-labels",
    "--ignore-daemonsets",
    "--list",
    "--containers",
    "--overwrite",
    "--force",
    "--timestamps",
    "--prefix",
    "--watch",
    "--all-clusters",
}
_UNNAMESPACED = {"nodes", "namespaces", "persistentvolumes", "clusterroles", "clusterrolebindings"}
_NODE_VERBS = {"cordon", "uncordon", "drain", "version", "whoami"}


def expanded(line: str, current: str, clusters: Sequence[str]) -> list[str]:
    """The line for each cluster that it names, as one would say it to each apart."""
    words = shlex.split(line)
    if "--all-clusters" in words:
        words.remove("--all-clusters")
        named = list(clusters)
    else:
        at = next((i for i, word in enumerate(words) if word == "--context" or word.startswith("--context=")), None)
        if at is None:
            return [line]
        value = words[at + 1] if words[at] == "--context" else words[at].partition("=")[2]
        del words[at : at + (2 if words[at] == "--context" else 1)]
        named = value.split(",")
    plain = shlex.join(words)
    return [plain if name == current else f"{plain} --context {name}" for name in named]


def canonical(line: str, namespace: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Words and sorted flags of a line: long flags, plural kinds, kind/name, the default namespace filled in."""
    words, flags = _split(shlex.split(line)[1:])
    if words[:1] == ["patch"] and "--previous" in flags:
        flags["--patch"] = flags.pop("--previous")
    words = _joined(words)
    kinds = {word.partition("/")[0] for word in words}
    if (
        not kinds & _UNNAMESPACED
        and not kinds & _NODE_VERBS
        and "--all-namespaces" not in flags
        and not line.startswith("kubectl config")
    ):
        flags.setdefault("--namespace", namespace)
    if kinds & _UNNAMESPACED:
        flags.pop("--namespace", None)
    return tuple(words), tuple(sorted(flags.items()))


def _split(parts: list[str]) -> tuple[list[str], dict[str, str]]:
    words: list[str] = []
    flags: dict[str, str] = {}
    rest = iter(parts)
    for part in rest:
        if not part.startswith("-"):
            words.append(part)
            continue
        name, equals, value = part.partition("=")
        name = _FLAGS.get(name, name)
        if not equals and (name not in _SWITCHES or (name == "--previous" and words[:1] == ["patch"])):
            value = next(rest, "")
        flags[name] = value
    if "--for" in flags:
        kind, _, name = flags["--for"].partition("/")
        flags["--for"] = f"{_KINDS.get(kind, kind)}/{name}"
    return words, flags


def _joined(words: list[str]) -> list[str]:
    """`get pod web` and `get pod/web` are the same; the object of `logs` is a pod."""
    verb = 2 if words[:1] and words[0] in {"rollout", "set", "auth", "config"} else 1
    head, objects = words[:verb], [_plural(word) for word in words[verb:]]
    if head[:1] == ["logs"]:
        return [*head, *(word if "/" in word else f"pods/{word}" for word in objects[:1])]
    if head == ["auth", "can-i"]:
        return [*head, *objects]
    if len(objects) > 1 and "/" not in objects[0] and "," not in objects[0] and head[:1] != ["cordon"]:
        return [
            *head,
            *sorted(f"{objects[0]}/{word}" for word in objects[1:] if not _is_setting(word)),
            *(word for word in objects[1:] if _is_setting(word)),
        ]
    return [*head, *objects]


def _is_setting(word: str) -> bool:
    """Whether a word sets a label, a variable or a taint, or takes one away."""
    return "=" in word or word.endswith("-") or ":No" in word


def _plural(word: str) -> str:
    kind, slash, name = word.partition("/")
    return f"{_KINDS.get(kind, kind)}{slash}{name}" if slash else _KINDS.get(word, word)
