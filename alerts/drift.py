"""The alert about a server that runs with another setting than it is to.

Somebody is woken by the settings on which an acknowledged write rests, within a few scrapes; the others are a ticket,
after the time that a new release takes to reach all servers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.alert import LinkedGroup
from app.telemetry.server_catalogue import POSTGRESQL_JOB, SETTING_DRIFT
from slo import panels, promql
from slo.case import AlertCheck, Case, firing
from slo.objective import Severity
from slo.prometheus import PACE
from slo.promql import duration, none_of, one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.server_settings import DURABLE

if TYPE_CHECKING:
    from slo.promql import Matcher

SETTINGS_DRIFT: Final = "SettingsDrift"
DURABLE_FOR_S: Final = 15.0  # three scrapes: every write meanwhile may be lost
OTHERS_FOR_S: Final = 600.0  # longer than a release takes to restart one server after the other
_INTERVAL_S: Final = PACE.evaluation_interval_s
_EXAMPLE: Final = "work_mem"


def drift() -> LinkedGroup:
    """The alert: a page for what is durable, a ticket for the rest."""
    rules = (
        _rule(
            one_of(DURABLE),
            DURABLE_FOR_S,
            Severity.PAGE,
            "An acknowledged write may be lost: audit events are not safe until it is put back.",
        ),
        _rule(
            none_of(DURABLE, _EXAMPLE),
            OTHERS_FOR_S,
            Severity.TICKET,
            "What it was tuned and sized for does not hold on this server.",
        ),
    )
    return LinkedGroup(RuleGroup("drift", _INTERVAL_S, rules), {SETTINGS_DRIFT: panels.SETTINGS_DRIFT})


def _rule(settings: Matcher, for_s: float, severity: Severity, so_that: str) -> AlertingRule:
    return AlertingRule(
        SETTINGS_DRIFT,
        promql.equal_to(select(SETTING_DRIFT.name, setting=settings).query, 1),
        for_s=for_s,
        labels={SERVICE: "{{ $labels.job }}", SEVERITY: severity.value},
        annotations={
            "summary": "A server runs with another setting than it is to",
            "description": (
                "{{ $labels.setting }} of {{ $labels.job }} at {{ $labels.server }} has not been what it is to be "
                f"for {duration(for_s)} or longer. {so_that}"
            ),
        },
    )


def drift_cases(group: RuleGroup) -> tuple[Case, ...]:
    """For each of both: fires after its time and not before, ends, is silent at zero and without data."""
    waits = {next(iter(DURABLE)): DURABLE_FOR_S, _EXAMPLE: OTHERS_FOR_S}
    return (
        *(
            case
            for rule, (setting, for_s) in zip(group.alerts, waits.items(), strict=True)
            for case in _cases(rule, setting, for_s)
        ),
        Case(f"{SETTINGS_DRIFT} is silent without data", _INTERVAL_S, {}, (AlertCheck(OTHERS_FOR_S, SETTINGS_DRIFT),)),
    )


def _cases(rule: AlertingRule, setting: str, for_s: float) -> tuple[Case, Case]:
    labels = {"job": POSTGRESQL_JOB[0], "instance": POSTGRESQL_JOB[0], "server": "127.0.0.1:5432", "setting": setting}
    series = select(SETTING_DRIFT.name, **labels).text
    # From the fourth sample on, and twice as long as the rule waits.
    begins_s, steps = 3 * _INTERVAL_S, round(2 * for_s / _INTERVAL_S)
    ends_s = begins_s + steps * _INTERVAL_S
    return (
        Case(
            f"{SETTINGS_DRIFT} fires after {duration(for_s)} of another {setting}, and ends when it is put back",
            _INTERVAL_S,
            {series: f"0x2 1x{steps - 1} 0x5"},
            (
                AlertCheck(begins_s + for_s - _INTERVAL_S, SETTINGS_DRIFT),
                AlertCheck(begins_s + for_s, SETTINGS_DRIFT, (firing(rule, labels),)),
                AlertCheck(ends_s, SETTINGS_DRIFT),
            ),
        ),
        Case(
            f"{SETTINGS_DRIFT} is silent while {setting} is as it is to be",
            _INTERVAL_S,
            {series: f"0x{3 * steps}"},
            (AlertCheck(ends_s, SETTINGS_DRIFT),),
        ),
    )
