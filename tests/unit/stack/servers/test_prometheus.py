from __future__ import annotations

from typing import Any

import yaml

from app.stack.servers import alertmanager, prometheus
from app.stack.servers.prometheus import Scrape


def config(*scrapes: Scrape, alertmanager_port: int | None = 18181) -> dict[str, Any]:
    text = prometheus.text(scrapes, rule_files="/s/rules/*.yaml", alertmanager_port=alertmanager_port)
    return dict(yaml.safe_load(text))


def test_replicas_of_a_service_are_one_job_and_keep_their_names() -> None:
    (job,) = config(Scrape("gateway", "gateway-1", 1), Scrape("gateway", "gateway-2", 2))["scrape_configs"]
    assert job["job_name"] == "gateway"
    assert job["static_configs"] == [
        {"targets": ["127.0.0.1:1"], "labels": {"instance": "gateway-1"}},
        {"targets": ["127.0.0.1:2"], "labels": {"instance": "gateway-2"}},
    ]


def test_it_looks_every_five_seconds_and_gives_up_before_the_next_look() -> None:
    found = config(Scrape("nlp", "nlp-1", 1))
    assert found["global"] == {"scrape_interval": "5s", "evaluation_interval": "5s"}
    assert found["scrape_configs"][0]["scrape_timeout"] == "4s"


def test_alerts_go_to_alertmanager_where_there_is_one() -> None:
    assert config()["alerting"]["alertmanagers"][0]["static_configs"] == [{"targets": ["127.0.0.1:18181"]}]
    assert "alerting" not in config(alertmanager_port=None)


def test_both_listen_on_loopback_alone() -> None:
    asked = prometheus.arguments(config="/c", data="/d", port=1)
    assert "--web.listen-address=127.0.0.1:1" in asked
    assert "--storage.tsdb.retention.time=5w" in asked or "--storage.tsdb.retention.time=35d" in asked
    assert "--enable-feature=exemplar-storage" in asked
    told = alertmanager.arguments(config="/c", data="/d", port=2)
    assert "--web.listen-address=127.0.0.1:2" in told
    assert "--cluster.listen-address=" in told
