"""One master, and whether it can be asked at this moment. Decides nothing about when to try again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from prometheus_client import Histogram

from app.infra.redis.link import Link, LostError, packed
from app.infra.traffic import Traffic

# As long as a command: a node that takes longer to shake hands would not answer in time either.
CONNECT_TIMEOUT_S: Final = 0.5


class Node:
    """A master with its one connection.

    Args:
        host: its host.
        port: its port.
        client_name: shown by CLIENT LIST.
        lost: called when the connection is lost.
        batches: takes the number of commands of each write.
        traffic: counts what leaves and what arrives.

    Attributes:
        link: the connection; None while there is none.
        avoided: it did not answer when it was asked last; a node that was never asked is not avoided.
    """

    def __init__(
        self,
        host: str,
        port: int,
        client_name: str,
        lost: Callable[[], None],
        batches: Histogram,
        traffic: Traffic,
    ) -> None:
        self._host, self._port = host, port
        self._client_name = client_name
        self._lost = lost
        self._batches, self._traffic = batches, traffic
        self.link: Link | None = None
        self.avoided = False
        self._connecting = asyncio.Lock()

    async def connect(self) -> bool:
        """Open the connection where there is none; False when the node does not answer, or not yet."""
        async with self._connecting:
            if self.link is None:
                await self._connect()
        return self.link is not None

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        link: Link | None = None
        reply: object = None
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, link = await loop.create_connection(
                    lambda: Link(self._dropped, self._batches, self._traffic), self._host, self._port
                )
                words = (("CLIENT", "SETNAME", self._client_name), ("PING",))
                reply = await link.send(packed(*words), loop.time() + CONNECT_TIMEOUT_S, len(words))
        except (OSError, LostError):
            pass
        finally:
            if reply == b"PONG":
                self.link = link
            elif link is not None:
                link.close()
            self.avoided = self.link is None

    def close(self) -> None:
        """Cut the connection."""
        if self.link is not None:
            self.link.close()

    def _dropped(self) -> None:
        if self.link is not None:
            self.link = None
            self.avoided = True
            self._lost()
