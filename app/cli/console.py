"""How the command line writes: colour and movement on a terminal only, errors as one sentence."""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table

from app.stack.record import ProcessRecord, StackRecord, StackState, State

_SAID: Final = frozenset({State.READY, State.UNREADY, State.RESTARTING, State.FAILED, State.STOPPED})
_COLOURS: Final = {
    State.READY: "green",
    State.UNREADY: "yellow",
    State.RESTARTING: "yellow",
    State.FAILED: "red",
    State.STOPPED: "dim",
}


def output() -> Console:
    """Where results go."""
    return Console(highlight=False, soft_wrap=True)


def complaints() -> Console:
    """Where errors go."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


class Progress:
    """Shows processes as they change: a line for each that arrives somewhere, and what is under way below them.

    Args:
        console: where to write.
        changes_only: say nothing of what is there when it first looks.
    """

    def __init__(self, console: Console, *, changes_only: bool = False) -> None:
        self._console = console
        self._silent = changes_only
        self._seen: dict[str, State] = {}
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status = self._console.status("")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.rest()

    def rest(self) -> None:
        """Nothing is under way any more; lines are still shown."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    def show(self, record: StackRecord) -> None:
        """Show what has changed since the last time."""
        for process in record.processes:
            if self._seen.get(process.name) is not process.state:
                known = process.name in self._seen
                self._seen[process.name] = process.state
                if process.state in _SAID and (known or process.state is not State.STOPPED) and not self._silent:
                    self._console.print(_line(process))
        self._silent = False
        if self._status is not None:
            busy = [each.name for each in record.processes if each.state in {State.PREPARING, State.STARTING}]
            leaving = [each.name for each in record.processes if each.state is State.STOPPING]
            self._status.update(escape(_under_way(busy, leaving)))


def processes_table(record: StackRecord) -> Table:
    """All processes, one row each, in 80 columns."""
    table = Table(box=None, pad_edge=False)
    for heading in ("NAME", "STATE", "PID", "PORT", "RESTARTS", "MEMORY LIMIT"):
        table.add_column(heading, justify="right" if heading in {"PID", "PORT", "RESTARTS"} else "left")
    for process in record.processes:
        state = f"[{_COLOURS.get(process.state, 'default')}]{process.state}[/]"
        memory = process.memory
        table.add_row(
            process.name,
            state,
            "" if process.identity is None else str(process.identity.pid),
            "" if process.port is None else str(process.port),
            str(process.restarts),
            "" if memory is None else f"{memory.limit_bytes // 2**20} MiB, {memory.enforced_by}",
        )
    return table


def print_welcome(console: Console, record: StackRecord, user: str, password: str) -> None:
    """Where it is and how to get in."""
    console.print(f"\nKubeChat: [bold]{escape(record.url)}[/]")
    console.print(
        f"Sign in as [bold]{escape(user)}[/] with password [bold]{escape(password)}[/] (until it is changed)."
    )
    if record.kubeconfig is not None:
        console.print(f"kubectl --kubeconfig {escape(str(record.kubeconfig))} get pods -A")
    addresses = [("Prometheus", record.prometheus), ("Alertmanager", record.alertmanager)]
    shown = ", ".join(f"{name} {address}" for name, address in addresses if address)
    if shown:
        console.print(shown)
    if record.state is StackState.DEGRADED:
        console.print("[yellow]Not everything is ready; `kubechat status` says what.[/]")


def _line(process: ProcessRecord) -> str:
    colour = _COLOURS.get(process.state, "default")
    took = f"{process.took_s:6.1f} s" if process.state is State.READY and process.took_s is not None else ""
    detail = escape(process.reason) if process.reason else took
    return f"{process.name:<22} [{colour}]{process.state:<10}[/] {detail}".rstrip()


def _under_way(busy: list[str], leaving: list[str]) -> str:
    if leaving:
        return f"ending {', '.join(leaving)}"
    return f"starting {', '.join(busy)}" if busy else "waiting"
