"""Performance analysis: what is slow, and what does it wait for?

Its first four panels are the architecture document's, under the document's own titles. Every threshold is a target's or
an alert's.
"""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import (
    DEPENDENCY_DURATION,
    DEPENDENCY_REQUESTS,
    KUBERNETES_REQUEST_DURATION,
    KUBERNETES_REQUESTS,
    POSTGRES_QUERY_DURATION,
    ROUND_TRIP,
)
from app.telemetry.exporter_catalogue import (
    NETWORK_PHASE,
    POSTGRESQL_STATEMENT_CALLS,
    POSTGRESQL_STATEMENT_INFO,
    POSTGRESQL_STATEMENT_TIME,
)
from dashboards.analysis_rows import network_row, postgresql_row, redis_times_row
from dashboards.asking import exported, mean, of, per_second
from dashboards.dashboard import Dashboard, Panel, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from dashboards.variables import services
from slo import panels, promql
from slo.promises import DEPENDENCY_FAILING
from slo.promql import RATE_INTERVAL, differs, matches, select
from slo.series import MEAN_REQUEST
from slo.targets.load_testing import REGRESSION_ALERT
from slo.targets.monitoring import (
    DEPENDENCY_LATENCY,
    KUBERNETES_API_PERFORMANCE,
    NETWORK_LATENCY,
    SERVICE_RESPONSE_TIMES,
    SLOWEST_QUERIES,
)
from slo.targets.requirements import SIMPLE_QUERIES

_MOST_STATEMENTS: Final = 10
_QUANTILES: Final = ("p50", "p95", "p99")
_P95: Final = SERVICE_RESPONSE_TIMES.named("p95").number


def performance_analysis() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.PERFORMANCE_ANALYSIS,
        title="KubeChat / Performance analysis",
        description="What is slow, and what does it wait for?",
        variables=(*services(),),
        rows=(
            Row("Where time goes", (_statements(), _dependencies(), _kubernetes(), _network())),
            postgresql_row(),
            redis_times_row(),
            network_row(),
            Row("Against before", (_failing(), _means()), collapsed=True),
        ),
    )


def _failing() -> Panel:
    by = ("job", "dependency")
    calls = per_second(of(DEPENDENCY_REQUESTS), *by)
    failed = per_second(of(DEPENDENCY_REQUESTS, outcome=differs("ok", "failed")), *by)
    return Panel(
        panels.DEPENDENCY_FAILURES,
        "Calls to services and stores that fail",
        "The share of each service's calls that got no good answer. Good: none. Bad: above the line for minutes, which "
        "is when the ticket comes. Then follow the runbook of DependencyFailing.",
        Unit.SHARE,
        (
            Series(
                promql.either(promql.divided(failed, promql.above(calls, 0)), promql.times(calls, 0)),
                "{{job}} to {{dependency}}",
            ),
        ),
        thresholds=(Threshold(DEPENDENCY_FAILING.number, Colour.WARNING),),
    )


def _means() -> Panel:
    now = select(MEAN_REQUEST).query
    before = promql.ago(now, 7 * 86_400.0)
    return Panel(
        panels.REQUEST_MEANS,
        "Requests against the same hour a week ago",
        "How many times as long as a week ago requests take, in the mean of an hour, left; the mean itself, right. "
        "Nothing is shown where there are few. Good: about 1. Bad: above the line for an hour, which is when the "
        "ticket comes. Then follow the runbook of RequestsSlowerThanLastWeek.",
        Unit.FACTOR,
        (
            Series(promql.divided(now, before), "{{job}} {{operation_class}}", waits_for="a week of traffic"),
            Series(now, "{{job}} {{operation_class}} now", unit=Unit.SECONDS, waits_for="an hour of traffic"),
        ),
        thresholds=(Threshold(1 + REGRESSION_ALERT.figure.number, Colour.WARNING),),
    )


