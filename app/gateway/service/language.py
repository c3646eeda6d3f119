"""Words to a plan, through the language service, and what to say while it is away."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from app.domain.clusters.vocabulary import Added, completed, vocabulary
from app.domain.commands.redaction import redact_manifest, redact_typed
from app.domain.identities import Person
from app.domain.policy.policy import Policy, open_policy
from app.errors import BusyError, DeadlineExceededError, KubeChatError, NotFoundError, UnavailableError
from app.gateway.clients.nlp import LanguagePlan, NlpClient
from app.gateway.service.hub import Hub
from app.gateway.store.chats import ChatSession, StoredMessage
from app.infra.cache.caches import Caches
from app.infra.cache.memory import MemoryCache
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from app.telemetry.logs import get_logger
from slo.targets.caching import KUBERNETES_CACHE_TTL

MOST_VOCABULARIES = 200  # people times clusters in use; each is some tens of kilobytes
MOST_WARMED = 10  # people times clusters, whose names a replica of the language service gets when it starts
TURNS_SENT = 6  # what "it" or "the second one" may refer to
ROWS_SENT = 20
AWAY = "I cannot read plain words at the moment. kubectl syntax, history, alerts and audit work as usual."
BUSY = "Too many people ask in plain words at the moment; say it again in a few seconds. kubectl syntax works as usual."
BACK = "Plain words work again."
_log = get_logger(__name__)


class Language:
    """Asks the language service, with the vocabulary this person may see.

    Args:
        client: the language service.
        clusters: clients by cluster name, for the vocabulary.
        hub: told once when language goes and comes.
        instruments: where availability and the vocabulary cache are measured.
        caches: the process' caches.
        cleared_at: when an administrator had all caches cleared last; the language service clears its own then.
        policy: as whom people go to clusters; that of no file when missing.
        added: what came lately in a cluster, which a vocabulary may not have yet.
    """

    def __init__(
        self,
        client: NlpClient,
        clusters: Mapping[str, ClusterClient],
        hub: Hub,
        instruments: Instruments,
        caches: Caches | None = None,
        cleared_at: Callable[[], int] = lambda: 0,
        policy: Policy | None = None,
        added: Callable[[str], Sequence[Added]] = lambda _: (),
    ) -> None:
        self._policy = policy or open_policy()
        self._cleared_at = cleared_at
        self._client = client
        self._added = added
        self._clusters = clusters
        self._hub = hub
        self._state = instruments.gauge(catalogue.NLP_AVAILABLE)
        self._state.set(1)
        self._stood: dict[str, str] = {}
        self.available = True
        self._vocabularies: MemoryCache[tuple[str, Impersonation], dict[str, Any]] = MemoryCache(
            "vocabularies",
            ttl_s=KUBERNETES_CACHE_TTL.figure.number,
            max_entries=MOST_VOCABULARIES,
            instruments=instruments,
            caches=caches,
            own_ttl=True,
            count=_objects_in,
        )

    async def plan(
        self,
        person: Person,
        chat: ChatSession,
        history: Sequence[StoredMessage],
        text: str,
        on_reading: Callable[[str], Awaitable[None]],
    ) -> LanguagePlan:
        """Translate words.

        Raises:
            UnavailableError: there is no language at the moment; the person is told what works without it.
            BusyError: there is, and it has too much to do.
        """
        words = await self._vocabulary(person, chat.cluster, text)
        self._stood[chat.cluster] = chat.namespace
        try:
            plan = await self._client.plan(
                redact_manifest(text), context=self._context(chat, history), vocabulary=words, on_reading=on_reading
            )
        except BusyError as error:
            _log.warning("no language", code=error.code)
            raise BusyError(BUSY, code="language_busy") from error
        except (UnavailableError, DeadlineExceededError) as error:
            self._set(available=False)
            _log.warning("no language", code=error.code)
            raise UnavailableError(AWAY, code="language_unavailable") from error
        self._set(available=True)
        return plan

    async def answer(
        self,
        person: Person,
        chat: ChatSession,
        history: Sequence[StoredMessage],
        text: str,
        *,
        scope: str,
        may_read: bool,
        steps: Sequence[dict[str, Any]],
        corrected: bool,
        timeout_s: float,
    ) -> AsyncGenerator[dict[str, Any]]:
        """The events of a language model's answer; see `NlpClient.answer`.

        What is sent is cleaned of secrets here; the language service does so once more.

        Args:
            person: who asks.
            chat: where.
            history: earlier messages.
            text: what was said.
            scope: what the model may do, as the plan said.
            may_read: whether what it wants read is read.
            steps: what was read so far.
            corrected: whether it was told in this turn already that a call of its made no sense.
            timeout_s: how long this answer may take.
        """
        body = {
            "text": redact_typed(text),
            "context": self._context(chat, history),
            "vocabulary": await self._vocabulary(person, chat.cluster, text),
            "scope": scope,
            "reads": may_read,
            "steps": list(steps),
            "corrected": corrected,
        }
        async with aclosing(self._client.answer(body, timeout_s)) as events:
            async for event in events:
                yield event

    async def warm_replicas(self) -> None:
        """Give the names that are in use to replicas of the language service that have none since they started."""
        names = self._vocabularies.latest(MOST_WARMED)
        if not names:
            return
        for replica in self._client.replicas:
            try:
                if await self._client.is_warm(replica):
                    continue
                for (cluster, identity), words in names:
                    namespace = self._stood.get(cluster, "default")
                    await self._client.warm(replica, cluster, namespace, self._sent(cluster, identity, words))
            except KubeChatError as error:
                _log.info("names not made ready ahead", code=error.code)

    def _context(self, chat: ChatSession, history: Sequence[StoredMessage]) -> dict[str, Any]:
        return {
            "cluster": chat.cluster,
            "namespace": chat.namespace,
            "turns": recent_turns(history),
            "caches_cleared_at": self._cleared_at(),
        }

    async def probe(self) -> None:
        """While language is away, ask whether it is back; called every few seconds."""
        if self.available:
            return
        try:
            await self._client.plan("", context={}, vocabulary={"version": "", "clusters": []}, on_reading=_ignore)
        except (UnavailableError, DeadlineExceededError):
            return
        except KubeChatError as error:
            _log.info("language answers again", code=error.code)
        self._set(available=True)

    def forget_cluster(self, cluster: str) -> None:
        """Drop the names known of a cluster in which something was changed."""
        self._vocabularies.forget_where(lambda key: key[0] == cluster)

    def uses(self) -> dict[tuple[str, Impersonation], int]:
        """How often the names of each cluster were needed, and as whom, since this was called last."""
        return self._vocabularies.uses()

    @property
    def warmed(self) -> tuple[int, int]:
        """How many clusters' names were loaded before anybody needed them, and how many of those were needed then."""
        return self._vocabularies.warmed

    async def warm(self, cluster: str, identity: Impersonation) -> None:
        """Load the names of a cluster before anybody needs them; nothing happens for a cluster that there is not."""
        client = self._clusters.get(cluster)
        if client is not None:
            await self._vocabularies.warm((cluster, identity), lambda: vocabulary(client, identity))

    async def _vocabulary(self, person: Person, cluster: str, text: str) -> dict[str, Any]:
        client = self._clusters.get(cluster)
        try:
            if client is None:
                raise NotFoundError(f'There is no cluster "{cluster}" any more.', code="unknown_cluster")
            identity = self._policy.identity(person, cluster)
            words = await self._vocabularies.get((cluster, identity), lambda: vocabulary(client, identity))
            completed_words = await self._completed(cluster, client, identity, words, text)
            if completed_words is not words:
                # For these words alone: what is kept of the vocabulary stays as it is.
                return {**completed_words, "clusters": sorted(self._clusters)}
            return self._sent(cluster, identity, words)
        except KubeChatError as error:
            # Without names the words can still be read; the command itself will say what is wrong with the cluster.
            _log.warning("no vocabulary", cluster=cluster, code=error.code)
        return {"version": "none", "namespaces": [], "objects": {}, "clusters": sorted(self._clusters)}

    def _sent(self, cluster: str, identity: Impersonation, words: dict[str, Any]) -> dict[str, Any]:
        """Names as they are sent; `whose` tells which earlier ones they take the place of, and nothing else."""
        of = "\0".join((cluster, identity.user, *identity.groups, str(identity.scope)))
        whose = hashlib.blake2b(of.encode(), digest_size=12).hexdigest()
        return {**words, "clusters": sorted(self._clusters), "whose": whose}

    async def _completed(
        self, cluster: str, client: ClusterClient, identity: Impersonation, words: dict[str, Any], text: str
    ) -> dict[str, Any]:
        added = self._added(cluster)
        if not added:
            return words
        try:
            return await completed(client, identity, words, text, added)
        except KubeChatError as error:
            _log.info("vocabulary not completed", cluster=cluster, code=error.code)
            return words

    def _set(self, *, available: bool) -> None:
        if available == self.available:
            return
        self.available = available
        self._state.set(available)
        level = "info" if available else "warning"
        self._hub.to_all(
            {
                "type": "notice",
                "level": level,
                "code": "language",
                "text": BACK if available else AWAY,
                "language": available,
            }
        )


