"""Our own processes as services of the stack: demo clusters, nlp, audit, gateway replicas, exporters."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from app.stack import probes
from app.stack.credentials import (
    ADMIN_PASSWORD,
    CLUSTER_KEYS,
    DEMO_ADMIN_TOKEN,
    DEMO_EXPORTERS_TOKEN,
    DEMO_GATEWAY_TOKEN,
    DEMO_TOKENS,
    POSTGRES_AUDIT,
    POSTGRES_AUDIT_MAINTENANCE,
    POSTGRES_GATEWAY,
    POSTGRES_MAINTENANCE,
    POSTGRES_MONITOR,
    SERVICE_TOKEN,
    WEBHOOK_TOKEN,
)
from app.stack.layout import write_file
from app.stack.parts.ground import Ground
from app.stack.parts.stores import PGBOUNCER, PRIMARY, redis_names
from app.stack.servers import pgbouncer, postgresql
from app.stack.servers.prometheus import Scrape
from app.stack.servers.redis import NODES
from app.stack.service import NotReadyError, Service
from slo.targets.load_balancing import INGRESS_HEALTH_CHECKS
from slo.targets.memory import AUDIT_MEMORY, GATEWAY_MEMORY, NLP_MEMORY

DEMO: Final = "demo"
EXPORTERS: Final = "exporters"
_READY: Final = INGRESS_HEALTH_CHECKS.named("readiness").word
_EXPORTED: Final = ("postgresql", "pgbouncer", "redis", "host", "network", "kubernetes")


def services(ground: Ground, listen_fd: int) -> list[Service]:
    """Our processes, in order of start.

    Args:
        ground: the stack's choices.
        listen_fd: the gateway's listening socket, which all its replicas inherit.
    """
    found = [] if ground.options.kubeconfig is not None else [_demo(ground)]
    found += [_nlp(ground, number) for number in _numbers(ground.settings.nlp_replicas)]
    found += [_audit(ground, number) for number in _numbers(ground.settings.audit_replicas)]
    found += [_gateway(ground, number, listen_fd) for number in _numbers(ground.options.replicas)]
    return [*found, _exporters(ground, found)]


def gateway_names(ground: Ground) -> tuple[str, ...]:
    """The names of all gateway replicas."""
    return tuple(f"gateway-{number}" for number in _numbers(ground.options.replicas))


def clusters_file(ground: Ground) -> Path:
    """The kubeconfig that people use: the one they gave, or the demo clusters'."""
    return ground.options.kubeconfig or ground.layout.kubeconfig


def _demo(ground: Ground) -> Service:
    ports, secrets = ground.ports, ground.credentials
    home = ground.layout.folder(DEMO)

    async def settle() -> None:
        """Tell people and the gateway where the clusters are; the authority is made at the first start."""
        try:
            authority = (home / "tls" / "ca.crt").read_text(encoding="ascii")
        except OSError as exc:
            raise NotReadyError("it has made no certificate yet") from exc
        for path, token in (
            (ground.layout.kubeconfig, DEMO_ADMIN_TOKEN),
            (_gateway_file(ground), DEMO_GATEWAY_TOKEN),
            (_exporters_file(ground), DEMO_EXPORTERS_TOKEN),
        ):
            write_file(
                path,
                ground.demo_kubeconfig(port=ports.demo, token=secrets.read(token), authority_pem=authority),
            )

    return Service(
        name=DEMO,
        argv=ground.module("app.demo.main"),
        directory=home,
        env=_env(
            ground,
            DEMO,
            KUBECHAT_PORT=ports.demo,
            KUBECHAT_PRIVATE_PORT=ports.demo_private,
            KUBECHAT_DEMO_TOKENS_FILE=ground.credentials.path(DEMO_TOKENS),
        ),
        port=ports.demo,
        ports=(ports.demo, ports.demo_private),
        probe=probes.http(ports.demo_private, _READY),
        settle=settle,
    )


_MODEL_OF_NLP = (
    "model_url",
    "model_name",
    "model_key_file",
    "model_timeout_s",
    "model_max_tokens",
    "model_max_prompt_tokens",
    "model_at_once",
    "model_steps",
)


