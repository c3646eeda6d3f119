"""Alerts about the audit log: events that do not get there, and changes of which nobody knows how they ended.

The objectives speak of how late events are; here it is about those that wait, are lost, or stay open.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from alerts.processes import once_cases
from app.telemetry.catalogue import (
    AUDIT_OPEN_INTENTS,
    AUDIT_QUEUE_DEPTH,
    AUDIT_QUEUE_LIMIT,
    AUDIT_SPOOL,
    AUDIT_SPOOL_DROPPED,
)
from slo import panels, promql
from slo.case import Case
from slo.objective import Severity
from slo.prometheus import AUDIT, GATEWAY, PACE
from slo.promises import QUEUE_FULL
from slo.promql import duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

EVENTS_WAITING: Final = "AuditEventsWaiting"
EVENTS_LOST: Final = "AuditEventsLost"
INTENTS_OPEN: Final = "IntentsWithoutOutcome"
QUEUE_FILLING: Final = "AuditQueueFilling"
_WAITING_FOR_S: Final = 300.0  # a restart of the audit service is over by then
_OPEN_FOR_S: Final = 600.0  # the gateway asks the cluster again and again until it knows
_FILLING_FOR_S: Final = 60.0
_LOST_WINDOW_S: Final = 900.0
_INTERVAL_S: Final = PACE.cause_interval_s
_PAGE: Final = {SERVICE: AUDIT, SEVERITY: Severity.PAGE.value}
_TICKET: Final = {SERVICE: AUDIT, SEVERITY: Severity.TICKET.value}


def audit() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("audit", _INTERVAL_S, (_waiting(), _lost(), _open(), _filling())),
        {
            EVENTS_WAITING: panels.AUDIT_SPOOL,
            EVENTS_LOST: panels.AUDIT_SPOOL,
            INTENTS_OPEN: panels.AUDIT_INTENTS,
            QUEUE_FILLING: panels.AUDIT_QUEUE,
        },
    )


def _waiting() -> AlertingRule:
    return AlertingRule(
        EVENTS_WAITING,
        promql.reaching(select(AUDIT_SPOOL.name, job=GATEWAY).query, 1),
        for_s=_WAITING_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "Audit events wait at a gateway",
            "description": (
                "{{ $labels.instance }} keeps events about reads that the audit service has not taken, for "
                f"{duration(_WAITING_FOR_S)} or longer. They are on its disk and sent again and again."
            ),
        },
    )


def _lost() -> AlertingRule:
    lost = promql.total(promql.increase(select(AUDIT_SPOOL_DROPPED.name, job=GATEWAY), _LOST_WINDOW_S), ("instance",))
    return AlertingRule(
        EVENTS_LOST,
        promql.above(lost, 0),
        labels=_PAGE,
        annotations={
            "summary": "Audit events about reads are lost",
            "description": (
                f"{{{{ $labels.instance }}}} lost events within the last {duration(_LOST_WINDOW_S)}: more wait for the "
                "audit service than it may keep. Changes are refused meanwhile, and none of them is lost."
            ),
        },
    )


def _open() -> AlertingRule:
    return AlertingRule(
        INTENTS_OPEN,
        promql.reaching(promql.maximum(select(AUDIT_OPEN_INTENTS.name, job=AUDIT).query), 1),
        for_s=_OPEN_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "Nobody knows how a change ended",
            "description": (
                "Changes were announced, their time is over, and their outcome is not known, for "
                f"{duration(_OPEN_FOR_S)} or longer. They may have been carried out."
            ),
        },
    )


def _filling() -> AlertingRule:
    depth, limit = (select(each.name, job=AUDIT).query for each in (AUDIT_QUEUE_DEPTH, AUDIT_QUEUE_LIMIT))
    return AlertingRule(
        QUEUE_FILLING,
        promql.reaching(promql.divided(depth, limit), QUEUE_FULL.number),
        for_s=_FILLING_FOR_S,
        labels=_PAGE,
        annotations={
            "summary": "The audit service hardly keeps up",
            "description": (
                "{{ $value | humanizePercentage }} of the queue of {{ $labels.instance }} is full, for "
                f"{duration(_FILLING_FOR_S)} or longer. When it is full, every change is refused."
            ),
        },
    )


def audit_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    waiting, lost, open_, filling = group.alerts
    gateway = {"job": GATEWAY, "instance": "gateway-1"}
    service = {"job": AUDIT, "instance": "audit-1"}
    limit = 1000.0
    return (
        *gauge_cases(
            waiting,
            {select(AUDIT_SPOOL.name, **gateway).text: (1, 0, 0)},
            labels=gateway,
            value=1,
            interval_s=_INTERVAL_S,
        ),
        *once_cases(
            lost,
            select(AUDIT_SPOOL_DROPPED.name, **gateway).text,
            {"instance": "gateway-1"},
            _LOST_WINDOW_S,
            _INTERVAL_S,
        ),
        *gauge_cases(
            open_,
            {select(AUDIT_OPEN_INTENTS.name, **service).text: (1, 0, 0)},
            labels={},
            value=1,
            interval_s=_INTERVAL_S,
        ),
        *gauge_cases(
            filling,
            {
                select(AUDIT_QUEUE_DEPTH.name, **service).text: (
                    QUEUE_FULL.number * limit,
                    QUEUE_FULL.number * limit - 1,
                    0,
                )
            },
            still={select(AUDIT_QUEUE_LIMIT.name, **service).text: limit},
            labels=service,
            value=QUEUE_FULL.number,
            interval_s=_INTERVAL_S,
        ),
    )
