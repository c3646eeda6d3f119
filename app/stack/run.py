"""One stack from its start to its end: checks, locks, starts, runs until it is told to end, ends everything.

`kubechat up` does this in its own process, `kubechat up --detach` in one that outlives the terminal. Nothing is started
before every check has passed.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from app.stack.account import server_account
from app.stack.cgroups import MemoryCgroups
from app.stack.child import Pace
from app.stack.credentials import Credentials
from app.stack.errors import StackError
from app.stack.identity import Identity
from app.stack.layout import Layout
from app.stack.parts.ground import DemoKubeconfig, Ground
from app.stack.parts.monitoring import ALERTMANAGER, PROMETHEUS
from app.stack.parts.services import clusters_file
from app.stack.plan import plan
from app.stack.ports import Ports, listening_socket, require_free
from app.stack.programs import Programs
from app.stack.record import ProcessRecord, StackRecord, StackState
from app.stack.servers.postgresql import require_room
from app.stack.settings import Options, StackSettings
from app.stack.spawner import Spawner
from app.stack.supervisor import Supervisor

Show = Callable[[StackRecord], None]
_LEFTOVER_S = 10.0
_LOCK_S = 0.3  # somebody who only looks whether it is held has it for a moment


class AlreadyRunningError(StackError):
    """Another supervisor holds this state directory."""


def check(settings: StackSettings, options: Options) -> Programs:
    """Everything that can be known to be wrong before anything is touched.

    Raises:
        StackError: the kubeconfig is missing, a program is missing, or a size is too small.
    """
    if options.kubeconfig is not None and not options.kubeconfig.is_file():
        raise StackError(f"There is no kubeconfig at {options.kubeconfig}.")
    require_room(settings.postgres_memory_bytes)
    return Programs.find(settings.postgres_bin)


async def run_stack(settings: StackSettings, options: Options, demo_kubeconfig: DemoKubeconfig, show: Show) -> None:
    """Run one stack to its end: SIGINT, SIGTERM or SIGHUP ends it in order, a second one at once.

    SIGUSR1 has it look again at which processes a person has stopped.

    Args:
        settings: from the environment.
        options: from the command line.
        demo_kubeconfig: writes the demo clusters' kubeconfig; the stack and the demo know nothing of one another.
        show: told of every change.

    Raises:
        AlreadyRunningError: it runs already.
        StackError: it cannot be started, or a process never became ready; everything has been ended.
    """
    layout = Layout(settings.state)
    programs = check(settings, options)
    account = server_account()
    layout.create(account)
    with locked(layout):
        end_leftovers(layout)
        credentials = Credentials(layout.secrets)
        credentials.create()
        ports = Ports(settings.port_base, settings.port)
        require_free([("the web chat", ports.public)])
        spawner = Spawner(account, MemoryCgroups.open(layout.state))
        ground = Ground(settings, options, layout, credentials, spawner, programs, ports, demo_kubeconfig)
        with closing(spawner), listening_socket(ports.public) as listener:
            services = plan(ground, listener.fileno())
            require_free(
                [(service.name, port) for service in services for port in service.ports],
                own={ports.public: "the web chat"},
            )
            writer = _Writer(ground, {service.name for service in services}, show)
            for path in layout.held.iterdir():  # what an earlier run's people wanted
                path.unlink()
            supervisor = Supervisor(services, spawner, layout, writer.observe, layout.held_names, Pace())
            stop = asyncio.Event()
            _handle_signals(stop, supervisor)
            await supervisor.run(stop)


@contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Hold the state directory's lock; the kernel gives it back when this process dies.

    Raises:
        AlreadyRunningError: somebody else holds it.
    """
    descriptor = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + _LOCK_S
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                raise AlreadyRunningError("It already runs.")
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def end_leftovers(layout: Layout) -> list[str]:
    """End what a supervisor that was killed left behind; call it under the lock.

    Returns:
        The names of those that were still there.

    Raises:
        StackError: one does not end.
    """
    record = StackRecord.read(layout.record)
    names: list[str] = []
    for process in reversed(record.processes if record is not None else ()):
        if process.identity is None or not process.identity.alive:
            continue
        names.append(process.name)
        if not process.identity.end(process.stop_signal, _LEFTOVER_S):
            raise StackError(
                f"{process.name} (pid {process.identity.pid}) was left by an earlier run and does not end."
            )
    return names


class _Writer:
    """Turns what the supervisor observes into the record."""

    def __init__(self, ground: Ground, names: set[str], show: Show) -> None:
        self._ground = ground
        self._names = names
        self._show = show
        found = Identity.of(os.getpid())
        if found is None:
            raise StackError("/proc does not show this process; it has to be mounted.")
        self._supervisor = found

    def observe(self, state: StackState, processes: tuple[ProcessRecord, ...], failure: tuple[str, ...]) -> None:
        ports = self._ground.ports
        record = StackRecord(
            supervisor=self._supervisor,
            state=state,
            failure=failure,
            url=self._ground.public_url,
            prometheus=f"http://127.0.0.1:{ports.prometheus}" if PROMETHEUS in self._names else "",
            alertmanager=f"http://127.0.0.1:{ports.alertmanager}" if ALERTMANAGER in self._names else "",
            kubeconfig=clusters_file(self._ground),
            cores=tuple(sorted(os.sched_getaffinity(0))),
            processes=processes,
        )
        record.write(self._ground.layout.record)
        self._show(record)


def _handle_signals(stop: asyncio.Event, supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            supervisor.hurry()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, on_signal)
    loop.add_signal_handler(signal.SIGUSR1, supervisor.reconsider)