def _nlp(ground: Ground, number: int) -> Service:
    name, private = f"nlp-{number}", ground.ports.nlp_private(number)
    limit = NLP_MEMORY.named("limit").whole
    return Service(
        name=name,
        argv=ground.module("app.nlp.main"),
        directory=ground.layout.folder(name),
        env=_env(
            ground,
            name,
            limit,
            KUBECHAT_PORT=ground.ports.nlp(number),
            KUBECHAT_PRIVATE_PORT=private,
            KUBECHAT_SERVICE_TOKEN_FILE=ground.credentials.path(SERVICE_TOKEN),
            **ground.settings.model_settings(*_MODEL_OF_NLP),
        ),
        port=ground.ports.nlp(number),
        ports=(ground.ports.nlp(number), private),
        probe=probes.http(private, _READY),
        memory_limit_bytes=limit,
        scrapes=(Scrape("nlp", name, private),),
    )


def _audit(ground: Ground, number: int) -> Service:
    name, private = f"audit-{number}", ground.ports.audit_private(number)
    limit = AUDIT_MEMORY.named("limit").whole
    role, password, database = (
        postgresql.AUDIT_ROLE,
        ground.credentials.read(POSTGRES_AUDIT),
        postgresql.AUDIT_DATABASE,
    )
    return Service(
        name=name,
        argv=ground.module("app.audit.main"),
        directory=ground.layout.folder(name),
        env=_env(
            ground,
            name,
            limit,
            KUBECHAT_PORT=ground.ports.audit(number),
            KUBECHAT_PRIVATE_PORT=private,
            KUBECHAT_SERVICE_TOKEN_FILE=ground.credentials.path(SERVICE_TOKEN),
            KUBECHAT_POSTGRES_URL=_dsn(ground.ports.pgbouncer, role, password, database),
            KUBECHAT_POSTGRES_DIRECT_URL=_direct_dsn(ground, database, POSTGRES_AUDIT_MAINTENANCE),
        ),
        after=(PRIMARY, PGBOUNCER),
        port=ground.ports.audit(number),
        ports=(ground.ports.audit(number), private),
        probe=probes.http(private, _READY),
        memory_limit_bytes=limit,
        scrapes=(Scrape("audit", name, private),),
    )


def _gateway(ground: Ground, number: int, listen_fd: int) -> Service:
    name, ports, private = f"gateway-{number}", ground.ports, ground.ports.gateway_private(number)
    limit = GATEWAY_MEMORY.named("limit").whole
    role, password = postgresql.GATEWAY_ROLE, ground.credentials.read(POSTGRES_GATEWAY)
    nlp, audit = _numbers(ground.settings.nlp_replicas), _numbers(ground.settings.audit_replicas)
    replicas = [pgbouncer.replica_database(each) for each in _numbers(ground.options.read_replicas)]
    return Service(
        name=name,
        argv=ground.module("app.gateway.main"),
        directory=ground.layout.folder(name),
        env={
            **_clusters_environment(ground),
            **_env(
                ground,
                name,
                limit,
                KUBECHAT_PORT=ports.public,
                KUBECHAT_LISTEN_FD=listen_fd,
                KUBECHAT_PRIVATE_PORT=private,
                KUBECHAT_SERVICE_TOKEN_FILE=ground.credentials.path(SERVICE_TOKEN),
                KUBECHAT_CLUSTER_KEYS_FILE=ground.credentials.path(CLUSTER_KEYS),
                KUBECHAT_WEBHOOK_TOKEN_FILE=ground.credentials.path(WEBHOOK_TOKEN),
                KUBECHAT_ADMIN_PASSWORD_FILE=ground.credentials.path(ADMIN_PASSWORD),
                KUBECHAT_POSTGRES_URL=_dsn(ports.pgbouncer, role, password, postgresql.GATEWAY_DATABASE),
                KUBECHAT_POSTGRES_ALERTS_URL=_dsn(ports.pgbouncer, role, password, pgbouncer.ALERTS_DATABASE),
                KUBECHAT_POSTGRES_DIRECT_URL=_direct_dsn(ground, postgresql.GATEWAY_DATABASE, POSTGRES_MAINTENANCE),
                KUBECHAT_POSTGRES_REPLICA_URLS=",".join(
                    _dsn(ports.pgbouncer, role, password, database) for database in replicas
                ),
                KUBECHAT_REDIS_NODES=_redis_nodes(ground),
                KUBECHAT_AUDIT_URLS=",".join(f"http://127.0.0.1:{ports.audit(each)}" for each in audit),
                **ground.settings.model_settings("model_daily_tokens", "model_turn_s"),
                KUBECHAT_NLP_URLS=",".join(f"http://127.0.0.1:{ports.nlp(each)}" for each in nlp),
                KUBECHAT_KUBECONFIG=ground.options.kubeconfig or _gateway_file(ground),
                KUBECHAT_PUBLIC_URL=ground.public_url,
                KUBECHAT_PROMETHEUS_URL=f"http://127.0.0.1:{ports.prometheus}",
                KUBECHAT_WEB_DIST=ground.code / "app" / "web" / "dist",
                KUBECHAT_RUNBOOKS=ground.code / "alerts" / "runbooks",
                **_policy(ground),
            ),
        },
        after=(
            PGBOUNCER,
            *redis_names(),
            *(f"audit-{each}" for each in audit),
            *(f"nlp-{each}" for each in nlp),
            *(() if ground.options.kubeconfig is not None else (DEMO,)),
        ),
        port=ports.public,
        ports=(private,),
        probe=probes.http(private, _READY),
        memory_limit_bytes=limit,
        pass_fds=(listen_fd,),
        scrapes=(Scrape("gateway", name, private),),
    )


