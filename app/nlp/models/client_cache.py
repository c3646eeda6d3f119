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
        model = await self._kept.get(self.name, self._load)
        self._users[id(model)] += 1
        try:
            yield model
        finally:
            self._users[id(model)] -= 1
            self._close_unused(model)

    def forget(self) -> None:
        """Make a new one for the next request."""
        self._kept.forget(self.name)

    async def close(self) -> None:
        """Close all of them."""
        self._kept.clear()
        for model in list(self._let_go.values()):
            self._users.pop(id(model), None)
            self._close_unused(model)
        await asyncio.gather(*self._closing, return_exceptions=True)

    async def _load(self) -> Model:
        return await self._workers.run(self._make)

    def _drop(self, model: Model) -> None:
        self._let_go[id(model)] = model
        # Whoever has just been given it has not yet said so: a moment later they have.
        asyncio.get_running_loop().call_soon(self._close_unused, model)

    def _close_unused(self, model: Model) -> None:
        if self._users[id(model)] <= 0:
            del self._users[id(model)]
            if self._let_go.pop(id(model), None) is not None:
                task = asyncio.ensure_future(model.close())
                self._closing.add(task)
                task.add_done_callback(self._closing.discard)
