"""What the architecture document wants to be measured is on the services' pages, and its panels are on the dashboards."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from alerts.catalogue import rule_files
from app.audit.main import create_process as create_audit
from app.audit.settings import AuditSettings
from app.gateway.jobs import Jobs
from app.gateway.main import create_process as create_gateway
from app.gateway.settings import GatewaySettings
from app.infra.cgroup import ControlGroup
from app.infra.http import ServiceClient
from app.infra.kubernetes.client import ClusterClient
from app.infra.kubernetes.impersonation import Impersonation
from app.infra.kubernetes.kubeconfig import load_clusters
from app.infra.lifecycle import Process
from app.infra.redis.link import Link
from app.infra.traffic import Traffic
from app.nlp.main import create_process as create_nlp
from app.nlp.settings import NlpSettings
from app.telemetry import catalogue
from app.telemetry.exporter_catalogue import HOST_DISK_BYTES, HOST_DISK_OPERATIONS
from app.telemetry.instruments import Instruments
from app.telemetry.log_meter import LogMeter
from app.telemetry.tracing import Tracing
from dashboards.catalogue import all_dashboards, questions
from dashboards.grafana import rendered
from exporters.host import Host
from exporters.main import create_process as create_exporters
from exporters.settings import ExporterSettings
from exporters.sheet import Sheet
from slo.panels import REQUEST_THROUGHPUT
from tests.support.kube_api import KubeApi, write_kubeconfig

TOKEN = "between-services"
SIGNED = {"authorization": f"Bearer {TOKEN}"}
DIRECTIONS = ("sent", "received")
PING = b"*1\r\n$4\r\nPING\r\n"
Sample = tuple[str, dict[str, str], float]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[dict[str, Process]]:
    """Every process as it is built, before it opens anything."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    database = "postgresql://x@127.0.0.1:1/x"
    made = {
        "gateway": create_gateway(
            GatewaySettings(
                postgres_url=database,
                audit_urls="http://127.0.0.1:1",
                nlp_urls="http://127.0.0.1:1",
                kubeconfig=tmp_path / "kubeconfig",
                service_token_file=token,
                webhook_token_file=token,
            )
        ),
        "nlp": create_nlp(NlpSettings(service_token_file=token)),
        "audit": create_audit(AuditSettings(postgres_url=database, service_token_file=token)),
        "exporters": create_exporters(ExporterSettings()),
    }
    yield made
    for process in made.values():
        process.runtime.workers.close()
        process.runtime.tracing.close()


async def ask(app: Any, path: str, method: str = "GET", **given: Any) -> httpx2.Response:
    """One request to a listener, without a socket."""
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://service") as http:
        return await http.request(method, path, **given)


async def scraped(process: Process, name: str) -> list[Sample]:
    """The samples of one name on a process' page of metrics."""
    page = (await ask(process.private, "/metrics")).text
    return [
        (sample.name, dict(sample.labels), sample.value)
        for family in text_string_to_metric_families(page)
        for sample in family.samples
        if sample.name == name
    ]


async def total(process: Process, name: str) -> float:
    """The sum of all series of one name on a process' page of metrics."""
    return sum(value for _, _, value in await scraped(process, name))


async def test_the_duration_of_every_request_is_observed_in_a_histogram(processes: dict[str, Process]) -> None:
    for service in ("gateway", "nlp", "audit"):
        for path in ("/", "/nothing.js"):
            await ask(processes[service].public, path)
        assert await total(processes[service], "kubechat_http_request_duration_seconds_count") == 2


async def test_requests_are_counted_and_shown_per_second(processes: dict[str, Process]) -> None:
    for service in ("gateway", "nlp", "audit"):
        for path in ("/", "/nothing.js"):
            await ask(processes[service].public, path)
        assert await total(processes[service], "kubechat_http_requests_total") == 2
    (shown,) = [question for question in questions() if question.panel == REQUEST_THROUGHPUT]
    assert "rate(kubechat_http_requests_total" in shown.expression


