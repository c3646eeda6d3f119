"""The gateway: what people ask of it, what it asks of clusters and services, and how long each takes."""

from __future__ import annotations

from typing import Final

from alerts.diagnosis import FAULTS_WINDOW_S, MOST_FAULTS
from alerts.jobs import LONGEST_S as LONGEST_JOB_S
from alerts.rights import MOST_REFUSALS, MOST_UNANSWERED, REFUSALS_WINDOW_S, UNANSWERED_WINDOW_S
from app.telemetry.catalogue import (
    APPROVALS,
    APPROVALS_WAITING,
    CHANGES,
    COMMAND_DURATION,
    COMMANDS,
    CONFIRMATIONS,
    DEPENDENCY_DURATION,
    DIAGNOSIS_CAUSES,
    DIAGNOSIS_FAULTS,
    ERRORS,
    HTTP_REQUEST_DURATION,
    HTTP_REQUESTS,
    HTTP_REQUESTS_IN_FLIGHT,
    JOB_OLDEST_AGE,
    JOB_STEPS,
    JOBS_RUNNING,
    KUBERNETES_REQUEST_DURATION,
    KUBERNETES_REQUESTS,
    LIVE_TABLE_ROWS,
    LIVE_TABLES,
    LIVE_TABLES_ENDED,
    LIVE_TABLES_LIMIT,
    PARSE_FAILURES,
    POLICY_REFUSALS,
    PREVIEWS,
    QUESTIONS,
    SIGN_IN_DURATION,
    SIGN_INS,
    STREAMS,
    STREAMS_ENDED,
    STREAMS_LIMIT,
    TASK_RUNS,
    TURN_CLUSTER_DURATION,
    TURN_DURATION,
    TURNS,
    WEBSOCKET_MESSAGES,
    WEBSOCKETS,
    WEBSOCKETS_REFUSED,
)
from dashboards.dashboard import Dashboard, Panel, Row, Series, Threshold
from dashboards.theme import Colour, Unit
from dashboards.variables import CLUSTER, CLUSTERS, buckets_of, of, replicas
from slo import panels, promql, series
from slo.prometheus import AUDIT, GATEWAY
from slo.promises import QUEUE_FULL
from slo.promql import RATE_INTERVAL, one_of, select
from slo.targets.monitoring import SERVICE_RESPONSE_TIMES
from slo.targets.requirements import API_ENDPOINTS, COMPLEX_OPERATIONS, SIMPLE_QUERIES

_P95: Final = SERVICE_RESPONSE_TIMES.named("p95").number


def gateway() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.GATEWAY,
        title="KubeChat / Gateway",
        description="Are people answered, are commands executed, and what is waited for?",
        variables=(CLUSTERS, *replicas(GATEWAY)),
        rows=(
            Row("Chat", (_turns(), _turn_times(), _commands_per_minute(), _commands())),
            Row("Requests", (_requests(), _request_times())),
            Row("Clusters and services", (_cluster_requests(), _cluster_times(), _dependencies(), _errors())),
            Row("Connections and messages", (_connections(), _messages(), _streams(), _live_tables()), collapsed=True),
            Row("People's decisions", (_previews(), _approvals(), _sign_ins(), _refusals()), collapsed=True),
            Row("Jobs", (_jobs(), _job_steps()), collapsed=True),
            Row("In detail", (_command_times(), _task_runs(), _diagnoses()), collapsed=True),
        ),
    )


def _per_second(series_: promql.Selector, *by: str) -> promql.Query:
    return promql.total(promql.rate(series_, RATE_INTERVAL), by)


def _turns() -> Panel:
    return Panel(
        panels.TURN_OUTCOMES,
        "Chat turns by outcome",
        "Turns of conversations per second, and how they ended. Good: nearly all are ok. Bad: errors. Then look at the "
        "errors by code below, and at which cluster or service they wait for.",
        Unit.PER_SECOND,
        (Series(_per_second(of(TURNS, GATEWAY), "operation_class", "outcome"), "{{operation_class}}, {{outcome}}"),),
    )


