"""The clusters that there are: those of the kubeconfig, and those that an administrator added since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.kubeconfig import ClusterConfig
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments


class Registry(Mapping[str, ClusterClient]):
    """Clients by cluster name, in the order in which they came.

    Args:
        configs: the clusters of the kubeconfig, which stay.
        make: makes a client.
        instruments: where they are counted.
    """

    def __init__(
        self,
        configs: Iterable[ClusterConfig],
        make: Callable[[ClusterConfig], ClusterClient],
        instruments: Instruments,
    ) -> None:
        self._make = make
        self._clients = {config.name: make(config) for config in configs}
        self._of_file = frozenset(self._clients)
        self._number = instruments.gauge(catalogue.CLUSTERS)
        self._number.set(len(self._clients))

    def __getitem__(self, name: str) -> ClusterClient:
        """A cluster's client; KeyError for none."""
        return self._clients[name]

    def __iter__(self) -> Iterator[str]:
        """The names; of this moment, since clusters come and go while others are asked."""
        return iter(tuple(self._clients))

    def __len__(self) -> int:
        """How many there are."""
        return len(self._clients)

    def is_of_file(self, name: str) -> bool:
        """Whether a cluster is of the kubeconfig, so that only its operator can remove it."""
        return name in self._of_file

    @property
    def added(self) -> tuple[str, ...]:
        """Names of those that were added since."""
        return tuple(name for name in self._clients if name not in self._of_file)

    async def put(self, config: ClusterConfig) -> None:
        """Add a cluster, or let another configuration take the place of the one that was added under its name."""
        before = self._clients.get(config.name)
        self._clients[config.name] = self._make(config)
        self._number.set(len(self._clients))
        if before is not None:
            await before.close()

    async def remove(self, name: str) -> None:
        """Take away one that was added; requests that are under way end."""
        client = self._clients.pop(name, None)
        self._number.set(len(self._clients))
        if client is not None:
            await client.close()

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.close()
