"""Commands about a cluster itself, about rights, and about contexts; they change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from app.domain.commands.model.command import Command, Target, flag, switch


@dataclass(frozen=True, kw_only=True)
class ApiResources(Command):
    """kubectl api-resources. `namespaced` is None when both kinds are asked for, `api_group` when all groups are."""

    verb: ClassVar[str] = "api-resources"
    namespaced: bool | None = None
    api_group: str | None = None
    output: str = ""
    verbs: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    sort_by: str = ""
    no_headers: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *([] if self.namespaced is None else [f"--namespaced={str(self.namespaced).lower()}"]),
            *([] if self.api_group is None else [f"--api-group={self.api_group}"]),
            *flag("verbs", ",".join(self.verbs)),
            *flag("categories", ",".join(self.categories)),
            *flag("sort-by", self.sort_by),
            *switch("no-headers", on=self.no_headers),
            *(["-o", self.output] if self.output else []),
        ]


@dataclass(frozen=True, kw_only=True)
class ApiVersions(Command):
    """kubectl api-versions."""

    verb: ClassVar[str] = "api-versions"


@dataclass(frozen=True, kw_only=True)
class Explain(Command):
    """kubectl explain. `path` is the resource type and its fields, parted by points."""

    verb: ClassVar[str] = "explain"
    path: str
    recursive: bool = False
    api_version: str = ""

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [self.path, *switch("recursive", on=self.recursive), *flag("api-version", self.api_version)]


@dataclass(frozen=True, kw_only=True)
class Diff(Command):
    """kubectl diff -f -, by server-side apply. `manifest` is what was pasted; the line does not repeat it."""

    verb: ClassVar[str] = "diff"
    manifest: str = ""
    force_conflicts: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return ["-f", "-", *switch("force-conflicts", on=self.force_conflicts)]


@dataclass(frozen=True, kw_only=True)
class GetContexts(Command):
    """kubectl config get-contexts."""

    verb: ClassVar[str] = "config"
    subverb: ClassVar[str] = "get-contexts"
    output: str = ""
    no_headers: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*switch("no-headers", on=self.no_headers), *(["-o", self.output] if self.output else [])]


@dataclass(frozen=True, kw_only=True)
class CurrentContext(Command):
    """kubectl config current-context."""

    verb: ClassVar[str] = "config"
    subverb: ClassVar[str] = "current-context"


@dataclass(frozen=True, kw_only=True)
class ViewConfig(Command):
    """kubectl config view, without credentials. `minify` leaves out the other clusters."""

    verb: ClassVar[str] = "config"
    subverb: ClassVar[str] = "view"
    minify: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return switch("minify", on=self.minify)


@dataclass(frozen=True, kw_only=True)
class UseContext(Command):
    """kubectl config use-context: the conversation goes on there. `cluster` is where it goes."""

    verb: ClassVar[str] = "config"
    subverb: ClassVar[str] = "use-context"

    def _line(self, where: Sequence[str]) -> str:
        return f"kubectl config use-context {self.cluster}"


@dataclass(frozen=True, kw_only=True)
class SetContext(Command):
    """kubectl config set-context --current --namespace: the conversation goes on in `namespace`."""

    verb: ClassVar[str] = "config"
    subverb: ClassVar[str] = "set-context"

    def _line(self, where: Sequence[str]) -> str:
        return f"kubectl config set-context --current --namespace={self.namespace}"


@dataclass(frozen=True, kw_only=True)
class Version(Command):
    """kubectl version."""

    verb: ClassVar[str] = "version"
    output: str = ""

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return ["-o", self.output] if self.output else []


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
    """kubectl auth can-i VERB TYPE[/NAME].

    Attributes:
        action: the verb of the API that is asked about.
        target: its object, or its type.
        subresource: below it, such as log.
        user: of whom it is asked, as the cluster knows them; empty for the person who asks.
        groups: those that this user is taken to be in.
    """

    verb: ClassVar[str] = "auth"
    subverb: ClassVar[str] = "can-i"
    action: str
    target: Target
    subresource: str = ""
    user: str = ""
    groups: tuple[str, ...] = ()

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            self.action,
            str(self.target),
            *flag("subresource", self.subresource),
            *flag("as", self.user),
            *(word for group in self.groups for word in flag("as-group", group)),
        ]


@dataclass(frozen=True, kw_only=True)
class CanIList(Command):
    """kubectl auth can-i --list."""

    verb: ClassVar[str] = "auth"
    subverb: ClassVar[str] = "can-i"
    no_headers: bool = False

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return ["--list", *switch("no-headers", on=self.no_headers)]
