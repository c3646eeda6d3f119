"""A PostgreSQL of the tests' own, with a PgBouncer in front of it: random ports, a folder in /tmp, nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from app.demo import certificates
from tests.support.ports import free_ports
from tests.support.waiting import wait_for

ROLE = "kubechat_test"
PASSWORD = "only-for-tests"
_FAST = {  # durability as in production, everything else small
    "shared_preload_libraries": "pg_stat_statements",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "32MB",
    "max_connections": "200",  # the pooler keeps those of every database that a test made for some seconds
    "max_wal_size": "256MB",
    "log_min_messages": "warning",
    "wal_level": "replica",
}


def programs() -> Path:
    """The folder of PostgreSQL's programs: Debian keeps them off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    on_path = shutil.which("initdb")
    assert on_path, "PostgreSQL is not installed"
    return Path(on_path).parent


class PostgresServer:
    """Starts at construction; `close` ends it and removes its files."""

    def __init__(self, parent: Path = Path("/tmp"), *, pool_size: int = 10) -> None:
        self._pool_size = pool_size
        self.home = Path(tempfile.mkdtemp(prefix="kubechat-pg-", dir=parent))
        self.port, self.pooler_port = free_ports(2)
        self._bin = programs()
        # PostgreSQL and PgBouncer refuse to run as root.
        self._as = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(self.home, "nobody", "nogroup")
        self._server: subprocess.Popen[bytes] | None = None
        self._pooler: subprocess.Popen[bytes] | None = None
        self._databases = 0
        data = str(self.home / "data")
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        self.psql("postgres", f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        self.psql("postgres", f"CREATE ROLE monitor LOGIN PASSWORD '{PASSWORD}' IN ROLE pg_monitor")
        self.start_pooler()

    def new_database(self) -> str:
        """The name of a fresh, empty database that belongs to `ROLE`."""
        self._databases += 1
        name = f"test_{self._databases}"
        self.psql("postgres", f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE template0")
        return name

    def url(self, database: str, user: str = ROLE) -> str:
        """A DSN of a direct connection."""
        return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def pooled_url(self, database: str, user: str = ROLE) -> str:
        """A DSN through PgBouncer."""
        if self._pooler is not None and self._pooler.poll() is not None:
            said = (self.home / "pgbouncer.log").read_text(errors="replace")[-2000:]
            raise AssertionError(f"PgBouncer ended by itself with {self._pooler.returncode}: {said}")
        return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{self.pooler_port}/{database}"

    def psql(self, database: str, sql: str, user: str = "postgres") -> str:
        """What a statement answers, unaligned and without headers; fails when the server refuses it."""
        done = subprocess.run(
            [
                str(self._bin / "psql"),
                *("-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p"),
                str(self.port),
                "-U",
                user,
                "-d",
                database,
                "-c",
                sql,
            ],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        if done.returncode:
            raise RefusedError(done.stderr)
        return done.stdout.strip()

    def start(self) -> None:
        """Start the server; returns when it answers."""
        options = [part for name, value in _FAST.items() for part in ("-c", f"{name}={value}")]
        with (self.home / "postgres.log").open("ab") as log:
            self._server = subprocess.Popen(
                [
                    *(*self._as, str(self._bin / "postgres"), "-D", str(self.home / "data")),
                    *("-p", str(self.port), "-h", "127.0.0.1", "-k", "", *options),
                ],
                stdout=log,
                stderr=log,
            )

        def answers() -> bool:
            try:
                return self.psql("postgres", "SELECT 1") == "1"
            except RefusedError:
                return False

        wait_for("PostgreSQL to answer", answers, every_s=0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End the server: SIGINT cuts connections and writes a checkpoint, SIGQUIT is a crash."""
        self._end(self._server, how)
        self._server = None

    def freeze(self) -> None:
        """Let the pooler hang: connections stay, nothing answers."""
        assert self._pooler is not None
        self._pooler.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """The end of `freeze`."""
        assert self._pooler is not None
        self._pooler.send_signal(signal.SIGCONT)

    def restart_pooler(self, *, tls: bool = False) -> None:
        """End the pooler with all its connections, and start it again; clients may use TLS then, or may not."""
        self._end(self._pooler, signal.SIGTERM)
        self.start_pooler(tls=tls)

    def start_pooler(self, *, tls: bool = False) -> None:
        """Start PgBouncer in transaction mode; returns when it listens."""
        users = self.home / "users.txt"
        users.write_text("".join(f'"{user}" "{PASSWORD}"\n' for user in (ROLE, "monitor", "postgres")))
        config = self.home / "pgbouncer.ini"
        config.write_text(
            f"""[databases]
* = host=127.0.0.1 port={self.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {self.pooler_port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
stats_users = monitor
pool_mode = transaction
default_pool_size = {self._pool_size}
max_client_conn = 200
server_login_retry = 1
server_connect_timeout = 2
query_wait_timeout = 10
server_idle_timeout = 10
ignore_startup_parameters = extra_float_digits
"""
            + (self._tls_settings() if tls else "")
        )
        with (self.home / "pgbouncer.log").open("ab") as log:
            self._pooler = subprocess.Popen([*self._as, "pgbouncer", str(config)], stdout=log, stderr=log)

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self.pooler_port)) == 0

        wait_for("PgBouncer to listen", listens, every_s=0.05)

    def _tls_settings(self) -> str:
        made = certificates.ensure(self.home / "certificates")
        if self._as:
            for path in (made.key, made.certificate, made.key.parent):
                shutil.chown(path, "nobody", "nogroup")
        return (
            f"client_tls_sslmode = allow\nclient_tls_key_file = {made.key}\nclient_tls_cert_file = {made.certificate}\n"
        )

    def close(self) -> None:
        """End both and remove their files."""
        if self._pooler is not None:
            self._pooler.send_signal(signal.SIGCONT)
        self._end(self._pooler, signal.SIGTERM)
        self._end(self._server, signal.SIGINT)
        shutil.rmtree(self.home, ignore_errors=True)

    def _end(self, process: subprocess.Popen[bytes] | None, how: signal.Signals) -> None:
        if process is None or process.poll() is not None:
            return
        process.send_signal(how)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [*self._as, str(self._bin / program), *arguments],
            cwd=self.home,
            check=True,
            capture_output=True,
            timeout=60,
        )


class RefusedError(Exception):
    """The server refused a statement, or did not answer; holds what psql said."""
