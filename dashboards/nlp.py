"""The language service: does it translate in time, and does anybody wait for it?"""

from __future__ import annotations

from typing import Final

from app.telemetry.catalogue import (
    NLP_AVAILABLE,
    NLP_OLDEST_AGE,
    NLP_PLANS,
    NLP_PROCESSING,
    NLP_QUEUE_DEPTH,
    NLP_QUEUE_LIMIT,
    NLP_QUEUE_WAIT,
    NLP_REFUSED,
    NLP_VOCABULARY_COMPILE,
)
from dashboards.dashboard import UP_OR_DOWN, Dashboard, Panel, PanelKind, Row, Series, Threshold
from dashboards.model_row import model_panels
from dashboards.theme import Colour, Unit
from dashboards.variables import buckets_of, of, replicas
from slo import panels, promql
from slo.prometheus import GATEWAY, NLP
from slo.promises import TRANSLATION
from slo.promql import RATE_INTERVAL, select

_HIGH: Final = 0.99


def nlp() -> Dashboard:
    """The dashboard."""
    return Dashboard(
        uid=panels.NLP,
        title="KubeChat / Language service",
        description="Are sentences understood in time, and does anybody wait?",
        variables=replicas(NLP),
        rows=(
            Row("Translation", (_times(), _plans())),
            Row("Queue", (_queue(), _wait())),
            Row("Refusals", (_refused(), _available())),
            Row("Language model", model_panels()),
            Row("In detail", (_spread(), _vocabularies()), collapsed=True),
        ),
    )


def _times() -> Panel:
    processing = buckets_of(NLP_PROCESSING, NLP)
    return Panel(
        panels.NLP_TIMES,
        "Time to make a plan",
        "From words to a plan, by what made it: the embedded translator or a model. Good: below the line. Bad: above "
        "it for minutes. Then see whether the queue grows: if not, single sentences have become dear.",
        Unit.SECONDS,
        tuple(
            Series(
                promql.quantile(share, processing, RATE_INTERVAL, ("backend",)),
                f"{{{{backend}}}} {name}",
                exemplars=True,
            )
            for share, name in ((0.5, "p50"), (TRANSLATION.share, "promised share"), (_HIGH, "p99"))
        ),
        thresholds=(Threshold(TRANSLATION.threshold_s, Colour.BAD),),
    )


def _plans() -> Panel:
    plans = promql.total(promql.rate(of(NLP_PLANS, NLP), RATE_INTERVAL), ("behaviour",))
    return Panel(
        panels.NLP_PLANS,
        "Plans by what they do",
        "Plans per second by behaviour: run, confirm, ask back, refuse and so on. Good: most run. Bad: `clarify` "
        "rises: people are not understood. Then look for the words in the logs' readings.",
        Unit.PER_SECOND,
        (Series(plans, "{{behaviour}}"),),
    )


def _queue() -> Panel:
    return Panel(
        panels.NLP_QUEUE,
        "Requests that wait, against what may wait",
        "Requests in each replica's queue, and the most that it takes. Good: none wait. Bad: the queue nears its "
        "limit, beyond which callers are told that it is busy. Then add replicas.",
        Unit.COUNT,
        (
            Series(of(NLP_QUEUE_DEPTH, NLP).query, "{{instance}} waiting"),
            Series(of(NLP_QUEUE_LIMIT, NLP).query, "{{instance}} limit"),
        ),
        decimals=0,
    )


def _wait() -> Panel:
    return Panel(
        panels.NLP_WAIT,
        "Time in the queue",
        "How long requests wait before they are translated, 99th percentile, and the age of the one that waits now. "
        "Good: milliseconds. Bad: it nears the line, the whole time that a translation may take. Then add replicas.",
        Unit.SECONDS,
        (
            Series(
                promql.quantile(_HIGH, buckets_of(NLP_QUEUE_WAIT, NLP), RATE_INTERVAL, ("instance",)), "{{instance}}"
            ),
            Series(of(NLP_OLDEST_AGE, NLP).query, "{{instance}}, oldest now"),
        ),
        thresholds=(Threshold(TRANSLATION.threshold_s, Colour.WARNING),),
    )


def _refused() -> Panel:
    refused = promql.total(promql.rate(of(NLP_REFUSED, NLP), RATE_INTERVAL), ("reason",))
    return Panel(
        panels.NLP_REFUSED,
        "Requests not translated",
        "Requests per second that were turned away, and why. Good: none. Bad: `full`: more is asked than can be done, "
        "and people are told to try again; `expired`: the answer would have come too late. Then add replicas. "
        "`displaced` is a warm-up that made room for a person.",
        Unit.PER_SECOND,
        (Series(refused, "{{reason}}", waits_for="a request that is turned away"),),
    )


def _available() -> Panel:
    return Panel(
        panels.NLP_AVAILABLE,
        "Language service as gateways see it",
        "Whether each gateway gets answers from the language service. Good: up. Bad: down: people can type commands, "
        "but no sentences. Then follow the runbook of ServiceDown.",
        Unit.FACTOR,
        (Series(select(NLP_AVAILABLE.name, job=GATEWAY).query, "{{instance}}"),),
        kind=PanelKind.STATE_TIMELINE,
        states=UP_OR_DOWN,
    )


def _spread() -> Panel:
    rate = promql.rate(buckets_of(NLP_PROCESSING, NLP), RATE_INTERVAL)
    return Panel(
        panels.NLP_SPREAD,
        "Spread of the time to make a plan",
        "How many plans took how long. Good: one band at the bottom. Bad: a second band above it: some sentences take "
        "another way. Then compare with the backends above.",
        Unit.SECONDS,
        (Series(promql.total(rate, ("le",)), "{{le}}"),),
        kind=PanelKind.HEATMAP,
    )


def _vocabularies() -> Panel:
    return Panel(
        panels.NLP_VOCABULARIES,
        "Time to compile a vocabulary",
        "How long a cluster's names take to be made ready, 95th percentile, and how often that is done, right. Good: "
        "rarely. Bad: with each request: the names change faster than they are used. Then look at the caches.",
        Unit.SECONDS,
        (
            Series(
                promql.quantile(0.95, buckets_of(NLP_VOCABULARY_COMPILE, NLP), RATE_INTERVAL),
                "p95",
                waits_for="names that changed",
            ),
            Series(
                promql.total(
                    promql.rate(select(NLP_VOCABULARY_COMPILE.count, job=NLP), RATE_INTERVAL),
                ),
                "compiled",
                unit=Unit.PER_SECOND,
            ),
        ),
    )
