"""PgBouncer's configuration: pooling by transaction, pools and lifetimes from the catalogue.

Pure functions; nothing here starts or asks a server.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.stack.servers.postgresql import AUDIT_DATABASE, GATEWAY_DATABASE, MONITOR_ROLE
from slo import server_settings
from slo.pools import ALERT_SERVER_CONNECTIONS

ALERTS_DATABASE = f"{GATEWAY_DATABASE}_alerts"
"""The gateway's database under another name, with connections that nothing but alerts may use."""


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
        ALERTS_DATABASE: (
            f"{_database(settings.primary_port, GATEWAY_DATABASE)} pool_size={ALERT_SERVER_CONNECTIONS}"
            f" max_db_connections={ALERT_SERVER_CONNECTIONS}"
        ),
    }
    for number, port in enumerate(settings.replica_ports, start=1):
        databases[replica_database(number)] = _database(port, GATEWAY_DATABASE)
    options: dict[str, str | float] = {
        "listen_addr": "127.0.0.1",
        "listen_port": settings.port,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": settings.auth_file,
        "stats_users": MONITOR_ROLE,
        **{name: figure.value for name, figure in server_settings.pgbouncer(settings.version).items()},
        "log_connections": 0,
        "log_disconnections": 0,
        "log_pooler_errors": 1,
        "ignore_startup_parameters": "extra_float_digits",
    }
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
    return server_settings.version_of(words[1])


def _database(port: int, name: str) -> str:
    return f"host=127.0.0.1 port={port} dbname={name}"


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
