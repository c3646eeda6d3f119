"""Prometheus and Alertmanager as services of the stack."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import Final

from alerts import alertmanager as routes
from alerts.alert import Links
from alerts.catalogue import rule_files
from alerts.objectives import OBJECTIVES
from app.stack import probes
from app.stack.credentials import WEBHOOK_TOKEN
from app.stack.layout import write_file
from app.stack.notifications import read_outside, with_own_secrets
from app.stack.parts.ground import Ground
from app.stack.servers import alertmanager, prometheus
from app.stack.servers.prometheus import Scrape
from app.stack.service import Service
from slo.writer import yaml_file

PROMETHEUS: Final = "prometheus"
ALERTMANAGER: Final = "alertmanager"


def monitoring(ground: Ground, watched: Sequence[Service]) -> list[Service]:
    """Alertmanager and Prometheus.

    Args:
        ground: the stack's choices.
        watched: the services that run beside them; Prometheus starts last, so that it never sees them missing.
    """
    gateways = [service for service in watched if service.name.startswith("gateway-")]
    webhooks = [f"http://127.0.0.1:{port}{routes.HOOK_PATH}" for service in gateways for port in service.ports]
    alerting = _alertmanager(ground, webhooks)
    return [alerting, _prometheus(ground, [*watched, alerting])]


def _alertmanager(ground: Ground, webhooks: Sequence[str]) -> Service:
    port, account = ground.ports.alertmanager, ground.spawner.account
    home = ground.layout.of(ALERTMANAGER)
    outside = read_outside(ground.settings.notify_file)

    async def prepare() -> None:
        ground.layout.folder(ALERTMANAGER, "data", owner=account)
        token = home / "webhook-token"
        write_file(token, ground.credentials.read(WEBHOOK_TOKEN), owner=account)
        templates = home / routes.TEMPLATES.name
        write_file(templates, routes.TEMPLATES.read_text(encoding="utf-8"), owner=account)
        told = with_own_secrets(outside, home, account)
        routing = routes.configuration(webhooks, str(token), OBJECTIVES, told, str(templates))
        write_file(home / "alertmanager.yaml", yaml_file("alertmanager.yaml", routing).text, owner=account)

    return Service(
        name=ALERTMANAGER,
        argv=(
            str(ground.programs.alertmanager),
            *alertmanager.arguments(config=str(home / "alertmanager.yaml"), data=str(home / "data"), port=port),
        ),
        directory=home,
        env=ground.env,
        port=port,
        ports=(port,),
        as_server=True,
        prepare=prepare,
        probe=probes.http(port, "/-/ready"),
        scrapes=(Scrape(ALERTMANAGER, ALERTMANAGER, port),),
    )


def _prometheus(ground: Ground, watched: Sequence[Service]) -> Service:
    port, account = ground.ports.prometheus, ground.spawner.account
    home = ground.layout.of(PROMETHEUS)
    scrapes = [*(scrape for service in watched for scrape in service.scrapes), Scrape(PROMETHEUS, PROMETHEUS, port)]

    async def prepare() -> None:
        ground.layout.folder(PROMETHEUS, "data", owner=account)
        rules = home / "rules"
        shutil.rmtree(rules, ignore_errors=True)
        ground.layout.folder(PROMETHEUS, "rules", owner=account)
        for file in rule_files(Links(public_url=ground.public_url)):
            write_file(rules / file.path.name, file.text, owner=account)
        text = prometheus.text(
            scrapes, rule_files=str(rules / "*.rules.yaml"), alertmanager_port=ground.ports.alertmanager
        )
        write_file(home / "prometheus.yaml", text, owner=account)

    return Service(
        name=PROMETHEUS,
        argv=(
            str(ground.programs.prometheus),
            *prometheus.arguments(config=str(home / "prometheus.yaml"), data=str(home / "data"), port=port),
        ),
        directory=home,
        env=ground.env,
        after=tuple(service.name for service in watched),
        port=port,
        ports=(port,),
        as_server=True,
        stop_s=30,  # it writes its head block's checkpoint
        start_s=120,  # it replays its write-ahead log
        prepare=prepare,
        probe=probes.http(port, "/-/ready"),
    )
