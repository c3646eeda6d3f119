"""`kubechat up`, `down`, `status`, `logs`, `stop` and `start`: the local stack from a terminal."""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from app.cli import supervisor
from app.cli.console import Progress, output, print_welcome, processes_table
from app.stack import control
from app.stack.credentials import ADMIN_PASSWORD, ADMIN_USER, Credentials
from app.stack.errors import StackError
from app.stack.layout import Layout
from app.stack.record import StackRecord, StackState
from app.stack.run import AlreadyRunningError, run_stack
from app.stack.settings import (
    FEWEST_READ_REPLICAS,
    MOST_READ_REPLICAS,
    MOST_REPLICAS,
    Options,
    StackSettings,
)

_FOLLOW_S: Final = 0.2
_BLOCK_BYTES: Final = 65_536


def add_to(app: typer.Typer) -> None:
    """Add this group's commands."""
    for command in (up, down, status, logs, stop, start):
        app.command()(command)


def up(
    *,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when everything is ready.")] = False,
    replicas: Annotated[int, typer.Option(min=1, max=MOST_REPLICAS, help="Gateway replicas.")] = Options().replicas,
    read_replicas: Annotated[
        int, typer.Option(min=FEWEST_READ_REPLICAS, max=MOST_READ_REPLICAS, help="PostgreSQL read replicas.")
    ] = Options().read_replicas,
    kubeconfig: Annotated[
        Path | None, typer.Option(help="Real clusters, in place of the demo clusters.", show_default=False)
    ] = None,
    only: Annotated[list[str] | None, typer.Option(hidden=True)] = None,
) -> None:
    """Start everything on this machine and say how to sign in."""
    settings = StackSettings.read()
    options = Options(
        replicas=replicas,
        read_replicas=read_replicas,
        kubeconfig=None if kubeconfig is None else kubeconfig.expanduser().absolute(),
        only=tuple(only or ()),
    )
    layout = Layout(settings.state)
    try:
        if detach:
            with Progress(output()) as progress:
                record = control.start_detached(settings, options, supervisor.command(options), progress.show)
            _welcome(layout, record)
            output().print("`kubechat down` ends it.")
        else:
            _run_here(settings, options, layout)
    except AlreadyRunningError:
        _show_running(layout)


def down(
    *, wipe: Annotated[bool, typer.Option("--wipe", help="Remove its data, passwords and logs as well.")] = False
) -> None:
    """End everything that runs here."""
    layout = Layout(StackSettings.read().state)
    with Progress(output(), changes_only=True) as progress:
        ended = control.stop(layout, progress.show)
    output().print(f"Ended {len(ended)} processes." if ended else "Nothing was running.")
    if wipe:
        removed = layout.wipe()
        output().print(f"Removed {layout.state}." if removed else "There was nothing to remove.")


def status(
    *, as_json: Annotated[bool, typer.Option("--json", help="For programs; includes the admin password.")] = False
) -> None:
    """Say what runs; exit status 1 when nothing does."""
    layout = Layout(StackSettings.read().state)
    record = control.running(layout)
    if as_json:
        sys.stdout.write(json.dumps(control.describe(record, layout), indent=2) + "\n")
    elif record is None:
        output().print("Nothing runs; `kubechat up` starts it.")
    else:
        output().print(processes_table(record))
        for process in record.processes:
            if process.reason:
                output().print(f"{process.name}: {process.reason}", markup=False)
        output().print(f"\n{record.state}: {record.url} on cores {', '.join(map(str, record.cores))}", markup=False)
        output().print(f"Each process has its log in {layout.logs}, shown by `kubechat logs NAME`.", markup=False)
    if record is None:
        raise typer.Exit(1)


def logs(
    name: Annotated[str, typer.Argument(help="A process, as `kubechat status` names it, or supervisor.")],
    *,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 100,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
) -> None:
    """Show the log of one process."""
    layout = Layout(StackSettings.read().state)
    path = _log_of(layout, name)
    size = path.stat().st_size
    sys.stdout.buffer.write(_last_lines(path, lines, size))
    sys.stdout.buffer.flush()
    if follow:
        for block in _followed(path, size):
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()


def stop(name: Annotated[str, typer.Argument(help="A process, as `kubechat status` names it.")]) -> None:
    """Stop one process and keep it stopped."""
    control.hold(Layout(StackSettings.read().state), name)
    output().print(f"{name} has stopped; `kubechat start {name}` starts it again.", markup=False)


def start(name: Annotated[str, typer.Argument(help="A process that was stopped.")]) -> None:
    """Start a process that was stopped."""
    control.release(Layout(StackSettings.read().state), name)
    output().print(f"{name} is ready.", markup=False)


def _run_here(settings: StackSettings, options: Options, layout: Layout) -> None:
    with Progress(output()) as progress:
        welcomed = False

        def show(record: StackRecord) -> None:
            nonlocal welcomed
            progress.show(record)
            if record.state is StackState.READY and not welcomed:
                welcomed = True
                progress.rest()
                _welcome(layout, record)
                output().print("Ctrl-C ends it.\n")

        asyncio.run(run_stack(settings, options, supervisor.demo_kubeconfig, show))
        output().print("Everything has ended.")


def _show_running(layout: Layout) -> None:
    with Progress(output()) as progress:
        record = control.running(layout)
        while record is not None and record.state is StackState.STARTING:
            progress.show(record)
            time.sleep(_FOLLOW_S)
            record = control.running(layout)
    if record is None:
        raise StackError("It was being started by somebody else, and did not start.")
    output().print("It already runs.")
    output().print(processes_table(record))
    _welcome(layout, record)


def _welcome(layout: Layout, record: StackRecord) -> None:
    print_welcome(output(), record, ADMIN_USER, Credentials(layout.secrets).read(ADMIN_PASSWORD))


def _log_of(layout: Layout, name: str) -> Path:
    if layout.logs.exists() and not os.access(layout.logs, os.R_OK | os.X_OK):
        raise StackError(f"{layout.logs} belongs to another user.")
    known = sorted(path.stem for path in layout.logs.glob("*.log"))
    if name in known:
        return layout.log(name)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.3) or known
    if not near:
        raise StackError("There are no logs yet; `kubechat up` makes them.")
    raise StackError(f"No process is called {name}; there are logs of {', '.join(near)}.")


def _last_lines(path: Path, lines: int, size: int) -> bytes:
    """The last lines before an offset, read backwards by blocks: a large log costs no more than what is shown."""
    with path.open("rb") as file:
        position = size
        found = b""
        while position > 0 and found.count(b"\n") <= lines:
            step = min(_BLOCK_BYTES, position)
            position -= step
            file.seek(position)
            found = file.read(step) + found
    return b"".join(found.splitlines(keepends=True)[-lines:]) if lines else b""


def _followed(path: Path, offset: int) -> Iterator[bytes]:
    """What is added to a log from an offset on; a log that was set aside is followed by its successor."""
    while True:
        try:
            size = path.stat().st_size
            if size < offset:
                offset = 0
            if size > offset:
                with path.open("rb") as file:
                    file.seek(offset)
                    block = file.read(_BLOCK_BYTES)
                offset += len(block)
                yield block
                continue
        except FileNotFoundError:
            offset = 0
        time.sleep(_FOLLOW_S)
