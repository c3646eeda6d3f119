"""Makes child processes: all of them, so that every child is known and none outlives the supervisor unseen.

It decides nothing about when a process starts or ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from app.stack import launch
from app.stack.account import Account
from app.stack.cgroups import MemoryCgroups
from app.stack.errors import StackError
from app.stack.layout import set_large_log_aside
from app.stack.record import Memory
from app.stack.service import Service

_TAIL_BYTES = 16_384


class Spawner:
    """Starts services and one-off tools under the right account, limits and fate.

    Args:
        account: who servers run as.
        cgroups: where memory limits can be enforced, or None.
    """

    def __init__(self, account: Account, cgroups: MemoryCgroups | None) -> None:
        self.account = account
        self._cgroups = cgroups
        self._known: set[int] = set()
        self._before = {child.pid for child in psutil.Process().children()}  # not ours to end
        self._starting = 0

    def memory(self, service: Service) -> Memory | None:
        """How this service's memory limit is enforced here, None when it has none."""
        if service.memory_limit_bytes is None:
            return None
        enforced_by = service.fallback if self._cgroups is None else self._cgroups.words
        return Memory(limit_bytes=service.memory_limit_bytes, enforced_by=enforced_by)

    async def spawn(self, service: Service, log: Path) -> asyncio.subprocess.Process:
        """Start a service; its output goes to the end of its log.

        Raises:
            StackError: the process cannot be made.
        """
        group: Path | None = None
        set_large_log_aside(log)
        try:
            if service.memory_limit_bytes is not None and self._cgroups is not None:
                group = self._cgroups.group(service.name, service.memory_limit_bytes)
            with _log_file(log) as output, self._counted():
                process = await asyncio.create_subprocess_exec(
                    *self._command(
                        service.argv,
                        as_server=service.as_server,
                        signal_number=service.stop_signal,
                        directory=service.directory,
                        group=group,
                    ),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=dict(service.env),
                    pass_fds=service.pass_fds,
                    start_new_session=True,
                )
                self._known.add(process.pid)
        except OSError as exc:
            raise StackError(f"{service.name} cannot be started: {exc.strerror or 'no process can be made'}.") from exc
        return process

    async def run_tool(
        self,
        argv: tuple[str, ...],
        *,
        directory: Path,
        log: Path,
        env: Mapping[str, str],
        as_server: bool = True,
        timeout_s: float = 300.0,
    ) -> None:
        """Run a program to its end, its output going to a log.

        Raises:
            StackError: it fails or takes too long; the end of the log is the detail.
        """
        name = Path(argv[0]).name
        with _log_file(log) as output, self._counted():
            process = await asyncio.create_subprocess_exec(
                *self._command(
                    argv, as_server=as_server, signal_number=signal.SIGKILL, directory=directory, group=None
                ),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(env),
                start_new_session=True,
            )
            self._known.add(process.pid)
        try:
            async with asyncio.timeout(timeout_s):
                code = await process.wait()
        except TimeoutError as exc:
            raise StackError(f"{name} did not finish within {timeout_s:.0f} s.", detail=tail(log)) from exc
        finally:
            if process.returncode is None:
                kill_group(process.pid)
                await process.wait()
            self._known.discard(process.pid)
        if code != 0:
            raise StackError(f"{name} failed with status {code}.", detail=tail(log))

    def forget(self, pid: int) -> None:
        """A service's process has been waited for."""
        self._known.discard(pid)

    def reap_orphans(self) -> None:
        """Collect the dead among those that children left behind and the kernel gave to us."""
        for orphan in self._orphans():
            with suppress(psutil.Error, ChildProcessError):
                if orphan.status() == psutil.STATUS_ZOMBIE:
                    os.waitpid(orphan.pid, os.WNOHANG)

    async def end_orphans(self, patience_s: float = 2.0) -> None:
        """End what children left behind, after all services have ended."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for _ in range(int(patience_s / 0.05)):
                self.reap_orphans()
                left = self._orphans()
                if not left:
                    return
                for orphan in left:
                    with suppress(psutil.Error):
                        orphan.send_signal(number)
                await asyncio.sleep(0.05)

    def close(self) -> None:
        """Remove the cgroups."""
        if self._cgroups is not None:
            self._cgroups.remove()

    def _orphans(self) -> list[psutil.Process]:
        if self._starting:  # a child that is being made is not known yet
            return []
        return [child for child in psutil.Process().children() if child.pid not in self._known | self._before]

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._starting += 1
        try:
            yield
        finally:
            self._starting -= 1

    def _command(
        self, argv: tuple[str, ...], *, as_server: bool, signal_number: int, directory: Path, group: Path | None
    ) -> list[str]:
        switch = as_server and self.account.switched
        order = {
            "parent": os.getpid(),
            "signal": int(signal_number),
            "cgroup": None if group is None else str(group),
            "uid": self.account.uid if switch else None,
            "gid": self.account.gid if switch else None,
            "directory": str(directory),
        }
        return [sys.executable, "-I", "-S", str(Path(launch.__file__).resolve()), json.dumps(order), *argv]


def kill_group(pid: int) -> None:
    """SIGKILL to a child and to all that stayed in its process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def tail(log: Path, lines: int = 12, *, since: int = 0) -> tuple[str, ...]:
    """The last lines of a log, for an error's detail; those from an offset on, unless the log is shorter now."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL_BYTES, since if since <= size else 0))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ()
    return tuple(line for line in text.splitlines() if line.strip())[-lines:]


@contextmanager
def _log_file(path: Path) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        yield file
