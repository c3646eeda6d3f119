"""The machine that everything runs on, and the control group that we run in: processor time, memory, disk space."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil

from app.telemetry import catalogue
from exporters.exporter import Vitals
from exporters.sheet import Sheet

VITALS = Vitals("host", catalogue.HOST_UP, catalogue.HOST_SCRAPE_DURATION, catalogue.HOST_LAST_SUCCESS)
_MODES = ("user", "system", "idle", "iowait", "steal")


class Host:
    """This machine.

    Args:
        state_dir: a directory on the file system whose space matters.
        proc_cgroup: the file that names our control group.
        cgroup_root: where control groups are mounted.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        proc_cgroup: Path = Path("/proc/self/cgroup"),
        cgroup_root: Path = Path("/sys/fs/cgroup"),
    ) -> None:
        self.name = socket.gethostname()
        self._state_dir = state_dir
        self._proc_cgroup = proc_cgroup
        self._cgroup_root = cgroup_root

    async def read(self, sheet: Sheet) -> None:
        """Put the machine's figures onto the sheet; a few small files, so it may run on the event loop."""
        times = psutil.cpu_times()
        for mode in _MODES:
            seconds = getattr(times, mode, None)
            if seconds is not None:
                sheet.put(catalogue.HOST_CPU, seconds, host=self.name, mode=mode)
        sheet.put(catalogue.HOST_CPUS, psutil.cpu_count() or 1, host=self.name)
        memory = psutil.virtual_memory()
        sheet.put(catalogue.HOST_MEMORY_TOTAL, memory.total, host=self.name)
        sheet.put(catalogue.HOST_MEMORY_AVAILABLE, memory.available, host=self.name)
        disk = psutil.disk_usage(str(self._state_dir.absolute()))
        sheet.put(catalogue.HOST_DISK_TOTAL, disk.total, host=self.name)
        sheet.put(catalogue.HOST_DISK_FREE, disk.free, host=self.name)
        self._put_cgroup(sheet)

    async def drop(self) -> None:
        """Nothing is held."""

    def _put_cgroup(self, sheet: Sheet) -> None:
        folder = self._cgroup()
        if folder is None:
            return
        used, limit = _number(folder / "memory.current"), _number(folder / "memory.max")
        if used is not None:
            sheet.put(catalogue.HOST_CGROUP_MEMORY, used, host=self.name)
        if limit is not None:
            sheet.put(catalogue.HOST_CGROUP_MEMORY_LIMIT, limit, host=self.name)
        for line in _text(folder / "cpu.stat").splitlines():
            name, _, value = line.partition(" ")
            if name == "usage_usec":
                sheet.put(catalogue.HOST_CGROUP_CPU, int(value) / 1e6, host=self.name)

    def _cgroup(self) -> Path | None:
        """Our control group of version 2, if this machine has one."""
        for line in _text(self._proc_cgroup).splitlines():
            if line.startswith("0::"):
                folder = self._cgroup_root / line[3:].lstrip("/")
                return folder if folder.is_dir() else None
        return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdecimal() else None
