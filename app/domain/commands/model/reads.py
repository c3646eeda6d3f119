"""Commands that change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.model.command import Command, OfRollouts, Target, duration, flag, spread, switch


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
            *spread(self.targets),
            *(["-l", self.selector] if self.selector else []),
            *flag("field-selector", self.field_selector),
            *flag("sort-by", self.sort_by),
            *switch("show-labels", on=self.show_labels),
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
        return [*spread(self.targets), *(["-l", self.selector] if self.selector else [])]


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
            *switch("previous", on=self.previous),
            *switch("all-containers", on=self.all_containers),
            *switch("all-pods", on=self.all_pods),
            *switch("timestamps", on=self.timestamps),
            *flag("since", None if self.since_s is None else duration(self.since_s)),
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
        return [*(["--for", str(self.about)] if self.about else []), *flag("types", ",".join(self.types))]


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
            *flag("sort-by", self.sort_by),
        ]


@dataclass(frozen=True, kw_only=True)
class TopPods(_Top):
    """kubectl top pods."""

    subverb: ClassVar[str] = "pods"
    containers: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*_Top.arguments(self), *switch("containers", on=self.containers)]


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
        return [self.action, str(self.target), *flag("subresource", self.subresource)]


@dataclass(frozen=True, kw_only=True)
class RolloutStatus(OfRollouts):
    """kubectl rollout status, as it is now: nothing is waited for."""

    subverb: ClassVar[str] = "status"


@dataclass(frozen=True, kw_only=True)
class RolloutHistory(OfRollouts):
    """kubectl rollout history. `revision` is 0 for the list of all."""

    subverb: ClassVar[str] = "history"
    revision: int = 0

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*OfRollouts.arguments(self), *([f"--revision={self.revision}"] if self.revision else [])]
