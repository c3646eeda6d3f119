"""A Redis Cluster of the tests' own: the product's configuration and its joining, random ports, nothing left behind."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from redis import Redis
from redis.crc import key_slot
from redis.exceptions import ConnectionError as RedisConnectionError

from app.stack.servers import redis
from app.stack.servers.redis import RedisSettings
from app.stack.service import NotReadyError
from app.stack.setup import redis_cluster
from app.stack.setup.redis_cluster import LOOPBACK, Node, parse_nodes
from tests.support.ports import free_ports
from tests.support.waiting import wait_for

_MEMORY_BYTES = 64 * 2**20


class RedisNodes:
    """Starts as many nodes as the product does and joins them; `close` ends them and removes their files."""

    def __init__(self) -> None:
        ports = free_ports(2 * redis.NODES)
        self.ports, self._buses = ports[: redis.NODES], ports[redis.NODES :]
        self._home = Path(tempfile.mkdtemp(prefix="kubechat-redis-", dir="/tmp"))
        self._servers = {port: self._start(port, bus) for port, bus in zip(self.ports, self._buses, strict=True)}
        try:
            wait_for("the Redis Cluster to be joined", self._joined, every_s=0.05)
        except BaseException:
            self.close()
            raise

    def nodes(self) -> list[Node]:
        """What the first node says of all."""
        return self._seen_by(self.ports[0])

    def masters(self) -> list[int]:
        """The ports of all masters."""
        return [node.port for node in self.nodes() if node.master]

    def holding(self, key: str) -> list[int]:
        """The ports of the masters that have a key; at most one, or the cluster is broken."""
        found = []
        for port in self.masters():
            with self.client(port) as client:
                if client.keys(key):
                    found.append(port)
        return found

    def master_of(self, key: str) -> int:
        """The port of the master that serves a key."""
        slot = key_slot(key.encode())
        with self.client(self.ports[0]) as client:
            for first, last, (_, port, *_), *_ in client.execute_command("CLUSTER SLOTS"):
                if first <= slot <= last:
                    return int(port)
        raise AssertionError(f"no master serves {key}")

    def forget_everything(self) -> None:
        """Remove every key of every node."""
        for port in self.masters():
            with self.client(port) as client:
                client.flushall()

    def kill(self, port: int) -> None:
        """End a node as `kill -9` does."""
        self._servers[port].kill()
        self._servers[port].wait(10)

    def restart(self, port: int) -> None:
        """Start a killed node again, with what it had on disk."""
        self._servers[port] = self._run(port)

    def freeze(self, port: int) -> None:
        """Stop a node without ending it: its connections stay open and answer nothing."""
        self._servers[port].send_signal(signal.SIGSTOP)

    def thaw(self, port: int) -> None:
        """Let a frozen node go on."""
        self._servers[port].send_signal(signal.SIGCONT)

    def add_master(self) -> int:
        """Start one more node and introduce it; the port of a master without slots."""
        port, bus = free_ports(2)
        self._servers[port] = self._start(port, bus)
        with self.client(self.ports[0]) as client:
            client.execute_command("CLUSTER", "MEET", LOOPBACK, port, bus)
        nodes = len(self.ports) + 1
        wait_for("all nodes to know the new one", lambda: all(len(self._seen_by(each)) == nodes for each in self.ports))
        with self.client(port) as client:
            wait_for("the new one to serve", lambda: client.cluster("INFO")["cluster_state"] == "ok")
        return port

    def wait_copied(self) -> None:
        """Wait until each replica has a copy: one that has none yet takes no master's place."""

        def copied(port: int) -> bool:
            with self.client(port) as client:
                said = client.info("replication")
            return said["role"] == "master" or said["master_link_status"] == "up"

        wait_for("the replicas to have copies", lambda: all(copied(port) for port in self.ports))

    def begin_moving(self, slot: int, source: int, target: int) -> dict[int, str]:
        """Have a master send those who ask for what it has no more of a slot to another; the nodes' ids by port."""
        ids = {node.port: node.id for node in self.nodes()}
        with self.client(source) as giver, self.client(target) as taker:
            taker.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
            giver.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
        return ids

    def move_slot(self, slot: int, source: int, target: int) -> None:
        """Move one slot with its keys from a master to another, as `redis-cli --cluster reshard` does."""
        ids = self.begin_moving(slot, source, target)
        with self.client(source) as giver, self.client(target) as taker:
            for key in giver.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 1000):
                giver.execute_command("MIGRATE", LOOPBACK, target, key, 0, 5000)
            taker.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
            giver.execute_command("CLUSTER", "SETSLOT", slot, "NODE", ids[target])

    def client(self, port: int) -> Redis:
        """A client of one node that follows no redirection; close it."""
        return Redis(port=port, decode_responses=False)

    def close(self) -> None:
        """End all nodes."""
        for server in self._servers.values():
            server.kill()
            server.wait(10)
        shutil.rmtree(self._home, ignore_errors=True)

    def _start(self, port: int, bus: int) -> subprocess.Popen[bytes]:
        home = self._home / str(port)
        home.mkdir()
        (home / "redis.conf").write_text(redis.text(RedisSettings(port, bus, str(home), _MEMORY_BYTES)))
        return self._run(port)

    def _run(self, port: int) -> subprocess.Popen[bytes]:
        home = self._home / str(port)
        with (home / "redis.log").open("ab") as log:
            return subprocess.Popen(["redis-server", str(home / "redis.conf")], stdout=log, stderr=log)

    def _seen_by(self, port: int) -> list[Node]:
        with self.client(port) as client:
            return parse_nodes(client.execute_command("CLUSTER", "NODES").decode())

    def _joined(self) -> bool:
        for port, server in self._servers.items():
            log = self._home / str(port) / "redis.log"
            assert server.poll() is None, f"the node on {port} has ended: {log.read_text()[-500:]}"
        try:
            asyncio.run(redis_cluster.form(self.ports, self._buses))
        except (NotReadyError, OSError, RedisConnectionError):
            return False
        return True
