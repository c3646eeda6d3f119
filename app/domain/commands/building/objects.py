"""The commands that change parts of objects: labels, annotations, pod templates, nodes, and patches."""

from __future__ import annotations

import re
from typing import Any

import orjson

from app.domain.commands import checks
from app.domain.commands.building.common import (
    Build,
    Scope,
    apart,
    chosen,
    named_targets,
    none_left,
    pairs_of,
    targets_of,
)
from app.domain.commands.flags import ALL, ALL_NAMESPACES, COMMON, SELECTOR, Flag, Words
from app.domain.commands.kinds import CLUSTER_SCOPED
from app.domain.commands.manifest import read_document
from app.domain.commands.model.command import Command, Target
from app.domain.commands.model.metadata import (
    Annotate,
    Label,
    ListAnnotations,
    ListEnvironment,
    ListLabels,
    Marks,
)
from app.domain.commands.model.scheduling import Cordon, Taint, TaintSpec, Uncordon
from app.domain.commands.model.templates import ANY, Patch, SetEnv, SetImage, SetResources, SetServiceAccount
from app.errors import InvalidInputError

_CHOICE = (*COMMON, SELECTOR, ALL)
_MARKS = (*_CHOICE, ALL_NAMESPACES, Flag("overwrite", switch=True), Flag("list", switch=True))
_CONTAINERS = Flag("containers", "c")
FLAGS: dict[str, tuple[Flag, ...]] = {
    "label": _MARKS,
    "annotate": _MARKS,
    "set image": _CHOICE,
    "set env": (
        *_CHOICE,
        _CONTAINERS,
        Flag("env", "e", many=True),
        Flag("overwrite", switch=True),
        Flag("list", switch=True),
    ),
    "set serviceaccount": _CHOICE,
    "set resources": (*_CHOICE, _CONTAINERS, Flag("limits"), Flag("requests")),
    "patch": (*COMMON, Flag("patch", "p"), Flag("type"), Flag("subresource")),
    "cordon": _CHOICE,
    "uncordon": _CHOICE,
    "taint": (*_CHOICE, Flag("overwrite", switch=True)),
}
ALIASES = {("set", "sa"): "serviceaccount"}
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_GLOB = re.compile(r"[-a-z0-9*]{1,63}")
_QUANTITY = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+|m|k|[MGTPE]i?|Ki)?")


def _marks(kind: type[Marks], listing: type[Command], what: str) -> Build:
    def build(found: Words, scope: Scope) -> Command:
        words, rest = apart(found.positional)
        targets = targets_of(words, kind.verb)
        which = chosen(found, targets, kind.verb)
        values, removed = pairs_of(rest, what)
        if found.on("list"):
            none_left(rest, f"{kind.verb} --list")
            return listing(**scope.around(targets), **which)
        if not rest:
            raise InvalidInputError(
                f"kubectl {kind.verb} needs KEY=VALUE to set, or KEY- to remove.", code="missing_argument"
            )
        return kind(**scope.around(targets), **which, values=values, removed=removed, overwrite=found.on("overwrite"))

    return build


def _set_image(found: Words, scope: Scope) -> Command:
    words, rest = apart(found.positional)
    targets = targets_of(words, "set image")
    images, removed = pairs_of(rest, "container")
    if removed or not images:
        raise InvalidInputError("kubectl set image needs CONTAINER=IMAGE.", code="missing_argument")
    for name, image in images:
        if name != ANY:
            checks.name(name)
        checks.image(image)
    return SetImage(**scope.around(targets), **chosen(found, targets, "set image"), images=images)


def _set_env(found: Words, scope: Scope) -> Command:
    words, rest = apart(found.positional)
    targets = targets_of(words, "set env")
    which = chosen(found, targets, "set env")
    rest += found.values("env")
    if found.on("list"):
        none_left(rest, "set env --list")
        return ListEnvironment(**scope.around(targets), **which)
    values, removed = pairs_of(rest, "variable")
    if not rest:
        raise InvalidInputError("kubectl set env needs NAME=VALUE to set, or NAME- to remove.", code="missing_argument")
    for name in (*dict(values), *removed):
        checks.variable(name)
    return SetEnv(
        **scope.around(targets),
        **which,
        values=values,
        removed=removed,
        containers=_glob(found),
        overwrite=found.on("overwrite", default=True),
    )


def _set_resources(found: Words, scope: Scope) -> Command:
    targets = targets_of(found.positional, "set resources")
    limits, requests = _quantities(found, "limits"), _quantities(found, "requests")
    if not limits and not requests:
        raise InvalidInputError(
            "kubectl set resources needs --limits or --requests, such as --limits=cpu=200m,memory=512Mi.",
            code="missing_argument",
        )
    return SetResources(
        **scope.around(targets),
        **chosen(found, targets, "set resources"),
        limits=limits,
        requests=requests,
        containers=_glob(found),
    )


def _set_service_account(found: Words, scope: Scope) -> Command:
    if len(found.positional) < 2:
        raise InvalidInputError(
            "kubectl set serviceaccount needs an object and the account: deployment/NAME ACCOUNT.",
            code="missing_argument",
        )
    *words, account = found.positional
    targets = targets_of(words, "set serviceaccount")
    return SetServiceAccount(
        **scope.around(targets), **chosen(found, targets, "set serviceaccount"), account=checks.name(account)
    )


