"""Waiting, at a process' start, for a database that cannot be opened yet, and saying why it cannot.

Nothing but a later try tells whether a failure passes by itself: a wrong password is right once somebody has changed
it. So every failure is waited for, and those that somebody has to see to are told as errors.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from app.errors import UnavailableError
from app.telemetry.logs import get_logger

RETRY_S = 1.0
TELL_AGAIN_S = 60.0  # an error that lasts is told once a minute
_NOT_LET_IN = ("28", "3D")  # classes of SQLSTATE: the role or its password, and a database that does not exist
_log = get_logger(__name__)


async def until_open(open_once: Callable[[], Awaitable[object]]) -> None:
    """Try again and again, until the database is open.

    Args:
        open_once: one try; `UnavailableError` is waited for, and anything else raised.
    """
    told_at = -math.inf
    while True:
        try:
            await open_once()
        except UnavailableError as error:
            # Never the cause's text: it may quote the address, or a row.
            fault, sqlstate = type(error.__cause__ or error).__name__, getattr(error.__cause__, "sqlstate", None)
            _log.warning("waiting for the database", code=error.code, fault=fault, sqlstate=sqlstate)
            if sqlstate is not None and sqlstate[:2] in _NOT_LET_IN and time.monotonic() - told_at >= TELL_AGAIN_S:
                told_at = time.monotonic()
                _log.error(
                    "the database does not let this process in; look at its address, its role and their password",
                    fault=fault,
                    sqlstate=sqlstate,
                )
            await asyncio.sleep(RETRY_S)
        else:
            return
