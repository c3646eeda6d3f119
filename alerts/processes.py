"""Alerts about what single processes use up: memory, the event loop's time, file descriptors.

All are causes: what people notice of them pages by the objectives.
"""

from __future__ import annotations

from typing import Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.catalogue import CONTAINER_OOM_KILLS, EVENT_LOOP_LAG, LOG_DROPPED, MEMORY_LIMIT, MEMORY_RESIDENT
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import GATEWAY, JOBS, MOST_FILES, OPEN_FILES
from slo.promises import FILES_IN_USE, LATE_WAKE_UPS
from slo.promql import duration, number, one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.cpu import ASYNC_PROCESSING
from slo.targets.memory import MEMORY_ALERT, OOM_PROTECTION

MEMORY_NEAR_LIMIT: Final = "MemoryNearLimit"
OUT_OF_MEMORY: Final = "OutOfMemory"
EVENT_LOOP_LAGS: Final = "EventLoopLag"
FILE_DESCRIPTORS_LOW: Final = "FileDescriptorsLow"
LOG_LINES_LOST: Final = "LogLinesLost"

_MEMORY_FOR_S: Final = 60.0  # longer than one large answer takes to be collected again
_FILES_FOR_S: Final = 120.0
_LAG_FOR_S: Final = 300.0
_WINDOW_S: Final = 300.0
_KILLS_WINDOW_S: Final = 900.0
_INTERVAL_S: Final = 30.0
_EACH: Final = ("job", "instance")
_TICKET: Final = {SERVICE: "{{ $labels.job }}", SEVERITY: Severity.TICKET.value}


def processes() -> LinkedGroup:
    """The alerts."""
    rules = (_memory(), _killed(), _lag(), _files(), _lost())
    return LinkedGroup(
        RuleGroup("processes", _INTERVAL_S, rules),
        {
            MEMORY_NEAR_LIMIT: panels.MEMORY_AGAINST_LIMIT,
            OUT_OF_MEMORY: panels.OUT_OF_MEMORY,
            EVENT_LOOP_LAGS: panels.EVENT_LOOP_LAG,
            FILE_DESCRIPTORS_LOW: panels.FILE_DESCRIPTORS,
            LOG_LINES_LOST: panels.LOG_WRITES,
        },
    )


def _memory() -> AlertingRule:
    share = promql.divided(select(MEMORY_RESIDENT.name).query, select(MEMORY_LIMIT.name).query, _EACH)
    return AlertingRule(
        MEMORY_NEAR_LIMIT,
        promql.above(share, MEMORY_ALERT.figure.number),
        for_s=_MEMORY_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "A process is near its memory limit",
            "description": (
                "{{ $labels.instance }} occupies {{ $value | humanizePercentage }} of its memory limit, for "
                f"{duration(_MEMORY_FOR_S)} or longer. From {number(OOM_PROTECTION.named('shed_above').number * 100)} "
                "% on it refuses new work."
            ),
        },
    )


def _killed() -> AlertingRule:
    killed = promql.total(promql.increase(select(CONTAINER_OOM_KILLS.name), _KILLS_WINDOW_S), _EACH)
    return AlertingRule(
        OUT_OF_MEMORY,
        promql.above(killed, 0),
        labels=_TICKET,
        annotations={
            "summary": "The kernel ended a process for want of memory",
            "description": (
                f"In the container of {{{{ $labels.instance }}}} the kernel ended a process within the last "
                f"{duration(_KILLS_WINDOW_S)}: it had reached its memory limit. What it was doing is lost, unless it "
                "was a change, whose intent is kept."
            ),
        },
    )


def _lag() -> AlertingRule:
    bound = number(ASYNC_PROCESSING.named("lag").number)
    woken = promql.total(promql.rate(select(EVENT_LOOP_LAG.count), _WINDOW_S), _EACH)
    in_time = promql.total(promql.rate(select(EVENT_LOOP_LAG.bucket, le=bound), _WINDOW_S), _EACH)
    return AlertingRule(
        EVENT_LOOP_LAGS,
        promql.above(promql.complement(promql.divided(in_time, woken)), LATE_WAKE_UPS.number),
        for_s=_LAG_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "An event loop is held up",
            "description": (
                "{{ $value | humanizePercentage }} of the wake-ups of {{ $labels.instance }} were late by more than "
                f"{bound} seconds, for {duration(_LAG_FOR_S)} or longer: for so long everybody on it waits at once."
            ),
        },
    )


