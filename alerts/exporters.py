"""Alerts about what the exporters cannot reach, and about what they see of certificates and transaction numbers.

All are causes: whether people notice anything is said by the objectives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.exporter_catalogue import (
    NETWORK,
    NETWORK_CERTIFICATE_END,
    NETWORK_UP,
    POSTGRESQL,
    POSTGRESQL_WRAPAROUND,
)
from app.telemetry.server_catalogue import PGBOUNCER_UP, POSTGRESQL_UP, REDIS_UP
from slo import panels, promql
from slo.case import Case
from slo.objective import Severity
from slo.prometheus import EXPORTERS, PACE, PAGES, UP
from slo.promises import CERTIFICATE_LEFT_S, WRAPAROUND
from slo.promql import duration, one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

if TYPE_CHECKING:
    from app.telemetry.metric import Metric

EXPORTER_PAGE_DOWN: Final = "ExporterPageDown"
STORE_UNREACHABLE: Final = "StoreUnreachable"
PROBE_FAILING: Final = "NetworkProbeFailing"
CERTIFICATE_ENDING: Final = "CertificateEnding"
WRAPAROUND_NEAR: Final = "WraparoundNear"

_FOR_S: Final = 120.0  # longer than a restart of a server
_INTERVAL_S: Final = PACE.cause_interval_s
_STORES: Final = {POSTGRESQL_UP: "server", PGBOUNCER_UP: "server", REDIS_UP: "node"}


def exporters() -> LinkedGroup:
    """The alerts."""
    rules = (
        _page(),
        *(_store(metric, label) for metric, label in _STORES.items()),
        _probe(),
        _certificate(),
        _numbers(),
    )
    return LinkedGroup(
        RuleGroup("exporters", _INTERVAL_S, rules),
        {
            EXPORTER_PAGE_DOWN: panels.EXPORTER_TIMES,
            STORE_UNREACHABLE: panels.EXPORTER_TARGETS,
            PROBE_FAILING: panels.PROBES_UP,
            CERTIFICATE_ENDING: panels.CERTIFICATES,
            WRAPAROUND_NEAR: panels.WRAPAROUND,
        },
    )


def _ticket(service: str) -> dict[str, str]:
    return {SERVICE: service, SEVERITY: Severity.TICKET.value}


def _page() -> AlertingRule:
    # While the process itself is away ServiceDown tells of it, once.
    runs = promql.equal_to(select(UP, job=EXPORTERS).query, 1)
    return AlertingRule(
        EXPORTER_PAGE_DOWN,
        promql.both(promql.equal_to(select(UP, job=one_of(PAGES)).query, 0), runs, on=()),
        for_s=_FOR_S,
        labels=_ticket(EXPORTERS),
        annotations={
            "summary": "A page of the exporters cannot be read",
            "description": (
                f"Prometheus has not read the page {{{{ $labels.job }}}} of the exporters for {duration(_FOR_S)} or "
                "longer, while the process runs: its panels stand still and its alerts are silent."
            ),
        },
    )


def _store(metric: Metric, label: str) -> AlertingRule:
    return AlertingRule(
        STORE_UNREACHABLE,
        promql.equal_to(select(metric.name, job=metric.jobs[0]).query, 0),
        for_s=_FOR_S,
        labels=_ticket(metric.jobs[0]),
        annotations={
            "summary": "A store does not answer the exporters",
            "description": (
                f"{{{{ $labels.{label} }}}} has not answered the exporters for {duration(_FOR_S)} or longer: it is "
                "away, or their account is refused."
            ),
        },
    )


def _probe() -> AlertingRule:
    return AlertingRule(
        PROBE_FAILING,
        promql.equal_to(select(NETWORK_UP.name, job=NETWORK[0]).query, 0),
        for_s=_FOR_S,
        labels=_ticket("network"),
        annotations={
            "summary": "A peer cannot be reached over the network",
            "description": (
                "A new connection to {{ $labels.peer }} fails, or it does not answer as it should, for "
                f"{duration(_FOR_S)} or longer. Whoever holds a connection may go on with it."
            ),
        },
    )


def _certificate() -> AlertingRule:
    left = promql.until_now(select(NETWORK_CERTIFICATE_END.name, job=NETWORK[0]).query)
    return AlertingRule(
        CERTIFICATE_ENDING,
        promql.below(left, CERTIFICATE_LEFT_S.number),
        for_s=_FOR_S,
        labels=_ticket("network"),
        annotations={
            "summary": "A certificate is near its end",
            "description": (
                f"The certificate of {{{{ $labels.peer }}}} is valid for less than "
                f"{duration(CERTIFICATE_LEFT_S.number)}. Afterwards nobody who checks it connects any more."
            ),
        },
    )


def _numbers() -> AlertingRule:
    used = promql.maximum(select(POSTGRESQL_WRAPAROUND.name, job=POSTGRESQL[0]).query, ("server", "database"))
    return AlertingRule(
        WRAPAROUND_NEAR,
        promql.above(used, WRAPAROUND.number),
        for_s=_FOR_S,
        labels=_ticket(POSTGRESQL[0]),
        annotations={
            "summary": "A database uses up its transaction numbers",
            "description": (
                "{{ $labels.database }} on {{ $labels.server }} has used {{ $value | humanizePercentage }} of all "
                "transaction numbers: autovacuum does not freeze them any more. At the end the server takes no writes."
            ),
        },
    )


def exporter_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    page, postgresql, pgbouncer, redis, probe, certificate, numbers = group.alerts
    own = {"instance": "exporters"}
    found: list[Case] = []
    for rule, metric, label in (
        (postgresql, POSTGRESQL_UP, "server"),
        (pgbouncer, PGBOUNCER_UP, "server"),
        (redis, REDIS_UP, "node"),
        (probe, NETWORK_UP, "peer"),
    ):
        labels = {"job": metric.jobs[0], label: "127.0.0.1:1", **own}
        found += gauge_cases(
            rule,
            {select(metric.name, **labels).text: (0, 1, 1)},
            labels=labels,
            value=0,
            interval_s=_INTERVAL_S,
        )
    paged = {"job": "host", "instance": "host"}
    found += gauge_cases(
        page,
        {select(UP, **paged).text: (0, 1, 1)},
        still={select(UP, job=EXPORTERS, instance="exporters").text: 1},
        labels=paged,
        value=0,
        interval_s=_INTERVAL_S,
    )
    peer = {"job": NETWORK[0], "peer": "demo", **own}
    bound = CERTIFICATE_LEFT_S.number
    # Cases begin at 0 seconds since 1970, so that an end is what is left of it at the first sample.
    found += gauge_cases(
        certificate,
        {select(NETWORK_CERTIFICATE_END.name, **peer).text: (bound, bound + 3600, 2 * bound)},
        labels=peer,
        value=0,
        interval_s=_INTERVAL_S,
    )
    database = {"server": "127.0.0.1:5432", "database": "kubechat"}
    found += gauge_cases(
        numbers,
        {
            select(POSTGRESQL_WRAPAROUND.name, job=POSTGRESQL[0], **own, **database).text: (
                WRAPAROUND.number + 0.01,
                WRAPAROUND.number,
                0.05,
            )
        },
        labels=database,
        value=WRAPAROUND.number + 0.01,
        interval_s=_INTERVAL_S,
    )
    return tuple(found)