async def test_failed_requests_are_told_apart_by_their_status(processes: dict[str, Process]) -> None:
    gateway = processes["gateway"]
    for path in ("/", "/nothing.js"):
        await ask(gateway.public, path)
    gateway.runtime.memory.shedding = True
    await ask(gateway.public, "/")
    samples = await scraped(gateway, "kubechat_http_requests_total")
    assert {labels["status"]: value for _, labels, value in samples} == {"200": 1, "404": 1, "503": 1}


async def test_the_number_of_people_with_a_session_is_a_gauge() -> None:
    class Counted:
        async def active(self) -> int:
            return 7

        async def prune(self) -> None:
            return

    class Idle:
        """Does nothing, whatever is asked of it."""

        def __getattr__(self, _: str) -> Idle:
            return self

    counted: Any = Counted()
    idle: Any = Idle()
    instruments, works = Instruments(), dict[str, Coroutine[Any, Any, None]]()
    jobs = Jobs(
        instance="gateway-1",
        accounts=counted,
        chats=counted,
        changes=idle,
        approvals=idle,
        trail=idle,
        sign_ins=idle,
        language=idle,
        hub=idle,
        tracing=idle,
        instruments=instruments,
    )
    jobs.start(works.__setitem__)
    counting = asyncio.create_task(works.pop("count sessions"))
    for work in works.values():
        work.close()
    await asyncio.sleep(0)
    counting.cancel()
    assert instruments.value(catalogue.SESSIONS_ACTIVE) == 7


async def test_every_process_tells_its_cpu_time(processes: dict[str, Process]) -> None:
    for process in processes.values():
        assert await total(process, "process_cpu_seconds_total") > 0


async def test_every_process_tells_its_heap_and_its_container(processes: dict[str, Process], tmp_path: Path) -> None:
    (tmp_path / "memory.current").write_text("5000000")
    (tmp_path / "memory.stat").write_text("inactive_file 1000000")
    (tmp_path / "self").write_text("0::/")
    for process in processes.values():
        process.runtime.memory._group = ControlGroup(tmp_path / "self", tmp_path)
        process.runtime.memory.sample()
        parts = {labels["part"]: value for _, labels, value in await scraped(process, "kubechat_heap_bytes")}
        assert parts.keys() == {"objects", "malloc"}
        assert all(value > 2**20 for value in parts.values())
        assert await total(process, "kubechat_container_working_set_bytes") == 4_000_000


async def test_reads_and_writes_are_told_by_what_is_on_the_device_and_log_lines_by_their_bytes(tmp_path: Path) -> None:
    device = os.stat(tmp_path).st_dev  # noqa: PTH116 - the number of the device that is below the folder
    (tmp_path / "diskstats").write_text(f"{os.major(device)} {os.minor(device)} vda 10 0 80 0 4 0 16 0 0 0 0\n")
    roles = {role: [tmp_path / role] for role in ("data", "wal", "log", "spool")}
    for (folder,) in roles.values():
        folder.mkdir()
    host, sheet = Host(roles, proc=tmp_path), Sheet()
    await host.read(sheet)
    for role in roles:
        own = {"host": host.name, "role": role, "device": "vda"}
        assert sheet.value(HOST_DISK_BYTES, **own, direction="read") == 80 * 512
        assert sheet.value(HOST_DISK_BYTES, **own, direction="write") == 16 * 512
        assert sheet.value(HOST_DISK_OPERATIONS, **own, direction="write") == 4
    instruments, written = Instruments(), io.StringIO()
    LogMeter(written, instruments).write('{"event": "✓"}\n')
    assert written.getvalue() == '{"event": "✓"}\n'
    assert instruments.value(catalogue.LOG_BYTES) == 17
    assert instruments.value(catalogue.LOG_WRITE_DURATION, "_count") == 1


