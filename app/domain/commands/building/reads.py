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
from app.domain.commands.flags import ALL_NAMESPACES, COMMON, MANIFEST, SELECTOR, SORT_BY, Flag, Words
from app.domain.commands.model.command import Command, Target
from app.domain.commands.model.reads import (
    MOST_LOG_REQUESTS,
    ApiResources,
    ApiVersions,
    CanI,
    CanIList,
    ClusterInfo,
    CurrentContext,
    Describe,
    Diff,
    Events,
    Explain,
    Get,
    GetContexts,
    Logs,
    RolloutHistory,
    RolloutStatus,
    SetContext,
    TopNodes,
    TopPods,
    UseContext,
    Version,
    ViewConfig,
    Wait,
    WhoAmI,
)
from app.errors import InvalidInputError, UnsupportedError

WAIT_S = 30  # kubectl's own default
MOST_LOGS_FOLLOWED = 10  # at once by one command; each is a connection to the cluster
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
        Flag("show-kind", switch=True),
        Flag("no-headers", switch=True),
        Flag("ignore-not-found", switch=True),
        Flag("label-columns", "L", many=True),
        Flag("watch", "w", switch=True),
        Flag("watch-only", switch=True),
        Flag("output-watch-events", switch=True),
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
        Flag("follow", "f", switch=True),
        Flag("prefix", switch=True),
        Flag("max-log-requests"),
    ),
    "wait": (
        *COMMON,
        SELECTOR,
        ALL_NAMESPACES,
        Flag("all", switch=True),
        Flag("for"),
        Flag("timeout"),
    ),
    "events": (
        *COMMON,
        ALL_NAMESPACES,
        Flag("for"),
        Flag("types", many=True),
        Flag("no-headers", switch=True),
        Flag("watch", "w", switch=True),
    ),
    "top pods": (
        *COMMON,
        ALL_NAMESPACES,
        SELECTOR,
        SORT_BY,
        Flag("field-selector"),
        Flag("containers", switch=True),
        Flag("sum", switch=True),
        Flag("no-headers", switch=True),
    ),
    "top nodes": (*COMMON, SELECTOR, SORT_BY, Flag("no-headers", switch=True)),
    "api-resources": (
        *COMMON,
        SORT_BY,
        Flag("output", "o"),
        Flag("namespaced", switch=True),
        Flag("api-group"),
        Flag("verbs", many=True),
        Flag("categories", many=True),
        Flag("no-headers", switch=True),
    ),
    "api-versions": COMMON,
    "version": (*COMMON, Flag("output", "o")),
    "cluster-info": COMMON,
    "explain": (*COMMON, Flag("recursive", switch=True), Flag("api-version")),
    "diff": (*COMMON, MANIFEST, Flag("server-side", switch=True), Flag("force-conflicts", switch=True)),
    "config get-contexts": (*COMMON, Flag("output", "o"), Flag("no-headers", switch=True)),
    "config current-context": COMMON,
    "config view": (*COMMON, Flag("minify", switch=True)),
    "config use-context": COMMON,
    "config set-context": (*COMMON, Flag("current", switch=True)),
    "auth whoami": COMMON,
    "auth can-i": (
        *COMMON,
        ALL_NAMESPACES,
        Flag("subresource"),
        Flag("list", switch=True),
        Flag("no-headers", switch=True),
    ),
    "rollout status": (*COMMON, Flag("watch", "w", switch=True), Flag("timeout")),
    "rollout history": (*COMMON, Flag("revision")),
}


