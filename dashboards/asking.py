"""The questions that panels have in common, narrowed by what is chosen at the top of the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slo import promql
from slo.promql import RATE_INTERVAL, Matcher, Query, Selector, matches, select

if TYPE_CHECKING:
    from app.telemetry.metric import Metric

JOB: Final = matches("$job")
INSTANCE: Final = matches("$instance")


def of(metric: Metric | str, **where: str | Matcher) -> Selector:
    """The chosen services' series."""
    name = metric if isinstance(metric, str) else metric.name
    return select(name, **{"job": JOB, "instance": INSTANCE, **where})


def exported(metric: Metric, **where: str | Matcher) -> Selector:
    """Series of an exporter's page, which belong to none of the services that can be chosen."""
    return select(metric.name, **{"job": metric.jobs[0], **where})


def per_second(series: Selector, *by: str) -> Query:
    """How fast counters rise, summed by these labels."""
    return promql.total(promql.rate(series, RATE_INTERVAL), by)


def mean(time: Selector, number: Selector, *by: str) -> Query:
    """How long one took, where some were counted."""
    return promql.divided(per_second(time, *by), promql.above(per_second(number, *by), 0))
