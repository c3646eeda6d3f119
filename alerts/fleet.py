"""Alerts about clusters as the gateway meets them: left alone, replaced by another, or more than were tried."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from alerts.processes import once_cases
from app.telemetry.catalogue import CLUSTER_BREAKER_OPEN, CLUSTER_REPLACEMENTS, CLUSTERS
from slo import panels, promql
from slo.case import Case
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promql import duration, number, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.requirements import CLUSTER_SCALING

CLUSTER_LEFT_ALONE: Final = "ClusterLeftAlone"
CLUSTER_REPLACED: Final = "ClusterReplaced"
CLUSTERS_OVER_TARGET: Final = "ClustersOverTarget"

_ALONE_FOR_S: Final = 300.0  # an API server that is replaced is back by then, and so is a network that was changed
_OVER_FOR_S: Final = 600.0  # not while a kubeconfig is being put right
_WINDOW_S: Final = 900.0
_INTERVAL_S: Final = PACE.cause_interval_s


def fleet() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("fleet", _INTERVAL_S, (_alone(), _replaced(), _over())),
        {
            CLUSTER_LEFT_ALONE: panels.CLUSTER_BREAKERS,
            CLUSTER_REPLACED: panels.CLUSTERS_KNOWN,
            CLUSTERS_OVER_TARGET: panels.CLUSTERS_KNOWN,
        },
    )


def _alone() -> AlertingRule:
    return AlertingRule(
        CLUSTER_LEFT_ALONE,
        promql.equal_to(promql.maximum(select(CLUSTER_BREAKER_OPEN.name, job=GATEWAY).query, ("cluster",)), 1),
        for_s=_ALONE_FOR_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A cluster does not answer the gateway and is left alone",
            "description": (
                f"A replica of the gateway has had no answer from {{{{ $labels.cluster }}}} for "
                f"{duration(_ALONE_FOR_S)} or longer and tells people so at once. It is tried again by itself."
            ),
        },
    )


def _replaced() -> AlertingRule:
    found = promql.total(promql.increase(select(CLUSTER_REPLACEMENTS.name, job=GATEWAY), _WINDOW_S), ("cluster",))
    return AlertingRule(
        CLUSTER_REPLACED,
        promql.above(found, 0),
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A cluster is another one of the same name",
            "description": (
                f"Within the last {duration(_WINDOW_S)} {{{{ $labels.cluster }}}} was found to be another cluster than "
                "before. What was known of the old one was dropped, and its previews are refused."
            ),
        },
    )


def _over() -> AlertingRule:
    return AlertingRule(
        CLUSTERS_OVER_TARGET,
        promql.above(promql.maximum(select(CLUSTERS.name, job=GATEWAY).query), CLUSTER_SCALING.figure.number),
        for_s=_OVER_FOR_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "There are more clusters than one installation was tried with",
            "description": (
                f"The gateway knows more than {number(CLUSTER_SCALING.figure.number)} clusters. Questions to all of "
                "them may take longer than promised."
            ),
        },
    )


def fleet_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    alone, replaced, over = group.alerts
    cluster = {"cluster": "prod-eu"}
    own = {"job": GATEWAY, "instance": "gateway-1"}
    most = CLUSTER_SCALING.figure.number
    return (
        *gauge_cases(
            alone,
            {select(CLUSTER_BREAKER_OPEN.name, **own, **cluster).text: (1, 0, 0)},
            labels=cluster,
            value=1,
            interval_s=_INTERVAL_S,
        ),
        *once_cases(
            replaced, select(CLUSTER_REPLACEMENTS.name, **own, **cluster).text, cluster, _WINDOW_S, _INTERVAL_S
        ),
        *gauge_cases(
            over,
            {select(CLUSTERS.name, **own).text: (most + 1, most, most - 1)},
            labels={},
            value=most + 1,
            interval_s=_INTERVAL_S,
        ),
    )
