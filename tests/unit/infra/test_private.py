"""The private port: metrics in a format that Prometheus reads, liveness that needs nothing, readiness that asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from app.errors import UnavailableError
from app.infra import health
from app.infra.lifecycle import Runtime
from app.infra.private import private_app
from app.infra.scrape import page
from app.infra.settings import ProcessSettings
from app.telemetry import catalogue


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = Runtime("test", ProcessSettings())
    yield made
    made.tracing.close()
    made.workers.close()


@pytest.fixture
def http(runtime: Runtime) -> Iterator[TestClient]:
    with TestClient(private_app(runtime)) as client:
        yield client


async def here() -> None:
    return


async def away() -> None:
    raise UnavailableError("away")


async def hangs() -> None:
    await asyncio.Event().wait()


def test_metrics_are_openmetrics_with_the_process_own_figures(runtime: Runtime, http: TestClient) -> None:
    runtime.instruments.counter(catalogue.ERRORS).labels("busy").inc()
    reply = http.get("/metrics")
    assert reply.headers["content-type"].startswith("application/openmetrics-text")
    names = {family.name for family in text_string_to_metric_families(reply.text)}
    assert {"kubechat_errors", "process_cpu_seconds", "kubechat_memory_resident_bytes"} <= names


async def test_the_event_loop_goes_on_while_a_long_page_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.infra.scrape.SLICE_S", 0)  # less than any part takes
    turns: list[int] = []

    async def others() -> None:
        while True:
            turns.append(len(turns))
            await asyncio.sleep(0)

    running = asyncio.create_task(others())
    reply = await page(f"line {number}\n" for number in range(50))
    running.cancel()
    assert bytes(reply.body).count(b"\n") == 50
    assert len(turns) == 50


def test_a_process_without_needs_is_ready(http: TestClient) -> None:
    assert http.get("/readyz").json() == {"ready": True, "checks": {}}


@pytest.mark.parametrize(("ping", "state"), [(away, "failed"), (hangs, "timeout")])
def test_a_required_need_that_fails_makes_it_unready_and_leaves_it_alive(
    runtime: Runtime, http: TestClient, monkeypatch: pytest.MonkeyPatch, ping: health.Ping, state: str
) -> None:
    monkeypatch.setattr(health, "PING_TIMEOUT_S", 0.05)
    runtime.health.register("database", ping)
    runtime.health.register("cache", here)
    reply = http.get("/readyz")
    assert reply.status_code == 503
    assert reply.json() == {"ready": False, "checks": {"database": state, "cache": "ok"}}
    assert http.get("/healthz").status_code == 200


def test_an_optional_need_that_fails_is_shown_and_forgiven(runtime: Runtime, http: TestClient) -> None:
    runtime.health.register("cache", away, required=False)
    reply = http.get("/readyz")
    assert (reply.status_code, reply.json()["checks"]) == (200, {"cache": "failed"})


def test_a_process_that_drains_is_unready(runtime: Runtime, http: TestClient) -> None:
    runtime.health.draining = True
    assert http.get("/readyz").status_code == 503
