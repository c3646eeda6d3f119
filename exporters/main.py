"""The exporters' composition root: what PostgreSQL, PgBouncer, Redis and the machine cannot tell Prometheus themselves.

One process, one page for each kind of target. Nothing is asked before Prometheus asks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.kubeconfig import load_clusters
from app.infra.lifecycle import Process, Runtime, serve
from app.infra.private import private_app
from app.infra.scrape import page
from app.telemetry.instruments import Instruments
from app.telemetry.tracing import Tracing
from exporters import host, kubernetes, network, pgbouncer, postgresql, redis
from exporters.exporter import Exporter
from exporters.promises import publish
from exporters.settings import ExporterSettings
from slo import server_settings


def create_process(settings: ExporterSettings) -> Process:
    """Build the exporters; no target is asked before the first scrape."""
    runtime = Runtime("exporters", settings)
    publish(runtime.instruments)
    exporters = build_exporters(settings, runtime.instruments, runtime.tracing)

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for exporter in exporters:
                stack.push_async_callback(exporter.close)
            yield

    return Process(runtime, None, private_app(runtime, [_route(exporter) for exporter in exporters]), lifespan)


def build_exporters(settings: ExporterSettings, instruments: Instruments, tracing: Tracing) -> Sequence[Exporter]:
    """One exporter for each page; a page whose targets are not set is there and empty.

    Args:
        settings: what is measured.
        instruments: where requests to clusters are measured.
        tracing: spans of such requests.

    Raises:
        InternalError: a setting cannot be used; the message names it.
    """
    deadline_s = settings.export_deadline_s
    of_server = server_settings.postgresql(settings.export_postgres_memory_bytes or None)
    of_node = server_settings.redis(settings.export_redis_data_bytes or None)
    servers = [
        postgresql.PostgresServer(url, of_server, table_databases=settings.table_databases())
        for url in settings.postgres_urls()
    ]
    poolers = [pgbouncer.Pooler(settings.export_pgbouncer_url)] if settings.export_pgbouncer_url else []
    nodes = [redis.RedisNode(address, port, of_node) for address, port in settings.redis_addresses()]
    probes = [
        network.Probe(peer, settings.export_network_authority) for peer in network.peers(settings.export_network_peers)
    ]
    contexts = load_clusters(settings.export_kubeconfig).clusters if settings.export_kubeconfig is not None else ()
    clusters = [kubernetes.Cluster(ClusterClient(context, instruments, tracing)) for context in contexts]
    return (
        Exporter("postgresql", servers, postgresql.VITALS, deadline_s=deadline_s),
        Exporter("pgbouncer", poolers, pgbouncer.VITALS, deadline_s=deadline_s),
        Exporter("redis", nodes, redis.VITALS, deadline_s=deadline_s),
        Exporter("host", [host.Host(settings.directories(), size=settings.size)], host.VITALS, deadline_s=deadline_s),
        Exporter("network", probes, network.VITALS, deadline_s=deadline_s),
        Exporter("kubernetes", clusters, kubernetes.VITALS, deadline_s=deadline_s),
    )


def _route(exporter: Exporter) -> Route:
    async def metrics(_: Request) -> Response:
        return await page((await exporter.collect()).parts())

    return Route(f"/metrics/{exporter.name}", metrics)


def main() -> None:
    """Run the exporters until they are told to stop."""
    serve(create_process(ExporterSettings()))


if __name__ == "__main__":
    main()