def _turn_times() -> Panel:
    by = ("operation_class",)
    return Panel(
        panels.TURN_TIMES,
        "Time of a chat turn, and of it waiting for clusters",
        "From a message to its last event, and the part of it that Kubernetes APIs took, 95th percentile. Good: below "
        "the lower line for simple questions, below the upper one for all others. Bad: above it. Then see whether the "
        "clusters' part has risen with it: if not, the time is lost here.",
        Unit.SECONDS,
        (
            Series(
                promql.quantile(_P95, buckets_of(TURN_DURATION, GATEWAY), RATE_INTERVAL, by),
                "{{operation_class}}",
                exemplars=True,
            ),
            Series(
                promql.quantile(_P95, buckets_of(TURN_CLUSTER_DURATION, GATEWAY), RATE_INTERVAL, by),
                "{{operation_class}}, in clusters",
            ),
        ),
        thresholds=(
            Threshold(SIMPLE_QUERIES.named("duration").number, Colour.WARNING),
            Threshold(COMPLEX_OPERATIONS.named("duration").number, Colour.BAD),
        ),
    )


def _commands_per_minute() -> Panel:
    return Panel(
        panels.COMMANDS_PER_MINUTE,
        "Commands per minute",
        "Commands that were executed on clusters in the last minute. Good: it follows the day. Bad: it falls to "
        "nothing while people go on asking. Then follow the runbook of CommandsStopped.",
        Unit.COUNT,
        (Series(select(series.COMMANDS_PER_MINUTE).query, "commands"),),
    )


def _commands() -> Panel:
    return Panel(
        panels.COMMAND_OUTCOMES,
        "Commands by verb and outcome",
        "Commands per second by what they do and how they ended; right, lines that are no commands and questions that "
        "no cluster answers. Good: most are "
        "ok. Bad: one verb fails: a right is missing, or a cluster refuses it. Then look at the cluster's answers.",
        Unit.PER_SECOND,
        (
            Series(_per_second(of(COMMANDS, GATEWAY), "verb", "outcome"), "{{verb}}, {{outcome}}"),
            Series(
                _per_second(of(PARSE_FAILURES, GATEWAY), "code"),
                "not understood, {{code}}",
                unit=Unit.PER_SECOND,
                waits_for="a line that does not parse",
            ),
            Series(
                _per_second(of(QUESTIONS, GATEWAY), "topic", "outcome"),
                "asked of {{topic}}, {{outcome}}",
                unit=Unit.PER_SECOND,
                waits_for="a question about alerts, budgets, measurements or the audit log",
            ),
        ),
    )


def _requests() -> Panel:
    return Panel(
        panels.GATEWAY_REQUESTS,
        "Requests by class, and those in flight",
        "Requests per second by class of operation, left, and how many are being served, right. Good: few are in "
        "flight. Bad: those in flight grow while the rate does not. Then see below what is waited for.",
        Unit.PER_SECOND,
        (
            Series(_per_second(of(HTTP_REQUESTS, GATEWAY), "operation_class"), "{{operation_class}}"),
            Series(promql.total(of(HTTP_REQUESTS_IN_FLIGHT, GATEWAY).query), "in flight", unit=Unit.COUNT),
        ),
    )


def _request_times() -> Panel:
    buckets = buckets_of(HTTP_REQUEST_DURATION, GATEWAY).narrowed(operation_class="api")
    return Panel(
        panels.GATEWAY_REQUEST_TIMES,
        "Time of API requests by route",
        "From a request's first byte to the last one of its answer, 95th percentile. Good: below the line. Bad: one "
        "route above it: its query has become slow. All of them: the database or the event loop. Then see there.",
        Unit.SECONDS,
        (Series(promql.quantile(_P95, buckets, RATE_INTERVAL, ("route",)), "{{route}}", exemplars=True),),
        thresholds=(Threshold(API_ENDPOINTS.named("duration").number, Colour.BAD),),
    )


