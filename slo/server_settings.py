"""What PostgreSQL, PgBouncer and Redis are to run with, in base units: one source for all who say or ask it.

The servers' files are generated from it, in the local stack and wherever else the product runs, and the exporters
compare what the running servers say with it. It holds what has to be the same everywhere; ports, paths and logs are the
business of whoever starts a server. Nothing here writes a file or asks a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slo.pools import ALERT_SERVER_CONNECTIONS
from slo.target import Figure, Unit, choice, count, seconds
from slo.targets.connections import (
    HEALTH_CHECKS,
    IDLE_TIMEOUT,
    MAX_CONNECTIONS,
    MAX_LIFETIME,
    POOL_SIZE,
    POOL_TYPE,
    QUERY_TIMEOUT,
)
from slo.targets.memory import REDIS_EVICTION_POLICY
from slo.targets.network import KEEP_ALIVE
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
from slo.targets.redis import AOF_REWRITE, COMPRESSION, FSYNC_POLICY, MEMORY_POLICY, RDB_SNAPSHOTS
from slo.targets.scaling import POSTGRES_POOLER, REDIS_PERSISTENCE, SHARDING_CACHE_DATA

if TYPE_CHECKING:
    from collections.abc import Mapping

MEBIBYTE: Final = 2**20

# Each service's database is one pool of one user in PgBouncer, on one server.
POOLS_PER_SERVER: Final = 2
# Beside the pools: three that PostgreSQL keeps for the superuser, migrations, the exporter, and a person with psql.
DIRECT_CONNECTIONS: Final = 10
_OTHER_CONNECTIONS: Final = DIRECT_CONNECTIONS + ALERT_SERVER_CONNECTIONS
# What shared buffers and sorts may take together; the rest is for maintenance, the operating system and its cache.
_LARGEST_SHARE: Final = 0.75

DURABLE: Final[Mapping[str, str]] = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "data_sync_retry": "off",
    "data_checksums": "on",
}
"""PostgreSQL's settings on which an acknowledged write rests: any other value may lose audit events."""

STATEMENTS: Final = "pg_stat_statements"
"""The library that counts statements. As a setting: whether its extension is there, in the database that is asked."""

_PREPARED_SINCE: Final = (1, 21)
_PREPARED_PER_CONNECTION: Final = 200  # more than the services' queries, so that none is ever dropped
_CONNECT_TIMEOUT_S: Final = 5
# After a failed login PgBouncer waits before the next; its 15 s would be 15 s of refusals after a restart.
_LOGIN_RETRY_S: Final = 1
# A master that says nothing for so long is replaced: four to five seconds without writes to a third of the slots,
# measured. Lower, and a busy machine fails over without need.
_NODE_TIMEOUT_MS: Final = 2000


class ContradictionError(ValueError):
    """Targets ask for what one server cannot do."""


def postgresql(memory_bytes: int | None = None) -> dict[str, Figure]:
    """All that every PostgreSQL server says, primary or replica.

    Args:
        memory_bytes: the server's memory limit; without it, what is a share of it is left out.
    """
    return {
        **postgresql_tuning(memory_bytes),
        **{name: choice(value) for name, value in DURABLE.items()},
        **postgresql_watching(),
        STATEMENTS: choice("created"),
    }


def postgresql_tuning(memory_bytes: int | None = None) -> dict[str, Figure]:
    """Connections, memory, checkpoints, the planner and autovacuum; sizes are whole mebibytes, as they are written."""
    scale, added = AUTO_VACUUM.named("scale_factor"), AUTO_VACUUM.named("insert_scale_factor")
    of_memory = {"shared_buffers": SHARED_BUFFERS, "effective_cache_size": EFFECTIVE_CACHE_SIZE}
    return {
        "max_connections": _whole(MAX_CONNECTIONS.figure),
        **{
            name: _size(memory_bytes * target.figure.number)
            for name, target in of_memory.items()
            if memory_bytes is not None
        },
        "work_mem": _size(WORK_MEM.figure.number),
        "maintenance_work_mem": _size(MAINTENANCE_WORK_MEM.figure.number),
        "checkpoint_completion_target": CHECKPOINT_COMPLETION_TARGET.figure,
        "checkpoint_timeout": _whole(CHECKPOINT_TIMEOUT.figure),
        "wal_buffers": _size(WAL_BUFFERS.figure.number),
        "effective_io_concurrency": _whole(EFFECTIVE_IO_CONCURRENCY.figure),
        "random_page_cost": RANDOM_PAGE_COST.figure,
        "seq_page_cost": SEQ_PAGE_COST.figure,
        "autovacuum": choice("on"),
        "track_counts": ANALYZE.figure,
        "autovacuum_vacuum_scale_factor": scale,
        "autovacuum_analyze_scale_factor": scale,
        "autovacuum_vacuum_insert_scale_factor": added,
        "autovacuum_vacuum_cost_limit": _whole(AUTO_VACUUM.named("cost_limit")),
    }


