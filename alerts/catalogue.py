"""All alerts, by rule file, and the files that are generated from them.

The committed files carry the links of a local installation; an installation with other addresses renders its own by
`rule_files`. Nothing here talks to a server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from alerts import alertmanager
from alerts.alert import LinkedGroup, Links
from alerts.audit import audit, audit_cases
from alerts.business import business, business_cases
from alerts.caches import cache_cases, caches
from alerts.clusters import cluster_cases, clusters
from alerts.connections import connection_cases, connections
from alerts.databases import database_cases, databases
from alerts.dependencies import dependencies, dependency_cases
from alerts.diagnosis import diagnosis, diagnosis_cases
from alerts.drift import drift, drift_cases
from alerts.exporters import exporter_cases, exporters
from alerts.fleet import fleet, fleet_cases
from alerts.headroom import headroom, headroom_cases
from alerts.jobs import job_cases, jobs
from alerts.kubernetes_cache import kubernetes_cache, kubernetes_cache_cases
from alerts.live_tables import live_table_cases, live_tables
from alerts.machine import machine, machine_cases
from alerts.maintenance import maintenance, maintenance_cases
from alerts.objectives import OBJECTIVES
from alerts.processes import process_cases, processes
from alerts.reachability import reachability
from alerts.reachability_cases import reachability_cases
from alerts.read_replicas import read_replica_cases, read_replicas
from alerts.redis import redis, redis_cases
from alerts.regressions import CASE_STEP_S, regression_cases, regressions
from alerts.rights import rights, rights_cases
from alerts.sizing import sizing, sizing_cases
from alerts.streams import stream_cases, streams
from alerts.tasks import task_cases, tasks
from alerts.upkeep import upkeep, upkeep_cases
from alerts.watches import watch_cases, watches
from slo import panels
from slo.burncases import MONTH_STEP_S, BurnCases
from slo.burnrate import LEDGER_GROUP, NO_DATA_ALERT, ledger_group, own_group
from slo.case import case_file
from slo.prometheus import PACE
from slo.rule import rule_file
from slo.writer import GeneratedFile, yaml_file

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slo.case import Case
    from slo.objective import Objective
    from slo.rule import AlertingRule, RuleGroup

FOLDER: Final = "alerts/generated"
_LEDGER: Final = "slo-ledger"
_EXAMPLE_HOOK: Final = f"http://127.0.0.1:18000{alertmanager.HOOK_PATH}"
_EXAMPLE_CREDENTIALS: Final = "/etc/kubechat/webhook-token"


@dataclass(frozen=True, slots=True)
class RuleSource:
    """What one rule file is made of.

    Attributes:
        name: the file's name, without its ending.
        groups: its rules.
        cases: makes the file's test cases from its rules as they are written.
        evaluation_interval_s: the pace at which the cases evaluate the rules.
        month_cases: makes cases that last a month and are evaluated at `MONTH_STEP_S`; none for most files.
        beside: another rule file, whose rules go on from what these record; the cases are about both.
    """

    name: str
    groups: tuple[LinkedGroup, ...]
    cases: Callable[[Sequence[RuleGroup]], tuple[Case, ...]]
    evaluation_interval_s: float
    month_cases: Callable[[Sequence[RuleGroup]], tuple[Case, ...]] = lambda _: ()
    beside: str = ""


def rule_sources() -> tuple[RuleSource, ...]:
    """Every rule file's content."""
    return (
        RuleSource(
            "reachability",
            (reachability(),),
            lambda groups: reachability_cases(groups[0]),
            PACE.evaluation_interval_s,
        ),
        RuleSource("headroom", (headroom(),), lambda groups: headroom_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("databases", (databases(),), lambda groups: database_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("tasks", (tasks(),), lambda groups: task_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("streams", (streams(),), lambda groups: stream_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("live-tables", (live_tables(),), lambda groups: live_table_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("jobs", (jobs(),), lambda groups: job_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("rights", (rights(),), lambda groups: rights_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("diagnosis", (diagnosis(),), lambda groups: diagnosis_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("drift", (drift(),), lambda groups: drift_cases(groups[0]), PACE.evaluation_interval_s),
        RuleSource(
            "read-replicas",
            (read_replicas(),),
            lambda groups: read_replica_cases(groups[0]),
            PACE.counting_interval_s,
        ),
        RuleSource("upkeep", (upkeep(),), lambda groups: upkeep_cases(groups[0]), PACE.counting_interval_s),
        RuleSource("redis", (redis(),), lambda groups: redis_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("caches", (caches(),), lambda groups: cache_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("watches", (watches(),), lambda groups: watch_cases(groups[0]), PACE.cause_interval_s),
        RuleSource(
            "kubernetes-cache",
            (kubernetes_cache(),),
            lambda groups: kubernetes_cache_cases(groups[0]),
            PACE.cause_interval_s,
        ),
        RuleSource(
            "connections",
            (connections(),),
            lambda groups: connection_cases(groups[0]),
            PACE.cause_interval_s,
        ),
        RuleSource("business", (business(),), lambda groups: business_cases(groups[0]), PACE.counting_interval_s / 2),
        RuleSource("processes", (processes(),), lambda groups: process_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("machine", (machine(),), lambda groups: machine_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("sizing", (sizing(),), lambda groups: sizing_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("exporters", (exporters(),), lambda groups: exporter_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("clusters", (clusters(),), lambda groups: cluster_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("fleet", (fleet(),), lambda groups: fleet_cases(groups[0]), PACE.cause_interval_s),
        RuleSource("audit", (audit(),), lambda groups: audit_cases(groups[0]), PACE.cause_interval_s),
        RuleSource(
            "dependencies", (dependencies(),), lambda groups: dependency_cases(groups[0]), PACE.counting_interval_s / 2
        ),
        RuleSource("regressions", (regressions(),), lambda groups: regression_cases(groups[0]), CASE_STEP_S),
        RuleSource("maintenance", (maintenance(),), lambda _: maintenance_cases(), PACE.counting_interval_s),
        *(_objective_source(objective) for objective in OBJECTIVES),
        RuleSource(_LEDGER, (LinkedGroup(ledger_group(OBJECTIVES), {}),), lambda _: (), PACE.counting_interval_s),
    )


def alerting_rules(links: Links | None = None) -> tuple[AlertingRule, ...]:
    """Every alert, with its links."""
    wanted = links or Links()
    return tuple(rule for source in rule_sources() for group in source.groups for rule in group.rules(wanted).alerts)


def rule_files(links: Links | None = None) -> tuple[GeneratedFile, ...]:
    """Every rule file, with links that lead to these addresses."""
    return tuple(yaml_file(_rules_path(source), rule_file(_linked(source, links))) for source in rule_sources())


def generated_files() -> tuple[GeneratedFile, ...]:
    """Every generated file of this package: rules, their cases, and an example of Alertmanager's configuration."""
    cases = tuple(file for source in rule_sources() for file in case_files(source))
    example = alertmanager.configuration([_EXAMPLE_HOOK], _EXAMPLE_CREDENTIALS, OBJECTIVES)
    return (*rule_files(), *cases, yaml_file(f"{FOLDER}/alertmanager.yaml", example))


def case_files(source: RuleSource) -> tuple[GeneratedFile, ...]:
    """The files with the cases of one rule file; one for each pace at which they are evaluated."""
    groups = _linked(source)
    rules = [f"{name}.rules.yaml" for name in (source.name, source.beside) if name]
    # The ledger goes on from the book, and the month from the ledger, which its cases are given.
    order = [*(group.name for group in groups), LEDGER_GROUP] if source.beside else []
    month = source.month_cases(groups)
    files = [
        ("", source.cases(groups), source.evaluation_interval_s, order),
        (".month", month, MONTH_STEP_S, order[::-1]),
    ]
    return tuple(
        yaml_file(f"{FOLDER}/{source.name}{pace}.test.yaml", case_file(rules, cases, interval_s, groups_in_order))
        for pace, cases, interval_s, groups_in_order in files
        if cases
    )


def _objective_source(objective: Objective) -> RuleSource:
    burning = {tier.alert: panels.BURN_RATES[tier.name] for tier in objective.tiers}
    linked = {**burning, NO_DATA_ALERT: panels.BUDGET_LEFT}
    return RuleSource(
        f"slo-{objective.id}",
        (LinkedGroup(own_group(objective), linked),),
        lambda groups: BurnCases(objective, groups[0]).all(),
        PACE.counting_interval_s,
        lambda groups: BurnCases(objective, groups[0]).of_month(),
        beside=_LEDGER,
    )


def _linked(source: RuleSource, links: Links | None = None) -> tuple[RuleGroup, ...]:
    return tuple(group.rules(links or Links()) for group in source.groups)


def _rules_path(source: RuleSource) -> str:
    return f"{FOLDER}/{source.name}.rules.yaml"
