"""One connection to one Redis node, on which the commands of one turn of the event loop leave in one write.

Redis answers in order, so a queue of futures is all that matching takes. A connection knows no slots and retries
nothing; what it cannot answer it fails.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

import hiredis
from prometheus_client import Histogram

from app.infra.traffic import Traffic

# Everything here is optional and PostgreSQL answers in milliseconds: an answer this late is worth nothing. Shorter, and
# the pause in which a node of some gigabytes forks for its snapshot would be taken for a fault.
COMMAND_TIMEOUT_S: Final = 0.5
# A node answers a thousand commands in some ten milliseconds: where more wait, it does not keep up.
MOST_PENDING: Final = 1000
# A loop that was busy itself reads first what has arrived meanwhile, and only then calls a node slow.
_GRACE_S: Final = 0.01


Words = tuple[str | bytes | int, ...]


class LostError(Exception):
    """The connection broke before the answer came; whether the command was carried out is not known."""


class RefusedError(Exception):
    """Too much waits for this node already; nothing was sent."""


class Link(asyncio.Protocol):
    """One connection.

    Args:
        lost: called once, when the connection is of no use any more.
        batches: takes the number of commands of each write.
        traffic: counts what leaves and what arrives.
    """

    def __init__(self, lost: Callable[[], None], batches: Histogram, traffic: Traffic) -> None:
        self._loop = asyncio.get_running_loop()
        self._lost = lost
        self._batches = batches
        self._sent, self._received = traffic.sent, traffic.received
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        # (deadline, answers that belong together, who waits)
        self._pending: deque[tuple[float, int, asyncio.Future[Any]]] = deque()
        self._partial: list[Any] = []
        self._outgoing: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None
        self._full = False

    def send(self, payload: bytes, deadline: float, answers: int = 1) -> asyncio.Future[Any]:
        """Queue commands that leave together at the end of this turn of the loop.

        Args:
            payload: what `packed` made of the commands.
            deadline: by the loop's clock; a little later the future fails with TimeoutError.
            answers: how many commands there are.

        Returns:
            The last answer, or the first that is a `hiredis.ReplyError`; LostError when the connection breaks.
            Cancelling it is no matter for the others.

        Raises:
            RefusedError: the node is behind by too much.
            LostError: the connection is gone already.
        """
        if self._transport is None:
            raise LostError
        if self._full or len(self._pending) >= MOST_PENDING:
            raise RefusedError
        future: asyncio.Future[Any] = self._loop.create_future()
        self._pending.append((deadline, answers, future))
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(payload)
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._look)
        return future

    @property
    def transport(self) -> asyncio.Transport | None:
        """What its bytes go through; None once it is closed."""
        return self._transport

    def close(self) -> None:
        """Cut the connection; whoever waits is told that it is lost."""
        self._end(LostError)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail whoever waits."""
        self._end(LostError)

    def pause_writing(self) -> None:
        """The node does not read as fast as it is written to: refuse more."""
        self._full = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self._full = False

    def data_received(self, data: bytes) -> None:
        """Give each answer to whoever waits for it."""
        pending, answer = self._pending, self._reader.gets
        self._received.count += len(data)
        try:
            self._reader.feed(data)
            while (reply := answer()) is not False:
                _, answers, future = pending[0]
                if answers > 1:
                    self._partial.append(reply)
                    if len(self._partial) < answers:
                        continue
                    reply, self._partial = _first_error_else_last(self._partial), []
                pending.popleft()
                if not future.done():
                    future.set_result(reply)
        except (hiredis.ProtocolError, IndexError):
            self._end(LostError)  # not Redis' words, or more answers than questions

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, []
        if self._transport is not None and outgoing:
            self._batches.observe(len(outgoing))
            joined = b"".join(outgoing)
            self._sent.count += len(joined)
            self._transport.write(joined)

    def _look(self) -> None:
        """Arm the timer for the oldest command; one that is overdue is looked at again when the loop has read."""
        self._timer = None
        if self._pending:
            deadline = self._pending[0][0]
            if deadline > self._loop.time():
                self._timer = self._loop.call_at(deadline, self._look)
            else:
                self._timer = self._loop.call_later(_GRACE_S, self._judge, deadline)

    def _judge(self, deadline: float) -> None:
        self._timer = None
        if self._pending and self._pending[0][0] <= deadline:
            # What stands behind the oldest cannot be answered before it: nobody else waits for its own turn.
            self._end(TimeoutError)
        else:
            self._look()

    def _end(self, fault: type[Exception]) -> None:
        transport, self._transport = self._transport, None
        if transport is None:
            return
        if self._timer is not None:
            self._timer.cancel()
        transport.abort()
        pending, self._pending = self._pending, deque()
        self._outgoing = []
        for _, _, future in pending:
            if not future.done():
                future.set_exception(fault())
        self._lost()


def packed(*commands: Words) -> bytes:
    """Commands as Redis reads them."""
    return b"".join([hiredis.pack_command(cast("Any", words)) for words in commands])


def _first_error_else_last(replies: list[Any]) -> Any:
    return next((reply for reply in replies if isinstance(reply, hiredis.ReplyError)), replies[-1])
