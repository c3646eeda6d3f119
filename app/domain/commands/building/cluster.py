"""Commands about a cluster itself, about rights, and about contexts: one function and one list of flags for each."""

from __future__ import annotations

from app.domain.commands import checks
from app.domain.commands.building.common import Build, Scope, listed, none_left, optional, targets_of
from app.domain.commands.flags import ALL_NAMESPACES, COMMON, MANIFEST, SORT_BY, Flag, Words
from app.domain.commands.model.cluster import (
    ApiResources,
    ApiVersions,
    CanI,
    CanIList,
    ClusterInfo,
    CurrentContext,
    Diff,
    Explain,
    GetContexts,
    SetContext,
    UseContext,
    Version,
    ViewConfig,
    WhoAmI,
)
from app.domain.commands.model.command import Command
from app.errors import InvalidInputError, UnsupportedError

FLAGS: dict[str, tuple[Flag, ...]] = {
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
        Flag("as"),
        Flag("as-group", many=True),
    ),
}


def _api_resources(found: Words, scope: Scope) -> Command:
    none_left(found.positional, "api-resources")
    return ApiResources(
        **scope.nowhere(),
        namespaced=found.on("namespaced") if "namespaced" in found.flags else None,
        api_group=optional(found, "api-group", checks.resource) or None,
        output=optional(found, "output", lambda word: checks.one_of(word, "output", ("wide", "name"))),
        verbs=tuple(checks.resource(word) for word in listed(found, "verbs")),
        categories=tuple(checks.resource(word) for word in listed(found, "categories")),
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
    user = optional(found, "as", checks.subject)
    groups = tuple(checks.subject(word) for word in found.values("as-group"))
    if groups and not user:
        raise InvalidInputError("--as-group needs the user too, with --as.", code="missing_argument")
    if found.on("list"):
        none_left(found.positional, "auth can-i --list")
        if user:
            raise UnsupportedError(
                "A cluster lists rights only to whom they belong. Ask for one, such as kubectl auth can-i get pods"
                f" --as={user}, or see the bindings with kubectl get rolebindings,clusterrolebindings -A -o wide."
            )
        return CanIList(**scope.around(), no_headers=found.on("no-headers"))
    if len(found.positional) not in {2, 3}:
        raise InvalidInputError("kubectl auth can-i needs a verb and a resource type.", code="missing_argument")
    (target,) = targets_of(found.positional[1:], "auth can-i")[:1]
    action = checks.resource(found.positional[0])
    subresource = optional(found, "subresource", checks.resource)
    return CanI(
        **scope.around((target,)), action=action, target=target, subresource=subresource, user=user, groups=groups
    )


VERBS: dict[str, Build] = {
    "api-resources": _api_resources,
    "api-versions": _api_versions,
    "explain": _explain,
    "diff": _diff,
    "version": _version,
    "cluster-info": _cluster_info,
}
SUBVERBS: dict[str, dict[str, Build]] = {
    "config": {
        "get-contexts": _get_contexts,
        "current-context": _current_context,
        "view": _view_config,
        "use-context": _use_context,
        "set-context": _set_context,
    },
    "auth": {"whoami": _whoami, "can-i": _can_i},
}
