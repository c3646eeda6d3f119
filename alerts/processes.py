"""Alerts about what single processes use up: memory, the event loop's time, file descriptors.

All are causes: what people notice of them pages by the objectives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alerts.alert import LinkedGroup
from alerts.gauge_cases import gauge_cases
from app.telemetry.catalogue import (
    CONTAINER_OOM_KILLS,
    EVENT_LOOP_LAG,
    GC_PAUSE,
    LOG_DROPPED,
    MEMORY_LIMIT,
    MEMORY_RESIDENT,
    TRACE_SPANS,
    WORKER_PENDING,
    WORKER_SIZE,
)
from slo import panels, promql
from slo.case import AlertCheck, Case, Phase, firing, rising
from slo.objective import Severity
from slo.prometheus import GATEWAY, JOBS, MOST_FILES, OPEN_FILES, PACE
from slo.promises import COLLECTION_PAUSE_S, FILES_IN_USE, LATE_WAKE_UPS, SPANS_LOST, WORKERS_BEHIND
from slo.promql import duration, number, one_of, select
from slo.rule import AlertingRule, RuleGroup
from slo.series import SERVICE, SEVERITY
from slo.targets.cpu import ASYNC_PROCESSING
from slo.targets.memory import MEMORY_ALERT, OOM_PROTECTION

if TYPE_CHECKING:
    from app.telemetry.metric import Metric

MEMORY_NEAR_LIMIT: Final = "MemoryNearLimit"
OUT_OF_MEMORY: Final = "OutOfMemory"
EVENT_LOOP_LAGS: Final = "EventLoopLag"
FILE_DESCRIPTORS_LOW: Final = "FileDescriptorsLow"
LOG_LINES_LOST: Final = "LogLinesLost"
COLLECTION_PAUSES: Final = "GarbageCollectionPauses"
WORKERS_BEHIND_: Final = "WorkersBehind"
TRACES_LOST: Final = "TracesLost"

_MEMORY_FOR_S: Final = 60.0  # longer than one large answer takes to be collected again
_FILES_FOR_S: Final = 120.0
_LAG_FOR_S: Final = 300.0
_WINDOW_S: Final = 300.0
_SPANS_WINDOW_S: Final = 300.0  # what ended in the last second is still under way
_SPANS_FOR_S: Final = 600.0  # longer than a collector takes to be replaced
_KILLS_WINDOW_S: Final = 900.0
_INTERVAL_S: Final = PACE.cause_interval_s
_EACH: Final = ("job", "instance")
_TICKET: Final = {SERVICE: "{{ $labels.job }}", SEVERITY: Severity.TICKET.value}


def processes() -> LinkedGroup:
    """The alerts."""
    rules = (_memory(), _killed(), _lag(), _files(), _lost(), _pauses(), _workers(), _spans())
    return LinkedGroup(
        RuleGroup("processes", _INTERVAL_S, rules),
        {
            MEMORY_NEAR_LIMIT: panels.MEMORY_AGAINST_LIMIT,
            OUT_OF_MEMORY: panels.OUT_OF_MEMORY,
            EVENT_LOOP_LAGS: panels.EVENT_LOOP_LAG,
            FILE_DESCRIPTORS_LOW: panels.FILE_DESCRIPTORS,
            LOG_LINES_LOST: panels.LOG_WRITES,
            TRACES_LOST: panels.TRACE_SPANS,
            COLLECTION_PAUSES: panels.COLLECTIONS,
            WORKERS_BEHIND_: panels.WORKERS,
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


def _late(metric: Metric, bound_s: float) -> promql.Query:
    """The share of what a histogram observed that was over one of its bounds."""
    all_ = promql.total(promql.rate(select(metric.count), _WINDOW_S), _EACH)
    in_time = promql.total(promql.rate(select(metric.bucket, le=number(bound_s)), _WINDOW_S), _EACH)
    return promql.complement(promql.divided(in_time, all_))


def _lag() -> AlertingRule:
    bound_s = ASYNC_PROCESSING.named("lag").number
    return AlertingRule(
        EVENT_LOOP_LAGS,
        promql.above(_late(EVENT_LOOP_LAG, bound_s), LATE_WAKE_UPS.number),
        for_s=_LAG_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "An event loop is held up",
            "description": (
                "{{ $value | humanizePercentage }} of the wake-ups of {{ $labels.instance }} were late by more than "
                f"{number(bound_s)} seconds, for {duration(_LAG_FOR_S)} or longer: for so long everybody waits at "
                "once."
            ),
        },
    )


def _pauses() -> AlertingRule:
    bound_s = COLLECTION_PAUSE_S.number
    return AlertingRule(
        COLLECTION_PAUSES,
        promql.above(_late(GC_PAUSE, bound_s), LATE_WAKE_UPS.number),
        for_s=_LAG_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "Garbage collection holds a process up",
            "description": (
                "{{ $value | humanizePercentage }} of the garbage collections of {{ $labels.instance }} took more than "
                f"{number(bound_s)} seconds, for {duration(_LAG_FOR_S)} or longer: for so long everybody on it waits."
            ),
        },
    )


def _workers() -> AlertingRule:
    behind = promql.divided(select(WORKER_PENDING.name).query, select(WORKER_SIZE.name).query, _EACH)
    return AlertingRule(
        WORKERS_BEHIND_,
        promql.above(behind, WORKERS_BEHIND.number),
        for_s=_FILES_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "Heavy work waits for a thread",
            "description": (
                f"More than {number(WORKERS_BEHIND.number)} tasks for each worker thread of {{{{ $labels.instance }}}} "
                f"are under way or wait, for {duration(_FILES_FOR_S)} or longer. At twice as many, requests are "
                "refused."
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


def _spans() -> AlertingRule:
    ended, sent = (
        promql.total(promql.rate(select(TRACE_SPANS.name, outcome=fate), _SPANS_WINDOW_S), _EACH)
        for fate in ("ended", "sent")
    )
    return AlertingRule(
        TRACES_LOST,
        promql.above(promql.complement(promql.divided(sent, promql.above(ended, 0))), SPANS_LOST.number),
        for_s=_SPANS_FOR_S,
        labels=_TICKET,
        annotations={
            "summary": "Spans do not reach the collector of traces",
            "description": (
                "{{ $value | humanizePercentage }} of the spans of {{ $labels.instance }} were lost, for "
                f"{duration(_SPANS_FOR_S)} or longer. No request waits for them; traces have holes."
            ),
        },
    )


def _span_cases(rule: AlertingRule, labels: dict[str, str]) -> tuple[Case, ...]:
    ended, sent = (select(TRACE_SPANS.name, **labels, outcome=fate).text for fate in ("ended", "sent"))
    steps = round(2 * (_SPANS_FOR_S + _SPANS_WINDOW_S) / _INTERVAL_S)
    late_s = steps * _INTERVAL_S

    def losing(share: float) -> Phase:
        return Phase(steps, {ended: 1000, sent: 1000 * (1 - share)})

    return (
        Case(
            f"{rule.alert} fires when the collector is away, and ends when it is back",
            _INTERVAL_S,
            rising((losing(1), losing(0))),
            (
                AlertCheck(_SPANS_FOR_S - _INTERVAL_S, rule.alert),
                AlertCheck(late_s, rule.alert, (firing(rule, labels, 1),)),
                AlertCheck(2 * late_s, rule.alert),
            ),
        ),
        Case(
            f"{rule.alert} is silent just below, and while nothing is traced",
            _INTERVAL_S,
            rising((losing(SPANS_LOST.number * 0.9), Phase(steps, {}))),
            (AlertCheck(late_s, rule.alert), AlertCheck(2 * late_s, rule.alert)),
        ),
        Case(f"{rule.alert} is silent without data", _INTERVAL_S, {}, (AlertCheck(late_s, rule.alert),)),
    )


def process_cases(group: RuleGroup) -> tuple[Case, ...]:
    """Each alert fires, stays silent just below, ends, and is silent without data."""
    memory, killed, lag, files, lost, pauses, workers, spans = group.alerts
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
        *gauge_cases(
            workers,
            {select(WORKER_PENDING.name, **each).text: (2 * WORKERS_BEHIND.number + 1, 2 * WORKERS_BEHIND.number, 2)},
            still={select(WORKER_SIZE.name, **each).text: 2},
            labels=each,
            value=WORKERS_BEHIND.number + 0.5,
            interval_s=_INTERVAL_S,
        ),
        *_late_cases(lag, each, EVENT_LOOP_LAG, ASYNC_PROCESSING.named("lag").number),
        *_late_cases(pauses, each, GC_PAUSE, COLLECTION_PAUSE_S.number),
        *once_cases(killed, select(CONTAINER_OOM_KILLS.name, **each).text, each, _KILLS_WINDOW_S, _INTERVAL_S),
        *_span_cases(spans, each),
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


def _late_cases(rule: AlertingRule, labels: dict[str, str], metric: Metric, bound_s: float) -> tuple[Case, ...]:
    woken = select(metric.count, **labels).text
    in_time = select(metric.bucket, **labels, le=number(bound_s)).text
    steps = round((2 * _LAG_FOR_S + 2 * _WINDOW_S) / _INTERVAL_S)
    late_s = steps * _INTERVAL_S

    def late(share: float) -> Phase:
        return Phase(steps, {woken: 1000, in_time: 1000 * (1 - share)})

    return (
        Case(
            f"{rule.alert} fires when 2 % are over the bound, and ends when none is",
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
