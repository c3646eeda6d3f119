"""What PostgreSQL knows of each of our tables: rows that live and are dead, its vacuums, its space, who looks into it.

These statistics belong to a database, so that each takes a connection of its own. Which databases are looked at is a
setting, and of each only the fullest tables: the number of series has a bound whatever somebody creates.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app.telemetry import exporter_catalogue as more
from app.telemetry import server_catalogue as first
from exporters.sheet import Sheet

MOST_TABLES: Final = 50  # of one database; ours have a dozen
_TABLES: Final = """
SELECT relname, n_live_tup, n_dead_tup, extract(epoch FROM greatest(last_vacuum, last_autovacuum))::float8 AS vacuumed,
    pg_table_size(relid) AS table_bytes, pg_indexes_size(relid) AS index_bytes,
    coalesce(idx_scan, 0) AS by_index, coalesce(seq_scan, 0) AS end_to_end
FROM pg_stat_user_tables WHERE schemaname = 'public' ORDER BY n_live_tup + n_dead_tup DESC, relname LIMIT $1"""


class TableStatistics:
    """The tables of some databases of one server; holds one connection for each database.

    Args:
        url: DSN of a direct connection to any database of the server.
        databases: the names of those to look at.
        application_name: shown in pg_stat_activity.
        connect_timeout_s: for making a connection.
    """

    def __init__(self, url: str, databases: Sequence[str], *, application_name: str, connect_timeout_s: float) -> None:
        self._urls = {name: urlunsplit(urlsplit(url)._replace(path=f"/{name}")) for name in databases}
        self._application_name = application_name
        self._connect_timeout_s = connect_timeout_s
        self._connections: dict[str, asyncpg.Connection] = {}

    async def read(self, sheet: Sheet, server: str, present: Iterable[str]) -> None:
        """Put the figures of the databases that are there onto the sheet; asyncpg's exceptions are the caller's.

        Args:
            sheet: where to.
            server: the server's label.
            present: the databases of the server that may be connected to.
        """
        for database in sorted(self._urls.keys() & set(present)):
            connection = await self._connected(database)
            for row in await connection.fetch(_TABLES, MOST_TABLES):
                own = {"server": server, "database": database, "table": row["relname"]}
                sheet.put(first.POSTGRESQL_TABLE_LIVE_ROWS, row["n_live_tup"], **own)
                sheet.put(first.POSTGRESQL_TABLE_DEAD_ROWS, row["n_dead_tup"], **own)
                sheet.put(more.POSTGRESQL_TABLE_BYTES, row["table_bytes"] or 0, **own, part="rows")
                sheet.put(more.POSTGRESQL_TABLE_BYTES, row["index_bytes"] or 0, **own, part="indexes")
                sheet.put(more.POSTGRESQL_TABLE_SCANS, row["by_index"], **own, by="index")
                sheet.put(more.POSTGRESQL_TABLE_SCANS, row["end_to_end"], **own, by="end_to_end")
                if row["vacuumed"] is not None:
                    sheet.put(first.POSTGRESQL_TABLE_VACUUMED, row["vacuumed"], **own)

    def drop(self) -> None:
        """Cut all connections."""
        connections, self._connections = self._connections, {}
        for connection in connections.values():
            connection.terminate()

    async def _connected(self, database: str) -> asyncpg.Connection:
        connection = self._connections.get(database)
        if connection is None or connection.is_closed():
            async with asyncio.timeout(self._connect_timeout_s):
                connection = await asyncpg.connect(
                    self._urls[database],
                    timeout=self._connect_timeout_s,
                    server_settings={"application_name": self._application_name, "jit": "off"},
                )
            self._connections[database] = connection
        return connection
