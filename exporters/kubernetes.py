"""How each cluster's API server does, and what its cluster looks like from there.

A scrape takes three small looks, each timed apart: is it ready, which version, one object of a list. The objects are
counted beside it, at most once in half a minute and never in the time of a scrape: a large cluster that takes long to
count is not away. Everything is asked under the exporters' own account, and no secret is ever asked for.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Final

from app.errors import KubeChatError, UnavailableError
from app.infra.kubernetes.client import Answer, ClusterClient
from app.infra.kubernetes.impersonation import AS_ITSELF
from app.telemetry import exporter_catalogue as more
from app.telemetry.logs import get_logger
from exporters.exporter import Vitals
from exporters.kubernetes_inventory import METADATA, Inventory, Restarts, taken
from exporters.sheet import Sheet

VITALS = Vitals("cluster", more.CLUSTER_UP, more.CLUSTER_SCRAPE_DURATION, more.CLUSTER_LAST_SUCCESS)
COUNT_EVERY_S: Final = 30.0  # some ten lists of a cluster; what they show changes in minutes
COUNT_WITHIN_S: Final = 25.0
_READY, _VERSION, _LIST = "readyz", "version", "list"

_log = get_logger(__name__)


class Cluster:
    """One cluster.

    Args:
        client: speaks to its API server.
        timeout_s: how long one look may take.
    """

    def __init__(self, client: ClusterClient, *, timeout_s: float = 2.0) -> None:
        self.name = client.name
        self._client = client
        self._timeout_s = timeout_s
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._restarts = Restarts()
        self._inventory: Inventory | None = None
        self._counting: asyncio.Task[None] | None = None
        self._count_from = 0.0

    async def read(self, sheet: Sheet) -> None:
        """Put the cluster's figures onto the sheet; UnavailableError when its API server is not ready."""
        own = {"cluster": self.name}
        await self._look(sheet, _READY, "/readyz")
        version = await self._attempted(sheet, _VERSION, "/version")
        await self._attempted(sheet, _LIST, "/api/v1/namespaces")
        for (probe, outcome), times in self._outcomes.items():
            sheet.put(more.CLUSTER_PROBES, times, **own, probe=probe, outcome=outcome)
        if version is not None:
            said = version.json()
            sheet.put(more.CLUSTER_INFO, 1, **own, version=str(said.get("gitVersion", "unknown")))
            self._count_soon(str(said.get("gitVersion", "")))
        if self._inventory is not None:
            self._inventory.put(sheet, self.name)

    async def drop(self) -> None:
        """Stop counting, and close the connections."""
        counting, self._counting = self._counting, None
        if counting is not None:
            counting.cancel()
        await self._client.close()

    async def counted(self) -> None:
        """Wait until the count that is under way has ended; meant for tests."""
        if self._counting is not None:
            await asyncio.wait([self._counting])

    async def _attempted(self, sheet: Sheet, probe: str, path: str) -> Answer | None:
        """A look whose failure is counted and fails nothing else."""
        try:
            return await self._look(sheet, probe, path)
        except UnavailableError:
            return None

    async def _look(self, sheet: Sheet, probe: str, path: str) -> Answer:
        started, outcome = time.perf_counter(), "failed"
        try:
            answer = await self._client.request(
                "GET",
                path,
                identity=AS_ITSELF,
                query=(("limit", "1"),) if probe == _LIST else (),
                accept=METADATA if probe == _LIST else "*/*",
                timeout_s=self._timeout_s,
            )
            outcome = "ok"
        except KubeChatError as exc:
            raise UnavailableError(f"The API server of {self.name} does not answer.") from exc
        finally:
            self._outcomes[probe, outcome] += 1
        sheet.put(more.CLUSTER_PROBE, time.perf_counter() - started, cluster=self.name, probe=probe)
        return answer

    def _count_soon(self, version: str) -> None:
        now = time.monotonic()
        if now >= self._count_from and (self._counting is None or self._counting.done()):
            self._count_from = now + COUNT_EVERY_S
            self._counting = asyncio.create_task(self._count(version), name=f"count {self.name}")

    async def _count(self, version: str) -> None:
        try:
            async with asyncio.timeout(COUNT_WITHIN_S):
                self._inventory = await taken(self._client, version, self._restarts)
        except (KubeChatError, TimeoutError) as exc:
            # The time of the last count stands on the page and says how old its numbers are.
            _log.warning("objects were not counted", cluster=self.name, fault=type(exc).__name__)
        except Exception:  # noqa: BLE001 - a list that makes no sense must not end the probes
            _log.exception("objects were not understood", cluster=self.name)
