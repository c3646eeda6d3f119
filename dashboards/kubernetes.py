"""Kubernetes clusters: do their API servers answer, and how are they?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.telemetry.catalogue import (
    CLUSTER_BREAKER_OPEN,
    CLUSTER_BREAKER_REFUSALS,
    CLUSTER_REPLACEMENTS,
    FAN_OUT_CLUSTERS,
)
from app.telemetry.catalogue import CLUSTERS as CLUSTERS_METRIC
from app.telemetry.exporter_catalogue import (
    CLUSTER_BUDGETS_AT_LIMIT,
    CLUSTER_INFO,
    CLUSTER_INVENTORY_TIME,
    CLUSTER_NODES,
    CLUSTER_OBJECTS,
    CLUSTER_OOM_KILLS,
    CLUSTER_OWN_REPLICAS,
    CLUSTER_PODS,
    CLUSTER_PROBE,
    CLUSTER_PROBES,
    CLUSTER_RESTARTS,
    CLUSTER_UP,
    CLUSTER_VERSION_SKEW,
)
from dashboards.asking import exported, per_second
from dashboards.dashboard import Dashboard, Panel, PanelKind, Row, Series, Threshold, Variable
from dashboards.theme import Colour, Unit
from slo import panels, promql
from slo.prometheus import GATEWAY
from slo.promises import RESTARTS
from slo.promql import Matcher, Selector, matches, select
from slo.targets.requirements import CLUSTER_SCALING

if TYPE_CHECKING:
    from app.telemetry.metric import Metric

_CLUSTER: Final = matches("$cluster")
RESTART_WINDOW_S: Final = 900.0
_OLDEST_SKEW: Final = 3  # minor versions that Kubernetes supports a node to be behind


def clusters() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.CLUSTERS,
        title="KubeChat / Kubernetes clusters",
        description="Do the clusters' API servers answer, and how are the clusters?",
        variables=(Variable("cluster", "Cluster", select(CLUSTER_UP.name).query, "cluster"),),
        rows=(
            Row("API servers", (_up(), _versions(), _probes(), _failures())),
            Row("As the gateway meets them", (_breakers(), _fan_outs(), _known())),
            Row("Workloads", (_pods(), _restarts(), _nodes(), _budgets())),
            Row("Objects", (_objects(), _counted(), _own_replicas()), collapsed=True),
        ),
    )


def _of(metric: Metric, **where: str | Matcher) -> Selector:
    return exported(metric, cluster=_CLUSTER, **where)


def _up() -> Panel:
    return Panel(
        panels.CLUSTERS_UP,
        "Clusters that answer",
        "1 while a cluster's API server says that it is ready. Good: 1. Bad: 0, in red: nobody can work with that "
        "cluster. Then follow the runbook of ClusterAway.",
        Unit.COUNT,
        (Series(_of(CLUSTER_UP).query, "{{cluster}}"),),
        kind=PanelKind.STAT,
        base=Colour.BAD,
        thresholds=(Threshold(1, Colour.GOOD),),
        decimals=0,
        width=12,
        height=9,
    )


def _versions() -> Panel:
    return Panel(
        panels.CLUSTER_VERSIONS,
        "Versions, and how far nodes are behind",
        "Minor versions that each cluster's oldest node is behind its API server, left; clusters by version, right. "
        "Good: 0 or 1. Bad: at the line, the most that Kubernetes supports. Then upgrade the nodes before the API "
        "server.",
        Unit.COUNT,
        (
            Series(_of(CLUSTER_VERSION_SKEW).query, "{{cluster}} behind"),
            Series(promql.total(_of(CLUSTER_INFO).query, ("version",)), "{{version}}", unit=Unit.FACTOR),
        ),
        thresholds=(Threshold(_OLDEST_SKEW, Colour.WARNING),),
        decimals=0,
    )


def _probes() -> Panel:
    return Panel(
        panels.CLUSTER_PROBES,
        "Time of one look at an API server",
        "How long the API server takes to say that it is ready, which version it is, and one object of a list. Good: "
        "tens of milliseconds. Bad: the list alone rises: its store is slow; all rise: it is overloaded, or far away. "
        "Then compare with 'Kubernetes API call performance', which is what people feel.",
        Unit.SECONDS,
        (Series(_of(CLUSTER_PROBE).query, "{{cluster}} {{probe}}"),),
    )


def _failures() -> Panel:
    all_ = per_second(_of(CLUSTER_PROBES), "cluster", "probe")
    failed = per_second(_of(CLUSTER_PROBES, outcome="failed"), "cluster", "probe")
    share = promql.divided(promql.either(failed, promql.times(all_, 0)), promql.above(all_, 0))
    return Panel(
        panels.CLUSTER_PROBE_FAILURES,
        "Looks that failed",
        "The share of looks that were not answered, by what was asked for. Good: none. Bad: the list alone fails: the "
        "account of the exporters lost its rights, or the store is away. Then ask the same with kubectl.",
        Unit.SHARE,
        (Series(share, "{{cluster}} {{probe}}"),),
    )


def _breakers() -> Panel:
    refused = per_second(select(CLUSTER_BREAKER_REFUSALS.name, job=GATEWAY, cluster=_CLUSTER), "cluster")
    return Panel(
        panels.CLUSTER_BREAKERS,
        "Clusters that are left alone",
        "1 while a replica of the gateway sends nothing to a cluster, since it has not answered several times, left; "
        "requests that were refused for it per second, right. Good: 0. Bad: 1 for minutes: people are told at once "
        "that the cluster does not answer. Then follow the runbook of ClusterLeftAlone.",
        Unit.COUNT,
        (
            Series(
                promql.maximum(select(CLUSTER_BREAKER_OPEN.name, job=GATEWAY, cluster=_CLUSTER).query, ("cluster",)),
                "{{cluster}}",
            ),
            Series(refused, "{{cluster}} refused", unit=Unit.PER_SECOND),
        ),
        decimals=0,
    )


def _fan_outs() -> Panel:
    return Panel(
        panels.FAN_OUTS,
        "Clusters asked by questions to several",
        "Clusters per second that were asked by questions to several at once, by what became of it. Good: answered, "
        "now and then refused. Bad: late or failed that stay: each such question ends at its deadline. Then see which "
        "cluster is left alone.",
        Unit.PER_SECOND,
        (
            Series(
                per_second(select(FAN_OUT_CLUSTERS.name, job=GATEWAY), "outcome"),
                "{{outcome}}",
                waits_for="a question to several clusters",
            ),
        ),
    )


def _known() -> Panel:
    replaced = promql.increase(select(CLUSTER_REPLACEMENTS.name, job=GATEWAY, cluster=_CLUSTER), RESTART_WINDOW_S)
    return Panel(
        panels.CLUSTERS_KNOWN,
        "Clusters that there are, and replaced ones",
        "Clusters that the gateway knows, and those found to be another one of the same name within a quarter "
        "of an hour. Good: below the line, and none replaced. Bad: a replaced one that nobody has announced. Then "
        "follow the runbook of ClusterReplaced.",
        Unit.COUNT,
        (
            Series(promql.maximum(select(CLUSTERS_METRIC.name, job=GATEWAY).query), "clusters"),
            Series(
                promql.total(replaced, ("cluster",)), "{{cluster}} replaced", waits_for="a cluster that was replaced"
            ),
        ),
        thresholds=(Threshold(CLUSTER_SCALING.figure.number, Colour.WARNING),),
        decimals=0,
    )


def _pods() -> Panel:
    return Panel(
        panels.CLUSTER_PODS,
        "Pods by state",
        "Pods of each cluster by what kubectl shows of them, in a few words. Good: running and completed. Bad: "
        "failing that rises, or starting that stays. Then ask the chat: 'why do pods fail'.",
        Unit.COUNT,
        (Series(_of(CLUSTER_PODS).query, "{{cluster}} {{state}}"),),
        decimals=0,
    )


def _restarts() -> Panel:
    return Panel(
        panels.CLUSTER_RESTARTS,
        "Restarts within a quarter of an hour",
        "Containers that restarted, and those that were ended for want of memory. Good: below the line, and none for "
        "want of memory. Bad: above it, which is when the ticket comes. Then follow the runbook of "
        "ContainersRestarting.",
        Unit.COUNT,
        (
            Series(promql.increase(_of(CLUSTER_RESTARTS), RESTART_WINDOW_S), "{{cluster}} restarts"),
            Series(promql.increase(_of(CLUSTER_OOM_KILLS), RESTART_WINDOW_S), "{{cluster}} out of memory"),
        ),
        thresholds=(Threshold(RESTARTS.number, Colour.WARNING),),
        decimals=0,
    )


def _nodes() -> Panel:
    return Panel(
        panels.CLUSTER_NODES,
        "Nodes",
        "Nodes that are ready, that are not, and that take no new pods. Good: all ready and none closed. Bad: one "
        "that is not ready for minutes: its pods move elsewhere. Then describe the node.",
        Unit.COUNT,
        (Series(_of(CLUSTER_NODES).query, "{{cluster}} {{state}}"),),
        decimals=0,
    )


def _budgets() -> Panel:
    return Panel(
        panels.CLUSTER_BUDGETS,
        "Disruption budgets at their limit",
        "Disruption budgets that allow no further pod to be evicted. Good: few, and for minutes. Bad: the same number "
        "for hours: a node cannot be drained. Then see which workload has fewer pods than it should.",
        Unit.COUNT,
        (Series(_of(CLUSTER_BUDGETS_AT_LIMIT).query, "{{cluster}}"),),
        decimals=0,
    )


def _objects() -> Panel:
    return Panel(
        panels.CLUSTER_OBJECTS,
        "Objects by resource",
        "How many objects each cluster holds. Good: level. Bad: one resource that only grows: something makes objects "
        "and removes none, and every list of it becomes slower. Then look at the newest of them.",
        Unit.COUNT,
        (Series(_of(CLUSTER_OBJECTS).query, "{{cluster}} {{resource}}"),),
        decimals=0,
    )


def _own_replicas() -> Panel:
    return Panel(
        panels.OWN_REPLICAS,
        "Our own replicas by node",
        "Where this installation's own services run, in a cluster that runs them. Good: each service on two nodes or "
        "more. Bad: all of one on one node, which is when the ticket comes. Then follow the runbook of "
        "ReplicasOnOneNode.",
        Unit.COUNT,
        (Series(_of(CLUSTER_OWN_REPLICAS).query, "{{service}} on {{node}}", waits_for="our services in a cluster"),),
        decimals=0,
    )


def _counted() -> Panel:
    since = promql.times(promql.until_now(_of(CLUSTER_INVENTORY_TIME).query), -1)
    return Panel(
        panels.CLUSTER_COUNTED,
        "Time since objects were counted",
        "How old the numbers of pods, nodes and objects are. Good: below a minute. Bad: it only rises: the cluster's "
        "lists take longer than half a minute, or are refused. Then look into the log of the exporters.",
        Unit.SECONDS,
        (Series(since, "{{cluster}}"),),
    )
