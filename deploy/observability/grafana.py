"""Grafana's provisioning: where it finds its data, and the dashboards of this project in a folder of their own.

The same for the compose file and for any other Grafana: addresses are given, uids are fixed, because a trace is opened
from an exemplar by the uid of its store.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from slo.prometheus import PACE
from slo.promql import duration

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = "KubeChat"
FOLDER_UID: Final = "kubechat"
PROMETHEUS_UID: Final = "kubechat-prometheus"
ALERTMANAGER_UID: Final = "kubechat-alertmanager"
TRACES_UID: Final = "kubechat-traces"
DASHBOARDS_PATH: Final = "/etc/kubechat/dashboards"
SIDECAR_LABEL: Final = "grafana_dashboard"
"""What the sidecar of Grafana's Helm chart looks for, unless it is told otherwise."""
_LARGEST: Final = 2**20
"""Bytes that a ConfigMap may have."""


def datasources(prometheus_url: str, alertmanager_url: str, traces_url: str) -> dict[str, Any]:
    """The provisioning file of data sources.

    Args:
        prometheus_url: as Grafana reaches it.
        alertmanager_url: likewise.
        traces_url: of Tempo, likewise.
    """
    return {
        "apiVersion": 1,
        "datasources": [
            {
                **_datasource("Prometheus", "prometheus", PROMETHEUS_UID, prometheus_url),
                "isDefault": True,
                "jsonData": {
                    "exemplarTraceIdDestinations": [{"datasourceUid": TRACES_UID, "name": "trace_id"}],
                    "httpMethod": "POST",
                    "timeInterval": duration(PACE.scrape_interval_s),
                },
            },
            {
                **_datasource("Alertmanager", "alertmanager", ALERTMANAGER_UID, alertmanager_url),
                "jsonData": {"handleGrafanaManagedAlerts": False, "implementation": "prometheus"},
            },
            {
                **_datasource("Traces", "tempo", TRACES_UID, traces_url),
                "jsonData": {"serviceMap": {"datasourceUid": PROMETHEUS_UID}},
            },
        ],
    }


def providers() -> dict[str, Any]:
    """The provisioning file that points at the folder of dashboards."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "allowUiUpdates": False,
                "disableDeletion": False,
                "folder": FOLDER,
                "folderUid": FOLDER_UID,
                "name": "kubechat",
                "options": {"path": DASHBOARDS_PATH},
                "type": "file",
                "updateIntervalSeconds": 30,
            }
        ],
    }


def config_maps(models: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A list of ConfigMaps, one for each dashboard, that Grafana's sidecar finds by its label.

    Args:
        models: dashboards by uid.

    Raises:
        ValueError: for a dashboard that no ConfigMap can hold.
    """
    return {"apiVersion": "v1", "items": [_config_map(uid, model) for uid, model in models.items()], "kind": "List"}


def _config_map(uid: str, model: Mapping[str, Any]) -> dict[str, Any]:
    text = json.dumps(model, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) >= _LARGEST:
        raise ValueError(f"the dashboard {uid} has {len(text)} bytes, and a ConfigMap holds fewer than {_LARGEST}")
    return {
        "apiVersion": "v1",
        "data": {f"{uid}.json": text},
        "kind": "ConfigMap",
        "metadata": {
            "annotations": {"grafana_folder": FOLDER},
            "labels": {"app.kubernetes.io/part-of": "kubechat", SIDECAR_LABEL: "1"},
            "name": f"{uid}-dashboard",
        },
    }


def _datasource(name: str, kind: str, uid: str, url: str) -> dict[str, Any]:
    return {"access": "proxy", "editable": False, "name": name, "type": kind, "uid": uid, "url": url}
