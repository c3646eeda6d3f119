"""A compose file that looks at what `make run` started: Grafana, Prometheus, Alertmanager, a collector, a trace store.

The local stack listens on loopback alone, so that the containers share the machine's network, and listen on loopback as
well: this is for Linux. Its Prometheus stands beside the stack's own, on ports of its own.
"""

from __future__ import annotations

from typing import Any, Final

from alerts.alertmanager import configuration
from alerts.catalogue import FOLDER as RULES
from alerts.objectives import OBJECTIVES
from app.stack.ports import LOOPBACK, Ports
from app.stack.servers import prometheus
from app.stack.servers.prometheus import Scrape
from dashboards.catalogue import FOLDER as DASHBOARDS
from deploy.observability.grafana import DASHBOARDS_PATH
from slo.prometheus import ALERTMANAGER, AUDIT, EXPORTERS, GATEWAY, NLP, PACE, PAGES
from slo.promql import duration

PORTS: Final = Ports(18_000, 8_080)  # where the local stack is, unless it is told otherwise
GRAFANA_PORT: Final = 3_000
PROMETHEUS_PORT: Final = 9_090
ALERTMANAGER_PORT: Final = 9_093
TEMPO_PORT: Final = 3_200
COLLECTOR_PORT: Final = 4_318  # OTLP over HTTP, as KUBECHAT_OTLP_ENDPOINT is told
_COLLECTOR_GRPC_PORT: Final = 4_317
_TEMPO_OTLP_PORT: Final = 4_327
_TOKEN: Final = "/etc/kubechat/webhook-token"  # noqa: S105 - a file's place
_KEPT_TRACES: Final = "48h"  # Tempo knows no days

IMAGES: Final = {
    "grafana": "grafana/grafana:12.0.0",
    "prometheus": "prom/prometheus:v3.5.0",
    "alertmanager": "prom/alertmanager:v0.28.1",
    "collector": "otel/opentelemetry-collector:0.128.0",
    "traces": "grafana/tempo:2.8.1",
}
"""By name and tag; whoever mirrors images names their own registry in front of it."""


def compose() -> dict[str, Any]:
    """The compose file, beside the folder `generated`."""
    return {
        "name": "kubechat-observability",
        "services": {
            "grafana": _service(
                "grafana",
                volumes=(
                    "./generated/grafana/datasources.yaml:/etc/grafana/provisioning/datasources/kubechat.yaml:ro",
                    "./generated/grafana/dashboards.yaml:/etc/grafana/provisioning/dashboards/kubechat.yaml:ro",
                    f"../{DASHBOARDS}:{DASHBOARDS_PATH}:ro",
                    "grafana:/var/lib/grafana",
                ),
                environment={
                    "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
                    "GF_ANALYTICS_REPORTING_ENABLED": "false",
                    "GF_AUTH_ANONYMOUS_ENABLED": "true",
                    "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
                    # Nobody signs in: with the administrator that Grafana makes, whoever is on this machine would be
                    # one, and reach through data sources whatever listens on loopback.
                    "GF_AUTH_BASIC_ENABLED": "false",
                    "GF_AUTH_DISABLE_LOGIN_FORM": "true",
                    "GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION": "true",
                    "GF_SERVER_HTTP_ADDR": LOOPBACK,
                    "GF_SERVER_HTTP_PORT": str(GRAFANA_PORT),
                },
                depends_on=("prometheus", "alertmanager", "traces"),
            ),
            "prometheus": _service(
                "prometheus",
                command=(
                    "--config.file=/etc/prometheus/prometheus.yml",
                    "--storage.tsdb.path=/prometheus",
                    f"--storage.tsdb.retention.time={duration(PACE.retention_s)}",
                    f"--web.listen-address={LOOPBACK}:{PROMETHEUS_PORT}",
                    "--enable-feature=exemplar-storage",
                ),
                volumes=(
                    "./generated/prometheus.yaml:/etc/prometheus/prometheus.yml:ro",
                    f"../{RULES}:/etc/prometheus/rules:ro",
                    "prometheus:/prometheus",
                ),
                depends_on=("alertmanager",),
            ),
            "alertmanager": _service(
                "alertmanager",
                command=(
                    "--config.file=/etc/alertmanager/alertmanager.yml",
                    "--storage.path=/alertmanager",
                    f"--web.listen-address={LOOPBACK}:{ALERTMANAGER_PORT}",
                    "--cluster.listen-address=",
                ),
                volumes=(
                    "./generated/alertmanager.yaml:/etc/alertmanager/alertmanager.yml:ro",
                    f"${{KUBECHAT_STATE:-/var/lib/kubechat}}/secrets/webhook-token:{_TOKEN}:ro",
                    "alertmanager:/alertmanager",
                ),
                user="${KUBECHAT_UID:-0}",  # whoever `make run` was: the token is closed to others
            ),
            "collector": _service(
                "collector",
                command=("--config=/etc/otelcol/config.yaml",),
                volumes=("./generated/collector.yaml:/etc/otelcol/config.yaml:ro",),
                depends_on=("traces",),
            ),
            "traces": _service(
                "traces",
                command=("-config.file=/etc/tempo.yaml",),
                volumes=("./generated/traces.yaml:/etc/tempo.yaml:ro", "traces:/var/tempo"),
            ),
        },
        "volumes": {name: {} for name in ("alertmanager", "grafana", "prometheus", "traces")},
    }


