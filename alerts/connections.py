"""Alerts about connections to PostgreSQL: too many of them, and those, or their queries, that should have ended.

What a service's own pools look like from inside of it is `alerts.databases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alerts.alert import LinkedGroup
from app.telemetry.server_catalogue import (
    PGBOUNCER_OLDEST_WAIT,
    PGBOUNCER_SERVERS,
    POSTGRESQL_CONNECTIONS,
    POSTGRESQL_LONGEST_IDLE,
    POSTGRESQL_LONGEST_QUERY,
    POSTGRESQL_MAX_CONNECTIONS,
    POSTGRESQL_OLDEST_CONNECTION,
)
from slo import panels, promql
from slo.case import AlertCheck, Case, firing, steady
from slo.objective import Severity
from slo.prometheus import PACE
from slo.promises import POOL_FULL, POOLER_WAIT_S, SERVER_FULL
from slo.promql import duration, number, one_of, select
from slo.roles import GATEWAY_ROLE, SERVICE_ROLES
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.connections import IDLE_TIMEOUT, MAX_CONNECTIONS, MAX_LIFETIME, POOL_SIZE, QUERY_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Mapping

POOLER_POOL_FULL: Final = "PoolerPoolFull"
POOLER_CLIENTS_WAIT: Final = "PoolerClientsWait"
SERVER_CONNECTIONS_FULL: Final = "DatabaseServerFull"
NOT_REPLACED: Final = "ConnectionsNotReplaced"
NOT_CANCELLED: Final = "QueryNotCancelled"

POOLER_NEAR: Final = POOL_FULL
SPREAD_S: Final = MAX_LIFETIME.figure.number
"""PgBouncer closes what is past its lifetime one by one, a whole pool in another lifetime: so long the last waits."""
IDLE_SLACK_S: Final = 90.0  # PgBouncer looks for idle connections now and then
_FOR_S: Final = 120.0  # longer than a burst, and than a scrape that came at a bad moment
_INTERVAL_S: Final = PACE.cause_interval_s
_TICKET: Final = {SEVERITY: Severity.TICKET.value}
_POOL: Final = ("server", "database", "user")


def connections() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("connections", _INTERVAL_S, (_pool(), _waiting(), _server(), _old(), _idle(), _query())),
        {
            POOLER_POOL_FULL: panels.PGBOUNCER_POOLS,
            POOLER_CLIENTS_WAIT: panels.PGBOUNCER_WAIT,
            SERVER_CONNECTIONS_FULL: panels.POSTGRES_SERVER_CONNECTIONS,
            NOT_REPLACED: panels.POSTGRES_CONNECTION_AGES,
            NOT_CANCELLED: panels.POSTGRES_LONGEST_QUERY,
        },
    )


def _rule(name: str, query: promql.Query, service: str, summary: str, description: str, **labels: str) -> AlertingRule:
    return AlertingRule(
        name,
        query,
        for_s=_FOR_S,
        labels={SERVICE: service, **_TICKET, **labels},
        annotations={"summary": summary, "description": description},
    )


def _pool() -> AlertingRule:
    used = promql.total(select(PGBOUNCER_SERVERS.name, state="active").query, _POOL)
    return _rule(
        POOLER_POOL_FULL,
        promql.reaching(used, POOLER_NEAR.number * POOL_SIZE.figure.number),
        "pgbouncer",
        "A pool of PgBouncer has hardly a free connection",
        f"{{{{ $labels.user }}}} has {{{{ $value | humanize }}}} of {number(POOL_SIZE.figure.number)} connections to "
        f"{{{{ $labels.database }}}} in use, for {duration(_FOR_S)} or longer. Queries begin to wait for one.",
    )


def _waiting() -> AlertingRule:
    return _rule(
        POOLER_CLIENTS_WAIT,
        promql.above(promql.maximum(select(PGBOUNCER_OLDEST_WAIT.name).query, _POOL), POOLER_WAIT_S.number),
        "pgbouncer",
        "Queries wait for a connection of PgBouncer",
        f"Somebody has waited for {{{{ $value | humanize }}}} seconds for a connection of {{{{ $labels.user }}}} to "
        f"{{{{ $labels.database }}}}, and has for {duration(_FOR_S)} or longer.",
    )


def _server() -> AlertingRule:
    used = promql.total(select(POSTGRESQL_CONNECTIONS.name).query, ("server",))
    most = promql.maximum(select(POSTGRESQL_MAX_CONNECTIONS.name).query, ("server",))
    return _rule(
        SERVER_CONNECTIONS_FULL,
        promql.reaching(promql.divided(used, most), SERVER_FULL.number),
        "postgresql",
        "A PostgreSQL server has hardly a free connection",
        f"{{{{ $labels.server }}}} has {{{{ $value | humanizePercentage }}}} of its connections taken, for "
        f"{duration(_FOR_S)} or longer. When all are, nobody can connect, not even to look.",
    )


def _of_services(name: str) -> promql.Query:
    return promql.maximum(select(name, user=one_of(SERVICE_ROLES)).query, ("server",))


def _old() -> AlertingRule:
    return _rule(
        NOT_REPLACED,
        promql.above(_of_services(POSTGRESQL_OLDEST_CONNECTION.name), MAX_LIFETIME.figure.number + SPREAD_S),
        "pgbouncer",
        "Connections to PostgreSQL live on past their time",
        f"A service's connection to {{{{ $labels.server }}}} is older than {duration(MAX_LIFETIME.figure.number)} and "
        f"the {duration(SPREAD_S)} in which PgBouncer replaces what is due.",
        limit="max_lifetime",
    )


def _idle() -> AlertingRule:
    return _rule(
        NOT_REPLACED,
        promql.above(_of_services(POSTGRESQL_LONGEST_IDLE.name), IDLE_TIMEOUT.figure.number + IDLE_SLACK_S),
        "pgbouncer",
        "Connections to PostgreSQL live on past their time",
        f"A service's connection to {{{{ $labels.server }}}} has not been used for longer than "
        f"{duration(IDLE_TIMEOUT.figure.number)}, and was not closed.",
        limit="idle_timeout",
    )


def _query() -> AlertingRule:
    longest = promql.maximum(
        select(POSTGRESQL_LONGEST_QUERY.name, user=one_of(SERVICE_ROLES)).query, ("server", "user")
    )
    return _rule(
        NOT_CANCELLED,
        promql.above(longest, QUERY_TIMEOUT.figure.number),
        "postgresql",
        "A service's query runs on past its time",
        f"A query of {{{{ $labels.user }}}} on {{{{ $labels.server }}}} has run for longer than "
        f"{duration(QUERY_TIMEOUT.figure.number)}, at which the server should have cancelled it, for "
        f"{duration(_FOR_S)} or longer.",
    )


@dataclass(frozen=True, slots=True)
class _Gauge:
    """What a gauge shows in a rule's cases.

    Attributes:
        series: the one that moves.
        bad: a value that fires.
        near: the nearest one that does not.
        labels: of the alert.
        value: of the alert's expression, when it fires.
        still: other series that have to be there, with their values.
    """

    series: str
    bad: float
    near: float
    labels: Mapping[str, str]
    value: float
    still: Mapping[str, float]


def connection_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires after its time, ends when it is over, and is silent just below and without data."""
    pool, waiting, server, old, idle, query = group.alerts
    own = {"job": "postgresql", "instance": "postgresql", "server": "127.0.0.1:5432"}
    role = {**own, "database": "kubechat", "user": GATEWAY_ROLE}
    pooled = {"server": "127.0.0.1:6432", "database": "kubechat", "user": GATEWAY_ROLE}
    at = {"server": own["server"]}
    most, size = MAX_CONNECTIONS.figure.number, POOL_SIZE.figure.number

    def gauge(name: str, limit: float, labels: Mapping[str, str]) -> _Gauge:
        return _Gauge(select(name, **role).text, limit + 1, limit, labels, limit + 1, {})

    wait_s = POOLER_WAIT_S.number
    waited = select(PGBOUNCER_OLDEST_WAIT.name, job="pgbouncer", instance="pgbouncer", **pooled).text
    shown = (
        (waiting, _Gauge(waited, wait_s + 1, wait_s, pooled, wait_s + 1, {})),
        (
            pool,
            _Gauge(
                select(PGBOUNCER_SERVERS.name, job="pgbouncer", instance="pgbouncer", **pooled, state="active").text,
                size,
                POOLER_NEAR.number * size - 1,
                pooled,
                size,
                {},
            ),
        ),
        (
            server,
            _Gauge(
                select(POSTGRESQL_CONNECTIONS.name, **own, database="kubechat", state="idle").text,
                SERVER_FULL.number * most,
                SERVER_FULL.number * most - 1,
                at,
                SERVER_FULL.number,
                {select(POSTGRESQL_MAX_CONNECTIONS.name, **own).text: most},
            ),
        ),
        (old, gauge(POSTGRESQL_OLDEST_CONNECTION.name, MAX_LIFETIME.figure.number + SPREAD_S, at)),
        (idle, gauge(POSTGRESQL_LONGEST_IDLE.name, IDLE_TIMEOUT.figure.number + IDLE_SLACK_S, at)),
        (query, gauge(POSTGRESQL_LONGEST_QUERY.name, QUERY_TIMEOUT.figure.number, {**at, "user": GATEWAY_ROLE})),
    )
    return tuple(case for rule, each in shown for case in _cases(rule, each))


def _cases(rule: AlertingRule, shown: _Gauge) -> tuple[Case, ...]:
    steps = round(2 * _FOR_S / _INTERVAL_S)
    fired_s, end_s = _FOR_S + _INTERVAL_S, 2 * steps * _INTERVAL_S
    still = {name: steady(value, 2 * steps) for name, value in shown.still.items()}
    what = f"{rule.alert} ({shown.series.partition('{')[0]})"
    return (
        Case(
            f"{what} fires after its time, and ends when it is over",
            _INTERVAL_S,
            still | {shown.series: f"{steady(shown.bad, steps)} {steady(0, steps)}"},
            (
                AlertCheck(_FOR_S - _INTERVAL_S, rule.alert),
                AlertCheck(fired_s, rule.alert, (firing(rule, shown.labels, shown.value),)),
                AlertCheck(end_s, rule.alert),
            ),
        ),
        Case(
            f"{what} is silent just below",
            _INTERVAL_S,
            still | {shown.series: steady(shown.near, 2 * steps)},
            (AlertCheck(fired_s, rule.alert),),
        ),
        Case(f"{what} is silent without data", _INTERVAL_S, {}, (AlertCheck(fired_s, rule.alert),)),
    )
