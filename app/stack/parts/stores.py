"""PostgreSQL's servers, PgBouncer and the Redis Cluster as services of the stack."""

from __future__ import annotations

import subprocess
from functools import partial
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Final

from app.stack import probes
from app.stack.credentials import POSTGRES_AUDIT, POSTGRES_GATEWAY, POSTGRES_MONITOR, POSTGRES_SUPERUSER
from app.stack.errors import StackError
from app.stack.layout import write_file
from app.stack.parts.ground import Ground
from app.stack.servers import pgbouncer, postgresql, redis
from app.stack.service import Service
from app.stack.setup import redis_cluster
from app.stack.setup.postgresql import PostgresSetup

PRIMARY: Final = "postgres-primary"
PGBOUNCER: Final = "pgbouncer"
# A server that was killed replays its WAL first, up to a checkpoint's distance of it.
_RECOVERY_S: Final = 180.0


def stores(ground: Ground) -> list[Service]:
    """All stores, in order of start."""
    return [*_postgres(ground), _pgbouncer(ground), *_redis(ground)]


def redis_names() -> tuple[str, ...]:
    """The names of all Redis nodes."""
    return tuple(f"redis-{number}" for number in range(1, redis.NODES + 1))


def _postgres(ground: Ground) -> list[Service]:
    layout, ports, replicas = ground.layout, ground.ports, ground.options.read_replicas
    superuser = ground.credentials.read(POSTGRES_SUPERUSER)
    setup = PostgresSetup(
        layout,
        ground.spawner,
        ground.credentials,
        ground.programs.postgres,
        ports.postgres_primary,
        replicas,
        dict(ground.env),
    )

    def server(name: str) -> tuple[Path, tuple[str, ...]]:
        home = layout.of("postgres", name)
        return home, (str(ground.programs.postgres / "postgres"), "-D", str(home / "data"))

    def configured(name: str, port: int, primary: postgresql.Primary | None = None) -> postgresql.PostgresSettings:
        return postgresql.PostgresSettings(
            port=port,
            memory_bytes=ground.settings.postgres_memory_bytes,
            hba_file=str(layout.of("postgres", name, "pg_hba.conf")),
            name=f"kubechat {name}",
            primary=primary,
        )

    home, argv = server("primary")
    found = [
        Service(
            name=PRIMARY,
            argv=argv,
            directory=home,
            env=ground.env,
            port=ports.postgres_primary,
            ports=(ports.postgres_primary,),
            as_server=True,
            stop_signal=SIGINT,  # fast shutdown: rolls back, writes a checkpoint; SIGTERM would wait for clients
            stop_s=30,
            start_s=_RECOVERY_S,
            prepare=partial(setup.prepare_primary, configured("primary", ports.postgres_primary)),
            settle=setup.settle_primary,
            probe=probes.postgres_primary(ports.postgres_primary, user=postgresql.SUPERUSER, password=superuser),
        )
    ]
    for number in range(1, replicas + 1):
        name, port = f"replica-{number}", ports.postgres_replica(number)
        home, argv = server(name)
        primary = postgresql.Primary(ports.postgres_primary, postgresql.slot(number), str(home / "passfile"))
        found.append(
            Service(
                name=f"postgres-{name}",
                argv=argv,
                directory=home,
                env=ground.env,
                after=(PRIMARY,),
                port=port,
                ports=(port,),
                as_server=True,
                stop_signal=SIGINT,
                stop_s=30,
                start_s=_RECOVERY_S,
                prepare=partial(setup.prepare_replica, number, configured(name, port, primary)),
                probe=probes.postgres_replica(port, user=postgresql.SUPERUSER, password=superuser),
            )
        )
    return found


def _pgbouncer(ground: Ground) -> Service:
    ports, account = ground.ports, ground.spawner.account
    home = ground.layout.of("pgbouncer")
    replicas = range(1, ground.options.read_replicas + 1)
    passwords = {
        postgresql.GATEWAY_ROLE: ground.credentials.read(POSTGRES_GATEWAY),
        postgresql.AUDIT_ROLE: ground.credentials.read(POSTGRES_AUDIT),
        postgresql.MONITOR_ROLE: ground.credentials.read(POSTGRES_MONITOR),
    }

    async def prepare() -> None:
        ground.layout.folder("pgbouncer", owner=account)
        write_file(home / "users.txt", pgbouncer.user_list_text(passwords), owner=account)
        settings = pgbouncer.PgBouncerSettings(
            port=ports.pgbouncer,
            primary_port=ports.postgres_primary,
            replica_ports=tuple(ports.postgres_replica(number) for number in replicas),
            auth_file=str(home / "users.txt"),
            version=_pgbouncer_version(ground.programs.pgbouncer),
        )
        write_file(home / "pgbouncer.ini", pgbouncer.text(settings), owner=account)

    return Service(
        name=PGBOUNCER,
        argv=(str(ground.programs.pgbouncer), str(home / "pgbouncer.ini")),
        directory=home,
        env=ground.env,
        after=(PRIMARY, *(f"postgres-replica-{number}" for number in replicas)),
        port=ports.pgbouncer,
        ports=(ports.pgbouncer,),
        as_server=True,
        stop_signal=SIGTERM,
        prepare=prepare,
        probe=probes.pgbouncer(
            ports.pgbouncer,
            databases={
                postgresql.GATEWAY_DATABASE: postgresql.GATEWAY_ROLE,
                postgresql.AUDIT_DATABASE: postgresql.AUDIT_ROLE,
                pgbouncer.ALERTS_DATABASE: postgresql.GATEWAY_ROLE,
                **{pgbouncer.replica_database(number): postgresql.GATEWAY_ROLE for number in replicas},
            },
            passwords=passwords,
            stats_user=postgresql.MONITOR_ROLE,
        ),
    )


def _redis(ground: Ground) -> list[Service]:
    ports, account, names = ground.ports, ground.spawner.account, redis_names()
    numbers = range(1, redis.NODES + 1)

    def node(number: int, name: str) -> Service:
        home = ground.layout.of("redis", str(number))

        async def prepare() -> None:
            ground.layout.folder("redis", str(number), owner=account)
            settings = redis.RedisSettings(
                port=ports.redis(number),
                bus_port=ports.redis_bus(number),
                directory=str(home),
                maxmemory_bytes=ground.settings.redis_maxmemory_bytes,
            )
            write_file(home / "redis.conf", redis.text(settings), owner=account)

        async def join() -> None:
            await redis_cluster.form(
                [ports.redis(each) for each in numbers], [ports.redis_bus(each) for each in numbers]
            )

        last = number == redis.NODES  # the node that starts last brings them together
        return Service(
            name=name,
            argv=(str(ground.programs.redis), str(home / "redis.conf")),
            directory=home,
            env=ground.env,
            after=names[:-1] if last else (),
            port=ports.redis(number),
            ports=(ports.redis(number), ports.redis_bus(number)),
            as_server=True,
            prepare=prepare,
            settle=join if last else None,
            probe=probes.redis_node(ports.redis(number)),
            memory_limit_bytes=ground.settings.redis_memory_bytes,
            fallback="maxmemory",
        )

    return [node(number, name) for number, name in zip(numbers, names, strict=True)]


def _pgbouncer_version(program: Path) -> tuple[int, ...]:
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError) as exc:
        raise StackError("PgBouncer does not say its version.") from exc
    return pgbouncer.parse_version(asked.stdout)
