"""Makes the demo clusters, contents and controllers, and lets their time pass."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from app.demo.clock import Clock
from app.demo.cluster import Cluster, Controller
from app.demo.controllers.collector import Collector, Namespaces
from app.demo.controllers.daemonsets import DaemonSets
from app.demo.controllers.definitions import Definitions
from app.demo.controllers.deployments import Deployments
from app.demo.controllers.jobs import CronJobs, Jobs
from app.demo.controllers.kubelet import Kubelet
from app.demo.controllers.network import ServiceEndpoints
from app.demo.controllers.policies import Autoscalers, Budgets, Heartbeats
from app.demo.controllers.quotas import Quotas
from app.demo.controllers.recorder import Recorder
from app.demo.controllers.replicasets import ReplicaSets
from app.demo.controllers.scheduler import Scheduler
from app.demo.controllers.statefulsets import StatefulSets
from app.demo.controllers.volumes import Claims
from app.demo.fixtures import access, shop, system
from app.demo.fixtures.seeder import Seeder
from app.demo.kubeconfig import CLUSTERS
from app.demo.objects import Ids
from app.demo.store import Change

_SETTLING_S: Final = 0.5  # enough for every controller to have answered every other


def make_cluster(name: str, clock: Clock) -> Cluster:
    """A cluster with the demo's contents, alive.

    Args:
        name: its name; the same name gives the same uids and generated names.
        clock: where its time comes from.
    """
    cluster = Cluster(name, clock)
    recorder = Recorder(cluster)
    seeder = Seeder(cluster)
    access.seed(seeder)
    system.seed(seeder)
    shop.seed(seeder, recorder)
    # What is made from now on must never get a name or uid that an earlier process gave to something else.
    cluster.ids = Ids(f"{name}/{cluster.started.isoformat()}")
    controllers: tuple[Controller, ...] = (
        recorder,
        Deployments(cluster, recorder),
        ReplicaSets(cluster, recorder),
        StatefulSets(cluster, recorder),
        DaemonSets(cluster, recorder),
        Jobs(cluster, recorder),
        CronJobs(cluster, recorder),
        Scheduler(cluster, recorder),
        Kubelet(cluster, recorder),
        ServiceEndpoints(cluster),
        Claims(cluster, recorder),
        Namespaces(cluster),
        Collector(cluster),
        Definitions(cluster),
        Budgets(cluster),
        Quotas(cluster),
        Autoscalers(cluster, recorder),
        Heartbeats(cluster),
    )
    for controller in controllers:
        cluster.add(controller)
    _introduce(cluster, controllers)
    cluster.settle(_SETTLING_S)
    return cluster


def _introduce(cluster: Cluster, controllers: Iterable[Controller]) -> None:
    """Show every object to every controller once, as an informer's first list does."""
    for key in cluster.store.kinds():
        for obj in cluster.store.all(key):
            change = Change(0, "ADDED", key, obj, None)
            for controller in controllers:
                for namespace, name in controller.affected(change):
                    cluster.soon(controller, namespace, name)


def make_world(clock: Clock) -> dict[str, Cluster]:
    """All demo clusters by name."""
    return {name: make_cluster(name, clock) for name in CLUSTERS}


async def live(cluster: Cluster) -> None:
    """Let a cluster's time pass until cancelled: sleep until something is due, then run it."""
    wake = asyncio.Event()
    cluster.agenda.changed = wake.set
    while True:
        wake.clear()
        due = cluster.advance()
        left = None if due is None else max(0.0, (due - cluster.now).total_seconds())
        try:
            async with asyncio.timeout(left):
                await wake.wait()
        except TimeoutError:
            continue
