"""What a PostgreSQL server says of its connections, transactions, replicas and settings.

Reads statistics views only, with a role that is a member of pg_monitor; holds one connection for each server,
and on a primary one for each database whose tables are looked at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import asyncpg

from app.errors import UnavailableError
from app.telemetry import server_catalogue as first
from exporters.drift import Drift, of_postgresql
from exporters.exporter import Vitals
from exporters.postgresql_server import put_server
from exporters.postgresql_statements import put_statements
from exporters.postgresql_tables import TableStatistics
from exporters.sheet import Sheet
from slo.target import Figure

VITALS = Vitals(
    "server",
    first.POSTGRESQL_UP,
    first.POSTGRESQL_SCRAPE_DURATION,
    first.POSTGRESQL_LAST_SUCCESS,
)
APPLICATION_NAME = "kubechat-exporters"

_SERVER = "SELECT pg_is_in_recovery() AS in_recovery, current_setting('max_connections')::int AS max_connections"
_CONNECTIONS = """
SELECT datname, coalesce(state, 'unknown') AS state, count(*) AS n
FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY datname, state"""
# What exporters hold themselves is as old as they are, and says nothing of the services.
_AGES = """
SELECT datname, usename,
    max(extract(epoch FROM clock_timestamp() - backend_start))::float8 AS oldest_s,
    max(CASE state WHEN 'idle' THEN extract(epoch FROM clock_timestamp() - state_change) ELSE 0 END)::float8 AS idle_s,
    max(CASE state WHEN 'active' THEN extract(epoch FROM clock_timestamp() - query_start) ELSE 0 END)::float8 AS query_s
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND datname IS NOT NULL AND pid <> pg_backend_pid() AND application_name <> $1
GROUP BY datname, usename"""
_DATABASES = """
SELECT d.datname, xact_commit, xact_rollback, blks_hit, blks_read, deadlocks,
    CASE WHEN has_database_privilege(d.datname, 'CONNECT') THEN pg_database_size(d.datname) END AS size
FROM pg_stat_database s JOIN pg_database d ON d.oid = s.datid WHERE NOT d.datistemplate"""
# A replica that is gone keeps its slot: its lag in bytes goes on growing, and that is what has to be seen.
_REPLICAS = """
SELECT coalesce(slots.slot_name, walsenders.application_name) AS replica,
    coalesce(walsenders.state = 'streaming', false) AS connected,
    extract(epoch FROM walsenders.replay_lag)::float8 AS lag_s,
    pg_wal_lsn_diff(pg_current_wal_lsn(), coalesce(walsenders.replay_lsn, slots.restart_lsn))::float8 AS lag_bytes
