"""Commands whose objects stand below their line: `-f -`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson

from app.domain.commands.model.command import Command, no_replicas, switch
from app.domain.commands.risk import FAR_REACHING, Risk, risk_of, worst


@dataclass(frozen=True, kw_only=True)
class OfManifest(Command):
    """The base of commands with a manifest. `objects` is their JSON, each with its namespace filled in."""

    objects: tuple[str, ...]

    def decoded(self) -> list[dict[str, Any]]:
        """The objects."""
        return [orjson.loads(text) for text in self.objects]

    @property
    def risk(self) -> Risk:
        """The worst of what it does to any of its objects."""
        found = []
        for item in self.decoded():
            namespace = str(item["metadata"].get("namespace") or "")
            flags = self.flags() | ({"far-reaching"} if item["kind"] in FAR_REACHING else frozenset())
            flags |= {"none"} if no_replicas(item) else frozenset()
            found.append(risk_of(self.verb, "-f", namespace=_named(item) or namespace, flags=flags))
        return worst(found)

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return ["-f", "-", *self.options()]

    def options(self) -> list[str]:
        """The flags beside the manifest."""
        return []

    def _line(self, where: Sequence[str]) -> str:
        # Each object says itself in which namespace it lies.
        words = ["kubectl", *self.words(), *self.arguments(), *where]
        return " ".join(words) + "\n" + "\n---\n".join(self.objects) + "\n"

    def short_line(self) -> str:
        """The line without its manifest, which may hold secrets."""
        return " ".join(["kubectl", *self.words(), *self.arguments()])


def _named(item: dict[str, Any]) -> str:
    return str(item["metadata"]["name"]) if item["kind"] == "Namespace" else ""


@dataclass(frozen=True, kw_only=True)
class Apply(OfManifest):
    """kubectl apply -f -, by the server. `force_conflicts` takes fields from other managers."""

    verb: ClassVar[str] = "apply"
    force_conflicts: bool = False

    def flags(self) -> frozenset[str]:
        """See `Command.flags`."""
        return frozenset({"force-conflicts"} if self.force_conflicts else ())

    def options(self) -> list[str]:
        """See `OfManifest.options`."""
        return switch("force-conflicts", on=self.force_conflicts)


@dataclass(frozen=True, kw_only=True)
class CreateFrom(OfManifest):
    """kubectl create -f -."""

    verb: ClassVar[str] = "create"


@dataclass(frozen=True, kw_only=True)
class ReplaceFrom(OfManifest):
    """kubectl replace -f -."""

    verb: ClassVar[str] = "replace"


@dataclass(frozen=True, kw_only=True)
class DeleteFrom(OfManifest):
    """kubectl delete -f -; its attributes are those of `Delete`."""

    verb: ClassVar[str] = "delete"
    grace_period_s: int | None = None
    cascade: str = "background"
    force: bool = False
    ignore_not_found: bool = False

    def flags(self) -> frozenset[str]:
        """See `Command.flags`."""
        return frozenset({"force"} if self.force else ())

    def options(self) -> list[str]:
        """See `OfManifest.options`."""
        return [
            *([] if self.grace_period_s is None else [f"--grace-period={self.grace_period_s}"]),
            *([] if self.cascade == "background" else [f"--cascade={self.cascade}"]),
            *switch("ignore-not-found", on=self.ignore_not_found),
            *switch("force", on=self.force),
        ]
