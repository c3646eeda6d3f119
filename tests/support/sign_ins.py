"""Sign-ins on a real PostgreSQL, cached in a real Redis where there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files

from app.gateway.service.sign_in import SignIns
from app.gateway.store.accounts import Accounts
from app.infra.migrations import migrate
from app.infra.postgres.database import Database
from app.infra.redis.client import Redis
from app.infra.workers import Workers
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from tests.support.postgres_server import PostgresServer


@dataclass(frozen=True)
class SignInsOnServers:
    """What signs people in, and what it rests on."""

    sign_ins: SignIns
    accounts: Accounts
    database: Database
    redis: Redis | None
    instruments: Instruments


@asynccontextmanager
async def sign_ins_on(postgres: PostgresServer, redis_ports: tuple[int, ...] = ()) -> AsyncIterator[SignInsOnServers]:
    """Sign-ins with a fresh database, until the block is left.

    Args:
        postgres: where the database is made.
        redis_ports: some nodes of a Redis Cluster on this machine; without any, nothing is cached.
    """
    database_name = postgres.new_database()
    await migrate(postgres.url(database_name), files("app.gateway.store") / "migrations")
    instruments, tracing = Instruments(), Tracing("gateway", "test")
    database = Database(
        postgres.pooled_url(database_name),
        name="test",
        size=5,
        application_name="test",
        instruments=instruments,
        tracing=tracing,
    )
    await database.open()
    nodes = [("127.0.0.1", port) for port in redis_ports]
    redis = Redis(nodes, client_name="test", instruments=instruments, tracing=tracing) if nodes else None
    workers, accounts = Workers(instruments), Accounts(database)
    sign_ins = SignIns(accounts, redis, workers, instruments)
    yield SignInsOnServers(sign_ins, accounts, database, redis, instruments)
    if redis is not None:
        await redis.close()
    await database.close()
    workers.close()
    tracing.close()
