"""How quick one row by its primary key is: through the service's pool, against pgbench through the same PgBouncer."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import uvloop

from app.infra.postgres.database import Database
from app.infra.postgres.query import Query
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from slo.targets.connections import POOL_SIZE
from tests.benchmarks.row import Row
from tests.support.postgres_server import PASSWORD, ROLE, PostgresServer, programs

ROUNDS = 5
ROUND_S = 3
CONNECTIONS = POOL_SIZE.figure.whole  # as many as the pooler has for one service
AT_LEAST = 0.5
_ROWS = 100_000
_READ = Query("bench.read", "SELECT abalance FROM pgbench_accounts WHERE aid = $1")


def key_read() -> Iterator[Row]:
    """Rows a second, both ways in turn."""
    server = PostgresServer(pool_size=CONNECTIONS)
    try:
        database = server.new_database()
        _pgbench(server, database, "--initialize", "--quiet")
        theirs, ours = [], []
        for _ in range(ROUNDS):
            theirs.append(_theirs(server, database))
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                ours.append(runner.run(_ours(server, database)))
        ratio = statistics.median(our / their for our, their in zip(ours, theirs, strict=True))
        yield Row(
            "a row by its key, through the pool",
            statistics.median(ours),
            "1/s",
            f"pgbench through the same PgBouncer: {statistics.median(theirs):.0f}/s",
            ratio,
            f">= {AT_LEAST:g}",
            note=(
                f"{CONNECTIONS} connections, one process on either side, taken from the pool and given back for each "
                "read, with metrics on; pgbench in extended mode, which PgBouncer 1.18 carries. The median ratio of "
                f"{ROUNDS} interleaved rounds."
            ),
        )
    finally:
        server.close()


def _theirs(server: PostgresServer, database: str) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(f"\\set aid random(1, {_ROWS})\nSELECT abalance FROM pgbench_accounts WHERE aid = :aid;\n")
        script.flush()
        told = _pgbench(
            server,
            database,
            *("--no-vacuum", "--protocol=extended", "--jobs=1", f"--client={CONNECTIONS}"),
            *(f"--time={ROUND_S}", f"--file={script.name}"),
            port=server.pooler_port,
        )
    (line,) = (line for line in told.splitlines() if line.startswith("tps"))
    return float(line.split()[2])


async def _ours(server: PostgresServer, name: str) -> float:
    tracing = Tracing("bench", "bench")
    database = Database(
        server.pooled_url(name),
        name="bench",
        size=CONNECTIONS,
        application_name="bench",
        instruments=Instruments(),
        tracing=tracing,
    )
    await database.open()
    read = 0

    async def reader(key: int) -> None:
        nonlocal read
        while time.perf_counter() < until:
            key = key * 7919 % _ROWS + 1
            await database.fetchrow(_READ, key)
            read += 1

    until = time.perf_counter() + ROUND_S
    await asyncio.gather(*(reader(number) for number in range(1, CONNECTIONS + 1)))
    await database.close()
    tracing.close()
    return read / ROUND_S


def _pgbench(server: PostgresServer, database: str, *arguments: str, port: int | None = None) -> str:
    where = ("-h", "127.0.0.1", "-p", str(port or server.port), "-U", ROLE)
    done = subprocess.run(
        [str(Path(programs()) / "pgbench"), *where, *arguments, database],
        env={**os.environ, "PGPASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout
