"""The gateway's settings refuse what would expose a session."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.gateway.settings import GatewaySettings


def settings(**changes: object) -> GatewaySettings:
    values = {
        "postgres_url": "postgresql://x@127.0.0.1/x",
        "audit_urls": "http://127.0.0.1:1",
        "nlp_urls": "http://127.0.0.1:2",
        "kubeconfig": Path("config"),
    }
    return GatewaySettings(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("url", ["http://kubechat.example", "http://10.0.0.1:8080", "ftp://127.0.0.1", "127.0.0.1"])
def test_plain_http_is_for_this_machine_only(url: str) -> None:
    with pytest.raises(ValidationError):
        settings(public_url=url)


def test_https_marks_the_cookie_for_its_host() -> None:
    assert settings(public_url="https://kubechat.example/").cookie_name == "__Host-kubechat_session"
    assert settings(public_url="http://127.0.0.1:8080").cookie_name == "kubechat_session"


def test_redis_nodes_are_read_as_pairs() -> None:
    assert settings(redis_nodes="127.0.0.1:7000, [::1]:7001").redis_addresses() == [
        ("127.0.0.1", 7000),
        ("[::1]", 7001),
    ]


@pytest.mark.parametrize("url", ["127.0.0.1:9090", "ftp://127.0.0.1", "http://", "http://127.0.0.1/?x=1"])
def test_prometheus_is_asked_over_http(url: str) -> None:
    with pytest.raises(ValidationError):
        settings(prometheus_url=url)


def test_prometheus_may_be_missing_or_stand_behind_a_path() -> None:
    assert settings().prometheus_url == ""
    assert settings(prometheus_url="https://monitoring.example/prometheus/").prometheus_url == (
        "https://monitoring.example/prometheus"
    )