def _statements() -> Panel:
    by = ("server", "database", "statement")
    time, calls = exported(POSTGRESQL_STATEMENT_TIME), exported(POSTGRESQL_STATEMENT_CALLS)
    info = promql.maximum(exported(POSTGRESQL_STATEMENT_INFO).query, (*by, "text"))

    def named(query: promql.Query) -> promql.Query:
        return promql.with_labels(promql.largest(_MOST_STATEMENTS, query), info, by, ("text",))

    return Panel(
        panels.SLOWEST_QUERIES,
        SLOWEST_QUERIES.named("title").word,
        "The statements that take most of each server's time, in seconds per second, left, and what one run takes in "
        "the mean, right; values are left out of their text. Good: none takes a core for itself. Bad: one rises "
        "alone: it has lost its index, or is asked more often. Then EXPLAIN it, and see 'Slow queries' on the "
        "dashboard of the data.",
        Unit.FACTOR,
        (
            Series(named(per_second(time, *by)), "{{server}} {{text}}"),
            Series(named(mean(time, calls, *by)), "{{server}} {{text}}, each", unit=Unit.SECONDS),
        ),
    )


def _dependencies() -> Panel:
    def each(metric_buckets: promql.Selector, name: str, *by: str) -> promql.Query:
        return promql.quantile(SERVICE_RESPONSE_TIMES.named(name).number, metric_buckets, RATE_INTERVAL, ("job", *by))

    return Panel(
        panels.DEPENDENCY_LATENCY,
        DEPENDENCY_LATENCY.named("title").word,
        "How long each service waits for each service and store that it calls. Good: milliseconds for stores, and "
        "below the line, which is what a simple question may take in all. Bad: one dependency rises: all who call it "
        "become slow. Then look at that service's own times: if they did not rise, it is the way there.",
        Unit.SECONDS,
        (
            *(
                Series(
                    each(of(DEPENDENCY_DURATION.bucket), name, "dependency"),
                    f"{{{{job}}}} to {{{{dependency}}}} {name}",
                )
                for name in _QUANTILES
            ),
            *(
                Series(each(of(POSTGRES_QUERY_DURATION.bucket), name), f"{{{{job}}}} to postgresql {name}")
                for name in _QUANTILES
            ),
        ),
        thresholds=(Threshold(SIMPLE_QUERIES.named("duration").number, Colour.WARNING),),
    )


def _kubernetes() -> Panel:
    refused = of(KUBERNETES_REQUESTS, status=matches("5..|unavailable|timeout|unknown", "500"))
    all_ = per_second(of(KUBERNETES_REQUESTS), "cluster")
    failed = promql.either(per_second(refused, "cluster"), promql.times(all_, 0))
    return Panel(
        panels.KUBERNETES_API_PERFORMANCE,
        KUBERNETES_API_PERFORMANCE.named("title").word,
        "How long each cluster's API takes, 95th percentile by verb, left; requests per second and the share that "
        "failed for the cluster's sake, right. Good: tens of milliseconds and none failed. Bad: all verbs of one "
        "cluster rise: its API server is overloaded. Then look at that cluster's dashboard.",
        Unit.SECONDS,
        (
            Series(
                promql.quantile(_P95, of(KUBERNETES_REQUEST_DURATION.bucket), RATE_INTERVAL, ("cluster", "verb")),
                "{{cluster}} {{verb}}",
            ),
            Series(all_, "{{cluster}} requests", unit=Unit.PER_SECOND),
            Series(promql.divided(failed, promql.above(all_, 0)), "{{cluster}} failed", unit=Unit.SHARE),
        ),
    )


def _network() -> Panel:
    return Panel(
        panels.NETWORK_LATENCY,
        NETWORK_LATENCY.named("title").word,
        "The longest round trip of the connections that each service holds to each other, as the kernel knows it, and "
        "how long each phase of a new connection to each service takes: its name, the connection, TLS, the first byte "
        "of an answer. Good: well below a millisecond within a site. Bad: resolve rises for all: the name server; "
        "connect rises for one: the way there, or its queue of connections; first_byte alone: the service. Then look "
        "there.",
        Unit.SECONDS,
        (
            Series(promql.maximum(of(ROUND_TRIP).query, ("job", "peer")), "{{job}} to {{peer}}, round trip"),
            Series(promql.maximum(exported(NETWORK_PHASE).query, ("peer", "phase")), "{{peer}} {{phase}}"),
        ),
    )
