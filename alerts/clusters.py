"""Alerts about Kubernetes clusters: one that is away is noticed by everybody who works with it, so it pages."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from alerts.processes import once_cases
from app.telemetry.exporter_catalogue import (
    CLUSTER_OOM_KILLS,
    CLUSTER_RESTARTS,
    CLUSTER_UP,
    KUBERNETES,
)
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import PACE
from slo.promises import RESTARTS
from slo.promql import duration, number, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

CLUSTER_AWAY: Final = "ClusterAway"
CONTAINERS_RESTARTING: Final = "ContainersRestarting"
CONTAINERS_OUT_OF_MEMORY: Final = "ContainersOutOfMemory"

_AWAY_FOR_S: Final = 60.0  # an API server that is replaced is back by then
_WINDOW_S: Final = 900.0
_INTERVAL_S: Final = PACE.cause_interval_s
_JOB: Final = KUBERNETES[0]


def clusters() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("clusters", _INTERVAL_S, (_away(), _restarting(), _out_of_memory())),
        {
            CLUSTER_AWAY: panels.CLUSTERS_UP,
            CONTAINERS_RESTARTING: panels.CLUSTER_RESTARTS,
            CONTAINERS_OUT_OF_MEMORY: panels.CLUSTER_RESTARTS,
        },
    )


def _away() -> AlertingRule:
    return AlertingRule(
        CLUSTER_AWAY,
        promql.equal_to(select(CLUSTER_UP.name, job=_JOB).query, 0),
        for_s=_AWAY_FOR_S,
        labels={SERVICE: "clusters", SEVERITY: Severity.PAGE.value},
        annotations={
            "summary": "A cluster's API server does not answer",
            "description": (
                f"The API server of {{{{ $labels.cluster }}}} has not been ready for {duration(_AWAY_FOR_S)} or "
                "longer. Nobody can work with that cluster; all others are as they were."
            ),
        },
    )


def _restarting() -> AlertingRule:
    restarts = promql.total(promql.increase(select(CLUSTER_RESTARTS.name, job=_JOB), _WINDOW_S), ("cluster",))
    return AlertingRule(
        CONTAINERS_RESTARTING,
        promql.above(restarts, RESTARTS.number),
        labels={SERVICE: "clusters", SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "Containers of a cluster restart again and again",
            "description": (
                f"More than {number(RESTARTS.number)} containers of {{{{ $labels.cluster }}}} restarted within "
                f"{duration(_WINDOW_S)}."
            ),
        },
    )


def _out_of_memory() -> AlertingRule:
    ended = promql.total(promql.increase(select(CLUSTER_OOM_KILLS.name, job=_JOB), _WINDOW_S), ("cluster",))
    return AlertingRule(
        CONTAINERS_OUT_OF_MEMORY,
        promql.above(ended, 0),
        labels={SERVICE: "clusters", SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A container of a cluster was ended for want of memory",
            "description": (
                f"In {{{{ $labels.cluster }}}} a container reached its memory limit within the last "
                f"{duration(_WINDOW_S)} and was ended."
            ),
        },
    )


def cluster_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    away, restarting, out_of_memory = group.alerts
    cluster = {"cluster": "prod-eu"}
    own = {"job": _JOB, "instance": "kubernetes", **cluster}
    steps = round(_WINDOW_S / _INTERVAL_S)
    series = select(CLUSTER_RESTARTS.name, **own).text

    def restarts(number_: float) -> dict[str, str]:
        return rising((Phase(steps, {series: number_ / steps}), Phase(3 * steps, {series: 0})))

    return (
        *gauge_cases(
            away,
            {select(CLUSTER_UP.name, **own).text: (0, 1, 1)},
            labels=own,
            value=0,
            interval_s=_INTERVAL_S,
        ),
        Case(
            f"{restarting.alert} fires when twice as many restart, and ends when none does",
            _INTERVAL_S,
            restarts(2 * RESTARTS.number),
            (
                AlertCheck(_WINDOW_S, restarting.alert, (firing(restarting, cluster),)),
                AlertCheck(3 * _WINDOW_S, restarting.alert),
            ),
        ),
        Case(
            f"{restarting.alert} is silent just below",
            _INTERVAL_S,
            restarts(RESTARTS.number * 0.9),
            (AlertCheck(_WINDOW_S, restarting.alert),),
        ),
        Case(f"{restarting.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(_WINDOW_S, restarting.alert),)),
        *once_cases(out_of_memory, select(CLUSTER_OOM_KILLS.name, **own).text, cluster, _WINDOW_S, _INTERVAL_S),
    )
