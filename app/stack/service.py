"""What the supervisor has to know of a process to start it, see it ready, and end it.

A `Service` is data and three callables; it knows nothing of the supervisor.
"""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.stack.servers.prometheus import Scrape

Step = Callable[[], Awaitable[None]]


class NotReadyError(Exception):
    """A probe's answer: not yet, and why in one short line without secrets."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process of the stack.

    Attributes:
        name: unique name, also of its log file.
        argv: the command; the first word is an absolute path.
        directory: its working directory, which exists before it starts.
        probe: raises NotReadyError while the process cannot serve.
        after: names of those that have to be ready first, and that end after it.
        port: the port its callers use, shown in the status.
        ports: every port it listens on, which must be free before anything starts.
        env: its whole environment.
        prepare: done before each start; may be repeated.
        settle: done once the probe has passed and before it counts as ready; may be repeated.
        as_server: run under the servers' account instead of the own.
        stop_signal: asks it to end; also what it gets when the supervisor dies.
        stop_s: seconds from that signal to SIGKILL.
        start_s: seconds that it may take to become ready.
        memory_limit_bytes: its memory limit, if the document gives one.
        fallback: what enforces that limit where no cgroup can be written.
        pass_fds: descriptors that it inherits.
        scrapes: what Prometheus asks of it.
    """

    name: str
    argv: tuple[str, ...]
    directory: Path
    probe: Step
    after: tuple[str, ...] = ()
    port: int | None = None
    ports: tuple[int, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Step | None = None
    settle: Step | None = None
    as_server: bool = False
    stop_signal: int = signal.SIGTERM
    stop_s: float = 15.0
    start_s: float = 60.0
    memory_limit_bytes: int | None = None
    fallback: str = "watchdog"
    pass_fds: tuple[int, ...] = ()
    scrapes: tuple[Scrape, ...] = ()
