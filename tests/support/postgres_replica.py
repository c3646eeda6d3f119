"""A streaming replica of a test's PostgreSQL, which can be made to lag, freeze, die and come back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tests.support.ports import free_port
from tests.support.postgres_server import PASSWORD, ROLE, PostgresServer, programs
from tests.support.waiting import wait_for


class PostgresReplica:
    """Copies the primary and starts at construction; `close` ends it and removes its files."""

    def __init__(self, primary: PostgresServer) -> None:
        self._primary = primary
        self.port = free_port()
        self._home = Path(tempfile.mkdtemp(prefix="kubechat-pg-replica-", dir="/tmp"))
        self._as = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(self._home, "nobody", "nogroup")
        copied = ("-D", str(self._home / "data"), "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres")
        subprocess.run(
            [*self._as, str(programs() / "pg_basebackup"), *copied, "-R", "--checkpoint=fast", "--no-sync"],
            check=True,
            capture_output=True,
            timeout=60,
        )
        self._server: subprocess.Popen[bytes] | None = None
        self.start()

    def url(self, database: str) -> str:
        """A DSN of a direct connection."""
        return f"postgresql://{ROLE}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def sql(self, sql: str) -> str:
        """What the replica's superuser is answered."""
        program = [str(programs() / "psql"), "-XqAt", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"]
        done = subprocess.run(
            [*program, "-c", sql, "postgres"], capture_output=True, text=True, timeout=10, check=False
        )
        return done.stdout.strip()

    def start(self) -> None:
        """Start the server; returns when it answers."""
        command = [str(programs() / "postgres"), "-D", str(self._home / "data"), "-p", str(self.port)]
        options = ["-h", "127.0.0.1", "-k", "", "-c", "shared_buffers=16MB", "-c", "max_connections=200"]
        with (self._home / "postgres.log").open("ab") as log:
            self._server = subprocess.Popen([*self._as, *command, *options], stdout=log, stderr=log)
        wait_for("the replica to answer", lambda: self.sql("SELECT 1") == "1", every_s=0.05)

    def kill(self) -> None:
        """kill -9 the server, and its processes with it."""
        assert self._server is not None
        children = subprocess.run(
            ["pgrep", "-P", str(self._server.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        for pid in (self._server.pid, *map(int, children)):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._server.wait(10)

    def freeze(self, *, frozen: bool) -> None:
        """Stop, or continue, every process of the server."""
        assert self._server is not None
        children = subprocess.run(
            ["pgrep", "-P", str(self._server.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        for pid in (self._server.pid, *map(int, children)):
            os.kill(pid, signal.SIGSTOP if frozen else signal.SIGCONT)

    def close(self) -> None:
        """End it and remove its files."""
        if self._server is not None and self._server.poll() is None:
            self.freeze(frozen=False)
            self._server.send_signal(signal.SIGQUIT)
            self._server.wait(10)
        shutil.rmtree(self._home, ignore_errors=True)
