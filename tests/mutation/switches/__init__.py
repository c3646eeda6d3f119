"""For each capability, how it is switched off: places in the code, and what stands there instead.

A place is `module:attribute.attribute`. What stands there instead is a value, or an `Around` that is given the original.
The switches are kept by section of the catalogue, like the targets and their tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

SECTIONS = (
    "requirements",
    "scaling",
    "load_balancing",
    "memory",
    "cpu",
    "caching",
    "connections",
    "postgresql",
    "redis",
    "network",
    "monitoring",
    "load_testing",
)

OTHER_WORDS = {
    "allkeys-lru": "noeviction",
    "everysec": "no",
    "transaction": "session",
    "hash": "string",
    "round_robin": "random",
}
"""Other words that a server takes; elsewhere a word with "un" before it is wrong enough."""


@dataclass(frozen=True, slots=True)
class Around:
    """Wraps what stands in a place: called with the original, returns what takes its place."""

    wrap: Callable[[Any], Any]

    def __call__(self, original: Any) -> Any:
        return self.wrap(original)


def all_switches() -> dict[str, dict[str, Any]]:
    """Every switch, by the path of its target."""
    found: dict[str, dict[str, Any]] = {}
    for section in SECTIONS:
        found.update(import_module(f"tests.mutation.switches.{section}").SWITCHES)
    return found