def _cluster_requests() -> Panel:
    requests = of(KUBERNETES_REQUESTS, GATEWAY).narrowed(cluster=CLUSTER)
    return Panel(
        panels.CLUSTER_REQUESTS,
        "Requests to clusters by status",
        "Requests per second to each Kubernetes API. Good: 200s. Bad: 429, the cluster asks for patience; 403, a right "
        "is missing; 5xx or none, it is not well. Then look at that cluster.",
        Unit.PER_SECOND,
        (Series(_per_second(requests, "cluster", "status"), "{{cluster}}, {{status}}"),),
    )


def _cluster_times() -> Panel:
    buckets = buckets_of(KUBERNETES_REQUEST_DURATION, GATEWAY).narrowed(cluster=CLUSTER)
    return Panel(
        panels.CLUSTER_TIMES,
        "Time until clusters answer",
        "How long Kubernetes APIs take, 95th percentile by verb. Good: well below the line, what a simple question may "
        "take in all. Bad: above it. Then the cluster is slow, or far away: nothing here can mend it.",
        Unit.SECONDS,
        (Series(promql.quantile(_P95, buckets, RATE_INTERVAL, ("cluster", "verb")), "{{cluster}} {{verb}}"),),
        thresholds=(Threshold(SIMPLE_QUERIES.named("duration").number, Colour.WARNING),),
    )


def _dependencies() -> Panel:
    buckets = buckets_of(DEPENDENCY_DURATION, GATEWAY)
    return Panel(
        panels.GATEWAY_DEPENDENCIES,
        "Time until services and stores answer",
        "How long what the gateway depends on takes, 95th percentile. Good: milliseconds. Bad: one rises alone. Then "
        "look at its dashboard.",
        Unit.SECONDS,
        (Series(promql.quantile(_P95, buckets, RATE_INTERVAL, ("dependency",)), "{{dependency}}", exemplars=True),),
    )


def _errors() -> Panel:
    return Panel(
        panels.GATEWAY_ERRORS,
        "Errors by code",
        "Errors per second that callers were answered with. Good: what people get wrong themselves. Bad: `busy`, "
        "`unavailable` or `internal`. Then search the log for the code.",
        Unit.PER_SECOND,
        (Series(_per_second(of(ERRORS, GATEWAY), "code"), "{{code}}"),),
    )


def _connections() -> Panel:
    return Panel(
        panels.GATEWAY_CONNECTIONS,
        "Browser connections by replica",
        "Open WebSockets of each replica, left, and handshakes that were refused, right. Good: about the same on all. "
        "Bad: refusals, or one replica has all. Then see whether a proxy balances them.",
        Unit.COUNT,
        (
            Series(of(WEBSOCKETS, GATEWAY).query, "{{instance}}"),
            Series(
                _per_second(of(WEBSOCKETS_REFUSED, GATEWAY), "reason"),
                "refused, {{reason}}",
                unit=Unit.PER_SECOND,
                waits_for="a handshake that is refused",
            ),
        ),
        decimals=0,
    )


def _streams() -> Panel:
    return Panel(
        panels.STREAMS,
        "Outputs that are followed",
        "Watches, followed logs and what is waited for: as a share of what a replica may hold, left; how many, and how "
        "such ended, right. Good: few, and most were finished or stopped. Bad: above the line. Then follow the runbook "
        "of StreamsNearLimit.",
        Unit.SHARE,
        (
            Series(promql.divided(of(STREAMS, GATEWAY).query, of(STREAMS_LIMIT, GATEWAY).query), "{{instance}}"),
            Series(of(STREAMS, GATEWAY).query, "{{instance}} followed", unit=Unit.COUNT),
            Series(
                _per_second(of(STREAMS_ENDED, GATEWAY), "reason"),
                "ended, {{reason}}",
                unit=Unit.PER_SECOND,
                waits_for="an output that was followed",
            ),
        ),
        thresholds=(Threshold(QUEUE_FULL.number, Colour.BAD),),
    )