def postgresql_watching() -> dict[str, Figure]:
    """What lets a server be watched: statements and the time they spend reading and writing."""
    return {"shared_preload_libraries": choice(STATEMENTS), "track_io_timing": choice("on")}


def active_connections() -> int:
    """Connections of one server that may sort at the same time: the pooler's, and those that bypass it."""
    return POOLS_PER_SERVER * POOL_SIZE.figure.whole + _OTHER_CONNECTIONS


def has_room(memory_bytes: int) -> bool:
    """Whether shared buffers and one sort per active connection leave a quarter of this memory free."""
    return memory_bytes * SHARED_BUFFERS.figure.number + _sorts_bytes() <= memory_bytes * _LARGEST_SHARE


def least_memory_bytes() -> int:
    """The least memory in which there is room, in whole mebibytes."""
    least = _sorts_bytes() / (_LARGEST_SHARE - SHARED_BUFFERS.figure.number)
    return -(-int(least) // MEBIBYTE) * MEBIBYTE


def pgbouncer(version: tuple[int, ...]) -> dict[str, Figure]:
    """All that a PgBouncer of this version says.

    Args:
        version: such as (1, 18, 0); empty when it is not known, which is taken for an old one.
    """
    found = {
        "pool_mode": POOL_TYPE.figure,
        "default_pool_size": _whole(POOL_SIZE.figure),
        "max_client_conn": count(POSTGRES_POOLER.named("enterprise").whole),
        "max_db_connections": count((MAX_CONNECTIONS.figure.whole - _OTHER_CONNECTIONS) // POOLS_PER_SERVER),
        "server_idle_timeout": _whole(IDLE_TIMEOUT.figure),
        "server_lifetime": _whole(MAX_LIFETIME.figure),
        "server_check_delay": _whole(HEALTH_CHECKS.named("idle_before_check")),
        "query_wait_timeout": _whole(QUERY_TIMEOUT.figure),
        "server_connect_timeout": seconds(_CONNECT_TIMEOUT_S),
        "server_login_retry": seconds(_LOGIN_RETRY_S),
        "tcp_keepalive": count(int(KEEP_ALIVE.figure.word == "on")),
    }
    if version >= _PREPARED_SINCE:
        found["max_prepared_statements"] = count(_PREPARED_PER_CONNECTION)
    return found


def version_of(text: str) -> tuple[int, ...]:
    """A version's numbers, from `1.18.0`; empty when it cannot be read."""
    parts = text.split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


def redis(maxmemory_bytes: int | None = None) -> dict[str, Figure]:
    """All that every Redis node says.

    Args:
        maxmemory_bytes: what a node may fill with data; left out without it.

    Raises:
        ContradictionError: the catalogue promises several eviction policies.
    """
    snapshots = f"{int(RDB_SNAPSHOTS.figures[0].number)} {RDB_SNAPSHOTS.named('changes').whole}"
    return {
        **({} if maxmemory_bytes is None else {"maxmemory": Figure(maxmemory_bytes, Unit.BYTES)}),
        "maxmemory-policy": choice(_eviction_policy()),
        "appendonly": choice(REDIS_PERSISTENCE.named("aof").word),
        "appendfsync": FSYNC_POLICY.figure,
        "auto-aof-rewrite-percentage": count(int(AOF_REWRITE.figure.number * 100)),
        "aof-use-rdb-preamble": choice(COMPRESSION.named("aof-use-rdb-preamble").word),
        "save": choice(snapshots if REDIS_PERSISTENCE.named("rdb").word == "yes" else ""),
        "rdbcompression": choice(COMPRESSION.named("rdbcompression").word),
        "cluster-enabled": choice("yes"),
        "cluster-node-timeout": count(_NODE_TIMEOUT_MS),
        # The keys of the masters that are left stay within reach.
        "cluster-require-full-coverage": choice("no"),
    }


def _eviction_policy() -> str:
    """The one policy that the document promises in three places: a server has no more than one."""
    promised = {each.figure.word for each in (MEMORY_POLICY, REDIS_EVICTION_POLICY, SHARDING_CACHE_DATA)}
    if len(promised) > 1:
        raise ContradictionError(f"Redis cannot evict by {' and '.join(sorted(promised))}")
    return promised.pop()


def _sorts_bytes() -> float:
    return active_connections() * WORK_MEM.figure.number


def _size(size_bytes: float) -> Figure:
    return Figure(int(size_bytes) // MEBIBYTE * MEBIBYTE, Unit.BYTES)


def _whole(figure: Figure) -> Figure:
    return Figure(figure.whole, figure.unit)
