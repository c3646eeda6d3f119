"""PostgreSQL's configuration: tuning from the catalogue, durability that an acknowledged audit event rests on.

Pure functions; nothing here starts or asks a server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.stack.errors import StackError
from slo.targets.connections import MAX_CONNECTIONS, POOL_SIZE, QUERY_TIMEOUT
from slo.targets.postgresql import (
    ANALYZE,
    AUTO_VACUUM,
    CHECKPOINT_COMPLETION_TARGET,
    CHECKPOINT_TIMEOUT,
    EFFECTIVE_CACHE_SIZE,
    EFFECTIVE_IO_CONCURRENCY,
    MAINTENANCE_WORK_MEM,
    RANDOM_PAGE_COST,
    SEQ_PAGE_COST,
    SHARED_BUFFERS,
    WAL_BUFFERS,
    WORK_MEM,
)
from slo.targets.scaling import READ_REPLICAS

SUPERUSER: Final = "postgres"
REPLICATION_ROLE: Final = "kubechat_replication"
GATEWAY_ROLE: Final = "kubechat_gateway"
AUDIT_ROLE: Final = "kubechat_audit"
MONITOR_ROLE: Final = "kubechat_monitor"
GATEWAY_MAINTENANCE_ROLE: Final = "kubechat_maintenance"
AUDIT_MAINTENANCE_ROLE: Final = "kubechat_audit_maintenance"
GATEWAY_DATABASE: Final = "kubechat"
AUDIT_DATABASE: Final = "kubechat_audit"
OWNERS: Final = {GATEWAY_DATABASE: GATEWAY_ROLE, AUDIT_DATABASE: AUDIT_ROLE}
# Migrations and index rebuilds may take longer than a service's query. One role for each database: what the gateway
# holds opens no way into the audit database.
MAINTAINERS: Final = {GATEWAY_DATABASE: GATEWAY_MAINTENANCE_ROLE, AUDIT_DATABASE: AUDIT_MAINTENANCE_ROLE}

# Each service's database is one pool of one user in PgBouncer, on one server.
POOLS_PER_SERVER: Final = 2
# Beside the pools: three that PostgreSQL keeps for the superuser, migrations, the exporter, and a person with psql.
DIRECT_CONNECTIONS: Final = 10
ACTIVE_CONNECTIONS: Final = POOLS_PER_SERVER * POOL_SIZE.figure.whole + DIRECT_CONNECTIONS
# What shared buffers and sorts may take together; the rest is for maintenance, the operating system and its cache.
_LARGEST_SHARE: Final = 0.75
# WAL that is kept for a replica that is away. Beyond it the replica is copied anew: a full disk would stop all writes.
_SLOT_WAL: Final = "4GB"
_MEBIBYTE: Final = 2**20

# Asked of the running server at each start; what the catalogue calls durable rests on them.
DURABLE: Final = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_sync_retry": "off",
    "data_checksums": "on",
}


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
    memory = settings.memory_bytes
    lines = {
        "listen_addresses": "127.0.0.1",
        "port": settings.port,
        "unix_socket_directories": "",
        "cluster_name": settings.name,
        "hba_file": settings.hba_file,
        "password_encryption": "scram-sha-256",
        "max_connections": MAX_CONNECTIONS.figure.whole,
        "shared_buffers": _mebibytes(memory * SHARED_BUFFERS.figure.number),
        "effective_cache_size": _mebibytes(memory * EFFECTIVE_CACHE_SIZE.figure.number),
        "work_mem": _mebibytes(WORK_MEM.figure.number),
        "maintenance_work_mem": _mebibytes(MAINTENANCE_WORK_MEM.figure.number),
        "checkpoint_completion_target": CHECKPOINT_COMPLETION_TARGET.figure.number,
        "checkpoint_timeout": f"{CHECKPOINT_TIMEOUT.figure.whole}s",
        "wal_buffers": _mebibytes(WAL_BUFFERS.figure.number),
        "effective_io_concurrency": EFFECTIVE_IO_CONCURRENCY.figure.whole,
        "random_page_cost": RANDOM_PAGE_COST.figure.number,
        "seq_page_cost": SEQ_PAGE_COST.figure.number,
        "autovacuum": "on",
        "track_counts": ANALYZE.figure.word,
        "autovacuum_vacuum_scale_factor": AUTO_VACUUM.named("scale_factor").number,
        "autovacuum_analyze_scale_factor": AUTO_VACUUM.named("scale_factor").number,
        "autovacuum_vacuum_insert_scale_factor": AUTO_VACUUM.named("insert_scale_factor").number,
        "autovacuum_vacuum_cost_limit": AUTO_VACUUM.named("cost_limit").whole,
        "fsync": DURABLE["fsync"],
        "full_page_writes": DURABLE["full_page_writes"],
        "synchronous_commit": DURABLE["synchronous_commit"],
        "data_sync_retry": DURABLE["data_sync_retry"],
        "wal_level": "replica",
        # Each replica streams on one and may copy itself anew on two.
        "max_wal_senders": 2 * READ_REPLICAS.named("maximum").whole,
        "max_replication_slots": READ_REPLICAS.named("maximum").whole + 2,
        "max_slot_wal_keep_size": _SLOT_WAL,
        "hot_standby": "on",
        "wal_retrieve_retry_interval": "500ms",  # a replica that comes back is seen streaming within a second
        "shared_preload_libraries": "pg_stat_statements",
        "track_io_timing": "on",
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
    sorts = ACTIVE_CONNECTIONS * WORK_MEM.figure.number
    share = SHARED_BUFFERS.figure.number
    if memory_bytes * share + sorts > memory_bytes * _LARGEST_SHARE:
        least = sorts / (_LARGEST_SHARE - share)
        raise StackError(
            f"PostgreSQL needs at least {-(-int(least) // _MEBIBYTE)} MiB for {ACTIVE_CONNECTIONS} active connections, "
            f"and KUBECHAT_POSTGRES_MEMORY_BYTES gives it {memory_bytes // _MEBIBYTE} MiB."
        )


def _mebibytes(size_bytes: float) -> str:
    return f"{int(size_bytes) // _MEBIBYTE}MB"


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