def _exporters(ground: Ground, others: Sequence[Service]) -> Service:
    ports, password = ground.ports, ground.credentials.read(POSTGRES_MONITOR)
    role = postgresql.MONITOR_ROLE
    servers = [
        ports.postgres_primary,
        *(ports.postgres_replica(each) for each in _numbers(ground.options.read_replicas)),
    ]
    return Service(
        name=EXPORTERS,
        argv=ground.module("exporters.main"),
        directory=ground.layout.folder(EXPORTERS),
        env=_looking_account(ground)
        | _env(
            ground,
            EXPORTERS,
            KUBECHAT_PRIVATE_PORT=ports.exporters,
            KUBECHAT_EXPORT_POSTGRES_URLS=",".join(
                _dsn(port, role, password, postgresql.GATEWAY_DATABASE) for port in servers
            ),
            KUBECHAT_EXPORT_PGBOUNCER_URL=_dsn(ports.pgbouncer, role, password, "pgbouncer"),
            KUBECHAT_EXPORT_REDIS_NODES=_redis_nodes(ground),
            KUBECHAT_EXPORT_DIRECTORIES=",".join(_directories(ground)),
            KUBECHAT_EXPORT_NETWORK_PEERS=",".join(_peers(ground, others)),
            KUBECHAT_EXPORT_NETWORK_AUTHORITY=ground.layout.of(DEMO) / "tls" / "ca.crt",
            KUBECHAT_EXPORT_POSTGRES_MEMORY_BYTES=ground.settings.postgres_memory_bytes,
            KUBECHAT_EXPORT_REDIS_DATA_BYTES=ground.settings.redis_maxmemory_bytes,
        ),
        after=(PGBOUNCER, *redis_names(), *(() if ground.options.kubeconfig is not None else (DEMO,))),
        port=ports.exporters,
        ports=(ports.exporters,),
        probe=probes.http(ports.exporters, _READY),
        scrapes=(
            Scrape(EXPORTERS, EXPORTERS, ports.exporters),
            *(Scrape(name, name, ports.exporters, f"/metrics/{name}") for name in _EXPORTED),
        ),
    )


def _looking_account(ground: Ground) -> dict[str, str]:
    """How the exporters reach clusters: never under the account that acts for people on real ones."""
    given = ground.settings.export_kubeconfig
    if given is None and ground.options.kubeconfig is None:
        given = _exporters_file(ground)
    return {} if given is None else {"KUBECHAT_EXPORT_KUBECONFIG": str(given)}


def _directories(ground: Ground) -> list[str]:
    """Where what is written ends up, by what it is."""
    layout = ground.layout
    primary = layout.of("postgres", "primary", "data")
    return [
        f"data={primary}",
        f"wal={primary / 'pg_wal'}",
        *(f"data={layout.of(name)}" for name in redis_names()),
        f"log={layout.logs}",
        *(f"spool={layout.of(name)}" for name in gateway_names(ground)),
    ]


