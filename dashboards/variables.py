"""The choices at the top of dashboards, from the widest to the narrowest: each offers what the ones before it leave.

A choice has the same name on every dashboard, so that the links between dashboards carry it along. The data source is
not here: every dashboard has it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.telemetry.catalogue import KUBERNETES_REQUESTS
from app.telemetry.server_catalogue import PGBOUNCER_UP, POSTGRESQL_UP, REDIS_UP
from dashboards.dashboard import Variable
from slo import series
from slo.prometheus import GATEWAY, JOBS, UP
from slo.promql import matches, one_of, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.telemetry.metric import Metric
    from slo.promql import Selector

JOB: Final = matches("$job")
INSTANCE: Final = matches("$instance")
CLUSTER: Final = matches("$cluster")
SERVER: Final = matches("$server")
NODE: Final = matches("$node")
SLO: Final = matches("$slo")

CLUSTERS: Final = Variable("cluster", "Cluster", select(KUBERNETES_REQUESTS.name, job=GATEWAY).query, "cluster")
POSTGRESQL_SERVERS: Final = Variable("server", "Server", select(POSTGRESQL_UP.name).query, "server")
PGBOUNCER_SERVERS: Final = Variable("server", "Server", select(PGBOUNCER_UP.name).query, "server")
REDIS_NODES: Final = Variable("node", "Node", select(REDIS_UP.name).query, "node")
OBJECTIVES: Final = Variable("slo", "Objective", select(series.OBJECTIVE).query, series.SLO)


def services(jobs: Sequence[str] = JOBS) -> tuple[Variable, Variable]:
    """The choice of a service among these jobs, and of its replicas."""
    return (
        Variable("job", "Service", select(UP, job=one_of(jobs)).query, "job"),
        Variable("instance", "Instance", select(UP, job=JOB).query, "instance"),
    )


def of(metric: Metric, job: str) -> Selector:
    """A metric's series of the chosen replicas of one service."""
    return select(metric.name, job=job, instance=INSTANCE)


def buckets_of(metric: Metric, job: str) -> Selector:
    """A histogram's buckets of the chosen replicas of one service."""
    return select(metric.bucket, job=job, instance=INSTANCE)


def replicas(job: str) -> tuple[Variable, ...]:
    """The choice of a replica of the one service that a dashboard is about."""
    return (Variable("instance", "Instance", select(UP, job=job).query, "instance"),)
