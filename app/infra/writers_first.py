"""Ends a statement for which somebody else has waited too long.

`lock_timeout` bounds one wait for one lock. A transaction that already holds a lock while it waits for the next, or
that works for long with it, makes others wait beyond that. A second connection looks on here, and ends the work in
time. This module knows no migration; whether the work is tried again is its caller's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import asyncpg

LONGEST_WAIT_S: Final = 1.0  # nobody waits longer for us: one lost second is a slow answer, and not yet a lost one
ENDS_WITHIN_S: Final = 10.0  # work that was cancelled waits for the server's word; a server that says none has gone
_LOOK_EVERY_S: Final = 0.1
# The next look may come this late, and ending the work takes a round trip.
_PATIENCE_S: Final = LONGEST_WAIT_S - 2 * _LOOK_EVERY_S
_LONGEST_WAITING: Final = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - waitstart)), 0)::float8 FROM pg_locks
WHERE NOT granted AND $1 = ANY (pg_blocking_pids(pid))"""
T = TypeVar("T")


class OthersWaitError(Exception):
    """The work was ended, because somebody had waited for it too long."""


async def writers_first(observer: asyncpg.Connection, pid: int, work: Coroutine[Any, Any, T]) -> T:
    """Do the work unless somebody waits too long for a lock that it holds or queues for.

    Args:
        observer: a connection of its own, which only looks on.
        pid: the backend that does the work.
        work: what is cancelled in time; it rolls back by itself.

    Raises:
        OthersWaitError: it was ended. A commit that was under way may have taken place.
        TimeoutError: the server does not answer; the work ends with its connection, which its caller has to end.
        OSError, asyncpg.PostgresError: the look-out failed, or what the work raises.
    """
    task = asyncio.ensure_future(work)
    watch = asyncio.create_task(_until_others_wait(observer, pid))
    for each in (task, watch):
        each.add_done_callback(_take_note)
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in (task, watch):
            each.cancel()
        await asyncio.wait({task, watch}, timeout=ENDS_WITHIN_S)
    if task.done() and not task.cancelled():
        return task.result()
    watch.result()  # when the look-out itself failed
    if not task.done():
        raise TimeoutError
    raise OthersWaitError


def _take_note(done: asyncio.Future[Any]) -> None:
    # One that fails after it was given up is not a fault of its own.
    if not done.cancelled():
        done.exception()


async def _until_others_wait(observer: asyncpg.Connection, pid: int) -> None:
    while True:
        waited_s: float = await observer.fetchval(_LONGEST_WAITING, pid)
        if waited_s >= _PATIENCE_S:
            return
        await asyncio.sleep(_LOOK_EVERY_S)
