"""What runs, written down: how `status`, `down` and a later `up` know of a stack.

The supervisor alone writes it, in one step, at every change. It holds no secret.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from app.stack.identity import Identity
from app.stack.layout import write_file


class State(StrEnum):
    """Where one process is in its life."""

    WAITING = "waiting"
    PREPARING = "preparing"
    STARTING = "starting"
    READY = "ready"
    UNREADY = "unready"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class StackState(StrEnum):
    """Where the whole stack is."""

    STARTING = "starting"
    READY = "ready"
    DEGRADED = "degraded"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class Memory(BaseModel):
    """A process' memory limit.

    Attributes:
        limit_bytes: the limit.
        enforced_by: `cgroup v1`, `cgroup v2`, `watchdog` (the process refuses work by itself) or `maxmemory`.
    """

    model_config = ConfigDict(frozen=True)

    limit_bytes: int
    enforced_by: str


class ProcessRecord(BaseModel):
    """One process as the supervisor sees it.

    Attributes:
        name: its name in the stack.
        identity: the operating system's process, while there is one.
        stop_signal: what asks it to end.
        state: where it is in its life.
        since: when it came to that state, seconds since the epoch.
        took_s: seconds from start to readiness, the last time.
        restarts: how often it was started again.
        reason: why it is not ready, one line; empty otherwise.
        port: the port its callers use.
        log: its log file.
        memory: its limit, for processes that have one.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    identity: Identity | None = None
    stop_signal: int
    state: State = State.WAITING
    since: float
    took_s: float | None = None
    restarts: int = 0
    reason: str = ""
    port: int | None = None
    log: Path
    memory: Memory | None = None


class StackRecord(BaseModel):
    """The whole stack.

    Attributes:
        supervisor: the process that supervises.
        state: where the stack is.
        failure: why it did not start, with the end of the log; empty otherwise.
        url: the web chat.
        prometheus: Prometheus' address, empty when it is not part of this stack.
        alertmanager: Alertmanager's address, likewise.
        kubeconfig: the file with the clusters, None when there are none.
        cores: the CPU cores that the processes may use; none is pinned to one of them.
        processes: in order of start.
    """

    model_config = ConfigDict(frozen=True)

    supervisor: Identity
    state: StackState
    failure: tuple[str, ...] = ()
    url: str
    prometheus: str = ""
    alertmanager: str = ""
    kubeconfig: Path | None = None
    cores: tuple[int, ...]
    processes: tuple[ProcessRecord, ...]

    def write(self, path: Path) -> None:
        """Replace the file."""
        write_file(path, self.model_dump_json(indent=1))

    @classmethod
    def read(cls, path: Path) -> StackRecord | None:
        """The record, or None when there is none or it cannot be understood."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None
