"""What the product owes its users and what it may ask of the customer's machines.

Sections `performance_sla` and `infrastructure_assumptions` of the architecture document. Data only: nothing here
measures or enforces.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from slo import panels, promql, series
from slo.prometheus import GATEWAY
from slo.promql import select
from slo.reference import AlertRule, Comparison, Gate, Limit, Part, Planned, Sli
from slo.target import Kind, Target, choice, cores, count, gibibytes, hours, per_second, percentile, ratio, seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    from slo.promql import Query

_TESTS: Final = "tests/targets/test_requirements.py"
_BUDGET: Final = (AlertRule("SLOBurnPageFast"), Gate("kubechat slo gate"))
_JUDGED_OVER_S: Final = 3600.0


def _quantile(histogram: str, **where: str) -> Callable[[Target], Query]:
    """The promised quantile of a histogram over the last hour."""
    buckets = promql.select(f"{histogram}_bucket", job=GATEWAY, **where)
    return lambda target: promql.quantile(target.named("percentile").number, buckets, _JUDGED_OVER_S)


SIMPLE_QUERIES = Target(
    "performance_sla.response_times.simple_queries",
    "A chat turn answered by one read on one cluster, without a model, takes less than 200 ms at the 95th percentile.",
    Kind.OBJECTIVE,
    (seconds(0.2, "duration"), percentile(0.95)),
    sli=Sli(
        "kubechat_turn_duration_seconds",
        _quantile("kubechat_turn_duration_seconds", operation_class="simple"),
        Comparison.BELOW,
        "duration",
        "a simple question within the hour",
    ),
    enforced_by=_BUDGET,
    alert="SLOBurnPageFast",
    panel=panels.TIME_AGAINST_TARGET,
    test=f"{_TESTS}::test_simple_queries_are_held_to_200_milliseconds_at_the_95th_percentile",
)
COMPLEX_OPERATIONS = Target(
    "performance_sla.response_times.complex_operations",
    "A change, a diagnosis, or a question to several clusters takes less than 2000 ms at the 95th percentile.",
    Kind.OBJECTIVE,
    (seconds(2, "duration"), percentile(0.95)),
    "Preview and execution are timed apart; the person's thinking time between them is left out.",
    sli=Sli(
        "kubechat_turn_duration_seconds",
        _quantile("kubechat_turn_duration_seconds", operation_class="complex"),
        Comparison.BELOW,
        "duration",
        "a change, or a question to many, within the hour",
    ),
    enforced_by=_BUDGET,
    alert="SLOBurnPageFast",
    panel=panels.TIME_AGAINST_TARGET,
    test=f"{_TESTS}::test_complex_operations_are_held_to_two_seconds_at_the_95th_percentile",
)
CHAT_INTERFACE = Target(
    "performance_sla.response_times.chat_interface",
    "The web chat is painted and its composer usable within 100 ms of navigation, with a cold cache.",
    Kind.OBJECTIVE,
    (seconds(0.1, "duration"), percentile(0.95)),
    "The document names no percentile; the 95th is taken, as for the other interactive figures beside it.",
    sli=Sli(
        "kubechat_web_load_seconds",
        _quantile("kubechat_web_load_seconds", cache="cold"),
        Comparison.BELOW,
        "duration",
        "a browser that loaded the chat within the hour",
    ),
    enforced_by=_BUDGET,
    alert="SLOBurnPageFast",
    panel=panels.TIME_AGAINST_TARGET,
    test=f"{_TESTS}::test_the_first_load_is_held_to_100_milliseconds_at_the_95th_percentile",
)
API_ENDPOINTS = Target(
    "performance_sla.response_times.api_endpoints",
    "A REST request, streams and exports aside, takes less than 500 ms at the 99th percentile.",
    Kind.OBJECTIVE,
    (seconds(0.5, "duration"), percentile(0.99)),
    sli=Sli(
        "kubechat_http_request_duration_seconds",
        _quantile("kubechat_http_request_duration_seconds", operation_class="api"),
        Comparison.BELOW,
        "duration",
        "",
    ),
    enforced_by=_BUDGET,
    alert="SLOBurnPageFast",
    panel=panels.TIME_AGAINST_TARGET,
    test=f"{_TESTS}::test_api_requests_are_held_to_500_milliseconds_at_the_99th_percentile",
)

CONCURRENT_USERS = Target(
    "performance_sla.throughput.concurrent_users",
    "One installation serves 1000 people with a live session at the same time.",
    Kind.OBJECTIVE,
    (count(1000),),
    "In production it is judged by headroom, since the momentary number of people says nothing about capacity.",
    planned=Planned(
        Part.LOAD, "People per replica are measured with the load tests; then headroom is load over capacity."
    ),
)
API_REQUESTS = Target(
    "performance_sla.throughput.api_requests",
    "One installation answers 5000 requests a second.",
    Kind.OBJECTIVE,
    (per_second(5000),),
    enforced_by=(AlertRule("HeadroomLow"),),
    alert="HeadroomLow",
    panel=panels.HEADROOM,
    planned=Planned(
        Part.LOAD,
        "Requests per second and replica at full size are shown by a load scenario; headroom is judged already.",
    ),
)
COMMAND_EXECUTIONS = Target(
    "performance_sla.throughput.command_executions",
    "One installation runs 100 kubectl commands a second.",
    Kind.OBJECTIVE,
    (per_second(100),),
    enforced_by=(AlertRule("HeadroomLow"),),
    alert="HeadroomLow",
    panel=panels.HEADROOM,
    planned=Planned(
        Part.LOAD,
        "Commands per second and replica at full size are shown by a load scenario; headroom is judged already.",
    ),
)
CHAT_SESSIONS = Target(
    "performance_sla.throughput.chat_sessions",
    "500 chat sessions are active at the same time.",
    Kind.OBJECTIVE,
    (count(500),),
    planned=Planned(
        Part.LOAD, "500 active sessions at once are held by a load scenario that fails on the first refused one."
    ),
)

UPTIME_TARGET = Target(
    "performance_sla.availability.uptime_target",
    "99.9 % of requests are served; over a year that is 8.77 hours down.",
    Kind.OBJECTIVE,
    (ratio(0.999, "objective"), hours(8.77, "downtime_per_year")),
    sli=Sli(
        series.PERIOD_ERRORS,
        promql.complement(promql.select(series.PERIOD_ERRORS, slo="gateway-availability").query),
        Comparison.AT_LEAST,
        "objective",
    ),
    enforced_by=_BUDGET,
    alert="SLOBurnPageFast",
    panel=panels.BUDGET_LEFT,
    test=f"{_TESTS}::test_three_nines_of_requests_are_served_and_877_hours_a_year_may_be_lost",
)
GRACEFUL_DEGRADATION = Target(
    "performance_sla.availability.graceful_degradation",
    "With the language service away, direct commands, history, alerts and audit go on working.",
    Kind.CAPABILITY,
    test=f"{_TESTS}::test_kubectl_syntax_goes_on_while_the_language_service_is_away",
)
ZERO_DOWNTIME_UPDATES = Target(
    "performance_sla.availability.zero_downtime_updates",
    "A rolling update fails no request.",
    Kind.CAPABILITY,
    (count(0, "failed_requests"),),
    planned=Planned(Part.DEPLOY, "A rolling update under load is tried with the manifests."),
)

HORIZONTAL_SCALING = Target(
    "performance_sla.scalability.horizontal_scaling",
    "Work per request stays the same with more replicas, up to 10,000 people.",
    Kind.OBJECTIVE,
    (count(10_000, "users"),),
    planned=Planned(Part.LOAD, "Work per request is compared over numbers of replicas by the load tests."),
)
CLUSTER_SCALING = Target(
    "performance_sla.scalability.cluster_scaling",
    "One installation serves 100 Kubernetes clusters.",
    Kind.OBJECTIVE,
    (count(100, "clusters"),),
    "More are served as well; what was tried, and what memory is reckoned with, are so many.",
    sli=Sli("kubechat_clusters", promql.maximum(select("kubechat_clusters", job=GATEWAY).query), Comparison.AT_MOST),
    enforced_by=(Limit("app.gateway.main:most_clusters"), Limit("app.gateway.service.fan_out:FanOut")),
    alert="ClustersOverTarget",
    panel=panels.CLUSTERS_KNOWN,
    test=f"{_TESTS}::test_one_installation_serves_100_clusters",
)
DATA_GROWTH = Target(
    "performance_sla.scalability.data_growth",
    "Ten terabytes of audit data are searched and kept without a search getting slower.",
    Kind.OBJECTIVE,
    (gibibytes(10 * 1024, "audit_data"),),
    planned=Planned(Part.AUDIT, "Partitions, the archive, and a search that is timed at a hundred times the rows."),
)

_GIGABIT_BYTES_PER_S = 10**9 / 8  # links are sold in decimal bits

MINIMUM_CPU = Target(
    "infrastructure_assumptions.minimum_requirements.cpu",
    "The smallest size runs on four cores in all.",
    Kind.LIMIT,
    (cores(4),),
    planned=Planned(Part.DEPLOY, "The manifests of each size ask for it."),
)
MINIMUM_MEMORY = Target(
    "infrastructure_assumptions.minimum_requirements.memory",
    "The smallest size runs in 8 GB of memory in all.",
    Kind.LIMIT,
    (gibibytes(8),),
    "Requests at the minimum of replicas fit it, stores and monitoring included; limits may exceed it.",
    planned=Planned(Part.DEPLOY, "The manifests of each size ask for it."),
)
MINIMUM_STORAGE_IOPS = Target(
    "infrastructure_assumptions.minimum_requirements.storage_iops",
    "The database's volume of the smallest size does 1000 I/O operations a second.",
    Kind.LIMIT,
    (per_second(1000),),
    planned=Planned(Part.DEPLOY, "`kubechat doctor` measures the database's volume."),
)
MINIMUM_NETWORK = Target(
    "infrastructure_assumptions.minimum_requirements.network",
    "The smallest size needs 1 Gbit/s inside the cluster.",
    Kind.LIMIT,
    (per_second(_GIGABIT_BYTES_PER_S, "bytes"),),
    planned=Planned(Part.DEPLOY, "`kubechat doctor` measures the links between services."),
)
RECOMMENDED_CPU = Target(
    "infrastructure_assumptions.recommended_configuration.cpu",
    "The recommended size has 16 cores, and its services scale on CPU.",
    Kind.SETTING,
    (cores(16),),
    planned=Planned(Part.DEPLOY, "The manifests of each size ask for it."),
)
RECOMMENDED_MEMORY = Target(
    "infrastructure_assumptions.recommended_configuration.memory",
    "The recommended size has 32 GB of memory, and its gateway scales on memory.",
    Kind.SETTING,
    (gibibytes(32),),
    planned=Planned(Part.DEPLOY, "The manifests of each size ask for it."),
)
RECOMMENDED_STORAGE_IOPS = Target(
    "infrastructure_assumptions.recommended_configuration.storage_iops",
    "The database's volume of the recommended size is an NVMe drive that does 5000 I/O operations a second.",
    Kind.LIMIT,
    (per_second(5000),),
    planned=Planned(Part.DEPLOY, "`kubechat doctor` measures the database's volume."),
)
RECOMMENDED_NETWORK = Target(
    "infrastructure_assumptions.recommended_configuration.network",
    "The recommended size has 10 Gbit/s of low latency inside the cluster.",
    Kind.LIMIT,
    (per_second(10 * _GIGABIT_BYTES_PER_S, "bytes"),),
    planned=Planned(Part.DEPLOY, "`kubechat doctor` measures the links between services."),
)
ENTERPRISE_CPU = Target(
    "infrastructure_assumptions.enterprise_configuration.cpu",
    "The enterprise size has 64 cores, spread over at least three nodes.",
    Kind.SETTING,
    (cores(64), count(3, "nodes")),
    '"Multiple nodes" is read as three: the fewest that keep a majority when one is lost.',
    planned=Planned(Part.DEPLOY, "The manifests of each size ask for it."),
)
ENTERPRISE_MEMORY = Target(
    "infrastructure_assumptions.enterprise_configuration.memory",
    "The enterprise size has 128 GB of memory, and its databases have nodes of their own.",
    Kind.SETTING,
    (gibibytes(128), choice("database", "node_role")),
    planned=Planned(Part.DEPLOY, "The manifests of each size ask for it."),
)
ENTERPRISE_STORAGE_IOPS = Target(
    "infrastructure_assumptions.enterprise_configuration.storage_iops",
    "The database's volume of the enterprise size does 20,000 I/O operations a second.",
    Kind.LIMIT,
    (per_second(20_000),),
    planned=Planned(Part.DEPLOY, "`kubechat doctor` measures the database's volume."),
)
ENTERPRISE_NETWORK = Target(
    "infrastructure_assumptions.enterprise_configuration.network",
    "The enterprise size has 25 Gbit/s inside the cluster; whether RDMA is there is said, and never needed.",
    Kind.LIMIT,
    (per_second(25 * _GIGABIT_BYTES_PER_S, "bytes"),),
    planned=Planned(Part.DEPLOY, "`kubechat doctor` measures the links between services."),
)