def prometheus_text() -> str:
    """Prometheus' configuration: the first replica of each service where the local stack has it.

    More replicas have the ports that follow; a file of one's own adds them.
    """
    scrapes = (
        Scrape(GATEWAY, "gateway-1", PORTS.gateway_private(1)),
        Scrape(NLP, "nlp-1", PORTS.nlp_private(1)),
        Scrape(AUDIT, "audit-1", PORTS.audit_private(1)),
        Scrape(EXPORTERS, EXPORTERS, PORTS.exporters),
        *(Scrape(job, job, PORTS.exporters, f"/metrics/{job}") for job in PAGES),
        Scrape(ALERTMANAGER, ALERTMANAGER, ALERTMANAGER_PORT),
        Scrape("prometheus", "prometheus", PROMETHEUS_PORT),
    )
    return prometheus.text(
        scrapes, rule_files="/etc/prometheus/rules/*.rules.yaml", alertmanager_port=ALERTMANAGER_PORT
    )


def alertmanager() -> dict[str, Any]:
    """Alertmanager's configuration: the first gateway's webhook."""
    hook = f"http://{LOOPBACK}:{PORTS.gateway_private(1)}/hooks/alertmanager"
    return configuration([hook], _TOKEN, OBJECTIVES)


def collector() -> dict[str, Any]:
    """The collector's configuration: what services send goes to the trace store, in batches, within bounded memory."""
    return {
        "exporters": {
            "otlp": {
                "endpoint": f"{LOOPBACK}:{_TEMPO_OTLP_PORT}",
                "sending_queue": {"queue_size": 1_000},
                "tls": {"insecure": True},  # both are on loopback
            }
        },
        "processors": {
            "batch": {},
            "memory_limiter": {"check_interval": "1s", "limit_mib": 256, "spike_limit_mib": 64},
        },
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": f"{LOOPBACK}:{_COLLECTOR_GRPC_PORT}"},
                    "http": {"endpoint": f"{LOOPBACK}:{COLLECTOR_PORT}"},
                }
            }
        },
        "service": {
            "pipelines": {
                "traces": {"exporters": ["otlp"], "processors": ["memory_limiter", "batch"], "receivers": ["otlp"]}
            },
            "telemetry": {"metrics": {"level": "none"}},
        },
    }


def traces() -> dict[str, Any]:
    """Tempo's configuration: one process, files on its own disk, two days."""
    return {
        "compactor": {"compaction": {"block_retention": _KEPT_TRACES}},
        "distributor": {"receivers": {"otlp": {"protocols": {"grpc": {"endpoint": f"{LOOPBACK}:{_TEMPO_OTLP_PORT}"}}}}},
        "server": {
            "grpc_listen_address": LOOPBACK,
            "http_listen_address": LOOPBACK,
            "http_listen_port": TEMPO_PORT,
        },
        "storage": {
            "trace": {
                "backend": "local",
                "local": {"path": "/var/tempo/blocks"},
                "wal": {"path": "/var/tempo/wal"},
            }
        },
        "usage_report": {"reporting_enabled": False},
    }


def _service(
    name: str,
    *,
    volumes: tuple[str, ...],
    command: tuple[str, ...] = (),
    environment: dict[str, str] | None = None,
    depends_on: tuple[str, ...] = (),
    user: str = "",
) -> dict[str, Any]:
    given: dict[str, Any] = {
        "command": list(command),
        "depends_on": list(depends_on),
        "environment": environment,
        "image": IMAGES[name],
        "network_mode": "host",
        "restart": "unless-stopped",
        "user": user,
        "volumes": list(volumes),
    }
    return {key: value for key, value in given.items() if value}
