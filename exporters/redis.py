"""What each Redis node says of its memory, its keys, its settings and the cluster.

Holds one connection for each node.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis.asyncio.connection import Connection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.errors import UnavailableError
from app.telemetry import exporter_catalogue as more
from app.telemetry import server_catalogue as first
from exporters.drift import Drift, of_redis
from exporters.exporter import Vitals
from exporters.redis_keys import sampled_bytes
from exporters.sheet import Sheet
from slo.target import Figure

VITALS = Vitals("node", first.REDIS_UP, first.REDIS_SCRAPE_DURATION, first.REDIS_LAST_SUCCESS)
TIMEOUT_S = 2.0
MOST_COMMANDS = 12  # of some two hundred that a node knows; ours are fewer


class RedisNode:
    """One node.

    Args:
        host: its host.
        port: its port.
        wanted: the settings that it is to run with.
    """

    def __init__(self, host: str, port: int, wanted: Mapping[str, Figure]) -> None:
        self.name = f"{host}:{port}"
        self._host, self._port = host, port
        self._wanted = wanted
        self._drift = Drift(self.name)
        self._connection: Connection | None = None

    async def read(self, sheet: Sheet) -> None:
        """Put the node's figures onto the sheet; UnavailableError when it does not answer."""
        try:
            if self._connection is None:
                self._connection = self._new_connection()
                await self._connection.connect()  # type: ignore[no-untyped-call]  # theirs has no annotations
            info = _lines(await self._ask("INFO"))
            commands = _lines(await self._ask("INFO", "commandstats"))
            cluster = _lines(await self._ask("CLUSTER", "INFO")) if info["cluster_enabled"] == "1" else {}
            running = of_redis(await self._ask("CONFIG", "GET", *self._wanted)) if self._wanted else {}
            # A replica sends whoever asks for a key to its master.
            key_bytes = await sampled_bytes(self._connection) if info["role"] == "master" else {}
        except (RedisError, OSError, TimeoutError) as exc:
            raise UnavailableError(f"Redis at {self.name} does not answer.") from exc
        self._put(sheet, info)
        self._put_commands(sheet, commands)
        self._drift.put(sheet, self._wanted, running)
        for kind, mean_bytes in key_bytes.items():
            sheet.put(first.REDIS_KEY_BYTES, mean_bytes, node=self.name, kind=kind)
        if cluster:
            sheet.put(first.REDIS_CLUSTER_OK, float(cluster["cluster_state"] == "ok"), node=self.name)
            sheet.put(first.REDIS_CLUSTER_SLOTS_OK, float(cluster["cluster_slots_ok"]), node=self.name)

    async def drop(self) -> None:
        """Cut the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    def _new_connection(self) -> Connection:
        return Connection(
            host=self._host,
            port=self._port,
            client_name="kubechat-exporters",
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),  # the next scrape is the retry
        )

    async def _ask(self, *words: str) -> Any:
        assert self._connection is not None
        await self._connection.send_command(*words)
        return await self._connection.read_response()

    def _put(self, sheet: Sheet, info: dict[str, str]) -> None:
        sheet.put(first.REDIS_MASTER, float(info["role"] == "master"), node=self.name)
        sheet.put(first.REDIS_MEMORY_USED, float(info["used_memory"]), node=self.name)
        sheet.put(first.REDIS_MEMORY_MAX, float(info["maxmemory"]), node=self.name)
        sheet.put(first.REDIS_KEYSPACE_LOOKUPS, float(info["keyspace_hits"]), node=self.name, result="hit")
        sheet.put(first.REDIS_KEYSPACE_LOOKUPS, float(info["keyspace_misses"]), node=self.name, result="miss")
        sheet.put(first.REDIS_EVICTED_KEYS, float(info["evicted_keys"]), node=self.name)
        sheet.put(more.REDIS_RESIDENT, float(info["used_memory_rss"]), node=self.name)
        sheet.put(more.REDIS_EXPIRED_KEYS, float(info["expired_keys"]), node=self.name)
        for kind, name in (("snapshot", "rdb_last_bgsave_status"), ("log", "aof_last_write_status")):
            sheet.put(more.REDIS_PERSISTENCE_OK, float(info[name] == "ok"), node=self.name, kind=kind)
        if "master_link_status" in info:
            sheet.put(more.REDIS_LINK_UP, float(info["master_link_status"] == "up"), node=self.name)
        sheet.put(first.REDIS_CLIENTS, float(info["connected_clients"]), node=self.name)
        sheet.put(first.REDIS_REPLICAS, float(info["connected_slaves"]), node=self.name)

    def _put_commands(self, sheet: Sheet, commands: dict[str, str]) -> None:
        used: list[tuple[float, float, str]] = []
        for name, line in commands.items():
            fields = dict(part.partition("=")[::2] for part in line.split(","))
            used.append((float(fields["usec"]) / 1e6, float(fields["calls"]), name.removeprefix("cmdstat_")))
        for seconds, calls, operation in sorted(used, reverse=True)[:MOST_COMMANDS]:
            sheet.put(more.REDIS_COMMAND_TIME, seconds, node=self.name, operation=operation)
            sheet.put(more.REDIS_COMMAND_CALLS, calls, node=self.name, operation=operation)


def _lines(answer: Any) -> dict[str, str]:
    """The `name:value` lines of an answer."""
    text = answer.decode() if isinstance(answer, bytes) else str(answer)
    return dict(line.partition(":")[::2] for line in text.splitlines() if ":" in line)
