"""The command engine: each call is one person's, on one cluster.

Reads may be answered from what the cluster answered to the same person a moment ago; changes, their previews and all
that they rest on never are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.domain.clusters.answers import Answers
from app.domain.clusters.discovery import Catalogue, Discovery
from app.domain.clusters.sameness import Sameness
from app.domain.commands.access import NAMESPACE, Access, Keep, gather
from app.domain.commands.changing import draining, sending
from app.domain.commands.changing.planning import preview
from app.domain.commands.following.live import Update, live
from app.domain.commands.following.logs import follow_logs
from app.domain.commands.following.objects import follow_events, follow_get
from app.domain.commands.following.waiting import follow_rollout, follow_wait
from app.domain.commands.model.cluster import (
    ApiResources,
    ApiVersions,
    CanI,
    CanIList,
    ClusterInfo,
    CurrentContext,
    Diff,
    Explain,
    GetContexts,
    SetContext,
    UseContext,
    Version,
    ViewConfig,
    WhoAmI,
)
from app.domain.commands.model.command import Command, Risk
from app.domain.commands.model.diagnosing import Diagnose
from app.domain.commands.model.drain import Drain
from app.domain.commands.model.metadata import ListAnnotations, ListEnvironment, ListLabels
from app.domain.commands.model.reads import (
    Describe,
    Events,
    Get,
    Logs,
    RolloutHistory,
    RolloutStatus,
    TopNodes,
    TopPods,
    Wait,
)
from app.domain.commands.model.streaming import streams
from app.domain.commands.nearest import no_such_cluster
from app.domain.commands.preview import Preview, Step, StepOutcome
from app.domain.commands.reading import cluster, contexts, marks, rights, rollouts
from app.domain.commands.reading.describe import describe
from app.domain.commands.reading.differing import diff
from app.domain.commands.reading.events import events
from app.domain.commands.reading.explain import explain
from app.domain.commands.reading.get import get
from app.domain.commands.reading.logs import logs
from app.domain.commands.reading.pages import Page, no_page
from app.domain.commands.reading.top import top_nodes, top_pods
from app.domain.commands.results import Chunk, Result, TableResult
from app.domain.diagnosis.diagnose import RecentChanges, diagnose, diagnosed
from app.domain.diagnosis.findings import Diagnosis
from app.errors import DeadlineExceededError, InternalError, KubeChatError, UnsupportedError
from app.infra.cache.memory import MemoryCache
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.errors import reason_of
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import ClusterConfig
from slo.targets.network import REQUEST_TIMEOUT

CLUSTERS_AT_ONCE = 32  # looked at together for a list of all
STATE_TIMEOUT_S = 3.0  # a list of clusters does not wait longer for one of them


class Engine:
    """Runs commands on clusters.

    Args:
        clients: clients by cluster name, in the order in which they are shown; some may come and go.
        current: name of the cluster where conversations start.
        known_types: where each cluster's resource types are remembered.
        sameness: notices a cluster that was replaced by another; None where nothing does.
        answers: where what clusters answer to reads is kept; None keeps nothing.

    Raises:
        InternalError: there is no such cluster.
    """

    def __init__(
        self,
        clients: Mapping[str, ClusterClient],
        *,
        current: str,
        known_types: MemoryCache[str, Catalogue],
        sameness: Sameness | None = None,
        answers: Answers | None = None,
    ) -> None:
        if current not in clients:
            raise InternalError(f"there is no cluster {current}", code="configuration")
        self._clients = clients
        self._known_types = known_types
        self._sameness = sameness
        self._answers = answers
        self.current_cluster = current

    @property
    def cluster_names(self) -> tuple[str, ...]:
        """Names of all clusters."""
        return tuple(self._clients)

    def default_namespace(self, cluster_name: str) -> str:
        """Where a conversation on this cluster starts; InvalidInputError when there is no such cluster."""
        return self._client(cluster_name).config.namespace

    @property
    def warmed(self) -> tuple[int, int]:
        """How many clusters' resource types were loaded before anybody needed them, and how many were needed then."""
        return self._known_types.warmed

    async def warm(self, cluster_name: str, identity: Impersonation) -> None:
        """Load a cluster's resource types before anybody needs them; nothing happens where there is no such cluster."""
        client = self._clients.get(cluster_name)
        if client is not None:
            await Discovery(client, self._known_types).warm(identity)

    async def describe_clusters(self, identity_on: Callable[[str], Impersonation]) -> list[dict[str, Any]]:
        """Every cluster: `name`, `version`, `state`, and the `namespaces` that this person may list.

        `state` is `ready`, or the code of what is wrong with it, with the `reason` in a few words. `answered_at`,
        `latency_s`, `breaker` (`closed` or `open`) and `next_try_s` are what this process has seen of it.

        Args:
            identity_on: as whom each cluster is asked; KubeChatError for one that is not to be asked.
        """
        return await gather((self._describe_cluster(name, identity_on) for name in self._clients), CLUSTERS_AT_ONCE)

    async def _describe_cluster(self, name: str, identity_on: Callable[[str], Impersonation]) -> dict[str, Any]:
        found: dict[str, Any] = {"name": name, "version": "", "state": "ready", "reason": "", "namespaces": []}
        try:
            access = self._access(name, identity_on(name))
            async with asyncio.timeout(STATE_TIMEOUT_S):
                found["version"] = str((await access.json("/version")).get("gitVersion") or "")
                found["namespaces"] = sorted(await access.seen(access.names(NAMESPACE)))
        except TimeoutError:
            found["state"], found["reason"] = "cluster_timeout", f"did not answer within {STATE_TIMEOUT_S:g} s"
            self.gave_up(name, found["reason"])
        except KubeChatError as error:
            found["state"], found["reason"] = error.code, reason_of(error, name)
        health = self._client(name).health
        return found | {
            "answered_at": health.answered_at.isoformat() if health.answered_at else None,
            "latency_s": None if health.latency_s is None else round(health.latency_s, 4),
            "breaker": "open" if health.is_open else "closed",
            "next_try_s": round(health.next_try_s, 1),
        }

    def gave_up(self, cluster_name: str, reason: str) -> None:
        """Note that a cluster was waited for in vain."""
        self._client(cluster_name).gave_up(reason)

    async def read(
        self, command: Command, identity: Impersonation, keep: Keep | None = None, page: str = ""
    ) -> list[Result]:
        """Run a command that changes nothing.

        Args:
            command: what is asked.
            identity: in whose name.
            keep: which rows of a table are shown, chosen from all that there are; None shows the first.
            page: the `next` of the table whose next page is wanted; empty for the first.

        Raises:
            InternalError: it is none; nothing was sent.
            InvalidInputError: there is no such page.
            KubeChatError: it names nothing that exists, the cluster refuses, or does not answer.
        """
        if page and not isinstance(command, Get):
            raise no_page()
        match command:
            case GetContexts():
                return contexts.get_contexts(command, self._configs(), identity)
            case CurrentContext():
                return contexts.current_context(command)
            case ViewConfig():
                return contexts.view_config(command, self._configs(), identity)
            case UseContext() | SetContext():
                raise UnsupportedError(
                    "A conversation goes on elsewhere; a terminal has none: name the cluster with --cluster, the"
                    " namespace with -n."
                )
        read = _READS.get(type(command))
        if command.risk is not Risk.READ or read is None:
            raise InternalError(f"{command.verb} is not a read", code="not_a_read")
        access = replace(self._access(command.cluster, identity), keep=keep, page=Page.read(page) if page else None)
        if self._answers is None or isinstance(command, _NEVER_FROM_MEMORY):
            async with _deadline(command):
                results = await read(access, command)
            self._look_soon(access)
            return results
        reading = self._answers.reading(access.client, identity)
        async with _deadline(command):
            results = await read(replace(access, reading=reading), command)
        self._look_soon(access)
        return [replace(each, age_s=reading.age_s) if isinstance(each, TableResult) else each for each in results]

    def _look_soon(self, access: Access) -> None:
        """See beside what a person waits for whether it is still the same cluster."""
        if self._sameness is not None:
            self._sameness.look_soon(access.client, access.identity)

    async def diagnose(
        self, command: Diagnose, identity: Impersonation, recent_changes: RecentChanges | None = None
    ) -> Diagnosis:
        """What is wrong; KubeChatError as `read` raises it.

        Args:
            command: what is asked about.
            identity: in whose name all of it is read.
            recent_changes: what our own audit tells this person.
        """
        async with _deadline(command):
            return await diagnosed(self._access(command.cluster, identity), command, recent_changes)

    async def stream(self, command: Command, identity: Impersonation) -> AsyncGenerator[Chunk]:
        """Run a command whose output grows; it goes on until it ends by itself or is closed.

        Nothing here bounds its time or its size: whoever reads it does.

        Raises:
            InternalError: it is none; nothing was sent.
            KubeChatError: it names nothing that exists, the cluster refuses, or does not answer.
        """
        follow = _STREAMS.get(type(command))
        if command.risk is not Risk.READ or follow is None or not streams(command):
            raise InternalError(f"{command.verb} is not followed", code="not_a_stream")
        async with aclosing(follow(self._access(command.cluster, identity), command)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def live(self, command: Get, identity: Impersonation, keep: Keep | None) -> AsyncGenerator[Update]:
        """A table, and then what changes in it; goes on until it is closed, and raises as `stream` does.

        Args:
            command: what is shown.
            identity: in whose name.
            keep: which of its rows; None for all.
        """
        async with aclosing(live(self._access(command.cluster, identity), command, keep)) as updates:
            async for update in updates:
                yield update

    async def preview(self, command: Command, identity: Impersonation) -> Preview:
        """What a change would do, tried by the cluster's dry run; changes nothing.

        Raises:
            InternalError: it is no change.
            ForbiddenError: the cluster's RBAC would refuse it.
            KubeChatError: it names nothing that exists, or the cluster does not answer.
        """
        if command.risk is Risk.READ:
            raise InternalError(f"{command.verb} is not a change", code="not_a_change")
        async with _deadline(command):
            access = self._access(command.cluster, identity)
            uid = await self._sameness.uid(access.client, identity) if self._sameness is not None else ""
            shown = draining.preview(access, command) if isinstance(command, Drain) else preview(access, command)
            found = await shown
            return replace(found, steps=tuple(replace(step, cluster_uid=uid) for step in found.steps))

    async def recheck(self, step: Step, identity: Impersonation) -> Step | None:
        """Read a step's object again: the step with its fresh version, or None when a new preview is needed.

        Raises:
            ConflictError: another cluster of the same name answers than when it was previewed.
            KubeChatError: the cluster does not answer.
        """
        if self._sameness is not None:
            await self._sameness.require(self._client(step.cluster), identity, step.cluster_uid)
        return await sending.recheck(self._access(step.cluster, identity), step)

    async def send(self, step: Step, identity: Impersonation, *, intent_id: UUID, deadline_s: float) -> StepOutcome:
        """Send a step's request once, and never after its deadline.

        Args:
            step: as `recheck` gave it.
            identity: in whose name.
            intent_id: the intent that is recorded for it.
            deadline_s: seconds that are left.
        """
        access = self._access(step.cluster, identity)
        return await sending.send(access, step, intent_id=intent_id, deadline_s=deadline_s)

    async def is_gone(self, step: Step, identity: Impersonation) -> bool:
        """Whether a step's object is there no more; KubeChatError when the cluster does not say."""
        return await sending.is_gone(self._access(step.cluster, identity), step)

    async def resolve(self, step: Step, identity: Impersonation, *, intent_id: UUID) -> sending.Evidence:
        """What the cluster shows of a request whose answer was lost."""
        return await sending.resolve(self._access(step.cluster, identity), step, intent_id=intent_id)

    def _configs(self) -> list[ClusterConfig]:
        return [client.config for client in self._clients.values()]

    def _client(self, name: str) -> ClusterClient:
        client = self._clients.get(name)
        if client is None:
            raise no_such_cluster(name, self._clients)
        return client

    def _access(self, name: str, identity: Impersonation) -> Access:
        client = self._client(name)
        return Access(client, Discovery(client, self._known_types), identity)


@asynccontextmanager
async def _deadline(command: Command) -> AsyncIterator[None]:
    """One deadline for all requests of a command."""
    try:
        async with asyncio.timeout(REQUEST_TIMEOUT.figure.number):
            yield
    except TimeoutError as exc:
        raise DeadlineExceededError(
            f"The cluster {command.cluster} took too long to answer.", code="cluster_timeout"
        ) from exc


_Follow = Callable[[Access, Any], AsyncGenerator[Chunk]]
_STREAMS: dict[type[Command], _Follow] = {
    Get: follow_get,
    Events: follow_events,
    Logs: follow_logs,
    RolloutStatus: follow_rollout,
    Wait: follow_wait,
}
# Who asks for these compares, waits for what comes, or wants to know what is wrong now.
_NEVER_FROM_MEMORY: Final = (Diagnose, Diff, RolloutStatus)
_Read = Callable[[Access, Any], Awaitable[list[Result]]]
_READS: dict[type[Command], _Read] = {
    Get: get,
    Describe: describe,
    Diagnose: diagnose,
    Logs: logs,
    Events: events,
    TopPods: top_pods,
    TopNodes: top_nodes,
    ApiResources: cluster.api_resources,
    Version: cluster.version,
    ClusterInfo: cluster.cluster_info,
    ApiVersions: cluster.api_versions,
    Explain: explain,
    Diff: diff,
    WhoAmI: rights.whoami,
    CanI: rights.can_i,
    CanIList: rights.can_i_list,
    RolloutStatus: rollouts.status,
    RolloutHistory: rollouts.history,
    ListLabels: marks.label_list,
    ListAnnotations: marks.annotation_list,
    ListEnvironment: marks.environment,
}
