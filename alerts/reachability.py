"""Alerts about services that Prometheus cannot reach, and the one that shows that alerts arrive at all.

A service is down when none of its replicas answers: one replica that restarts, or is replaced in a rolling update, is
no incident. That it does not come back is worth a ticket.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from slo import panels, promql
from slo.objective import Severity
from slo.prometheus import AUDIT, EXPORTERS, GATEWAY, JOBS, NLP, PACE, UP
from slo.promql import duration, one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

SERVICE_DOWN: Final = "ServiceDown"
REPLICA_DOWN: Final = "ReplicaDown"
WATCHDOG: Final = "Watchdog"

SERVICE_DOWN_FOR_S: Final = 15.0  # a single replica that is restarted is back within ten seconds
REPLICA_DOWN_FOR_S: Final = 120.0  # a replica that is replaced takes its time to warm up

_SEVERITIES: Final = {
    GATEWAY: Severity.PAGE,  # nobody can work
    AUDIT: Severity.PAGE,  # every change is refused
    NLP: Severity.PAGE,  # plain words are not understood
    EXPORTERS: Severity.TICKET,  # people notice nothing
}


def reachability() -> LinkedGroup:
    """The alerts about services that cannot be reached."""
    rules = (*(_service_down(job) for job in JOBS), _replica_down(), _watchdog())
    return LinkedGroup(
        RuleGroup("reachability", PACE.evaluation_interval_s, rules),
        dict.fromkeys((SERVICE_DOWN, REPLICA_DOWN, WATCHDOG), panels.REPLICAS_UP),
    )


def _service_down(job: str) -> AlertingRule:
    # No replica up: none answers, or none is known any more. `up == 0` alone would be silent about the latter.
    return AlertingRule(
        SERVICE_DOWN,
        promql.absent(promql.equal_to(select(UP, job=job).query, 1)),
        for_s=SERVICE_DOWN_FOR_S,
        labels={SERVICE: job, SEVERITY: _SEVERITIES[job].value},
        annotations={
            "summary": "No replica of a service answers",
            # absent() gives a series without labels, so that a template could not name the service.
            "description": f"Prometheus has reached no replica of {job} for {duration(SERVICE_DOWN_FOR_S)} or longer.",
        },
    )


def _replica_down() -> AlertingRule:
    up = select(UP, job=one_of(JOBS))
    some_answer = promql.above(promql.total(up.query, ("job",)), 0)
    return AlertingRule(
        REPLICA_DOWN,
        promql.both(promql.equal_to(up.query, 0), some_answer, on=("job",)),
        for_s=REPLICA_DOWN_FOR_S,
        labels={SERVICE: "{{ $labels.job }}", SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "One replica of a service does not answer, while others do",
            "description": (
                "{{ $labels.instance }} of {{ $labels.job }} has not answered Prometheus "
                f"for {duration(REPLICA_DOWN_FOR_S)} or longer. The other replicas carry its load."
            ),
        },
    )


def _watchdog() -> AlertingRule:
    return AlertingRule(
        WATCHDOG,
        promql.constant(1),
        labels={SERVICE: "monitoring", SEVERITY: Severity.NONE.value},
        annotations={
            "summary": "Alerts are evaluated and delivered",
            "description": "This alert always fires. When it does not, Prometheus or Alertmanager has stopped working.",
        },
    )
