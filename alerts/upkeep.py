"""Alerts about what databases need from time to time: indexes that are rebuilt, dead rows that are cleared away."""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import INDEX_REBUILD_LAST_SUCCESS
from app.telemetry.server_catalogue import POSTGRESQL_TABLE_DEAD_ROWS, POSTGRESQL_TABLE_LIVE_ROWS
from slo import panels, promql
from slo.bloat import BLOATED_SHARE, MANY_DEAD_ROWS
from slo.case import AlertCheck, Case, firing, steady
from slo.objective import Severity
from slo.prometheus import AUDIT, GATEWAY
from slo.promql import duration, number, one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.postgresql import REINDEX

INDEX_REBUILD_OVERDUE: Final = "IndexRebuildOverdue"
TABLE_BLOATED: Final = "TableBloated"
BLOATED_FOR_S: Final = 3600.0  # longer than a vacuum of a large table takes
_SERVICE: Final = "postgresql"
_INTERVAL_S: Final = 60.0


def upkeep() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("upkeep", _INTERVAL_S, (_index_rebuild_overdue(), _table_bloated())),
        {INDEX_REBUILD_OVERDUE: panels.INDEX_REBUILDS, TABLE_BLOATED: panels.DEAD_ROWS},
    )


def _index_rebuild_overdue() -> AlertingRule:
    overdue_s = REINDEX.named("overdue").number
    # Every replica reads the same row, some an hour later than others.
    last = promql.maximum(select(INDEX_REBUILD_LAST_SUCCESS.name, job=one_of((GATEWAY, AUDIT))).query, ("database",))
    return AlertingRule(
        INDEX_REBUILD_OVERDUE,
        promql.below(promql.until_now(last), -overdue_s),
        labels={SERVICE: _SERVICE, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "A database's indexes have not been rebuilt for too long",
            "description": (
                "The largest tables' indexes of the database {{ $labels.database }} were last rebuilt more than "
                f"{duration(overdue_s)} ago. It is tried every hour by itself; the log says why it fails."
            ),
        },
    )


def _table_bloated() -> AlertingRule:
    dead, live = select(POSTGRESQL_TABLE_DEAD_ROWS.name).query, select(POSTGRESQL_TABLE_LIVE_ROWS.name).query
    share = promql.divided(dead, promql.plus(dead, live))
    return AlertingRule(
        TABLE_BLOATED,
        promql.both(promql.above(share, BLOATED_SHARE), promql.above(dead, MANY_DEAD_ROWS)),
        for_s=BLOATED_FOR_S,
        labels={SERVICE: _SERVICE, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "Dead rows of a table are not cleared away",
            "description": (
                "{{ $value | humanizePercentage }} of the rows of {{ $labels.table }} in {{ $labels.database }} are "
                f"dead, for {duration(BLOATED_FOR_S)} or longer. Autovacuum has not come, or finds a transaction that "
                "still may need them."
            ),
        },
    )


def upkeep_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each fires, is silent just below, ends, and is silent without data."""
    overdue, bloated = group.alerts
    return (*_rebuild_cases(overdue), *_bloat_cases(bloated))


def _rebuild_cases(rule: AlertingRule) -> tuple[Case, ...]:
    overdue_s, steps = REINDEX.named("overdue").number, 20
    late_s, again_s = 5 * _INTERVAL_S, 10 * _INTERVAL_S
    labels = {"database": "kubechat"}

    def seen(instance: str, values: str) -> dict[str, str]:
        return {select(INDEX_REBUILD_LAST_SUCCESS.name, job=GATEWAY, instance=instance, **labels).text: values}

    before = round(again_s / _INTERVAL_S)
    rebuilt = f"{number(late_s - overdue_s)}x{before - 1} {number(again_s)}x{steps}"
    return (
        Case(
            f"{INDEX_REBUILD_OVERDUE} fires when a rebuild is overdue, and ends with the next",
            _INTERVAL_S,
            seen("gateway-1", rebuilt),
            (
                AlertCheck(late_s, INDEX_REBUILD_OVERDUE),
                AlertCheck(late_s + _INTERVAL_S, INDEX_REBUILD_OVERDUE, (firing(rule, labels),)),
                AlertCheck(again_s, INDEX_REBUILD_OVERDUE),
            ),
        ),
        Case(
            f"{INDEX_REBUILD_OVERDUE} is silent when another replica has seen a later one",
            _INTERVAL_S,
            seen("gateway-1", steady(-2 * overdue_s, steps)) | seen("gateway-2", steady(0, steps)),
            (AlertCheck(again_s, INDEX_REBUILD_OVERDUE),),
        ),
        Case(
            f"{INDEX_REBUILD_OVERDUE} is silent without data",
            _INTERVAL_S,
            {},
            (AlertCheck(again_s, INDEX_REBUILD_OVERDUE),),
        ),
    )


def _bloat_cases(rule: AlertingRule) -> tuple[Case, ...]:
    labels = {
        "job": _SERVICE,
        "instance": _SERVICE,
        "server": "127.0.0.1:18120",
        "database": "kubechat",
        "table": "messages",
    }
    rows, steps = 20 * MANY_DEAD_ROWS, round(BLOATED_FOR_S / _INTERVAL_S)
    late_s = (steps + 5) * _INTERVAL_S

    def table(dead: str, live: float) -> dict[str, str]:
        return {
            select(POSTGRESQL_TABLE_DEAD_ROWS.name, **labels).text: dead,
            select(POSTGRESQL_TABLE_LIVE_ROWS.name, **labels).text: steady(live, 3 * steps),
        }

    def case(name: str, series: dict[str, str], *checks: AlertCheck) -> Case:
        return Case(f"{TABLE_BLOATED} {name}", _INTERVAL_S, series, checks)

    cleared = f"{number(rows)}x{2 * steps - 1} 0x{steps}"
    return (
        case(
            "fires when half of many rows are dead, and ends when they are cleared away",
            table(cleared, rows),
            AlertCheck(BLOATED_FOR_S / 2, TABLE_BLOATED),
            AlertCheck(late_s, TABLE_BLOATED, (firing(rule, labels, 0.5),)),
            AlertCheck(2 * steps * _INTERVAL_S, TABLE_BLOATED),
        ),
        case(
            "is silent just under the share",
            table(steady(rows * BLOATED_SHARE * 0.99, 3 * steps), rows * (1 - BLOATED_SHARE * 0.99)),
            AlertCheck(late_s, TABLE_BLOATED),
        ),
        case(
            "is silent about a small table",
            table(steady(MANY_DEAD_ROWS, 3 * steps), 0),
            AlertCheck(late_s, TABLE_BLOATED),
        ),
        case("is silent without data", {}, AlertCheck(late_s, TABLE_BLOATED)),
    )
