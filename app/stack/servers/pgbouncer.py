"""PgBouncer's configuration: pooling by transaction, pools and lifetimes from the catalogue.

Pure functions; nothing here starts or asks a server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.stack.servers.postgresql import (
    AUDIT_DATABASE,
    DIRECT_CONNECTIONS,
    GATEWAY_DATABASE,
    MONITOR_ROLE,
    POOLS_PER_SERVER,
)
from slo.targets.connections import (
    HEALTH_CHECKS,
    IDLE_TIMEOUT,
    MAX_CONNECTIONS,
    MAX_LIFETIME,
    POOL_SIZE,
    POOL_TYPE,
    QUERY_TIMEOUT,
)
from slo.targets.network import KEEP_ALIVE
from slo.targets.scaling import POSTGRES_POOLER

_PREPARED_SINCE: Final = (1, 21)
_PREPARED_PER_CONNECTION: Final = 200  # more than the services' queries, so that none is ever dropped


@dataclass(frozen=True, slots=True)
class PgBouncerSettings:
    """What differs between stacks.

    Attributes:
        port: port on loopback.
        primary_port: PostgreSQL's primary.
        replica_ports: PostgreSQL's replicas, in order.
        auth_file: absolute path of the user list.
        version: PgBouncer's, such as (1, 18, 0).
    """

    port: int
    primary_port: int
    replica_ports: tuple[int, ...]
    auth_file: str
    version: tuple[int, ...]


def text(settings: PgBouncerSettings) -> str:
    """The configuration file."""
    databases = {
        GATEWAY_DATABASE: _database(settings.primary_port, GATEWAY_DATABASE),
        AUDIT_DATABASE: _database(settings.primary_port, AUDIT_DATABASE),
    }
    for number, port in enumerate(settings.replica_ports, start=1):
        databases[replica_database(number)] = _database(port, GATEWAY_DATABASE)
    options: dict[str, str | int] = {
        "listen_addr": "127.0.0.1",
        "listen_port": settings.port,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": settings.auth_file,
        "stats_users": MONITOR_ROLE,
        "pool_mode": POOL_TYPE.figure.word,
        "default_pool_size": POOL_SIZE.figure.whole,
        "max_client_conn": POSTGRES_POOLER.named("enterprise").whole,
        "max_db_connections": (MAX_CONNECTIONS.figure.whole - DIRECT_CONNECTIONS) // POOLS_PER_SERVER,
        "server_idle_timeout": IDLE_TIMEOUT.figure.whole,
        "server_lifetime": MAX_LIFETIME.figure.whole,
        "server_check_delay": HEALTH_CHECKS.named("idle_before_check").whole,
        "query_wait_timeout": QUERY_TIMEOUT.figure.whole,
        "server_connect_timeout": 5,
        # After a failed login PgBouncer waits before the next; its 15 s would be 15 s of refusals after a restart.
        "server_login_retry": 1,
        "tcp_keepalive": int(KEEP_ALIVE.figure.word == "on"),
        "log_connections": 0,
        "log_disconnections": 0,
        "log_pooler_errors": 1,
        "ignore_startup_parameters": "extra_float_digits",
    }
    if settings.version >= _PREPARED_SINCE:
        options["max_prepared_statements"] = _PREPARED_PER_CONNECTION
    lines = [";; Generated at every start; changes made here are lost.", "[databases]"]
    lines += [f"{name} = {target}" for name, target in databases.items()]
    lines += ["", "[pgbouncer]"]
    lines += [f"{name} = {value}".rstrip() for name, value in options.items()]
    return "\n".join(lines) + "\n"


def user_list_text(passwords: dict[str, str]) -> str:
    """The user list: role to password. PgBouncer needs the passwords themselves to speak SCRAM to both sides."""
    return "".join(f"{_quoted(role)} {_quoted(password)}\n" for role, password in passwords.items())


def replica_database(number: int) -> str:
    """The name under which replica 1, 2, … is served."""
    return f"{GATEWAY_DATABASE}_replica_{number}"


def parse_version(output: str) -> tuple[int, ...]:
    """The version in what `pgbouncer --version` prints; empty when it cannot be read."""
    words = output.split()
    if len(words) < 2 or words[0] != "PgBouncer":
        return ()
    parts = words[1].split(".")
    return tuple(int(part) for part in parts) if all(part.isdigit() for part in parts) else ()


def _database(port: int, name: str) -> str:
    return f"host=127.0.0.1 port={port} dbname={name}"


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