async def test_every_client_counts_the_bytes_that_it_sends_and_receives_by_its_peer(tmp_path: Path) -> None:
    instruments, tracing = Instruments(), Tracing("gateway", "gateway-1")

    def counted(peer: str) -> tuple[float, float]:
        sent, received = (instruments.value(catalogue.DEPENDENCY_BYTES, peer=peer, direction=d) for d in DIRECTIONS)
        return sent, received

    async with KubeApi() as server:
        client = ServiceClient("audit", [server.url], token=TOKEN, instruments=instruments, tracing=tracing)
        await client.call("store", "POST", "/v1/events", json={"a": 1}, timeout_s=5)
        await client.close()
        (config,) = load_clusters(write_kubeconfig(tmp_path / "kubeconfig", server.url)).clusters
        cluster = ClusterClient(config, instruments, tracing)
        await cluster.request("PATCH", "/api", identity=Impersonation("ann"), body=b"12345")
        await cluster.close()
    assert counted("audit") == (len(b'{"a":1}'), len(b"{}"))
    assert counted("kubernetes") == (5, len(b"{}"))

    async def pong(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(PING))
        writer.write(b"+PONG\r\n")
        writer.close()

    loop = asyncio.get_running_loop()
    async with await asyncio.start_server(pong, "127.0.0.1", 0) as redis:
        batches = instruments.histogram(catalogue.REDIS_PIPELINE_COMMANDS)
        traffic = Traffic(instruments, "redis")
        port = redis.sockets[0].getsockname()[1]
        _, link = await loop.create_connection(lambda: Link(lambda: None, batches, traffic), "127.0.0.1", port)
        assert await link.send(PING, loop.time() + 5) == b"PONG"
        link.close()
    assert counted("redis") == (len(PING), len(b"+PONG\r\n"))
    tracing.close()


async def test_the_time_from_words_to_plan_is_observed_by_what_answered(processes: dict[str, Process]) -> None:
    nlp = processes["nlp"]
    body = orjson.dumps({"text": "show the pods", "context": {}, "vocabulary": {"version": "", "clusters": []}})
    await ask(nlp.public, "/v1/plan", "POST", content=body, headers=SIGNED)
    samples = await scraped(nlp, "kubechat_nlp_processing_seconds_count")
    assert [(labels, value) for _, labels, value in samples] == [({"backend": "embedded"}, 1)]


def expressions(dashboard: str, title: str) -> list[str]:
    """What the panel of this title asks, in the dashboard as Grafana loads it."""
    (board,) = [rendered(each) for each in all_dashboards() if each.uid == dashboard]
    panels = {panel["title"]: panel for panel in board["panels"]}
    assert title in panels
    return [target["expr"] for target in panels[title]["targets"]]


def test_the_overview_shows_the_median_and_two_high_percentiles_of_each_services_time() -> None:
    asked = expressions("kubechat-system-overview", "Service response times (p50, p95, p99)")
    assert all("by (le, job) (rate(kubechat_http_request_duration_seconds_bucket" in one for one in asked)
    assert [one.partition(",")[0] for one in asked] == [
        "histogram_quantile(0.5",
        "histogram_quantile(0.95",
        "histogram_quantile(0.99",
    ]


def test_the_overview_shows_the_requests_per_second_of_each_service() -> None:
    (asked,) = expressions("kubechat-system-overview", "Request throughput by service")
    assert asked.startswith("sum by (job) (rate(kubechat_http_requests_total")


def test_the_overview_shows_the_share_of_failures_and_their_statuses() -> None:
    share, statuses = expressions("kubechat-system-overview", "Error rates and status codes")
    assert 'status=~"5.."' in share
    assert statuses.startswith("sum by (status) (rate(kubechat_http_requests_total")


def test_the_overview_shows_how_many_people_are_signed_in() -> None:
    asked = expressions("kubechat-system-overview", "Active user sessions")
    for name in ("kubechat_sessions_active", "kubechat_chat_sessions_active", "kubechat_websockets"):
        assert sum(name in one for one in asked) == 1


def recorded(name: str) -> str:
    """What the rule of this name records, in the rule files as Prometheus loads them."""
    rules = [rule for file in rule_files() for group in yaml.safe_load(file.text)["groups"] for rule in group["rules"]]
    (expression,) = [" ".join(rule["expr"].split()) for rule in rules if rule.get("record") == name]
    return expression