def _get(found: Words, scope: Scope) -> Command:
    targets = targets_of(found.positional, "get")
    not_by_name(targets, found)
    if (found.on("watch") or found.on("watch-only")) and len(targets) > 1:
        raise InvalidInputError("error: you may only specify a single resource type.", code="invalid_flag")
    return Get(
        **scope.around(targets),
        targets=targets,
        selector=optional(found, "selector", checks.selector),
        field_selector=optional(found, "field-selector", checks.field_selector),
        output=optional(found, "output", checks.output),
        sort_by=optional(found, "sort-by", checks.sort_path),
        show_labels=found.on("show-labels"),
        show_kind=found.on("show-kind"),
        no_headers=found.on("no-headers"),
        ignore_not_found=found.on("ignore-not-found"),
        watch=found.on("watch"),
        watch_only=found.on("watch-only"),
        output_watch_events=found.on("output-watch-events"),
        label_columns=tuple(
            checks.label_key(word) for value in found.values("label-columns") for word in value.split(",") if word
        ),
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
    requests = None
    if found.value("max-log-requests"):
        requests = checks.number(found.value("max-log-requests"), "max-log-requests", MOST_LOGS_FOLLOWED)
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
        follow=found.on("follow"),
        prefix=found.on("prefix"),
        most_requests=MOST_LOG_REQUESTS if requests is None else requests,
    )


def _tail(word: str) -> int | None:
    if not word:
        return None
    return -1 if word == "-1" else checks.number(word, "tail")


def _events(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "events")
    about = named_targets([found.value("for")], "events --for")[0] if found.value("for") else None
    chosen = [checks.one_of(word, "types", EVENT_TYPES) for word in _listed(found, "types")]
    return Events(
        **scope.around(),
        about=about,
        types=tuple(dict.fromkeys(chosen)),
        no_headers=found.on("no-headers"),
        watch=found.on("watch"),
    )


def _listed(found: Words, name: str) -> list[str]:
    """A flag's words, parted by commas or given one by one."""
    return [word for value in found.values(name) for word in value.split(",") if word]


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
        no_headers=found.on("no-headers"),
        field_selector=optional(found, "field-selector", checks.field_selector),
        containers=found.on("containers"),
        sum=found.on("sum"),
    )


def _top_nodes(found: Words, scope: Scope) -> Command:
    none_left(found.positional[1:], "top nodes")
    name = checks.name(found.positional[0]) if found.positional else ""
    selector = optional(found, "selector", checks.selector)
    return TopNodes(
        **scope.nowhere(),
        name=name,
        selector=selector,
        sort_by=_sort_top(found),
        no_headers=found.on("no-headers"),
    )


def _sort_top(found: Words) -> str:
    return optional(found, "sort-by", lambda word: checks.one_of(word, "sort-by", ("cpu", "memory")))


def _api_resources(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "api-resources")
    return ApiResources(
        **scope.nowhere(),
        namespaced=found.on("namespaced") if "namespaced" in found.flags else None,
        api_group=optional(found, "api-group", checks.resource) or None,
        output=optional(found, "output", lambda word: checks.one_of(word, "output", ("wide", "name"))),
        verbs=tuple(checks.resource(word) for word in _listed(found, "verbs")),
        categories=tuple(checks.resource(word) for word in _listed(found, "categories")),
        sort_by=optional(found, "sort-by", lambda word: checks.one_of(word, "sort-by", ("name", "kind"))),
        no_headers=found.on("no-headers"),
    )


def _api_versions(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "api-versions")
    return ApiVersions(**scope.nowhere())


def _explain(found: Words, scope: Scope) -> Command:
    if not found.positional:
        raise InvalidInputError("error: You must specify the type of resource to explain.", code="missing_argument")
    none_left(found.positional[1:], "explain")
    return Explain(
        **scope.nowhere(),
        path=checks.field_path(found.positional[0]),
        recursive=found.on("recursive"),
        api_version=optional(found, "api-version", checks.api_version),
    )


def _diff(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "diff")
    if not found.document:
        raise InvalidInputError(
            "kubectl diff needs a manifest: write -f - and paste it below the line.", code="missing_argument"
        )
    return Diff(**scope.around(), manifest=found.document, force_conflicts=found.on("force-conflicts"))


def _get_contexts(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "config get-contexts")
    output = optional(found, "output", lambda word: checks.one_of(word, "output", ("name",)))
    return GetContexts(**scope.around(), output=output, no_headers=found.on("no-headers"))


def _current_context(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "config current-context")
    return CurrentContext(**scope.around())


