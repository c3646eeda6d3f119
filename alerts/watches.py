"""The alert about watches that wait for their clusters: kept answers end with their time alone meanwhile."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.catalogue import KUBERNETES_WATCHES
from slo import panels, promql
from slo.case import Case
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.caching import KUBERNETES_CACHE_TTL

WATCHES_AWAY: Final = "KubernetesWatchesAway"
MOST_AWAY: Final = 0.5  # of a replica's watches: one cluster of several may be away, and has an alert of its own
_FOR_S: Final = 600.0  # a cluster that restarts its API servers is back by then
_INTERVAL_S: Final = PACE.cause_interval_s


def watches() -> LinkedGroup:
    """The alert."""
    replica = ("job", "instance")
    wait = promql.total(select(KUBERNETES_WATCHES.name, job=GATEWAY, state="waiting").query, replica)
    every = promql.total(select(KUBERNETES_WATCHES.name, job=GATEWAY).query, replica)
    rule = AlertingRule(
        WATCHES_AWAY,
        promql.above(promql.divided(wait, every), MOST_AWAY),
        for_s=_FOR_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A replica does not hear of changes in clusters",
            "description": (
                "{{ $value | humanizePercentage }} of the watches of {{ $labels.instance }} have waited for their "
                f"clusters for {duration(_FOR_S)} or longer. What others change there is seen up to "
                f"{duration(KUBERNETES_CACHE_TTL.figure.number)} late."
            ),
        },
    )
    return LinkedGroup(RuleGroup("watches", _INTERVAL_S, (rule,)), {WATCHES_AWAY: panels.WATCHES})


def watch_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Fires after its time, is silent just below, ends, and is silent without data."""
    (rule,) = group.alerts
    labels = {"job": GATEWAY, "instance": "gateway-1"}
    of = {state: select(KUBERNETES_WATCHES.name, state=state, **labels).text for state in ("waiting", "watching")}
    return gauge_cases(
        rule,
        {of["waiting"]: (6.0, 5.0, 0.0), of["watching"]: (4.0, 5.0, 10.0)},
        labels=labels,
        value=6.0 / 10.0,
        interval_s=_INTERVAL_S,
    )
