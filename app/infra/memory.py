"""Memory of this process: what it uses, what it may use, and when it refuses new work.

The limit comes from the memory cgroup the process is in, else from its settings. Above the shedding share of the
limit new requests are refused, so that the process degrades before the kernel ends it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from prometheus_client import Gauge

from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.targets.memory import HEAP_SIZE, OOM_PROTECTION

# Of the limit, as are the others: heap budget 0.75 < scale 0.80 < alert 0.85 < shed 0.90.
SHED_RATIO = OOM_PROTECTION.named("shed_above").number
_UNLIMITED = 2**60  # what cgroup v1 says for "no limit" is larger than this
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cgroup_memory_limit_bytes(
    proc: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")
) -> int | None:
    """The limit of the memory cgroup (v2 or v1) this process is in, or None where there is none."""
    try:
        lines = proc.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    candidates: list[Path] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            candidates.append(root / path.lstrip("/") / "memory.max")
        elif "memory" in controllers.split(","):
            candidates.append(root / "memory" / path.lstrip("/") / "memory.limit_in_bytes")
    for candidate in candidates:
        try:
            text = candidate.read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit() and int(text) < _UNLIMITED:
            return int(text)
    return None


def resident_bytes() -> int:
    """Resident set size of this process in bytes."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - read every second; pathlib costs three times as much
        return int(statm.read().split()[1]) * _PAGE_BYTES


class MemoryGuard:
    """Samples the process' memory and says when to shed.

    Args:
        instruments: where the memory metrics live.
        configured_limit_bytes: the limit from the settings, used when no cgroup has one.
    """

    def __init__(self, instruments: Instruments, configured_limit_bytes: int | None) -> None:
        found = cgroup_memory_limit_bytes()
        self.limit_bytes = min((limit for limit in (found, configured_limit_bytes) if limit is not None), default=None)
        self._resident: Gauge = instruments.gauge(catalogue.MEMORY_RESIDENT)
        self._blocks: Gauge = instruments.gauge(catalogue.ALLOCATED_BLOCKS)
        self._shedding: Gauge = instruments.gauge(catalogue.MEMORY_SHEDDING)
        if self.limit_bytes is not None:
            instruments.gauge(catalogue.MEMORY_LIMIT).set(self.limit_bytes)
            instruments.gauge(catalogue.HEAP_BUDGET).set(self.limit_bytes * HEAP_SIZE.figure.number)
        self.shedding = False

    def sample(self) -> None:
        """Read the present use; called about once a second."""
        resident = resident_bytes()
        self._resident.set(resident)
        self._blocks.set(sys.getallocatedblocks())
        self.shedding = self.limit_bytes is not None and resident > SHED_RATIO * self.limit_bytes
        self._shedding.set(self.shedding)
