"""Commands that look at objects; they change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.model.command import Command, OfRollouts, Target, duration, flag, spread, switch

MOST_LOG_REQUESTS = 5  # logs that are followed at once, kubectl's own default


@dataclass(frozen=True, kw_only=True)
class Get(Command):
    """kubectl get. `output` is a form, with its template behind "=" where it has one."""

    verb: ClassVar[str] = "get"
    targets: tuple[Target, ...]
    selector: str = ""
    field_selector: str = ""
    output: str = ""
    sort_by: str = ""
    show_labels: bool = False
    show_kind: bool = False
    no_headers: bool = False
    ignore_not_found: bool = False
    label_columns: tuple[str, ...] = ()
    watch: bool = False
    watch_only: bool = False
    output_watch_events: bool = False

    @property
    def form(self) -> str:
        """How it is written: empty for a table, wide, yaml, json, name, jsonpath, jsonpath-as-json, custom-columns."""
        return self.output.partition("=")[0]

    @property
    def template(self) -> str:
        """What `form` is written by, empty where it needs nothing."""
        return self.output.partition("=")[2]

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *spread(self.targets),
            *(["-l", self.selector] if self.selector else []),
            *flag("field-selector", self.field_selector),
            *flag("sort-by", self.sort_by),
            *switch("show-labels", on=self.show_labels),
            *(["-L", ",".join(self.label_columns)] if self.label_columns else []),
            *switch("show-kind", on=self.show_kind),
            *switch("no-headers", on=self.no_headers),
            *switch("ignore-not-found", on=self.ignore_not_found),
            *switch("watch", on=self.watch),
            *switch("watch-only", on=self.watch_only),
            *switch("output-watch-events", on=self.output_watch_events),
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
    since_time: str = ""
    previous: bool = False
    timestamps: bool = False
    all_containers: bool = False
    all_pods: bool = False
    follow: bool = False
    prefix: bool = False
    most_requests: int = MOST_LOG_REQUESTS

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
            *switch("follow", on=self.follow),
            *switch("prefix", on=self.prefix),
            *([] if self.most_requests == MOST_LOG_REQUESTS else [f"--max-log-requests={self.most_requests}"]),
            *flag("since", None if self.since_s is None else duration(self.since_s)),
            *flag("since-time", self.since_time or None),
            *([] if self.tail is None else [f"--tail={self.tail}"]),
        ]


@dataclass(frozen=True, kw_only=True)
class Events(Command):
    """kubectl events."""

    verb: ClassVar[str] = "events"
    about: Target | None = None
    types: tuple[str, ...] = ()
    no_headers: bool = False
    watch: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *(["--for", str(self.about)] if self.about else []),
            *flag("types", ",".join(self.types)),
            *switch("watch", on=self.watch),
            *switch("no-headers", on=self.no_headers),
        ]


@dataclass(frozen=True, kw_only=True)
class _Top(Command):
    verb: ClassVar[str] = "top"
    name: str = ""
    selector: str = ""
    sort_by: str = ""
    no_headers: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *([self.name] if self.name else []),
            *(["-l", self.selector] if self.selector else []),
            *flag("sort-by", self.sort_by),
            *switch("no-headers", on=self.no_headers),
        ]


@dataclass(frozen=True, kw_only=True)
class TopPods(_Top):
    """kubectl top pods."""

    subverb: ClassVar[str] = "pods"
    field_selector: str = ""
    containers: bool = False
    sum: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *_Top.arguments(self),
            *flag("field-selector", self.field_selector),
            *switch("containers", on=self.containers),
            *switch("sum", on=self.sum),
        ]


@dataclass(frozen=True, kw_only=True)
class TopNodes(_Top):
    """kubectl top nodes."""

    subverb: ClassVar[str] = "nodes"


@dataclass(frozen=True, kw_only=True)
class RolloutStatus(OfRollouts):
    """kubectl rollout status: followed until the rollout is done, or with `watch` off as it is now."""

    subverb: ClassVar[str] = "status"
    watch: bool = True
    timeout_s: int = 0

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *OfRollouts.arguments(self),
            *([] if self.watch else ["--watch=false"]),
            *flag("timeout", duration(self.timeout_s) if self.timeout_s else ""),
        ]


@dataclass(frozen=True, kw_only=True)
class Wait(Command):
    """kubectl wait.

    Attributes:
        targets: what is waited for; types alone where a selector, or `every`, says which.
        until: what has to come: "delete", "create", "condition=NAME[=VALUE]" or "jsonpath=PATH[=VALUE]".
        timeout_s: how long, in seconds; 0 looks once.
    """

    verb: ClassVar[str] = "wait"
    targets: tuple[Target, ...]
    until: str
    selector: str = ""
    every: bool = False
    timeout_s: int = 30

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *spread(self.targets),
            *(["-l", self.selector] if self.selector else []),
            *switch("all", on=self.every),
            f"--for={self.until}",
            f"--timeout={duration(self.timeout_s)}",
        ]


@dataclass(frozen=True, kw_only=True)
class RolloutHistory(OfRollouts):
    """kubectl rollout history. `revision` is 0 for the list of all."""

    subverb: ClassVar[str] = "history"
    revision: int = 0

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*OfRollouts.arguments(self), *([f"--revision={self.revision}"] if self.revision else [])]
