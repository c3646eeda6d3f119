"""Memory limits that the kernel enforces, where this user may write a memory cgroup; elsewhere there are none.

Version 1 and 2 are both found. A failure is never an error of the stack: the caller falls back to the process' own
watchdog and says so in the status.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class MemoryCgroups:
    """A folder of the memory controller that holds one group per process.

    Attributes:
        version: 1 or 2.
        folder: the parent of the groups.
    """

    version: int
    folder: Path

    @classmethod
    def open(cls, state: Path, root: Path = Path("/sys/fs/cgroup")) -> MemoryCgroups | None:
        """Make the parent group of a stack, or None where no memory cgroup can be written.

        Args:
            state: the stack's state directory, which gives the group its name.
            root: where the cgroup file systems are mounted.
        """
        name = "kubechat-" + hashlib.sha256(str(state).encode()).hexdigest()[:12]
        if (root / "memory" / "memory.limit_in_bytes").exists():
            found = cls(1, root / "memory" / name)
        elif "memory" in _words(root / "cgroup.controllers"):
            found = cls(2, root / name)
            if not _delegated(root):
                return None
        else:
            return None
        try:
            found.folder.mkdir(exist_ok=True)
            if found.version == 2:
                (found.folder / "cgroup.subtree_control").write_text("+memory")
            probe = found.group("probe", 2**30)
            probe.rmdir()
        except OSError:
            with suppress(OSError):
                found.folder.rmdir()
            return None
        return found

    @property
    def words(self) -> str:
        """How the status names this way of enforcing."""
        return f"cgroup v{self.version}"

    def group(self, name: str, limit_bytes: int) -> Path:
        """Make a process' group with its limit; its process enters it by writing to `cgroup.procs`.

        Raises:
            OSError: the group cannot be made or limited.
        """
        group = self.folder / name
        group.mkdir(exist_ok=True)
        file = "memory.limit_in_bytes" if self.version == 1 else "memory.max"
        (group / file).write_text(str(limit_bytes))
        return group

    def remove(self) -> None:
        """Remove all groups; one that still holds a process stays."""
        with suppress(OSError):
            for group in self.folder.iterdir():
                if group.is_dir():
                    with suppress(OSError):
                        group.rmdir()
            self.folder.rmdir()


def _delegated(root: Path) -> bool:
    if "memory" in _words(root / "cgroup.subtree_control"):
        return True
    try:
        (root / "cgroup.subtree_control").write_text("+memory")
    except OSError:
        return False
    return True


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except OSError:
        return []
