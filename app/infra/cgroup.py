"""What the kernel says of a control group: processor time, throttling, memory, processes that it ended.

Both versions are read. On a machine with both (systemd's hybrid), a controller is where version 1 has it, else in
version 2. A figure that a machine does not give is None: that is no fault, and it is never shown as 0. Nothing here
writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

PROC_CGROUP: Final = Path("/proc/self/cgroup")
ROOT: Final = Path("/sys/fs/cgroup")
_UNLIMITED: Final = 2**60  # what version 1 says for "no limit" is larger than this


@dataclass(frozen=True, slots=True)
class Usage:
    """One look at a control group.

    Attributes:
        cpu_s: processor time that it used, in seconds.
        periods: periods that were counted against its quota.
        throttled_periods: those in which the quota was used up.
        memory_bytes: what it holds, the page cache included.
        working_set_bytes: the same without pages of files that were not used lately.
        limit_bytes: its memory limit; None also where it has none.
        oom_kills: processes that the kernel ended for want of memory.
    """

    cpu_s: float | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    memory_bytes: int | None = None
    working_set_bytes: int | None = None
    limit_bytes: int | None = None
    oom_kills: int | None = None


class ControlGroup:
    """The control group that a process is in; the folders are found once.

    Args:
        proc: the file that names the groups of the process.
        root: where control groups are mounted.
    """

    def __init__(self, proc: Path = PROC_CGROUP, root: Path = ROOT) -> None:
        self._first: dict[str, Path] = {}
        self._second: Path | None = None
        for line in _text(proc).splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                self._second = _folder(root, path)
                continue
            for controller in controllers.split(","):
                for mount in (root / controller, root / controllers):
                    if mount.is_dir():
                        self._first[controller] = _folder(mount, path)
                        break

    def memory_limit_bytes(self) -> int | None:
        """The memory limit, or None where there is none."""
        if "memory" in self._first:
            found = _number(self._first["memory"] / "memory.limit_in_bytes")
        else:
            found = None if self._second is None else _number(self._second / "memory.max")
        return found if found is not None and found < _UNLIMITED else None

    def usage(self) -> Usage:
        """A few small files; some 50 microseconds."""
        cpu_s, periods, throttled = self._cpu()
        used, inactive, oom_kills = self._memory()
        return Usage(
            cpu_s=cpu_s,
            periods=periods,
            throttled_periods=throttled,
            memory_bytes=used,
            working_set_bytes=None if used is None else max(0, used - (inactive or 0)),
            limit_bytes=self.memory_limit_bytes(),
            oom_kills=oom_kills,
        )

    def _cpu(self) -> tuple[float | None, int | None, int | None]:
        if "cpu" in self._first or "cpuacct" in self._first:
            stat = _words(self._first["cpu"] / "cpu.stat") if "cpu" in self._first else {}
            used_ns = _number(self._first["cpuacct"] / "cpuacct.usage") if "cpuacct" in self._first else None
            used_s = None if used_ns is None else used_ns / 1e9
        elif self._second is not None:
            stat = _words(self._second / "cpu.stat")
            used_s = stat["usage_usec"] / 1e6 if "usage_usec" in stat else None
        else:
            return None, None, None
        return used_s, stat.get("nr_periods"), stat.get("nr_throttled")

    def _memory(self) -> tuple[int | None, int | None, int | None]:
        """What it holds, what of it are unused pages of files, and what was ended."""
        if "memory" in self._first:
            folder = self._first["memory"]
            return (
                _number(folder / "memory.usage_in_bytes"),
                _words(folder / "memory.stat").get("total_inactive_file"),
                _words(folder / "memory.oom_control").get("oom_kill"),
            )
        if self._second is None:
            return None, None, None
        return (
            _number(self._second / "memory.current"),
            _words(self._second / "memory.stat").get("inactive_file"),
            _words(self._second / "memory.events").get("oom_kill"),
        )


def _folder(mount: Path, path: str) -> Path:
    """The group's folder; the mount itself where a container sees its own group there and nothing above it."""
    folder = mount / path.lstrip("/")
    return folder if folder.is_dir() else mount


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.isdecimal() else None


def _words(path: Path) -> dict[str, int]:
    """The lines `name number` of a file."""
    pairs = (line.split() for line in _text(path).splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}
