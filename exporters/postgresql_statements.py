"""The statements that take most of a PostgreSQL server's time, and what they say without what they are about.

Which statements these are changes: each scrape shows the first few, so that the number of series has a bound, and a
statement that falls out of them ends. PostgreSQL writes most values as `$1` already; what it keeps as it came (a SET, a
role's password) is left out here.
"""

from __future__ import annotations

import re
from typing import Final

import asyncpg

from app.telemetry import exporter_catalogue as more
from exporters.sheet import Sheet

MOST_STATEMENTS: Final = 10
LONGEST_TEXT: Final = 160
# Text is cut by the server, far behind what is shown: a value that is cut in two is still recognized as one.
_STATEMENTS: Final = """
SELECT d.datname, s.queryid::text AS statement, left(min(s.query), 2000) AS text,
    sum(s.total_exec_time) / 1000 AS seconds, sum(s.calls)::bigint AS calls
FROM pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
WHERE s.queryid IS NOT NULL GROUP BY d.datname, s.queryid ORDER BY seconds DESC LIMIT $1"""
_EXTENSION: Final = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')"

_COMMENT: Final = re.compile(r"/\*.*?(\*/|$)|--[^\n]*", re.DOTALL)
_QUOTED: Final = re.compile(r"[eE]?'(?:[^'\\]|''|\\.)*(?:'|$)|\$(\w*)\$.*?(?:\$\1\$|$)", re.DOTALL)
_NUMBER: Final = re.compile(r"(?<![\w$])\d+(?:\.\d+)?\b")


def redacted(text: str) -> str:
    """The beginning of a statement, on one line, with `?` in the place of every value."""
    plain = _NUMBER.sub("?", _COMMENT.sub(" ", _QUOTED.sub("?", text)))
    return " ".join(plain.split())[:LONGEST_TEXT]


async def put_statements(sheet: Sheet, connection: asyncpg.Connection, server: str) -> None:
    """Put them onto the sheet, where the server keeps them; asyncpg's exceptions are the caller's."""
    if not await connection.fetchval(_EXTENSION):
        return
    for row in await connection.fetch(_STATEMENTS, MOST_STATEMENTS):
        own = {"server": server, "database": row["datname"], "statement": row["statement"]}
        sheet.put(more.POSTGRESQL_STATEMENT_TIME, row["seconds"], **own)
        sheet.put(more.POSTGRESQL_STATEMENT_CALLS, row["calls"], **own)
        sheet.put(more.POSTGRESQL_STATEMENT_INFO, 1, **own, text=redacted(row["text"] or ""))
