"""From sorted words to a typed command: one function for each verb, and the table that names them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.commands import checks
from app.domain.commands.flags import Words
from app.domain.commands.model import (
    ApiResources,
    CanI,
    ClusterInfo,
    Command,
    Delete,
    Describe,
    Events,
    Get,
    Logs,
    RolloutHistory,
    RolloutPause,
    RolloutRestart,
    RolloutResume,
    RolloutStatus,
    RolloutUndo,
    Scale,
    Target,
    TopNodes,
    TopPods,
    Version,
    WhoAmI,
    lies_in_no_namespace,
)
from app.errors import InvalidInputError

MOST_TARGETS = 100  # objects named in one line
EVENT_TYPES = ("Normal", "Warning")
_LIST_FLAGS = frozenset({"selector", "field-selector", "all-namespaces", "all"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a command acts, as keyword arguments of `Command`."""

    cluster: str
    namespace: str
    home: str
    all_namespaces: bool

    def around(self, targets: tuple[Target, ...] = ()) -> dict[str, Any]:
        """For a command about these targets."""
        nowhere = self.all_namespaces or lies_in_no_namespace(targets)
        return {
            "cluster": self.cluster,
            "namespace": "" if nowhere else self.namespace,
            "home": self.home,
            "all_namespaces": self.all_namespaces and not lies_in_no_namespace(targets),
        }

    def nowhere(self) -> dict[str, Any]:
        """For a command about the cluster itself."""
        return {"cluster": self.cluster, "home": self.home}


def _targets(words: Sequence[str], verb: str) -> tuple[Target, ...]:
    """`pods`, `pods,services`, `pod a b`, `pod/a service/b`."""
    if not words:
        raise InvalidInputError(
            f"kubectl {verb} needs to know what: name a resource type, such as pods.", code="missing_argument"
        )
    if len(words) > MOST_TARGETS:
        raise InvalidInputError(f"At most {MOST_TARGETS} objects can be named at once.", code="too_many_objects")
    if any("/" in word for word in words):
        if not all(word.count("/") == 1 for word in words):
            raise InvalidInputError(
                "Name objects either as TYPE NAME or as TYPE/NAME, not in both ways at once.", code="mixed_targets"
            )
        pairs = [word.split("/") for word in words]
        return _unique(Target(checks.resource(kind), checks.name(name)) for kind, name in pairs)
    kinds = [checks.resource(kind) for kind in words[0].split(",")]
    names = [checks.name(name) for name in words[1:]]
    if not names:
        return _unique(Target(kind) for kind in kinds)
    return _unique(Target(kind, name) for kind in kinds for name in names)


def _unique(targets: Any) -> tuple[Target, ...]:
    return tuple(dict.fromkeys(targets))


def _named(words: Sequence[str], verb: str) -> tuple[Target, ...]:
    """Targets that all have a name."""
    targets = _targets(words, verb)
    if not all(target.name for target in targets):
        raise InvalidInputError(
            f"kubectl {verb} needs the object's name, for example {targets[0].resource}/NAME.", code="missing_name"
        )
    return targets


def _none_left(words: Sequence[str], verb: str) -> None:
    if words:
        raise InvalidInputError(f'kubectl {verb} takes no "{words[0][:60]}".', code="unexpected_word")


def _optional(found: Words, name: str, check: Callable[[str], str]) -> str:
    return check(found.value(name)) if found.value(name) else ""


def _number(found: Words, name: str) -> int | None:
    return checks.number(found.value(name), name) if found.value(name) else None


def _get(found: Words, scope: Scope) -> Command:
    targets = _targets(found.positional, "get")
    _not_by_name(targets, found)
    return Get(
        **scope.around(targets),
        targets=targets,
        selector=_optional(found, "selector", checks.selector),
        field_selector=_optional(found, "field-selector", checks.field_selector),
        output=_optional(found, "output", checks.output),
        sort_by=_optional(found, "sort-by", checks.sort_path),
        show_labels=found.on("show-labels"),
    )


