"""Compiled vocabularies, kept in memory as long as they are asked for.

Keyed by content: the version that a caller gives says which one it means, and a digest makes sure that nobody is ever
served another person's names. Bounded by entries, by bytes and by time without use.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from app.infra.workers import Workers
from app.nlp.schemas import VocabularyBody, read_vocabulary
from app.nlp.translator.vocabulary import Vocabulary, compile_vocabulary
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from slo.targets.caching import NLP_CACHE_TTL
from slo.targets.memory import IN_MEMORY_CACHE

INLINE_BYTES = 32_768  # up to about 1,000 names; compiling them takes less than handing them to a thread saves
_CACHE = "nlp_vocabularies"
Key = tuple[str, bytes]


@dataclass(slots=True)
class _Kept:
    vocabulary: Vocabulary
    used: float


class Vocabularies:
    """The cache of compiled vocabularies.

    Args:
        max_entries: the most it keeps.
        workers: threads that compile large ones.
        instruments: where it is measured.
        max_bytes: the most that all together may occupy; None takes the catalogue's bound for in-memory caches.
    """

    def __init__(
        self, max_entries: int, workers: Workers, instruments: Instruments, max_bytes: int | None = None
    ) -> None:
        self._max_entries = max_entries
        self._max_bytes = IN_MEMORY_CACHE.figure.whole if max_bytes is None else max_bytes
        self._ttl_s = NLP_CACHE_TTL.figure.number
        self._workers = workers
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._making: dict[Key, asyncio.Task[Vocabulary]] = {}
        self._bytes = 0
        lookups = instruments.counter(catalogue.CACHE_LOOKUPS)
        self._hit, self._miss = lookups.labels(_CACHE, "hit"), lookups.labels(_CACHE, "miss")
        self._compile_time = instruments.histogram(catalogue.NLP_VOCABULARY_COMPILE)
        instruments.gauge(catalogue.NLP_VOCABULARIES).set_function(lambda: float(len(self._kept)))
        instruments.gauge(catalogue.NLP_VOCABULARY_BYTES).set_function(lambda: float(self._bytes))

    async def get(self, decoded: dict[str, Any]) -> Vocabulary:
        """The compiled form of a vocabulary as it was sent.

        Raises:
            MalformedPayloadError: it is not of the right shape.
            BusyError: the threads that compile have too much to do.
        """
        content = orjson.dumps(decoded, option=orjson.OPT_SORT_KEYS)
        key = (str(decoded.get("version", "")), blake2b(content, digest_size=16).digest())
        now = asyncio.get_running_loop().time()
        self._drop_unused(now)
        kept = self._kept.get(key)
        if kept is not None:
            kept.used = now
            self._kept.move_to_end(key)
            self._hit.inc()
            return kept.vocabulary
        self._miss.inc()
        task = self._making.get(key)
        if task is None:
            task = asyncio.ensure_future(self._make(key, decoded, len(content)))
            self._making[key] = task
            task.add_done_callback(lambda _: self._making.pop(key, None))
        # A request that gives up must not take the vocabulary from those that wait for the same one.
        return await asyncio.shield(task)

    async def _make(self, key: Key, decoded: dict[str, Any], size_bytes: int) -> Vocabulary:
        if size_bytes > INLINE_BYTES:
            vocabulary = await self._workers.run(self._compile, decoded)
        else:
            vocabulary = self._compile(decoded)
        self._keep(key, vocabulary)
        return vocabulary

    def _compile(self, decoded: dict[str, Any]) -> Vocabulary:
        started = time.perf_counter()
        body: VocabularyBody = read_vocabulary(decoded)
        vocabulary = compile_vocabulary(body.clusters, body.namespaces, body.objects, body.selectors, body.replicas)
        self._compile_time.observe(time.perf_counter() - started)
        return vocabulary

    def _keep(self, key: Key, vocabulary: Vocabulary) -> None:
        if vocabulary.size_bytes > self._max_bytes:
            return  # used once and let go: it would push out all others and still not fit
        self._kept[key] = _Kept(vocabulary, asyncio.get_running_loop().time())
        self._bytes += vocabulary.size_bytes
        while len(self._kept) > self._max_entries or self._bytes > self._max_bytes:
            self._drop_oldest()

    def _drop_unused(self, now: float) -> None:
        while self._kept and next(iter(self._kept.values())).used + self._ttl_s <= now:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        _, kept = self._kept.popitem(last=False)
        self._bytes -= kept.vocabulary.size_bytes
