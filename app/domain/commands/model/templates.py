"""Commands about what stands in pod templates: images, environment, resources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import orjson

from app.domain.commands.model.command import OfObjects, flag, no_replicas
from app.domain.commands.redaction import HIDDEN

ANY = "*"


@dataclass(frozen=True, kw_only=True)
class SetImage(OfObjects):
    """kubectl set image. `images` is pairs of a container's name, or `*`, and its image."""

    verb: ClassVar[str] = "set"
    subverb: ClassVar[str] = "image"
    images: tuple[tuple[str, str], ...]

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*self.named(), *(f"{name}={image}" for name, image in self.images), *self.chosen()]


@dataclass(frozen=True, kw_only=True)
class SetEnv(OfObjects):
    """kubectl set env.

    Attributes:
        values: what is set, in the order in which it was written.
        removed: the names that go.
        containers: which ones, by name with `*` for any letters.
        overwrite: whether a value that is there already may be replaced.
    """

    verb: ClassVar[str] = "set"
    subverb: ClassVar[str] = "env"
    values: tuple[tuple[str, str], ...]
    removed: tuple[str, ...] = ()
    containers: str = ANY
    overwrite: bool = True

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *self.named(),
            *(f"{key}={value}" for key, value in self.values),
            *(f"{key}-" for key in self.removed),
            *self.chosen(),
            *([] if self.containers == ANY else ["-c", self.containers]),
            *([] if self.overwrite else ["--overwrite=false"]),
        ]


@dataclass(frozen=True, kw_only=True)
class SetResources(OfObjects):
    """kubectl set resources: pairs of a resource's name and its quantity."""

    verb: ClassVar[str] = "set"
    subverb: ClassVar[str] = "resources"
    limits: tuple[tuple[str, str], ...] = ()
    requests: tuple[tuple[str, str], ...] = ()
    containers: str = ANY

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *self.named(),
            *self.chosen(),
            *flag("limits", _pairs(self.limits)),
            *flag("requests", _pairs(self.requests)),
            *([] if self.containers == ANY else ["-c", self.containers]),
        ]


@dataclass(frozen=True, kw_only=True)
class SetServiceAccount(OfObjects):
    """kubectl set serviceaccount: the account under which the pods of an object run."""

    verb: ClassVar[str] = "set"
    subverb: ClassVar[str] = "serviceaccount"
    account: str

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [*self.named(), self.account, *self.chosen()]


def _pairs(values: tuple[tuple[str, str], ...]) -> str:
    return ",".join(f"{key}={value}" for key, value in values)


@dataclass(frozen=True, kw_only=True)
class Patch(OfObjects):
    """kubectl patch.

    Attributes:
        patch: the patch as JSON.
        kind: strategic, merge or json.
        subresource: status, scale, or empty.
    """

    verb: ClassVar[str] = "patch"
    patch: str
    kind: str = "strategic"
    subresource: str = ""

    def arguments(self) -> list[str]:
        """See `Command.arguments`."""
        return [
            *self.named(),
            *([] if self.kind == "strategic" else [f"--type={self.kind}"]),
            *flag("subresource", self.subresource),
            "-p",
            self.patch,
        ]

    def flags(self) -> frozenset[str]:
        """See `Command.flags`; `none` for no replicas at all, however that is written."""
        return OfObjects.flags(self) | ({"none"} if _to_none(orjson.loads(self.patch)) else frozenset())

    def without_values(self) -> Patch:
        """See `Valued.without_values`."""
        return replace(self, patch=f'"{HIDDEN}"')


def _to_none(patch: Any) -> bool:
    if isinstance(patch, dict):
        return no_replicas(patch)
    return isinstance(patch, list) and any(
        (operation.get("path"), operation.get("value")) == ("/spec/replicas", 0)
        or (operation.get("path") == "/spec/replicas" and operation.get("op") in {"copy", "move"})
        or (operation.get("path") == "/spec" and no_replicas({"spec": operation.get("value")}))
        for operation in patch
    )