FROM pg_stat_replication AS walsenders
FULL JOIN (SELECT * FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary) AS slots
    ON slots.active_pid = walsenders.pid"""

# The states of pg_stat_activity, so that a series is there at 0 before it is needed.
_STATES = ("active", "idle", "idle in transaction")


class PostgresServer:
    """One server.

    Args:
        url: DSN of a direct connection.
        wanted: the settings that it is to run with.
        table_databases: the databases whose tables are looked at, where the server is a primary that has them.
        connect_timeout_s: for making a connection.
    """

    def __init__(
        self,
        url: str,
        wanted: Mapping[str, Figure],
        *,
        table_databases: Sequence[str] = (),
        connect_timeout_s: float = 2.0,
    ) -> None:
        parts = urlsplit(url)
        self.name = f"{parts.hostname}:{parts.port or 5432}"
        self._url = url
        self._wanted = wanted
        self._drift = Drift(self.name)
        self._connect_timeout_s = connect_timeout_s
        self._connection: asyncpg.Connection | None = None
        self._tables = TableStatistics(
            url, table_databases, application_name=APPLICATION_NAME, connect_timeout_s=connect_timeout_s
        )

    async def read(self, sheet: Sheet) -> None:
        """Put the server's figures onto the sheet; UnavailableError when it does not answer."""
        try:
            connection = await self._connected()
            (server,) = await connection.fetch(_SERVER)
            connections = await connection.fetch(_CONNECTIONS)
            ages = await connection.fetch(_AGES, APPLICATION_NAME)
            databases = await connection.fetch(_DATABASES)
            replicas = [] if server["in_recovery"] else await connection.fetch(_REPLICAS)
            running = await of_postgresql(connection, self._wanted)
            await put_server(sheet, connection, self.name, in_recovery=server["in_recovery"])
            await put_statements(sheet, connection, self.name)
            if not server["in_recovery"]:  # a replica counts no rows
                present = [row["datname"] for row in databases if row["size"] is not None]
                await self._tables.read(sheet, self.name, present)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as exc:
            raise UnavailableError(f"PostgreSQL at {self.name} does not answer.") from exc
        sheet.put(first.POSTGRESQL_IN_RECOVERY, float(server["in_recovery"]), server=self.name)
        sheet.put(first.POSTGRESQL_MAX_CONNECTIONS, server["max_connections"], server=self.name)
        self._put_databases(sheet, databases)
        for row in connections:
            self._put_connections(sheet, row["datname"] or "", row["state"], row["n"])
        for row in ages:
            self._put_ages(sheet, row)
        for row in replicas:
            self._put_replica(sheet, row)
        self._drift.put(sheet, self._wanted, running)

    async def drop(self) -> None:
        """Cut the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
        self._tables.drop()

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            async with asyncio.timeout(self._connect_timeout_s):
                self._connection = await asyncpg.connect(
                    self._url,
                    timeout=self._connect_timeout_s,
                    server_settings={"application_name": APPLICATION_NAME, "jit": "off"},
                )
        return self._connection

    def _put_connections(self, sheet: Sheet, database: str, state: str, number: int) -> None:
        sheet.put(first.POSTGRESQL_CONNECTIONS, number, server=self.name, database=database, state=state)

    def _put_ages(self, sheet: Sheet, row: asyncpg.Record) -> None:
        own = {"server": self.name, "database": row["datname"], "user": row["usename"] or ""}
        sheet.put(first.POSTGRESQL_OLDEST_CONNECTION, row["oldest_s"], **own)
        sheet.put(first.POSTGRESQL_LONGEST_IDLE, row["idle_s"], **own)
        sheet.put(first.POSTGRESQL_LONGEST_QUERY, row["query_s"], **own)

    def _put_databases(self, sheet: Sheet, rows: list[asyncpg.Record]) -> None:
        for row in rows:
            own = {"server": self.name, "database": row["datname"]}
            for state in _STATES:
                self._put_connections(sheet, row["datname"], state, 0)
            sheet.put(first.POSTGRESQL_TRANSACTIONS, row["xact_commit"], **own, outcome="commit")
            sheet.put(first.POSTGRESQL_TRANSACTIONS, row["xact_rollback"], **own, outcome="rollback")
            sheet.put(first.POSTGRESQL_BLOCKS, row["blks_hit"], **own, result="hit")
            sheet.put(first.POSTGRESQL_BLOCKS, row["blks_read"], **own, result="read")
            sheet.put(first.POSTGRESQL_DEADLOCKS, row["deadlocks"], **own)
            if row["size"] is not None:
                sheet.put(first.POSTGRESQL_DATABASE_SIZE, row["size"], **own)

    def _put_replica(self, sheet: Sheet, row: asyncpg.Record) -> None:
        own = {"server": self.name, "replica": row["replica"] or "unnamed"}
        sheet.put(first.POSTGRESQL_REPLICA_CONNECTED, float(row["connected"]), **own)
        if row["lag_bytes"] is not None:
            sheet.put(first.POSTGRESQL_REPLICATION_LAG_BYTES, max(0.0, row["lag_bytes"]), **own)
        if row["connected"]:
            sheet.put(first.POSTGRESQL_REPLICATION_LAG, row["lag_s"] or 0.0, **own)
