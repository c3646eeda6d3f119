"""All targets in the document's order, found by their path.

It exists so that nobody searches the section modules by hand. It adds nothing to a target and knows nothing of who
uses it.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Final

from slo.target import Target
from slo.targets import (
    caching,
    connections,
    cpu,
    load_balancing,
    load_testing,
    memory,
    monitoring,
    network,
    postgresql,
    redis,
    requirements,
    scaling,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SECTIONS: Final[tuple[ModuleType, ...]] = (
    requirements,
    scaling,
    load_balancing,
    memory,
    cpu,
    caching,
    connections,
    postgresql,
    redis,
    network,
    monitoring,
    load_testing,
)


class TargetError(ValueError):
    """The catalogue contradicts itself, or has no target of that path."""


@cache
def all_targets() -> tuple[Target, ...]:
    """Every target, section by section, in the order of the document."""
    return tuple(_indexed(target for section in SECTIONS for target in declared_in(section)).values())


def find(path: str) -> Target:
    """The target of this dotted path; TargetError when there is none."""
    found = _by_path().get(path)
    if found is None:
        raise TargetError(f"there is no target {path!r}")
    return found


def declared_in(section: ModuleType) -> tuple[Target, ...]:
    """The targets that a section's module declares, in the order they are written."""
    return tuple(value for value in vars(section).values() if isinstance(value, Target))


@cache
def _by_path() -> Mapping[str, Target]:
    return MappingProxyType({target.path: target for target in all_targets()})


def _indexed(targets: Iterable[Target]) -> dict[str, Target]:
    found: dict[str, Target] = {}
    for target in targets:
        if target.path in found:
            raise TargetError(f"two targets are called {target.path}")
        found[target.path] = target
    return found
