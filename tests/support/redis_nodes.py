"""A Redis Cluster of the tests' own: the product's configuration and its joining, random ports, nothing left behind."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from app.stack.servers import redis
from app.stack.servers.redis import RedisSettings
from app.stack.service import NotReadyError
from app.stack.setup import redis_cluster
from app.stack.setup.redis_cluster import Node, parse_nodes
from tests.support.postgres_server import free_port
from tests.support.waiting import wait_for

_MEMORY_BYTES = 64 * 2**20


class RedisNodes:
    """Starts as many nodes as the product does and joins them; `close` ends them and removes their files."""

    def __init__(self) -> None:
        self.ports = [free_port() for _ in range(redis.NODES)]
        self._buses = [free_port() for _ in self.ports]
        self._home = Path(tempfile.mkdtemp(prefix="kubechat-redis-", dir="/tmp"))
        self._servers = [self._start(port, bus) for port, bus in zip(self.ports, self._buses, strict=True)]
        try:
            wait_for("the Redis Cluster to be joined", self._joined, every_s=0.05)
        except BaseException:
            self.close()
            raise

    def nodes(self) -> list[Node]:
        """What the first node says of all."""
        with self.client(self.ports[0]) as client:
            return parse_nodes(client.execute_command("CLUSTER", "NODES").decode())

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

    def client(self, port: int) -> Redis:
        """A client of one node that follows no redirection; close it."""
        return Redis(port=port, decode_responses=False)

    def close(self) -> None:
        """End all nodes."""
        for server in self._servers:
            server.kill()
            server.wait(10)
        shutil.rmtree(self._home, ignore_errors=True)

    def _start(self, port: int, bus: int) -> subprocess.Popen[bytes]:
        home = self._home / str(port)
        home.mkdir()
        (home / "redis.conf").write_text(redis.text(RedisSettings(port, bus, str(home), _MEMORY_BYTES)))
        with (home / "redis.log").open("wb") as log:
            return subprocess.Popen(["redis-server", str(home / "redis.conf")], stdout=log, stderr=log)

    def _joined(self) -> bool:
        try:
            asyncio.run(redis_cluster.form(self.ports, self._buses))
        except (NotReadyError, OSError, RedisConnectionError):
            return False
        return True