def _peers(ground: Ground, others: Sequence[Service]) -> list[str]:
    """Whom the exporters knock at: what speaks HTTP by a route that anybody may ask, all else by its port."""
    ports = ground.ports
    tcp = {
        PRIMARY: ports.postgres_primary,
        **{f"postgres-replica-{each}": ports.postgres_replica(each) for each in _numbers(ground.options.read_replicas)},
        PGBOUNCER: ports.pgbouncer,
        **{f"redis-{each}": ports.redis(each) for each in _numbers(NODES)},
    }
    alive = INGRESS_HEALTH_CHECKS.named("liveness").word
    http = {scrape.instance: scrape.port for service in others for scrape in service.scrapes}
    return [
        *(f"{name}=tcp://127.0.0.1:{port}" for name, port in tcp.items()),
        *(f"{name}=http://127.0.0.1:{port}{alive}" for name, port in http.items()),
        *(() if ground.options.kubeconfig is not None else (f"{DEMO}=https://127.0.0.1:{ports.demo}/readyz",)),
    ]


def _env(ground: Ground, name: str, limit_bytes: int | None = None, **own: object) -> dict[str, str]:
    settings = ground.settings
    given = {
        **ground.env,
        "PYTHONPATH": str(ground.code),
        **_bytecode(ground),
        "KUBECHAT_HOST": "127.0.0.1",
        "KUBECHAT_PRIVATE_HOST": "127.0.0.1",
        "KUBECHAT_INSTANCE": name,
        "KUBECHAT_STATE_DIR": str(ground.layout.of(name)),
        "KUBECHAT_LOG_LEVEL": settings.log_level,
        **{key: str(value) for key, value in own.items()},
    }
    if settings.otlp_endpoint:
        given["KUBECHAT_OTLP_ENDPOINT"] = settings.otlp_endpoint
        given["KUBECHAT_OTLP_PROTOCOL"] = settings.otlp_protocol
    if limit_bytes is not None:
        given["KUBECHAT_MEMORY_LIMIT_BYTES"] = str(limit_bytes)
    return given


def _policy(ground: Ground) -> dict[str, Path]:
    path = ground.settings.policy_file
    return {} if path is None else {"KUBECHAT_POLICY_FILE": path.expanduser().absolute()}


def _bytecode(ground: Ground) -> dict[str, str]:
    """In a checkout that belongs to somebody else nothing is left that they could not remove."""
    own = ground.code.stat().st_uid == os.geteuid()
    return {} if own else {"PYTHONDONTWRITEBYTECODE": "1"}


def _clusters_environment(ground: Ground, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Real clusters' credentials may come from programs that need the person's own environment."""
    if ground.options.kubeconfig is None:
        return {}
    return {key: value for key, value in environ.items() if not key.startswith(("KUBECHAT_", "PYTHON"))}


def _dsn(port: int, role: str, password: str, database: str) -> str:
    return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def _direct_dsn(ground: Ground, database: str, secret: str) -> str:
    return postgresql.maintenance_dsn(ground.ports.postgres_primary, database, ground.credentials.read(secret))


def _redis_nodes(ground: Ground) -> str:
    return ",".join(f"127.0.0.1:{ground.ports.redis(number)}" for number in _numbers(NODES))


def _exporters_file(ground: Ground) -> Path:
    return ground.layout.of("exporters-kubeconfig")


def _gateway_file(ground: Ground) -> Path:
    return ground.layout.of("gateway-kubeconfig")


def _numbers(count: int) -> range:
    return range(1, count + 1)


def demo_tokens_text(admin_token: str, gateway_token: str, exporters_token: str) -> str:
    """Who the demo clusters know.

    Args:
        admin_token: a person with every right.
        gateway_token: the gateway, which may only act for others.
        exporters_token: the exporters, which may look at everything but secrets.
    """
    return json.dumps(
        {
            admin_token: {"user": "admin", "groups": ["kubechat:admins"]},
            gateway_token: {"user": "kubechat-gateway", "groups": ["kubechat:gateway"]},
            exporters_token: {"user": "kubechat-exporters", "groups": ["kubechat:viewers"]},
        }
    )
