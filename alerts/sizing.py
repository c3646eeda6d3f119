"""Alerts about what the installation's size asks of machines: disks and links near it, and replicas on one node.

A used share has the same words in the rule and on the panel: `disk_used` and `network_used` are asked by both.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.exporter_catalogue import (
    CLUSTER_OWN_REPLICAS,
    HOST,
    HOST_DISK_OPERATIONS,
    HOST_NETWORK_BYTES,
    HOST_SIZE_DISK_OPERATIONS,
    HOST_SIZE_NETWORK_BYTES,
    KUBERNETES,
)
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising, steady
from slo.objective import Severity
from slo.prometheus import PACE
from slo.promises import SIZE_USED
from slo.promql import Query, duration, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

DISK_NEAR_SIZE: Final = "DiskNearSize"
NETWORK_NEAR_SIZE: Final = "NetworkNearSize"
REPLICAS_ON_ONE_NODE: Final = "ReplicasOnOneNode"

_FOR_S: Final = 600.0
_WINDOW_S: Final = 300.0
_INTERVAL_S: Final = PACE.cause_interval_s
_JOB: Final = HOST[0]
_TICKET: Final = {SEVERITY: Severity.TICKET.value}


def disk_used() -> Query:
    """Of the operations that the size asks for, the share that the busiest of the databases' devices does, by host."""
    # What two roles on one device tell is one device's work.
    roles = promql.one_of(("data", "wal", "state"))
    of_roles = promql.rate(select(HOST_DISK_OPERATIONS.name, job=_JOB, role=roles), _WINDOW_S)
    devices = promql.total(promql.maximum(of_roles, ("host", "device", "direction")), ("host", "device"))
    return _share(devices, HOST_SIZE_DISK_OPERATIONS.name)


def network_used() -> Query:
    """Of the bytes that the size asks for, the share that the busiest interface carries one way, by host."""
    carried = promql.rate(select(HOST_NETWORK_BYTES.name, job=_JOB, interface=promql.differs("lo", "eth0")), _WINDOW_S)
    return _share(carried, HOST_SIZE_NETWORK_BYTES.name)


def _share(used: Query, size: str) -> Query:
    asked = promql.maximum(select(size, job=_JOB).query, ("host",))
    return promql.divided(promql.maximum(used, ("host",)), asked)


def sizing() -> LinkedGroup:
    """The alerts."""
    return LinkedGroup(
        RuleGroup("sizing", _INTERVAL_S, (_disk(), _network(), _one_node())),
        {
            DISK_NEAR_SIZE: panels.SIZE_USED,
            NETWORK_NEAR_SIZE: panels.SIZE_USED,
            REPLICAS_ON_ONE_NODE: panels.OWN_REPLICAS,
        },
    )


def _near(alert: str, used: Query, what: str, summary: str) -> AlertingRule:
    return AlertingRule(
        alert,
        promql.above(used, SIZE_USED.number),
        for_s=_FOR_S,
        labels={SERVICE: "machine", **_TICKET},
        annotations={
            "summary": summary,
            "description": (
                f"{what} of {{{{ $labels.host }}}} does {{{{ $value | humanizePercentage }}}} of what the chosen size "
                f"asks of it, for {duration(_FOR_S)} or longer. A peak finds no room any more."
            ),
        },
    )


def _disk() -> AlertingRule:
    summary = "A database's disk does nearly all that the installation's size asks for"
    return _near(DISK_NEAR_SIZE, disk_used(), "The busiest disk", summary)


def _network() -> AlertingRule:
    summary = "A link carries nearly all that the installation's size asks for"
    return _near(NETWORK_NEAR_SIZE, network_used(), "The busiest link", summary)


def _one_node() -> AlertingRule:
    own = select(CLUSTER_OWN_REPLICAS.name, job=KUBERNETES[0]).query
    by = ("cluster", "service")
    replicas, nodes = promql.total(own, by), promql.equal_to(promql.count_by(own, by), 1)
    return AlertingRule(
        REPLICAS_ON_ONE_NODE,
        promql.unless(promql.both(replicas, nodes), promql.equal_to(replicas, 1)),
        for_s=_FOR_S,
        labels={SERVICE: "clusters", **_TICKET},
        annotations={
            "summary": "All replicas of a service run on one node",
            "description": (
                "All {{ $value | humanize }} replicas of {{ $labels.service }} in {{ $labels.cluster }} have been on "
                f"one node for {duration(_FOR_S)} or longer: when that node goes, the service is gone."
            ),
        },
    )


def sizing_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    disk, network, one_node = group.alerts
    host = {"job": _JOB, "instance": "host", "host": "node-1"}
    place = {"role": "data", "device": "nvme0n1", "direction": "write"}
    link = {"interface": "eth0", "direction": "sent"}
    service = {"job": KUBERNETES[0], "instance": "kubernetes", "cluster": "prod-eu", "service": "gateway"}
    operations = select(HOST_DISK_OPERATIONS.name, **host, **place).text
    carried = select(HOST_NETWORK_BYTES.name, **host, **link).text
    here, there = (select(CLUSTER_OWN_REPLICAS.name, **service, node=node).text for node in ("node-a", "node-b"))
    return (
        *_used_cases(disk, operations, HOST_SIZE_DISK_OPERATIONS.name, host),
        *_used_cases(network, carried, HOST_SIZE_NETWORK_BYTES.name, host),
        *gauge_cases(
            one_node,
            {here: (2, 1, 1)},
            labels={"cluster": "prod-eu", "service": "gateway"},
            value=2,
            interval_s=_INTERVAL_S,
        ),
        Case(
            f"{one_node.alert} is silent when another node has one",
            _INTERVAL_S,
            {here: steady(2, _STEPS), there: steady(1, _STEPS)},
            (AlertCheck(_LATE_S, one_node.alert),),
        ),
    )


_STEPS: Final = round((2 * _FOR_S + 2 * _WINDOW_S) / _INTERVAL_S)
_LATE_S: Final = _STEPS * _INTERVAL_S


def _used_cases(rule: AlertingRule, counter: str, size: str, host: dict[str, str]) -> tuple[Case, ...]:
    asked, labels = 1000.0, {"host": host["host"]}
    still = {select(size, **host, size="minimum").text: steady(asked, 2 * _STEPS)}

    def case(name: str, shares: tuple[float, ...], *checks: AlertCheck) -> Case:
        phases = tuple(Phase(_STEPS, {counter: share * asked * _INTERVAL_S}) for share in shares)
        return Case(f"{rule.alert} {name}", _INTERVAL_S, rising(phases) | still if shares else {}, checks)

    return (
        case(
            "fires when nine tenths are used, and ends when half is",
            (0.9, 0.5),
            AlertCheck(_FOR_S - _INTERVAL_S, rule.alert),
            AlertCheck(_LATE_S, rule.alert, (firing(rule, labels, 0.9),)),
            AlertCheck(2 * _LATE_S, rule.alert),
        ),
        case("is silent just below", (SIZE_USED.number * 0.99,), AlertCheck(_LATE_S, rule.alert)),
        case("is silent without data", (), AlertCheck(_LATE_S, rule.alert)),
    )
