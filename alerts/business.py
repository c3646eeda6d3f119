"""What the product is for, in the units that the architecture document names, and alerts for when it comes to a halt.

Counters stay in base units; commands per minute and audit events per hour are recorded here. An alert fires only while
something else shows that there is work: at night nobody asks for anything, and that is no fault.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from app.telemetry.catalogue import AUDIT_EVENTS, COMMANDS, TURNS
from slo import panels, promql, series
from slo.case import AlertCheck, Case, Phase, ValueCheck, firing, rising
from slo.objective import Severity
from slo.prometheus import AUDIT, GATEWAY, PACE, UP
from slo.promql import duration, select
from slo.rule import AlertingRule, RecordingRule, RuleGroup
from slo.series import SERVICE, SEVERITY

COMMANDS_STOPPED: Final = "CommandsStopped"
AUDIT_EVENTS_STOPPED: Final = "AuditEventsStopped"

_MINUTE_S: Final = 60.0
_HOUR_S: Final = 3_600.0
WINDOW_S: Final = 600.0
"""So long nothing has to have happened: longer than a pause between two people's questions."""
FEWEST_TURNS: Final = 10
"""So many questions in that time without one command are no coincidence: most questions end in one."""
USUAL: Final = 1.0
"""Commands per minute that were usual before: with fewer, ten minutes without one say nothing."""
_INTERVAL_S: Final = PACE.counting_interval_s / 2  # what comes to a halt is judged by ten minutes


def business() -> LinkedGroup:
    """The recorded rates and their alerts."""
    rules = (
        _per(series.COMMANDS_PER_MINUTE, COMMANDS.name, GATEWAY, _MINUTE_S),
        _per(series.AUDIT_EVENTS_PER_HOUR, AUDIT_EVENTS.name, AUDIT, _HOUR_S),
        _commands_stopped(),
        _events_stopped(),
    )
    return LinkedGroup(
        RuleGroup("business", _INTERVAL_S, rules),
        {COMMANDS_STOPPED: panels.COMMANDS_PER_MINUTE, AUDIT_EVENTS_STOPPED: panels.AUDIT_EVENTS_PER_HOUR},
    )


def _per(record: str, counter: str, job: str, window_s: float) -> RecordingRule:
    """Events in the window; zero, and not nothing, while a service that counts them answers and none happened."""
    return RecordingRule(record, _happened(counter, job, window_s))


def _happened(counter: str, job: str, window_s: float) -> promql.Query:
    """Events of all kinds in the window. A service that was started anew and counts none has no series, and is at 0."""
    happened = promql.total(promql.counted(select(counter, job=job), window_s))
    none = promql.times(promql.maximum(promql.equal_to(select(UP, job=job).query, 1)), 0)
    return promql.either(happened, none)


def _commands_stopped() -> AlertingRule:
    nothing = promql.equal_to(_happened(COMMANDS.name, GATEWAY, WINDOW_S), 0)
    asked = promql.reaching(promql.total(promql.increase(select(TURNS.name, job=GATEWAY), WINDOW_S)), FEWEST_TURNS)
    usual = promql.reaching(promql.mean_over_time(select(series.COMMANDS_PER_MINUTE), _HOUR_S), USUAL)
    return AlertingRule(
        COMMANDS_STOPPED,
        promql.both(nothing, asked, usual, on=()),
        for_s=_INTERVAL_S,
        labels={SERVICE: GATEWAY, SEVERITY: Severity.TICKET.value},
        annotations={
            "summary": "People ask, and no command is executed",
            "description": (
                f"For {duration(WINDOW_S)} no command was executed on any cluster, although people went on asking and "
                "commands were usual in the hour before."
            ),
        },
    )


def _events_stopped() -> AlertingRule:
    nothing = promql.equal_to(_happened(AUDIT_EVENTS.name, AUDIT, WINDOW_S), 0)
    commands = promql.reaching(promql.mean_over_time(select(series.COMMANDS_PER_MINUTE), WINDOW_S), USUAL)
    return AlertingRule(
        AUDIT_EVENTS_STOPPED,
        promql.both(nothing, commands, on=()),
        for_s=_INTERVAL_S,
        labels={SERVICE: AUDIT, SEVERITY: Severity.PAGE.value},
        annotations={
            "summary": "Commands are executed, and nothing is written to the audit log",
            "description": (
                f"For {duration(WINDOW_S)} the audit service has committed no event, although commands were executed. "
                "Each of them has at least one."
            ),
        },
    )


