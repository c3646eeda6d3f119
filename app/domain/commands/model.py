"""Commands as typed values: what kubectl's language says, once it is parsed.

A command knows its cluster, its namespace, its risk and its one canonical line; it holds no value that the parser has
not checked, and does nothing by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.kinds import is_cluster_scoped
from app.domain.commands.risk import Risk, risk_of
from app.domain.commands.words import quoted

__all__ = ["Command", "Risk", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a command acts on.

    Attributes:
        resource: the resource type as it was typed: "pods", "deploy", "deployments.apps".
        name: the object's name, empty for all of that type.
    """

    resource: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.resource}/{self.name}" if self.name else self.resource


@dataclass(frozen=True, kw_only=True)
class Command:
    """The base of all commands.

    Attributes:
        cluster: the cluster it runs on.
        namespace: where; empty for all namespaces and for what lies in none.
        home: the conversation's cluster, which the line need not name.
        all_namespaces: -A.
    """

    verb: ClassVar[str]
    subverb: ClassVar[str] = ""
    cluster: str
    namespace: str = ""
    home: str = ""
    all_namespaces: bool = False

    @property
    def risk(self) -> Risk:
        """What has to happen before it runs."""
        return risk_of(self.verb, self.subverb, namespace=self.namespace, flags=self.flags())

    def flags(self) -> frozenset[str]:
        """Long names of the flags that were given and that may change the risk."""
        return frozenset()

    def arguments(self) -> list[str]:
        """The words after the verb, without namespace and context."""
        return []

    def line(self) -> str:
        """The equivalent kubectl line, complete with its namespace, and its context where that is not the home."""
        return self._line(named=self.cluster != self.home)

    def full_line(self) -> str:
        """As `line`, always with its context: reads the same in any conversation."""
        return self._line(named=True)

    def _line(self, *, named: bool) -> str:
        words = ["kubectl", self.verb, *([self.subverb] if self.subverb else []), *self.arguments()]
        if self.all_namespaces:
            words.append("-A")
        elif self.namespace:
            words += ["-n", self.namespace]
        if named:
            words += ["--context", self.cluster]
        return " ".join(quoted(word) for word in words)


def _spread(targets: tuple[Target, ...]) -> list[str]:
    """`pod a b`, `pods,services` or `pod/a service/b`, as kubectl's reading commands are usually written."""
    resources = list(dict.fromkeys(target.resource for target in targets))
    if not any(target.name for target in targets):
        return [",".join(resources)]
    if len(resources) == 1:
        return [resources[0], *(target.name for target in targets)]
    return [str(target) for target in targets]


def _flag(name: str, value: str | None) -> list[str]:
    return [] if not value else [f"--{name}={value}"]


def _switch(name: str, *, on: bool) -> list[str]:
    return [f"--{name}"] if on else []


@dataclass(frozen=True, kw_only=True)
class Get(Command):
    """kubectl get."""

    verb: ClassVar[str] = "get"
    targets: tuple[Target, ...]
    selector: str = ""
    field_selector: str = ""
    output: str = ""
    sort_by: str = ""
    show_labels: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *_spread(self.targets),
            *(["-l", self.selector] if self.selector else []),
            *_flag("field-selector", self.field_selector),
            *_flag("sort-by", self.sort_by),
            *_switch("show-labels", on=self.show_labels),
            *(["-o", self.output] if self.output else []),
        ]


@dataclass(frozen=True, kw_only=True)
class Describe(Command):
    """kubectl describe."""

    verb: ClassVar[str] = "describe"
    targets: tuple[Target, ...]
    selector: str = ""

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*_spread(self.targets), *(["-l", self.selector] if self.selector else [])]


@dataclass(frozen=True, kw_only=True)
class Logs(Command):
    """kubectl logs. `target` is None when a selector finds the pods; `tail` is None when none was asked for."""

    verb: ClassVar[str] = "logs"
    target: Target | None = None
    selector: str = ""
    container: str = ""
    tail: int | None = None
    since_s: int | None = None
    previous: bool = False
    timestamps: bool = False
    all_containers: bool = False
    all_pods: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        named = (
            [] if self.target is None else [self.target.name if self.target.resource == "pods" else str(self.target)]
        )
        return [
            *named,
            *(["-l", self.selector] if self.selector else []),
            *(["-c", self.container] if self.container else []),
            *_switch("previous", on=self.previous),
            *_switch("all-containers", on=self.all_containers),
            *_switch("all-pods", on=self.all_pods),
            *_switch("timestamps", on=self.timestamps),
            *_flag("since", None if self.since_s is None else duration(self.since_s)),
            *([] if self.tail is None else [f"--tail={self.tail}"]),
        ]


@dataclass(frozen=True, kw_only=True)
class Events(Command):
    """kubectl events."""

    verb: ClassVar[str] = "events"
    about: Target | None = None
    types: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*(["--for", str(self.about)] if self.about else []), *_flag("types", ",".join(self.types))]


@dataclass(frozen=True, kw_only=True)
class _Top(Command):
    verb: ClassVar[str] = "top"
    name: str = ""
    selector: str = ""
    sort_by: str = ""

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *([self.name] if self.name else []),
            *(["-l", self.selector] if self.selector else []),
            *_flag("sort-by", self.sort_by),
        ]


