"""Which types are watched: those that people read often, a bounded number of them, and only for as long as they do.

A watch is no permission: it drops kept answers and shows nobody anything. Where KubeChat's own account may not watch,
answers end with their time alone, and that is a number to look at, not a fault.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from app.domain.clusters.informer import Changed, Informer, State
from app.domain.clusters.places import Place
from app.infra.kubernetes.client import ClusterClient
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments

HOT_READS = 2  # of a type on a cluster, within the time below: it is asked for again
HOT_S = 120.0
COLD_S = 300.0  # nobody asked for so long: the watch ends
MOST_WATCHES = 40  # of a replica; each is a connection and some kilobytes
MOST_NOTED = 2_000  # types on clusters whose reads are remembered
Key = tuple[str, str, str]
"""Cluster, API group, plural."""
Forget = Callable[[str, tuple[str, str], Changed], None]


@dataclass(slots=True)
class _Use:
    client: ClusterClient
    place: Place
    reads: deque[float] = field(default_factory=lambda: deque(maxlen=HOT_READS))


class Informers:
    """Watches what is read often.

    Args:
        instruments: where watches are measured.
    """

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._uses: dict[Key, _Use] = {}
        self._running: dict[Key, tuple[Informer, asyncio.Task[None]]] = {}
        self._forget: Forget | None = None
        self._watches = instruments.gauge(catalogue.KUBERNETES_WATCHES)
        for state in State:
            self._watches.labels(state.value).set_function(partial(self._number, state))
        instruments.gauge(catalogue.KUBERNETES_WATCHES_LIMIT).set(MOST_WATCHES)

    def tell(self, forget: Forget) -> None:
        """Have this called with a cluster, a type and what of it has changed."""
        self._forget = forget

    def is_watched(self, cluster: str, place: Place) -> bool:
        """Whether it is heard of at this moment when objects at a place change."""
        found = self._running.get((cluster, *place.kind))
        return found is not None and found[0].state is State.WATCHING

    def note(self, client: ClusterClient, place: Place) -> None:
        """A person's read; what is read often enough is watched from now on."""
        key = (client.name, *place.kind)
        now = asyncio.get_running_loop().time()
        use = self._uses.get(key)
        if use is None or use.client is not client:
            if len(self._uses) >= MOST_NOTED:
                return
            use = self._uses[key] = _Use(client, place)
        use.reads.append(now)
        running = self._running.get(key)
        if running is not None and running[0].client is client:
            return
        if len(use.reads) == HOT_READS and now - use.reads[0] <= HOT_S:
            self._start(key, use)

    def stop_cluster(self, cluster: str) -> None:
        """End all watches of a cluster that is there no more."""
        for key in [key for key in (*self._running, *self._uses) if key[0] == cluster]:
            self._stop(key)
            self._uses.pop(key, None)

    def added(self, cluster: str, within_s: float) -> list[tuple[tuple[str, str], str, str]]:
        """Types, namespaces and names of what came within so many seconds, of the types that are watched.

        No permission to see any of it: whoever uses it asks the cluster first.
        """
        since = asyncio.get_running_loop().time() - within_s
        return [
            ((group, plural), namespace, name)
            for (of, group, plural), (informer, _) in self._running.items()
            if of == cluster
            for at, namespace, name in informer.added
            if at >= since
        ]

    async def tend(self) -> None:
        """End what nobody asks for any more; called each second."""
        now = asyncio.get_running_loop().time()
        for key, use in list(self._uses.items()):
            if now - use.reads[-1] > COLD_S:
                self._stop(key)
                del self._uses[key]
        for _, task in self._running.values():
            if task.done() and not task.cancelled():
                task.result()  # a fault of ours: this run of the job fails, and says so

    async def close(self) -> None:
        """End all watches."""
        tasks = [task for _, task in self._running.values()]
        for key in list(self._running):
            self._stop(key)
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self, key: Key, use: _Use) -> None:
        self._stop(key)
        if len(self._running) >= MOST_WATCHES:
            coldest = min(self._running, key=lambda each: self._uses[each].reads[-1])
            if use.reads[-1] - self._uses[coldest].reads[-1] <= HOT_S:
                return  # all that are watched are asked for as often
            self._stop(coldest)
        place = Place(use.place.group, use.place.version, use.place.plural)

        def changed(found: Changed) -> None:
            if self._forget is not None:
                self._forget(use.client.name, place.kind, found)

        informer = Informer(use.client, place, changed, self._instruments)
        self._running[key] = informer, asyncio.create_task(informer.run(), name=f"watch {key[0]} {key[2]}")

    def _stop(self, key: Key) -> None:
        found = self._running.pop(key, None)
        if found is not None:
            found[1].cancel()

    def _number(self, state: State) -> float:
        return sum(informer.state is state for informer, _ in self._running.values())
