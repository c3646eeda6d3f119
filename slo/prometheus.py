"""What this project takes as given of Prometheus: its pace, its memory, its scrape jobs and the series it makes itself.

The local stack's Prometheus is configured from here, and the rules are checked against it: a window that is shorter
than two scrapes, or longer than what is kept, is refused. Nothing here speaks to a Prometheus.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_DAY_S: Final = 86_400.0

UP: Final = "up"  # 1 while the last scrape of a target succeeded, else 0
ALERTS: Final = "ALERTS"  # 1 for each pending or firing alert
NOTIFICATIONS: Final = "alertmanager_notifications_total"  # by integration: what Alertmanager sent
NOTIFICATIONS_FAILED: Final = "alertmanager_notifications_failed_total"

# What the client library tells of every process of ours by itself.
PROCESS_CPU: Final = "process_cpu_seconds_total"
OPEN_FILES: Final = "process_open_fds"
MOST_FILES: Final = "process_max_fds"
OWN_SERIES: Final = frozenset({UP, ALERTS, NOTIFICATIONS, NOTIFICATIONS_FAILED, PROCESS_CPU, OPEN_FILES, MOST_FILES})
"""What Prometheus, Alertmanager and the client library have of their own, and we ask for."""

GATEWAY: Final = "gateway"
NLP: Final = "nlp"
AUDIT: Final = "audit"
EXPORTERS: Final = "exporters"
ALERTMANAGER: Final = "alertmanager"
PAGES: Final = ("postgresql", "pgbouncer", "redis", "host", "network", "kubernetes")  # of the exporters, a job each
SERVICES: Final = (GATEWAY, NLP, AUDIT)
JOBS: Final = (*SERVICES, EXPORTERS)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a Prometheus looks, and how long it remembers.

    Attributes:
        scrape_interval_s: seconds between two scrapes of a target.
        evaluation_interval_s: seconds between two evaluations of a group that names no interval of its own.
        cause_interval_s: the same of groups that tell of causes, whose expressions look at more.
        counting_interval_s: seconds between two entries in an objective's book of events.
        ledger_interval_s: seconds between two entries in its ledger, from which whole periods are summed.
        retention_s: seconds that samples are kept.
    """

    scrape_interval_s: float = 5.0
    evaluation_interval_s: float = 5.0
    cause_interval_s: float = 15.0
    counting_interval_s: float = 60.0
    ledger_interval_s: float = 600.0
    retention_s: float = 35 * _DAY_S


PACE: Final = Pace()
"""The pace of the local stack and of the committed rules.

Scrapes and evaluations every 5 s, of causes every 15 s, bring a fault to a person within 30 s beside the rule's own
`for`. Twelve scrapes make
one entry in the book of events, ten of those one in the ledger: 30 days of the book are 43,200 samples a series, which
Prometheus 2.42 sums in 3 to 6 ms on one core, too much for some twenty objectives and their groups; of the ledger they
are 4,320. Retention is the longest period, 30 days, and some days of grace.
"""