def business_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Both alerts fire when it comes to a halt under load, end, and are silent at night, below, and without data."""
    stopped, lost = group.alerts
    up_gateway, up_audit = (select(UP, job=job, instance=f"{job}-1").text for job in (GATEWAY, AUDIT))
    up = {up_gateway: "1x400", up_audit: "1x400"}
    commands = select(COMMANDS.name, job=GATEWAY, instance="gateway-1", verb="get", risk="read", outcome="ok").text
    turns = select(TURNS.name, job=GATEWAY, instance="gateway-1", operation_class="simple", outcome="ok").text
    events = select(AUDIT_EVENTS.name, job=AUDIT, instance="audit-1", kind="read").text
    hour, halt = round(_HOUR_S / _INTERVAL_S), round(2 * WINDOW_S / _INTERVAL_S)
    halted_s, again_s = _HOUR_S + 1.5 * WINDOW_S, _HOUR_S + 3 * WINDOW_S

    def load(*phases: tuple[int, float, float, float]) -> dict[str, str]:
        """Phases of so many steps, and the rises of commands, turns and events in each."""
        return up | rising(tuple(Phase(steps, {commands: c, turns: t, events: e}) for steps, c, t, e in phases))

    busy, again = (hour, 4, 8, 12), (hour, 4, 8, 12)
    return (
        Case(
            "the rates are commands per minute and audit events per hour",
            _INTERVAL_S,
            load((2 * hour, 4, 8, 12)),
            values=(
                ValueCheck(2 * _HOUR_S, series.COMMANDS_PER_MINUTE, {series.COMMANDS_PER_MINUTE: 8}),
                ValueCheck(2 * _HOUR_S, series.AUDIT_EVENTS_PER_HOUR, {series.AUDIT_EVENTS_PER_HOUR: 1440}),
            ),
        ),
        Case(
            "the rates are zero while nothing happens, and nothing is said",
            _INTERVAL_S,
            up,
            (AlertCheck(_HOUR_S, COMMANDS_STOPPED), AlertCheck(_HOUR_S, AUDIT_EVENTS_STOPPED)),
            (
                ValueCheck(_HOUR_S, series.COMMANDS_PER_MINUTE, {series.COMMANDS_PER_MINUTE: 0}),
                ValueCheck(_HOUR_S, series.AUDIT_EVENTS_PER_HOUR, {series.AUDIT_EVENTS_PER_HOUR: 0}),
            ),
        ),
        Case(
            f"{COMMANDS_STOPPED} fires when questions go on without commands, and ends with the next one",
            _INTERVAL_S,
            load(busy, (halt, 0, 8, 12), again),
            (
                AlertCheck(_HOUR_S, COMMANDS_STOPPED),
                AlertCheck(halted_s, COMMANDS_STOPPED, (firing(stopped),)),
                AlertCheck(again_s, COMMANDS_STOPPED),
            ),
        ),
        Case(
            f"{COMMANDS_STOPPED} is silent when questions stop as well",
            _INTERVAL_S,
            load(busy, (halt, 0, 0, 0)),
            (AlertCheck(halted_s, COMMANDS_STOPPED),),
        ),
        Case(
            f"{COMMANDS_STOPPED} is silent where commands were rare",
            _INTERVAL_S,
            load((hour, 0.4, 8, 12), (halt, 0, 8, 12)),
            (AlertCheck(halted_s, COMMANDS_STOPPED),),
        ),
        Case(
            f"{AUDIT_EVENTS_STOPPED} fires when commands go on without events, and ends with the next one",
            _INTERVAL_S,
            load(busy, (halt, 4, 8, 0), again),
            (
                AlertCheck(_HOUR_S, AUDIT_EVENTS_STOPPED),
                AlertCheck(halted_s, AUDIT_EVENTS_STOPPED, (firing(lost, value=0),)),
                AlertCheck(again_s, AUDIT_EVENTS_STOPPED),
            ),
        ),
        Case(
            f"{AUDIT_EVENTS_STOPPED} fires when the service was started anew and has written nothing since",
            _INTERVAL_S,
            load((hour + halt, 4, 8, 12)) | {events: rising((Phase(hour, {events: 12}),))[events] + f" _x{halt}"},
            (
                AlertCheck(_HOUR_S, AUDIT_EVENTS_STOPPED),
                AlertCheck(halted_s, AUDIT_EVENTS_STOPPED, (firing(lost, value=0),)),
            ),
        ),
        Case(
            f"{COMMANDS_STOPPED} fires when the gateway was started anew and has executed nothing since",
            _INTERVAL_S,
            load((hour + halt, 4, 8, 12)) | {commands: rising((Phase(hour, {commands: 4}),))[commands] + f" _x{halt}"},
            (
                AlertCheck(_HOUR_S, COMMANDS_STOPPED),
                AlertCheck(halted_s, COMMANDS_STOPPED, (firing(stopped),)),
            ),
        ),
        Case(
            f"{AUDIT_EVENTS_STOPPED} is silent while few are written",
            _INTERVAL_S,
            load(busy, (halt, 4, 8, 0.1)),
            (AlertCheck(halted_s, AUDIT_EVENTS_STOPPED),),
        ),
        Case(
            "neither speaks without data",
            _INTERVAL_S,
            {},
            (AlertCheck(_HOUR_S, COMMANDS_STOPPED), AlertCheck(_HOUR_S, AUDIT_EVENTS_STOPPED)),
        ),
    )
