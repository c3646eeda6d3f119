"""Compiled vocabularies, kept in memory as long as they are asked for.

Keyed by content: the version that a caller gives says which one it means, and a digest makes sure that nobody is ever
served another person's names. Bounded by entries, by the bytes of all caches, and by time without use.
"""

from __future__ import annotations

import time
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

INLINE_BYTES = 32_768  # up to about 1,000 names; compiling them takes less than handing them to a thread saves
Key = tuple[str, bytes]


class Vocabularies:
    """The cache of compiled vocabularies.

    Args:
        max_entries: the most it keeps.
        workers: threads that compile large ones.
        instruments: where it is measured.
        caches: the process' caches, which share a budget.
    """

    def __init__(self, max_entries: int, workers: Workers, instruments: Instruments, caches: Caches) -> None:
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
        """The compiled form of a vocabulary as it was sent.

        Args:
            decoded: the vocabulary.
            cleared_at: when an administrator had all caches cleared, as the caller knows; what was compiled before a
                time that is new here is dropped.

        Raises:
            MalformedPayloadError: it is not of the right shape.
            BusyError: the threads that compile have too much to do.
        """
        if cleared_at > self._cleared_at:
            self._cleared_at = cleared_at
            self._caches.clear()
        content = orjson.dumps(decoded, option=orjson.OPT_SORT_KEYS)
        key = (str(decoded.get("version", "")), blake2b(content, digest_size=16).digest())
        return await self._kept.get(key, lambda: self._make(decoded, len(content)))

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
