"""What asyncpg's exceptions mean to a caller: one of our errors, and one word for the metric.

No exception's text reaches a caller: PostgreSQL's details quote whole rows, password hashes among them.
"""

from __future__ import annotations

import asyncpg

from app.errors import (
    BusyError,
    ConflictError,
    DeadlineExceededError,
    InternalError,
    InvalidInputError,
    KubeChatError,
    UnavailableError,
)
from app.infra.postgres.query import Query
from app.telemetry.logs import get_logger

# These tell of a server that goes away or comes back, not of a wrong statement.
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    asyncpg.ProtocolViolationError,
    asyncpg.InternalClientError,  # what a session that was ended between two statements leads to
    ConnectionError,
    OSError,
)
LOST_STATEMENT = "lost_statement"
# A prepared statement that the pooler did not carry along to the server connection that got the query.
LOST_STATEMENTS = (asyncpg.InvalidSQLStatementNameError, asyncpg.DuplicatePreparedStatementError)
FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError, ValueError)
"""All that a statement is known to raise."""
# Class 22: a character or a number that PostgreSQL has no place for; ValueError: what does not even become a message.
_UNSTORABLE = (asyncpg.DataError, ValueError)
_BUSY = (asyncpg.TooManyConnectionsError, asyncpg.DiskFullError, asyncpg.OutOfMemoryError)
_log = get_logger(__name__)


def unavailable() -> UnavailableError:
    """The server does not answer."""
    return UnavailableError("The database does not answer; try again in a moment.", code="database_unavailable")


def explain(exc: BaseException, query: Query) -> tuple[str, KubeChatError]:
    """The metric's word and our error for what a statement raised.

    Args:
        exc: one of `FAULTS`.
        query: the statement.
    """
    if isinstance(exc, TimeoutError | asyncpg.QueryCanceledError):
        text = "The database took too long to answer; try again."
        return "timeout", DeadlineExceededError(text, code="database_timeout")
    # Before _UNSTORABLE: some of asyncpg's errors of the interface are a ValueError as well.
    if isinstance(exc, LOST_STATEMENTS):
        return LOST_STATEMENT, unavailable()
    if isinstance(exc, _UNSTORABLE):
        _log.warning("value cannot be stored", query=query.name, kind=type(exc).__name__)
        text = "This holds a character or a number that cannot be stored."
        return "unstorable", InvalidInputError(text, code="unstorable")
    if isinstance(exc, asyncpg.UniqueViolationError):
        return "conflict", ConflictError("This exists already.", code="exists")
    if isinstance(exc, _BUSY):
        text = "The database has no room for more work; try again in a moment."
        return "busy", BusyError(text, code="database_busy")
    if isinstance(exc, AWAY):
        return "unavailable", unavailable()
    if isinstance(exc, asyncpg.ReadOnlySQLTransactionError):
        return "read_only", unavailable()
    assert isinstance(exc, asyncpg.PostgresError)
    _log.error("query refused", query=query.name, sqlstate=exc.sqlstate, said=exc.message)
    return "refused", InternalError("The database refused a request of ours.", code="database_error")