def test_commands_are_shown_per_minute() -> None:
    assert expressions("kubechat-gateway", "Commands per minute") == ["kubechat:commands:per_minute"]
    assert 'increase(kubechat_commands_total{job="gateway"}[1m])' in recorded("kubechat:commands:per_minute")


def test_audit_events_are_shown_per_hour() -> None:
    assert expressions("kubechat-audit", "Audit events per hour") == ["kubechat:audit_events:per_hour"]
    assert 'increase(kubechat_audit_events_total{job="audit"}[1h])' in recorded("kubechat:audit_events:per_hour")


RESOURCES, ANALYSIS = "kubechat-resource-utilization", "kubechat-performance-analysis"


def test_the_resources_show_processor_and_memory_of_each_service() -> None:
    asked = expressions(RESOURCES, "CPU and memory usage by service")
    assert any("by (job) (rate(process_cpu_seconds_total" in one for one in asked)
    assert any("kubechat_memory_resident_bytes" in one and "kubechat_memory_limit_bytes" in one for one in asked)


def test_the_resources_show_database_connections_in_use_free_and_waited_for() -> None:
    asked = expressions(RESOURCES, "Database connection pool status")
    for name in ("kubechat_pool_in_use", "kubechat_pool_size", "kubechat_pgbouncer_server_connections"):
        assert sum(f"{name}{{" in one for one in asked) == 1
    assert any("kubechat_pgbouncer_client_connections" in one and 'state="waiting"' in one for one in asked)


def test_the_resources_show_what_each_cache_answers_and_drops() -> None:
    hits, of_redis, dropped, dropped_by_redis = expressions(RESOURCES, "Cache hit ratios and eviction rates")
    assert "by (cache)" in hits
    assert hits.count("rate(kubechat_cache_lookups_total") == 2
    assert hits.count('result="hit"') == 1
    assert "kubechat_redis_keyspace_lookups_total" in of_redis
    assert "rate(kubechat_cache_evictions_total" in dropped
    assert "rate(kubechat_redis_evicted_keys_total" in dropped_by_redis


def test_the_resources_show_operations_bytes_latency_and_free_space() -> None:
    latency, operations, size, free = expressions(RESOURCES, "Storage I/O and disk usage")
    assert all("by (role, direction)" in one for one in (latency, operations, size))
    assert "kubechat_host_disk_seconds_total" in latency
    assert "rate(kubechat_host_disk_operations_total" in operations
    assert "rate(kubechat_host_disk_bytes_total" in size
    assert "kubechat_host_disk_free_bytes" in free


def test_the_analysis_shows_the_statements_that_take_most_time_by_their_text() -> None:
    in_all, each = expressions(ANALYSIS, "Slowest database queries")
    for one in (in_all, each):
        assert one.startswith("topk(10, ")
        assert "rate(kubechat_postgresql_statement_seconds_total" in one
        assert "group_left (text)" in one
    assert "kubechat_postgresql_statement_calls_total" in each


def test_the_analysis_shows_how_long_each_service_waits_for_each_other() -> None:
    asked = expressions(ANALYSIS, "Service dependency latency")
    services = [one for one in asked if "kubechat_dependency_duration_seconds_bucket" in one]
    assert [one.partition(",")[0][19:] for one in services] == ["0.5", "0.95", "0.99"]
    assert all("by (le, job, dependency)" in one for one in services)
    assert sum("kubechat_postgres_query_duration_seconds_bucket" in one for one in asked) == 3


def test_the_analysis_shows_how_each_kubernetes_api_answers_by_verb() -> None:
    times, requests, failed = expressions(ANALYSIS, "Kubernetes API call performance")
    assert "by (le, cluster, verb) (rate(kubechat_kubernetes_request_duration_seconds_bucket" in times
    assert requests.startswith("sum by (cluster) (rate(kubechat_kubernetes_requests_total")
    assert "5.." in failed


def test_the_analysis_shows_the_way_from_each_service_to_each_other_and_each_phase_of_a_new_one() -> None:
    pairs, phases = expressions(ANALYSIS, "Network latency between services")
    assert "by (job, peer) (kubechat_round_trip_seconds" in pairs
    assert "by (peer, phase) (kubechat_network_phase_seconds" in phases
