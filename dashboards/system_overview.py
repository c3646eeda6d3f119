"""The system overview: is the product well, and if not, which part?

Its first four panels are the architecture document's, under the document's own titles. Every threshold is a target's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.telemetry.catalogue import (
    CHAT_SESSIONS_ACTIVE,
    DOWNTIME,
    HTTP_REQUEST_DURATION,
    HTTP_REQUESTS,
    SESSIONS_ACTIVE,
    TARGET_FIGURE,
    TASK_DUE,
    TURN_DURATION,
    WEB_LOAD_DURATION,
    WEBSOCKETS,
)
from dashboards.dashboard import Dashboard, Panel, PanelKind, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from dashboards.variables import INSTANCE, JOB, services
from slo import panels, promql, series
from slo.capacity import ALERT_ABOVE
from slo.objective import THIRTY_DAYS_S, TIERS, Severity
from slo.operation_class import OperationClass
from slo.prometheus import AUDIT, GATEWAY, UP
from slo.promql import RATE_INTERVAL, matches, one_of, select
from slo.targets.load_testing import ACCEPTED_ERROR_RATE
from slo.targets.monitoring import (
    ACTIVE_USER_SESSIONS,
    ERROR_RATES,
    REQUEST_THROUGHPUT,
    SERVICE_RESPONSE_TIMES,
)
from slo.targets.requirements import (
    API_ENDPOINTS,
    CHAT_INTERFACE,
    COMPLEX_OPERATIONS,
    CONCURRENT_USERS,
    SIMPLE_QUERIES,
    UPTIME_TARGET,
)

if TYPE_CHECKING:
    from app.telemetry.metric import Metric
    from slo.promql import Query
    from slo.target import Target


def system_overview() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.SYSTEM_OVERVIEW,
        title="KubeChat / System overview",
        description="Is KubeChat well, and if not, which part of it?",
        variables=services(),
        rows=(
            Row("Service", (_response_times(), _throughput(), _error_rates(), _sessions())),
            Row("Promises", (_budget_left(), _month_budget_left(), _down_this_year(), _time_against_target())),
            Row("Availability", (_replicas_up(), _burn_rate(), _headroom(), _background_tasks())),
        ),
    )


def _response_times() -> Panel:
    buckets = select(HTTP_REQUEST_DURATION.bucket, job=JOB, instance=INSTANCE)
    return Panel(
        panels.SERVICE_RESPONSE_TIMES,
        _title(SERVICE_RESPONSE_TIMES),
        "How long services take to answer, to the last byte. Good: the 99th percentile stays below the line, which is "
        "the target for API requests. Bad: it crosses the line for minutes. Then look at which service rose first: "
        "a dependency's slowness shows in all that call it.",
        Unit.SECONDS,
        tuple(
            Series(
                promql.quantile(SERVICE_RESPONSE_TIMES.named(name).number, buckets, RATE_INTERVAL, ("job",)),
                f"{{{{job}}}} {name}",
                exemplars=True,
            )
            for name in ("p50", "p95", "p99")
        ),
        thresholds=(Threshold(API_ENDPOINTS.named("duration").number, Colour.BAD),),
    )


def _throughput() -> Panel:
    return Panel(
        panels.REQUEST_THROUGHPUT,
        _title(REQUEST_THROUGHPUT),
        "Requests answered per second, by service. Good: it follows the day. Bad: it falls to nothing while people are "
        "signed in, or doubles without more of them. Then compare with the sessions beside it and the errors below.",
        Unit.PER_SECOND,
        (Series(_requests_per_second(("job",)), "{{job}}"),),
    )


def _error_rates() -> Panel:
    failed = promql.total(promql.rate(_requests().narrowed(status=matches("5..")), RATE_INTERVAL), ("job",))
    answered = _requests_per_second(("job",))
    none_failed = promql.times(answered, 0)
    share = promql.divided(promql.either(failed, none_failed), promql.above(answered, 0))
    return Panel(
        panels.ERROR_RATES,
        _title(ERROR_RATES),
        "The share of requests that failed, left, and requests per second by status, right. Good: below the lower "
        "line, the target in normal operation. Bad: above the upper line, the target under peak load. Then look at the "
        "status: 500 is a fault of ours, 503 refused work or a dependency that is away, 504 a deadline.",
        Unit.SHARE,
        (
            Series(share, "{{job}} failed"),
            Series(_requests_per_second(("status",)), "{{status}}", unit=Unit.PER_SECOND),
        ),
        thresholds=(
            Threshold(ACCEPTED_ERROR_RATE.named("normal").number, Colour.WARNING),
            Threshold(ACCEPTED_ERROR_RATE.named("peak").number, Colour.BAD),
        ),
    )


def _sessions() -> Panel:
    def largest(name: str) -> Query:
        # Every gateway reads the same number from the database: it is one number, not one per replica.
        return promql.maximum(select(name, job=GATEWAY, instance=INSTANCE).query)

    return Panel(
        panels.ACTIVE_USER_SESSIONS,
        _title(ACTIVE_USER_SESSIONS),
        "People with a live sign-in session, chat sessions in use and open connections of browsers. Good: below the "
        "line, the number of people that one installation is made for. Bad: connections fall while sessions stay: "
        "browsers cannot hold their connection. Then look at the gateway.",
        Unit.COUNT,
        (
            Series(largest(SESSIONS_ACTIVE.name), "people signed in"),
            Series(largest(CHAT_SESSIONS_ACTIVE.name), "chat sessions"),
            Series(promql.total(select(WEBSOCKETS.name, job=GATEWAY, instance=INSTANCE).query), "browser connections"),
        ),
        thresholds=(Threshold(CONCURRENT_USERS.figure.number, Colour.WARNING),),
        decimals=0,
    )


def _replicas_up() -> Panel:
    return Panel(
        panels.REPLICAS_UP,
        "Replicas up",
        "Replicas of each service that Prometheus reaches. Good: as many as were started. Bad: none, in red. Then "
        "follow the runbook of ServiceDown.",
        Unit.COUNT,
        (Series(promql.total(select(UP, job=JOB, instance=INSTANCE).query, ("job",)), "{{job}}"),),
        kind=PanelKind.STAT,
        base=Colour.BAD,
        thresholds=(Threshold(1, Colour.GOOD),),
        decimals=0,
        height=9,
    )


def _budget_left() -> Panel:
    return Panel(
        panels.BUDGET_LEFT,
        "Error budget left",
        "What is left of each objective's error budget, over its whole period. Good: as much as is left of the period. "
        "Bad: below a quarter, or spent, in red. Then hold back risky changes and look for the commonest failure.",
        Unit.SHARE,
        (Series(select(series.BUDGET_REMAINING).query, "{{slo}}"),),
        kind=PanelKind.STAT,
        base=Colour.BAD,
        thresholds=(Threshold(0, Colour.WARNING), Threshold(0.25, Colour.GOOD)),
        decimals=1,
        height=9,
    )


def _month_budget_left() -> Panel:
    return Panel(
        panels.MONTH_BUDGET_LEFT,
        "Error budget left this month",
        "What is left of the error budget of the calendar month (UTC), where one is kept. Good: as much as is left of "
        "the month. Bad: spent, in red. Then no release but a repair goes out before the first of the next month.",
        Unit.SHARE,
        (Series(select(series.MONTH_BUDGET_REMAINING).query, "{{slo}}"),),
        kind=PanelKind.STAT,
        base=Colour.BAD,
        thresholds=(Threshold(0, Colour.WARNING), Threshold(0.25, Colour.GOOD)),
        decimals=1,
        height=9,
    )


def _down_this_year() -> Panel:
    allowed_s = UPTIME_TARGET.named("downtime_per_year").number
    return Panel(
        panels.DOWN_THIS_YEAR,
        "Down this year",
        "Time of this calendar year in which requests failed or nothing answered, weighed by requests. Good: less than "
        "the year's allowance in proportion to the year. Bad: more than all of it, in red. Then `kubechat slo gate` "
        "lets no release out.",
        Unit.SECONDS,
        (Series(promql.maximum(select(DOWNTIME.name, job=GATEWAY).query), "down"),),
        kind=PanelKind.STAT,
        thresholds=(Threshold(allowed_s / 2, Colour.WARNING), Threshold(allowed_s, Colour.BAD)),
        height=9,
    )


def _headroom() -> Panel:
    return Panel(
        panels.HEADROOM,
        "Capacity in use",
        "Load now, as a share of what the replicas that answer can carry. Good: below the line, so that a lost replica "
        "is not felt. Bad: above it for ten minutes, which is when the ticket comes. Then add replicas, or find whose "
        "load it is.",
        Unit.SHARE,
        (Series(select(series.HEADROOM_USED).query, "{{service}} {{resource}}"),),
        thresholds=(Threshold(ALERT_ABOVE, Colour.WARNING), Threshold(1, Colour.BAD)),
    )


def _background_tasks() -> Panel:
    due = promql.until_now(
        promql.minimum(select(TASK_DUE.name, job=one_of((GATEWAY, AUDIT)), instance=INSTANCE).query, ("task",))
    )
    return Panel(
        panels.BACKGROUND_TASKS,
        "Background tasks until they are due",
        "How long each background task may still take to succeed, on the replica where it is worst. Good: above zero. "
        "Bad: below it, which is when the ticket comes. Then look for the task's name in its log.",
        Unit.SECONDS,
        (Series(due, "{{task}}"),),
        base=Colour.BAD,
        thresholds=(Threshold(0, Colour.GOOD),),
        minimum=None,
    )


def _time_against_target() -> Panel:
    return Panel(
        panels.TIME_AGAINST_TARGET,
        "Response time against its target",
        "For each class of operation, the promised quantile of its duration divided by the promised duration. Good: "
        "below 1. Bad: above 1 for longer than a few minutes. Then compare with the time spent waiting for clusters "
        "(`kubechat_turn_cluster_seconds`): what is left of it is ours.",
        Unit.FACTOR,
        (
            _against(SIMPLE_QUERIES, TURN_DURATION, "simple questions", operation_class=OperationClass.SIMPLE.value),
            _against(
                COMPLEX_OPERATIONS, TURN_DURATION, "complex operations", operation_class=OperationClass.COMPLEX.value
            ),
            _against(API_ENDPOINTS, HTTP_REQUEST_DURATION, "API requests", operation_class=OperationClass.API.value),
            _against(CHAT_INTERFACE, WEB_LOAD_DURATION, "loading the chat", cache="cold"),
        ),
        thresholds=(Threshold(1, Colour.BAD),),
    )


def _against(target: Target, metric: Metric, legend: str, **where: str) -> Series:
    """The target's quantile over its threshold; the threshold is read from its series, and typed nowhere."""
    buckets = select(metric.bucket, job=GATEWAY, instance=INSTANCE, **where)
    measured = promql.quantile(target.named("percentile").number, buckets, RATE_INTERVAL)
    promised = promql.maximum(select(TARGET_FIGURE.name, target=target.path, figure="duration").query)
    return Series(promql.divided(measured, promised), legend)


