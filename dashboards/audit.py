"""The audit service: is everything that happens written down, and how soon?"""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import (
    AUDIT_BATCH_SIZE,
    AUDIT_COMMIT_DURATION,
    AUDIT_DUPLICATES,
    AUDIT_EVENTS,
    AUDIT_LAG,
    AUDIT_OPEN_INTENTS,
    AUDIT_QUEUE_DEPTH,
    AUDIT_QUEUE_LIMIT,
    AUDIT_REFUSED,
    AUDIT_SPOOL,
    AUDIT_SPOOL_DROPPED,
)
from dashboards.dashboard import Dashboard, Panel, PanelKind, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from dashboards.variables import buckets_of, of, replicas
from slo import panels, promql, series
from slo.prometheus import AUDIT, GATEWAY
from slo.promises import AUDIT_LAG as LAG_PROMISE
from slo.promises import QUEUE_FULL
from slo.promql import RATE_INTERVAL, select

_HIGH: Final = 0.99


def audit() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.AUDIT,
        title="KubeChat / Audit",
        description="Is everything that happens written down, and how soon?",
        variables=replicas(AUDIT),
        rows=(
            Row("Events", (_per_hour(), _lag())),
            Row("What waits, and what is missing", (_queue(), _spool(), _intents(), _refused())),
            Row("In detail", (_kinds(), _batches(), _commits()), collapsed=True),
        ),
    )


def _per_hour() -> Panel:
    return Panel(
        panels.AUDIT_EVENTS_PER_HOUR,
        "Audit events per hour",
        "Events that were committed in the last hour. Good: it follows the day's commands. Bad: it falls to nothing "
        "while commands are executed. Then follow the runbook of AuditEventsStopped.",
        Unit.COUNT,
        (Series(select(series.AUDIT_EVENTS_PER_HOUR).query, "events"),),
    )


def _lag() -> Panel:
    return Panel(
        panels.AUDIT_LAG,
        "Time until an event is committed",
        "From what happened until it can be found. Good: the promised share stays below the line. Bad: above it for "
        "minutes. Then see whether commits are slow or the spool of a gateway is being emptied.",
        Unit.SECONDS,
        tuple(
            Series(promql.quantile(share, buckets_of(AUDIT_LAG, AUDIT), RATE_INTERVAL), name, exemplars=True)
            for share, name in ((0.5, "p50"), (LAG_PROMISE.share, "promised share"))
        ),
        thresholds=(Threshold(LAG_PROMISE.threshold_s, Colour.BAD),),
    )


def _queue() -> Panel:
    return Panel(
        panels.AUDIT_QUEUE,
        "Events that wait, against what may wait",
        "How full each replica's queue is, left; the events in it, and the most that it takes, right. Good: few wait. "
        "Bad: above the line, which is when somebody is called: when it is full, every change is refused. Then follow "
        "the runbook of AuditQueueFilling.",
        Unit.SHARE,
        (
            Series(
                promql.divided(of(AUDIT_QUEUE_DEPTH, AUDIT).query, of(AUDIT_QUEUE_LIMIT, AUDIT).query), "{{instance}}"
            ),
            Series(of(AUDIT_QUEUE_DEPTH, AUDIT).query, "{{instance}} waiting", unit=Unit.COUNT),
            Series(of(AUDIT_QUEUE_LIMIT, AUDIT).query, "{{instance}} limit", unit=Unit.COUNT),
        ),
        thresholds=(Threshold(QUEUE_FULL.number, Colour.BAD),),
    )


def _spool() -> Panel:
    dropped = promql.total(promql.increase(select(AUDIT_SPOOL_DROPPED.name, job=GATEWAY), RATE_INTERVAL))
    return Panel(
        panels.AUDIT_SPOOL,
        "Events that wait at gateways",
        "Events about reads that gateways keep until the audit service takes them, left, and those lost because too "
        "many waited, right. Good: none. Bad: any that are lost. Then bring the audit service back first.",
        Unit.COUNT,
        (
            Series(select(AUDIT_SPOOL.name, job=GATEWAY).query, "{{instance}}"),
            Series(dropped, "lost", unit=Unit.COUNT),
        ),
        thresholds=(Threshold(1, Colour.WARNING),),
        decimals=0,
    )


def _intents() -> Panel:
    return Panel(
        panels.AUDIT_INTENTS,
        "Intents without an outcome",
        "Changes that were announced, whose time is over, and of which nobody knows how they ended. Good: none. Bad: "
        "any for minutes. Then look at what the cluster shows: `kubechat` asks it for each of them.",
        Unit.COUNT,
        (Series(promql.maximum(of(AUDIT_OPEN_INTENTS, AUDIT).query), "open"),),
        kind=PanelKind.STAT,
        thresholds=(Threshold(1, Colour.BAD),),
        decimals=0,
        width=12,
        height=9,
    )


def _refused() -> Panel:
    refused = promql.total(promql.rate(of(AUDIT_REFUSED, AUDIT), RATE_INTERVAL), ("reason",))
    again = promql.total(promql.rate(of(AUDIT_DUPLICATES, AUDIT), RATE_INTERVAL))
    return Panel(
        panels.AUDIT_REFUSED,
        "Records refused, and received again",
        "Records per second that were not taken, by reason, and those that came a second time. Good: none. Bad: a "
        "steady rate: the database does not keep up. Then look at the time of commits.",
        Unit.PER_SECOND,
        (
            Series(refused, "refused, {{reason}}", waits_for="a record that is refused"),
            Series(again, "received again"),
        ),
    )


def _kinds() -> Panel:
    return Panel(
        panels.AUDIT_KINDS,
        "Events by kind",
        "Events committed per second by what they are about. Good: reads, then intents with their outcomes. Bad: "
        "intents without outcomes, or many refusals. Then search the audit log for those.",
        Unit.PER_SECOND,
        (Series(promql.total(promql.rate(of(AUDIT_EVENTS, AUDIT), RATE_INTERVAL), ("kind",)), "{{kind}}"),),
    )


def _batches() -> Panel:
    def per_second(name: str) -> promql.Query:
        return promql.total(promql.rate(select(name, job=AUDIT), RATE_INTERVAL))

    size = promql.divided(per_second(AUDIT_BATCH_SIZE.sum), per_second(AUDIT_BATCH_SIZE.count))
    return Panel(
        panels.AUDIT_BATCHES,
        "Events in one commit",
        "How many events are committed together, in the mean. Good: it grows with the load. Bad: it stays near one "
        "while events wait. Then look at what holds the database.",
        Unit.FACTOR,
        (Series(size, "events"),),
    )


def _commits() -> Panel:
    rate = promql.rate(buckets_of(AUDIT_COMMIT_DURATION, AUDIT), RATE_INTERVAL)
    return Panel(
        panels.AUDIT_COMMITS,
        "Spread of the time to commit",
        "How many commits took how long. Good: one band of milliseconds. Bad: a band at the top: the disk of the "
        "database is slow, or a replica is waited for. Then look at PostgreSQL.",
        Unit.SECONDS,
        (Series(promql.total(rate, ("le",)), "{{le}}"),),
        kind=PanelKind.HEATMAP,
    )
