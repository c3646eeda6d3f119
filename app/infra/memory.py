"""Memory of this process: what it uses, what it may use, and when it refuses new work.

The limit comes from the memory cgroup the process is in, else from its settings. Above the shedding share of the
limit new requests are refused, so that the process degrades before the kernel ends it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from prometheus_client import Counter, Gauge

from app.infra.cgroup import PROC_CGROUP, ROOT, ControlGroup
from app.infra.heap import heap
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.targets.memory import HEAP_SIZE, OOM_PROTECTION

# Of the limit, as are the others: heap budget 0.75 < scale 0.80 < alert 0.85 < shed 0.90.
SHED_RATIO = OOM_PROTECTION.named("shed_above").number
HEAP_EVERY: Final = 10  # samples: a look at the heap holds the interpreter for most of a millisecond
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def cgroup_memory_limit_bytes(proc: Path = PROC_CGROUP, root: Path = ROOT) -> int | None:
    """The limit of the memory cgroup (v2 or v1) this process is in, or None where there is none."""
    return ControlGroup(proc, root).memory_limit_bytes()


def resident_bytes() -> int:
    """Resident set size of this process in bytes."""
    with open("/proc/self/statm", "rb") as statm:  # noqa: PTH123 - read every second; pathlib costs three times as much
        return int(statm.read().split()[1]) * _PAGE_BYTES


class MemoryGuard:
    """Samples the process' memory and says when to shed.

    Args:
        instruments: where the memory metrics live.
        configured_limit_bytes: the limit from the settings, used when no cgroup has one.
        group: the control group of the process; found where it is left out.
    """

    def __init__(
        self, instruments: Instruments, configured_limit_bytes: int | None, group: ControlGroup | None = None
    ) -> None:
        self._instruments = instruments
        self._group = ControlGroup() if group is None else group
        found = self._group.memory_limit_bytes()
        self.limit_bytes = min((limit for limit in (found, configured_limit_bytes) if limit is not None), default=None)
        self._resident: Gauge = instruments.gauge(catalogue.MEMORY_RESIDENT)
        self._blocks: Gauge = instruments.gauge(catalogue.ALLOCATED_BLOCKS)
        self._heap = instruments.gauge(catalogue.HEAP)
        self._killed: Counter = instruments.counter(catalogue.CONTAINER_OOM_KILLS)
        # What was ended before us, in a group that outlives its processes, is no news.
        self._killed_before = self._group.usage().oom_kills or 0
        self._samples = 0
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
        if self._samples % HEAP_EVERY == 0:
            self._look_at_heap_and_container()
        self._samples += 1

    def _look_at_heap_and_container(self) -> None:
        now = heap()
        for part, size_bytes in (("objects", now.objects_bytes), ("malloc", now.malloc_bytes)):
            if size_bytes is not None:
                self._heap.labels(part).set(size_bytes)
        usage = self._group.usage()
        if usage.working_set_bytes is not None:
            self._instruments.gauge(catalogue.CONTAINER_MEMORY).set(usage.working_set_bytes)
        if usage.oom_kills is not None and usage.oom_kills > self._killed_before:
            self._killed.inc(usage.oom_kills - self._killed_before)
            self._killed_before = usage.oom_kills
