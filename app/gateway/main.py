"""The gateway's composition root: builds every part once, closes them in reverse, and holds no logic of its own."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from importlib.resources import files
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from app.domain.clusters.answers import Answers
from app.domain.clusters.discovery import KEPT_S as RESOURCE_TYPES_KEPT_S
from app.domain.clusters.discovery import Catalogue
from app.domain.clusters.informers import Informers
from app.domain.clusters.registry import Registry
from app.domain.clusters.sameness import Sameness
from app.domain.commands.engine import Engine
from app.domain.policy.policy import load_policy
from app.errors import KubeChatError, MalformedPayloadError, MethodNotAllowedError, NotFoundError
from app.gateway import store
from app.gateway.clients.audit import AuditClient
from app.gateway.clients.nlp import NlpClient
from app.gateway.dependencies import Parts
from app.gateway.headers import SecurityHeadersMiddleware
from app.gateway.jobs import Jobs, start_language, start_records, start_warming
from app.gateway.own_writes import OwnWritesMiddleware
from app.gateway.routes import (
    alerts,
    ask,
    audit,
    auth,
    caches,
    chats,
    clusters,
    commands,
    maintenances,
    promises,
    streams,
    users,
)
from app.gateway.routes.chat_socket import chat_socket
from app.gateway.routes.web import web_routes
from app.gateway.routes.webhook import webhook_route
from app.gateway.service.added_clusters import REFRESH_EVERY_S, AddedClusters
from app.gateway.service.alerts import AlertFeed
from app.gateway.service.answers_ahead import AnswersAhead
from app.gateway.service.approvals import CHANGED, Approvals
from app.gateway.service.audit_trail import AuditTrail
from app.gateway.service.availability import Availability
from app.gateway.service.changes import Changes
from app.gateway.service.chat import ChatService
from app.gateway.service.cluster_events import replacement_event
from app.gateway.service.fan_out import FanOut
from app.gateway.service.hub import Hub
from app.gateway.service.invalidations import Invalidations
from app.gateway.service.language import Language
from app.gateway.service.live import LiveTables
from app.gateway.service.maintenance import PlannedMaintenance
from app.gateway.service.models import ModelAnswers
from app.gateway.service.promises import Promises
from app.gateway.service.questions import Questions
from app.gateway.service.reads import Reads
from app.gateway.service.recent_changes import RecentlyChanged
from app.gateway.service.refusals import Refusals
from app.gateway.service.sign_in import SignIns
from app.gateway.service.streams import Streams
from app.gateway.service.warming import Warming
from app.gateway.service.web_loads import WebLoads
from app.gateway.settings import GatewaySettings, split_urls
from app.gateway.store.accounts import Accounts
from app.gateway.store.alerts import Alerts
from app.gateway.store.approvals import ApprovalRows
from app.gateway.store.availability import AvailabilityDays
from app.gateway.store.chats import Chats
from app.gateway.store.clusters import AddedClusterRows
from app.gateway.store.maintenances import Maintenances
from app.gateway.store.model_tokens import ModelTokens
from app.gateway.store.outbox import Outbox
from app.gateway.store.plans import Plans
from app.infra.body_limit import BodyLimitMiddleware
from app.infra.cache.memory import MemoryCache
from app.infra.database_start import until_open
from app.infra.http import ServiceClient
from app.infra.ids import new_id
from app.infra.index_rebuilds import IndexRebuilds, start_rebuilds
from app.infra.jobs import repeat
from app.infra.kubernetes.breaker import Breaker
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.kubeconfig import ClusterConfig, load_clusters
from app.infra.lifecycle import Process, Runtime, serve
from app.infra.migrations import migrate
from app.infra.postgres.database import Database
from app.infra.postgres.query import often_in
from app.infra.postgres.replicas import Replicas
from app.infra.private import private_app
from app.infra.prometheus import Prometheus
from app.infra.redis.client import Redis
from app.infra.sealing import read_keys
from app.infra.settings import read_secret
from app.infra.tasks import background_tasks
from app.telemetry.http import TelemetryMiddleware
from slo.pools import ALERT_CONNECTIONS
from slo.targets.caching import KUBERNETES_CACHE_TTL
from slo.targets.requirements import CLUSTER_SCALING

LARGEST_BODY_BYTES = 2**20
DRAIN_PLANS_S = 4.0  # with the listeners' drain this stays under the 10 s that a process has


def create_process(settings: GatewaySettings) -> Process:
    """Build the gateway; nothing is opened before its lifespan starts."""
    runtime = Runtime("gateway", settings)
    instruments, tracing = runtime.instruments, runtime.tracing
    # Never one name for two replicas: the next life of a name takes over the plans of the last.
    instance = settings.instance or f"gateway-{socket.gethostname()}-{settings.port}"
    service_token = read_secret(settings.service_token_file, "service token")
    webhook_token = read_secret(settings.webhook_token_file, "webhook token")
    database, reading, alerting = _databases(settings, instance, runtime)
    nodes = settings.redis_addresses()
    redis = Redis(nodes, client_name=instance, instruments=instruments, tracing=tracing) if nodes else None
    audit_service = ServiceClient(
        "audit", split_urls(settings.audit_urls), token=service_token, instruments=instruments, tracing=tracing
    )
    nlp_service = ServiceClient(
        "nlp", split_urls(settings.nlp_urls), token=service_token, instruments=instruments, tracing=tracing
    )
    prometheus = (
        Prometheus(settings.prometheus_url, instruments=instruments, tracing=tracing)
        if settings.prometheus_url
        else None
    )
    policy, keys = load_policy(settings.policy_file), read_keys(settings.cluster_keys_file)
    workers = runtime.workers
    accounts, conversations = Accounts(database, reading), Chats(database, reading)
    hub = Hub(instance, redis, instruments)
    feed = AlertFeed(Alerts(alerting), hub, instruments)
    invalidations = Invalidations(instance, runtime.caches, redis, instruments)
    public = FastAPI(title="KubeChat", docs_url=None, redoc_url=None, openapi_url=None)
    private = private_app(runtime, [webhook_route(feed, webhook_token, tracing)])

    @asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(audit_service.close)
            stack.push_async_callback(nlp_service.close)
            if prometheus is not None:
                stack.push_async_callback(prometheus.close)
            stack.push_async_callback(reading.close)
            await _open_database(settings, database, stack)
            stack.push_async_callback(alerting.close)
            if redis is not None:
                stack.push_async_callback(redis.close)
            configs = load_clusters(settings.kubeconfig)
            policy.check_clusters(config.name for config in configs.clusters)

            def make_client(config: ClusterConfig) -> ClusterClient:
                sameness.watch(config.name)
                admit, breaker = partial(policy.admit, config.name), Breaker(config.name, instruments)
                return ClusterClient(config, instruments, tracing, admit, breaker)

            async def replaced(cluster: str, old_uid: str, new_uid: str) -> None:
                types.forget(cluster)
                informers.stop_cluster(cluster)
                await invalidations.cluster_changed(cluster)
                await trail.record([replacement_event(cluster, old_uid, new_uid)])

            def forget(cluster: str) -> None:
                types.forget(cluster)
                sameness.forget(cluster)
                informers.stop_cluster(cluster)
                invalidations.forget_here(cluster)

            sameness = Sameness(instruments, replaced)
            clients = Registry(configs.clusters, make_client, instruments)
            stack.push_async_callback(clients.close)
            stack.push_async_callback(sameness.close)
            types: MemoryCache[str, Catalogue] = MemoryCache(
                "resource_types",
                ttl_s=RESOURCE_TYPES_KEPT_S,
                max_entries=most_clusters(len(clients)),
                instruments=instruments,
                caches=runtime.caches,
            )
            informers = Informers(instruments)
            stack.push_async_callback(informers.close)
            answers = Answers(instruments, runtime.caches, lambda: invalidations.hears, informers)
            invalidations.on_cluster(answers.forget_cluster)
            engine = Engine(clients, current=configs.current, known_types=types, answers=answers, sameness=sameness)
            trail = AuditTrail(AuditClient(audit_service), Outbox(database), instruments)
            sign_ins = SignIns(accounts, redis, workers, instruments, settings.session_lifetime_s, policy)
            if settings.admin_password_file is not None:
                await sign_ins.ensure_admin(read_secret(settings.admin_password_file, "administrator's first password"))
            refusals = Refusals(trail, instruments)
            approval_rows = ApprovalRows(database)
            changes = Changes(
                Plans(database),
                engine,
                trail,
                f"{instance}/{new_id()}",
                instruments,
                invalidations.cluster_changed,
                policy,
                approval_rows,
                lambda rules: hub.to_subjects(rules, CHANGED),
                accounts.person,
            )
            approvals = Approvals(
                rows=approval_rows,
                policy=policy,
                trail=trail,
                carrying=changes.carrying,
                chats=conversations,
                hub=hub,
                instruments=instruments,
            )
            maintenance = PlannedMaintenance(Maintenances(database, reading), trail, hub, instruments)
            availability = Availability(AvailabilityDays(database), prometheus, instruments)
            language = Language(
                NlpClient(nlp_service),
                clients,
                hub,
                instruments,
                runtime.caches,
                lambda: invalidations.cleared_at,
                policy,
                lambda cluster: informers.added(cluster, KUBERNETES_CACHE_TTL.figure.number),
            )
            invalidations.on_cluster(language.forget_cluster)
            warming = Warming(
                language,
                redis,
                instruments,
                types=engine,
                people=sign_ins,
                rules=policy.digest,
                answers=AnswersAhead(answers, clients, redis, rules=policy.digest),
            )
            reads = Reads(engine, instruments, policy, RecentlyChanged(trail))
            fan_out = FanOut(reads, lambda: engine.cluster_names, instruments, gave_up=engine.gave_up)
            followed = Streams(engine, instruments, policy)
            models = ModelAnswers(
                language=language,
                fan_out=fan_out,
                trail=trail,
                refusals=refusals,
                tokens=ModelTokens(database),
                cluster_names=lambda: engine.cluster_names,
                instruments=instruments,
                daily_tokens=settings.model_daily_tokens,
                turn_s=settings.model_turn_s,
            )
            chat = ChatService(
                models=models,
                questions=Questions(feed, trail, prometheus, instruments),
                chats=conversations,
                engine=engine,
                fan_out=fan_out,
                streamed=followed,
                changes=changes,
                language=language,
                trail=trail,
                tracing=tracing,
                refusals=refusals,
                instruments=instruments,
            )
            added = AddedClusters(
                AddedClusterRows(database),
                keys,
                clients,
                make_client,
                trail,
                forget,
                invalidations.tell_of_cluster,
            )
            await added.refresh()
            public.state.parts = Parts(
                settings=settings,
                added_clusters=added,
                instruments=instruments,
                accounts=accounts,
                caches=runtime.caches,
                invalidations=invalidations,
                sign_ins=sign_ins,
                chats=conversations,
                chat=chat,
                changes=changes,
                engine=engine,
                reads=reads,
                fan_out=fan_out,
                streams=followed,
                language=language,
                live=LiveTables(engine, trail, instruments, policy),
                trail=trail,
                alerts=feed,
                approvals=approvals,
                hub=hub,
                maintenance=maintenance,
                models=models,
                policy=policy,
                refusals=refusals,
                promises=Promises(prometheus, maintenance, availability),
                web_loads=WebLoads(instruments),
            )
            jobs = Jobs(
                instance=instance,
                accounts=accounts,
                chats=conversations,
                changes=changes,
                approvals=approvals,
                trail=trail,
                sign_ins=sign_ins,
                language=language,
                hub=hub,
                tracing=tracing,
                instruments=instruments,
            )
            runtime.health.register("postgres", database.ping)
            if redis is not None:
                runtime.health.register("redis", redis.ping, required=False)
            start = await stack.enter_async_context(background_tasks())
            jobs.start(start)
            start_records(start, maintenance, availability, instruments)
            start("read replicas", reading.watch())
            start("alerts database", alerting.open_soon_like(database))
            rebuilds = IndexRebuilds(
                settings.postgres_direct_url or settings.postgres_url,
                database="kubechat",
                started_by=instance,
                instruments=instruments,
            )
            start_rebuilds(start, rebuilds, instruments)
            differ = invalidations.clusters_differ
            start(
                "added clusters", repeat("refresh clusters", REFRESH_EVERY_S, added.refresh, instruments, wake=differ)
            )
            start("fan-out", hub.listen())
            start("alert feed", feed.follow())
            start("invalidations", invalidations.listen())
            start("tend watches", repeat("tend watches", 1.0, informers.tend, instruments))
            start_warming(start, warming, instruments)
            start_language(start, language, models, instruments)
            await invalidations.until_listening()
            await warming.start()
            stack.push_async_callback(changes.drain, DRAIN_PLANS_S)
            yield

    _add_routes(public, settings)
    # The last one added is the outermost.
    public.add_middleware(BodyLimitMiddleware, limit_bytes=LARGEST_BODY_BYTES)
    public.add_middleware(
        TelemetryMiddleware,
        instruments=instruments,
        tracing=tracing,
        overloaded=lambda: runtime.memory.shedding,
        always_trace=("/api/v1/ask", "/api/v1/commands", "/api/v1/plans"),
    )
    public.add_middleware(OwnWritesMiddleware, replicas=reading, secure=settings.secure)
    public.add_middleware(SecurityHeadersMiddleware, secure=settings.secure)
    return Process(runtime, public, private, lifespan)


def most_clusters(known: int) -> int:
    """Of how many clusters resource types are kept: of all that there are, and of those that may be added meanwhile."""
    return max(known, CLUSTER_SCALING.figure.whole)


def _databases(settings: GatewaySettings, instance: str, runtime: Runtime) -> tuple[Database, Replicas, Database]:
    """The primary, what reads from its replicas, and the primary once more for alerts alone."""
    size, instruments, tracing = settings.connections, runtime.instruments, runtime.tracing
    primary = Database(
        settings.postgres_url,
        name="kubechat",
        size=size,
        application_name=instance,
        instruments=instruments,
        tracing=tracing,
        often=often_in(store.accounts, store.chats),
        owner_url=settings.postgres_direct_url,
    )
    replicas = [
        Database(
            url,
            name=urlsplit(url).path.lstrip("/"),
            size=size,
            application_name=instance,
            instruments=instruments,
            tracing=tracing,
        )
        for url in split_urls(settings.postgres_replica_urls)
    ]
    alerting = Database(
        settings.postgres_alerts_url or settings.postgres_url,
        name="alerts",
        size=ALERT_CONNECTIONS,
        application_name=instance,
        instruments=instruments,
        tracing=tracing,
    )
    return primary, Replicas(primary, replicas, instruments), alerting


async def _open_database(settings: GatewaySettings, database: Database, stack: AsyncExitStack) -> None:
    """Migrate and open the pool; waits for a database that is not there yet."""

    async def open_once() -> None:
        await migrate(
            settings.postgres_direct_url or settings.postgres_url,
            files("app.gateway.store") / "migrations",
            runner=settings.instance or "gateway",
        )
        await database.open()

    stack.push_async_callback(database.close)
    await until_open(open_once)


def _add_routes(public: FastAPI, settings: GatewaySettings) -> None:
    # The hottest read is a plain route and stands first.
    public.router.routes.append(Route("/api/v1/alerts", alerts.list_alerts))
    public.router.routes.append(WebSocketRoute("/api/v1/chat", chat_socket))
    for module in (ask, auth, caches, chats, clusters, audit, commands, streams, users, maintenances, promises):
        public.include_router(module.router)
    public.router.routes.extend(web_routes(settings.web_dist, settings.runbooks))
    public.add_exception_handler(RequestValidationError, _refuse_payload)
    public.add_exception_handler(HTTPException, _refuse_route)


# Errors are answered in one place, the telemetry middleware: these two turn the framework's into ours.
async def _refuse_payload(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    fields = sorted({".".join(str(part) for part in fault["loc"][1:]) or "body" for fault in error.errors()})
    raise MalformedPayloadError(f"The payload cannot be read; look at: {', '.join(fields)[:300]}.") from error


async def _refuse_route(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, KubeChatError):
        raise error.__cause__  # ours, wrapped while the body was read: it is too large
    if error.status_code == 400:
        raise MalformedPayloadError("The payload cannot be read.") from error
    if error.status_code == 405:
        raise MethodNotAllowedError("This address does not take that method.") from error
    raise NotFoundError("There is nothing at this address.") from error


def main() -> None:
    """Run the gateway until it is told to stop."""
    serve(create_process(GatewaySettings()))


if __name__ == "__main__":
    main()
