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
# Its library is not loaded (a replica has the extension of its primary), or it is in a schema of its own.
_NOT_KEPT: Final = (
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.UndefinedTableError,
    asyncpg.InsufficientPrivilegeError,
)
_EXTENSION: Final = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_stat_statements')"

# Whatever comes first begins: a quote in a comment or in a quoted name opens no text, nor the other way round.
_TOKEN: Final = re.compile(
    r"""(?P<space>--[^\n]*|/\*)
    |(?P<name>"(?:[^"]|"")*(?:"|$))
    |(?P<value>
        [eE]'(?:[^'\\]|''|\\.)*(?:'|$)
        |(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)
        |(?<!\w)\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|$)
        |(?<![\w$])\.?\d[\w.]*(?:(?<=[eE])[+-]\d+)?
    )
    |(?P<word>[^\W\d][\w$]*(?!')|\$\d+)""",
    re.DOTALL | re.VERBOSE,
)
_COMMENT_EDGE: Final = re.compile(r"/\*|\*/")
_SETTING: Final = re.compile(r"^((?:ALTER .*?\b)?SET (?:SESSION |LOCAL )?[\w.\"]+ ?(?:=|TO\b)).*", re.IGNORECASE)


def redacted(text: str) -> str:
    """The beginning of a statement, on one line, with `?` in the place of every value."""
    plain = " ".join(_without_values(text).split())
    return _SETTING.sub(r"\1 ?", plain)[:LONGEST_TEXT]


def _without_values(text: str) -> str:
    parts: list[str] = []
    at = 0
    while (found := _TOKEN.search(text, at)) is not None:
        parts.append(text[at : found.start()])
        at = found.end()
        if found["space"] is not None:
            parts.append(" ")
            at = _comment_end(text, at) if found["space"] == "/*" else at
        else:
            parts.append("?" if found["value"] is not None else found[0])
    return "".join((*parts, text[at:]))


def _comment_end(text: str, at: int) -> int:
    """Where a comment ends that began before this place; PostgreSQL's may contain one another."""
    depth = 1
    while depth:
        edge = _COMMENT_EDGE.search(text, at)
        if edge is None:
            return len(text)
        depth += 1 if edge[0] == "/*" else -1
        at = edge.end()
    return at


async def put_statements(sheet: Sheet, connection: asyncpg.Connection, server: str) -> None:
    """Put them onto the sheet, where the server keeps them; asyncpg's exceptions are the caller's."""
    if not await connection.fetchval(_EXTENSION):
        return
    try:
        rows = await connection.fetch(_STATEMENTS, MOST_STATEMENTS)
    except _NOT_KEPT:
        return  # a server that does not keep them is not away
    for row in rows:
        own = {"server": server, "database": row["datname"], "statement": row["statement"]}
        sheet.put(more.POSTGRESQL_STATEMENT_TIME, row["seconds"], **own)
        sheet.put(more.POSTGRESQL_STATEMENT_CALLS, row["calls"], **own)
        sheet.put(more.POSTGRESQL_STATEMENT_INFO, 1, **own, text=redacted(row["text"] or ""))
