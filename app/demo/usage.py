"""How much cpu and memory the demo's containers use: waves that depend on the pod and the time alone.

What `kubectl top` and the autoscaler see. No process is measured.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any, Final

from app.demo.clock import stamp
from app.demo.cluster import Cluster
from app.demo.kinds import Kind
from app.demo.objects import Obj, condition, dig, fraction, labels_of, name_of, namespace_of, uid_of

# Container name -> millicores and MiB in the mean; others by chance.
_TYPICAL: Final = {
    "web": (38, 34), "cart": (21, 88), "checkout": (27, 112), "orders-db": (46, 212), "prometheus": (120, 640),
    "grafana": (18, 142), "coredns": (6, 22), "kube-proxy": (3, 26), "metrics-server": (9, 31),
    "node-exporter": (4, 17), "controller": (24, 96), "cert-manager": (5, 44), "payments-api": (12, 61),
}  # fmt: skip
_WINDOW_S: Final = 15
_PERIOD_S: Final = 613  # of the waves: long enough to look steady, short enough to move in a demo
_SYSTEM: Final = (180, 1450)  # what a node uses besides its pods


def container_usage(pod: Obj, container: str, now: datetime) -> tuple[int, int]:
    """Millicores and bytes of a running container."""
    uid = uid_of(pod)
    cpu, memory = _TYPICAL.get(
        container, (5 + int(20 * fraction("cpu", container)), 24 + int(60 * fraction(container)))
    )
    phase = fraction("phase", uid, container) * 2 * math.pi
    slot = int(now.timestamp()) // _WINDOW_S
    wave = 1 + 0.18 * math.sin(2 * math.pi * slot * _WINDOW_S / _PERIOD_S + phase)
    noise = 0.94 + 0.12 * fraction(uid, container, slot)
    level = 0.85 + 0.3 * fraction("level", uid)
    bytes_used = int(memory * 2**20 * (0.92 + 0.16 * fraction("memory", uid)) * (0.985 + 0.03 * noise))
    return max(1, round(cpu * wave * noise * level)), bytes_used // 4096 * 4096


def pod_usage(pod: Obj, now: datetime) -> list[tuple[str, int, int]] | None:
    """Name, millicores and bytes of each running container; None when none runs."""
    running = [
        entry["name"]
        for entry in dig(pod, "status", "containerStatuses", default=())
        if "running" in (entry.get("state") or {}) and entry.get("ready")
    ]
    if not running:
        return None
    return [(name, *container_usage(pod, name, now)) for name in running]


def _window(now: datetime) -> Obj:
    slot = now.timestamp() // _WINDOW_S * _WINDOW_S
    return {"timestamp": stamp(datetime.fromtimestamp(slot, now.tzinfo)), "window": f"{_WINDOW_S}.018s"}


def metrics(cluster: Cluster, kind: Kind, namespace: str = "") -> list[Obj]:
    """The objects of the metrics API.

    Args:
        cluster: whose.
        kind: PodMetrics or NodeMetrics.
        namespace: for pods; empty means all.
    """
    return _pods(cluster, namespace) if kind.kind == "PodMetrics" else _nodes(cluster)


def _pods(cluster: Cluster, namespace: str) -> list[Obj]:
    made = []
    for pod in cluster.store.all("pods", namespace):
        usage = pod_usage(pod, cluster.now)
        if usage is None or condition(pod, "PodScheduled") is None:
            continue
        metadata: Obj = {
            "name": name_of(pod),
            "namespace": namespace_of(pod),
            "creationTimestamp": stamp(cluster.now),
            "labels": labels_of(pod),
        }
        containers = [{"name": name, "usage": _amounts(cpu, memory)} for name, cpu, memory in usage]
        made.append(_metrics("PodMetrics", metadata, cluster.now, {"containers": containers}))
    return made


def _nodes(cluster: Cluster) -> list[Obj]:
    made = []
    pods = cluster.store.all("pods")
    for node in cluster.store.all("nodes"):
        cpu, memory = _SYSTEM[0] + int(60 * fraction(uid_of(node))), _SYSTEM[1] * 2**20
        for pod in pods:
            if pod["spec"].get("nodeName") == name_of(node):
                for _, millicores, size in pod_usage(pod, cluster.now) or ():
                    cpu, memory = cpu + millicores, memory + size
        metadata: Obj = {"name": name_of(node), "creationTimestamp": stamp(cluster.now), "labels": labels_of(node)}
        made.append(_metrics("NodeMetrics", metadata, cluster.now, {"usage": _amounts(cpu, memory)}))
    return made


def _metrics(kind: str, metadata: Obj, now: datetime, rest: Obj) -> Obj:
    return {"kind": kind, "apiVersion": "metrics.k8s.io/v1beta1", "metadata": metadata, **_window(now), **rest}


def _amounts(cpu: int, memory: int) -> dict[str, Any]:
    return {"cpu": f"{cpu * 1_000_000}n", "memory": f"{memory // 1024}Ki"}