def _live_tables() -> Panel:
    looked_at = "a table that was looked at in a chat"
    rows = buckets_of(LIVE_TABLE_ROWS, GATEWAY)
    return Panel(
        panels.LIVE_TABLES,
        "Tables that are kept current",
        "Tables of open chats: as a share of what a replica may hold, left; how many, how such ended, and rows in one "
        "update (95th percentile), right. Good: about as many as people look. Bad: above the line. Then follow the "
        "runbook of LiveTablesNearLimit.",
        Unit.SHARE,
        (
            Series(
                promql.divided(of(LIVE_TABLES, GATEWAY).query, of(LIVE_TABLES_LIMIT, GATEWAY).query), "{{instance}}"
            ),
            Series(of(LIVE_TABLES, GATEWAY).query, "{{instance}} current", unit=Unit.COUNT),
            Series(
                _per_second(of(LIVE_TABLES_ENDED, GATEWAY), "reason"),
                "ended, {{reason}}",
                unit=Unit.PER_SECOND,
                waits_for=looked_at,
            ),
            Series(
                promql.quantile(_P95, rows, RATE_INTERVAL, ("instance",)),
                "{{instance}}, rows in an update",
                unit=Unit.COUNT,
                waits_for=looked_at,
            ),
        ),
        thresholds=(Threshold(QUEUE_FULL.number, Colour.BAD),),
    )


def _messages() -> Panel:
    return Panel(
        panels.GATEWAY_MESSAGES,
        "Messages to and from browsers",
        "Messages per second by type. Good: it follows the turns. Bad: one type floods. Then see who sends it.",
        Unit.PER_SECOND,
        (Series(_per_second(of(WEBSOCKET_MESSAGES, GATEWAY), "direction", "type"), "{{direction}} {{type}}"),),
    )


def _previews() -> Panel:
    return Panel(
        panels.PREVIEWS,
        "Previews, decisions and changes",
        "Previews shown by risk, what people decided, and how changes ended, per second. Good: changes end as done. "
        "Bad: `unknown`: nobody knows whether a change was made. Then follow the intents on the audit dashboard.",
        Unit.PER_SECOND,
        (
            Series(_per_second(of(PREVIEWS, GATEWAY), "risk"), "shown, {{risk}}"),
            Series(_per_second(of(CONFIRMATIONS, GATEWAY), "result"), "decided, {{result}}"),
            Series(_per_second(of(CHANGES, GATEWAY), "state"), "change, {{state}}", waits_for="a change"),
        ),
    )


def _approvals() -> Panel:
    counted = of(APPROVALS, GATEWAY)
    return Panel(
        panels.APPROVALS,
        "Approvals by a second person",
        "Plans that wait for somebody's approval now, and what became of others within the last hour. Good: they are "
        "decided. Bad: more than the line expire, because nobody was asked or nobody looks. Then follow the runbook of "
        "ApprovalsUnanswered.",
        Unit.COUNT,
        (
            Series(promql.maximum(of(APPROVALS_WAITING, GATEWAY).query), "waiting"),
            Series(
                promql.total(promql.increase(counted, UNANSWERED_WINDOW_S), ("result",)),
                "{{result}}",
                waits_for="a plan that demands an approval",
            ),
        ),
        thresholds=(Threshold(MOST_UNANSWERED, Colour.WARNING),),
    )


def _sign_ins() -> Panel:
    return Panel(
        panels.SIGN_INS,
        "Sign-ins by result",
        "Attempts to sign in per second, left, and the spread of the time to check a password, 95th percentile, right. "
        "Good: few fail. Bad: many fail: somebody guesses passwords. Then look at the audit log for whose.",
        Unit.PER_SECOND,
        (
            Series(_per_second(of(SIGN_INS, GATEWAY), "result"), "{{result}}"),
            Series(
                promql.quantile(_P95, buckets_of(SIGN_IN_DURATION, GATEWAY), RATE_INTERVAL),
                "password check",
                unit=Unit.SECONDS,
                waits_for="a sign-in with a password",
            ),
        ),
    )