@dataclass(frozen=True, kw_only=True)
class TopPods(_Top):
    """kubectl top pods."""

    subverb: ClassVar[str] = "pods"
    containers: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*_Top.arguments(self), *_switch("containers", on=self.containers)]


@dataclass(frozen=True, kw_only=True)
class TopNodes(_Top):
    """kubectl top nodes."""

    subverb: ClassVar[str] = "nodes"


@dataclass(frozen=True, kw_only=True)
class ApiResources(Command):
    """kubectl api-resources. `namespaced` is None when both kinds are asked for."""

    verb: ClassVar[str] = "api-resources"
    namespaced: bool | None = None
    api_group: str | None = None

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *([] if self.namespaced is None else [f"--namespaced={str(self.namespaced).lower()}"]),
            *([] if self.api_group is None else [f"--api-group={self.api_group}"]),
        ]


@dataclass(frozen=True, kw_only=True)
class Version(Command):
    """kubectl version."""

    verb: ClassVar[str] = "version"


@dataclass(frozen=True, kw_only=True)
class ClusterInfo(Command):
    """kubectl cluster-info."""

    verb: ClassVar[str] = "cluster-info"


@dataclass(frozen=True, kw_only=True)
class WhoAmI(Command):
    """kubectl auth whoami."""

    verb: ClassVar[str] = "auth"
    subverb: ClassVar[str] = "whoami"


@dataclass(frozen=True, kw_only=True)
class CanI(Command):
    """kubectl auth can-i VERB TYPE[/NAME]."""

    verb: ClassVar[str] = "auth"
    subverb: ClassVar[str] = "can-i"
    action: str
    target: Target
    subresource: str = ""

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [self.action, str(self.target), *_flag("subresource", self.subresource)]


@dataclass(frozen=True, kw_only=True)
class _Rollout(Command):
    verb: ClassVar[str] = "rollout"
    targets: tuple[Target, ...]

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [str(target) for target in self.targets]


@dataclass(frozen=True, kw_only=True)
class RolloutStatus(_Rollout):
    """kubectl rollout status, as it is now: nothing is waited for."""

    subverb: ClassVar[str] = "status"


@dataclass(frozen=True, kw_only=True)
class RolloutHistory(_Rollout):
    """kubectl rollout history. `revision` is 0 for the list of all."""

    subverb: ClassVar[str] = "history"
    revision: int = 0

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*_Rollout.arguments(self), *([f"--revision={self.revision}"] if self.revision else [])]


@dataclass(frozen=True, kw_only=True)
class RolloutRestart(_Rollout):
    """kubectl rollout restart."""

    subverb: ClassVar[str] = "restart"


@dataclass(frozen=True, kw_only=True)
class RolloutUndo(_Rollout):
    """kubectl rollout undo. `to_revision` is 0 for the one before."""

    subverb: ClassVar[str] = "undo"
    to_revision: int = 0

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*_Rollout.arguments(self), *([f"--to-revision={self.to_revision}"] if self.to_revision else [])]


@dataclass(frozen=True, kw_only=True)
class RolloutPause(_Rollout):
    """kubectl rollout pause."""

    subverb: ClassVar[str] = "pause"


@dataclass(frozen=True, kw_only=True)
class RolloutResume(_Rollout):
    """kubectl rollout resume."""

    subverb: ClassVar[str] = "resume"


@dataclass(frozen=True, kw_only=True)
class Scale(Command):
    """kubectl scale. `current_replicas` is None when it does not matter how many there are."""

    verb: ClassVar[str] = "scale"
    targets: tuple[Target, ...]
    replicas: int
    current_replicas: int | None = None

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *(str(target) for target in self.targets),
            *([] if self.current_replicas is None else [f"--current-replicas={self.current_replicas}"]),
            f"--replicas={self.replicas}",
        ]


@dataclass(frozen=True, kw_only=True)
class Delete(Command):
    """kubectl delete, of named objects, or of all that a selector finds.

    Attributes:
        grace_period_s: None for the object's own.
        cascade: what happens to what the object owns: background, foreground, orphan.
        force: without waiting for the node to confirm.
    """

    verb: ClassVar[str] = "delete"
    targets: tuple[Target, ...]
    selector: str = ""
    every: bool = False
    grace_period_s: int | None = None
    cascade: str = "background"
    force: bool = False

    def flags(self) -> frozenset[str]:
        """See `Command.flags`."""
        return frozenset(flag for flag, on in (("force", self.force), ("all", self.every)) if on)

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        named = [str(t) for t in self.targets] if self.targets[0].name else _spread(self.targets)
        return [
            *named,
            *(["-l", self.selector] if self.selector else []),
            *_switch("all", on=self.every),
            *([] if self.grace_period_s is None else [f"--grace-period={self.grace_period_s}"]),
            *([] if self.cascade == "background" else [f"--cascade={self.cascade}"]),
            *_switch("force", on=self.force),
        ]


def duration(seconds: int) -> str:
    """Seconds as kubectl writes them: 3600 is "1h", 90 is "1m30s"."""
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{value}{unit}" for value, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if value]
    return "".join(parts) or "0s"


def lies_in_no_namespace(targets: tuple[Target, ...]) -> bool:
    """Whether all targets are known to be of the cluster and not of a namespace."""
    return bool(targets) and all(is_cluster_scoped(target.resource) for target in targets)
