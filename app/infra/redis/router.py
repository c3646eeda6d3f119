"""Which node is asked, over which connection, and what happens when it cannot be.

redis-py knows the cluster: it reads the slots, follows MOVED and ASK, and tries again. What is usual goes over
connections of our own, because gathering commands is worth an order of magnitude (docs/adr/0011); whatever is unusual
goes through redis-py's client within what is left of the command's time. A node that failed is not asked again until it
has answered: nobody waits for it twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import hiredis
from prometheus_client import Gauge, Histogram
from redis.asyncio.cluster import RedisCluster
from redis.backoff import EqualJitterBackoff
from redis.crc import key_slot
from redis.exceptions import RedisClusterException, RedisError, ResponseError, SlotNotCoveredError

from app.infra.redis.link import COMMAND_TIMEOUT_S, Link, LostError, Words, packed
from app.infra.redis.node import Node
from app.infra.traffic import Traffic
from app.telemetry.logs import get_logger

# Half of it and more each time, the rest by chance: replicas that lost one node together do not return together.
_BACKOFF: Final = EqualJitterBackoff(base=0.05, cap=1.0)
_LONGEST_BACKOFF: Final = 10  # doublings; more make no difference, and a thousand overflow
_DISCOVERY_TIMEOUT_S: Final = 2.0  # six nodes, some of which do not answer
_REDISCOVER_S: Final = 1.0  # while slots move, redis-py learns one with each MOVED; all of them once a second
_REDIRECTIONS: Final = ("MOVED ", "ASK ", "TRYAGAIN")
_ASKING: Final = packed(("ASKING",))  # holds for the one command that follows, so it has to share its connection
_UNUSUAL: Final = object()
_NOT_SERVING: Final = ("CLUSTERDOWN", "LOADING", "MASTERDOWN")
FAULTS: Final = (RedisError, RedisClusterException, OSError, LostError)
_log = get_logger(__name__)


class AvoidedError(Exception):
    """The node that has the key is known not to answer; it was not asked."""


@asynccontextmanager
async def _named_faults() -> AsyncIterator[None]:
    """Name what redis-py stumbles over where a slot, a node or the whole cluster is not there."""
    try:
        yield
    except (LookupError, AttributeError) as exc:
        raise SlotNotCoveredError("a slot is not covered") from exc


class Router:
    """Sends commands to the masters that have their keys.

    Args:
        client: redis-py's client of the same cluster.
        client_name: shown by CLIENT LIST.
        batches: takes the number of commands of each write.
        avoided: says how many masters are not asked at this moment.
        traffic: counts what leaves and what arrives; what goes through redis-py, its discoveries and subscriptions, is
            not counted.
    """

    def __init__(
        self, client: RedisCluster, client_name: str, batches: Histogram, avoided: Gauge, traffic: Traffic
    ) -> None:
        self._client = client
        self._client_name = client_name
        self._batches, self._traffic = batches, traffic
        self._avoided = avoided
        self._nodes: dict[str, Node] = {}
        self._guests: dict[str, Node] = {}  # at most the nodes of the cluster
        self._missed_guests: set[str] = set()  # of these, who was sent for and avoided since the last mending
        self._mending: asyncio.Task[None] | None = None
        self._discovered_at = 0.0
        self._away = False
        self._closed = False

    def links(self) -> list[Link]:
        """The connections that stand."""
        return [node.link for node in tuple(self._nodes.values()) if node.link is not None]

    async def open(self) -> None:
        """Discover the cluster and connect to its masters; redis-py's exceptions when no node answers."""
        await self._client.initialize()
        if not await self._mended():
            self.mend()

    async def close(self) -> None:
        """Close all connections."""
        self._closed = True
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.wait([self._mending])
        for node in (*self._nodes.values(), *self._guests.values()):
            node.close()

    async def ask(self, key: bytes, words: Words, *, again: bool = True) -> Any:
        """One command's answer, as Redis or as redis-py words it.

        Args:
            key: what decides the slot.
            words: the command.
            again: whether it may be carried out twice, when the connection breaks before the answer.

        Raises:
            AvoidedError: the node is known not to answer.
            RefusedError: too much waits for the node.
            TimeoutError: no answer within `COMMAND_TIMEOUT_S`.
            RedisError, OSError, LostError: it failed.
        """
        deadline = asyncio.get_running_loop().time() + COMMAND_TIMEOUT_S
        reply = await self._carried(key, packed(words), deadline, again=again)
        if reply is not _UNUSUAL:
            return reply
        async with asyncio.timeout_at(deadline), _named_faults():
            return await self._client.execute_command(*words)

    def mend(self) -> None:
        """Look at the cluster again, and connect to whatever is not connected, until all masters are."""
        if not self._closed and (self._mending is None or self._mending.done()):
            self._mending = asyncio.create_task(self._mend(), name="redis mending")

    def _link(self, key: bytes) -> Link | None:
        """Where the key is asked for; None when redis-py has to find out."""
        manager = self._client.nodes_manager
        try:
            node = self._nodes.get(manager.get_node_from_slot(key_slot(key)).name)
        except (SlotNotCoveredError, LookupError) as exc:
            self.mend()
            if self._away or manager.slots_cache:
                raise AvoidedError from exc
            return None
        if node is not None and node.link is not None:
            return node.link
        self.mend()
        if self._away if node is None else node.avoided:
            raise AvoidedError
        return None

    async def _carried(self, key: bytes, payload: bytes, deadline: float, *, again: bool) -> Any:
        """The answer over a connection of our own, or `_UNUSUAL` when redis-py has to be asked."""
        link = self._link(key)
        if link is None:
            return _UNUSUAL
        try:
            reply = await link.send(payload, deadline)
            if isinstance(reply, hiredis.ReplyError) and str(reply).startswith("ASK "):
                link = await self._guest(str(reply).rpartition(" ")[2], deadline)
                if link is None:
                    return _UNUSUAL
                reply = await link.send(_ASKING + payload, deadline, answers=2)
        except LostError:
            if again:
                return _UNUSUAL
            raise
        return self._unusual(str(reply)) if isinstance(reply, hiredis.ReplyError) else reply

    def _unusual(self, said: str) -> object:
        """`_UNUSUAL` for what redis-py knows how to follow; raises any other error."""
        if said.startswith(_REDIRECTIONS):
            self._look_again()
            return _UNUSUAL
        if said.startswith(_NOT_SERVING):
            self.mend()
        raise ResponseError(said.partition(" ")[0])

    async def _guest(self, address: str, deadline: float) -> Link | None:
        """The connection to the node that a slot is moving to, which need not be a master of anything yet.

        Raises:
            AvoidedError: it did not answer when it was asked last; mending tries it again.
        """
        node = self._nodes.get(address) or self._guests.get(address)
        if node is None:
            host, _, port = address.rpartition(":")
            node = self._guests[address] = self._new_node(host, int(port))
        if node.link is None and node.avoided:
            self._missed_guests.add(address)
            self._look_again()
            raise AvoidedError
        if node.link is None:
            async with asyncio.timeout_at(deadline):
                await node.connect()
        return node.link

    def _look_again(self) -> None:
        """Mend, though nothing is known to be broken; once a second is enough."""
        if asyncio.get_running_loop().time() - self._discovered_at > _REDISCOVER_S:
            self.mend()

    async def _mend(self) -> None:
        failures = 0
        while not await self._mended():
            failures = min(failures + 1, _LONGEST_BACKOFF)
            await asyncio.sleep(_BACKOFF.compute(failures))

    async def _mended(self) -> bool:
        """Discover and connect once; whether all masters can be asked now."""
        try:
            async with asyncio.timeout(_DISCOVERY_TIMEOUT_S), _named_faults():
                await self._discover()
        except FAULTS as exc:
            if not self._away:
                _log.warning("redis cluster away", fault=type(exc).__name__)
            self._away = True
        else:
            self._away = False
            self._discovered_at = asyncio.get_running_loop().time()
        self._keep_masters()
        _, *connected = await asyncio.gather(self._connect_guests(), *(node.connect() for node in self._nodes.values()))
        self._count()
        return all(connected) and not self._away

    async def _connect_guests(self) -> None:
        """Try those that broke; one that does not answer, and that nobody was sent to meanwhile, is let go."""
        missed, self._missed_guests = self._missed_guests, set()
        guests = dict(self._guests)
        connected = await asyncio.gather(*(node.connect() for node in guests.values()))
        for address, answers in zip(guests, connected, strict=True):
            if not answers and address not in missed:
                self._guests.pop(address, None)

    async def _discover(self) -> None:
        manager = self._client.nodes_manager
        if not manager.slots_cache:
            await self._client.initialize()
            return
        down = next((name for name, node in self._nodes.items() if node.link is None), None)
        await manager.initialize(last_failed_node_name=down)

    def _keep_masters(self) -> None:
        masters = {nodes[0].name: nodes[0] for nodes in self._client.nodes_manager.slots_cache.values()}
        for name in self._nodes.keys() - masters.keys():
            self._nodes.pop(name).close()
        for name in masters.keys() - self._nodes.keys():
            node = self._guests.pop(name, None)
            self._nodes[name] = node or self._new_node(masters[name].host, int(masters[name].port))

    def _new_node(self, host: str, port: int) -> Node:
        return Node(host, port, self._client_name, self._lost, self._batches, self._traffic)

    def _lost(self) -> None:
        self._count()
        self.mend()

    def _count(self) -> None:
        self._avoided.set(sum(node.avoided for node in self._nodes.values()))