def _files() -> AlertingRule:
    share = promql.divided(
        select(OPEN_FILES, job=one_of(JOBS)).query, select(MOST_FILES, job=one_of(JOBS)).query, _EACH
    )
    return AlertingRule(
        FILE_DESCRIPTORS_LOW,
        promql.above(share, FILES_IN_USE.number),
        for_s=_FILES_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "A process has hardly a file descriptor left",
            "description": (
                "{{ $labels.instance }} has {{ $value | humanizePercentage }} of the files and connections open that "
                f"it may, for {duration(_FILES_FOR_S)} or longer. At the end it takes no connection any more."
            ),
        },
    )


def _lost() -> AlertingRule:
    lost = promql.total(promql.increase(select(LOG_DROPPED.name), _WINDOW_S), _EACH)
    return AlertingRule(
        LOG_LINES_LOST,
        promql.above(lost, 0),
        labels=_TICKET,
        annotations={
            "summary": "Log lines could not be written",
            "description": (
                f"{{{{ $labels.instance }}}} could not write log lines within the last {duration(_WINDOW_S)}. Requests "
                "go on; what was to be logged is lost."
            ),
        },
    )


def process_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    memory, killed, lag, files, lost = group.alerts
    each = {"job": GATEWAY, "instance": "gateway-1"}
    limit, bound = 1000.0, MEMORY_ALERT.figure.number
    most, full = 1000.0, FILES_IN_USE.number
    return (
        *gauge_cases(
            memory,
            {select(MEMORY_RESIDENT.name, **each).text: (bound * limit + 1, bound * limit, 0)},
            still={select(MEMORY_LIMIT.name, **each).text: limit},
            labels=each,
            value=bound + 1 / limit,
            interval_s=_INTERVAL_S,
        ),
        *gauge_cases(
            files,
            {select(OPEN_FILES, **each).text: (full * most + 1, full * most, 0)},
            still={select(MOST_FILES, **each).text: most},
            labels=each,
            value=full + 1 / most,
            interval_s=_INTERVAL_S,
        ),
        *_lag_cases(lag, each),
        *once_cases(killed, select(CONTAINER_OOM_KILLS.name, **each).text, each, _KILLS_WINDOW_S, _INTERVAL_S),
        *once_cases(lost, select(LOG_DROPPED.name, **each).text, each, _WINDOW_S, _INTERVAL_S),
    )


def once_cases(
    rule: AlertingRule, series: str, labels: dict[str, str], window_s: float, interval_s: float
) -> tuple[Case, ...]:
    """Cases of an alert on a counter that is not to rise at all: it fires at the first, and ends after the window."""
    steps = round(window_s / interval_s)
    once = rising((Phase(2, {}), Phase(1, {series: 1}), Phase(3 * steps, {series: 0})))
    return (
        Case(
            f"{rule.alert} fires at the first, and ends when its window is over",
            interval_s,
            once,
            (
                AlertCheck(4 * interval_s, rule.alert, (firing(rule, labels),)),
                AlertCheck(2 * window_s, rule.alert),
            ),
        ),
        Case(
            f"{rule.alert} is silent while the counter stands",
            interval_s,
            rising((Phase(3 * steps, {series: 0}),)),
            (AlertCheck(2 * window_s, rule.alert),),
        ),
        Case(f"{rule.alert} is silent without data", interval_s, {}, (AlertCheck(2 * window_s, rule.alert),)),
    )


def _lag_cases(rule: AlertingRule, labels: dict[str, str]) -> tuple[Case, ...]:
    bound = number(ASYNC_PROCESSING.named("lag").number)
    woken = select(EVENT_LOOP_LAG.count, **labels).text
    in_time = select(EVENT_LOOP_LAG.bucket, **labels, le=bound).text
    steps = round((2 * _LAG_FOR_S + 2 * _WINDOW_S) / _INTERVAL_S)
    late_s = steps * _INTERVAL_S

    def late(share: float) -> Phase:
        return Phase(steps, {woken: 1000, in_time: 1000 * (1 - share)})

    return (
        Case(
            f"{rule.alert} fires when 2 % of the wake-ups are late, and ends when none is",
            _INTERVAL_S,
            rising((late(0.02), late(0))),
            (
                AlertCheck(_LAG_FOR_S - _INTERVAL_S, rule.alert),
                AlertCheck(late_s, rule.alert, (firing(rule, labels, 0.02),)),
                AlertCheck(2 * late_s, rule.alert),
            ),
        ),
        Case(
            f"{rule.alert} is silent just below",
            _INTERVAL_S,
            rising((late(LATE_WAKE_UPS.number * 0.9),)),
            (AlertCheck(late_s, rule.alert),),
        ),
        Case(f"{rule.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(late_s, rule.alert),)),
    )
