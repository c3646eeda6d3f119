"""How CPU time is asked for, bounded and spread.

Section `cpu_optimization` of the architecture document. Data only: nothing here measures or enforces.
"""

from __future__ import annotations

from slo.panels import CORES, EVENT_LOOP_LAG
from slo.promql import divided, maximum, quantile, select
from slo.reference import Comparison, Limit, Part, Planned, Sli
from slo.target import Kind, Target, choice, cores, count, ratio, seconds

_TESTS = "tests/targets/test_cpu.py"
_MANIFESTS = Planned(Part.DEPLOY, "There are no manifests yet that could ask for it.")
_THREADS_PER_CORE = divided(maximum(select("kubechat_workers").query), maximum(select("kubechat_host_cpus").query))
_LAG = select("kubechat_event_loop_lag_seconds_bucket")

CPU_REQUESTS = Target(
    "cpu_optimization.resource_allocation.cpu_requests",
    "A service asks for the CPU that half of its time at baseline load needs, rounded up to 50 millicores.",
    Kind.SETTING,
    (ratio(0.5, "quantile"), cores(0.05, "rounded_to")),
    planned=_MANIFESTS,
)
CPU_LIMITS = Target(
    "cpu_optimization.resource_allocation.cpu_limits",
    "A service may use twice the CPU that it asks for.",
    Kind.LIMIT,
    (count(2, "times_request"),),
    planned=_MANIFESTS,
)
CPU_AFFINITY = Target(
    "cpu_optimization.resource_allocation.cpu_affinity",
    "The replicas of a service are spread over the cores it may use, and none is pinned to one.",
    Kind.CAPABILITY,
    alert="CoreSaturated",
    panel=CORES,
    test=f"{_TESTS}::test_replicas_may_run_on_every_core_and_are_pinned_to_none",
)
GOROUTINE_POOLS = Target(
    "cpu_optimization.processing_optimization.goroutine_pools",
    "CPU-heavy work runs in one bounded worker pool per process, with a bounded queue in front of it.",
    Kind.LIMIT,
    (count(1, "threads_per_core"),),
    "One thread for each core that the process may use: more would only take the cores from one another.",
    sli=Sli("kubechat_workers", _THREADS_PER_CORE, Comparison.AT_MOST, "threads_per_core"),
    enforced_by=(Limit("app.infra.workers:Workers"),),
    test=f"{_TESTS}::test_heavy_work_has_one_thread_per_core_and_a_queue_that_refuses",
    planned=Planned(
        Part.GATEWAY,
        "It knows cores and no CPU limit, nothing forbids a second pool, and there is neither alert nor panel.",
    ),
)
BATCH_PROCESSING = Target(
    "cpu_optimization.processing_optimization.batch_processing",
    "Calls to Kubernetes and to the databases are batched.",
    Kind.CAPABILITY,
    (),
    "Identical reads in flight are one call, names of one type become one list, what a watch tells is applied in "
    "batches; Redis commands and audit events that come together are one write. Histograms show how many.",
    enforced_by=(
        Limit("app.audit.batches:Batches"),
        Limit("app.domain.clusters.answers:Answers"),
        Limit("app.domain.clusters.informer:Informer"),
        Limit("app.domain.commands.reading.listing:named"),
    ),
    test=f"{_TESTS}::test_calls_to_kubernetes_and_to_the_databases_are_batched",
)
ASYNC_PROCESSING = Target(
    "cpu_optimization.processing_optimization.async_processing",
    "Nothing holds an event loop for more than 50 ms.",
    Kind.OBJECTIVE,
    (seconds(0.05, "lag"),),
    "The document names no figure: 50 ms is a quarter of the tightest target of a chat turn, felt by all at once.",
    sli=Sli("kubechat_event_loop_lag_seconds", quantile(0.99, _LAG, 300), Comparison.AT_MOST, "lag"),
    enforced_by=(Limit("app.infra.workers:Workers"),),
    alert="EventLoopLag",
    panel=EVENT_LOOP_LAG,
    test=f"{_TESTS}::test_a_lag_of_50_milliseconds_and_one_beyond_it_are_told_apart",
)
NODE_AFFINITY = Target(
    "cpu_optimization.kubernetes_scheduling.node_affinity",
    "Pods prefer nodes that are labelled as fast.",
    Kind.SETTING,
    (choice("kubechat.io/performance=high", "label"), count(100, "weight")),
    planned=_MANIFESTS,
)
POD_ANTI_AFFINITY = Target(
    "cpu_optimization.kubernetes_scheduling.pod_anti_affinity",
    "The replicas of a service prefer different nodes.",
    Kind.SETTING,
    (choice("kubernetes.io/hostname", "topology_key"),),
    planned=_MANIFESTS,
)
PRIORITY_CLASSES = Target(
    "cpu_optimization.kubernetes_scheduling.priority_classes",
    "Gateway, audit and the stores are scheduled before all else.",
    Kind.SETTING,
    (choice("kubechat-critical", "critical"), choice("kubechat-standard", "standard")),
    planned=_MANIFESTS,
)
