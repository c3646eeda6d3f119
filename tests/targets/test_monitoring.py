"""What the architecture document wants to be measured is on the services' pages, and its panels are on the dashboards."""

from __future__ import annotations

import asyncio
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
from app.infra.lifecycle import Process
from app.nlp.main import create_process as create_nlp
from app.nlp.settings import NlpSettings
from app.telemetry import catalogue
from app.telemetry.instruments import Instruments
from dashboards.catalogue import all_dashboards, questions
from dashboards.grafana import rendered
from exporters.main import create_process as create_exporters
from exporters.settings import ExporterSettings
from slo.panels import REQUEST_THROUGHPUT

TOKEN = "between-services"
SIGNED = {"authorization": f"Bearer {TOKEN}"}
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
