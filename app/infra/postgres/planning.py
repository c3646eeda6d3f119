"""How a query that runs often is planned once: by prepared statements, or by functions where no pooler carries those.

PgBouncer carries prepared statements since 1.21, if it is told to; before, a statement stays behind on whichever server
connection it was prepared on. Versions are not asked for: what the pooler does with one is seen, and that holds for any
pooler, and for none.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from contextlib import AsyncExitStack
from enum import StrEnum

import asyncpg

from app.infra.postgres.direct import is_direct
from app.infra.postgres.faults import AWAY, LOST_STATEMENTS, unavailable
from app.infra.postgres.query import Query
from app.telemetry.logs import get_logger

PROBE_TIMEOUT_S = 5.0
MADE_WITHIN_S = 10.0
NO_SUCH_FUNCTION = (
    asyncpg.UndefinedFunctionError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.DatatypeMismatchError,
)
"""A function that was dropped, belongs to somebody else, or no longer fits its tables."""
_OURS = """SELECT true FROM pg_proc WHERE proname = $1 AND prosrc = $2
    AND pronamespace = 'public'::regnamespace AND proowner = current_user::regrole"""
_LOCK_KEY = 0x6B75_6265_706C  # "kubepl": any constant that nothing else on this server uses
_TRIES = 20  # to see a statement on another server connection; the pooler chooses
_log = get_logger(__name__)


class Planning(StrEnum):
    """What keeps a plan."""

    STATEMENTS = "prepared_statements"
    FUNCTIONS = "functions"
    NEVER = "nothing"


async def carries_statements(url: str) -> bool:
    """Whether a statement prepared on a connection to this address is there for all of that connection's queries.

    Raises:
        UnavailableError: the server does not answer.
    """
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S), AsyncExitStack() as stack:
            one, other = [await _connected(url, stack) for _ in range(2)]
            return await is_direct(one) or await _follows(one, other)
    except LOST_STATEMENTS:
        return False
    except TimeoutError:
        # The pooler answers, or connecting would have failed; it only has no second server connection to spare.
        return False
    except (*AWAY, asyncpg.PostgresError) as exc:
        raise unavailable() from exc


async def _connected(url: str, stack: AsyncExitStack) -> asyncpg.Connection:
    try:
        connection = await asyncpg.connect(url, timeout=PROBE_TIMEOUT_S, statement_cache_size=0)
    except TimeoutError as exc:
        raise unavailable() from exc
    stack.callback(connection.terminate)
    return connection


async def _follows(one: asyncpg.Connection, other: asyncpg.Connection) -> bool:
    """Prepare on one connection, take its server connection away with the other, and use the statement again."""
    statement = await one.prepare("SELECT pg_backend_pid()", name=f"kubechat_{secrets.token_hex(8)}")
    before = await statement.fetchval()
    for _ in range(_TRIES):
        async with other.transaction():
            await other.fetchval("SELECT 1")
            if await statement.fetchval() != before:
                return True
    return False


async def functions_for(queries: Sequence[Query], owner_url: str) -> dict[str, str]:
    """Make a function of each query; returns what to send in the place of each, by its name.

    PL/pgSQL keeps the plan of each of its statements for as long as the server connection lives. The name holds a
    digest of the statement, so that an older replica keeps the function that it was built with.

    Args:
        queries: statements that return rows.
        owner_url: DSN of a direct connection whose role owns what the queries touch; "" makes none.
    """
    if not (queries and owner_url):
        return {}
    try:
        connection = await asyncpg.connect(owner_url, timeout=PROBE_TIMEOUT_S, statement_cache_size=0)
    except (*AWAY, TimeoutError, asyncpg.PostgresError) as exc:
        raise unavailable() from exc
    try:
        # Replicas that start together would make the same function at once.
        async with asyncio.timeout(MADE_WITHIN_S), connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK_KEY)
            return {query.name: await _function_for(query, connection) for query in queries}
    except TimeoutError:
        # They save planning and nothing else: without them every query works as it stands.
        _log.warning("queries are not kept as functions", why="somebody else holds their lock")
        return {}
    except AWAY as exc:
        raise unavailable() from exc
    except asyncpg.PostgresError as exc:
        _log.error("queries are not kept as functions", sqlstate=exc.sqlstate)
        return {}
    finally:
        connection.terminate()


async def _function_for(query: Query, connection: asyncpg.Connection) -> str:
    statement = await connection.prepare(query.sql)
    takes = [_type(each) for each in statement.get_parameters()]
    gives = ", ".join(f'"{each.name}" {_type(each.type)}' for each in statement.get_attributes())
    # `use_column`: the names of the answer's columns are those of the tables.
    body = f"\n#variable_conflict use_column\nBEGIN RETURN QUERY {query.sql}; END\n"
    digest = hashlib.sha256(repr((body, takes, gives)).encode()).hexdigest()[:8]
    name = f'public."{query.name.replace(".", "_")}_{digest}"'
    if not await connection.fetchval(_OURS, name.partition(".")[2].strip('"'), body):
        await connection.execute(
            f"CREATE OR REPLACE FUNCTION {name}({', '.join(takes)}) RETURNS TABLE ({gives}) LANGUAGE plpgsql"
            f" AS $body${body}$body$"
        )
    # With its schema and the types of its arguments: nobody else's function of this name is ever meant.
    given = (f"${number}::{kind}" for number, kind in enumerate(takes, start=1))
    return f"SELECT * FROM {name}({', '.join(given)})"  # noqa: S608 - our own names and types


def _type(kind: asyncpg.Type) -> str:
    """A type as DDL writes it; asyncpg calls an array of text "text[]"."""
    name = kind.name.removesuffix("[]")
    return f'{kind.schema}."{name}"' + kind.name.removeprefix(name)
