"""What a PostgreSQL server says of itself beside its connections: locks, open transactions, checkpoints, its log.

Statistics views only; the shape of one of them changed with version 17, which is asked for once a scrape.
"""

from __future__ import annotations

from typing import Final

import asyncpg

from app.telemetry import exporter_catalogue as more
from exporters.sheet import Sheet

TRANSACTION_NUMBERS: Final = 2**31  # that a database can use before it has to have frozen the oldest
_CHECKPOINTER_SINCE: Final = 170000  # pg_stat_bgwriter held its numbers before
_ACTIVITY: Final = """
SELECT d.datname, age(d.datfrozenxid)::bigint AS used,
    count(*) FILTER (WHERE a.wait_event_type = 'Lock') AS waiting,
    coalesce(extract(epoch FROM now() - min(a.xact_start)), 0)::float8 AS oldest_s
FROM pg_database AS d
LEFT JOIN pg_stat_activity AS a ON a.datid = d.oid AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
WHERE d.datallowconn AND NOT d.datistemplate GROUP BY d.datname, d.datfrozenxid"""
_CHECKPOINTS: Final = "SELECT checkpoints_timed AS timed, checkpoints_req AS requested FROM pg_stat_bgwriter"
_CHECKPOINTS_17: Final = "SELECT num_timed AS timed, num_requested AS requested FROM pg_stat_checkpointer"
_WRITTEN: Final = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8"


async def put_server(sheet: Sheet, connection: asyncpg.Connection, server: str, *, in_recovery: bool) -> None:
    """Put it onto the sheet; asyncpg's exceptions are the caller's."""
    for row in await connection.fetch(_ACTIVITY):
        own = {"server": server, "database": row["datname"]}
        sheet.put(more.POSTGRESQL_LOCK_WAITERS, row["waiting"], **own)
        sheet.put(more.POSTGRESQL_OLDEST_TRANSACTION, max(0.0, row["oldest_s"]), **own)
        sheet.put(more.POSTGRESQL_WRAPAROUND, row["used"] / TRANSACTION_NUMBERS, **own)
    version = await connection.fetchval("SELECT current_setting('server_version_num')::int")
    query = _CHECKPOINTS_17 if version >= _CHECKPOINTER_SINCE else _CHECKPOINTS
    checkpoints = await connection.fetchrow(query)
    if checkpoints is not None:
        for cause in ("timed", "requested"):
            sheet.put(more.POSTGRESQL_CHECKPOINTS, checkpoints[cause], server=server, cause=cause)
    if not in_recovery:
        sheet.put(more.POSTGRESQL_WAL_BYTES, await connection.fetchval(_WRITTEN), server=server)
