"""Which process a pid meant: pids are used again, so a process is known by its pid, its start and the boot.

Everything that ends a process by a recorded pid goes through here; nothing is ever found by its name.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_PROC = Path("/proc")


class Identity(BaseModel):
    """One process, for all time.

    Attributes:
        pid: its process id.
        started: its start in clock ticks since boot.
        boot: the kernel's id of that boot.
    """

    model_config = ConfigDict(frozen=True)

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """The process that has this pid now, or None; a zombie counts as gone."""
        ticks = _started(pid)
        return None if ticks is None else cls(pid=pid, started=ticks, boot=_boot())

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return self.boot == _boot() and _started(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Send a signal; nothing happens when the process is gone or belongs to somebody else."""
        if not self.alive:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.kill(self.pid, number)

    def end(self, number: int, patience_s: float) -> bool:
        """Ask a process to end, wait, then kill it; blocks.

        Args:
            number: the signal that asks.
            patience_s: seconds until SIGKILL; as long again is waited for the kernel to carry that out.

        Returns:
            Whether it is gone.
        """
        for each in (number, signal.SIGKILL):
            self.signal(each)
            deadline = time.monotonic() + patience_s
            while self.alive and time.monotonic() < deadline:
                time.sleep(0.05)
            if not self.alive:
                return True
        return False


def _started(pid: int) -> int | None:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in parentheses, may hold anything: count from behind its last parenthesis.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else int(fields[19])


def _boot() -> str:
    return (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
