"""What the command line does with a stack: start it detached, end it, describe it. It supervises nothing itself."""

from __future__ import annotations

import difflib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import app
from app.stack.account import server_account
from app.stack.cgroups import MemoryCgroups
from app.stack.credentials import ADMIN_PASSWORD, ADMIN_USER, Credentials
from app.stack.errors import StackError
from app.stack.identity import Identity
from app.stack.layout import Layout, set_large_log_aside
from app.stack.record import StackRecord, StackState, State
from app.stack.run import AlreadyRunningError, check, end_leftovers, locked
from app.stack.settings import Options, StackSettings

SUPERVISOR: Final = "supervisor"
_POLL_S: Final = 0.1
_CHANGE_S: Final = 60.0
_STOP_S: Final = 120.0  # every process has its own deadline; this one is for the supervisor itself

Show = Callable[[StackRecord], None]


def running(layout: Layout) -> StackRecord | None:
    """The record of the stack that runs in this state directory, or None."""
    return StackRecord.read(layout.record) if _held(layout) else None


def start_detached(settings: StackSettings, options: Options, command: Sequence[str], show: Show) -> StackRecord:
    """Start a supervisor that outlives this process, and wait until everything is ready.

    Args:
        settings: from the environment, which the supervisor reads again.
        options: to find mistakes in before anything is started.
        command: runs the supervisor with these options; its output goes to its log.
        show: told of every change.

    Raises:
        AlreadyRunningError: it runs already.
        StackError: it did not start; nothing runs.
    """
    layout = Layout(settings.state)
    check(settings, options)
    layout.create(server_account())
    if _held(layout):
        raise AlreadyRunningError("It already runs.")
    log = layout.log(SUPERVISOR)
    set_large_log_aside(log)
    packages = Path(app.__file__).resolve().parent.parent
    env = {**os.environ, "KUBECHAT_STATE": str(layout.state), "PYTHONPATH": str(packages)}
    with log.open("ab") as output:
        started_at = output.tell()
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            cwd=layout.run,
            start_new_session=True,
        )
    while True:
        code = process.poll()
        record = StackRecord.read(layout.record)
        ours = record is not None and record.supervisor.pid == process.pid
        if record is not None and ours:
            show(record)
            if code is None and record.state in {StackState.READY, StackState.DEGRADED}:
                return record
        if code is not None:
            with log.open("rb") as file:
                file.seek(started_at)
                lines = file.read().decode("utf-8", errors="replace").splitlines()
            raise StackError(
                lines[0] if lines else f"The supervisor ended with status {code} and no word.", detail=tuple(lines[1:])
            )
        time.sleep(_POLL_S)


def stop(layout: Layout, show: Show) -> list[str]:
    """End the stack of this state directory, and whatever an earlier one left.

    Returns:
        The names of what ran; empty when nothing did.

    Raises:
        StackError: something does not end.
    """
    if not layout.marked:
        return []
    record = running(layout)
    names = [process.name for process in record.processes if process.identity] if record is not None else []
    if record is not None:
        _end_supervisor(layout, record.supervisor, show)
    try:
        with locked(layout):
            names += end_leftovers(layout)
            cgroups = MemoryCgroups.open(layout.state)
            if cgroups is not None:
                cgroups.remove()
    except AlreadyRunningError as exc:
        raise StackError("Another `kubechat up` took over while this one was ended.") from exc
    return names


def hold(layout: Layout, name: str) -> None:
    """Stop one process and keep it stopped; returns when it has ended.

    Raises:
        StackError: nothing runs, there is no such process, or it does not end.
    """
    record = _require_process(layout, name)
    (layout.held / name).touch(mode=0o600)
    _await_state(layout, record, name, {State.STOPPED})


def release(layout: Layout, name: str) -> None:
    """Start a process that was stopped; returns when it is ready.

    Raises:
        StackError: nothing runs, there is no such process, or it does not become ready.
    """
    record = _require_process(layout, name)
    (layout.held / name).unlink(missing_ok=True)
    _await_state(layout, record, name, {State.READY})


def describe(record: StackRecord | None, layout: Layout) -> dict[str, Any]:
    """What `kubechat status --json` prints."""
    if record is None:
        return {"state": StackState.STOPPED.value, "processes": []}
    return {
        "state": record.state.value,
        "url": record.url,
        "admin": {"user": ADMIN_USER, "password": Credentials(layout.secrets).read(ADMIN_PASSWORD)},
        "kubeconfig": None if record.kubeconfig is None else str(record.kubeconfig),
        "prometheus": record.prometheus,
        "alertmanager": record.alertmanager,
        "cores": list(record.cores),
        "supervisor": {"pid": record.supervisor.pid, "log": str(layout.log(SUPERVISOR))},
        "processes": [
            {
                "name": process.name,
                "pid": None if process.identity is None else process.identity.pid,
                "state": process.state.value,
                "reason": process.reason,
                "since": process.since,
                "restarts": process.restarts,
                "port": process.port,
                "log": str(process.log),
                "memory": None if process.memory is None else process.memory.model_dump(),
            }
            for process in record.processes
        ],
    }


def _require_process(layout: Layout, name: str) -> StackRecord:
    record = running(layout)
    if record is None:
        raise StackError("Nothing runs; `kubechat up` starts it.")
    if record.state is StackState.STARTING:
        raise StackError("It is still being started; try again in a moment.")
    names = [process.name for process in record.processes]
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.3) or names
        raise StackError(f"No process is called {name}; there are {', '.join(near)}.")
    return record


def _await_state(layout: Layout, record: StackRecord, name: str, wanted: set[State]) -> None:
    record.supervisor.signal(signal.SIGUSR1)
    deadline = time.monotonic() + _CHANGE_S
    while True:
        found = running(layout)
        process = next((each for each in found.processes if each.name == name), None) if found is not None else None
        if process is None:
            raise StackError("The stack was ended meanwhile.")
        if process.state in wanted:
            return
        if time.monotonic() > deadline:
            raise StackError(f"{name} is {process.state}: {process.reason or 'it takes longer than usual'}.")
        time.sleep(_POLL_S)


def _end_supervisor(layout: Layout, supervisor: Identity, show: Show) -> None:
    supervisor.signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_S
    while True:
        # It lives on for a moment after it has given back the lock.
        held = _held(layout) or supervisor.alive
        record = StackRecord.read(layout.record)
        if record is not None:
            show(record)
        if not held:
            return
        if time.monotonic() > deadline:
            supervisor.signal(signal.SIGKILL)
            deadline += 5.0
            if not supervisor.alive:
                raise StackError(f"The lock {layout.lock} is held by a process that is not known here.")
        time.sleep(_POLL_S)


def _held(layout: Layout) -> bool:
    try:
        descriptor = os.open(layout.lock, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except PermissionError as exc:
        raise StackError(f"{layout.state} belongs to another user.") from exc
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
