"""Which port belongs to whom, and who holds one that should be free.

The offsets are those of docs/architecture.md. Nothing here listens for longer than a test of the port takes.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import psutil

from app.stack.errors import StackError

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one stack.

    Attributes:
        base: the first port.
        public: the gateway's public port.
    """

    base: int
    public: int

    def gateway_private(self, number: int) -> int:
        """Private port of gateway replica `number`, from 1."""
        return self._at(0, number, 20)

    def nlp(self, number: int) -> int:
        """Public port of nlp replica `number`, from 1."""
        return self._at(20, number, 20)

    def nlp_private(self, number: int) -> int:
        """Private port of nlp replica `number`, from 1."""
        return self._at(40, number, 20)

    def audit(self, number: int) -> int:
        """Public port of audit replica `number`, from 1."""
        return self._at(60, number, 20)

    def audit_private(self, number: int) -> int:
        """Private port of audit replica `number`, from 1."""
        return self._at(80, number, 20)

    @property
    def exporters(self) -> int:
        """The exporters' private port."""
        return self.base + 101

    @property
    def demo(self) -> int:
        """The demo clusters' Kubernetes API."""
        return self.base + 110

    @property
    def demo_private(self) -> int:
        """The demo clusters' private port."""
        return self.base + 111

    @property
    def postgres_primary(self) -> int:
        """PostgreSQL's primary."""
        return self.base + 120

    def postgres_replica(self, number: int) -> int:
        """PostgreSQL's replica `number`, from 1."""
        return self._at(121, number, 8)

    @property
    def pgbouncer(self) -> int:
        """PgBouncer."""
        return self.base + 130

    def redis(self, number: int) -> int:
        """Redis node `number`, from 1."""
        return self._at(140, number, 20)

    def redis_bus(self, number: int) -> int:
        """Cluster bus of Redis node `number`, from 1."""
        return self._at(160, number, 20)

    @property
    def prometheus(self) -> int:
        """Prometheus."""
        return self.base + 180

    @property
    def alertmanager(self) -> int:
        """Alertmanager."""
        return self.base + 181

    def _at(self, offset: int, number: int, most: int) -> int:
        if not 1 <= number <= most:
            raise ValueError(f"there are ports for 1 to {most} of these, not for number {number}")
        return self.base + offset + number - 1


def require_free(wanted: Iterable[tuple[str, int]], own: Mapping[int, str] | None = None) -> None:
    """Check that every port can be listened on.

    Args:
        wanted: pairs of who wants it and the port.
        own: ports that this process has taken already, and for whom.

    Raises:
        StackError: one sentence that names each port that is taken, or asked for twice, and who has it.
    """
    taken: list[str] = []
    claimed = dict(own or {})
    for name, port in wanted:
        if port in claimed:
            taken.append(f"port {port} of {name} is also that of {claimed[port]}")
            continue
        claimed[port] = name
        reason = _refusal(port)
        if reason is not None:
            taken.append(f"port {port} of {name} {reason}")
    if taken:
        more = f" (and {len(taken) - 3} more)" if len(taken) > 3 else ""
        raise StackError(
            f"Nothing was started: {'; '.join(taken[:3])}{more}. "
            "Choose others with KUBECHAT_PORT or KUBECHAT_PORT_BASE."
        )


def listening_socket(port: int) -> socket.socket:
    """A listening socket for children to inherit; the caller closes it.

    Raises:
        StackError: the port is taken or may not be used.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(2048)
    except OSError as exc:
        listener.close()
        raise StackError(f"Port {port} cannot be listened on; it was taken a moment ago.") from exc
    return listener


def _refusal(port: int) -> str | None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError as exc:
            if exc.errno == errno.EADDRINUSE:
                return f"is taken by {holder(port)}"
            if exc.errno == errno.EACCES:
                return "may only be used by root"
            return "cannot be listened on"
    return None


def holder(port: int) -> str:
    """Who listens on this port: "nginx (pid 12)", as far as this user may see it."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        connections = []
    pids = {
        connection.pid
        for connection in connections
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
    }
    named = sorted(_described(pid) for pid in pids if pid is not None)
    return ", ".join(named) if named else "a process that this user may not see"


def _described(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        words = process.cmdline()
        command = " ".join(words)
        shown = command if len(command) <= 60 else command[:59] + "…"
        return f"{process.name()} (pid {pid}: {shown})" if shown else f"{process.name()} (pid {pid})"
    except psutil.Error:
        return f"pid {pid}"
