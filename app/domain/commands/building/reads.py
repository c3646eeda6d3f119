"""The commands that look at objects: one function and one list of flags for each verb."""

from __future__ import annotations

from app.domain.commands import checks
from app.domain.commands.building.common import (
    Build,
    Scope,
    listed,
    named_targets,
    none_left,
    not_by_name,
    number,
    optional,
    targets_of,
)
from app.domain.commands.flags import ALL_NAMESPACES, COMMON, SELECTOR, SORT_BY, Flag, Words
from app.domain.commands.kinds import PLURALS
from app.domain.commands.model.command import Command, Target
from app.domain.commands.model.diagnosing import Diagnose
from app.domain.commands.model.reads import (
    MOST_LOG_REQUESTS,
    Describe,
    Events,
    Get,
    Logs,
    RolloutHistory,
    RolloutStatus,
    TopNodes,
    TopPods,
    Wait,
)
from app.errors import InvalidInputError

WAIT_S = 30  # kubectl's own default
MOST_LOGS_FOLLOWED = 10  # at once by one command; each is a connection to the cluster
EVENT_TYPES = ("Normal", "Warning")
DIAGNOSIS_FORMS = ("json", "yaml")
NAMESPACES = "namespaces"

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
        Flag("chunk-size"),
    ),
    "describe": (*COMMON, ALL_NAMESPACES, SELECTOR),
    "diagnose": (*COMMON, ALL_NAMESPACES, Flag("output", "o")),
    "logs": (
        *COMMON,
        SELECTOR,
        Flag("container", "c"),
        Flag("tail"),
        Flag("since"),
        Flag("since-time"),
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
    "rollout status": (*COMMON, Flag("watch", "w", switch=True), Flag("timeout")),
    "rollout history": (*COMMON, Flag("revision")),
}


def _get(found: Words, scope: Scope) -> Command:
    targets = targets_of(found.positional, "get")
    not_by_name(targets, found)
    if found.value("chunk-size"):  # pages are of our own size, whatever is asked for; what is shown is the same
        checks.number(found.value("chunk-size"), "chunk-size")
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


def _diagnose(found: Words, scope: Scope) -> Command:
    output = optional(found, "output", lambda word: checks.one_of(word, "output", DIAGNOSIS_FORMS))
    if not found.positional:
        return Diagnose(**scope.around(), output=output)
    targets = named_targets(found.positional, "diagnose")
    not_by_name(targets, found)
    if len(targets) > 1:
        raise InvalidInputError("One object is diagnosed at a time; leave the others out.", code="too_many_objects")
    if PLURALS.get(targets[0].resource.lower()) == NAMESPACES:
        inside = {**scope.around(), "namespace": checks.namespace(targets[0].name)}
        return Diagnose(**inside, output=output)
    return Diagnose(**scope.around(targets), target=targets[0], output=output)


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
    if found.value("since") and found.value("since-time"):
        raise InvalidInputError("--since and --since-time do not go together.", code="invalid_flag")
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
        since_time=checks.point_in_time(found.value("since-time"), "since-time") if found.value("since-time") else "",
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
    chosen = [checks.one_of(word, "types", EVENT_TYPES) for word in listed(found, "types")]
    return Events(
        **scope.around(),
        about=about,
        types=tuple(dict.fromkeys(chosen)),
        no_headers=found.on("no-headers"),
        watch=found.on("watch"),
    )


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
    "diagnose": _diagnose,
    "logs": _logs,
    "events": _events,
    "wait": _wait,
}
SUBVERBS: dict[str, dict[str, Build]] = {
    "top": {"pods": _top_pods, "nodes": _top_nodes},
    "rollout": {"status": _rollout_status, "history": _rollout_history},
}
ALIASES = {
    ("top", "pod"): "pods",
    ("top", "po"): "pods",
    ("top", "node"): "nodes",
    ("top", "no"): "nodes",
}
