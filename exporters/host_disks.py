"""The devices and file systems below the directories that matter, by what each directory is for.

A role is one of a few words and never a path: panels and rules speak of where the write-ahead log is, wherever that is.
Two roles on one device both tell of it: what one writes, the other waits for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from app.telemetry import exporter_catalogue as more
from app.telemetry import server_catalogue as first
from app.telemetry.logs import get_logger
from exporters.sheet import Sheet

ROLES: Final = ("state", "data", "wal", "log", "spool")
SECTOR_BYTES: Final = 512  # of /proc/diskstats, whatever the device's own are

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Device:
    """A line of /proc/diskstats."""

    name: str
    reads: int
    read_sectors: int
    read_ms: int
    writes: int
    write_sectors: int
    write_ms: int
    busy_ms: int


class Disks:
    """Devices and file systems.

    Args:
        host: the machine's label.
        directories: by role; one that is not there is left out until it is.
        proc: where the kernel tells of devices and mounts.
    """

    def __init__(self, host: str, directories: Mapping[str, Sequence[Path]], proc: Path) -> None:
        self._host = host
        self._directories = directories
        self._proc = proc
        self._unseen: set[Path] = set()

    def put(self, sheet: Sheet) -> None:
        """Put each role's devices and the fullest of its file systems onto the sheet."""
        devices = _devices(self._proc / "diskstats")
        for role, directories in self._directories.items():
            spaces: list[tuple[float, int, int]] = []
            for directory in directories:
                try:
                    number = directory.stat().st_dev
                    space = psutil.disk_usage(str(directory))
                except OSError as exc:
                    self._tell(role, directory, exc)
                    continue
                self._unseen.discard(directory)
                spaces.append((space.free / space.total if space.total else 0.0, space.free, space.total))
                device = devices.get(f"{os.major(number)}:{os.minor(number)}") or self._mounted(devices, number)
                if device is not None:
                    self._put_device(sheet, role, device)
            if spaces:
                _, free, total = min(spaces)
                sheet.put(first.HOST_DISK_FREE, free, host=self._host, role=role)
                sheet.put(first.HOST_DISK_TOTAL, total, host=self._host, role=role)

    def _put_device(self, sheet: Sheet, role: str, device: _Device) -> None:
        own = {"host": self._host, "role": role, "device": device.name}
        for direction, count, sectors, took_ms in (
            ("read", device.reads, device.read_sectors, device.read_ms),
            ("write", device.writes, device.write_sectors, device.write_ms),
        ):
            sheet.put(more.HOST_DISK_OPERATIONS, count, **own, direction=direction)
            sheet.put(more.HOST_DISK_BYTES, sectors * SECTOR_BYTES, **own, direction=direction)
            sheet.put(more.HOST_DISK_TIME, took_ms / 1e3, **own, direction=direction)
        sheet.put(more.HOST_DISK_BUSY, device.busy_ms / 1e3, **own)

    def _mounted(self, devices: Mapping[str, _Device], number: int) -> _Device | None:
        """The device of a file system that hides it behind a number of its own, as btrfs does."""
        wanted = f"{os.major(number)}:{os.minor(number)}"
        for line in _lines(self._proc / "self" / "mountinfo"):
            left, _, right = line.partition(" - ")
            if left.split()[2] == wanted:
                source = right.split()[1]
                name = Path(source).resolve().name if source.startswith("/dev/") else ""
                return next((device for device in devices.values() if device.name == name), None)
        return None

    def _tell(self, role: str, directory: Path, exc: OSError) -> None:
        if directory not in self._unseen:
            self._unseen.add(directory)
            _log.warning("directory is not measured", role=role, path=str(directory), fault=type(exc).__name__)


def _devices(path: Path) -> dict[str, _Device]:
    """All devices by `major:minor`."""
    found: dict[str, _Device] = {}
    for line in _lines(path):
        major, minor, name, *numbers = line.split()
        if len(numbers) >= 10:
            reads, _, read_sectors, read_ms, writes, _, write_sectors, write_ms, _, busy_ms = map(int, numbers[:10])
            found[f"{major}:{minor}"] = _Device(
                name, reads, read_sectors, read_ms, writes, write_sectors, write_ms, busy_ms
            )
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
