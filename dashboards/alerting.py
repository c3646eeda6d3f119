"""Alerts: what fires now, what fired before, and whether people are told."""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import ALERT_DELIVERIES, ALERTS_FIRING, NOTIFICATION_DELAY
from dashboards.dashboard import Dashboard, Panel, PanelKind, Row, Series, State, Threshold
from dashboards.theme import Colour, Unit
from dashboards.variables import buckets_of, of, replicas
from slo import panels, promql
from slo.prometheus import ALERTMANAGER, ALERTS, GATEWAY, NOTIFICATIONS, NOTIFICATIONS_FAILED
from slo.promises import NOTIFICATION
from slo.promql import RATE_INTERVAL, one_of, select
from slo.series import SERVICE, SEVERITY

_TOLD: Final = one_of(("page", "ticket"))


def alerting() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.ALERTS,
        title="KubeChat / Alerts",
        description="What fires now, and are people told?",
        variables=replicas(GATEWAY),
        rows=(
            Row("Now", (_now(), _held())),
            Row("Before", (_over_time(),)),
            Row("Notifications", (_notifications(), _deliveries(), _delay())),
        ),
    )


def _firing() -> promql.Query:
    return select(ALERTS, alertstate="firing", **{SEVERITY: _TOLD}).query


def _now() -> Panel:
    by = (SEVERITY, "alertname", SERVICE, "instance")
    return Panel(
        panels.ALERTS_NOW,
        "Alerts that fire now",
        "Each alert that is told to somebody, its service and replica where it has one. Good: an empty table. Bad: "
        "pages. Then open the alert's runbook: `/runbooks/` and its name, at the gateway.",
        Unit.COUNT,
        (Series(promql.total(_firing(), by), "how many", waits_for="an alert that fires"),),
        kind=PanelKind.TABLE,
        columns=by,
        width=18,
    )


def _held() -> Panel:
    return Panel(
        panels.ALERTS_HELD,
        "Alerts that people see in the chat",
        "Alerts that the gateway holds as firing. Good: none, or as many as in the table. Bad: fewer than there: they "
        "do not reach people. Then see below whether notifications fail.",
        Unit.COUNT,
        (Series(promql.maximum(of(ALERTS_FIRING, GATEWAY).query), "in the chat"),),
        kind=PanelKind.STAT,
        thresholds=(Threshold(1, Colour.WARNING),),
        decimals=0,
        height=9,
    )


def _over_time() -> Panel:
    firing = promql.maximum(_firing(), ("alertname", SERVICE))
    return Panel(
        panels.ALERTS_OVER_TIME,
        "When alerts fired",
        "The times at which each alert fired. Good: nothing, or short stretches. Bad: the same alert again and again. "
        "Then its cause was not mended: plan the work.",
        Unit.FACTOR,
        (Series(firing, "{{alertname}} {{service}}", waits_for="an alert that fires"),),
        kind=PanelKind.STATE_TIMELINE,
        states=(State(1, "fires", Colour.BAD),),
        width=24,
    )


def _notifications() -> Panel:
    def per_second(name: str) -> promql.Query:
        return promql.total(promql.rate(select(name, job=ALERTMANAGER), RATE_INTERVAL), ("integration",))

    return Panel(
        panels.ALERT_NOTIFICATIONS,
        "Notifications sent, and those that failed",
        "Notifications per second that Alertmanager sent by each way, and those that failed. Good: none fail. Bad: one "
        "way fails: its address, its password or the network is wrong. Then see Alertmanager's log.",
        Unit.PER_SECOND,
        (
            Series(per_second(NOTIFICATIONS), "{{integration}}"),
            Series(per_second(NOTIFICATIONS_FAILED), "{{integration}} failed"),
        ),
    )


def _deliveries() -> Panel:
    return Panel(
        panels.ALERT_DELIVERIES,
        "Alerts received by gateways",
        "Alerts per second that Alertmanager handed to gateways, and what became of them. Good: they are new or known. "
        "Bad: refused ones. Then see whether the webhook's token is the same on both sides.",
        Unit.PER_SECOND,
        (
            Series(
                promql.total(promql.rate(of(ALERT_DELIVERIES, GATEWAY), RATE_INTERVAL), ("result",)),
                "{{result}}",
                waits_for="an alert that arrives",
            ),
        ),
    )


def _delay() -> Panel:
    return Panel(
        panels.ALERT_DELAY,
        "Time until people see an alert",
        "From an alert's start until its card is sent to browsers, 95th percentile. Good: below the line. Bad: above "
        "it. Then see whether Prometheus evaluates its rules in time.",
        Unit.SECONDS,
        (
            Series(
                promql.quantile(NOTIFICATION.share, buckets_of(NOTIFICATION_DELAY, GATEWAY), RATE_INTERVAL),
                "promised share",
                waits_for="an alert that arrives",
            ),
        ),
        thresholds=(Threshold(NOTIFICATION.threshold_s, Colour.BAD),),
    )
