"""The objectives that are kept: each binds a promise to the metric that shows whether it holds.

The promise's figure comes from the target catalogue, or from `slo.promises` where the document names none, and the
metric from the metric catalogue; nothing is typed again. A floor of bad events keeps few failures in little traffic
from waking anybody: it is the only figure that is chosen here, and each says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.telemetry import catalogue
from slo import promises
from slo.indicator import CountersIndicator, LatencyIndicator, RatioIndicator
from slo.objective import TIERS, Objective
from slo.operation_class import OperationClass
from slo.prometheus import AUDIT, GATEWAY, NLP, SERVICES
from slo.promql import equals, matches, one_of, select
from slo.targets.caching import CACHE_HIT_RATIO
from slo.targets.load_testing import ACCEPTED_ERROR_RATE
from slo.targets.requirements import (
    API_ENDPOINTS,
    CHAT_INTERFACE,
    COMPLEX_OPERATIONS,
    SIMPLE_QUERIES,
    UPTIME_TARGET,
)

if TYPE_CHECKING:
    from app.telemetry.metric import Metric
    from slo.target import Target

_FAILED_STATUS: Final = matches("5..", "503")  # one that was shed is answered with 503: it failed, whatever the reason
_ANY_SERVICE: Final = one_of(SERVICES)
_GATEWAY_ANSWERS: Final = select(catalogue.HTTP_REQUESTS_IN_FLIGHT.name, job=GATEWAY)

# Ten are no single person's unlucky clicks, and at full load they are a hundredth of a second's traffic.
_TEN: Final = 10
# Slow ones come in company: a cold start, a busy disk. A handful of them is no news.
_HANDFUL: Final = 25

GATEWAY_AVAILABILITY: Final = Objective(
    id="gateway-availability",
    service=GATEWAY,
    title="Requests and chat turns are answered",
    target=UPTIME_TARGET.named("objective").number,
    indicator=CountersIndicator(
        total=(select(catalogue.HTTP_REQUESTS.name, job=GATEWAY), select(catalogue.TURNS.name, job=GATEWAY)),
        bad=(
            select(catalogue.HTTP_REQUESTS.name, job=GATEWAY, status=_FAILED_STATUS),
            select(catalogue.TURNS.name, job=GATEWAY, outcome="error"),
        ),
        good_example={"status": "200"},
        presence=_GATEWAY_ANSWERS,
    ),
    minimum_bad_events=_TEN,
    calendar_month=True,
)
SERVICE_ERRORS: Final = Objective(
    id="service-errors",
    service="services",
    title="Each service answers its requests without failing",
    target=round(1 - ACCEPTED_ERROR_RATE.named("normal").number, 12),
    indicator=RatioIndicator(
        total=select(catalogue.HTTP_REQUESTS.name, job=_ANY_SERVICE),
        bad={"status": _FAILED_STATUS},
        good_example={"status": "200"},
        presence=select(catalogue.HTTP_REQUESTS_IN_FLIGHT.name, job=_ANY_SERVICE),
    ),
    minimum_bad_events=_TEN,
    grouping=("job",),
    presence_grouped=True,
)


def _latency(
    id_: str, title: str, target: Target, *histograms: Metric, operation_class: OperationClass | None = None
) -> Objective:
    """A target "the p-th percentile is below T": at least p of the events are in the bucket whose bound is T."""
    where = {} if operation_class is None else {"operation_class": operation_class.value}
    first, *more = (select(metric.name, job=GATEWAY, **where) for metric in histograms)
    return Objective(
        id=id_,
        service=GATEWAY,
        title=title,
        target=target.named("percentile").number,
        indicator=LatencyIndicator(
            histogram=first,
            threshold_s=target.named("duration").number,
            buckets=histograms[0].buckets,
            presence=_GATEWAY_ANSWERS,
            more=tuple(more),
        ),
        minimum_bad_events=_HANDFUL,
    )


SIMPLE_QUERY_LATENCY: Final = _latency(
    "simple-query-latency",
    "Simple questions are answered in time",
    SIMPLE_QUERIES,
    catalogue.TURN_DURATION,
    catalogue.HTTP_REQUEST_DURATION,
    operation_class=OperationClass.SIMPLE,
)
COMPLEX_OPERATION_LATENCY: Final = _latency(
    "complex-operation-latency",
    "Changes and questions to many are answered in time",
    COMPLEX_OPERATIONS,
    catalogue.TURN_DURATION,
    catalogue.HTTP_REQUEST_DURATION,
    operation_class=OperationClass.COMPLEX,
)
API_LATENCY: Final = _latency(
    "api-latency",
    "API requests are answered in time",
    API_ENDPOINTS,
    catalogue.HTTP_REQUEST_DURATION,
    operation_class=OperationClass.API,
)
CHAT_LOAD: Final = _latency("chat-load", "The web chat is there in time", CHAT_INTERFACE, catalogue.WEB_LOAD_DURATION)

# All caches together: one that is kept per person and for seconds misses more often than others, and is none the worse.
CACHE_HITS: Final = Objective(
    id="cache-hits",
    service=GATEWAY,
    title="Look-ups are answered from the caches",
    target=CACHE_HIT_RATIO.figure.number,
    indicator=RatioIndicator(
        total=select(catalogue.CACHE_LOOKUPS.name, job=_ANY_SERVICE),
        bad={"result": equals("miss")},
        good_example={"result": "hit"},
        presence=_GATEWAY_ANSWERS,
    ),
    minimum_bad_events=100,
    minimum_events=1_000,  # a cache that is still cold has missed by design
    tiers=TIERS[1:],  # 14.4 times a budget of 10 % is more than all look-ups
)
COMMAND_SUCCESS: Final = Objective(
    id="command-success",
    service=GATEWAY,
    title="Commands reach their cluster and are answered",
    target=promises.COMMANDS.share,
    indicator=RatioIndicator(
        total=select(catalogue.COMMANDS.name, job=GATEWAY),
        bad={"outcome": equals("failed")},
        good_example={"outcome": "ok"},
        presence=_GATEWAY_ANSWERS,
    ),
    minimum_bad_events=_TEN,
)
AUDIT_DURABILITY: Final = Objective(
    id="audit-durability",
    service=AUDIT,
    title="No audit event is lost",
    target=promises.AUDIT_DURABILITY.share,
    indicator=CountersIndicator(
        total=(
            select(catalogue.AUDIT_EVENTS.name, job=AUDIT),
            select(catalogue.AUDIT_SPOOL_DROPPED.name, job=GATEWAY),
        ),
        bad=(select(catalogue.AUDIT_SPOOL_DROPPED.name, job=GATEWAY),),
        presence=select(catalogue.AUDIT_QUEUE_DEPTH.name, job=AUDIT),
    ),
    minimum_bad_events=1,  # each is a hole in the record
)
AUDIT_LAG: Final = Objective(
    id="audit-lag",
    service=AUDIT,
    title="Audit events are durable soon after they happened",
    target=promises.AUDIT_LAG.share,
    indicator=LatencyIndicator(
        histogram=select(catalogue.AUDIT_LAG.name, job=AUDIT),
        threshold_s=promises.AUDIT_LAG.threshold_s,
        buckets=catalogue.AUDIT_LAG.buckets,
        presence=select(catalogue.AUDIT_QUEUE_DEPTH.name, job=AUDIT),
    ),
    minimum_bad_events=_HANDFUL,
)
TRANSLATION_LATENCY: Final = Objective(
    id="translation-latency",
    service=NLP,
    title="Words become a plan in time",
    target=promises.TRANSLATION.share,
    indicator=LatencyIndicator(
        histogram=select(catalogue.NLP_PROCESSING.name, job=NLP, backend="embedded"),
        threshold_s=promises.TRANSLATION.threshold_s,
        buckets=catalogue.NLP_PROCESSING.buckets,
        presence=select(catalogue.NLP_QUEUE_DEPTH.name, job=NLP),
    ),
    minimum_bad_events=_HANDFUL,
)
NOTIFICATION_LATENCY: Final = Objective(
    id="notification-latency",
    service=GATEWAY,
    title="Alerts reach the web chat in time",
    target=promises.NOTIFICATION.share,
    indicator=LatencyIndicator(
        histogram=select(catalogue.NOTIFICATION_DELAY.name, job=GATEWAY),
        threshold_s=promises.NOTIFICATION.threshold_s,
        buckets=catalogue.NOTIFICATION_DELAY.buckets,
        presence=select(catalogue.ALERTS_FIRING.name, job=GATEWAY),
    ),
    minimum_bad_events=_TEN,
)

OBJECTIVES: Final = (
    GATEWAY_AVAILABILITY,
    SERVICE_ERRORS,
    SIMPLE_QUERY_LATENCY,
    COMPLEX_OPERATION_LATENCY,
    API_LATENCY,
    CHAT_LOAD,
    CACHE_HITS,
    COMMAND_SUCCESS,
    AUDIT_DURABILITY,
    AUDIT_LAG,
    TRANSLATION_LATENCY,
    NOTIFICATION_LATENCY,
)