def recent_turns(history: Sequence[StoredMessage]) -> list[dict[str, Any]]:
    """What the language service is told of earlier turns: commands, their state, and the names they showed."""
    turns: list[dict[str, Any]] = []
    pending: dict[str, dict[str, Any]] = {}
    for message in history:
        event = message.event
        if event["type"] == "table":
            turn = {"command": event["command"], "state": "done", "rows": _names(event), "row_count": event["total"]}
            turns.append({**turn, "cells": _cells(event)} if len(event["rows"]) == 1 else turn)
        elif event["type"] in {"output", "diagnosis"}:
            turns.append({"command": event["command"], "state": "done"})
        elif event["type"] == "preview":
            for step in event["steps"]:
                turn = {"command": step["command"], "state": "pending", "before": str(step.get("before") or "")}
                pending[event["plan"]] = turn
                turns.append(turn)
        elif event["type"] == "outcome" and event["plan"] in pending:
            pending.pop(event["plan"])["state"] = "done" if event["state"] == "applied" else event["state"]
    return turns[-TURNS_SENT:]


def _names(table: dict[str, Any]) -> list[str]:
    """The names a table showed, in its order; with all namespaces they do not stand in the first column."""
    columns = [column["name"].upper() for column in table["columns"]]
    at = columns.index("NAME") if "NAME" in columns else 0
    return [str(row[at]) for row in table["rows"][:ROWS_SENT] if len(row) > at]


def _cells(table: dict[str, Any]) -> dict[str, str]:
    """What the only row of a table showed, by column."""
    (row,) = table["rows"]
    return {str(column["name"]).upper(): str(cell) for column, cell in zip(table["columns"], row, strict=False)}


def _objects_in(words: dict[str, Any]) -> int:
    """How many objects a vocabulary names."""
    return sum(len(names) for spaces in words.get("objects", {}).values() for names in spaces.values())


async def _ignore(_: str) -> None:
    return