def _not_by_name(targets: tuple[Target, ...], found: Words) -> None:
    if any(target.name for target in targets):
        for flag in sorted(_LIST_FLAGS & found.flags.keys()):
            raise InvalidInputError(
                f"A name and --{flag} do not go together: leave one of them out.", code="name_and_selector"
            )


def _describe(found: Words, scope: Scope) -> Command:
    targets = _targets(found.positional, "describe")
    _not_by_name(targets, found)
    return Describe(**scope.around(targets), targets=targets, selector=_optional(found, "selector", checks.selector))


def _logs(found: Words, scope: Scope) -> Command:
    words = found.positional
    selector = _optional(found, "selector", checks.selector)
    if bool(words) == bool(selector):
        raise InvalidInputError("kubectl logs needs either a pod, TYPE/NAME, or -l SELECTOR.", code="missing_name")
    container = _optional(found, "container", checks.name)
    if len(words) == 2 and not container:
        container = checks.name(words[1])  # kubectl's older form: logs POD CONTAINER
        words = words[:1]
    _none_left(words[1:], "logs")
    target = None
    if words:
        kind, slash, name = words[0].partition("/")
        target = Target(checks.resource(kind), checks.name(name)) if slash else Target("pods", checks.name(kind))
    if target is not None and target.resource in {"pod", "po"}:
        target = Target("pods", target.name)
    if container and found.on("all-containers"):
        raise InvalidInputError("-c and --all-containers do not go together.", code="invalid_flag")
    return Logs(
        **scope.around(),
        target=target,
        selector=selector,
        container=container,
        tail=_tail(found.value("tail")),
        since_s=checks.seconds(found.value("since"), "since") if found.value("since") else None,
        previous=found.on("previous"),
        timestamps=found.on("timestamps"),
        all_containers=found.on("all-containers"),
        all_pods=found.on("all-pods"),
    )


def _tail(word: str) -> int | None:
    if not word:
        return None
    return -1 if word == "-1" else checks.number(word, "tail")


def _events(found: Words, scope: Scope) -> Command:
    _none_left(found.positional, "events")
    about = _named([found.value("for")], "events --for")[0] if found.value("for") else None
    types = found.value("types")
    chosen = tuple(checks.one_of(word, "types", EVENT_TYPES) for word in types.split(",")) if types else ()
    return Events(**scope.around(), about=about, types=tuple(dict.fromkeys(chosen)))


def _top_pods(found: Words, scope: Scope) -> Command:
    _none_left(found.positional[1:], "top pods")
    name = checks.name(found.positional[0]) if found.positional else ""
    if name:
        _not_by_name((Target("pods", name),), found)
    return TopPods(
        **scope.around(),
        name=name,
        selector=_optional(found, "selector", checks.selector),
        sort_by=_sort_top(found),
        containers=found.on("containers"),
    )


def _top_nodes(found: Words, scope: Scope) -> Command:
    _none_left(found.positional[1:], "top nodes")
    name = checks.name(found.positional[0]) if found.positional else ""
    selector = _optional(found, "selector", checks.selector)
    return TopNodes(**scope.nowhere(), name=name, selector=selector, sort_by=_sort_top(found))


def _sort_top(found: Words) -> str:
    return _optional(found, "sort-by", lambda word: checks.one_of(word, "sort-by", ("cpu", "memory")))


def _api_resources(found: Words, scope: Scope) -> Command:
    _none_left(found.positional, "api-resources")
    return ApiResources(
        **scope.nowhere(),
        namespaced=found.on("namespaced") if "namespaced" in found.flags else None,
        api_group=_optional(found, "api-group", checks.resource) or None,
    )


def _version(found: Words, scope: Scope) -> Command:
    _none_left(found.positional, "version")
    return Version(**scope.nowhere())


def _cluster_info(found: Words, scope: Scope) -> Command:
    _none_left(found.positional, "cluster-info")
    return ClusterInfo(**scope.nowhere())


def _whoami(found: Words, scope: Scope) -> Command:
    _none_left(found.positional, "auth whoami")
    return WhoAmI(**scope.nowhere())


