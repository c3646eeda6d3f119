"""Joins Redis nodes into a cluster: slots, acquaintance, replicas. No redis-cli.

It compares what the nodes say with what is wanted and does what is missing, so that it finishes what an interrupted run
began, and leaves a cluster alone in which replicas have become masters.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from app.stack.ports import LOOPBACK
from app.stack.probes import cluster_info, redis_command, redis_connection
from app.stack.servers.redis import MASTERS, SLOTS, slot_ranges
from app.stack.service import NotReadyError


@dataclass(frozen=True, slots=True)
class Node:
    """A line of `CLUSTER NODES`.

    Attributes:
        id: the node's id.
        port: its port.
        master: whether it is a master.
        follows: the id of the master it replicates, else "".
        slots: how many slots it serves.
        flags: as Redis prints them.
    """

    id: str
    port: int
    master: bool
    follows: str
    slots: int
    flags: frozenset[str]


async def form(ports: Sequence[int], bus_ports: Sequence[int]) -> None:
    """Make the nodes one complete cluster; nothing happens when they are.

    Args:
        ports: of all nodes on loopback; the first ones become masters of a new cluster.
        bus_ports: their cluster buses, in the same order.

    Raises:
        NotReadyError: not complete yet; call again.
    """
    async with AsyncExitStack() as stack:
        clients = {port: await stack.enter_async_context(redis_connection(port)) for port in ports}
        if await _complete(clients):
            return
        try:
            await _give_slots(clients)
            await _introduce(clients, dict(zip(ports, bus_ports, strict=True)))
            await _assign_replicas(clients)
        except ResponseError as exc:  # the nodes disagree while they get to know one another
            raise NotReadyError("the cluster's nodes do not agree yet") from exc
        if not await _complete(clients):
            raise NotReadyError("the cluster is being joined")


def parse_nodes(text: str) -> list[Node]:
    """What `CLUSTER NODES` prints."""
    nodes = []
    for line in text.splitlines():
        words = line.split()
        if len(words) < 8:
            continue
        flags = frozenset(words[2].split(","))
        port = int(words[1].split("@")[0].rpartition(":")[2])
        slots = sum(_size(word) for word in words[8:] if not word.startswith("["))
        follows = "" if words[3] == "-" else words[3]
        nodes.append(Node(words[0], port, "master" in flags, follows, slots, flags))
    return nodes


async def _complete(clients: dict[int, Redis]) -> bool:
    for client in clients.values():
        info = await cluster_info(client)
        if info["cluster_state"] != "ok" or int(info["cluster_known_nodes"]) < len(clients):
            return False
        nodes = await _nodes(client)
        masters = {node.id for node in nodes if node.master and node.slots}
        if sum(node.slots for node in nodes) != SLOTS:
            return False
        if any(node.follows not in masters for node in nodes if node.id not in masters):
            return False
    return True


async def _give_slots(clients: dict[int, Redis]) -> None:
    """Share the slots of a cluster that has none yet."""
    own = {port: _myself(await _nodes(client)) for port, client in clients.items()}
    given = sum(node.slots for node in own.values() if node.master)
    wanted = dict(zip(clients, slot_ranges(), strict=False))
    if given >= SLOTS or any(node.slots for port, node in own.items() if port not in wanted):
        return
    for epoch, (port, (first, last)) in enumerate(wanted.items(), start=1):
        if own[port].master and not own[port].slots:
            if int((await cluster_info(clients[port]))["cluster_current_epoch"]) == 0:
                await redis_command(clients[port], "CLUSTER", "SET-CONFIG-EPOCH", epoch)
            await redis_command(clients[port], "CLUSTER", "ADDSLOTSRANGE", first, last)


async def _introduce(clients: dict[int, Redis], buses: dict[int, int]) -> None:
    first, *others = clients
    known = {node.port for node in await _nodes(clients[first]) if "handshake" not in node.flags}
    strangers = [port for port in others if port not in known]
    for port in strangers:
        await redis_command(clients[first], "CLUSTER", "MEET", LOOPBACK, port, buses[port])
    for client in clients.values():
        nodes = await _nodes(client)
        if len(nodes) < len(clients) or any("handshake" in node.flags for node in nodes):
            raise NotReadyError("the cluster's nodes get to know one another")


async def _assign_replicas(clients: dict[int, Redis]) -> None:
    """Every master without slots follows the master that has the fewest replicas."""
    nodes = await _nodes(next(iter(clients.values())))
    masters = [node for node in nodes if node.master and node.slots]
    if len(masters) < min(MASTERS, len(clients)):
        raise NotReadyError("the cluster's masters are not all known yet")
    load = {master.id: sum(node.follows == master.id for node in nodes) for master in masters}
    for node in sorted(nodes, key=lambda each: each.port):
        if node.master and not node.slots and node.port in clients:
            least = min(masters, key=lambda master: (load[master.id], master.port))
            load[least.id] += 1
            await redis_command(clients[node.port], "CLUSTER", "REPLICATE", least.id)


async def _nodes(client: Redis) -> list[Node]:
    # Past redis-py's own reading of this answer, which drops the bus and the flags of a handshake.
    raw = await redis_command(client, "CLUSTER", "NODES")
    return parse_nodes(raw.decode() if isinstance(raw, bytes) else str(raw))


def _myself(nodes: list[Node]) -> Node:
    return next(node for node in nodes if "myself" in node.flags)


def _size(word: str) -> int:
    first, _, last = word.partition("-")
    return int(last or first) - int(first) + 1
