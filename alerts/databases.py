"""Alerts about what the services see of PostgreSQL: full pools, slow statements, replicas that answer no reads.

That a server is down, and what it says of itself, is not here.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import (
    POOL_IN_USE,
    POOL_SIZE,
    POSTGRES_QUERY_DURATION,
    POSTGRES_SLOW_QUERIES,
    REPLICA_IN_ROTATION,
)
from app.telemetry.server_catalogue import POSTGRESQL_REPLICATION_LAG
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising, steady
from slo.objective import Severity
from slo.prometheus import GATEWAY, PACE
from slo.promises import POOL_FULL, REPLICA_LAG_S
from slo.promql import duration, number, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

DATABASE_POOL_FULL: Final = "DatabasePoolFull"
SLOW_QUERIES: Final = "SlowQueries"
REPLICATION_LAG: Final = "ReplicationLag"
REPLICA_OUT: Final = "ReadReplicaOut"

SLOW_SHARE: Final = 0.01
FEWEST_SLOW: Final = 10
_FOR_S: Final = 120.0  # longer than a restart of a server
_WINDOW_S: Final = 600.0
_INTERVAL_S: Final = PACE.cause_interval_s
_TICKET: Final = {SEVERITY: Severity.TICKET.value}


def databases() -> LinkedGroup:
    """The alerts."""
    rules = (_pool_full(), _slow_queries(), _replication_lag(), _replica_out())
    return LinkedGroup(
        RuleGroup("databases", _INTERVAL_S, rules),
        {
            DATABASE_POOL_FULL: panels.POSTGRES_POOLS,
            SLOW_QUERIES: panels.POSTGRES_SLOW_QUERIES,
            REPLICATION_LAG: panels.REPLICATION_LAG,
            REPLICA_OUT: panels.READS_BY_SERVER,
        },
    )


def _pool_full() -> AlertingRule:
    return AlertingRule(
        DATABASE_POOL_FULL,
        promql.reaching(
            promql.divided(select(POOL_IN_USE.name).query, select(POOL_SIZE.name).query),
            POOL_FULL.number,
        ),
        for_s=_FOR_S,
        labels={SERVICE: "{{ $labels.job }}", **_TICKET},
        annotations={
            "summary": "A service has hardly a free connection to its database",
            "description": (
                "{{ $labels.instance }} has {{ $value | humanizePercentage }} of its connections to "
                f"{{{{ $labels.pool }}}} in use, for {duration(_FOR_S)} or longer. Requests begin to wait for one; who "
                "waits five seconds is refused."
            ),
        },
    )


def _slow_queries() -> AlertingRule:
    slow, all_ = select(POSTGRES_SLOW_QUERIES.name), select(f"{POSTGRES_QUERY_DURATION.name}_count")
    by = ("job", "query")
    share = promql.divided(
        promql.total(promql.rate(slow, _WINDOW_S), by), promql.total(promql.rate(all_, _WINDOW_S), by)
    )
    many = promql.reaching(promql.total(promql.increase(slow, _WINDOW_S), by), FEWEST_SLOW)
    return AlertingRule(
        SLOW_QUERIES,
        promql.both(promql.above(share, SLOW_SHARE), many),
        labels={SERVICE: "{{ $labels.job }}", **_TICKET},
        annotations={
            "summary": "A database query is slow too often",
            "description": (
                "{{ $value | humanizePercentage }} of the runs of {{ $labels.query }} took half of what the simplest "
                f"question may take, or longer, over the last {duration(_WINDOW_S)}."
            ),
        },
    )


def _replication_lag() -> AlertingRule:
    return AlertingRule(
        REPLICATION_LAG,
        promql.above(select(POSTGRESQL_REPLICATION_LAG.name).query, REPLICA_LAG_S.number),
        for_s=_FOR_S,
        labels={SERVICE: "postgresql", **_TICKET},
        annotations={
            "summary": "A read replica is behind its primary",
            "description": (
                f"{{{{ $labels.replica }}}} shows commits of {{{{ $labels.server }}}} more than "
                f"{number(REPLICA_LAG_S.number)} seconds late, for {duration(_FOR_S)} or longer. It answers no reads "
                "meanwhile; the primary does its work."
            ),
        },
    )


def _replica_out() -> AlertingRule:
    in_rotation = promql.maximum(select(REPLICA_IN_ROTATION.name, job=GATEWAY).query, ("database",))
    return AlertingRule(
        REPLICA_OUT,
        promql.equal_to(in_rotation, 0),
        for_s=_FOR_S,
        labels={SERVICE: GATEWAY, **_TICKET},
        annotations={
            "summary": "A read replica answers no reads",
            "description": (
                "No replica of the gateway sends reads to {{ $labels.database }}, for "
                f"{duration(_FOR_S)} or longer: it does not answer, or is too far behind."
            ),
        },
    )


def database_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    full, slow, lag, out = group.alerts
    pool = {"job": GATEWAY, "instance": "gateway-1", "pool": "kubechat"}
    replica = {"job": "postgresql", "instance": "exporters", "server": "127.0.0.1:5432", "replica": "replica_1"}
    rotation = {"database": "kubechat_replica_1"}
    size = 10.0
    return (
        *_gauge_cases(
            full,
            {select(POOL_IN_USE.name, **pool).text: (POOL_FULL.number * size, POOL_FULL.number * size - 1, 0)},
            {select(POOL_SIZE.name, **pool).text: size},
            pool,
            POOL_FULL.number,
        ),
        *_gauge_cases(
            lag,
            {
                select(POSTGRESQL_REPLICATION_LAG.name, **replica).text: (
                    REPLICA_LAG_S.number + 1,
                    REPLICA_LAG_S.number,
                    0,
                )
            },
            {},
            replica,
            REPLICA_LAG_S.number + 1,
        ),
        *_gauge_cases(
            out,
            {select(REPLICA_IN_ROTATION.name, job=GATEWAY, instance="gateway-1", **rotation).text: (0, 1, 1)},
            {},
            rotation,
            0,
        ),
        *_slow_cases(slow),
    )


def _gauge_cases(
    rule: AlertingRule,
    moving: dict[str, tuple[float, float, float]],
    still: dict[str, float],
    labels: dict[str, str],
    value: float,
) -> tuple[Case, ...]:
    """Cases of an alert on a gauge.

    Args:
        rule: the alert.
        moving: for each series, the value that fires, the nearest one that does not, and a good one.
        still: series that the alert compares with.
        labels: of the alert.
        value: of the alert's expression when it fires.
    """
    steps = round(2 * _FOR_S / _INTERVAL_S)
    held = {name: steady(each, 3 * steps) for name, each in still.items()}
    fired_s, end_s = _FOR_S + _INTERVAL_S, 2 * steps * _INTERVAL_S
    bad = {name: f"{steady(it[0], steps)} {steady(it[2], steps)}" for name, it in moving.items()}
    near = {name: steady(it[1], steps) for name, it in moving.items()}
    return (
        Case(
            f"{rule.alert} fires after its time, and ends when it is over",
            _INTERVAL_S,
            bad | held,
            (
                AlertCheck(_FOR_S - _INTERVAL_S, rule.alert),
                AlertCheck(fired_s, rule.alert, (firing(rule, labels, value),)),
                AlertCheck(end_s, rule.alert),
            ),
        ),
        Case(f"{rule.alert} is silent just below", _INTERVAL_S, near | held, (AlertCheck(fired_s, rule.alert),)),
        Case(f"{rule.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(fired_s, rule.alert),)),
    )


def _slow_cases(rule: AlertingRule) -> tuple[Case, ...]:
    labels = {"job": GATEWAY, "query": "chats.page"}
    series = {"job": GATEWAY, "instance": "gateway-1", "query": "chats.page"}
    slow = select(POSTGRES_SLOW_QUERIES.name, **series).text
    all_ = select(f"{POSTGRES_QUERY_DURATION.name}_count", **series).text
    steps = round(2 * _WINDOW_S / _INTERVAL_S)
    end_s = steps * _INTERVAL_S

    def runs(each_step: float, share: float) -> dict[str, str]:
        return rising((Phase(steps, {all_: each_step, slow: each_step * share}), Phase(2 * steps, {all_: each_step})))

    return (
        Case(
            f"{rule.alert} fires when 2 % of a query's runs are slow, and ends when none is",
            _INTERVAL_S,
            runs(1000, 0.02),
            (AlertCheck(end_s, rule.alert, (firing(rule, labels, 0.02),)), AlertCheck(2 * end_s, rule.alert)),
        ),
        Case(
            f"{rule.alert} is silent at its share",
            _INTERVAL_S,
            runs(1000, SLOW_SHARE),
            (AlertCheck(end_s, rule.alert),),
        ),
        Case(
            f"{rule.alert} is silent while only a few are slow",
            _INTERVAL_S,
            runs(0.9 * FEWEST_SLOW / 0.4 * _INTERVAL_S / _WINDOW_S, 0.4),
            (AlertCheck(end_s, rule.alert),),
        ),
        Case(f"{rule.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(end_s, rule.alert),)),
    )
