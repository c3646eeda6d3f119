"""The commands that make objects: the flags of each generator, and that each makes something of them."""

from __future__ import annotations

from app.domain.commands import checks
from app.domain.commands.building import manifests
from app.domain.commands.building.common import Build, Scope, named_targets, none_left
from app.domain.commands.flags import COMMON, SELECTOR, TRAILING, Flag, Words
from app.domain.commands.making.generators import GENERATORS
from app.domain.commands.making.networking import service_of
from app.domain.commands.making.workloads import autoscaler_of, pod
from app.domain.commands.model.command import Command
from app.domain.commands.model.creation import Autoscale, Create, Expose, Run
from app.errors import InvalidInputError

_IMAGE = Flag("image")
_PORT = Flag("port")
_LITERAL = Flag("from-literal", many=True)
_SERVICE = (*COMMON, Flag("tcp", many=True))
_RULE = (
    Flag("verb", many=True),
    Flag("resource", many=True),
    Flag("resource-name", many=True),
)
_BINDING = (Flag("user", many=True), Flag("group", many=True), Flag("serviceaccount", many=True))
# In the canonical order of a line.
_CREATE: dict[str, tuple[Flag, ...]] = {
    "deployment": (*COMMON, Flag("image", many=True), Flag("replicas", "r"), _PORT, TRAILING),
    "service clusterip": (*_SERVICE, Flag("clusterip")),
    "service nodeport": (*_SERVICE, Flag("node-port")),
    "service loadbalancer": _SERVICE,
    "service externalname": (*_SERVICE, Flag("external-name")),
    "configmap": (*COMMON, _LITERAL),
    "secret generic": (*COMMON, _LITERAL, Flag("type")),
    "namespace": COMMON,
    "job": (*COMMON, _IMAGE, Flag("from"), TRAILING),
    "cronjob": (*COMMON, _IMAGE, Flag("schedule"), Flag("restart"), TRAILING),
    "serviceaccount": COMMON,
    "role": (*COMMON, *_RULE),
    "rolebinding": (*COMMON, Flag("role"), Flag("clusterrole"), *_BINDING),
    "clusterrole": (*COMMON, *_RULE, Flag("non-resource-url", many=True), Flag("aggregation-rule")),
    "clusterrolebinding": (*COMMON, Flag("clusterrole"), *_BINDING),
    "ingress": (
        *COMMON,
        Flag("class"),
        Flag("rule", many=True),
        Flag("default-backend"),
        Flag("annotation", many=True),
    ),
    "quota": (*COMMON, Flag("hard"), Flag("scopes")),
    "poddisruptionbudget": (*COMMON, Flag("selector"), Flag("min-available"), Flag("max-unavailable")),
    "priorityclass": (
        *COMMON,
        Flag("value"),
        Flag("global-default", switch=True),
        Flag("description"),
        Flag("preemption-policy"),
    ),
}
_IN_NO_NAMESPACE = frozenset({"namespace", "clusterrole", "clusterrolebinding", "priorityclass"})
FLAGS: dict[str, tuple[Flag, ...]] = {
    **{f"create {what}": flags for what, flags in _CREATE.items()},
    "run": (
        *COMMON,
        _IMAGE,
        Flag("env", many=True),
        Flag("labels", "l"),
        _PORT,
        Flag("restart"),
        Flag("image-pull-policy"),
        Flag("annotations", many=True),
        Flag("command", switch=True),
        TRAILING,
    ),
    "expose": (
        *COMMON,
        SELECTOR,
        Flag("name"),
        _PORT,
        Flag("target-port"),
        Flag("type"),
        Flag("protocol"),
        Flag("labels"),
        Flag("cluster-ip"),
        Flag("external-ip"),
        Flag("load-balancer-ip"),
        Flag("session-affinity"),
    ),
    "autoscale": (*COMMON, Flag("name"), Flag("min"), Flag("max"), Flag("cpu-percent")),
}
_NOT_OPTIONS = frozenset({"namespace", "context", "name", "--"})


def _options(found: Words, key: str) -> tuple[tuple[str, str], ...]:
    return tuple(
        (flag.name, value)
        for flag in FLAGS[key]
        if flag.name not in _NOT_OPTIONS and flag.name in found.flags
        for value in (found.values(flag.name) if flag.many else (found.value(flag.name),))
    )


def _name(found: Words, key: str, *, program: bool = False) -> str:
    if not found.positional:
        raise InvalidInputError(f"kubectl {key} needs a name for the new object.", code="missing_name")
    none_left(found.positional[1:], f"{key} NAME{' -- ' if program else ''}")
    return checks.name(found.positional[0])


def _create(what: str) -> Build:
    key = f"create {what}"

    def build(found: Words, scope: Scope) -> Command:
        around = scope.nowhere() if what in _IN_NO_NAMESPACE else scope.around()
        command = Create(
            **around,
            what=what,
            name=_name(found, key),
            options=_options(found, key),
            program=tuple(found.trailing),
        )
        GENERATORS[what](command)  # says what is missing or wrong
        return command

    return build


def _run(found: Words, scope: Scope) -> Command:
    command = Run(
        **scope.around(),
        name=_name(found, "run", program=True),
        options=_options(found, "run"),
        program=tuple(found.trailing),
    )
    pod(command)
    return command


def _expose(found: Words, scope: Scope) -> Command:
    (target,) = named_targets(found.positional, "expose")[:1]
    none_left([str(extra) for extra in named_targets(found.positional, "expose")[1:]], "expose TYPE NAME")
    name = checks.name(found.value("name")) if found.value("name") else ""
    command = Expose(**scope.around(), name=name, target=target, options=_options(found, "expose"))
    service_of(command, None)
    return command


def _autoscale(found: Words, scope: Scope) -> Command:
    (target,) = named_targets(found.positional, "autoscale")[:1]
    none_left([str(extra) for extra in named_targets(found.positional, "autoscale")[1:]], "autoscale TYPE NAME")
    name = checks.name(found.value("name")) if found.value("name") else ""
    command = Autoscale(**scope.around(), name=name, target=target, options=_options(found, "autoscale"))
    autoscaler_of(command, None)
    return command


VERBS: dict[str, Build] = {"run": _run, "expose": _expose, "autoscale": _autoscale}
SUBVERBS: dict[str, dict[str, Build]] = {
    "create": {"": manifests.create, **{what: _create(what) for what in _CREATE}},
}
ALIASES = {
    ("create", short): full
    for full, shorts in {
        "deployment": ("deploy",),
        "service": ("svc",),
        "configmap": ("cm",),
        "namespace": ("ns",),
        "cronjob": ("cj",),
        "serviceaccount": ("sa",),
        "ingress": ("ing",),
        "quota": ("resourcequota",),
        "poddisruptionbudget": ("pdb",),
        "priorityclass": ("pc",),
    }.items()
    for short in shorts
}
