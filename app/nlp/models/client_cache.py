"""Clients of models, kept in memory: made before anybody asks, made anew within the hour, and closed when they go.

A client is made with the key as its file holds it then, so that a key that was changed is taken up without a restart.
What is let go of while somebody is being answered by it is closed when that answer has ended.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.infra.workers import Workers
from app.nlp.models.model import Model
from app.telemetry.instruments import Instruments
from slo.targets.caching import NLP_CACHE_TTL

CLIENT_BYTES = 2**20  # of one client, about: certificates, connections and their buffers
_MOST = 4  # one is used; those of other names go as they age


class Models:
    """The cache of clients.

    Args:
        name: the model's name, as its endpoint calls it.
        make: makes a client; it reads a file and certificates, and is run beside the event loop.
        workers: threads on which it is run.
        instruments: where the cache is measured.
        caches: the process' caches, which share a budget.
    """

    def __init__(
        self, name: str, make: Callable[[], Model], workers: Workers, instruments: Instruments, caches: Caches
    ) -> None:
        self.name = name
        self._make, self._workers = make, workers
        self._users: Counter[int] = Counter()
        self._asking = 0
        self._let_go: dict[int, Model] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._kept: MemoryCache[str, Model] = MemoryCache(
            "nlp_models",
            ttl_s=NLP_CACHE_TTL.figure.number,
            max_entries=_MOST,
            instruments=instruments,
            caches=caches,
            own_ttl=True,
            weigh=lambda _: CLIENT_BYTES,
            dropped=self._drop,
        )

    async def warm(self) -> None:
        """Make a client before anybody asks for it.

        Raises:
            InternalError: the key's file cannot be read.
        """
        await self._kept.warm(self.name, self._load)

    @asynccontextmanager
    async def use(self) -> AsyncIterator[Model]:
        """A client for the body of the `with`.

        Raises:
            InternalError: the key's file cannot be read.
            BusyError: the threads that make it have too much to do.
        """
        self._asking += 1
        try:
            model = await self._kept.get(self.name, self._load)
            self._users[id(model)] += 1
        finally:
            self._asking -= 1
        try:
            yield model
        finally:
            self._users[id(model)] -= 1
            self._close_unused()

    def forget(self) -> None:
        """Make a new one for the next request."""
        self._kept.forget(self.name)

    async def close(self) -> None:
        """Close all of them."""
        self._kept.clear()
        self._users.clear()
        self._close_unused()
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _load(self) -> Model:
        return await self._workers.run(self._make)

    def _drop(self, model: Model) -> None:
        self._let_go[id(model)] = model
        asyncio.get_running_loop().call_soon(self._close_unused)

    def _close_unused(self) -> None:
        """Close what was let go of; not while somebody waits for one, who may be about to be given just that."""
        if self._asking:
            return
        for key in [key for key in self._let_go if self._users[key] <= 0]:
            del self._users[key]
            task = asyncio.ensure_future(self._let_go.pop(key).close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
