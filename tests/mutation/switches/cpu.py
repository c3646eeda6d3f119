"""How the capabilities of `slo.targets.cpu` are switched off."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from tests.mutation.switches import Around


def pinned(command: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Puts every child on the first core."""
    first = min(os.sched_getaffinity(0))
    return lambda *arguments, **options: ["taskset", "-c", str(first), *command(*arguments, **options)]


SWITCHES: dict[str, dict[str, Any]] = {
    "cpu_optimization.processing_optimization.batch_processing": {
        "app.domain.commands.reading.listing:LISTED_FROM": 10**6,
    },
    "cpu_optimization.resource_allocation.cpu_affinity": {"app.stack.spawner:Spawner._command": Around(pinned)},
}
