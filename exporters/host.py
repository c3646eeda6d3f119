"""The machine that everything runs on, and the control group that we run in.

Small files below /proc and /sys, read on the event loop. A figure that a machine does not give is not on the page.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil

from app.infra.cgroup import PROC_CGROUP, ROOT, ControlGroup
from app.telemetry import exporter_catalogue as more
from app.telemetry import server_catalogue as first
from exporters.exporter import Vitals
from exporters.host_disks import Disks
from exporters.sheet import Sheet
from slo.sizes import SIZES

VITALS = Vitals("host", first.HOST_UP, first.HOST_SCRAPE_DURATION, first.HOST_LAST_SUCCESS)
_MODES: Final = ("user", "system", "idle", "iowait", "steal")
_BUSY: Final = ("user", "nice", "system", "irq", "softirq", "steal")  # guests' time is part of the first two
_PRESSURES: Final = ("cpu", "memory", "io")
MOST_INTERFACES: Final = 32  # a node has one for each of its pods; the busiest are the ones that matter


class Host:
    """This machine.

    Args:
        directories: directories by what they hold; their file systems and devices are looked at.
        size: the installation's, a key of `slo.sizes.SIZES`.
        proc: where the kernel tells of processes and devices.
        proc_cgroup: the file that names our control group.
        cgroup_root: where control groups are mounted.
    """

    def __init__(
        self,
        directories: Mapping[str, Sequence[Path]],
        *,
        size: str = "minimum",
        proc: Path = Path("/proc"),
        proc_cgroup: Path = PROC_CGROUP,
        cgroup_root: Path = ROOT,
    ) -> None:
        self.name = socket.gethostname()
        self._size = size
        self._disks = Disks(self.name, directories, proc)
        self._pressure = proc / "pressure"
        self._group = ControlGroup(proc_cgroup, cgroup_root)

    async def read(self, sheet: Sheet) -> None:
        """Put the machine's figures onto the sheet; a few small files, so it may run on the event loop."""
        self._put_processor(sheet)
        memory = psutil.virtual_memory()
        sheet.put(first.HOST_MEMORY_TOTAL, memory.total, host=self.name)
        sheet.put(first.HOST_MEMORY_AVAILABLE, memory.available, host=self.name)
        self._put_pressure(sheet)
        self._disks.put(sheet)
        asked, own = SIZES[self._size], {"host": self.name, "size": self._size}
        sheet.put(more.HOST_SIZE_DISK_OPERATIONS, asked.disk_operations_per_s, **own)
        sheet.put(more.HOST_SIZE_NETWORK_BYTES, asked.network_bytes_per_s, **own)
        self._put_network(sheet)
        self._put_cgroup(sheet)

    async def drop(self) -> None:
        """Nothing is held."""

    def _put_processor(self, sheet: Sheet) -> None:
        times = psutil.cpu_times()
        for mode in _MODES:
            seconds = getattr(times, mode, None)
            if seconds is not None:
                sheet.put(first.HOST_CPU, seconds, host=self.name, mode=mode)
        cores = psutil.cpu_times(percpu=True)
        for number, core in enumerate(cores):
            busy_s = sum(getattr(core, mode, 0.0) for mode in _BUSY)
            sheet.put(more.HOST_CORE_BUSY, busy_s, host=self.name, core=str(number))
        sheet.put(first.HOST_CPUS, len(cores) or 1, host=self.name)

    def _put_pressure(self, sheet: Sheet) -> None:
        for resource in _PRESSURES:
            try:
                lines = (self._pressure / resource).read_text(encoding="ascii").splitlines()
            except OSError:
                continue  # a kernel that does not tell
            for line in lines:
                share, *rest = line.split()
                fields = dict(part.partition("=")[::2] for part in rest)
                sheet.put(
                    more.HOST_PRESSURE, int(fields["total"]) / 1e6, host=self.name, resource=resource, share=share
                )

    def _put_network(self, sheet: Sheet) -> None:
        found = psutil.net_io_counters(pernic=True)
        busiest = sorted(found, key=lambda name: (-found[name].bytes_sent - found[name].bytes_recv, name))
        for name in busiest[:MOST_INTERFACES]:
            own = {"host": self.name, "interface": name}
            sheet.put(more.HOST_NETWORK_BYTES, found[name].bytes_sent, **own, direction="sent")
            sheet.put(more.HOST_NETWORK_BYTES, found[name].bytes_recv, **own, direction="received")

    def _put_cgroup(self, sheet: Sheet) -> None:
        usage = self._group.usage()
        for metric, value in (
            (first.HOST_CGROUP_CPU, usage.cpu_s),
            (first.HOST_CGROUP_MEMORY, usage.memory_bytes),
            (first.HOST_CGROUP_MEMORY_LIMIT, usage.limit_bytes),
            (more.HOST_CGROUP_WORKING_SET, usage.working_set_bytes),
            (more.HOST_CGROUP_OOM_KILLS, usage.oom_kills),
            (more.HOST_CGROUP_PERIODS, usage.periods),
            (more.HOST_CGROUP_THROTTLED, usage.throttled_periods),
        ):
            if value is not None:
                sheet.put(metric, value, host=self.name)
