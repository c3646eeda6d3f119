"""Logs are JSON lines with ids, and keys named like secrets are masked."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.telemetry.logs import configure_logs, get_logger
from app.telemetry.tracing import Tracing, current_trace_id


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    return dict(json.loads(capsys.readouterr().err.strip().splitlines()[-1]))


def test_a_line_names_its_process_its_request_and_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("gateway", "gateway-1")
    tracing = Tracing("gateway", "gateway-1")
    with structlog.contextvars.bound_contextvars(request_id="r1"), tracing.root("GET /"):
        trace_id = current_trace_id()
        get_logger("x").info("happened", cluster="prod-eu")
    line = last_line(capsys)
    assert (line["process"], line["instance"], line["request_id"], line["trace_id"]) == (
        "gateway",
        "gateway-1",
        "r1",
        trace_id,
    )
    assert (line["event"], line["cluster"], line["level"]) == ("happened", "prod-eu", "info")


@pytest.mark.parametrize("key", ["password", "service_token", "Authorization", "client_secret", "cookie"])
def test_a_key_named_like_a_secret_is_masked(capsys: pytest.CaptureFixture[str], key: str) -> None:
    configure_logs("gateway", "gateway-1")
    get_logger("x").warning("slip", **{key: "hunter2"})
    assert last_line(capsys)[key] == "***"


def test_a_line_cannot_be_forged_by_its_values(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("gateway", "gateway-1")
    get_logger("x").info("said", text='a\n{"event":"forged"}\x1b[31m')
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_libraries_log_in_the_same_form(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("audit", "audit-1")
    logging.getLogger("a.library").warning("odd %s", "request")
    assert last_line(capsys)["event"] == "odd request"