def _view_config(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "config view")
    return ViewConfig(**scope.around(), minify=found.on("minify"))


def _use_context(found: Words, scope: Scope) -> Command:
    if len(found.positional) != 1:
        raise InvalidInputError("kubectl config use-context needs the cluster's name.", code="missing_name")
    return UseContext(cluster=checks.name(found.positional[0]), home=scope.home)


def _set_context(found: Words, scope: Scope) -> Command:
    if found.positional or not found.on("current") or not found.value("namespace"):
        raise UnsupportedError(
            "Contexts are set up by the operator; set-context --current --namespace=NAME goes on in another namespace."
        )
    return SetContext(cluster=scope.cluster, home=scope.home, namespace=checks.namespace(found.value("namespace")))


def _version(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "version")
    output = optional(found, "output", lambda word: checks.one_of(word, "output", ("json", "yaml")))
    return Version(**scope.nowhere(), output=output)


def _cluster_info(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "cluster-info")
    return ClusterInfo(**scope.nowhere())


def _whoami(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "auth whoami")
    return WhoAmI(**scope.nowhere())


def _can_i(found: Words, scope: Scope) -> Command:
    if found.on("list"):
        none_left(found.positional, "auth can-i --list")
        return CanIList(**scope.around(), no_headers=found.on("no-headers"))
    if len(found.positional) not in {2, 3}:
        raise InvalidInputError("kubectl auth can-i needs a verb and a resource type.", code="missing_argument")
    (target,) = targets_of(found.positional[1:], "auth can-i")[:1]
    action = checks.resource(found.positional[0])
    subresource = optional(found, "subresource", checks.resource)
    return CanI(**scope.around((target,)), action=action, target=target, subresource=subresource)


def _rollout_status(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "rollout status")
    return RolloutStatus(
        **scope.around(targets),
        targets=targets,
        watch=found.on("watch", default=True),
        timeout_s=checks.seconds(found.value("timeout"), "timeout") if found.value("timeout") else 0,
    )


def _wait(found: Words, scope: Scope) -> Command:
    targets = targets_of(found.positional, "wait")
    named = bool(targets[0].name)
    if named and (found.on("all") or found.value("selector")):
        raise InvalidInputError("A name and --all or -l do not go together.", code="name_and_selector")
    if not named and not found.on("all") and not found.value("selector"):
        raise InvalidInputError("kubectl wait needs names, -l SELECTOR or --all.", code="missing_name")
    if not found.value("for"):
        raise InvalidInputError(
            "kubectl wait needs --for: delete, create, condition=NAME or jsonpath='{PATH}'=VALUE.",
            code="missing_argument",
        )
    timeout = found.value("timeout")
    return Wait(
        **scope.around(targets),
        targets=targets,
        until=checks.awaited(found.value("for")),
        selector=optional(found, "selector", checks.selector),
        every=found.on("all"),
        timeout_s=checks.seconds(timeout, "timeout") if timeout else WAIT_S,
    )


def _rollout_history(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "rollout history")
    return RolloutHistory(**scope.around(targets), targets=targets, revision=number(found, "revision") or 0)


VERBS: dict[str, Build] = {
    "get": _get,
    "describe": _describe,
    "logs": _logs,
    "events": _events,
    "api-resources": _api_resources,
    "api-versions": _api_versions,
    "explain": _explain,
    "wait": _wait,
    "diff": _diff,
    "version": _version,
    "cluster-info": _cluster_info,
}
SUBVERBS: dict[str, dict[str, Build]] = {
    "top": {"pods": _top_pods, "nodes": _top_nodes},
    "config": {
        "get-contexts": _get_contexts,
        "current-context": _current_context,
        "view": _view_config,
        "use-context": _use_context,
        "set-context": _set_context,
    },
    "auth": {"whoami": _whoami, "can-i": _can_i},
    "rollout": {"status": _rollout_status, "history": _rollout_history},
}
ALIASES = {
    ("top", "pod"): "pods",
    ("top", "po"): "pods",
    ("top", "node"): "nodes",
    ("top", "no"): "nodes",
}
