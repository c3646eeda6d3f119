"""Compiled vocabularies, kept in memory as long as they are asked for.

Keyed by content: the version that a caller gives says which one it means, and a digest makes sure that nobody is ever
served another person's names. Bounded by entries, by the bytes of all caches, and by time without use. Where the names
of a cluster change, the ones before go as soon as nobody who was seen has them any more.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import orjson

from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.infra.workers import Workers
from app.nlp.schemas import VocabularyBody, read_vocabulary
from app.nlp.translator.vocabulary import Vocabulary, compile_vocabulary
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.targets.caching import NLP_CACHE_TTL

_HOLDERS_KEPT = 4  # times the entries: of so many callers it is known which names they have
INLINE_BYTES = 32_768  # up to about 1,000 names; compiling them takes less than handing them to a thread saves
Key = tuple[str, bytes]


class Vocabularies:
    """The cache of compiled vocabularies.

    Args:
        max_entries: the most it keeps.
        workers: threads that compile large ones.
        instruments: where it is measured.
        caches: the process' caches, which share a budget.
        outdated: told which names are no longer true, for what else is kept of them.
    """

    def __init__(
        self,
        max_entries: int,
        workers: Workers,
        instruments: Instruments,
        caches: Caches,
        outdated: Callable[[Key], None] = lambda _: None,
    ) -> None:
        self._outdated = outdated
        self._most_holders = _HOLDERS_KEPT * max_entries
        self._holds: OrderedDict[str, Key] = OrderedDict()
        self._holders: dict[Key, set[str]] = {}
        self._workers = workers
        self._caches = caches
        self._cleared_at = 0
        self._kept: MemoryCache[Key, Vocabulary] = MemoryCache(
            "nlp_vocabularies",
            ttl_s=NLP_CACHE_TTL.figure.number,
            max_entries=max_entries,
            instruments=instruments,
            caches=caches,
            own_ttl=True,
            weigh=lambda vocabulary: vocabulary.size_bytes,
            prolonged=True,
        )
        self._compile_time = instruments.histogram(catalogue.NLP_VOCABULARY_COMPILE)

    async def get(self, decoded: dict[str, Any], cleared_at: int = 0) -> Vocabulary:
        """The compiled form of a vocabulary as it was sent; see `keyed`."""
        return (await self.keyed(decoded, cleared_at))[1]

    async def keyed(self, decoded: dict[str, Any], cleared_at: int = 0) -> tuple[Key, Vocabulary]:
        """The compiled form of a vocabulary as it was sent, and what names it.

        Args:
            decoded: the vocabulary; its `whose` says of which cluster it is and for whom, by a word that means nothing
                here: another vocabulary of the same `whose` takes its place.
            cleared_at: when an administrator had all caches cleared, as the caller knows; what was compiled before a
                time that is new here is dropped.

        Raises:
            MalformedPayloadError: it is not of the right shape.
            BusyError: the threads that compile have too much to do.
        """
        if cleared_at > self._cleared_at:
            self._cleared_at = cleared_at
            self._caches.clear()
        key, names, size_bytes = _read(decoded)
        vocabulary = await self._kept.get(key, lambda: self._make(names, size_bytes))
        self._note(str(decoded.get("whose", "")), key)
        return key, vocabulary

    async def warm(self, decoded: dict[str, Any]) -> tuple[Key, Vocabulary | None]:
        """Compile a vocabulary before anybody asks; as `keyed`, with None for one that is there already."""
        key, names, size_bytes = _read(decoded)
        compiled: list[Vocabulary] = []

        async def make() -> Vocabulary:
            compiled.append(await self._make(names, size_bytes))
            return compiled[0]

        await self._kept.warm(key, make)
        self._note(str(decoded.get("whose", "")), key)
        return key, compiled[0] if compiled else None

    def _note(self, whose: str, key: Key) -> None:
        """Remember who has which names; those that nobody has any more are no longer true."""
        if not whose:
            return
        before = self._holds.get(whose)
        self._holds[whose] = key
        self._holds.move_to_end(whose)
        if before != key:
            self._holders.setdefault(key, set()).add(whose)
            self._release(whose, before, outdated=True)
        if len(self._holds) > self._most_holders:
            gone, its = self._holds.popitem(last=False)
            self._release(gone, its, outdated=False)  # not seen for long: its entry ends with its time

    def _release(self, whose: str, key: Key | None, *, outdated: bool) -> None:
        holders = self._holders.get(key) if key is not None else None
        if key is None or holders is None:
            return
        holders.discard(whose)
        if not holders:
            del self._holders[key]
            if outdated:
                self._kept.forget(key)
                self._outdated(key)

    async def _make(self, decoded: dict[str, Any], size_bytes: int) -> Vocabulary:
        if size_bytes > INLINE_BYTES:
            return await self._workers.run(self._compile, decoded)
        return self._compile(decoded)

    def _compile(self, decoded: dict[str, Any]) -> Vocabulary:
        started = time.perf_counter()
        body: VocabularyBody = read_vocabulary(decoded)
        vocabulary = compile_vocabulary(body.clusters, body.namespaces, body.objects, body.selectors, body.replicas)
        self._compile_time.observe(time.perf_counter() - started)
        return vocabulary


def _read(decoded: dict[str, Any]) -> tuple[Key, dict[str, Any], int]:
    """What names a vocabulary, its names, and how many bytes they were sent as."""
    names = {word: value for word, value in decoded.items() if word != "whose"}
    content = orjson.dumps(names, option=orjson.OPT_SORT_KEYS)
    return (str(decoded.get("version", "")), blake2b(content, digest_size=16).digest()), names, len(content)