def _can_i(found: Words, scope: Scope) -> Command:
    if len(found.positional) not in {2, 3}:
        raise InvalidInputError("kubectl auth can-i needs a verb and a resource type.", code="missing_argument")
    (target,) = _targets(found.positional[1:], "auth can-i")[:1]
    action = checks.resource(found.positional[0])
    subresource = _optional(found, "subresource", checks.resource)
    return CanI(**scope.around((target,)), action=action, target=target, subresource=subresource)


def _rollout_status(found: Words, scope: Scope) -> Command:
    targets = _named(found.positional, "rollout status")
    return RolloutStatus(**scope.around(targets), targets=targets)


def _rollout_history(found: Words, scope: Scope) -> Command:
    targets = _named(found.positional, "rollout history")
    return RolloutHistory(**scope.around(targets), targets=targets, revision=_number(found, "revision") or 0)


def _rollout_restart(found: Words, scope: Scope) -> Command:
    targets = _named(found.positional, "rollout restart")
    return RolloutRestart(**scope.around(targets), targets=targets)


def _rollout_undo(found: Words, scope: Scope) -> Command:
    targets = _named(found.positional, "rollout undo")
    return RolloutUndo(**scope.around(targets), targets=targets, to_revision=_number(found, "to-revision") or 0)


def _rollout_pause(found: Words, scope: Scope) -> Command:
    targets = _named(found.positional, "rollout pause")
    return RolloutPause(**scope.around(targets), targets=targets)


def _rollout_resume(found: Words, scope: Scope) -> Command:
    targets = _named(found.positional, "rollout resume")
    return RolloutResume(**scope.around(targets), targets=targets)


def _scale(found: Words, scope: Scope) -> Command:
    targets = _named(found.positional, "scale")
    replicas = _number(found, "replicas")
    if replicas is None:
        raise InvalidInputError("kubectl scale needs --replicas=NUMBER.", code="missing_argument")
    current = _number(found, "current-replicas")
    return Scale(**scope.around(targets), targets=targets, replicas=replicas, current_replicas=current)


def _delete(found: Words, scope: Scope) -> Command:
    targets = _targets(found.positional, "delete")
    _not_by_name(targets, found)
    selector, every = _optional(found, "selector", checks.selector), found.on("all")
    if not targets[0].name and bool(selector) == every:
        raise InvalidInputError(
            "kubectl delete needs the objects' names, or -l SELECTOR, or --all.", code="missing_name"
        )
    force = found.on("force")
    grace = _number(found, "grace-period")
    if found.on("now"):
        if grace is not None:
            raise InvalidInputError("--now and --grace-period do not go together.", code="invalid_flag")
        grace = 1
    if force:
        grace = 0
    elif grace == 0:
        grace = 1  # as kubectl: only --force removes an object without its node's word
    cascade = found.value("cascade") or "background"
    return Delete(
        **scope.around(targets),
        targets=targets,
        selector=selector,
        every=every,
        grace_period_s=grace,
        cascade=checks.one_of(cascade, "cascade", ("background", "foreground", "orphan")),
        force=force,
    )


Build = Callable[[Words, Scope], Command]
VERBS: dict[str, Build] = {
    "get": _get,
    "describe": _describe,
    "logs": _logs,
    "events": _events,
    "api-resources": _api_resources,
    "version": _version,
    "cluster-info": _cluster_info,
    "scale": _scale,
    "delete": _delete,
}
SUBVERBS: dict[str, dict[str, Build]] = {
    "top": {"pods": _top_pods, "nodes": _top_nodes},
    "auth": {"whoami": _whoami, "can-i": _can_i},
    "rollout": {
        "status": _rollout_status,
        "history": _rollout_history,
        "restart": _rollout_restart,
        "undo": _rollout_undo,
        "pause": _rollout_pause,
        "resume": _rollout_resume,
    },
}
ALIASES = {
    ("top", "pod"): "pods",
    ("top", "po"): "pods",
    ("top", "node"): "nodes",
    ("top", "no"): "nodes",
}
