"""Beginnings of prompts, kept in memory as long as they are asked for: rules, and the names of one vocabulary."""

from __future__ import annotations

from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.nlp.models.prompt import Prefix, prefix
from app.nlp.translator.plan import Context
from app.nlp.translator.vocabulary import Vocabulary
from app.telemetry.instruments import Instruments
from slo.targets.caching import NLP_CACHE_TTL

_Key = tuple[object, str, str]


class Prompts:
    """The cache of prompts' beginnings.

    Args:
        max_entries: the most it keeps.
        instruments: where it is measured.
        caches: the process' caches, which share a budget.
    """

    def __init__(self, max_entries: int, instruments: Instruments, caches: Caches) -> None:
        self._kept: MemoryCache[_Key, Prefix] = MemoryCache(
            "nlp_prompts",
            ttl_s=NLP_CACHE_TTL.figure.number,
            max_entries=max_entries,
            instruments=instruments,
            caches=caches,
            own_ttl=True,
            weigh=lambda kept: kept.size_bytes,
            prolonged=True,
        )

    async def get(self, of: object, context: Context, vocabulary: Vocabulary, max_characters: int) -> Prefix:
        """The beginning of a prompt.

        Args:
            of: names the vocabulary.
            context: where the conversation stands.
            vocabulary: the names.
            max_characters: most that the whole prompt may take.
        """
        key = (of, context.cluster, context.namespace)
        return await self._kept.get(key, lambda: _made(context, vocabulary, max_characters))

    async def warm(self, of: object, context: Context, vocabulary: Vocabulary, max_characters: int) -> None:
        """Have it ready before anybody asks; as `get`."""
        key = (of, context.cluster, context.namespace)
        await self._kept.warm(key, lambda: _made(context, vocabulary, max_characters))

    def forget(self, of: object) -> None:
        """Drop what was made of a vocabulary that is no longer true."""
        self._kept.forget_where(lambda key: key[0] == of)


async def _made(context: Context, vocabulary: Vocabulary, max_characters: int) -> Prefix:
    return prefix(context, vocabulary, max_characters)