def _quantities(found: Words, flag: str) -> tuple[tuple[str, str], ...]:
    if not found.value(flag):
        return ()
    values, removed = pairs_of(found.value(flag).split(","), "resource")
    for key in removed:
        raise InvalidInputError(f'--{flag} sets quantities; "{key}-" is none.', code="invalid_flag")
    for key, quantity in values:
        checks.resource(key.replace("/", "."))
        if _QUANTITY.fullmatch(quantity) is None:
            raise InvalidInputError(
                f'"{quantity[:40]}" is no quantity, such as 200m or 512Mi.', code="invalid_quantity"
            )
    return values


def _glob(found: Words) -> str:
    word = found.value("containers") or ANY
    if _GLOB.fullmatch(word) is None:
        raise InvalidInputError(f'"{word[:60]}" names no container.', code="invalid_name")
    return word


def _patch(found: Words, scope: Scope) -> Command:
    targets = named_targets(found.positional, "patch")
    kind = checks.one_of(found.value("type") or "strategic", "type", ("strategic", "merge", "json"))
    if not found.value("patch"):
        raise InvalidInputError("kubectl patch needs -p PATCH, as JSON or YAML.", code="missing_argument")
    patch: Any = read_document(found.value("patch"))
    if not isinstance(patch, list if kind == "json" else dict):
        shape = 'a list, such as [{"op": "remove", "path": "/spec/x"}]' if kind == "json" else "an object"
        raise InvalidInputError(f"A patch of type {kind} is {shape}.", code="invalid_patch")
    if kind == "json" and not all(_is_operation(operation) for operation in patch):
        raise InvalidInputError(
            "Each entry of a JSON patch has op (add, remove, replace, move, copy or test) and path.",
            code="invalid_patch",
        )
    subresource = found.value("subresource")
    if subresource:
        checks.one_of(subresource, "subresource", ("status", "scale"))
    return Patch(
        **scope.around(targets),
        targets=targets,
        patch=orjson.dumps(patch).decode(),
        kind=kind,
        subresource=subresource,
    )


def _is_operation(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("op") in {"add", "remove", "replace", "move", "copy", "test"}
        and isinstance(entry.get("path"), str)
        and entry["path"].startswith("/")
        and (entry["op"] not in {"move", "copy"} or isinstance(entry.get("from"), str))
    )


def _nodes(kind: type[Cordon | Uncordon]) -> Build:
    def build(found: Words, scope: Scope) -> Command:
        names = [checks.name(word.removeprefix("node/").removeprefix("nodes/")) for word in found.positional]
        targets = tuple(Target("node", name) for name in dict.fromkeys(names)) or (Target("nodes"),)
        return kind(**scope.around(targets), **chosen(found, targets, kind.verb))

    return build


def _taint(found: Words, scope: Scope) -> Command:
    specs = [word for word in found.positional if ":" in word or "=" in word or word.endswith("-")]
    words = [word for word in found.positional if word not in specs]
    if not words or CLUSTER_SCOPED.get(words[0].partition("/")[0].lower()) != "nodes":
        raise InvalidInputError("kubectl taint is for nodes: taint nodes NAME KEY=VALUE:EFFECT.", code="not_a_node")
    targets = targets_of(words, "taint")
    added = tuple(_taint_spec(word) for word in specs if not word.endswith("-"))
    removed = tuple(_taint_spec(word[:-1], gone=True) for word in specs if word.endswith("-"))
    if not specs:
        raise InvalidInputError(
            "kubectl taint needs KEY=VALUE:EFFECT to set, or KEY:EFFECT- to remove.", code="missing_argument"
        )
    return Taint(
        **scope.around(targets),
        **chosen(found, targets, "taint"),
        added=added,
        removed=removed,
        overwrite=found.on("overwrite"),
    )


def _taint_spec(word: str, *, gone: bool = False) -> TaintSpec:
    pair, colon, effect = word.partition(":")
    key, _, value = pair.partition("=")
    if effect and effect not in EFFECTS:
        raise InvalidInputError(
            f'The effect of a taint is one of {", ".join(EFFECTS)}; "{effect[:40]}" is none.', code="invalid_taint"
        )
    if not key or (not colon and not gone):
        raise InvalidInputError(
            f'"{word[:60]}" is no taint: write KEY=VALUE:EFFECT to set it, KEY:EFFECT- to remove it.',
            code="invalid_taint",
        )
    return TaintSpec(key, value, effect)


VERBS: dict[str, Build] = {
    "label": _marks(Label, ListLabels, "label"),
    "annotate": _marks(Annotate, ListAnnotations, "annotation"),
    "patch": _patch,
    "cordon": _nodes(Cordon),
    "uncordon": _nodes(Uncordon),
    "taint": _taint,
}
SUBVERBS: dict[str, dict[str, Build]] = {
    "set": {
        "image": _set_image,
        "env": _set_env,
        "resources": _set_resources,
        "serviceaccount": _set_service_account,
    },
}
