"""The commands that change nothing: one function and one list of flags for each verb."""

from __future__ import annotations

from app.domain.commands import checks
from app.domain.commands.building.common import (
    Build,
    Scope,
    named_targets,
    none_left,
    not_by_name,
    number,
    optional,
    targets_of,
)
from app.domain.commands.flags import ALL_NAMESPACES, COMMON, SELECTOR, SORT_BY, Flag, Words
from app.domain.commands.model.command import Command, Target
from app.domain.commands.model.reads import (
    ApiResources,
    CanI,
    ClusterInfo,
    Describe,
    Events,
    Get,
    Logs,
    RolloutHistory,
    RolloutStatus,
    TopNodes,
    TopPods,
    Version,
    WhoAmI,
)
from app.errors import InvalidInputError

EVENT_TYPES = ("Normal", "Warning")

FLAGS: dict[str, tuple[Flag, ...]] = {
    "get": (
        *COMMON,
        ALL_NAMESPACES,
        SELECTOR,
        SORT_BY,
        Flag("field-selector"),
        Flag("output", "o"),
        Flag("show-labels", switch=True),
    ),
    "describe": (*COMMON, ALL_NAMESPACES, SELECTOR),
    "logs": (
        *COMMON,
        SELECTOR,
        Flag("container", "c"),
        Flag("tail"),
        Flag("since"),
        Flag("previous", "p", switch=True),
        Flag("timestamps", switch=True),
        Flag("all-containers", switch=True),
        Flag("all-pods", switch=True),
    ),
    "events": (*COMMON, ALL_NAMESPACES, Flag("for"), Flag("types")),
    "top pods": (*COMMON, ALL_NAMESPACES, SELECTOR, SORT_BY, Flag("containers", switch=True)),
    "top nodes": (*COMMON, SELECTOR, SORT_BY),
    "api-resources": (*COMMON, Flag("namespaced", switch=True), Flag("api-group")),
    "version": COMMON,
    "cluster-info": COMMON,
    "auth whoami": COMMON,
    "auth can-i": (*COMMON, ALL_NAMESPACES, Flag("subresource")),
    "rollout status": COMMON,
    "rollout history": (*COMMON, Flag("revision")),
}


def _get(found: Words, scope: Scope) -> Command:
    targets = targets_of(found.positional, "get")
    not_by_name(targets, found)
    return Get(
        **scope.around(targets),
        targets=targets,
        selector=optional(found, "selector", checks.selector),
        field_selector=optional(found, "field-selector", checks.field_selector),
        output=optional(found, "output", checks.output),
        sort_by=optional(found, "sort-by", checks.sort_path),
        show_labels=found.on("show-labels"),
    )


def _describe(found: Words, scope: Scope) -> Command:
    targets = targets_of(found.positional, "describe")
    not_by_name(targets, found)
    return Describe(**scope.around(targets), targets=targets, selector=optional(found, "selector", checks.selector))


def _logs(found: Words, scope: Scope) -> Command:
    words = found.positional
    selector = optional(found, "selector", checks.selector)
    if bool(words) == bool(selector):
        raise InvalidInputError("kubectl logs needs either a pod, TYPE/NAME, or -l SELECTOR.", code="missing_name")
    container = optional(found, "container", checks.name)
    if len(words) == 2 and not container:
        container = checks.name(words[1])  # kubectl's older form: logs POD CONTAINER
        words = words[:1]
    none_left(words[1:], "logs")
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
    none_left(found.positional, "events")
    about = named_targets([found.value("for")], "events --for")[0] if found.value("for") else None
    types = found.value("types")
    chosen = tuple(checks.one_of(word, "types", EVENT_TYPES) for word in types.split(",")) if types else ()
    return Events(**scope.around(), about=about, types=tuple(dict.fromkeys(chosen)))


def _top_pods(found: Words, scope: Scope) -> Command:
    none_left(found.positional[1:], "top pods")
    name = checks.name(found.positional[0]) if found.positional else ""
    if name:
        not_by_name((Target("pods", name),), found)
    return TopPods(
        **scope.around(),
        name=name,
        selector=optional(found, "selector", checks.selector),
        sort_by=_sort_top(found),
        containers=found.on("containers"),
    )


def _top_nodes(found: Words, scope: Scope) -> Command:
    none_left(found.positional[1:], "top nodes")
    name = checks.name(found.positional[0]) if found.positional else ""
    selector = optional(found, "selector", checks.selector)
    return TopNodes(**scope.nowhere(), name=name, selector=selector, sort_by=_sort_top(found))


def _sort_top(found: Words) -> str:
    return optional(found, "sort-by", lambda word: checks.one_of(word, "sort-by", ("cpu", "memory")))


def _api_resources(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "api-resources")
    return ApiResources(
        **scope.nowhere(),
        namespaced=found.on("namespaced") if "namespaced" in found.flags else None,
        api_group=optional(found, "api-group", checks.resource) or None,
    )


def _version(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "version")
    return Version(**scope.nowhere())


def _cluster_info(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "cluster-info")
    return ClusterInfo(**scope.nowhere())


def _whoami(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "auth whoami")
    return WhoAmI(**scope.nowhere())


def _can_i(found: Words, scope: Scope) -> Command:
    if len(found.positional) not in {2, 3}:
        raise InvalidInputError("kubectl auth can-i needs a verb and a resource type.", code="missing_argument")
    (target,) = targets_of(found.positional[1:], "auth can-i")[:1]
    action = checks.resource(found.positional[0])
    subresource = optional(found, "subresource", checks.resource)
    return CanI(**scope.around((target,)), action=action, target=target, subresource=subresource)


def _rollout_status(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "rollout status")
    return RolloutStatus(**scope.around(targets), targets=targets)


def _rollout_history(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "rollout history")
    return RolloutHistory(**scope.around(targets), targets=targets, revision=number(found, "revision") or 0)


VERBS: dict[str, Build] = {
    "get": _get,
    "describe": _describe,
    "logs": _logs,
    "events": _events,
    "api-resources": _api_resources,
    "version": _version,
    "cluster-info": _cluster_info,
}
SUBVERBS: dict[str, dict[str, Build]] = {
    "top": {"pods": _top_pods, "nodes": _top_nodes},
    "auth": {"whoami": _whoami, "can-i": _can_i},
    "rollout": {"status": _rollout_status, "history": _rollout_history},
}
ALIASES = {
    ("top", "pod"): "pods",
    ("top", "po"): "pods",
    ("top", "node"): "nodes",
    ("top", "no"): "nodes",
}
