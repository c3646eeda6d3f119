"""PostgreSQL's configuration: tuning from the catalogue, durability that an acknowledged audit event rests on.

Pure functions; nothing here starts or asks a server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.stack.errors import StackError
from slo import roles, server_settings
from slo.server_settings import MEBIBYTE
from slo.target import Figure, Unit
from slo.targets.connections import QUERY_TIMEOUT
from slo.targets.scaling import READ_REPLICAS

SUPERUSER: Final = "postgres"
GATEWAY_ROLE: Final = roles.GATEWAY_ROLE
AUDIT_ROLE: Final = roles.AUDIT_ROLE
REPLICATION_ROLE: Final = "kubechat_replication"
MONITOR_ROLE: Final = "kubechat_monitor"
GATEWAY_MAINTENANCE_ROLE: Final = "kubechat_maintenance"
AUDIT_MAINTENANCE_ROLE: Final = "kubechat_audit_maintenance"
GATEWAY_DATABASE: Final = "kubechat"
AUDIT_DATABASE: Final = "kubechat_audit"
OWNERS: Final = {GATEWAY_DATABASE: GATEWAY_ROLE, AUDIT_DATABASE: AUDIT_ROLE}
# Migrations and index rebuilds may take longer than a service's query. One role for each database: what the gateway
# holds opens no way into the audit database.
MAINTAINERS: Final = {GATEWAY_DATABASE: GATEWAY_MAINTENANCE_ROLE, AUDIT_DATABASE: AUDIT_MAINTENANCE_ROLE}

# WAL that is kept for a replica that is away. Beyond it the replica is copied anew: a full disk would stop all writes.
_SLOT_WAL: Final = "4GB"

# Asked of the running server at each start, and by the exporter ever after.
DURABLE: Final = server_settings.DURABLE
_SET_BY_INITDB: Final = frozenset({"data_checksums"})


@dataclass(frozen=True, slots=True)
class PostgresSettings:
    """What differs between servers and machines.

    Attributes:
        port: port on loopback.
        memory_bytes: memory this server is tuned for.
        hba_file: absolute path of its client authentication file.
        name: shown in process titles.
        primary: where a replica streams from, None for the primary.
    """

    port: int
    memory_bytes: int
    hba_file: str
    name: str
    primary: Primary | None = None


@dataclass(frozen=True, slots=True)
class Primary:
    """What a replica needs to know of its primary.

    Attributes:
        port: its port on loopback.
        slot: the replication slot.
        passfile: absolute path of a password file of the replica's.
    """

    port: int
    slot: str
    passfile: str


def text(settings: PostgresSettings) -> str:
    """The file that PostgreSQL's own configuration includes last.

    Raises:
        StackError: the memory is too small for the connections that may be active.
    """
    require_room(settings.memory_bytes)
    lines: dict[str, str | int] = {
        "listen_addresses": "127.0.0.1",
        "port": settings.port,
        "unix_socket_directories": "",
        "cluster_name": settings.name,
        "hba_file": settings.hba_file,
        "password_encryption": "scram-sha-256",
        **_written(server_settings.postgresql_tuning(settings.memory_bytes)),
        **{name: value for name, value in DURABLE.items() if name not in _SET_BY_INITDB},
        "wal_level": "replica",
        # Each replica streams on one and may copy itself anew on two.
        "max_wal_senders": 2 * READ_REPLICAS.named("maximum").whole,
        "max_replication_slots": READ_REPLICAS.named("maximum").whole + 2,
        "max_slot_wal_keep_size": _SLOT_WAL,
        "hot_standby": "on",
        "wal_retrieve_retry_interval": "500ms",  # a replica that comes back is seen streaming within a second
        **_written(server_settings.postgresql_watching()),
        "logging_collector": "off",
        "log_line_prefix": "%m [%p] %q%u@%d %a ",
        "log_lock_waits": "on",
        "log_timezone": "UTC",
        "timezone": "UTC",
    }
    if settings.primary is not None:
        primary = settings.primary
        lines["primary_conninfo"] = (
            f"host=127.0.0.1 port={primary.port} user={REPLICATION_ROLE} passfile={_quoted(primary.passfile)} "
            f"application_name={primary.slot}"
        )
        lines["primary_slot_name"] = primary.slot
    return "# Generated at every start; changes made here are lost.\n" + "".join(
        f"{name} = {_quoted(str(value))}\n" for name, value in lines.items()
    )


def access_text() -> str:
    """The client authentication file: loopback with a SCRAM password, each role where it belongs, no one else.

    Every way in is a line of its own; PostgreSQL refuses what matches none.
    """
    rows = (
        ("all", SUPERUSER),
        *OWNERS.items(),
        *MAINTAINERS.items(),
        ("all", MONITOR_ROLE),
        ("replication", REPLICATION_ROLE),
    )
    return "# Generated at every start.\n" + "".join(
        f"host {database} {role} 127.0.0.1/32 scram-sha-256\n" for database, role in rows
    )


def passfile_text(primary_port: int, password: str) -> str:
    """A replica's password file for its primary (libpq's .pgpass form)."""
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    return f"127.0.0.1:{primary_port}:*:{REPLICATION_ROLE}:{escaped}\n"


def maintenance_dsn(port: int, database: str, password: str) -> str:
    """A direct connection for migrations and index rebuilds; what it makes belongs to the database's owner.

    Args:
        port: the primary's port on loopback.
        database: one of `MAINTAINERS`.
        password: of that database's maintenance role.
    """
    return f"postgresql://{MAINTAINERS[database]}:{password}@127.0.0.1:{port}/{database}?role={OWNERS[database]}"


def slot(number: int) -> str:
    """The replication slot of replica `number`, from 1."""
    return f"kubechat_replica_{number}"


def statement_timeout_ms() -> int:
    """The services' roles cancel a statement after this time, in milliseconds, as PostgreSQL counts."""
    return int(QUERY_TIMEOUT.figure.number * 1000)


def require_room(memory_bytes: int) -> None:
    """Check that shared buffers and one sort per active connection leave a quarter of the memory free.

    Raises:
        StackError: they do not; the sentence names the least memory that would do.
    """
    if not server_settings.has_room(memory_bytes):
        raise StackError(
            f"PostgreSQL needs at least {server_settings.least_memory_bytes() // MEBIBYTE} MiB for "
            f"{server_settings.active_connections()} active connections, "
            f"and KUBECHAT_POSTGRES_MEMORY_BYTES gives it {memory_bytes // MEBIBYTE} MiB."
        )


def _written(wanted: Mapping[str, Figure]) -> dict[str, str]:
    return {name: _text(figure) for name, figure in wanted.items()}


def _text(figure: Figure) -> str:
    match figure.unit:
        case Unit.BYTES:
            return f"{figure.whole // MEBIBYTE}MB"
        case Unit.SECONDS:
            return f"{figure.whole}s"
        case _:
            return str(figure.value)


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