def _refusals() -> Panel:
    refused = promql.total(promql.increase(of(POLICY_REFUSALS, GATEWAY), REFUSALS_WINDOW_S), ("reason",))
    return Panel(
        panels.POLICY_REFUSALS,
        "Refused by the policy",
        "What KubeChat's own policy refused before anything was sent, in the last 15 minutes and by reason. Good: a "
        "few, now and then. Bad: more than the line for one reason. Then follow the runbook of PolicyRefusing.",
        Unit.COUNT,
        (Series(refused, "{{reason}}", waits_for="a refusal"),),
        thresholds=(Threshold(MOST_REFUSALS, Colour.WARNING),),
    )


def _jobs() -> Panel:
    return Panel(
        panels.JOBS,
        "Jobs under way",
        "For how long the oldest job has been under way, left, and how many run, right. Good: minutes, and none at "
        "most times. Bad: above the line: it waits for something. Then follow the runbook of JobRunningLong.",
        Unit.SECONDS,
        (
            Series(promql.maximum(of(JOB_OLDEST_AGE, GATEWAY).query), "oldest"),
            Series(promql.total(of(JOBS_RUNNING, GATEWAY).query), "running", unit=Unit.COUNT),
        ),
        thresholds=(Threshold(LONGEST_JOB_S, Colour.WARNING),),
    )


def _job_steps() -> Panel:
    return Panel(
        panels.JOB_STEPS,
        "Requests of jobs",
        "What became of the requests that jobs sent, per second. Good: applied, and refused for now while a disruption "
        "budget lets pods go one after another. Bad: failed, or unknown. Then look at that job's outcome.",
        Unit.PER_SECOND,
        (Series(_per_second(of(JOB_STEPS, GATEWAY), "outcome"), "{{outcome}}", waits_for="a job"),),
    )


def _command_times() -> Panel:
    buckets = buckets_of(COMMAND_DURATION, GATEWAY)
    return Panel(
        panels.COMMAND_TIMES,
        "Time to execute a command",
        "How long commands take by verb, 95th percentile. Good: about as long as the clusters take. Bad: much longer "
        "than they do. Then look for waits in the traces that the points lead to.",
        Unit.SECONDS,
        (Series(promql.quantile(_P95, buckets, RATE_INTERVAL, ("verb",)), "{{verb}}", exemplars=True),),
    )


def _diagnoses() -> Panel:
    named = promql.total(promql.increase(of(DIAGNOSIS_CAUSES, GATEWAY), FAULTS_WINDOW_S), ("analyzer",))
    unread = promql.total(promql.increase(of(DIAGNOSIS_FAULTS, GATEWAY), FAULTS_WINDOW_S), ("analyzer",))
    return Panel(
        panels.DIAGNOSES,
        "What diagnoses find",
        "Causes that diagnoses of the last hour named, by analyzer, and objects that an analyzer could not read. Good: "
        "what is asked about is found, and all is read. Bad: unread objects above the line. Then follow the runbook of "
        "DiagnosisFaulty.",
        Unit.COUNT,
        (
            Series(named, "{{analyzer}}", waits_for="a diagnosis that finds something"),
            Series(unread, "unread, {{analyzer}}", waits_for="an object that an analyzer cannot read"),
        ),
        thresholds=(Threshold(MOST_FAULTS, Colour.WARNING),),
    )


def _task_runs() -> Panel:
    runs = select(TASK_RUNS.name, job=one_of((GATEWAY, AUDIT)))
    return Panel(
        panels.TASK_RUNS,
        "Runs of background tasks",
        "Runs of what gateways and audit replicas do again and again, by how they ended. Good: all are ok. Bad: one "
        "task fails each time. Then follow the runbook of TaskOverdue before it fires.",
        Unit.PER_SECOND,
        (Series(_per_second(runs, "task", "outcome"), "{{task}}, {{outcome}}"),),
    )
