"""What one read replica carries: processor time of a PostgreSQL replica for each transaction, on the local stack.

Transactions, because that is what the rules see of the load; a read is one, or two where it is not prepared. The processor's time
is measured and not the time that passes, since PgBouncer and the client of this benchmark share the replica's cores.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator
from contextlib import suppress

import asyncpg
import psutil

from slo.capacity import READ_TRANSACTIONS
from slo.targets.requirements import API_REQUESTS
from slo.targets.scaling import READ_REPLICAS
from tests.benchmarks.capacity import write
from tests.benchmarks.row import Row
from tests.support.stack import LocalStack

_ROWS = 100_000
_READS = 40_000
_WARM_UP = 4_000
_CONNECTIONS = 16
_SETTLED_S = 11  # a process that has become idle tells what it did ten seconds later
_STORES = ("--only", "postgres", "--only", "pgbouncer")
_HOW = "SELECT by primary key of 100,000 rows through PgBouncer; not prepared, so that each is two transactions"


def read_replica() -> Iterator[Row]:
    """Transactions per second of one core of a replica, and what the most replicas carry against one for each request."""
    stack = LocalStack()
    try:
        stack.command("up", "--detach", *_STORES, within_s=180)
        carried = asyncio.run(_measured(stack))
    finally:
        stack.down()
    write({READ_TRANSACTIONS: (carried, _HOW)})
    replicas, promised = READ_REPLICAS.named("maximum").number, API_REQUESTS.figure.number
    yield Row(
        "capacity of one read replica: transactions",
        carried,
        "per second of a core",
        f"{promised:g} per second with {replicas:g} replicas",
        carried * replicas / promised,
        ">= 1",
        note=f"Processor time of one replica's processes over the transactions that it counts. {_HOW}.",
    )


async def _measured(stack: LocalStack) -> float:
    primary = await _connection(stack, 120)
    await primary.execute("CREATE TABLE measured (id int PRIMARY KEY, body text NOT NULL)")
    await primary.execute(f"INSERT INTO measured SELECT n, repeat('x', 200) FROM generate_series(1, {_ROWS}) AS n")
    await primary.execute("VACUUM ANALYZE measured")
    await primary.close()
    replica = await _connection(stack, 121)
    await _arrived(replica)
    pool = await asyncpg.create_pool(
        _url(stack, 130, "kubechat_replica_1"), min_size=_CONNECTIONS, max_size=_CONNECTIONS, statement_cache_size=0
    )
    server = psutil.Process(int(stack.process("postgres-replica-1")["pid"]))
    try:
        await _read(pool, _WARM_UP)
        counted, used_s = await _transactions(replica), _used_s(server)
        await _read(pool, _READS)
        used_s = _used_s(server) - used_s
        counted = await _transactions(replica) - counted
    finally:
        await pool.close()
        await replica.close()
    return counted / used_s


async def _read(pool: asyncpg.Pool, reads: int) -> None:
    keys = itertools.cycle(range(1, _ROWS, 7919))

    async def reader() -> None:
        async with pool.acquire() as connection:
            for _ in range(reads // _CONNECTIONS):
                assert await connection.fetchval("SELECT body FROM measured WHERE id = $1", next(keys))

    await asyncio.gather(*(reader() for _ in range(_CONNECTIONS)))


async def _transactions(connection: asyncpg.Connection) -> int:
    """Once all processes have told what they did."""
    await asyncio.sleep(_SETTLED_S)
    return int(
        await connection.fetchval(
            "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
        )
    )


async def _arrived(replica: asyncpg.Connection) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(asyncpg.UndefinedTableError):
            if await replica.fetchval("SELECT count(*) FROM measured") == _ROWS:
                return
        await asyncio.sleep(0.2)
    raise AssertionError("the rows have not reached the replica")


def _used_s(server: psutil.Process) -> float:
    """Processor time of a server and of its processes, none of which ends while it is measured."""
    times = [process.cpu_times() for process in (server, *server.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


async def _connection(stack: LocalStack, offset: int) -> asyncpg.Connection:
    return await asyncpg.connect(_url(stack, offset, "kubechat"), statement_cache_size=0)


def _url(stack: LocalStack, offset: int, database: str) -> str:
    password = (stack.state / "secrets" / "postgres-gateway").read_text().strip()
    return f"postgresql://kubechat_gateway:{password}@127.0.0.1:{stack.port_base + offset}/{database}"
