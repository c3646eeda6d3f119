"""The names of the series that the engine records, and of the labels it gives them.

Rules record them, alerts and panels ask for them; nobody else spells them out.
"""

from __future__ import annotations

from typing import Final

from slo.promql import duration

SLO: Final = "slo"  # label: the objective's id
SERVICE: Final = "service"  # label: whose objective it is
TIER: Final = "burn_tier"  # label: which tier of burn rates an alert belongs to
SEVERITY: Final = "severity"  # label: page, ticket or none

MEAN_REQUEST: Final = "kubechat:request_duration:mean1h"  # seconds, by service and class, where there is traffic
RESOURCE: Final = "resource"  # label: what is used up, in a headroom
CAPACITY: Final = "kubechat:capacity:per_second"  # what the replicas that answer can carry
HEADROOM_USED: Final = "kubechat:headroom:used_ratio"  # the share of it that is in use

READ_REPLICAS_NEEDED: Final = "kubechat:postgres_read_replicas:needed"  # what the read load asks for, without bounds
READ_REPLICAS_WANTED: Final = "kubechat:postgres_read_replicas:wanted"  # the same within what there may be
WANTS: Final = "wants"  # label: more or fewer of what runs, or another way out where more there may not be

COMMANDS_PER_MINUTE: Final = "kubechat:commands:per_minute"  # executed on clusters, by all replicas
AUDIT_EVENTS_PER_HOUR: Final = "kubechat:audit_events:per_hour"  # committed, by all replicas

EVENTS: Final = "slo:events:count"  # events since the last entry in the book
BAD_EVENTS: Final = "slo:bad_events:count"  # those of them that failed

COUNTING: Final = "slo:counting:bool"  # 0 during planned maintenance, whose events are not entered into the book
LEDGER_EVENTS: Final = "slo:events:count10m"  # the same counts in entries of ten minutes, for sums over a whole period
LEDGER_BAD_EVENTS: Final = "slo:bad_events:count10m"

OBJECTIVE: Final = "slo:objective:ratio"
ERROR_BUDGET: Final = "slo:error_budget:ratio"
PERIOD: Final = "slo:period:seconds"
PERIOD_EVENTS: Final = "slo:events:sum_period"
PERIOD_BAD_EVENTS: Final = "slo:bad_events:sum_period"
PERIOD_ERRORS: Final = "slo:errors:ratio_period"
BUDGET_REMAINING: Final = "slo:error_budget:remaining_ratio"
MONTH_EVENTS: Final = "slo:events:sum_month"
MONTH_BAD_EVENTS: Final = "slo:bad_events:sum_month"
MONTH_ERRORS: Final = "slo:errors:ratio_month"
MONTH_BUDGET_REMAINING: Final = "slo:error_budget:remaining_ratio_month"


def error_ratio(window_s: float) -> str:
    """The share of failed events over a window."""
    return f"slo:errors:ratio{duration(window_s)}"


def bad_events(window_s: float) -> str:
    """The number of failed events over a window."""
    return f"slo:bad_events:sum{duration(window_s)}"