def _burn_rate() -> Panel:
    budget = select(series.ERROR_BUDGET).query
    windows_s = (TIERS[0].short_s, TIERS[0].long_s, TIERS[1].long_s)
    colours = {Severity.PAGE: Colour.BAD, Severity.TICKET: Colour.WARNING, Severity.NONE: Colour.NEUTRAL}
    factors = sorted((tier.factor(THIRTY_DAYS_S), tier.severity) for tier in TIERS)
    return Panel(
        panels.BURN_RATE,
        "Error budget burn rate",
        "How many times faster than it lasts the error budget is spent, over several windows. Good: below 1. Bad: "
        "above a line, each of which is an alert's threshold. Then follow the runbook of that alert.",
        Unit.FACTOR,
        tuple(
            Series(
                promql.divided(select(series.error_ratio(window_s)).query, budget),
                f"{{{{slo}}}} {promql.duration(window_s)}",
            )
            for window_s in windows_s
        ),
        thresholds=tuple(Threshold(factor, colours[severity]) for factor, severity in factors),
    )


def _requests() -> promql.Selector:
    return select(HTTP_REQUESTS.name, job=JOB, instance=INSTANCE)


def _requests_per_second(by: tuple[str, ...]) -> Query:
    return promql.total(promql.rate(_requests(), RATE_INTERVAL), by)


def _title(target: Target) -> str:
    return target.named("title").word
